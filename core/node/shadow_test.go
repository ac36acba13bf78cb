package node

import (
	"strings"
	"testing"
	"time"

	"restock/core"
	"restock/core/console"
	"restock/core/db"
	"restock/core/hook"
	"restock/core/pack"
	"restock/plugins/examples"
)

// saying is a condition that always answers the same.
func saying(pass bool, reason string) []byte {
	m := hook.Manifest{Kind: hook.KindCondition, Name: "gate", Version: "2", Reads: []hook.Field{{Path: "contact.email_domain", Type: hook.String}}}
	return constant(m, pack.AppendString(pack.AppendBool(pack.AppendArray(nil, 2), pass), reason))
}

// askedLine is a node whose gate was asked about a crowd.
func askedLine(t *testing.T, crowd int) *running {
	t.Helper()
	r := longLine(t, crowd)
	r.level(2, 9, time.Now())
	eventually(t, "all came behind the gate", func() bool {
		d, _, err := r.Journey("default", "told")
		return err == nil && d.Entered == int64(crowd) && d.Each[0].Standing == 0
	})
	return r
}

// TestShadow: another version answers about the contacts that journeys asked the plugin about, those of cohorts among them, and
// nothing comes of it.
func TestShadow(t *testing.T) {
	const crowd = 100 // more than are expanded where they are formed
	r := askedLine(t, crowd)
	before := gathered(t, r.metrics)
	for _, tt := range []struct {
		name                   string
		module                 []byte
		last                   int
		same, reworded, differ int
		fails                  int
	}{
		{"the same", examples.DomainGate(), 1000, crowd, 0, 0, 0},
		{"other words", saying(true, "as you like"), 1000, 0, crowd, 0, 0},
		{"no", saying(false, ""), 1000, 0, 0, crowd, 0},
		{"some", saying(false, ""), 7, 0, 0, 7, 0},
		{"a trap", guest(hook.KindCondition, trap), 30, 0, 0, 30, 30},
		{"an endless loop", guest(hook.KindCondition, endless), 3, 0, 0, 3, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, ok, err := r.Shadow(t.Context(), "default", "gate", console.ShadowRequest{Module: tt.module, Last: tt.last})
			if err != nil || !ok {
				t.Fatal(ok, err)
			}
			if s.Same != tt.same || s.Reworded != tt.reworded || s.Differ != tt.differ || s.NewFails != tt.fails || s.OldFails != 0 || s.Asked != min(tt.last, crowd) {
				t.Errorf("it says %+v", s)
			}
			if want := min(s.Asked-s.Same, console.MaxDifferences); len(s.Differences) != want || s.More {
				t.Errorf("%d differences are shown, want %d; more: %v", len(s.Differences), want, s.More)
			}
			for _, d := range s.Differences {
				if strings.Contains(d.Address, "c00") || !strings.Contains(d.Address, "example.com") || d.Journey != "told" || d.Shape != "gate" || !*d.Old.Pass {
					t.Errorf("a difference is %+v", d)
				}
			}
			if s.OldFuel == 0 || s.NewFuel == 0 || len(s.Places) != 1 || s.Places[0].Differ != tt.differ {
				t.Errorf("fuel %d and %d, places %+v", s.OldFuel, s.NewFuel, s.Places)
			}
		})
	}
	after := gathered(t, r.metrics)
	if before["restock_core_plugin_failures_total"] != after["restock_core_plugin_failures_total"] || after["restock_core_plugin_open"] != 0 {
		t.Errorf("failures of a shadow are counted: %v", after)
	}
}

