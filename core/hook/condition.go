package hook

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"restock/core"
)

// Guest is a booted plugin. It must be safe for many goroutines.
type Guest interface {
	// Lend lends an instance to one goroutine, until it calls giveBack. call hands input to an exported function, with
	// what the plugin's clock shows in ms since 1970 and the seed of its chance; the output is valid until the next
	// call, and input is not kept. An error of Lend is no fault of the plugin; one of call counts against it.
	Lend(ctx context.Context) (call Call, giveBack func(), err error)
}

// Call is a plugin's instance, as Guest.Lend lends it.
type Call = func(export string, input []byte, now int64, seed [32]byte) (output []byte, err error)

// Witness hears how plugins fare. Its methods are called while the plugin is asked: they must be quick.
type Witness interface {
	// Failed hears each failure.
	Failed(m Manifest, err error)
	// Opened hears that the plugin is left in peace until a moment, after so many failures in a row, and the input of
	// the last one.
	Opened(m Manifest, failures int, until core.Time, last Sample)
	// Closed hears that it works again.
	Closed(m Manifest)
}

// Sample is one input that a plugin failed on: handed to it once more, it fails again in the same way.
type Sample struct {
	Export string
	Input  []byte
	Now    core.Time
	Seed   [32]byte
	Err    error
}

// Condition is a plugin that can be asked about contacts. It is safe for use by many goroutines.
type Condition struct {
	guest      Guest
	manifest   Manifest
	projection Projection
	breaker    breaker
	witness    Witness
}

// ErrOpen is what Ask returns while the plugin is left in peace after many failures in a row.
var ErrOpen = errors.New("the plugin failed too often in a row and is not asked for a while")

// NewCondition binds a booted plugin to its manifest, which must be of KindCondition. now is the clock of the breaker.
func NewCondition(g Guest, m Manifest, now func() core.Time) (*Condition, error) {
	if m.Kind != KindCondition {
		return nil, fmt.Errorf("binding plugin %q: it is a %s, not a %s; name another plugin", m.Name, m.Kind, KindCondition)
	}
	p, err := NewProjection(m)
	if err != nil {
		return nil, err
	}
	return &Condition{guest: g, manifest: m, projection: p, breaker: breaker{now: now}}, nil
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

// Asker asks a plugin about many cases, for one goroutine.
type Asker struct {
	condition *Condition
	call      Call
	giveBack  func()
	prepared  Prepared
	input     []byte
	seed      [32]byte // the contact's id goes before
}

// Asker takes an instance of the plugin. step is where it is asked: together with contact and plugin it seeds the
// plugin's chance.
func (c *Condition) Asker(ctx context.Context, step string) (*Asker, error) {
	call, giveBack, err := c.guest.Lend(ctx)
	if err != nil {
		return nil, fmt.Errorf("asking plugin %s: %w", c.manifest.Name, err)
	}
	a := &Asker{condition: c, call: call, giveBack: giveBack}
	place := sha256.Sum256([]byte(c.manifest.Name + "\x00" + step))
	copy(a.seed[len(core.ContactID{}):], place[:])
	return a, nil
}

// Close gives the instance back.
func (a *Asker) Close() { a.giveBack() }

// Prepare writes what does not depend on the contact, for the cases that follow: those of one activity. It must be called
// before the first Ask, and whenever anything in the case changes but the contact and the time of its asking.
func (a *Asker) Prepare(about *Context) { a.prepared = a.condition.projection.Prepare(about) }

// Ask is Condition.Ask about the next case.
func (a *Asker) Ask(about *Context) (Answer, error) {
	c := a.condition
	if !c.breaker.allow() {
		return Answer{}, c.named(ErrOpen)
	}
	a.input = a.prepared.Append(a.input[:0], about)
	copy(a.seed[:], about.Contact.ID[:])
	out, err := a.call(ConditionExport, a.input, int64(about.Now), a.seed)
	var answer Answer
	if err == nil {
		answer, err = DecodeCondition(out)
	}
	if err != nil {
		a.failed(about.Now, err)
		return Answer{}, c.named(err)
	}
	if c.breaker.succeed() && c.witness != nil {
		c.witness.Closed(c.manifest)
	}
	return answer, nil
}

func (c *Condition) named(err error) error {
	return fmt.Errorf("asking plugin %s: %w", c.manifest.Name, err)
}

// failed takes a failure down and tells the witness.
func (a *Asker) failed(now core.Time, err error) {
	c := a.condition
	failures, until := c.breaker.fail()
	if c.witness == nil {
		return
	}
	c.witness.Failed(c.manifest, err)
	if until != 0 {
		input := append([]byte(nil), a.input...)
		c.witness.Opened(c.manifest, failures, until, Sample{ConditionExport, input, now, a.seed, err})
	}
}
