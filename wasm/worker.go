package wasm

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"restock/wasm/abi"
)

// Worker is an instance of a guest, lent to one goroutine. Every call finds it as it was booted: memory and globals are
// reset in between. A call that does not log allocates nothing. The zero Worker is closed.
type Worker struct{ *machine }

// machine is an instance. It outlives the Worker that it is lent as.
type machine struct {
	guest    *Guest
	instance api.Module
	memory   *memory
	fuel     api.MutableGlobal
	stack    api.MutableGlobal
	globals  []api.MutableGlobal // the guest's own, in the order of metered.globals
	entries  map[string]api.Function
	last     api.Function // entries[lastName]
	lastName string
	args     [2]uint64
	ctx      context.Context // carries the machine to host functions
	booted   bool
	used     bool // since the last reset
	spoiled  bool // to be replaced: its native stack grew

	moment  Moment
	slept   int64 // ns that the guest's clocks ran ahead in this call
	chance  *rand.ChaCha8
	seeded  bool // chance belongs to this call
	logs    []Log
	logged  int  // bytes in logs
	cut     bool // something was left out of logs
	stopped *Failure
}

// Moment is what a guest sees of time and chance during one call: the same moment and input give the same output, fuel and
// logs, on every machine.
type Moment struct {
	Now  int64    // the clock: ms since 1970 in UTC
	Seed [32]byte // what random bytes are made of
}

// Result is what came of a call that did not fail. Of a Worker, it is valid until the next call.
type Result struct {
	Output  []byte // of a Worker, the guest's own memory: for reading only
	Fuel    int64  // used
	Logs    []Log  // in the order they were written
	LogsCut bool   // more was logged than Config.LogLimit, or more than maxLogs
}

type callKey struct{}

func machineOf(ctx context.Context) *machine { return ctx.Value(callKey{}).(*machine) }

// newMachine makes an instance on a memory. Nothing of the guest runs yet.
func newMachine(g *Guest, m *memory) (*machine, error) {
	w := &machine{guest: g, memory: m, entries: map[string]api.Function{}}
	w.ctx = context.WithValue(context.Background(), callKey{}, w)
	ctx := experimental.WithMemoryAllocator(context.Background(), m)
	config := wazero.NewModuleConfig().WithName("").WithStartFunctions()
	host := g.module.host
	var err error
	w.instance, err = host.runtime.InstantiateModule(ctx, g.module.compiled, config)
	if err != nil {
		m.Free()
		return nil, fmt.Errorf("making an instance: %w", err)
	}
	w.fuel = w.global(fuelExport)
	w.stack = w.global(stackExport)
	for _, name := range g.module.metered.globals {
		w.globals = append(w.globals, w.global(name))
	}
	return w, nil
}

func (w *machine) global(export string) api.MutableGlobal {
	return w.instance.ExportedGlobal(export).(api.MutableGlobal)
}

// close frees the instance with its memory.
func (w *machine) close() { _ = w.instance.Close(w.ctx) } // the instance is gone either way

// Call hands input to the entry function named export. The error is a *Failure when the guest is to blame, and ErrClosed
// after Close; the worker is as good as new for the next call either way.
func (w *Worker) Call(export string, input []byte, at Moment) (Result, error) {
	if w.machine == nil {
		return Result{}, ErrClosed
	}
	return w.call(export, input, at)
}

func (w *machine) call(export string, input []byte, at Moment) (Result, error) {
	runtime.LockOSThread() // until the output is there: a reset may rest on which thread had the guest's page faults
	defer runtime.UnlockOSThread()
	fuel := w.guest.module.host.config.Fuel
	if err := w.begin(fuel, at); err != nil {
		return Result{}, err
	}
	output, err := w.perform(export, input)
	left := int64(w.fuel.Get())
	if err == nil && left >= 0 {
		return Result{output, fuel - left, w.logs, w.cut}, nil
	}
	return Result{}, w.explain(err, fuel)
}

