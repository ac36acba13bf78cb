package main

import (
	"context"
	_ "embed"
	"fmt"

	extism "github.com/extism/go-sdk"
	"restock/core/hook"
)

// extismGuest is the guest in C as a plugin of Extism, see extism/guest.c: the cheapest that Extism can be asked.
//
//go:embed extism/guest.wasm
var extismGuest []byte

func extisms(ctx context.Context) []contender {
	return []contender{
		{"Extism, C, one instance kept", func() (func(*hook.Context) (bool, error), func(), error) { return extismKept(ctx) }},
		{"Extism, C, an instance per contact", func() (func(*hook.Context) (bool, error), func(), error) { return extismFresh(ctx) }},
	}
}

func extismCompiled(ctx context.Context) (*extism.CompiledPlugin, error) {
	manifest := extism.Manifest{Wasm: []extism.Wasm{extism.WasmData{Data: extismGuest}}}
	return extism.NewCompiledPlugin(ctx, manifest, extism.PluginConfig{}, nil)
}

// extismInstance is an instance that took its configuration.
func extismInstance(ctx context.Context, compiled *extism.CompiledPlugin) (*extism.Plugin, error) {
	plugin, err := compiled.Instance(ctx, extism.PluginInstanceConfig{})
	if err != nil {
		return nil, err
	}
	code, _, err := plugin.CallWithContext(ctx, "configure", configuration())
	if err == nil && code != 0 {
		err = fmt.Errorf("configuring the plugin of Extism: it answered %d", code)
	}
	return plugin, err
}

func extismAsk(ctx context.Context, plugin *extism.Plugin, input []byte) (bool, error) {
	_, output, err := plugin.CallWithContext(ctx, "condition", input)
	if err != nil {
		return false, err
	}
	a, err := hook.DecodeCondition(output)
	return a.Pass, err
}

func extismKept(ctx context.Context) (func(*hook.Context) (bool, error), func(), error) {
	p, err := projection()
	if err != nil {
		return nil, nil, err
	}
	compiled, err := extismCompiled(ctx)
	if err != nil {
		return nil, nil, err
	}
	plugin, err := extismInstance(ctx, compiled)
	end := func() { _ = compiled.Close(ctx) } // the process ends soon
	buffer := make([]byte, 0, 256)
	return func(c *hook.Context) (bool, error) {
		buffer = p.Append(buffer[:0], c)
		return extismAsk(ctx, plugin, buffer)
	}, end, err
}

func extismFresh(ctx context.Context) (func(*hook.Context) (bool, error), func(), error) {
	p, err := projection()
	if err != nil {
		return nil, nil, err
	}
	compiled, err := extismCompiled(ctx)
	end := func() { _ = compiled.Close(ctx) } // the process ends soon
	buffer := make([]byte, 0, 256)
	return func(c *hook.Context) (bool, error) {
		plugin, err := extismInstance(ctx, compiled)
		if err != nil {
			return false, err
		}
		buffer = p.Append(buffer[:0], c)
		pass, err := extismAsk(ctx, plugin, buffer)
		if closeErr := plugin.Close(ctx); err == nil {
			err = closeErr
		}
		return pass, err
	}, end, err
}
