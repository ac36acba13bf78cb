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
	"sync/atomic"
	"time"

	"restock/core"
	"restock/core/hook"
	"restock/wasm"
)

// plugins are the loaded modules of a node, and the conditions that were made of them with their configurations. Versions
// stand side by side: each is known by the hash of its bytes, and stays as long as somebody asks it.
type plugins struct {
	host    *wasm.Host
	now     func() core.Time
	witness hook.Witness // nil: nobody listens

	retiring sync.WaitGroup // modules that wait for their last instance
	mu       sync.Mutex     // guards what follows, never while something loads
	modules  map[core.Hash]*loaded
	bound    map[pluginUse]*bound
	uses     int64 // counts, to know what was used last
}

// loaded is a module, ready once done has run; whoever comes meanwhile waits for it and for nothing else.
type loaded struct {
	done     sync.Once
	err      error
	module   *wasm.Module
	manifest hook.Manifest
}

// bound is a module with a configuration, ready once done has run.
type bound struct {
	done      sync.Once
	err       error
	until     atomic.Int64    // an err holds until then, as core.Time; 0: there is none
	condition *hook.Condition // of the two the one that the plugin is
	step      *hook.Step
	guest     *wasm.Guest
	used      int64 // when it was asked for last, as plugins.uses counts; guarded by plugins.mu
}

type pluginUse struct {
	plugin core.Hash
	config string
}

const (
	// brokenFor is how long a plugin that did not boot is left alone.
	brokenFor = 30 * core.Second
	// maxBound is how many plugins with their configurations are kept ready. The one that was not asked for longest is
	// dropped, and comes back from the cache of compiled code in some 50 ms at most.
	maxBound = 64
)

// newPlugins makes the plugin host. Its compiled code is kept in the node's folder, under a key of the installation. w hears how plugins fare.
func newPlugins(ctx context.Context, c Config, w hook.Witness) (*plugins, error) {
	config := wasm.Config{
		ImportModule: hook.ImportModule, Section: hook.Section, BufferExport: hook.BufferExport,
		ConfigureExport: hook.ConfigureExport, BufferSize: hook.BufferSize, OutputLimit: hook.MaxStepAnswer, Child: c.PluginLoader,
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
	return &plugins{host: host, now: now, witness: w, modules: map[core.Hash]*loaded{}, bound: map[pluginUse]*bound{}}, nil
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

func (p *plugins) close(ctx context.Context) error {
	p.retiring.Wait()
	return p.host.Close(ctx)
}

// load makes a module ready, once.
func (p *plugins) load(ctx context.Context, h core.Hash, read func() ([]byte, error)) (*loaded, error) {
	p.mu.Lock()
	l, ok := p.modules[h]
	if !ok {
		l = &loaded{}
		p.modules[h] = l
	}
	p.mu.Unlock()
	l.done.Do(func() { l.err = l.load(ctx, p.host, read) })
	if l.err != nil {
		p.forget(h, l)
	}
	return l, l.err
}

func (l *loaded) load(ctx context.Context, host *wasm.Host, read func() ([]byte, error)) error {
	code, err := read()
	if err != nil {
		return err
	}
	m, err := host.Load(ctx, code)
	if err != nil {
		return err
	}
	l.manifest, err = hook.ReadManifest(m.Section())
	if err != nil {
		return errors.Join(err, m.Close(ctx))
	}
	l.module = m
	return nil
}

// forget lets a module that could not be loaded be tried again.
func (p *plugins) forget(h core.Hash, l *loaded) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.modules[h] == l {
		delete(p.modules, h)
	}
}

// check says whether a module can be used as a plugin.
func (p *plugins) check(ctx context.Context, h core.Hash, module []byte) (hook.Manifest, error) {
	l, err := p.load(ctx, h, func() ([]byte, error) { return module, nil })
	if err != nil {
		return hook.Manifest{}, err
	}
	p.dropUnbound(h)
	return l.manifest, l.manifest.CheckExports(l.module)
}

// dropUnbound drops modules that were checked and are not asked, but for the last, once there are many.
func (p *plugins) dropUnbound(last core.Hash) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.modules) <= maxBound {
		return
	}
	asked := map[core.Hash]bool{last: true}
	for key := range p.bound {
		asked[key.plugin] = true
	}
	for h, l := range p.modules {
		if !asked[h] {
			delete(p.modules, h)
			p.retiring.Go(func() { (&bound{}).close(l, true) })
		}
	}
}

// ready is the plugin with its configuration, booted once.
func (p *plugins) ready(ctx context.Context, key pluginUse, read func() ([]byte, error)) (*bound, error) {
	b := p.bind(key)
	b.done.Do(func() {
		if b.err = p.boot(ctx, b, key, read); b.err != nil {
			b.until.Store(int64(p.now().Add(brokenFor)))
		}
	})
	return b, b.err
}

// bind finds or makes the place of a plugin with its configuration, and drops what was not used for longest.
func (p *plugins) bind(key pluginUse) *bound {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.uses++
	b, ok := p.bound[key]
	if !ok || b.until.Load() != 0 && int64(p.now()) >= b.until.Load() {
		b = &bound{}
		p.bound[key] = b
	}
	b.used = p.uses
	if len(p.bound) > maxBound {
		p.retire()
	}
	return b
}

// retire drops the plugin that was not used for longest, and its module unless another configuration uses it. Who asks it
// now goes on to the end. mu is held.
func (p *plugins) retire() {
	var oldest pluginUse
	first := p.uses
	for key, b := range p.bound {
		if b.used < first {
			oldest, first = key, b.used
		}
	}
	b := p.bound[oldest]
	delete(p.bound, oldest)
	shared := false
	for key := range p.bound {
		shared = shared || key.plugin == oldest.plugin
	}
	l := p.modules[oldest.plugin]
	if !shared {
		delete(p.modules, oldest.plugin)
	}
	p.retiring.Go(func() { b.close(l, !shared) })
}

// close frees the guest, and the module with it when nobody else uses that, once everything of both is given back.
func (b *bound) close(l *loaded, whole bool) {
	b.done.Do(func() { b.err = errRetired }) // waits for a boot that is under way
	if b.guest != nil {
		_ = b.guest.Close() // never fails
	}
	if !whole || l == nil {
		return
	}
	l.done.Do(func() { l.err = errRetired }) // waits for a load that is under way
	if l.module != nil {
		_ = l.module.Close(context.Background()) // nothing could be done about it
	}
}

var errRetired = errors.New("the plugin was dropped before it was booted; it is tried again")

// boot makes a condition or a step of a plugin and a configuration.
func (p *plugins) boot(ctx context.Context, b *bound, key pluginUse, read func() ([]byte, error)) error {
	l, err := p.load(ctx, key.plugin, read)
	if err != nil {
		return err
	}
	guest, err := l.module.Boot(ctx, []byte(key.config))
	if err != nil {
		return err
	}
	if err := b.hook(guest, l.manifest, p); err != nil {
		return errors.Join(err, guest.Close())
	}
	b.guest = guest
	return nil
}

// hook binds a booted plugin as what its manifest says that it is.
func (b *bound) hook(guest *wasm.Guest, m hook.Manifest, p *plugins) (err error) {
	if m.Kind == hook.KindStep {
		b.step, err = hook.NewStep(guest, m, p.now)
	} else {
		b.condition, err = hook.NewCondition(guest, m, p.now)
	}
	if err != nil || p.witness == nil {
		return err
	}
	if b.step != nil {
		b.step.Witnessed(p.witness)
	} else {
		b.condition.Witnessed(p.witness)
	}
	return nil
}