// begin brings the instance back and sets its budgets.
func (w *machine) begin(fuel int64, at Moment) error {
	if w.used {
		if err := w.reset(); err != nil {
			return err
		}
	} else {
		w.memory.backing.skip()
	}
	w.used = w.booted && !w.guest.module.host.config.KeepState
	w.fuel.Set(uint64(fuel))
	w.stack.Set(uint64(w.guest.module.host.config.StackLimit))
	w.moment, w.slept, w.seeded = at, 0, false
	w.logs, w.logged, w.cut, w.stopped = w.logs[:0], 0, false, nil
	return nil
}

// reset makes the instance what it was after booting. The goroutine is locked to its thread.
func (w *machine) reset() error {
	if w.spoiled {
		return w.replace()
	}
	if w.memory.reset() {
		w.instance.Memory().Grow(1) // answers what the reset left, see memory.Reallocate
	}
	for i, g := range w.globals {
		g.Set(w.guest.globals[i])
	}
	return nil
}

// replace takes a new instance in the place of this one.
func (w *machine) replace() error {
	fresh, err := w.guest.newMachine()
	if err != nil {
		return &Failure{Reason: ReasonNotReady, Text: clip(err.Error(), maxText)}
	}
	w.close()
	logs := w.logs
	*w = *fresh
	w.ctx = context.WithValue(context.Background(), callKey{}, w)
	w.logs = logs
	return nil
}

func (w *machine) perform(export string, input []byte) ([]byte, error) {
	entry, err := w.entry(export, entrySignature)
	if err != nil {
		return nil, err
	}
	packed, err := w.invoke(export, entry, input)
	if err != nil {
		return nil, err
	}
	return w.output(packed)
}

// entry finds an exported function; the last one without looking.
func (w *machine) entry(export string, want signature) (api.Function, error) {
	if w.last != nil && w.lastName == export {
		return w.last, nil
	}
	f, ok := w.entries[export]
	if !ok {
		if err := w.guest.module.checkExport(export, want); err != nil {
			return nil, &Failure{Reason: ReasonNotReady, Text: err.Error()}
		}
		f = w.instance.ExportedFunction(export)
		w.entries[export] = f
	}
	w.last, w.lastName = f, export
	return f, nil
}

// invoke writes input into the buffer and calls a function that takes (ptr, len) and answers one number.
func (w *machine) invoke(export string, f api.Function, input []byte) (uint64, error) {
	buffer, size := w.guest.buffer, w.guest.module.host.config.BufferSize
	if len(input) > int(size) {
		return 0, &Failure{Reason: ReasonInputTooLarge, Text: fmt.Sprintf(
			"%s was to be handed %d bytes, the limit is %d; hand it less or raise the buffer's size", export, len(input), size)}
	}
	copy(w.memory.b[buffer:buffer+size], input)
	w.args = [2]uint64{uint64(buffer), uint64(len(input))}
	err := f.CallWithStack(w.ctx, w.args[:])
	return w.args[0], err
}

// output is a view of the output in the guest's memory.
func (w *machine) output(packed uint64) ([]byte, error) {
	ptr, n := abi.Unpack(packed)
	if limit := w.guest.module.host.config.OutputLimit; n > limit {
		return nil, &Failure{Reason: ReasonOutputTooLarge, Text: fmt.Sprintf("the output has %d bytes, the limit is %d", n, limit)}
	}
	b, ok := w.view(ptr, n)
	if !ok {
		return nil, &Failure{Reason: ReasonBadOutput, Text: fmt.Sprintf(
			"the output of %d bytes at %#x lies outside of the memory of %d bytes", n, ptr, len(w.memory.b))}
	}
	return b, nil
}

// view is a part of the guest's memory; false when it lies outside.
func (w *machine) view(ptr, n uint32) ([]byte, bool) {
	end := uint64(ptr) + uint64(n)
	if end > uint64(len(w.memory.b)) {
		return nil, false
	}
	return w.memory.b[ptr:end:end], true
}
