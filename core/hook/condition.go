package hook

import (
	"bytes"
	"context"

	"restock/core"
)

// Condition is a plugin that can be asked whether contacts pass. It is safe for use by many goroutines.
type Condition struct{ *plugin }

// NewCondition binds a booted plugin to its manifest, which must be of KindCondition. now is the clock of the breaker.
func NewCondition(g Guest, m Manifest, now func() core.Time) (*Condition, error) {
	p, err := bind(g, m, KindCondition, ConditionExport, now)
	if err != nil {
		return nil, err
	}
	return &Condition{p}, nil
}

// Witnessed makes w hear how the plugin fares; before the first Ask.
func (c *Condition) Witnessed(w Witness) *Condition {
	c.witness = w
	return c
}

// Ask asks the plugin about one case. After breakAfter failures in a row it returns ErrOpen for breakFor without asking;
// then one caller at a time tries again. Errors wrap the Guest's, ErrAnswer or ErrOpen. Who asks about many takes an
// Asker.
func (c *Condition) Ask(ctx context.Context, about *Context) (Answer, error) {
	a, err := c.Asker(ctx, "")
	if err != nil {
		return Answer{}, err
	}
	defer a.Close()
	a.Prepare(about)
	return a.Ask(about)
}

// Asker asks a condition about many cases, for one goroutine.
type Asker struct {
	asking
	output []byte // the last that was decoded: what is answered often is read once
	answer Answer
}

// Asker takes an instance of the plugin. step is where it is asked: together with contact and plugin it seeds the
// plugin's chance.
func (c *Condition) Asker(ctx context.Context, step string) (*Asker, error) {
	a, err := c.lend(ctx, step)
	if err != nil {
		return nil, err
	}
	return &Asker{asking: a}, nil
}

// Ask is Condition.Ask about the next case.
func (a *Asker) Ask(about *Context) (Answer, error) { return ask(&a.asking, about, a.decode) }

func (a *Asker) decode(out []byte) (Answer, error) {
	if len(out) > 0 && bytes.Equal(out, a.output) {
		return a.answer, nil
	}
	answer, err := DecodeCondition(out)
	if err == nil {
		a.output, a.answer = append(a.output[:0], out...), answer
	}
	return answer, err
}
