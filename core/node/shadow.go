package node

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"restock/core"
	"restock/core/console"
	"restock/core/db"
	"restock/core/hook"
	"restock/wasm"
)

// Plugins are those of a workspace with their versions, by name (console.Backend).
func (n *Node) Plugins(ctx context.Context, name core.WorkspaceName) (all []console.PluginReport, err error) {
	w, err := n.named(name)
	if err != nil {
		return nil, err
	}
	for _, p := range w.machine.Plugins() {
		r := console.PluginReport{Name: p.Name, Asked: w.askedBy(p.Name)}
		for _, v := range append([]core.PluginVersion{{Hash: p.Hash, Size: p.Size, Since: p.Since}}, p.Earlier...) {
			e := console.PluginVersionEntry{Hash: v.Hash.String(), Size: v.Size}
			if v.Since != 0 {
				e.Since = v.Since.String()
			}
			m, err := w.manifestOf(v.Hash)
			if err != nil {
				return nil, fmt.Errorf("reading plugin %s: %w", p.Name, err)
			}
			e.Version = m.Version
			if r.Kind == "" {
				r.Kind = string(m.Kind)
			}
			r.Versions = append(r.Versions, e)
		}
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b console.PluginReport) int { return strings.Compare(string(a.Name), string(b.Name)) })
	return all, ctx.Err()
}

// askedBy is where a plugin is asked, in words.
func (w *workspace) askedBy(plugin core.Name) (places []string) {
	for _, j := range w.machine.Journeys() {
		for _, s := range askers(j, plugin) {
			places = append(places, where(j.Name, s.Name))
		}
		if asks(j.Gates, plugin) {
			places = append(places, fmt.Sprintf("gates of journey %s", j.Name))
		}
	}
	for name, s := range w.machine.Sources() {
		if s.Waves.Score != nil && s.Waves.Score.Plugin == plugin {
			places = append(places, fmt.Sprintf("waves of source %s", name))
		}
	}
	if asks(w.settings().Gates, plugin) {
		places = append(places, "gates of the workspace")
	}
	slices.Sort(places)
	return places
}

func asks(calls []core.PluginCall, plugin core.Name) bool {
	return slices.ContainsFunc(calls, func(c core.PluginCall) bool { return c.Plugin == plugin })
}

// manifestOf reads the manifest of a module that the workspace has, without loading it.
func (w *workspace) manifestOf(h core.Hash) (hook.Manifest, error) {
	module, err := w.module(h)
	if err != nil {
		return hook.Manifest{}, err
	}
	section, ok := hook.FindSection(module, hook.Section)
	if !ok {
		return hook.Manifest{}, fmt.Errorf("module %s has no section %q", h, hook.Section)
	}
	return hook.ReadManifest(section)
}

// Shadow asks two versions of a plugin about the last contacts that journeys asked it about (console.Backend). Nobody hears of
// what they answer but who asked for it: no counter, breaker or sample is touched.
func (n *Node) Shadow(ctx context.Context, name core.WorkspaceName, plugin core.Name, r console.ShadowRequest) (report console.ShadowReport, ok bool, err error) {
	w, err := n.named(name)
	if err != nil {
		return report, false, err
	}
	p, ok := w.machine.Plugins()[plugin]
	if !ok {
		return report, false, nil
	}
	other, err := w.otherVersion(plugin, r)
	if err != nil {
		return report, true, err
	}
	var cases []asked
	report = console.ShadowReport{Plugin: plugin, Old: p.Hash.String(), New: core.HashOf(other).String()}
	if err = w.view(func(tx *db.Tx) { cases, report.More = w.lastAsked(tx, plugin, r.Last) }); err != nil {
		return report, true, err
	}
	module, err := w.module(p.Hash)
	if err != nil {
		return report, true, err
	}
	old, err := n.newShadow(ctx, module)
	if err != nil {
		return report, true, err
	}
	defer old.close(ctx)
	newer, err := n.newShadow(ctx, other)
	if err != nil {
		return report, true, err
	}
	defer newer.close(ctx)
	if err := newer.fits(w, plugin); err != nil {
		return report, true, err
	}
	c := comparison{ShadowReport: &report, old: old, newer: newer}
	err = c.compare(ctx, cases)
	return report, true, err
}

