package wasm

import (
	"context"
	"fmt"
	"runtime"
	"slices"
)

// Guest is a module together with its configuration, booted once: what its memory and globals held then is what every call
// finds. It is safe for use by many goroutines.
type Guest struct {
	module   *Module
	image    *image
	globals  []uint64 // in the order of metered.globals
	buffer   uint32   // where inputs are written
	bootFuel int64
	size     int // of the image, in bytes

	closed bool // guarded by module.mu, as what follows
	idle   []*machine
	out    int // instances that somebody has
}

// BootFuel is the fuel that booting used, configuration included.
func (g *Guest) BootFuel() int64 { return g.bootFuel }

// ImageSize is the memory that the booted guest has, in bytes; all its workers share what they do not write.
func (g *Guest) ImageSize() int { return g.size }

// Call hands input to the entry function named export and returns its output, which is the caller's. The guest's clock
// stands at 1970 and its random bytes are the same every time; a Worker can be given others, and costs less.
//
// The error is a *Failure when the guest is to blame, wraps the context's error when ctx ended before, and is ErrClosed
// after Close. A call under way is not interrupted: its fuel ends it.
func (g *Guest) Call(ctx context.Context, export string, input []byte) ([]byte, error) {
	r, err := g.Trace(ctx, export, input)
	return r.Output, err
}

// Trace is Call that also returns what the guest used and logged.
func (g *Guest) Trace(ctx context.Context, export string, input []byte) (Result, error) {
	w, err := g.Worker(ctx)
	if err != nil {
		return Result{}, err
	}
	defer w.Close()
	r, err := w.Call(export, input, Moment{})
	r.Output, r.Logs = append([]byte(nil), r.Output...), slices.Clone(r.Logs)
	return r, err
}

// Worker lends an instance to one goroutine, an idle one when there is one. It must be given back by Close: Module.Close
// waits for that.
func (g *Guest) Worker(ctx context.Context) (*Worker, error) {
	if err := g.take(ctx); err != nil {
		return nil, err
	}
	if m := g.popIdle(); m != nil {
		return &Worker{m}, nil
	}
	m, err := g.newMachine()
	if err != nil {
		g.release(nil)
		return nil, err
	}
	return &Worker{m}, nil
}

// Close gives the instance back; no call may be under way. Closing twice is harmless.
func (w *Worker) Close() {
	if w.machine == nil {
		return
	}
	w.guest.release(w.machine)
	w.machine = nil
}

// take counts one instance more.
func (g *Guest) take(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("calling guest: %w", context.Cause(ctx))
	}
	g.module.mu.Lock()
	defer g.module.mu.Unlock()
	if g.closed || g.module.closed {
		return ErrClosed
	}
	g.out++
	return nil
}

func (g *Guest) popIdle() *machine {
	g.module.mu.Lock()
	defer g.module.mu.Unlock()
	n := len(g.idle)
	if n == 0 {
		return nil
	}
	w := g.idle[n-1]
	g.idle = g.idle[:n-1]
	return w
}

// release counts one instance less and keeps it when it may be lent again. The last one of a closed guest frees the
// image.
func (g *Guest) release(w *machine) {
	m := g.module
	m.mu.Lock()
	defer m.mu.Unlock()
	g.out--
	keep := w != nil && !g.closed && len(g.idle) < runtime.GOMAXPROCS(0)
	if keep {
		g.idle = append(g.idle, w)
	} else if w != nil {
		w.close()
	}
	g.freeIfDone()
	m.idle.Broadcast()
}

// freeIfDone frees the image behind the last worker. module.mu is held.
func (g *Guest) freeIfDone() {
	if !g.closed || g.out > 0 || g.image == nil {
		return
	}
	g.image.close()
	g.image = nil
	g.module.forget(g)
}

// Close makes further calls return ErrClosed; those under way finish. The module stays loaded.
func (g *Guest) Close() error {
	g.module.mu.Lock()
	defer g.module.mu.Unlock()
	g.shut()
	return nil
}

// shut closes the guest and its idle workers. module.mu is held.
func (g *Guest) shut() {
	if g.closed {
		return
	}
	g.closed = true
	for _, w := range g.idle {
		w.close()
	}
	g.idle = nil
	g.freeIfDone()
}

// newMachine makes an instance that begins as the image.
func (g *Guest) newMachine() (*machine, error) {
	host := g.module.host
	kind := chooseMemories(host.memories, host.able, len(g.image.bytes))
	memory, err := g.image.memory(g.module.metered.most, kind, host.pagemap)
	if err != nil {
		return nil, err
	}
	w, err := newMachine(g, memory)
	if err != nil {
		return nil, err
	}
	for i, v := range g.globals {
		w.globals[i].Set(v)
	}
	w.booted = true
	return w, nil
}

// Lend is Worker for callers that know no type of this package: call is Worker.Call, whose output is valid until the next
// call, with the clock in ms since 1970; giveBack is Worker.Close.
func (g *Guest) Lend(ctx context.Context) (call func(export string, input []byte, now int64, seed [32]byte) ([]byte, error), giveBack func(), err error) {
	w, err := g.Worker(ctx)
	if err != nil {
		return nil, nil, err
	}
	call = func(export string, input []byte, now int64, seed [32]byte) ([]byte, error) {
		r, err := w.Call(export, input, Moment{now, seed})
		return r.Output, err
	}
	return call, w.Close, nil
}
