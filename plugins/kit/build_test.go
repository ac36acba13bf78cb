package kit

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"restock/core/hook"
)

// program is restock, built once: it loads modules in a process of its own, without the race detector, under which compiling a Go plugin
// takes longer than loading may.
var program string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "restock-kit-")
	if err != nil {
		panic(err)
	}
	program = filepath.Join(dir, "restock")
	build := exec.Command("go", "build", "-o", program, "restock")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building the program: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// loader loads as the program does.
func loader(t testing.TB) Loader {
	t.Helper()
	return Loader{program, "load-plugin"}
}

func write(t testing.TB, dir, name, content string) {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestBuildRefuses(t *testing.T) {
	const head = "kind: condition\nname: x\nversion: 1\n"
	tests := []struct{ name, yaml, source, want string }{
		{"no folder", "", "", "plugin.yaml: there is none; name the folder of a plugin"},
		{"empty", "\n", "", "it is empty; want kind, name"},
		{"unknown key", head + "lang: c\nread: [now]\n", "", "line 5: field read not found"},
		{"two documents", head + "lang: c\n---\n" + head, "", "more than one document"},
		{"language", head + "lang: cobol\n", "", `lang: "cobol" is not known; there are: c, go, other, rust, ts`},
		{"two fields of one name", head + "lang: c\nconfig: {a_b: int, a__b: int}\n", "", "would both be called"},
		{"field", head + "lang: c\nreads: [contact.email]\n", "", `reads[0]: "contact.email" is not known; there are: now, contact.id`},
		{"setting", head + "lang: c\nconfig: {deny: list}\n", "", `config[0]: deny is of type "list"`},
		{"no sources", head + "lang: c\n", "", "there is no .c file; write plugin.c"},
		{"no module", head + "lang: other\n", "", "compile the plugin to it by ABI version 1"},
		{"no go.mod", head + "lang: go\n", "", "run `go mod init x`"},
		{"no package.json", head + "lang: ts\n", "", "npm install --save-dev assemblyscript"},
		{"syntax", head + "lang: c\n", "int x = ;\n", "expected expression"},
		{"nothing exported", head + "lang: c\n", "int x;\n", "exports no function \"restock_buffer\""},
		{"no condition", head + "lang: c\n", "#include \"restock/restock.h\"\n", "undefined symbol: condition"},
		{"a step for a condition", head + "lang: c\n", "#include \"restock/restock.h\"\nrestock_answer step(void) { return restock_yes(RESTOCK_STR(\"\")); }\n", "undefined symbol: condition"},
		{"unknown import", head + "lang: c\n", "#include \"restock/restock.h\"\nRESTOCK_IMPORT(\"now\") int now(void);\n" +
			"restock_answer condition(const restock_input *in, const restock_config *c) { (void)in, (void)c; return now() ? restock_yes(RESTOCK_STR(\"\")) : restock_no(RESTOCK_STR(\"\")); }\n",
			"imports restock1.now, which this host does not have; there are: fail, log"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			if tt.yaml != "" {
				write(t, dir, "plugin.yaml", tt.yaml)
			}
			if tt.source != "" {
				write(t, dir, "plugin.c", tt.source)
			}
			write(t, dir, "x.wasm", "the old one")
			err := Build(t.Context(), loader(t), dir, io.Discard)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is %v, want one that says %q", err, tt.want)
			}
			if old, _ := os.ReadFile(filepath.Join(dir, "x.wasm")); string(old) != "the old one" {
				t.Error("the old module is gone")
			}
		})
	}
}

// Each language says what is missing and how to get it.
func TestBuildNamesMissingTools(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for lang, want := range map[string]string{
		"go":   "finding go: it is not in PATH; install Go 1.24",
		"c":    "finding clang: it is not in PATH; install clang and lld, version 14 or newer: Debian and Ubuntu packages `clang lld`",
		"rust": "finding rustc: it is not in PATH; install Rust with the target wasm32-unknown-unknown: `rustup target add",
		"ts":   "finding node: it is not in PATH; install Node.js 18 or newer with npm",
	} {
		dir := begin(t, lang, hook.KindCondition)
		if err := Build(t.Context(), nil, dir, io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error is %v, want one that says %q", lang, err, want)
		}
	}
}

