package wasm

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/tetratelabs/wazero/api"
	"restock/wasm/abi"
)

// Guest is a module together with its configuration, ready to be asked. It is safe for use by many goroutines.
type Guest struct {
	module *Module
	config []byte
	closed atomic.Bool
}

// Result is what came of a call that did not fail.
type Result struct {
	Output  []byte // the caller's to keep
	Logs    []Log  // in the order they were written
	LogsCut bool   // more was logged than Config.LogLimit
}

// Call hands input to the entry function named export and returns its output.
//
// Every call gets a fresh instance, made, booted and configured within Config.CallTime and thrown away afterwards: no
// call can see what another one left behind, and one that fails harms no other. That costs some 36 µs for a guest in C
// and 1.8 ms for one in Go.
//
// The error is a *Failure when the guest is to blame, wraps the context's error when ctx ended first, and is ErrClosed
// after Close.
func (g *Guest) Call(ctx context.Context, export string, input []byte) ([]byte, error) {
	r, err := g.Trace(ctx, export, input)
	return r.Output, err
}

// Trace is Call that also returns what the guest logged.
func (g *Guest) Trace(ctx context.Context, export string, input []byte) (Result, error) {
	if g.closed.Load() {
		return Result{}, ErrClosed
	}
	if err := g.module.checkExport(export, entrySignature); err != nil {
		return Result{}, &Failure{Reason: ReasonNotReady, Text: err.Error()}
	}
	return g.run(ctx, export, input)
}

// Close makes further calls return ErrClosed; those under way finish. The module stays loaded.
func (g *Guest) Close() error {
	g.closed.Store(true)
	return nil
}

// run makes an instance, boots it and, when export is not "", calls that.
func (g *Guest) run(ctx context.Context, export string, input []byte) (Result, error) {
	g.module.open.RLock()
	defer g.module.open.RUnlock()
	if g.module.closed {
		return Result{}, ErrClosed
	}
	c := newCall(ctx, g.module.host.config)
	defer c.end()
	output, err := g.perform(c, export, input)
	if err != nil {
		return Result{}, c.explain(ctx, err)
	}
	return Result{Output: output, Logs: c.logs, LogsCut: c.cut}, nil
}

func (g *Guest) perform(c *call, export string, input []byte) ([]byte, error) {
	host := g.module.host
	instance, err := host.runtime.InstantiateModule(c.ctx, g.module.compiled, c.moduleConfig())
	if err != nil {
		return nil, err
	}
	defer func() { _ = instance.Close(context.WithoutCancel(c.ctx)) }() // the instance is gone either way
	buffer, err := g.boot(c, instance)
	if err != nil {
		return nil, err
	}
	c.booted = true
	if export == "" {
		return nil, nil
	}
	packed, err := c.invoke(instance, export, buffer, input)
	if err != nil {
		return nil, err
	}
	return readOutput(instance.Memory(), packed, host.config.OutputLimit)
}

// boot asks where inputs are written and hands over the configuration.
func (g *Guest) boot(c *call, instance api.Module) (buffer uint32, err error) {
	config := g.module.host.config
	answer, err := instance.ExportedFunction(config.BufferExport).Call(c.ctx, uint64(config.BufferSize))
	if err != nil {
		return 0, err
	}
	buffer = uint32(answer[0])
	if _, ok := instance.Memory().Read(buffer, config.BufferSize); !ok || buffer == 0 {
		return 0, &Failure{Reason: ReasonNotReady, Text: fmt.Sprintf(
			"%s(%d) answered %#x, where there is no room for that many bytes", config.BufferExport, config.BufferSize, buffer)}
	}
	if !g.module.Exports(config.ConfigureExport) {
		return buffer, nil
	}
	code, err := c.invoke(instance, config.ConfigureExport, buffer, g.config)
	if err != nil {
		return 0, err
	}
	if uint32(code) != 0 {
		return 0, &Failure{Reason: ReasonNotReady, Text: fmt.Sprintf(
			"%s answered %d: the guest refuses its configuration", config.ConfigureExport, int32(code))}
	}
	return buffer, nil
}

// readOutput copies the output out of the guest's memory.
func readOutput(memory api.Memory, packed uint64, limit uint32) ([]byte, error) {
	ptr, n := abi.Unpack(packed)
	if n > limit {
		return nil, &Failure{Reason: ReasonOutputTooLarge, Text: fmt.Sprintf("the output has %d bytes, the limit is %d", n, limit)}
	}
	view, ok := memory.Read(ptr, n)
	if !ok {
		return nil, &Failure{Reason: ReasonBadOutput, Text: fmt.Sprintf(
			"the output of %d bytes at %#x lies outside of the memory of %d bytes", n, ptr, memory.Size())}
	}
	return append([]byte{}, view...), nil
}
