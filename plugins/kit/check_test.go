package kit

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"restock/core/hook"
	"restock/wasm"
)

// A plugin in a language without an SDK passes by the ABI's description alone.
func TestOtherLanguage(t *testing.T) {
	dir := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "wat2wasm", "testdata/wat/plugin.wat", "-o", filepath.Join(dir, otherModule)).CombinedOutput(); err != nil {
		t.Fatalf("assembling: %v\n%s; install the Debian package wabt", err, out)
	}
	write(t, dir, declarationFile, "kind: condition\nname: here\nversion: 1.0.0\nlang: other\nreads: [contact.region]\n")
	write(t, dir, "fixtures/here/in.json", `{"context": {"contact.region": "DE"}}`)
	write(t, dir, "fixtures/here/out.json", `{"pass": true, "reason": "is here", "fuel": 48}`)
	write(t, dir, "fixtures/nowhere/in.json", `{}`)
	write(t, dir, "fixtures/nowhere/out.json", `{"pass": false, "reason": "elsewhere"}`)
	expectPayloads(t, dir, 2)
	var out bytes.Buffer
	module, err := readModule(filepath.Join(dir, "here.wasm"))
	if err != nil {
		t.Fatal(err)
	}
	if err := check(t.Context(), hostConfig(loader(t)), module, nil, &out); err != nil || !strings.HasPrefix(out.String(), "condition here 1.0.0: a core node takes it; ") {
		t.Errorf("check says %q, %v", out.String(), err)
	}
}

// gallery is the runtime's gallery of attacks, bound as its own names have it.
func gallery(t *testing.T) (wasm.Config, []string) {
	t.Helper()
	files, err := filepath.Glob("../../wasm/testdata/attacks/*.wasm")
	if err != nil || len(files) < 70 {
		t.Fatalf("%d attacks, %v", len(files), err)
	}
	c := hostConfig(loader(t))
	c.ImportModule, c.Section, c.BufferExport, c.ConfigureExport = "host1", "about", "buffer", "configure"
	c.LoadTime = 4 * time.Second
	return c, files
}

// Each attack is refused, or fails, in words: what it is, and what to do about it.
func TestCheckExplainsAttacks(t *testing.T) {
	config, files := gallery(t)
	harmless := 0
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			module, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			err = suffer(t.Context(), config, module)
			if err == nil {
				harmless++ // what it tries comes to nothing, and it answers
				return
			}
			if explained := explained(err).Error(); !actionable.MatchString(explained) {
				t.Errorf("what to do about it is not said: %s", explained)
			}
		})
	}
	if harmless > len(files)/3 {
		t.Errorf("%d of %d attacks answer; most are to fail", harmless, len(files))
	}
}

// actionable is how a refusal or failure tells the way out.
var actionable = regexp.MustCompile(`to do: \S|; \S`)

// suffer loads, boots and asks an attack as check does a plugin.
func suffer(ctx context.Context, config wasm.Config, module []byte) (err error) {
	host, err := wasm.New(ctx, config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, host.Close(ctx)) }()
	m, err := host.Load(ctx, module)
	if err != nil {
		return err
	}
	g, err := m.Boot(ctx, nil)
	if err != nil {
		return err
	}
	_, err = g.Call(ctx, "run", []byte{0x90})
	return err
}

// What a plugin does wrongly is told with the limit, the function and the remedy.
func TestRunExplains(t *testing.T) {
	const loop = "static volatile int n;\nstatic __attribute__((noinline)) void turn(void) { for (;;) n++; }\n"
	tests := []struct{ name, before, body, reason, want string }{
		{"a loop", loop, "turn();", wasm.ReasonOutOfFuel, "limit: 1000000 units of fuel a call"},
		{"a trap", "static __attribute__((noinline)) void stumble(void) { __builtin_trap(); }\n", "stumble();", wasm.ReasonTrapped, "stumble"},
		{"giving up", "", `restock_fail(7, RESTOCK_STR("no such shop"));`, wasm.ReasonTrapped, "fail(7): no such shop"},
		{"recursion", "static volatile int n;\nstatic __attribute__((noinline)) int deeper(int k) { return n ? deeper(k + 1) + n : k; }\n", "n = 1; deeper(0);", wasm.ReasonTooDeep, "limit: 2097152 bytes of stack"},
		{"a log from nowhere", "", "restock_host_log(1, (const char *)0xfffffff0u, 64);", wasm.ReasonHostRefused, "the SDK does both"},
		{"all memory", "", "while (__builtin_wasm_memory_grow(0, 64) != (size_t)-1) {} __builtin_trap();", wasm.ReasonOutOfMemory, "limit: 16777216 bytes of memory"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := begin(t, "c", hook.KindCondition)
			write(t, dir, "plugin.c", "#include \"restock/restock.h\"\n"+tt.before+
				"restock_answer condition(const restock_input *in, const restock_config *c) { (void)in, (void)c; "+tt.body+" return restock_yes(RESTOCK_STR(\"\")); }\n")
			p, err := target{dir}.load(t.Context(), loader(t))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = p.close(t.Context()) }()
			m, err := p.run(t.Context(), fixture{name: "x"}, 0)
			if err != nil || m.Outcome.Fails != tt.reason || !strings.Contains(m.Words, tt.want) || !strings.Contains(m.Words, "to do: ") {
				t.Errorf("%v: %s: %s, want %s with %q", err, m.Outcome.Fails, m.Words, tt.reason, tt.want)
			}
			module, err := readModule(filepath.Join(dir, "mine.wasm"))
			if err != nil {
				t.Fatal(err)
			}
			if err := check(t.Context(), hostConfig(loader(t)), module, nil, io.Discard); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("check says %v, want %q", err, tt.want)
			}
		})
	}
}

func FuzzParseFixture(f *testing.F) {
	f.Add([]byte(`{"config": {"a": ["b"]}, "context": {"now": "2026-05-04T08:30:00Z", "contact": {"tags": ["vip"]}, "contact.region": "DE"}, "step": "gate"}`))
	f.Add([]byte(`{"context": {"now": 5, "variant": {"price": 1e400}}}`))
	m := sample()
	fields, err := hook.NewProjection(m)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := parseFixture(b)
		if err != nil {
			return
		}
		if input, err := fields.AppendValues(nil, x.values); err == nil {
			if _, err := fields.Values(input); err != nil {
				t.Errorf("what a fixture says is not read back: %v", err)
			}
		}
		_, _ = hook.EncodeConfig(x.Config) // must not panic
	})
}
