package node

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"restock/core"
	"restock/core/hook"
	"restock/wasm"
)

// plugins are the loaded modules of a node, and the conditions that were made of them with their configurations.
type plugins struct {
	host *wasm.Host
	now  func() core.Time

	mu         sync.Mutex
	modules    map[core.Hash]*loaded
	conditions map[conditionKey]*hook.Condition
	broken     map[conditionKey]broken
}

// broken is a plugin that did not boot: it is not tried again for each contact.
type broken struct {
	err   error
	until core.Time
}

// brokenFor is how long a plugin that did not boot is left alone.
const brokenFor = 30 * core.Second

type loaded struct {
	module   *wasm.Module
	manifest hook.Manifest
}

type conditionKey struct {
	plugin core.Hash
	config string
}

// newPlugins makes the plugin host. Its compiled code is kept in the node's folder, under a key of the installation.
func newPlugins(ctx context.Context, c Config) (*plugins, error) {
	config := wasm.Config{
		ImportModule: hook.ImportModule, Section: hook.Section, BufferExport: hook.BufferExport,
		ConfigureExport: hook.ConfigureExport, BufferSize: hook.BufferSize, OutputLimit: hook.MaxAnswer, Child: c.PluginLoader,
	}
	if c.Data != "" {
		key, err := pluginKey(filepath.Join(c.Data, "plugins.key"))
		if err != nil {
			return nil, err
		}
		config.CacheDir, config.CacheKey = filepath.Join(c.Data, "plugins"), key
	}
	host, err := wasm.New(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("starting plugin host: %w", err)
	}
	now := func() core.Time { return core.TimeOf(time.Now()) }
	return &plugins{host: host, now: now, modules: map[core.Hash]*loaded{}, conditions: map[conditionKey]*hook.Condition{}, broken: map[conditionKey]broken{}}, nil
}

// pluginKeySize is how long the key is that binds compiled plugins to this installation, in bytes.
const pluginKeySize = 32

// pluginKey reads the key, or makes it at the first start. A lost key costs compiling every plugin once more.
func pluginKey(file string) ([]byte, error) {
	key, err := os.ReadFile(file)
	if err == nil && len(key) == pluginKeySize {
		return key, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the plugins' key: %w", err)
	}
	key = make([]byte, pluginKeySize)
	_, _ = rand.Read(key) // never fails (crypto/rand)
	err = os.MkdirAll(filepath.Dir(file), 0o700)
	if err == nil {
		err = os.WriteFile(file, key, 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("writing the plugins' key: %w", err)
	}
	return key, nil
}

func (p *plugins) close(ctx context.Context) error { return p.host.Close(ctx) }

// load makes a module ready; what was loaded before is not loaded again.
func (p *plugins) load(ctx context.Context, h core.Hash, read func() ([]byte, error)) (*loaded, error) {
	if l, ok := p.modules[h]; ok {
		return l, nil
	}
	module, err := read()
	if err != nil {
		return nil, err
	}
	m, err := p.host.Load(ctx, module)
	if err != nil {
		return nil, err
	}
	manifest, err := hook.ReadManifest(m.Section())
	if err != nil {
		return nil, errors.Join(err, m.Close(ctx))
	}
	l := &loaded{m, manifest}
	p.modules[h] = l
	return l, nil
}

// check says whether a module can be used as a plugin.
func (p *plugins) check(ctx context.Context, h core.Hash, module []byte) (hook.Manifest, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l, err := p.load(ctx, h, func() ([]byte, error) { return module, nil })
	if err != nil {
		return hook.Manifest{}, err
	}
	return l.manifest, nil
}

// condition is the plugin with its configuration, booted once.
func (p *plugins) condition(ctx context.Context, key conditionKey, read func() ([]byte, error)) (*hook.Condition, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c, ok := p.conditions[key]; ok {
		return c, nil
	}
	if b, ok := p.broken[key]; ok && p.now() < b.until {
		return nil, b.err
	}
	c, err := p.boot(ctx, key, read)
	if err != nil {
		p.broken[key] = broken{err, p.now().Add(brokenFor)}
		return nil, err
	}
	delete(p.broken, key)
	p.conditions[key] = c
	return c, nil
}

// boot makes a condition of a plugin and a configuration.
func (p *plugins) boot(ctx context.Context, key conditionKey, read func() ([]byte, error)) (*hook.Condition, error) {
	l, err := p.load(ctx, key.plugin, read)
	if err != nil {
		return nil, err
	}
	guest, err := l.module.Boot(ctx, []byte(key.config))
	if err != nil {
		return nil, err
	}
	return hook.NewCondition(guest, l.manifest, p.now)
}
