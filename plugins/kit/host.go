package kit

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"

	"restock/core"
	"restock/core/hook"
	"restock/wasm"
)

// Loader is the command, program first, that checks and compiles a module in a process of its own (wasm.ServeChild). Empty:
// that is done in this process, where a module that means harm may take its memory and time.
type Loader []string

// hostConfig binds plugins of ABI version 1, as a core node does.
func hostConfig(loader Loader) wasm.Config {
	return wasm.Config{
		ImportModule:    hook.ImportModule,
		Section:         hook.Section,
		BufferExport:    hook.BufferExport,
		ConfigureExport: hook.ConfigureExport,
		BufferSize:      hook.BufferSize,
		OutputLimit:     hook.MaxStepAnswer,
		Child:           loader,
	}
}

// plugin is a loaded module, ready to be booted and asked.
type plugin struct {
	host     *wasm.Host
	module   *wasm.Module
	manifest hook.Manifest
	fields   hook.Projection
	size     int    // of the module, in bytes
	called   func() // hears that a call is about to begin; nil: nobody does
}

// load loads a module as a core node does; close frees it.
func load(ctx context.Context, c wasm.Config, module []byte) (*plugin, error) {
	host, err := wasm.New(ctx, c)
	if err != nil {
		return nil, err
	}
	p := &plugin{host: host, size: len(module)}
	if err := p.read(ctx, module); err != nil {
		return nil, errors.Join(err, p.close(ctx))
	}
	return p, nil
}

func (p *plugin) read(ctx context.Context, module []byte) (err error) {
	if p.module, err = p.host.Load(ctx, module); err != nil {
		return err
	}
	if p.manifest, err = hook.ReadManifest(p.module.Section()); err != nil {
		return err
	}
	if err := p.manifest.CheckExports(p.module); err != nil {
		return err
	}
	p.fields, err = hook.NewProjection(p.manifest)
	return err
}

func (p *plugin) close(ctx context.Context) error { return p.host.Close(ctx) }

// answerLimit is how large the answer may be, in bytes.
func (p *plugin) answerLimit() int {
	if p.manifest.Kind == hook.KindStep {
		return hook.MaxStepAnswer
	}
	return hook.MaxAnswer
}

// boot boots the plugin with settings.
func (p *plugin) boot(ctx context.Context, config map[string]any) (*wasm.Guest, error) {
	if err := p.manifest.CheckConfig(config); err != nil {
		return nil, err
	}
	encoded, err := hook.EncodeConfig(config)
	if err != nil {
		return nil, err
	}
	return p.module.Boot(ctx, encoded)
}

// moment is what clock and chance of a plugin show when it is asked about a case.
func (p *plugin) moment(f fixture) wasm.Moment {
	now, _ := f.values["now"].(int64)
	var id core.ContactID
	if text, ok := f.values["contact.id"].(string); ok {
		if b, err := hex.DecodeString(text); err == nil {
			copy(id[:], b) // what is no id is the zero one
		}
	}
	return wasm.Moment{Now: now, Seed: p.manifest.Seed(id, f.Step)}
}

// readModule reads a module within the bound that a host has.
func readModule(file string) ([]byte, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("reading module: %w", err)
	}
	if info.Size() > wasm.DefaultModuleLimit {
		return nil, fmt.Errorf("reading module %s: it has %d bytes, the limit is %d (%d %%); build it without debugging information and drop what it does not need",
			file, info.Size(), wasm.DefaultModuleLimit, info.Size()*100/wasm.DefaultModuleLimit)
	}
	b, err := readFile(file, wasm.DefaultModuleLimit)
	if err != nil {
		return nil, fmt.Errorf("reading module: %w", err)
	}
	return b, nil
}
