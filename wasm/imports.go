package wasm

import (
	"context"
	"errors"
	"fmt"

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

// errStopped unwinds a guest; call.stopped says why.
var errStopped = errors.New("stopped by the host")

// instantiateImports offers log and fail under the configured module name.
func (h *Host) instantiateImports(ctx context.Context) (api.Module, error) {
	three := []api.ValueType{i32, i32, i32}
	b := h.runtime.NewHostModuleBuilder(h.config.ImportModule)
	b.NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(logFunction), three, nil).Export("log")
	b.NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(failFunction), three, nil).Export("fail")
	return b.Instantiate(ctx)
}

// logFunction is log(level, ptr, len). It never stops a guest for saying too much: what is over the limit is cut off.
func logFunction(ctx context.Context, guest api.Module, stack []uint64) {
	c := callOf(ctx)
	level := Level(int32(stack[0]))
	if level < LevelDebug || level > LevelError {
		c.stop(ReasonHostRefused, fmt.Sprintf("log: there is no level %d; use %d to %d", level, LevelDebug, LevelError))
	}
	c.log(level, c.words(guest, "log", stack))
}

// failFunction is fail(code, ptr, len): the guest gives up and says why. It does not return.
func failFunction(ctx context.Context, guest api.Module, stack []uint64) {
	c := callOf(ctx)
	words := c.words(guest, "fail", stack)
	reason := ReasonTrapped
	if !c.booted {
		reason = ReasonNotReady
	}
	c.stop(reason, fmt.Sprintf("fail(%d): %s", int32(stack[0]), words))
}

func callOf(ctx context.Context) *call { return ctx.Value(callKey{}).(*call) }

// words is the view of the guest's memory that the second and third argument name, or one byte more of it than is ever
// kept.
func (c *call) words(guest api.Module, function string, stack []uint64) []byte {
	ptr, n := uint32(stack[1]), uint32(stack[2])
	view, ok := guest.Memory().Read(ptr, n)
	if !ok {
		c.stop(ReasonHostRefused, fmt.Sprintf("%s: the text of %d bytes at %#x lies outside of the memory", function, n, ptr))
	}
	return view[:min(len(view), 1+max(c.config.LogLimit, maxText))]
}

// stop ends the guest: it unwinds by a panic, which wazero turns into the error of the call.
func (c *call) stop(reason, text string) {
	c.stopped = &Failure{Reason: reason, Text: text}
	panic(errStopped)
}

// maxLogs bounds the number of kept lines, since an empty one has no bytes to count.
const maxLogs = 64

func (c *call) log(level Level, text []byte) {
	kept := clip(string(text), c.config.LogLimit-c.logged)
	if len(c.logs) == maxLogs || kept == "" && len(text) > 0 {
		c.cut = true
		return
	}
	c.cut = c.cut || len(kept) < len(text)
	c.logged += len(kept)
	c.logs = append(c.logs, Log{level, kept})
}

// errorWriter is the guest's standard error.
type errorWriter struct{ c *call }

// Write never fails, so that a guest goes on whether its words are kept or not. Runtimes write panics in many pieces:
// they are joined to one log.
func (w errorWriter) Write(p []byte) (int, error) {
	c := w.c
	last := len(c.logs) - 1
	if last < 0 || c.logs[last].Level != LevelError {
		c.log(LevelError, p)
		return len(p), nil
	}
	kept := clip(string(p), c.config.LogLimit-c.logged)
	c.cut = c.cut || len(kept) < len(p)
	c.logged += len(kept)
	c.logs[last].Text += kept
	return len(p), nil
}
