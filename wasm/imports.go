package wasm

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/tetratelabs/wazero/api"
)

// Level is how much a log line matters.
type Level int32

// The levels. A guest's standard error, where language runtimes report their panics, is logged as LevelError.
const (
	LevelDebug Level = iota
	LevelInfo
	LevelWarn
	LevelError
)

// Log is one thing that a guest said.
type Log struct {
	Level Level
	Text  string // valid UTF-8
}

// hostFunction is a function that guests may import. It finds its arguments in stack and leaves its result there.
type hostFunction struct {
	name            string
	params, results []api.ValueType
	call            func(w *machine, stack []uint64)
}

// hostModule offers functions under a module name. Each costs fuel before it does anything, also when it is reached
// through the table.
func (h *Host) hostModule(ctx context.Context, name string, functions []hostFunction) (api.Module, error) {
	b := h.runtime.NewHostModuleBuilder(name)
	for _, f := range functions {
		call := api.GoModuleFunc(func(ctx context.Context, _ api.Module, stack []uint64) {
			w := machineOf(ctx)
			w.charge(priceHostCall)
			f.call(w, stack)
		})
		b.NewFunctionBuilder().WithGoModuleFunction(call, f.params, f.results).Export(f.name)
	}
	return b.Instantiate(ctx)
}

// ownFunctions are those of Config.ImportModule.
func ownFunctions() []hostFunction {
	three := []api.ValueType{i32, i32, i32}
	return []hostFunction{
		{"log", three, nil, logFunction},
		{"fail", three, nil, failFunction},
	}
}

// logFunction is log(level, ptr, len). It never stops a guest for saying too much: what is over the limit is cut off.
func logFunction(w *machine, stack []uint64) {
	level := Level(int32(stack[0]))
	if level < LevelDebug || level > LevelError {
		w.stop(ReasonHostRefused, fmt.Sprintf("log: there is no level %d; use %d to %d", level, LevelDebug, LevelError))
	}
	w.log(level, w.words("log", stack))
}

// failFunction is fail(code, ptr, len): the guest gives up and says why. It does not return.
func failFunction(w *machine, stack []uint64) {
	words := w.words("fail", stack)
	w.stop(w.ownFault(), fmt.Sprintf("fail(%d): %s", int32(stack[0]), words))
}

// ownFault is the reason when a guest ends itself.
func (w *machine) ownFault() string {
	if !w.booted {
		return ReasonNotReady
	}
	return ReasonTrapped
}

// words is the view of the guest's memory that the second and third argument name, or one byte more of it than is ever
// kept.
func (w *machine) words(function string, stack []uint64) []byte {
	ptr, n := uint32(stack[1]), uint32(stack[2])
	view, ok := w.view(ptr, n)
	if !ok {
		w.stop(ReasonHostRefused, fmt.Sprintf("%s: the text of %d bytes at %#x lies outside of the memory", function, n, ptr))
	}
	view = view[:min(len(view), 1+max(w.guest.module.host.config.LogLimit, maxText))]
	w.charge(priceHostByte * int64(len(view)))
	return view
}

// errStopped unwinds a guest; machine.stopped says why.
var errStopped = errors.New("stopped by the host")

// stop ends the guest: it unwinds by a panic, which wazero turns into the error of the call.
func (w *machine) stop(reason, text string) {
	w.stopped = &Failure{Reason: reason, Text: text}
	panic(errStopped)
}

// charge takes fuel for what the host is about to do, and ends a guest that cannot pay.
func (w *machine) charge(fuel int64) {
	left := int64(w.fuel.Get()) - fuel
	w.fuel.Set(uint64(left))
	if left < 0 {
		config := w.guest.module.host.config
		budget := config.Fuel
		if !w.booted {
			budget = config.BootFuel
		}
		w.stopped = outOfFuel(budget)
		panic(errStopped)
	}
}

// maxLogs bounds the number of kept lines, since an empty one has no bytes to count.
const maxLogs = 64

// log keeps what fits. Once something was cut off nothing more is kept, so that what is there has no holes.
func (w *machine) log(level Level, text []byte) {
	if w.cut = w.cut || len(w.logs) == maxLogs; w.cut {
		return
	}
	kept := w.fit(text)
	if w.cut && kept == "" {
		return
	}
	w.logs = append(w.logs, Log{level, kept})
}

// fit is what the logs have room for of a text; it takes the room, and marks the logs as cut when that is not all. Bytes
// that are no UTF-8 become fewer: that alone cuts nothing.
func (w *machine) fit(text []byte) string {
	limit := w.guest.module.host.config.LogLimit
	whole := strings.ToValidUTF8(string(text), "\uFFFD")
	kept := clip(whole, limit-w.logged)
	w.cut = len(kept) < len(whole) || len(text) > limit
	w.logged += len(kept)
	return kept
}

// errorOutput is what a guest writes to its standard error. Runtimes write panics in many pieces: they are joined to one
// log.
func (w *machine) errorOutput(p []byte) {
	last := len(w.logs) - 1
	if last < 0 || w.logs[last].Level != LevelError {
		w.log(LevelError, p)
		return
	}
	if w.cut {
		return
	}
	w.logs[last].Text += w.fit(p)
}
