package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"restock/core"
	"restock/core/console"
	"restock/core/hook"
)

// serveForPlugins is a node to push to.
func serveForPlugins(t *testing.T) place {
	t.Helper()
	p := place{t: t, edge: freePort(t), core: freePort(t)}
	p.token = tokenOf(t, start(t, nil, "serve", "--data", t.TempDir(), "--edge-listen", p.edge, "--core-listen", p.core, "--metrics-listen", freePort(t)))
	p.ready()
	return p
}

// TestPluginTutorial runs what plugins/README.md tells, in each language, as on a machine that has just been installed: the first plugin
// of a language finds no cache of its compiler, the second does. It prints the time of each command.
func TestPluginTutorial(t *testing.T) {
	p := serveForPlugins(t)
	for _, lang := range []string{"c", "go", "rust", "ts"} {
		home := t.TempDir()
		t.Cleanup(func() { _ = exec.Command("chmod", "-R", "u+w", home).Run() }) // Go's caches are read-only
		for _, kind := range []string{"condition", "step"} {
			t.Run(lang+" "+kind, func(t *testing.T) { p.tutorial(t, home, lang, kind) })
		}
	}
}

func (p place) tutorial(t *testing.T, home, lang, kind string) {
	dir := t.TempDir()
	fixture := map[string]string{"condition": "served", "step": "vip"}[kind]
	name := lang + "-" + kind
	began := time.Now()
	for _, args := range [][]string{
		{"new", name, "--lang", lang, "--kind", kind},
		{"build", name},
		{"check", name},
		{"test", name},
		{"run", name, "--fixture", fixture},
		{"push", name, "--core", "http://" + p.core},
	} {
		c := exec.CommandContext(t.Context(), binary, append([]string{"plugin"}, args...)...)
		c.Dir = dir
		c.Env = append(os.Environ(), "HOME="+home, "XDG_CACHE_HOME="+home, "GOCACHE="+filepath.Join(home, "go"), "GOFLAGS=",
			"npm_config_cache="+filepath.Join(home, "npm"), "RESTOCK_TOKEN="+p.token)
		at := time.Now()
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("plugin %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		t.Logf("%8s  plugin %s", time.Since(at).Round(10*time.Millisecond), strings.Join(args, " "))
	}
	t.Logf("%8s  in all", time.Since(began).Round(10*time.Millisecond))
}

// recorded are cases as a node meets them.
func recorded(n int) (cases []hook.Context) {
	for i := range n {
		c := hook.Context{Now: core.Time(1_780_000_000_000 + i*7_777_777)}
		c.Contact.ID = core.ContactID{byte(i), byte(i >> 8), 15: byte(i * 7)}
		c.Contact.Region = []string{"", "DE", "AT", "FR"}[i%4]
		c.Contact.EmailDomain = []string{"", "shop.example", "mail.deny.example", strings.Repeat("a", i%50) + ".example"}[i%4]
		for k := range i % 6 {
			c.Contact.Tags = append(c.Contact.Tags, []string{"gold", "größe-m", "vip", "told-2026-06-01-1", strings.Repeat("x", 64), "b"}[(i+k)%6])
		}
		c.Activity = core.Activity{SKU: "TEE", Market: core.Market([]string{"", "DE", "US"}[i%3]), Price: core.Money{Minor: int64(i * 37), Currency: "EUR"}}
		c.Variant = core.Variant{ID: "1", Price: core.Money{Minor: int64(i * 31), Currency: "EUR"}}
		c.Restock = core.Restock{ID: core.RestockID{1}, OpenedAt: c.Now - core.Time(i*60_000)}
		cases = append(cases, c)
	}
	return cases
}

// TestPluginFuelAsInProduction asks a node and `plugin run` about the same thousand cases: the node is handed them as it encodes them
// for journeys, run reads them as fixtures. Answers and fuel must be the same, to the unit.
func TestPluginFuelAsInProduction(t *testing.T) {
	p := serveForPlugins(t)
	cases := recorded(1_000)
	for _, tt := range []struct {
		name   string
		reads  []string
		config map[string]any
	}{
		{"vip-first", []string{"contact.tags", "now", "restock.opened_at"}, map[string]any{"tags": []string{"gold", "vip"}, "head_start": 3}},
		{"region-gate", []string{"contact.region", "activity.market"}, map[string]any{"markets": []string{"", "DE"}, "except": []string{"FR", "AT"}}},
		{"price-drop", []string{"activity.price", "activity.currency", "variant.price", "variant.currency"}, nil},
		{"domain-gate", []string{"contact.email_domain"}, map[string]any{"deny": []string{"other.example", "deny.example"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			name := tt.name
			m := hook.Manifest{Kind: hook.KindCondition, Name: name, Version: "1"}
			for _, path := range tt.reads {
				f, _ := hook.FieldOf(path)
				m.Reads = append(m.Reads, f)
			}
			module, err := os.ReadFile(filepath.Join("..", "..", "plugins", "examples", name, name+".wasm"))
			if err != nil {
				t.Fatal(err)
			}
			there := p.try(t, m, module, tt.config, cases)
			here := runHere(t, m, module, tt.config, cases)
			used := map[int64]bool{}
			for i := range cases {
				if here[i].Fuel != there[i].Fuel || here[i].Reason != there[i].Reason {
					t.Fatalf("case %d: run says %+v, the node %+v", i, here[i], there[i])
				}
				used[here[i].Fuel] = true
			}
			t.Logf("%d cases used %d different amounts of fuel, the same here and there", len(cases), len(used))
			if len(used) < 5 {
				t.Errorf("only %d different amounts of fuel were used: the cases are too much alike", len(used))
			}
		})
	}
}

// verdict is a condition's answer with its fuel.
type verdict struct {
	Fuel   int64
	Reason string
}

// try has the node run a plugin.
func (p place) try(t *testing.T, m hook.Manifest, module []byte, config map[string]any, cases []hook.Context) (all []verdict) {
	t.Helper()
	fields, err := hook.NewProjection(m)
	if err != nil {
		t.Fatal(err)
	}
	settings, err := hook.EncodeConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	r := console.TrialRequest{Module: module, Config: settings}
	for _, c := range cases {
		seed := m.Seed(c.Contact.ID, "")
		r.Cases = append(r.Cases, console.TrialCase{Input: fields.Append(nil, &c), Now: c.Now, Seed: seed[:]})
	}
	body, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	code, _, text := call("POST", "http://"+p.core+"/api/v1/plugins/try",
		map[string]string{"Authorization": "Bearer " + p.token, "Content-Type": "application/json"}, string(body))
	var report console.TrialReport
	if err := json.Unmarshal([]byte(text), &report); code != http.StatusOK || err != nil || len(report.Results) != len(cases) {
		t.Fatalf("answered %d, %v: %.500s", code, err, text)
	}
	for i, result := range report.Results {
		a, err := hook.DecodeCondition(result.Output)
		if err != nil {
			t.Fatalf("case %d: %+v: %v", i, result, err)
		}
		all = append(all, verdict{result.Fuel, a.Reason})
	}
	return all
}

// runHere has `plugin run` run it.
func runHere(t *testing.T, m hook.Manifest, module []byte, config map[string]any, cases []hook.Context) (all []verdict) {
	t.Helper()
	fields, err := hook.NewProjection(m)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for i, c := range cases {
		values, err := fields.Values(fields.Append(nil, &c))
		if err != nil {
			t.Fatal(err)
		}
		values["contact.id"], values["now"] = c.Contact.ID.String(), int64(c.Now)
		fixture, err := json.Marshal(map[string]any{"config": config, "context": values})
		if err != nil {
			t.Fatal(err)
		}
		folder := filepath.Join(dir, "fixtures", fmt.Sprintf("%04d", i))
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "in.json"), fixture, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, m.Name+".wasm")
	if err := os.WriteFile(file, module, 0o644); err != nil {
		t.Fatal(err)
	}
	out, code := run(t, nil, "plugin", "run", "--json", file)
	if code != 0 {
		t.Fatalf("run ended with %d:\n%.2000s", code, out)
	}
	for lines := bufio.NewScanner(bytes.NewReader([]byte(out))); lines.Scan(); {
		var m struct {
			Outcome struct {
				Fuel   int64
				Reason string
			}
		}
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			t.Fatalf("%s: %v", lines.Text(), err)
		}
		all = append(all, verdict(m.Outcome))
	}
	if len(all) != len(cases) {
		t.Fatalf("%d answers to %d cases", len(all), len(cases))
	}
	return all
}
