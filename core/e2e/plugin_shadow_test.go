package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// lenient is another version of the demonstration's plugin: it lets everybody pass.
const lenient = `#include "restock/restock.h"

restock_answer condition(const restock_input *in, const restock_config *config) {
	(void)config;
	return restock_yes(in->contact_email_domain);
}
`

// TestPluginShadow lives through another version of a plugin that a journey asks: it is compared with the one in use about the contacts
// that were asked about, one of them is looked at closely and kept as a fixture, it is switched on, and back.
func TestPluginShadow(t *testing.T) {
	p := startDemo(t)
	for _, who := range []string{"ann@example.com", "spy@competitor.example"} {
		p.ask("demo", "1001", who)
		p.awaitMails(who, 1)
	}
	p.level("demo", 5001, 5, "first")
	p.awaitMails("ann@example.com", 2)
	eventually(t, "the plugin said no to the other", func() bool {
		out, _ := run(t, nil, "why", "--core", "http://"+p.core, "--contact", "spy@competitor.example")
		return strings.Contains(out, "condition_no")
	})
	dir := filepath.Join(t.TempDir(), "domain-gate")
	manifest := "kind: condition\nname: domain-gate\nversion: 2.0.0\nlang: c\nreads: [contact.email_domain]\nconfig: {deny: strings}\n"
	p.files(dir, map[string]string{"plugin.yaml": manifest, "plugin.c": lenient})
	plugin := func(want int, args ...string) string {
		t.Helper()
		out, code := run(t, nil, append([]string{"plugin"}, append(args, "--core", "http://"+p.core)...)...)
		if code != want {
			t.Fatalf("plugin %s ended with %d:\n%s", strings.Join(args, " "), code, out)
		}
		return out
	}
	has := func(out string, parts ...string) {
		t.Helper()
		for _, part := range parts {
			if !strings.Contains(out, part) {
				t.Errorf("it does not say %q:\n%s", part, out)
			}
		}
	}

	out := plugin(0, "shadow", dir)
	has(out, "domain-gate: 2 contacts, 0 answered the same, 1 in other words, 1 otherwise", "in use  no: domain competitor.example", "this    yes: competitor.example")
	if strings.Contains(out, "spy@") {
		t.Errorf("addresses are shown:\n%s", out)
	}
	id := regexp.MustCompile(`run ([0-9a-f]{32})\n  in use  no`).FindStringSubmatch(out)
	if id == nil {
		t.Fatalf("no run is named:\n%s", out)
	}
	if out, code := run(t, nil, "contact", "export", "spy@competitor.example", "--core", "http://"+p.core); code != 0 || !strings.Contains(out, id[1]) {
		t.Errorf("the contact's export names no run %s: %s", id[1], out)
	}
	has(plugin(0, "replay", id[1], dir, "--save", "spy"), "condition_no", "yes: competitor.example", "fuel")
	has(plugin(1, "replay", id[1], dir, "--save", "spy"), "is there already")
	has(plugin(1, "replay", strings.Repeat("0", 32), dir), "There is no run")
	fixture, err := os.ReadFile(filepath.Join(dir, "fixtures", "spy", "in.json"))
	var asked struct{ Context map[string]any }
	if err != nil || json.Unmarshal(fixture, &asked) != nil || asked.Context["contact.email_domain"] != "competitor.example" || len(asked.Context) != 3 {
		t.Errorf("the fixture is %s, %v", fixture, err)
	}
	if out, code := run(t, nil, "plugin", "test", "--update", dir); code != 0 {
		t.Fatalf("the fixture does not run: %s", out)
	}

	has(plugin(0, "push", dir), "takes the place of 1.1.0", "asked by back-with-gate/gate")
	has(plugin(0, "push", dir), "nothing has changed")
	versions := plugin(0, "versions", "domain-gate")
	has(versions, "2.0.0", "in use", "1.1.0")
	old := regexp.MustCompile(`([0-9a-f]{12})  1\.1\.0`).FindStringSubmatch(versions)
	if old == nil {
		t.Fatal("no hash is shown")
	}
	has(plugin(0, "shadow", dir, "--hash", old[1]), "in use  yes: competitor.example", "this    no: ")
	has(plugin(0, "roll-back", "domain-gate"), "domain-gate is 1.1.0", "roll-back domain-gate ")
	has(plugin(1, "roll-back", "domain-gate", old[1]), "is in use already")

	p.files(dir, map[string]string{"plugin.yaml": strings.Replace(manifest, "deny", "refuse", 1)})
	has(plugin(1, "push", dir), "fixture spy: config.deny")
	if err := os.RemoveAll(filepath.Join(dir, "fixtures")); err != nil {
		t.Fatal(err)
	}
	has(plugin(1, "push", dir), "has no such setting; there are: refuse", "apply both together")
	has(plugin(1, "shadow", dir), "has no such setting; there are: refuse")
	has(plugin(0, "versions"), "1.1.0", "in use")
}

// files writes files into a folder.
func (p place) files(dir string, all map[string]string) {
	p.t.Helper()
	for name, content := range all {
		file := filepath.Join(dir, name)
		err := os.MkdirAll(filepath.Dir(file), 0o755)
		if err == nil {
			err = os.WriteFile(file, []byte(content), 0o644)
		}
		if err != nil {
			p.t.Fatal(err)
		}
	}
}
