package node

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"restock/core"
	"restock/core/db"
	"restock/core/hook"
	"restock/core/machine"
	"restock/wasm"
)

// asker answers the state machine's questions from live plugins (machine.Asker), for one page and until a moment: a slow
// plugin holds up its own contacts, who wait among those that ask, and nobody else's page. It holds an instance of each
// plugin that it asks until it is closed.
type asker struct {
	workspace *workspace
	ctx       context.Context // of the leader: when it ends, nothing more is asked
	until     time.Time
	open      map[place]*asking
	last      *asking // of open, where it was asked last
	at        place
}

// place is where a plugin is asked: with a configuration, at a shape.
type place struct {
	pluginUse
	shape string
}

// asking is an instance that was prepared for an occasion: a condition's or a step's.
type asking struct {
	instance
	condition *hook.Asker
	step      *hook.StepAsker
	about     hook.Context
	occasion  occasion // that about is of
	prepared  bool     // for the occasion
}

// instance is what those of conditions and steps have in common.
type instance interface {
	Prepare(about *hook.Context)
	Close()
}

// occasion is what the contacts of one activity have in common. Within a page the rest of what a plugin reads hangs on it:
// products, variants and sources change by other entries than those that ask.
type occasion struct {
	now      core.Time
	kind     core.ActivityKind
	at       core.Time
	sku      string
	market   core.Market
	price    core.Money      // when it happened
	from     core.SourceName // the activity's, which ids of products and variants are of
	source   core.SourceName // "" when that was removed
	product  core.ProductID
	variant  core.VariantID
	units    int64
	restock  core.RestockID
	openedAt core.Time
	restocks int64 // units of the restock
}

// pageTime is how long plugins may be asked for one page; contacts beyond it wait and are asked beside other works.
const pageTime = 250 * time.Millisecond

func (w *workspace) asker(ctx context.Context) *asker {
	return &asker{workspace: w, ctx: ctx, until: time.Now().Add(pageTime), open: map[place]*asking{}}
}

func (a *asker) close() {
	for _, o := range a.open {
		o.Close()
	}
}

// Ask asks a plugin; whatever goes wrong becomes a named reason of this one verdict.
func (a *asker) Ask(q machine.Question) (core.Verdict, bool) {
	if a.ctx.Err() != nil || time.Now().After(a.until) {
		return core.Verdict{}, false
	}
	v, ok := a.ask(&q)
	return v, ok && a.ctx.Err() == nil // what failed because the node stops says nothing of the plugin
}

// ask is false when the plugin was dropped between finding and asking it, since many others were asked meanwhile: the run
// waits and asks it again, whatever on_failure says.
func (a *asker) ask(q *machine.Question) (core.Verdict, bool) {
	o, err := a.asking(q)
	if errors.Is(err, wasm.ErrClosed) || errors.Is(err, errRetired) {
		return core.Verdict{}, false
	}
	if err != nil {
		return failed(err), true
	}
	o.turn(q)
	v, err := o.verdict(q.Plugin.Name)
	if err != nil {
		return failed(err), true
	}
	return v, true
}

// verdict asks about the case that turn has set.
func (o *asking) verdict(plugin core.Name) (core.Verdict, error) {
	if o.step != nil {
		answer, err := o.step.Ask(&o.about)
		if err != nil {
			return core.Verdict{}, err
		}
		return core.Verdict{Reason: answer.Reason, Step: stepAnswer(plugin, answer)}, nil
	}
	answer, err := o.condition.Ask(&o.about)
	return core.Verdict{Pass: answer.Pass, Reason: answer.Reason, Score: answer.Score, Scored: answer.Scored}, err
}

// stepAnswer is a step's answer as it is journaled, its variables in the order of their names.
func stepAnswer(plugin core.Name, a hook.StepAnswer) *core.StepAnswer {
	s := &core.StepAnswer{Action: core.StepAction(a.Action), Delay: a.Delay, Branch: a.Branch, Tags: a.Tags}
	for _, name := range slices.Sorted(maps.Keys(a.Vars)) {
		v := core.Var{Plugin: plugin, Name: name}
		switch value := a.Vars[name].(type) {
		case string:
			v.Kind, v.Text = core.VarText, value
		case int64:
			v.Kind, v.Number = core.VarNumber, value
		case bool:
			v.Kind, v.Flag = core.VarFlag, value
		case []string:
			v.Kind, v.Texts = core.VarTexts, value
		}
		s.Vars = append(s.Vars, v)
	}
	return s
}

