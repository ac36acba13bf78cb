package examples

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"restock/core"
	"restock/core/hook"
	"restock/plugins/kit"
	"restock/wasm"
)

// gate boots a module of domain-gate with its list and binds it.
func gate(t testing.TB, module []byte, config map[string]any) *hook.Condition {
	t.Helper()
	host, err := wasm.New(t.Context(), wasm.Config{
		ImportModule: hook.ImportModule, Section: hook.Section, BufferExport: hook.BufferExport, ConfigureExport: hook.ConfigureExport,
		BufferSize: hook.BufferSize,
	})
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
	if err := manifest.CheckConfig(config); err != nil {
		t.Fatal(err)
	}
	encoded, err := hook.EncodeConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	g, err := m.Boot(t.Context(), encoded)
	if err != nil {
		t.Fatal(err)
	}
	c, err := hook.NewCondition(g, manifest, func() core.Time { return 0 })
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func about(email string) *hook.Context {
	return &hook.Context{Contact: core.Contact{Email: email, Phone: "+4915112345678"}.Traits()}
}

func deny(domains ...string) map[string]any { return map[string]any{"deny": domains} }

var gateTests = []struct {
	name   string
	config map[string]any
	email  string
	pass   bool
	reason string
}{
	{"not on the list", deny("deny.example"), "ann@example.com", true, "domain example.com may be told"},
	{"on the list", deny("other.example", "deny.example"), "ann@deny.example", false, "domain deny.example is on the list"},
	{"below one on the list", deny("deny.example"), "ann@mail.eu.deny.example", false, "domain deny.example is on the list"},
	{"only ends alike", deny("deny.example"), "ann@not-deny.example", true, "domain not-deny.example may be told"},
	{"above one on the list", deny("mail.deny.example"), "ann@deny.example", true, "domain deny.example may be told"},
	{"a whole top-level domain", deny("example"), "ann@deny.example", false, "domain example is on the list"},
	{"capital letters", deny("Deny.EXAMPLE"), "ann@deny.example", false, "domain deny.example is on the list"},
	{"written with an at", deny("@deny.example"), "ann@deny.example", false, "domain deny.example is on the list"},
	{"written with a dot", deny(".deny.example"), "ann@mail.deny.example", false, "domain deny.example is on the list"},
	{"phone only", deny("deny.example"), "", true, "no e-mail domain to look up"},
	{"empty list", deny(), "ann@deny.example", true, "domain deny.example may be told"},
	{"empty entries", deny("", ".", "@"), "ann@deny.example", true, "domain deny.example may be told"},
	{"no settings", nil, "ann@deny.example", true, "domain deny.example may be told"},
	{"long list", deny(strings.Split(strings.Repeat("x.example,", 600)+"deny.example", ",")...), "ann@deny.example", false, "domain deny.example is on the list"},
	{"longest domain", deny("deny.example"), "ann@" + strings.Repeat("d", 253), true, "domain " + strings.Repeat("d", 249)},
}

func TestDomainGate(t *testing.T) { testGate(t, DomainGate()) }

func testGate(t *testing.T, module []byte) {
	for _, tt := range gateTests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := gate(t, module, tt.config).Ask(t.Context(), about(tt.email))
			if want := (hook.Answer{Pass: tt.pass, Reason: tt.reason}); err != nil || got != want {
				t.Errorf("got %+v, %v, want %+v", got, err, want)
			}
		})
	}
}

// What is committed is what the sources say: the same bytes by clang 14, the same answers by any.
func TestDomainGateIsBuiltFromItsSources(t *testing.T) {
	version, err := exec.Command("clang", "--version").CombinedOutput()
	if err != nil {
		t.Fatalf("running clang: %v; install the Debian packages `clang lld`", err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("domain-gate")); err != nil {
		t.Fatal(err)
	}
	if err := kit.Build(t.Context(), nil, dir, io.Discard); err != nil {
		t.Fatal(err)
	}
	built, err := os.ReadFile(filepath.Join(dir, "domain-gate.wasm"))
	if err != nil {
		t.Fatal(err)
	}
	if regexp.MustCompile(`version 14\.`).Match(version) && !bytes.Equal(built, DomainGate()) {
		t.Error("domain-gate.wasm is not what its sources make; build it anew with the kit and commit it")
	}
	testGate(t, built)
}

func BenchmarkDomainGate(b *testing.B) {
	c := gate(b, DomainGate(), deny("a.example", "b.example", "c.example", "deny.example"))
	contact := about("ann@example.com")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Ask(b.Context(), contact); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDomainGateParallel(b *testing.B) {
	c := gate(b, DomainGate(), deny("a.example", "b.example", "c.example", "deny.example"))
	contact := about("ann@example.com")
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := c.Ask(b.Context(), contact); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
