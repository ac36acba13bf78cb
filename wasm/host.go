package wasm

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// Host holds one wazero runtime and what guests may import. It is safe for use by many goroutines.
type Host struct {
	config  Config // with defaults filled in
	runtime wazero.Runtime
	// offered is what guests may import: module, then function name. Never written after New.
	offered map[string]map[string]api.FunctionDefinition

	children chan struct{} // as many as compile now
	cache    *cache        // nil when compiled code never goes through files
	memories memories      // how instances get their memory; tests force a kind
	able     memories      // the best kind that the system can do
	pagemap  *pagemap      // nil where the system does not answer
}

// New makes a host, or says what is wrong with the configuration. Close frees it.
func New(ctx context.Context, c Config) (*Host, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.withDefaults()
	h := &Host{config: c, children: make(chan struct{}, maxChildren)}
	if err := h.start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("making the plugin host: %w", err), h.Close(ctx))
	}
	h.pagemap = openPagemap()
	h.able = ableMemories(h.pagemap)
	return h, nil
}

// start makes the runtime with what guests may import. Compiled code goes through files where a child makes it, or where
// it is to be kept.
func (h *Host) start(ctx context.Context) (err error) {
	config := runtimeConfig(h.config.Interpreter)
	if !h.config.Interpreter && (h.config.CacheDir != "" || !h.LoadsInProcess()) {
		if h.cache, err = openCache(h.config); err != nil {
			return err
		}
		config = config.WithCompilationCache(h.cache.code)
	}
	h.runtime = wazero.NewRuntimeWithConfig(ctx, config)
	if h.cache != nil {
		if err := h.cache.knowProcessor(ctx, h.runtime); err != nil {
			return err
		}
	}
	return h.offer(ctx)
}

// LoadsInProcess says that modules are checked and compiled in this process, since Config.Child is empty: a module made to
// be slow to compile then keeps a processor and memory of it busy.
func (h *Host) LoadsInProcess() bool { return len(h.config.Child) == 0 }

// features is WebAssembly 2.0 without SIMD: none of the toolchains needs it, and it doubles the compiler that guests can
// attack.
const features = api.CoreFeaturesV2 &^ api.CoreFeatureSIMD

// runtimeConfig leaves the memory limit to memory.go, which can tell afterwards that it was hit; wazero itself answers
// growth beyond its own limit without telling anybody. Nothing ends a call from outside: fuel does, at a price per call
// that is 14 times smaller than that of wazero's WithCloseOnContextDone.
func runtimeConfig(interpreter bool) wazero.RuntimeConfig {
	c := wazero.NewRuntimeConfig()
	if interpreter {
		c = wazero.NewRuntimeConfigInterpreter()
	}
	return c.WithCoreFeatures(features).WithDebugInfoEnabled(false)
}

// offer makes the modules that guests import from.
func (h *Host) offer(ctx context.Context) error {
	own, err := h.hostModule(ctx, h.config.ImportModule, ownFunctions())
	if err != nil {
		return err
	}
	wasi, err := h.hostModule(ctx, wasiModule, wasiFunctions())
	if err != nil {
		return err
	}
	h.offered = map[string]map[string]api.FunctionDefinition{
		h.config.ImportModule: own.ExportedFunctionDefinitions(),
		wasiModule:            wasi.ExportedFunctionDefinitions(),
	}
	return nil
}

// Load checks and compiles a module; the bytes are not kept. Its errors are for the plugin's author: they say what is
// wrong with the module and how to mend it, in little more than maxText bytes. ctx bounds nothing but the wait: compiling is not interrupted.
func (h *Host) Load(ctx context.Context, module []byte) (*Module, error) {
	m, err := h.load(ctx, module)
	if err != nil {
		return nil, fmt.Errorf("loading module: %w", short(err))
	}
	return m, nil
}

// short cuts what an error says: a module may name its imports and exports by megabytes.
func short(err error) error {
	if len(err.Error()) <= maxText {
		return err
	}
	return errors.New(clip(err.Error(), maxText))
}

