package node

import (
	"context"
	"fmt"

	"restock/core"
	"restock/core/db"
	"restock/core/hook"
)

// insteadOf is what can be done when a version of a plugin does not fit what asks it already.
const insteadOf = "; apply both together, or the plugin under another name"

// checkUses checks that new versions of plugins can be asked by what asks the old ones: a plugin that is of another kind, or takes
// other settings, would hold everybody who comes to it. What the declaration changes as well was checked with it.
func (w *workspace) checkUses(ctx context.Context, d core.Declaration, declared map[core.Name]hook.Manifest, wrong *core.InvalidError) {
	newer := w.newVersions(d, declared)
	if len(newer) == 0 {
		return
	}
	var unfit core.InvalidError
	use := func(field string, c *core.PluginCall, kind hook.Kind) {
		if m, ok := newer[c.Plugin]; ok {
			checkConfig(field, m, kind, c.Config, &unfit)
		}
	}
	for _, j := range w.machine.Journeys() {
		if !redeclares(d, j.Name) {
			w.checkUsesIn(ctx, j, newer, use, &unfit)
		}
	}
	for name, s := range w.machine.Sources() {
		if s.Waves.Score != nil && !redeclaresSource(d, name) {
			use(fmt.Sprintf("source %s.waves.order.score", name), s.Waves.Score, hook.KindCondition)
		}
	}
	if d.Settings == nil {
		for i, c := range w.settings().Gates {
			use(fmt.Sprintf("workspace %s.gates[%d]", w.name, i), &c, hook.KindCondition)
		}
	}
	for _, f := range unfit.Fields {
		wrong.Add(f.Field, "%s%s", f.Message, insteadOf)
	}
}

// newVersions are the manifests of plugins that take the place of others.
func (w *workspace) newVersions(d core.Declaration, declared map[core.Name]hook.Manifest) map[core.Name]hook.Manifest {
	newer := map[core.Name]hook.Manifest{}
	for _, p := range d.Plugins {
		m, loads := declared[p.Plugin.Name]
		old, known := w.machine.Plugins()[p.Plugin.Name]
		if loads && known && old.Hash != p.Plugin.Hash {
			newer[p.Plugin.Name] = m
		}
	}
	return newer
}

// checkUsesIn checks a journey's gates, shapes, branches, and the variables that its messages read.
func (w *workspace) checkUsesIn(ctx context.Context, j core.Journey, newer map[core.Name]hook.Manifest, use func(string, *core.PluginCall, hook.Kind), unfit *core.InvalidError) {
	for i := range j.Gates {
		use(fmt.Sprintf("journey %s.gates[%d]", j.Name, i), &j.Gates[i], hook.KindCondition)
	}
	steps, any := map[core.Name]hook.Manifest{}, false
	for _, s := range j.Shapes {
		field := fmt.Sprintf("journey %s.%s", j.Name, s.Name)
		switch s.Kind {
		case core.ShapeCondition:
			use(field+".condition", s.Condition, hook.KindCondition)
		case core.ShapePlugin:
			use(field+".plugin", &s.Plugin.PluginCall, hook.KindStep)
			m, changes := newer[s.Plugin.Plugin]
			if changes && m.Kind == hook.KindStep {
				checkBranches(field+".plugin.branches", *s.Plugin, m, unfit)
			} else if !changes {
				m, _ = w.pluginManifest(ctx, s.Plugin.Plugin)
			}
			steps[s.Plugin.Plugin], any = m, any || changes
		}
	}
	if !any {
		return
	}
	for _, s := range j.Shapes {
		if _, send, ok := s.Sends(); ok {
			checkVars(fmt.Sprintf("journey %s.%s", j.Name, s.Name), send.Template, w.templates(send.Template), steps, unfit)
		}
	}
}

// templates is the template of a hash, as a declaration holds it.
func (w *workspace) templates(h core.Hash) (d core.Declaration) {
	_ = w.view(func(tx *db.Tx) { // what cannot be read fails where it is sent
		if t, ok := db.Templates.Get(tx, h); ok {
			d.Templates = append(d.Templates, t)
		}
	})
	return d
}

func (w *workspace) settings() (s core.Settings) {
	_ = w.view(func(tx *db.Tx) { s, _ = db.Settings.Get(tx, struct{}{}) }) // what cannot be read fails where it is asked
	return s
}

func redeclares(d core.Declaration, name core.Name) bool {
	for _, j := range d.Journeys {
		if j.Journey.Name == name {
			return true
		}
	}
	return false
}

func redeclaresSource(d core.Declaration, name core.SourceName) bool {
	for _, s := range d.Sources {
		if s.Name == name {
			return true
		}
	}
	return false
}