// otherVersion is the module that is compared with the one in use.
func (w *workspace) otherVersion(plugin core.Name, r console.ShadowRequest) ([]byte, error) {
	if len(r.Module) > 0 {
		return r.Module, nil
	}
	var wrong core.InvalidError
	b, err := hex.DecodeString(r.Hash)
	if err != nil || len(b) != len(core.Hash{}) {
		wrong.Add("hash", "want 64 hexadecimal digits")
		return nil, &wrong
	}
	module, err := w.module(core.Hash(b))
	if err != nil || len(module) > 0 {
		return module, err
	}
	wrong.Add("hash", "no module of hash %s was applied to workspace %s; `restock plugin versions %s` lists those that were", r.Hash, w.name, plugin)
	return nil, &wrong
}

// comparison is what two versions answer, as far as they were asked.
type comparison struct {
	*console.ShadowReport
	old, newer *shadow
	words      []console.ShadowDifference // of reasons only
}

// shadowTime is how long versions are asked for one report: a version that uses all its fuel each time must not keep a processor busy
// for as long as there are contacts.
const shadowTime = 20 * time.Second

func (c *comparison) compare(ctx context.Context, cases []asked) error {
	until := time.Now().Add(shadowTime)
	for i := range cases {
		if time.Now().After(until) {
			c.More = true
			break
		}
		a := &cases[i]
		d := console.ShadowDifference{
			Run: a.run.ID.String(), Contact: a.run.Contact.String(), Address: a.address,
			Journey: a.run.Journey, Shape: a.shape.Name, At: a.step.At.String(),
		}
		var err error
		if d.Old, err = c.old.ask(ctx, a); err != nil {
			return err
		}
		if d.New, err = c.newer.ask(ctx, a); err != nil {
			return err
		}
		c.count(d)
	}
	c.Differences = append(c.Differences, c.words[:min(len(c.words), console.MaxDifferences-len(c.Differences))]...)
	return nil
}

// count takes down what was answered about one case.
func (c *comparison) count(d console.ShadowDifference) {
	c.Asked++
	c.OldFuel, c.NewFuel = max(c.OldFuel, d.Old.Fuel), max(c.NewFuel, d.New.Fuel)
	if d.Old.Fails != "" {
		c.OldFails++
	}
	if d.New.Fails != "" {
		c.NewFails++
	}
	at := c.place(d)
	at.Asked++
	same, reworded := d.Old.Same(d.New)
	switch {
	case same:
		c.Same++
	case reworded:
		c.Reworded++
		if len(c.words) < console.MaxDifferences {
			c.words = append(c.words, d)
		}
	default:
		c.Differ++
		at.Differ++
		if len(c.Differences) < console.MaxDifferences {
			c.Differences = append(c.Differences, d)
		}
	}
}

func (c *comparison) place(d console.ShadowDifference) *console.ShadowPlace {
	for i := range c.Places {
		if p := &c.Places[i]; p.Journey == d.Journey && p.Shape == d.Shape {
			return p
		}
	}
	c.Places = append(c.Places, console.ShadowPlace{Journey: d.Journey, Shape: d.Shape})
	return &c.Places[len(c.Places)-1]
}

// shadow is a version of a plugin that is asked without anything coming of it.
type shadow struct {
	module   *wasm.Module
	manifest hook.Manifest
	fields   hook.Projection
	lent     map[string]lent // by settings
}

// lent is an instance with settings, or why there is none.
type lent struct {
	guest  *wasm.Guest
	worker *wasm.Worker
	fails  console.PluginAnswer
}

// newShadow loads a module. One that is none, or no plugin, is a *core.InvalidError.
func (n *Node) newShadow(ctx context.Context, module []byte) (*shadow, error) {
	m, err := n.plugins.host.Load(ctx, module)
	if err != nil {
		return nil, wrongModule(err)
	}
	s := &shadow{module: m, lent: map[string]lent{}}
	if s.manifest, err = hook.ReadManifest(m.Section()); err == nil {
		err = s.manifest.CheckExports(m)
	}
	if err == nil {
		s.fields, err = hook.NewProjection(s.manifest)
	}
	if err != nil {
		s.close(ctx)
		return nil, wrongModule(err)
	}
	return s, nil
}

