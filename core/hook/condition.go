package hook

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"restock/core"
)

// Caller is a booted plugin. Call hands input to an exported function and returns its output, which the caller owns. It
// must be safe for many goroutines and must not keep input. An error that is not the context's counts against the plugin.
type Caller interface {
	Call(ctx context.Context, export string, input []byte) ([]byte, error)
}

// Condition is a plugin that can be asked about contacts. It is safe for use by many goroutines.
type Condition struct {
	caller     Caller
	name       string
	projection Projection
	breaker    breaker
}

// ErrOpen is what Ask returns while the plugin is left in peace after many failures in a row.
var ErrOpen = errors.New("the plugin failed too often in a row and is not asked for a while")

// NewCondition binds a booted plugin to its manifest, which must be of KindCondition. now is the clock of the breaker.
func NewCondition(c Caller, m Manifest, now func() core.Time) (*Condition, error) {
	if m.Kind != KindCondition {
		return nil, fmt.Errorf("binding plugin %q: it is a %s, not a %s; name another plugin", m.Name, m.Kind, KindCondition)
	}
	p, err := NewProjection(m)
	if err != nil {
		return nil, err
	}
	return &Condition{caller: c, name: m.Name, projection: p, breaker: breaker{now: now}}, nil
}

// Ask asks the plugin about one case. After breakAfter failures in a row it returns ErrOpen for breakFor without asking;
// then one caller at a time tries again. Errors wrap the Caller's, ErrAnswer or ErrOpen.
func (c *Condition) Ask(ctx context.Context, about *Context) (Answer, error) {
	a, err := c.ask(ctx, about)
	if err != nil {
		return Answer{}, fmt.Errorf("asking plugin %s: %w", c.name, err)
	}
	return a, nil
}

func (c *Condition) ask(ctx context.Context, about *Context) (Answer, error) {
	if !c.breaker.allow() {
		return Answer{}, ErrOpen
	}
	out, err := c.caller.Call(ctx, ConditionExport, c.projection.Append(nil, about))
	if err != nil && ctx.Err() != nil {
		return Answer{}, err // the asker went away: that says nothing about the plugin
	}
	var a Answer
	if err == nil {
		a, err = DecodeCondition(out)
	}
	c.breaker.note(err == nil)
	return a, err
}

// The breaker's measures: failures in a row, and how long it then stays open.
const (
	breakAfter = 20
	breakFor   = 30 * core.Second
)

// breaker stops asking a plugin that keeps failing.
type breaker struct {
	now func() core.Time

	mu       sync.Mutex // guards what follows
	failures int        // in a row
	until    core.Time  // when the next try is due; holds when failures reached breakAfter
}

// allow says whether the plugin may be asked now. Of those who come when a try is due, the first may; the next try is due
// a while later, whether or not this one ever reports.
func (b *breaker) allow() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failures < breakAfter {
		return true
	}
	now := b.now()
	if now < b.until {
		return false
	}
	b.until = now.Add(breakFor)
	return true
}

// note takes down how a call went. One success closes the breaker.
func (b *breaker) note(ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if ok {
		b.failures = 0
		return
	}
	b.failures++
	if b.failures == breakAfter {
		b.until = b.now().Add(breakFor)
	}
}
