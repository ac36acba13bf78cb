package node

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"restock/core"
	"restock/core/console"
	"restock/core/db"
	"restock/core/hook"
	"restock/core/machine"
	"restock/plugins/examples"
	"restock/wasm"
)

// patient is an asker that no page's time ends.
func patient(t *testing.T, w *workspace) *asker {
	t.Helper()
	a := w.asker(t.Context())
	t.Cleanup(a.close)
	a.until = time.Now().Add(time.Hour)
	return a
}

// TestSampleIsKept: a plugin that fails in a row is left alone, and the input on which it failed last can be read.
func TestSampleIsKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "samples")
	m := newMetrics()
	p, err := newPlugins(t.Context(), Config{}, &witness{metrics: m, log: quiet, dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	w := world(t)
	t.Cleanup(func() { _ = p.close(context.Background()) })
	old := w.node.plugins
	t.Cleanup(func() { _ = old.close(context.Background()) })
	w.node.plugins = p
	module := guest(hook.KindCondition, trap)
	w.write(t, func(tx *db.Tx) { db.Modules.Set(tx, core.HashOf(module), module) })
	a := patient(t, w)
	last := core.Verdict{}
	for range 25 {
		last, _ = a.Ask(question("trap", module, ""))
	}
	if last.Failed != "breaker_open" {
		t.Errorf("after 25 failures it answers %+v", last)
	}
	b, err := os.ReadFile(filepath.Join(dir, "guest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var s sample
	if err := json.Unmarshal(b, &s); err != nil || s.Export != hook.ConditionExport || string(s.Input) != "\x90" || s.Reason != wasm.ReasonTrapped {
		t.Errorf("the sample is %+v, %v", s, err)
	}
	text := gathered(t, m)
	if text["restock_core_plugin_failures_total"] != 20 || text["restock_core_plugin_open"] != 1 {
		t.Errorf("metrics say %v", text)
	}
}

// TestSamplesAreForgotten: an erasure takes the samples that were kept before it, and no later one.
func TestSamplesAreForgotten(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "samples")
	if err := forgetSamples(dir, 1); err != nil {
		t.Errorf("without a folder: %v", err)
	}
	w := &witness{dir: dir}
	at := time.UnixMilli(1_700_000_000_000)
	for name, kept := range map[string]time.Time{"before": at, "after": at.Add(time.Millisecond)} {
		file, err := w.keep(hook.Manifest{Name: name}, hook.Sample{Err: wasm.ErrClosed})
		if err == nil {
			err = os.Chtimes(file, kept, kept)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := forgetSamples(dir, core.TimeOf(at)); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 || left[0].Name() != "after.json" {
		t.Errorf("left are %v, %v", left, err)
	}
}

// gathered sums the metrics by name.
func gathered(t *testing.T, m *metrics) map[string]float64 {
	t.Helper()
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]float64{}
	for _, f := range families {
		for _, one := range f.GetMetric() {
			sums[f.GetName()] += one.GetCounter().GetValue() + one.GetGauge().GetValue()
		}
	}
	return sums
}

// TestManyPlugins: those not asked for longest are dropped, come back when they are asked, and who asks them meanwhile goes
// on undisturbed.
func TestManyPlugins(t *testing.T) {
	w := world(t)
	gate := examples.DomainGate()
	w.write(t, func(tx *db.Tx) { db.Modules.Set(tx, core.HashOf(gate), gate) })
	denying := func(i int) machine.Question {
		config, err := hook.EncodeConfig(map[string]any{"deny": []string{fmt.Sprintf("d%d.example", i), "deny.example"}})
		if err != nil {
			t.Fatal(err)
		}
		return question("gate", gate, string(config))
	}
	first := patient(t, w)
	for i := range maxBound + 6 {
		a := w.asker(t.Context())
		a.until = time.Now().Add(time.Hour)
		for _, ask := range []*asker{a, first} {
			n := i
			if ask == first {
				n = 0
			}
			if v, _ := ask.Ask(denying(n)); v.Failed != "" || v.Pass {
				t.Fatalf("configuration %d answers %+v", n, v)
			}
		}
		a.close()
	}
	if n := len(w.node.plugins.bound); n != maxBound {
		t.Errorf("%d plugins are kept ready, want %d", n, maxBound)
	}
}

// TestDroppedMeanwhile: a plugin that is dropped between finding and asking it fails nobody; the run waits and asks again.
func TestDroppedMeanwhile(t *testing.T) {
	w := world(t)
	gate := examples.DomainGate()
	w.write(t, func(tx *db.Tx) { db.Modules.Set(tx, core.HashOf(gate), gate) })
	key := pluginUse{plugin: core.HashOf(gate)}
	for name, drop := range map[string]func(b *bound){
		"before it was booted": func(b *bound) { b.done.Do(func() { b.err = errRetired }) },
		"before it was lent": func(b *bound) {
			if v, ok := patient(t, w).Ask(question("gate", gate, "")); !ok || v.Failed != "" {
				t.Fatalf("it answers %+v", v)
			}
			_ = b.guest.Close()
		},
	} {
		drop(w.node.plugins.bind(key))
		if v, ok := patient(t, w).Ask(question("gate", gate, "")); ok {
			t.Errorf("dropped %s: it is said to answer %+v", name, v)
		}
		delete(w.node.plugins.bound, key) // as retiring does
		if v, ok := patient(t, w).Ask(question("gate", gate, "")); !ok || v.Failed != "" {
			t.Errorf("dropped %s, asked again: %+v", name, v)
		}
		delete(w.node.plugins.bound, key)
	}
}

// TestVersionsStandSideBySide: two versions under one name answer each for itself, and going back needs no more than the
// old hash.
func TestVersionsStandSideBySide(t *testing.T) {
	w := world(t)
	gate, broken := examples.DomainGate(), guest(hook.KindCondition, trap)
	w.write(t, func(tx *db.Tx) {
		db.Modules.Set(tx, core.HashOf(gate), gate)
		db.Modules.Set(tx, core.HashOf(broken), broken)
	})
	a := patient(t, w)
	for i, want := range []core.Reason{"", wasm.ReasonTrapped, "", wasm.ReasonTrapped} {
		if v, _ := a.Ask(question("gate", [][]byte{gate, broken}[i%2], "")); v.Failed != want {
			t.Errorf("question %d: %+v, want failure %q", i, v, want)
		}
	}
}

// TestOccasions: whatever differs between two questions reaches the plugin.
func TestOccasions(t *testing.T) {
	recorder := &recorder{}
	c, err := hook.NewCondition(recorder, hook.Manifest{Kind: hook.KindCondition, Name: "all", Version: "1", Reads: hook.Fields()}, func() core.Time { return 0 })
	if err != nil {
		t.Fatal(err)
	}
	taken, err := c.Asker(t.Context(), "gate")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	o := &asking{instance: taken, condition: taken}
	edits := []func(q *machine.Question){
		func(*machine.Question) {}, // nothing at all is a question as well
		func(q *machine.Question) { q.Now++ },
		func(q *machine.Question) { q.Contact.EmailDomain = "other.example" },
		func(q *machine.Question) { q.Contact.Tags = []string{"vip"} },
		func(q *machine.Question) { q.Run = &core.Run{Entered: core.Activity{Kind: core.BackInStock}} },
		func(q *machine.Question) { q.Run = &core.Run{Entered: core.Activity{At: 5}} },
		func(q *machine.Question) { q.Run = &core.Run{Entered: core.Activity{AskedAt: 6}} },
		func(q *machine.Question) { q.Run = &core.Run{Entered: core.Activity{SKU: "TEE"}} },
		func(q *machine.Question) { q.Run = &core.Run{Entered: core.Activity{SKU: "TEE", Market: "DE"}} },
		func(q *machine.Question) {
			q.Run = &core.Run{Entered: core.Activity{SKU: "TEE", Price: core.Money{Minor: 5}}}
		},
		func(q *machine.Question) { q.Contact.Fields = map[string]string{"tier": "gold"} },
		func(q *machine.Question) { q.Catalogue.Product = core.Product{ID: "7", Title: "Tee"} },
		func(q *machine.Question) { q.Catalogue.Variant = core.Variant{ID: "8", Title: "M"} },
		func(q *machine.Question) { q.Source.Name = "acme" },
		func(q *machine.Question) { // two sources that were removed may have used one id
			q.Run, q.Catalogue.Product.Title = &core.Run{Entered: core.Activity{Source: "removed"}}, "Cup"
		},
		func(q *machine.Question) {
			q.Run, q.Catalogue.Product.Title = &core.Run{Entered: core.Activity{Source: "other"}}, "Hat"
		},
		func(q *machine.Question) { q.Restock = core.Restock{ID: core.RestockID{1}} },
		func(q *machine.Question) { q.Restock.OpenedAt = 9 },
		func(q *machine.Question) { q.Restock.Units = 10 },
		func(q *machine.Question) { q.Units = 11 },
	}
	q := machine.Question{Run: &core.Run{}}
	p, err := hook.NewProjection(hook.Manifest{Kind: hook.KindCondition, Name: "all", Version: "1", Reads: hook.Fields()})
	if err != nil {
		t.Fatal(err)
	}
	for i, edit := range edits {
		edit(&q)
		for range 2 {
			o.turn(&q)
			if _, err := taken.Ask(&o.about); err != nil {
				t.Fatal(err)
			}
			want := p.Append(nil, &hook.Context{Now: q.Now, Contact: q.Contact, Activity: q.Run.Entered, Product: q.Catalogue.Product,
				Variant: q.Catalogue.Variant, Source: q.Source, Restock: q.Restock, Units: q.Units})
			if string(recorder.input) != string(want) {
				t.Errorf("edit %d: the plugin was handed %x, want %x", i, recorder.input, want)
			}
		}
	}
}

// recorder is a plugin that keeps what it was handed last.
type recorder struct{ input []byte }

func (r *recorder) Lend(context.Context) (hook.Call, func(), error) {
	return func(_ string, input []byte, _ int64, _ [32]byte) ([]byte, error) {
		r.input = append([]byte(nil), input...)
		return []byte("\x92\xc3\xa2ok"), nil
	}, func() {}, nil
}

func TestPluginKey(t *testing.T) {
	file := filepath.Join(t.TempDir(), "data", "plugins.key")
	first, err := pluginKey(file)
	if err != nil || len(first) != pluginKeySize {
		t.Fatal(first, err)
	}
	if again, err := pluginKey(file); err != nil || string(again) != string(first) {
		t.Errorf("the second time it is %x, %v; the first %x", again, err, first)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("its file has mode %v, %v", info.Mode(), err)
	}
}

// TestPolicyOfThePlugin: what a journey leaves open the plugin's manifest says, and without either a contact is held.
func TestPolicyOfThePlugin(t *testing.T) {
	for _, tt := range []struct {
		journey core.FailurePolicy
		plugin  hook.Policy
		want    core.FailurePolicy
	}{{"", "", core.FailHold}, {"", hook.Send, core.FailSend}, {core.FailSkip, hook.Send, core.FailSkip}} {
		c := core.PluginCall{OnFailure: tt.journey}
		settlePolicy(&c, hook.Manifest{OnFailure: tt.plugin})
		if c.OnFailure != tt.want {
			t.Errorf("the journey says %q, the plugin %q: %q, want %q", tt.journey, tt.plugin, c.OnFailure, tt.want)
		}
	}
}

// TestGoingBack: a version that was applied before is found by its hash, and nothing else is.
func TestGoingBack(t *testing.T) {
	w := world(t)
	gate := examples.DomainGate()
	w.write(t, func(tx *db.Tx) { db.Modules.Set(tx, core.HashOf(gate), gate) })
	old := core.DeclaredPlugin{Plugin: core.Plugin{Name: "gate", Hash: core.HashOf(gate)}}
	none := core.DeclaredPlugin{Plugin: core.Plugin{Name: "none", Hash: core.HashOf([]byte("never applied"))}}
	all := []core.DeclaredPlugin{old, none}
	var wrong core.InvalidError
	w.fillModules(all, &wrong)
	if string(all[0].Module) != string(gate) || all[0].Plugin.Size != len(gate) {
		t.Errorf("going back found %d bytes", len(all[0].Module))
	}
	if len(wrong.Fields) != 1 || wrong.Fields[0].Field != "plugin none.hash" {
		t.Errorf("what is wrong: %v", wrong.Fields)
	}
	if manifests := w.node.checkPlugins(t.Context(), all, &wrong); len(manifests) != 1 || len(wrong.Fields) != 1 {
		t.Errorf("checked: %v, wrong: %v", manifests, wrong.Fields)
	}
}

// TestLyingManifest: a module that is not what its manifest says is refused when it is declared, tried or compared, and not by those who come to it.
func TestLyingManifest(t *testing.T) {
	w := world(t)
	module := guest(hook.KindStep, nothing) // it exports a condition
	want := "a step must export restock_step"
	var wrong core.InvalidError
	w.node.checkPlugins(t.Context(), []core.DeclaredPlugin{{Plugin: core.Plugin{Name: "liar", Hash: core.HashOf(module)}, Module: module}}, &wrong)
	_, tried := w.node.Try(t.Context(), console.TrialRequest{Module: module})
	_, compared := w.node.newShadow(t.Context(), module)
	for what, err := range map[string]error{"declared": wrong.OrNil(), "tried": tried, "compared": compared} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", what, err, want)
		}
	}
}