func (s *shadow) close(ctx context.Context) {
	for _, l := range s.lent {
		if l.worker != nil {
			l.worker.Close()
		}
	}
	_ = s.module.Close(context.WithoutCancel(ctx)) // nothing could be done about it
}

// fits checks that the version can be asked where the plugin is.
func (s *shadow) fits(w *workspace, plugin core.Name) error {
	var wrong core.InvalidError
	for _, j := range w.machine.Journeys() {
		for _, shape := range askers(j, plugin) {
			kind := hook.KindCondition
			if shape.Kind == core.ShapePlugin {
				kind = hook.KindStep
			}
			checkConfig(fmt.Sprintf("journey %s.%s.%s", j.Name, shape.Name, shape.Kind), s.manifest, kind, shape.Call().Config, &wrong)
		}
	}
	return wrong.OrNil()
}

// ask asks about one case. What goes wrong with the plugin is in the answer.
func (s *shadow) ask(ctx context.Context, a *asked) (console.PluginAnswer, error) {
	if err := context.Cause(ctx); err != nil {
		return console.PluginAnswer{}, err
	}
	l, err := s.lend(ctx, string(a.shape.Call().Config))
	if err != nil || l.worker == nil {
		return l.fails, err
	}
	at := wasm.Moment{Now: int64(a.about.Now), Seed: s.manifest.Seed(a.run.Contact, a.shape.Name)}
	r, err := l.worker.Call(s.manifest.Export(), s.fields.Append(nil, &a.about), at)
	if err != nil {
		return failure(err)
	}
	answer, err := s.decode(r.Output)
	if err != nil {
		return console.PluginAnswer{Fails: string(failed(err).Failed), Fuel: r.Fuel}, nil
	}
	answer.Fuel = r.Fuel
	return answer, nil
}

// lend boots the version with settings, once.
func (s *shadow) lend(ctx context.Context, config string) (l lent, err error) {
	l, ok := s.lent[config]
	if ok {
		return l, nil
	}
	if l.guest, err = s.module.Boot(ctx, []byte(config)); err == nil {
		l.worker, err = l.guest.Worker(ctx)
	}
	if err != nil {
		if l.fails, err = failure(err); err != nil {
			return l, err
		}
	}
	s.lent[config] = l
	return l, nil
}

// failure is a plugin's failure as an answer; an error of anything else comes back.
func failure(err error) (console.PluginAnswer, error) {
	var f *wasm.Failure
	if errors.As(err, &f) {
		return console.PluginAnswer{Fails: f.Reason, Reason: hook.Line(f.Text), Fuel: f.Fuel}, nil
	}
	return console.PluginAnswer{}, err
}

func (s *shadow) decode(output []byte) (console.PluginAnswer, error) {
	if s.manifest.Kind == hook.KindStep {
		a, err := s.manifest.DecodeStep(output)
		return console.PluginAnswer{Action: string(a.Action), For: int64(a.Delay), Branch: a.Branch, Vars: a.Vars, Tags: a.Tags, Reason: a.Reason}, err
	}
	a, err := hook.DecodeCondition(output)
	answer := console.PluginAnswer{Pass: &a.Pass, Reason: a.Reason}
	if a.Scored {
		answer.Score = &a.Score
	}
	return answer, err
}

// Replay is what a run met where it asked a plugin, as a module would be handed it (console.Backend).
func (n *Node) Replay(ctx context.Context, name core.WorkspaceName, plugin core.Name, id core.RunID, module []byte) (r console.ReplayReport, ok bool, err error) {
	w, err := n.named(name)
	if err != nil {
		return r, false, err
	}
	s, err := n.newShadow(ctx, module)
	if err != nil {
		return r, false, err
	}
	defer s.close(ctx)
	err = w.view(func(tx *db.Tx) {
		var run core.Run
		if run, ok = db.Runs.Get(tx, id); !ok {
			return
		}
		r.Contact = run.Contact.String()
		j, _ := db.Journeys.Get(tx, run.Journey)
		for _, a := range w.askedIn(tx, run, askers(j, plugin)) {
			r.Cases = append(r.Cases, console.ReplayCase{
				Journey: run.Journey, Shape: a.shape.Name, Now: a.about.Now, Reason: a.step.Reason, Detail: a.step.Detail,
				Config: a.shape.Call().Config, Input: s.fields.Append(nil, &a.about),
			})
		}
	})
	return r, ok, err
}
