package node

import (
	"strings"
	"testing"

	"restock/core"
	"restock/core/hook"
)

// unfit is what a node says of plugins that are to take the place of others.
func (r *running) unfit(d core.Declaration, modules map[core.Name][]byte) string {
	r.t.Helper()
	for name, module := range modules {
		d.Plugins = append(d.Plugins, core.DeclaredPlugin{Plugin: core.Plugin{Name: name, Hash: core.HashOf(module)}, Module: module})
	}
	var wrong core.InvalidError
	r.workspaces[0].checkUses(r.t.Context(), d, r.checkPlugins(r.t.Context(), d.Plugins, &wrong), &wrong)
	if err := wrong.OrNil(); err != nil {
		return err.Error()
	}
	return ""
}

// TestUnfitVersions: wherever a plugin is asked, a version that could not be asked there is refused, unless what asks it changes too.
func TestUnfitVersions(t *testing.T) {
	r := longLine(t, 0)
	tier := hook.Manifest{Kind: hook.KindStep, Name: "tier", Version: "1", Branches: []string{"gold"}, Sets: []hook.Field{{Path: "tier", Type: hook.String}}}
	calls := []core.PluginCall{{Plugin: "gate"}}
	d := core.Declaration{Settings: &core.Settings{Gates: calls}}
	for name, m := range map[core.Name][]byte{"gate": saying(true, ""), "tier": constant(tier, nil), "other": saying(true, "")} {
		d.Plugins = append(d.Plugins, core.DeclaredPlugin{Plugin: core.Plugin{Name: name, Hash: core.HashOf(m)}, Module: m})
	}
	var source core.Source // the only one
	for _, source = range r.workspaces[0].machine.Sources() {
		break
	}
	source.Waves = core.WavePolicy{Order: core.OrderScore, Score: &calls[0]}
	mail := core.Template{Subject: "for {{ plugin.tier.tier }}", HTML: "x"}
	d.Sources, d.Templates = []core.Source{source}, []core.Template{mail}
	told := writes("tiers", "away", mail)
	step := core.Shape{Name: "tier", Kind: core.ShapePlugin, Next: "mail", Plugin: &core.StepCall{
		PluginCall: core.PluginCall{Plugin: "tier"}, Branches: []core.Branch{{Name: "gold", To: "mail"}},
	}}
	told.Journey.Shapes = append([]core.Shape{step}, told.Journey.Shapes...)
	told.Journey.Gates = calls
	d.Journeys = []core.DeclaredJourney{told}
	r.declare(d)

	said := r.unfit(core.Declaration{}, map[core.Name][]byte{"gate": stepGuest(nil)})
	for _, place := range []string{
		"workspace default.gates[0].plugin: plugin guest is a step, not a condition; apply both together", "source " + string(source.Name) + ".waves.order.score.plugin",
		"journey told.gate.condition.plugin", "journey tiers.gates[0].plugin",
	} {
		if !strings.Contains(said, place) {
			t.Errorf("nothing is said of %s in %s", place, said)
		}
	}
	less := tier
	less.Version, less.Branches, less.Sets = "2", []string{"silver"}, nil
	said = r.unfit(core.Declaration{}, map[core.Name][]byte{"tier": constant(less, nil)})
	for _, what := range []string{"may choose the branch silver", "has no such branch; it has silver", "reads plugin.tier.tier, which the plugin does not set"} {
		if !strings.Contains(said, what) {
			t.Errorf("nothing is said of %q in %s", what, said)
		}
	}
	changed := core.Declaration{Settings: &core.Settings{}, Sources: d.Sources, Journeys: append(d.Journeys, gated())}
	for name, fits := range map[string]string{
		"another answer":        r.unfit(core.Declaration{}, map[core.Name][]byte{"gate": saying(false, "")}),
		"what nobody asks":      r.unfit(core.Declaration{}, map[core.Name][]byte{"other": stepGuest(nil)}),
		"a new one":             r.unfit(core.Declaration{}, map[core.Name][]byte{"new": stepGuest(nil)}),
		"what asks it as well":  r.unfit(changed, map[core.Name][]byte{"gate": stepGuest(nil)}),
		"the version as it was": r.unfit(core.Declaration{}, map[core.Name][]byte{"tier": constant(tier, nil)}),
	} {
		if fits != "" {
			t.Errorf("%s is refused: %s", name, fits)
		}
	}
	asked, err := r.Plugins(t.Context(), "default")
	if err != nil || len(asked) != 3 || strings.Join(asked[0].Asked, "; ") != "gates of journey tiers; gates of the workspace; told/gate; waves of source "+string(source.Name) {
		t.Errorf("plugins are %+v, %v", asked, err)
	}
}
