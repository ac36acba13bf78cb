package wasm

import (
	"context"
	"errors"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// prepare is the whole of what happens to a module before it is compiled: the bounded parser, wazero's validation of what
// the author built, metering. It is deterministic, and holds nothing of the host.
func prepare(ctx context.Context, c Config, module []byte) (*outline, *metered, error) {
	o, err := outlineOf(module, c.Section, c.MemoryLimit)
	if err != nil {
		return nil, nil, err
	}
	if !o.memory.there || !o.exportsIt {
		return nil, nil, fmt.Errorf("it exports no memory named %q; let the linker export its one memory", memoryExport)
	}
	if err := validate(ctx, o); err != nil {
		return nil, nil, fmt.Errorf("compiling it: %w; compile for WebAssembly 2.0 without SIMD, threads, exceptions and tail calls", err)
	}
	m, err := meterModule(o, c.MemoryLimit)
	return o, m, err
}

// errValid ends wazero's work on a module that it found valid.
var errValid = errors.New("valid")

// validate is wazero's validation without its compiler: wazero asks for listeners after it has validated a module and
// before it compiles, and the one that it is given here ends the work. A module without functions is compiled at once.
func validate(ctx context.Context, o *outline) (err error) {
	r := wazero.NewRuntimeWithConfig(ctx, runtimeConfig(true))
	defer func() { _ = r.Close(ctx) }() // an empty runtime
	defer func() {
		if p := recover(); p != nil {
			err = validity(p)
		}
	}()
	_, err = r.CompileModule(experimental.WithFunctionListenerFactory(ctx, validated{}), o.core)
	return err
}

func validity(p any) error {
	if p == any(errValid) {
		return nil
	}
	return fmt.Errorf("the validator gave up: %v", p)
}

// validated is the listener factory that is asked only about valid modules.
type validated struct{}

// NewFunctionListener implements experimental.FunctionListenerFactory.
func (validated) NewFunctionListener(api.FunctionDefinition) experimental.FunctionListener {
	panic(errValid)
}
