package kit

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"restock/core"
	"restock/core/hook"
	"restock/wasm"
)

// folder copies a plugin of testdata to a folder of its own, which is a Go module as well.
func folder(t *testing.T, name string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", name))); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "go.mod", "module plugin.example/test\n\ngo 1.24\n")
	return dir
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// boot builds the plugin in dir and boots what came of it.
func boot(t *testing.T, dir, name string, config []byte) (*wasm.Guest, hook.Manifest, error) {
	t.Helper()
	var out bytes.Buffer
	if err := Build(t.Context(), dir, &out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), name+".wasm: ") || !strings.Contains(out.String(), "condition "+name+" 0.1.0") {
		t.Errorf("Build reports %q", out.String())
	}
	module, err := os.ReadFile(filepath.Join(dir, name+".wasm"))
	if err != nil {
		t.Fatal(err)
	}
	host, err := wasm.New(t.Context(), hostConfig())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = host.Close(t.Context()) })
	m, err := host.Load(t.Context(), module)
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := hook.ReadManifest(m.Section())
	if err != nil {
		t.Fatal(err)
	}
	g, err := m.Boot(t.Context(), config)
	return g, manifest, err
}

func TestBuildGo(t *testing.T) {
	g, manifest, err := boot(t, folder(t, "shout"), "shout", nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := hook.NewCondition(g, manifest, func() core.Time { return 0 })
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Ask(t.Context(), &hook.Context{Contact: core.Traits{Region: "DE"}})
	if want := (hook.Answer{Pass: true, Reason: "4"}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

// The C SDK reads every type that fields and settings have, in every length.
func TestBuildC(t *testing.T) {
	config, err := hook.EncodeConfig(map[string]any{"least": 300, "loud": true, "name": "!", "words": []string{"ab", strings.Repeat("c", 40)}, "other": []string{"x"}, "more": -40_000, "off": false})
	if err != nil {
		t.Fatal(err)
	}
	g, manifest, err := boot(t, folder(t, "sums"), "sums", config)
	if err != nil {
		t.Fatal(err)
	}
	p, err := hook.NewProjection(manifest)
	if err != nil {
		t.Fatal(err)
	}
	price := func(n int64) core.Variant { return core.Variant{ID: "1", Price: core.Money{Minor: n, Currency: "EUR"}} }
	tests := []struct {
		name string
		c    hook.Context
		want hook.Answer
	}{
		{"nothing", hook.Context{}, hook.Answer{Reason: " 0 nowhere -7 -8 42!"}},
		{"small", hook.Context{Now: 5, Contact: core.Traits{Region: "DE", Tags: []string{"a", "b"}}, Variant: price(300), Units: -1},
			hook.Answer{Pass: true, Reason: " 5abDE 300 -1 42!"}},
		{"large", hook.Context{Now: 1_700_000_000_000, Contact: core.Traits{Tags: strings.Split(strings.Repeat("z", 20), "")}, Variant: price(70_000), Units: -3_000_000_000},
			hook.Answer{Pass: true, Reason: " 1700000000000" + strings.Repeat("z", 20) + " nowhere 70000 -3000000000 42!"}},
		{"middling", hook.Context{Now: 200, Variant: price(-200), Units: -70_000, Activity: core.Activity{AskedAt: 9}},
			hook.Answer{Reason: " 200 nowhere -200 -70000 42!"}},
		{"a reason that is cut between characters", hook.Context{Contact: core.Traits{Tags: []string{strings.Repeat("ü", 200)}}},
			hook.Answer{Reason: " 0" + strings.Repeat("ü", 127)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := g.Trace(t.Context(), hook.ConditionExport, p.Append(nil, &tt.c))
			if err != nil {
				t.Fatal(err)
			}
			got, err := hook.DecodeCondition(r.Output)
			if err != nil || got != tt.want {
				t.Errorf("got %+v, %v, want %+v", got, err, tt.want)
			}
			if len(r.Logs) != 1 || r.Logs[0] != (wasm.Log{Level: wasm.LevelWarn, Text: "LOUD"}) {
				t.Errorf("logs are %v", r.Logs)
			}
		})
	}
	missing := hook.Context{Variant: price(404)}
	_, err = g.Call(t.Context(), hook.ConditionExport, p.Append(nil, &missing))
	var f *wasm.Failure
	if !errors.As(err, &f) || !strings.Contains(f.Text, "than plugin.yaml says in reads") {
		t.Errorf("reading too much: %v", err)
	}
}

func TestBuildCRefusesConfig(t *testing.T) {
	dir := folder(t, "sums")
	for name, tt := range map[string]struct {
		config []byte
		want   string
	}{
		"refused":     {[]byte("\x81\xa4name\xb112345678901234567"), "restock_configure answered 9"},
		"wrong type":  {[]byte("\x81\xa5least\xa1x"), "than plugin.yaml says in config"},
		"cut off":     {[]byte("\x81\xa5words\x92\xa1x"), "than plugin.yaml says in config"},
		"not a map":   {[]byte("\x01"), "than plugin.yaml says in config"},
		"endless map": {[]byte("\xdf\xff\xff\xff\xff"), "than plugin.yaml says in config"},
	} {
		_, _, err := boot(t, dir, "sums", tt.config)
		var f *wasm.Failure
		if !errors.As(err, &f) || f.Reason != wasm.ReasonNotReady || !strings.Contains(f.Text, tt.want) {
			t.Errorf("%s: %v, want not_ready: …%s…", name, err, tt.want)
		}
	}
}

func TestBuildRefuses(t *testing.T) {
	const head = "kind: condition\nname: x\nversion: 1\n"
	tests := []struct{ name, yaml, source, want string }{
		{"no folder", "", "", "plugin.yaml: there is none; name the folder of a plugin"},
		{"empty", "\n", "", "it is empty; want kind, name"},
		{"unknown key", head + "lang: c\nread: [now]\n", "", "line 5: field read not found"},
		{"two documents", head + "lang: c\n---\n" + head, "", "more than one document"},
		{"language", head + "lang: cobol\n", "", `lang: "cobol" is not known; there are: c, go`},
		{"field", head + "lang: c\nreads: [contact.email]\n", "", `reads[0]: "contact.email" is not known; there are: now, contact.id`},
		{"setting", head + "lang: c\nconfig: {deny: list}\n", "", `config[0]: deny is of type "list"`},
		{"no sources", head + "lang: c\n", "", "clang says:"},
		{"syntax", head + "lang: c\n", "int x = ;\n", "expected expression"},
		{"nothing exported", head + "lang: c\n", "int x;\n", "exports no function \"restock_buffer\""},
		{"no condition", head + "lang: c\n", "#include <restock.h>\n", `exports no function "restock_condition", which a condition must`},
		{"no step", "kind: step\nname: x\nversion: 1\nlang: c\n", "#include <restock.h>\n", `exports no function "restock_step", which a step must`},
		{"config without taker", head + "lang: c\nconfig: {a: int}\n", "#include <restock.h>\nRESTOCK_CONDITION(in) { (void)in; return restock_yes(\"\"); }\n", `plugin.yaml declares config`},
		{"unknown import", head + "lang: c\n", "#include <restock.h>\nRESTOCK_IMPORT(\"now\") int now(void);\nRESTOCK_CONDITION(in) { (void)in; return now() ? restock_yes(\"\") : restock_no(\"\"); }\n", "imports restock1.now, which this host does not have; there are: fail, log"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			if tt.yaml != "" {
				write(t, dir, "plugin.yaml", tt.yaml)
			}
			if tt.source != "" {
				write(t, dir, "main.c", tt.source)
			}
			write(t, dir, "x.wasm", "the old one")
			err := Build(t.Context(), dir, io.Discard)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is %v, want one that says %q", err, tt.want)
			}
			if old, _ := os.ReadFile(filepath.Join(dir, "x.wasm")); string(old) != "the old one" {
				t.Error("the old module is gone")
			}
		})
	}
}

func TestBuildNamesMissingTools(t *testing.T) {
	dirs := map[string]string{"shout": "finding go: it is not in PATH; install Go 1.24", "sums": "finding clang: it is not in PATH; install clang and lld, version 14 or newer: Debian and Ubuntu packages `clang lld`"}
	t.Setenv("PATH", t.TempDir())
	for name, want := range dirs {
		if err := Build(t.Context(), folder(t, name), io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error is %v, want one that says %q", name, err, want)
		}
	}
}

func TestBuildReportsWarnings(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "plugin.yaml", "kind: condition\nname: x\nversion: 1\nlang: c\n")
	write(t, dir, "main.c", "#include <restock.h>\nRESTOCK_CONDITION(in) { int unused; (void)in; return restock_yes(\"\"); }\n")
	var out bytes.Buffer
	if err := Build(t.Context(), dir, &out); err != nil || !strings.Contains(out.String(), "unused variable") {
		t.Errorf("error %v, report %q", err, out.String())
	}
}

func FuzzParseDeclaration(f *testing.F) {
	f.Add([]byte("kind: condition\nname: x\nversion: 1\nlang: c\nreads: [now]\nconfig: {deny: strings}\n"))
	f.Add([]byte("kind: step\nname: x\nversion: 1\nlang: go\nsets: {coupon: string}\nbranches: [vip]\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, m, err := parseDeclaration(b)
		if err != nil {
			return
		}
		if _, err := hook.ReadManifest(m.Encode()); err != nil {
			t.Errorf("a declaration that was taken makes a manifest that is not: %v", err)
		}
	})
}
