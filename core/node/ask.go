package node

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"restock/core"
	"restock/core/db"
	"restock/core/hook"
	"restock/core/machine"
	"restock/wasm"
)

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