func (h *Host) load(ctx context.Context, module []byte) (*Module, error) {
	if len(module) > h.config.ModuleLimit {
		return nil, fmt.Errorf("it has %d bytes, the limit is %d; strip debug information or split it", len(module), h.config.ModuleLimit)
	}
	if h.cache != nil {
		return h.loadCached(ctx, module)
	}
	if !h.LoadsInProcess() { // interpreted: there is nothing to keep
		if err := h.child(ctx, module, ""); err != nil {
			return nil, err
		}
	}
	return h.admit(ctx, module, CacheNone)
}

// loadCached takes the compiled code from the cache or has it made, by the child when there is one. A module that is in the
// cache was checked when it came there. Nobody waits for another's child but who needs one as well.
func (h *Host) loadCached(ctx context.Context, module []byte) (*Module, error) {
	name := h.cache.name(h.config, module)
	code, found := h.cache.fetch(name)
	if found != CacheHit && !h.LoadsInProcess() {
		var err error
		if code, err = h.compileInChild(ctx, module); err != nil {
			return nil, err
		}
	}
	h.cache.mu.Lock()
	defer h.cache.mu.Unlock()
	defer h.cache.sweep()
	if err := h.cache.lay(code); err != nil {
		return nil, err
	}
	m, err := h.admit(ctx, module, found)
	if err != nil || found == CacheHit {
		return m, err
	}
	if err := h.cache.keep(name); err != nil {
		return nil, errors.Join(err, m.Close(ctx))
	}
	return m, nil
}

// maxChildren is how many modules are compiled at a time.
const maxChildren = 2

// compileInChild returns the code that a child made, once there is a free place for one.
func (h *Host) compileInChild(ctx context.Context, module []byte) (code compiledCode, err error) {
	select {
	case h.children <- struct{}{}:
		defer func() { <-h.children }()
	case <-ctx.Done():
		return code, fmt.Errorf("waiting for the loading process: %w", context.Cause(ctx))
	}
	folder, err := os.MkdirTemp(h.cache.live, "child-")
	if err != nil {
		return code, fmt.Errorf("making a folder for compiled code: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if err := h.child(ctx, module, folder); err != nil {
		return code, err
	}
	return h.cache.read(folder)
}

// admit prepares and compiles in this process. With a child this goes on what the child has done before within limits.
func (h *Host) admit(ctx context.Context, module []byte, cached string) (*Module, error) {
	o, metered, err := prepare(ctx, h.config, module)
	if err != nil {
		return nil, err
	}
	if err := h.checkImports(o); err != nil {
		return nil, err
	}
	compiled, err := h.compile(ctx, metered.core)
	if err != nil {
		return nil, err
	}
	metered.core = nil // wazero has it
	m := &Module{host: h, hash: sha256.Sum256(module), cached: cached, compiled: compiled, metered: metered, section: o.section, exports: compiled.ExportedFunctions()}
	m.idle = sync.NewCond(&m.mu)
	delete(m.exports, startExport)
	if err := h.checkSignatures(m); err != nil {
		_ = compiled.Close(ctx)
		return nil, err
	}
	return m, nil
}

// compile turns a panic of wazero's compiler into an error: one plugin's module must not end the process.
func (h *Host) compile(ctx context.Context, core []byte) (c wazero.CompiledModule, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("compiling it: the compiler gave up: %v", p)
		}
	}()
	if p := h.config.Profiler; p != nil {
		ctx = experimental.WithFunctionListenerFactory(ctx, profiled{p})
	}
	c, err = h.runtime.CompileModule(ctx, core)
	if err != nil {
		return nil, fmt.Errorf("compiling it: %w; compile for WebAssembly 2.0 without SIMD, threads, exceptions and tail calls", err)
	}
	return c, nil
}

// Close frees the runtime with everything that was loaded. No call may be under way.
func (h *Host) Close(ctx context.Context) error {
	var errs []error
	if h.runtime != nil {
		errs = append(errs, h.runtime.Close(ctx))
	}
	if h.cache != nil {
		errs = append(errs, h.cache.close(ctx))
	}
	h.pagemap.close()
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("closing the plugin host: %w", err)
	}
	return nil
}