// A rustc that cannot compile for WebAssembly is passed over, and when there is no other the author reads what to do.
func TestBuildNamesMissingTarget(t *testing.T) {
	path := t.TempDir()
	write(t, path, "rustc", "#!/bin/sh\necho /nowhere\n")
	if err := os.Chmod(filepath.Join(path, "rustc"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", path)
	err := Build(t.Context(), nil, begin(t, "rust", hook.KindCondition), io.Discard)
	if want := "none in PATH can compile for wasm32-unknown-unknown; install Rust with"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error is %v, want one that says %q", err, want)
	}
}

func TestBuildReportsWarnings(t *testing.T) {
	dir := begin(t, "c", hook.KindCondition)
	appendTo(t, filepath.Join(dir, "plugin.c"), "static void unused(void) {}\n")
	var out bytes.Buffer
	if err := Build(t.Context(), loader(t), dir, &out); err != nil || !strings.Contains(out.String(), "unused function") {
		t.Errorf("error %v, report %q", err, out.String())
	}
	if !regexp.MustCompile(`condition mine 0\.1\.0, reads contact\.region\n\d+ bytes \(.* of the limit\): code \d+, data \d+, function names [1-9]`).MatchString(out.String()) {
		t.Errorf("report %q", out.String())
	}
}

// What a source uses that plugin.yaml does not declare is explained, in the words of each compiler.
func TestBuildExplains(t *testing.T) {
	fields := map[string][3]string{ // what is there, instead of it, the answer
		"c":    {"in->contact_region", "in->contact_locale", "contact_locale is not in reads: add `- contact.locale`"},
		"go":   {"in.ContactRegion", "in.ContactLocale", "ContactLocale is not in reads: add `- contact.locale`"},
		"rust": {"input.contact_region", "input.contact_locale", "contact_locale is not in reads: add `- contact.locale`"},
		"ts":   {"input.contactRegion", "input.contactLocale", "contactLocale is not in reads: add `- contact.locale`"},
	}
	settings := map[string][3]string{
		"c":    {"config->regions", "config->countries", "countries is not in config: add it"},
		"go":   {"config.Regions", "config.Countries", "Countries is not in config: add it"},
		"rust": {"config.regions", "config.countries", "countries is not in config: add it"},
		"ts":   {"config.regions", "config.countries", "countries is not in config: add it"},
	}
	for _, table := range []map[string][3]string{fields, settings} {
		for lang, tt := range table {
			t.Run(lang+" "+tt[1], func(t *testing.T) {
				dir := begin(t, lang, hook.KindCondition)
				file := filepath.Join(dir, languages[lang].source)
				source, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				write(t, dir, filepath.Base(file), strings.ReplaceAll(string(source), tt[0], tt[1]))
				if err := Build(t.Context(), loader(t), dir, io.Discard); err == nil || !strings.Contains(err.Error(), tt[2]) {
					t.Errorf("error is %v, want one that says %q", err, tt[2])
				}
			})
		}
	}
}

func FuzzParseDeclaration(f *testing.F) {
	f.Add([]byte("kind: condition\nname: x\nversion: 1\nlang: c\nreads: [now]\nconfig: {deny: strings}\n"))
	f.Add([]byte("kind: step\nname: x\nversion: 1\nlang: go\nsets: {coupon: string}\nbranches: [vip]\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, m, err := parseDeclaration(b)
		if err != nil {
			return
		}
		if _, err := hook.ReadManifest(m.Encode()); err != nil {
			t.Errorf("a declaration that was taken makes a manifest that is not: %v", err)
		}
		if l := languages[d.Lang]; l.folder != "" {
			_, _ = sdkFiles(l, m, "x") // must not panic; what cannot be spelled is refused
		}
	})
}
