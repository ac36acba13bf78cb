package node

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"restock/core"
	"restock/core/db"
	"restock/core/hook"
	"restock/core/machine"
	"restock/wasm"
)

// plugins are the loaded modules of a node, and the conditions that were made of them with their configurations.
type plugins struct {
	host *wasm.Host
	now  func() core.Time

	mu         sync.Mutex
	modules    map[core.Hash]*loaded
	conditions map[conditionKey]*hook.Condition
	broken     map[conditionKey]broken
}

// broken is a plugin that did not boot: it is not tried again for each contact.
type broken struct {
	err   error
	until core.Time
}

// brokenFor is how long a plugin that did not boot is left alone.
const brokenFor = 30 * core.Second

type loaded struct {
	module   *wasm.Module
	manifest hook.Manifest
}

type conditionKey struct {
	plugin core.Hash
	config string
}

func newPlugins(ctx context.Context) (*plugins, error) {
	host, err := wasm.New(ctx, wasm.Config{
		ImportModule: hook.ImportModule, Section: hook.Section, BufferExport: hook.BufferExport,
		ConfigureExport: hook.ConfigureExport, BufferSize: hook.BufferSize, OutputLimit: hook.MaxAnswer,
	})
	if err != nil {
		return nil, fmt.Errorf("starting plugin host: %w", err)
	}
	now := func() core.Time { return core.TimeOf(time.Now()) }
	return &plugins{host: host, now: now, modules: map[core.Hash]*loaded{}, conditions: map[conditionKey]*hook.Condition{}, broken: map[conditionKey]broken{}}, nil
}

func (p *plugins) close(ctx context.Context) error { return p.host.Close(ctx) }

// load makes a module ready; what was loaded before is not loaded again.
func (p *plugins) load(ctx context.Context, h core.Hash, read func() ([]byte, error)) (*loaded, error) {
	if l, ok := p.modules[h]; ok {
		return l, nil
	}
	module, err := read()
	if err != nil {
		return nil, err
	}
	m, err := p.host.Load(ctx, module)
	if err != nil {
		return nil, err
	}
	manifest, err := hook.ReadManifest(m.Section())
	if err != nil {
		return nil, errors.Join(err, m.Close(ctx))
	}
	l := &loaded{m, manifest}
	p.modules[h] = l
	return l, nil
}

// check says whether a module can be used as a plugin.
func (p *plugins) check(ctx context.Context, h core.Hash, module []byte) (hook.Manifest, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l, err := p.load(ctx, h, func() ([]byte, error) { return module, nil })
	if err != nil {
		return hook.Manifest{}, err
	}
	return l.manifest, nil
}

// condition is the plugin with its configuration, booted once.
func (p *plugins) condition(ctx context.Context, key conditionKey, read func() ([]byte, error)) (*hook.Condition, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c, ok := p.conditions[key]; ok {
		return c, nil
	}
	if b, ok := p.broken[key]; ok && p.now() < b.until {
		return nil, b.err
	}
	c, err := p.boot(ctx, key, read)
	if err != nil {
		p.broken[key] = broken{err, p.now().Add(brokenFor)}
		return nil, err
	}
	delete(p.broken, key)
	p.conditions[key] = c
	return c, nil
}

// boot makes a condition of a plugin and a configuration.
func (p *plugins) boot(ctx context.Context, key conditionKey, read func() ([]byte, error)) (*hook.Condition, error) {
	l, err := p.load(ctx, key.plugin, read)
	if err != nil {
		return nil, err
	}
	guest, err := l.module.Boot(ctx, []byte(key.config))
	if err != nil {
		return nil, err
	}
	return hook.NewCondition(guest, l.manifest, p.now)
}

// asker answers the state machine's questions from live plugins (machine.Asker), for one page and until a moment: a slow
// plugin holds up its own contacts, who wait among those that ask, and nobody else's page.
type asker struct {
	workspace *workspace
	ctx       context.Context // of the leader: when it ends, nothing more is asked
	until     time.Time
}

// pageTime is how long plugins may be asked for one page; contacts beyond it wait and are asked beside other works.
const pageTime = 250 * time.Millisecond

func (w *workspace) asker(ctx context.Context) *asker {
	return &asker{workspace: w, ctx: ctx, until: time.Now().Add(pageTime)}
}

// Ask asks a condition; whatever goes wrong becomes a named reason of this one verdict.
func (a *asker) Ask(q machine.Question) (core.Verdict, bool) {
	if a.ctx.Err() != nil || time.Now().After(a.until) {
		return core.Verdict{}, false
	}
	v := a.ask(q)
	return v, a.ctx.Err() == nil // what failed because the node stops says nothing of the plugin
}

func (a *asker) ask(q machine.Question) core.Verdict {
	c, err := a.condition(q)
	if err != nil {
		return failed(err)
	}
	answer, err := c.Ask(a.ctx, &hook.Context{
		Now: q.Now, Contact: q.Contact, Activity: q.Run.Entered, Product: q.Catalogue.Product, Variant: q.Catalogue.Variant,
		Source: q.Source, Restock: q.Restock, Units: q.Units,
	})
	if err != nil {
		return failed(err)
	}
	return core.Verdict{Pass: answer.Pass, Reason: answer.Reason}
}

func (a *asker) condition(q machine.Question) (*hook.Condition, error) {
	if q.Plugin.Name == "" {
		return nil, fmt.Errorf("there is no plugin %s; apply it", q.Shape.Condition.Plugin)
	}
	key := conditionKey{q.Plugin.Hash, string(q.Shape.Condition.Config)}
	return a.workspace.node.plugins.condition(context.WithoutCancel(a.ctx), key, func() ([]byte, error) {
		return a.workspace.module(q.Plugin.Hash)
	})
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
	case errors.Is(err, hook.ErrAnswer):
		v.Failed = "bad_output"
	case errors.Is(err, hook.ErrOpen):
		v.Failed = "breaker_open"
	}
	v.Reason = strings.ToValidUTF8(v.Reason[:min(len(v.Reason), maxFailureText)], "")
	return v
}
