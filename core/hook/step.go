package hook

import (
	"context"

	"restock/core"
)

// Step is a plugin that can be asked what becomes of contacts in a journey. It is safe for use by many goroutines.
type Step struct{ *plugin }

// NewStep binds a booted plugin to its manifest, which must be of KindStep. now is the clock of the breaker.
func NewStep(g Guest, m Manifest, now func() core.Time) (*Step, error) {
	p, err := bind(g, m, KindStep, StepExport, now)
	if err != nil {
		return nil, err
	}
	return &Step{p}, nil
}

// Witnessed makes w hear how the plugin fares; before the first Ask.
func (s *Step) Witnessed(w Witness) *Step {
	s.witness = w
	return s
}

// StepAsker asks a step about many cases, for one goroutine.
type StepAsker struct {
	asking
	decode func([]byte) (StepAnswer, error)
}

// Asker takes an instance of the plugin. step is where it is asked: together with contact and plugin it seeds the
// plugin's chance.
func (s *Step) Asker(ctx context.Context, step string) (*StepAsker, error) {
	a, err := s.lend(ctx, step)
	if err != nil {
		return nil, err
	}
	return &StepAsker{a, s.manifest.DecodeStep}, nil
}

// Ask asks the plugin about the next case, with the breaker of Condition.Ask. Errors wrap the Guest's, ErrAnswer or
// ErrOpen; what then becomes of the contact is Manifest.FailurePolicy's to say, unless the journey does.
func (a *StepAsker) Ask(about *Context) (StepAnswer, error) { return ask(&a.asking, about, a.decode) }
