package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// readme is one section of README.md: its files in YAML, and the commands that it has indented.
func readme(t *testing.T, heading string) (yaml, commands string) {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(text), "\n"+heading+"\n")
	if !ok {
		t.Fatalf("README.md has no section %q", heading)
	}
	if end := regexp.MustCompile(`(?m)^##+ `).FindStringIndex(section); end != nil {
		section = section[:end[0]]
	}
	for n, part := range strings.Split(section, "```") {
		if n%2 == 1 {
			yaml += strings.TrimPrefix(part, "yaml\n")
			continue
		}
		for _, line := range strings.Split(part, "\n") {
			if command, ok := strings.CutPrefix(line, "    "); ok {
				commands += command + "\n"
			}
		}
	}
	return yaml, commands
}

// runReadme runs commands of the README in bash, against a node on ports of its own.
func (p place) runReadme(t *testing.T, dir, commands string) string {
	t.Helper()
	commands = strings.NewReplacer("bin/restock", binary, "127.0.0.1:8080", p.edge, "127.0.0.1:8081", p.core, "RESTOCK_TOKEN=…", "RESTOCK_TOKEN="+p.token).Replace(commands)
	c := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", commands)
	c.Dir = dir
	c.Env = append(os.Environ(), "RESTOCK_CORE=http://"+p.core)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v:\n%s\nof\n%s", err, out, commands)
	}
	return string(out)
}

// TestReadmeTutorial goes from nothing to a running journey as README.md tells it.
func TestReadmeTutorial(t *testing.T) {
	yaml, commands := readme(t, "## From nothing to a running journey")
	begin, rest, ok := strings.Cut(commands, "serve --data first\n")
	if !ok || !strings.Contains(begin, "SHOP_SECRET=shh bin/restock ") {
		t.Fatalf("the tutorial does not start a node:\n%s", commands)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "first.yaml"), []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	p := place{t: t, edge: freePort(t), core: freePort(t)}
	p.token = tokenOf(t, start(t, []string{"SHOP_SECRET=shh"}, "serve", "--data", filepath.Join(dir, "first"), "--edge-listen", p.edge, "--core-listen", p.core, "--metrics-listen", freePort(t)))
	p.ready()
	out := p.runReadme(t, dir, rest)
	for _, part := range []string{`{"result":"waiting"}`, "shop-waiting is on", "back (Back in stock) is on, version 1"} {
		if !strings.Contains(out, part) {
			t.Errorf("the tutorial did not say %q:\n%s", part, out)
		}
	}
	eventually(t, "why tells the whole story", func() bool {
		out, _ = run(t, []string{"RESTOCK_TOKEN=" + p.token}, "why", "--core", "http://"+p.core, "--contact", "ann@example.com")
		for _, part := range []string{"Tee", "waiting_on_stock", "shop-waiting/mail", "back_in_stock", "back/buffer", "delayed", "back/mail", "accepted", "back/mark"} {
			if !strings.Contains(out, part) {
				return false
			}
		}
		return true
	})
	if mails := p.awaitMails("ann@example.com", 2); !strings.Contains(mails[1], "Tee is back") {
		t.Errorf("the mails are %q", mails)
	}
}
