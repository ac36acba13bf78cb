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

// ErrOpen is what Ask returns while the plugin is left in peace after many failures in a row.
var ErrOpen = errors.New("the plugin failed too often in a row and is not asked for a while")

// plugin is what conditions and steps have in common: a booted plugin, bound to its manifest.
type plugin struct {
	guest      Guest
	manifest   Manifest
	export     string // the function that is asked
	projection Projection
	breaker    breaker
	witness    Witness // nil: nobody listens
}

// bind holds the manifest against what the plugin is to be used as.
func bind(g Guest, m Manifest, kind Kind, export string, now func() core.Time) (*plugin, error) {
	if m.Kind != kind {
		return nil, fmt.Errorf("binding plugin %q: it is a %s, not a %s; name another plugin", m.Name, m.Kind, kind)
	}
	p, err := NewProjection(m)
	if err != nil {
		return nil, err
	}
	return &plugin{guest: g, manifest: m, export: export, projection: p, breaker: breaker{now: now}}, nil
}

func (p *plugin) named(err error) error {
	return fmt.Errorf("asking plugin %s: %w", p.manifest.Name, err)
}

// asking is an instance of a plugin, for one goroutine.
type asking struct {
	plugin   *plugin
	call     Call
	giveBack func()
	prepared Prepared
	input    []byte
	seed     [32]byte // the contact's id goes before
}

func (p *plugin) lend(ctx context.Context, step string) (asking, error) {
	call, giveBack, err := p.guest.Lend(ctx)
	if err != nil {
		return asking{}, p.named(err)
	}
	return asking{plugin: p, call: call, giveBack: giveBack, seed: p.manifest.Seed(core.ContactID{}, step)}, nil
}

// Seed is what the plugin's chance is made of where it is asked about a contact: the contact's id, then a hash of the plugin's name
// and the place.
func (m Manifest) Seed(c core.ContactID, step string) (seed [32]byte) {
	place := sha256.Sum256([]byte(m.Name + "\x00" + step))
	copy(seed[copy(seed[:], c[:]):], place[:])
	return seed
}

// Close gives the instance back.
func (a *asking) Close() { a.giveBack() }

// Prepare writes what does not depend on the contact, for the cases that follow: those of one activity. It must be called
// before the first Ask, and whenever anything in the case changes but the contact and the time of its asking.
func (a *asking) Prepare(about *Context) { a.prepared = a.plugin.projection.Prepare(about) }

// ask asks about the next case and decodes what is answered; the zero answer goes with every error.
func ask[T any](a *asking, about *Context, decode func([]byte) (T, error)) (answer T, err error) {
	p := a.plugin
	if !p.breaker.allow() {
		return answer, p.named(ErrOpen)
	}
	a.input = a.prepared.Append(a.input[:0], about)
	copy(a.seed[:], about.Contact.ID[:])
	out, err := a.call(p.export, a.input, int64(about.Now), a.seed)
	if err == nil {
		answer, err = decode(out)
	}
	if err != nil {
		a.failed(about.Now, err)
		return answer, p.named(err)
	}
	if p.breaker.succeed() && p.witness != nil {
		p.witness.Closed(p.manifest)
	}
	return answer, nil
}

// failed takes a failure down and tells the witness.
func (a *asking) failed(now core.Time, err error) {
	p := a.plugin
	failures, until := p.breaker.fail()
	if p.witness == nil {
		return
	}
	p.witness.Failed(p.manifest, err)
	if until != 0 {
		input := append([]byte(nil), a.input...)
		p.witness.Opened(p.manifest, failures, until, Sample{p.export, input, now, a.seed, err})
	}
}