// turn sets what the next question is about, and prepares anew when the occasion is another.
func (o *asking) turn(q *machine.Question) {
	o.about.Contact = q.Contact
	o.about.Activity.AskedAt = q.Run.Entered.AskedAt
	e := &q.Run.Entered
	next := occasion{
		q.Now, e.Kind, e.At, e.SKU, e.Market, e.Price, e.Source, q.Source.Name, q.Catalogue.Product.ID, q.Catalogue.Variant.ID, q.Units,
		q.Restock.ID, q.Restock.OpenedAt, q.Restock.Units,
	}
	if o.prepared && next == o.occasion {
		return
	}
	o.occasion, o.prepared = next, true
	o.about = hook.Context{
		Now: q.Now, Contact: q.Contact, Activity: *e, Product: q.Catalogue.Product, Variant: q.Catalogue.Variant,
		Source: q.Source, Restock: q.Restock, Units: q.Units,
	}
	o.Prepare(&o.about)
}

// asking finds the instance that is asked at the question's place, or takes one.
func (a *asker) asking(q *machine.Question) (*asking, error) {
	if q.Plugin.Name == "" {
		return nil, fmt.Errorf("there is no plugin %s; apply it", q.Shape.Call().Plugin)
	}
	if a.last != nil && a.at.is(q) {
		return a.last, nil
	}
	at := place{pluginUse{q.Plugin.Hash, string(q.Shape.Call().Config)}, q.Shape.Name}
	if o, ok := a.open[at]; ok {
		a.last, a.at = o, at
		return o, nil
	}
	b, err := a.workspace.node.plugins.ready(context.WithoutCancel(a.ctx), at.pluginUse, func() ([]byte, error) {
		return a.workspace.module(q.Plugin.Hash)
	})
	if err != nil {
		return nil, err
	}
	o, err := b.lend(a.ctx, q.Shape)
	if err != nil {
		return nil, err
	}
	a.open[at], a.last, a.at = o, o, at
	return o, nil
}

// lend takes an instance for a shape, whose kind must be the plugin's: another version may be another.
func (b *bound) lend(ctx context.Context, shape core.Shape) (*asking, error) {
	if (shape.Kind == core.ShapePlugin) != (b.step != nil) {
		return nil, fmt.Errorf("plugin %s is of another kind (condition, step) than the shape asks for; name another", shape.Call().Plugin)
	}
	if b.step != nil {
		s, err := b.step.Asker(ctx, shape.Name)
		return &asking{instance: s, step: s}, err
	}
	c, err := b.condition.Asker(ctx, shape.Name)
	return &asking{instance: c, condition: c}, err
}

// is says whether a question is asked at the place.
func (p *place) is(q *machine.Question) bool {
	return p.plugin == q.Plugin.Hash && p.shape == q.Shape.Name && p.config == string(q.Shape.Call().Config)
}

// module reads a plugin's bytes from the state.
func (w *workspace) module(h core.Hash) (module []byte, err error) {
	err = w.view(func(tx *db.Tx) { module, _ = db.Modules.Get(tx, h) })
	return module, err
}

// maxFailureText bounds what is journaled of a failure, in bytes.
const maxFailureText = 256

func failed(err error) core.Verdict {
	v := core.Verdict{Failed: "not_ready", Reason: err.Error()}
	var failure *wasm.Failure
	switch {
	case errors.As(err, &failure):
		v.Failed, v.Reason = core.Reason(failure.Reason), failure.Text
	case errors.Is(err, hook.ErrTooLarge):
		v.Failed = wasm.ReasonOutputTooLarge
	case errors.Is(err, hook.ErrAnswer):
		v.Failed = "bad_output"
	case errors.Is(err, hook.ErrOpen):
		v.Failed = "breaker_open"
	}
	v.Reason = hook.Line(strings.ToValidUTF8(v.Reason[:min(len(v.Reason), maxFailureText)], ""))
	return v
}
