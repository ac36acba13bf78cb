package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"restock/core/hook"
	"restock/core/pack"
	"restock/wasm"
)

// plugins is our host, twice: one resets its instances after each contact, the other never does.
type plugins struct {
	reset, keep *wasm.Host
	list        []plugin
}

// plugin is the guest in one language, booted in both hosts.
type plugin struct {
	language    string
	reset, keep *wasm.Guest
}

func hostConfig() wasm.Config {
	return wasm.Config{ImportModule: "host1", Section: "about", BufferExport: "buffer", ConfigureExport: "configure"}
}

func newPlugins(ctx context.Context) (p *plugins, err error) {
	p = &plugins{}
	c := hostConfig()
	if p.reset, err = wasm.New(ctx, c); err != nil {
		return nil, err
	}
	c.KeepState = true
	if p.keep, err = wasm.New(ctx, c); err != nil {
		return nil, err
	}
	for _, folder := range []struct{ name, language string }{
		{"c", "C"}, {"assemblyscript", "AssemblyScript"}, {"rust", "Rust"}, {"go", "Go"},
	} {
		one, err := p.boot(ctx, folder.name)
		if err != nil {
			return nil, fmt.Errorf("preparing the guest in %s: %w", folder.language, err)
		}
		one.language = folder.language
		p.list = append(p.list, one)
	}
	return p, nil
}

func (p *plugins) boot(ctx context.Context, folder string) (one plugin, err error) {
	module, err := guestModule(ctx, folder)
	if err != nil {
		return one, err
	}
	if one.reset, err = bootIn(ctx, p.reset, module); err != nil {
		return one, err
	}
	one.keep, err = bootIn(ctx, p.keep, module)
	return one, err
}

func bootIn(ctx context.Context, h *wasm.Host, module []byte) (*wasm.Guest, error) {
	m, err := h.Load(ctx, module)
	if err != nil {
		return nil, err
	}
	return m.Boot(ctx, configuration())
}

// guestModule reads a guest; Go's is built first, since it is not kept.
func guestModule(ctx context.Context, folder string) ([]byte, error) {
	dir := filepath.Join("..", "testdata", "guests", folder)
	file := filepath.Join(dir, "guest.wasm")
	if folder == "go" {
		if out, err := exec.CommandContext(ctx, filepath.Join(dir, "build.sh")).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("building it: %w\n%s", err, out)
		}
	}
	return os.ReadFile(file)
}

// configuration is [SKU, window in ms, [countries]].
func configuration() []byte {
	b := pack.AppendArray(nil, 3)
	b = pack.AppendString(b, wantedSKU)
	b = pack.AppendInt(b, window)
	return pack.AppendStrings(b, countries())
}

func (p *plugins) close() {
	ctx := context.Background()
	_ = errors.Join(p.reset.Close(ctx), p.keep.Close(ctx)) // the process ends
}

func (p plugin) contenders(ctx context.Context) []contender {
	return []contender{
		{p.language + ", never reset", func() (func(*hook.Context) (bool, error), func(), error) { return asker(ctx, p.keep) }},
		{p.language + ", reset per contact", func() (func(*hook.Context) (bool, error), func(), error) { return asker(ctx, p.reset) }},
	}
}

// asker is the whole way of one contact: encode what the plugin reads, call it, decode its verdict.
func asker(ctx context.Context, g *wasm.Guest) (func(*hook.Context) (bool, error), func(), error) {
	p, err := projection()
	if err != nil {
		return nil, nil, err
	}
	worker, err := g.Worker(ctx)
	if err != nil {
		return nil, nil, err
	}
	buffer := make([]byte, 0, 256)
	ask := func(c *hook.Context) (bool, error) {
		buffer = p.Append(buffer[:0], c)
		at := wasm.Moment{Now: int64(c.Now)}
		r, err := worker.Call("condition", buffer, at)
		if f := (*wasm.Failure)(nil); errors.As(err, &f) && f.Reason == wasm.ReasonOutOfMemory {
			r, err = worker.Call("condition", buffer, at) // after a failure it begins anew; see README.md
		}
		if err != nil {
			return false, err
		}
		a, err := hook.DecodeCondition(r.Output)
		return a.Pass, err
	}
	return ask, worker.Close, nil
}