// TestShadowRefuses what could not be asked where the plugin is.
func TestShadowRefuses(t *testing.T) {
	r := askedLine(t, 1)
	for _, tt := range []struct {
		name    string
		plugin  core.Name
		request console.ShadowRequest
		want    string
	}{
		{"a plugin that is not there", "none", console.ShadowRequest{Module: saying(true, ""), Last: 1}, ""},
		{"no module", "gate", console.ShadowRequest{Module: []byte("PNG"), Last: 1}, "module"},
		{"no plugin", "gate", console.ShadowRequest{Module: []byte("\x00asm\x01\x00\x00\x00"), Last: 1}, "module"},
		{"a step", "gate", console.ShadowRequest{Module: stepGuest(nil), Last: 1}, "plugin guest is a step, not a condition"},
		{"no hash", "gate", console.ShadowRequest{Hash: "12", Last: 1}, "64 hexadecimal digits"},
		{"a hash of nothing", "gate", console.ShadowRequest{Hash: strings.Repeat("0", 64), Last: 1}, "restock plugin versions gate"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, ok, err := r.Shadow(t.Context(), "default", tt.plugin, tt.request)
			if ok != (tt.want != "") || ok && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("it says %v, %v", ok, err)
			}
		})
	}
}

// TestReplay: what a run met at a plugin is what the plugin was handed, and what came of it.
func TestReplay(t *testing.T) {
	r := askedLine(t, 1)
	var run core.Run
	err := r.workspaces[0].view(func(tx *db.Tx) {
		db.Runs.All(tx, func(other core.Run) bool { run = other; return run.Journey != "told" })
	})
	if err != nil {
		t.Fatal(err)
	}
	p, ok, err := r.Replay(t.Context(), "default", "gate", run.ID, examples.DomainGate())
	if err != nil || !ok || len(p.Cases) != 1 || p.Contact != run.Contact.String() {
		t.Fatalf("it says %+v, %v, %v", p, ok, err)
	}
	c := p.Cases[0]
	if c.Journey != "told" || c.Shape != "gate" || c.Reason != core.ReasonConditionYes || string(c.Input) != "\x91\xabexample.com" || c.Now != run.Steps[0].At {
		t.Errorf("the case is %+v", c)
	}
	if _, ok, err := r.Replay(t.Context(), "default", "gate", core.RunID{1}, examples.DomainGate()); ok || err != nil {
		t.Errorf("a run that is not there: %v, %v", ok, err)
	}
	if p, _, err := r.Replay(t.Context(), "default", "other", run.ID, examples.DomainGate()); err != nil || len(p.Cases) != 0 {
		t.Errorf("a plugin that the run did not ask: %+v, %v", p, err)
	}
}

// TestVersions: what was in use before is listed and can be gone back to, and a version that what asks the plugin could not ask is
// refused.
func TestVersions(t *testing.T) {
	r := askedLine(t, 1)
	old, newer := examples.DomainGate(), saying(true, "")
	declare := func(module []byte) error {
		set := core.Declaration{Plugins: []core.DeclaredPlugin{{Plugin: core.Plugin{Name: "gate", Hash: core.HashOf(module), Size: len(module)}, Module: module}}}
		var wrong core.InvalidError
		r.workspaces[0].checkUses(t.Context(), set, r.checkPlugins(t.Context(), set.Plugins, &wrong), &wrong)
		if err := wrong.OrNil(); err != nil {
			return err
		}
		r.declare(set)
		return nil
	}
	for _, module := range [][]byte{newer, newer, old, newer} {
		if err := declare(module); err != nil {
			t.Fatal(err)
		}
	}
	for _, unfit := range [][]byte{stepGuest(nil)} {
		if err := declare(unfit); err == nil || !strings.Contains(err.Error(), "journey told.gate.condition") || !strings.Contains(err.Error(), "apply both together") {
			t.Errorf("it says %v", err)
		}
	}
	all, err := r.Plugins(t.Context(), "default")
	if err != nil || len(all) != 1 || all[0].Kind != "condition" || len(all[0].Asked) != 1 || all[0].Asked[0] != "told/gate" {
		t.Fatalf("plugins are %+v, %v", all, err)
	}
	if v := all[0].Versions; len(v) != 2 || v[0].Hash != core.HashOf(newer).String() || v[0].Version != "2" || v[1].Version != "1.1.0" || v[1].Since == "" {
		t.Errorf("versions are %+v", v)
	}
	s, _, err := r.Shadow(t.Context(), "default", "gate", console.ShadowRequest{Hash: core.HashOf(old).String(), Last: 10})
	if err != nil || s.Reworded != 1 {
		t.Errorf("the version before says %+v, %v", s, err)
	}
}
