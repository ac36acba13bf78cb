package wasm

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// Module is a loaded module: checked, metered and compiled, nothing of it has run yet. It is safe for use by many
// goroutines.
type Module struct {
	host     *Host
	hash     [32]byte // SHA-256 of the author's bytes
	cached   string   // one of the constants of cache.go
	compiled wazero.CompiledModule
	metered  *metered // without its core
	section  []byte
	exports  map[string]api.FunctionDefinition // never written after Load

	mu      sync.Mutex // guards what follows, and what guests say of themselves
	idle    *sync.Cond // a worker or a boot is done
	closed  bool
	booting int
	guests  []*Guest // that are not freed
}

// ErrClosed is what calls of a closed Module or Guest return.
var ErrClosed = errors.New("calling a guest that was closed; load its module again")

// Section is the content of the custom section that Config.Section names; nil when the module has none. It must not be
// changed.
func (m *Module) Section() []byte { return m.section }

// Hash is the SHA-256 of the bytes that were loaded: what a version is known by.
func (m *Module) Hash() [32]byte { return m.hash }

// Cached says where the compiled code came from: CacheNone, CacheHit, CacheMiss or CacheRefused.
func (m *Module) Cached() string { return m.cached }

// Exports says whether the module exports a function of that name.
func (m *Module) Exports(name string) bool {
	_, ok := m.exports[name]
	return ok
}

// use keeps the module open while something boots.
func (m *Module) use() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return ErrClosed
	}
	m.booting++
	return nil
}

func (m *Module) unuse() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.booting--
	m.idle.Broadcast()
}

// forget drops a guest that is freed. mu is held.
func (m *Module) forget(g *Guest) {
	m.guests = slices.DeleteFunc(m.guests, func(other *Guest) bool { return other == g })
}

// Close closes the module's guests, waits until the last worker is given back, and frees the compiled code. Whoever has a
// Worker must close it first, or elsewhere meanwhile. Closing twice is harmless.
func (m *Module) Close(ctx context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil
	}
	m.closed = true
	for _, g := range slices.Clone(m.guests) {
		g.shut()
	}
	for m.booting > 0 || len(m.guests) > 0 {
		m.idle.Wait()
		for _, g := range slices.Clone(m.guests) {
			g.shut() // booted meanwhile
		}
	}
	if err := m.compiled.Close(ctx); err != nil {
		return fmt.Errorf("closing module: %w", err)
	}
	return nil
}
