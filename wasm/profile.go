package wasm

import (
	"context"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// Profiler hears of the calls within guests while they run, on the goroutine of the call.
type Profiler interface {
	// Enter hears that a function begins, and what fuel is left then. The name is the guest's own, or its index.
	Enter(function string, left int64)
	// Leave hears that the function entered last ends, by a return or because the guest stops.
	Leave(left int64)
}

// profiled has every function of a guest tell the profiler.
type profiled struct{ Profiler }

// NewFunctionListener implements experimental.FunctionListenerFactory.
func (p profiled) NewFunctionListener(api.FunctionDefinition) experimental.FunctionListener { return p }

func fuelLeft(m api.Module) int64 {
	if g := m.ExportedGlobal(fuelExport); g != nil {
		return int64(g.Get())
	}
	return 0
}

// Before implements experimental.FunctionListener.
func (p profiled) Before(_ context.Context, m api.Module, d api.FunctionDefinition, _ []uint64, _ experimental.StackIterator) {
	p.Enter(d.DebugName(), fuelLeft(m))
}

// After implements experimental.FunctionListener.
func (p profiled) After(_ context.Context, m api.Module, _ api.FunctionDefinition, _ []uint64) {
	p.Leave(fuelLeft(m))
}

// Abort implements experimental.FunctionListener.
func (p profiled) Abort(_ context.Context, m api.Module, _ api.FunctionDefinition, _ error) {
	p.Leave(fuelLeft(m))
}
