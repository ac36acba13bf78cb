package wasm

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// Module is a loaded module: checked and compiled, nothing of it has run yet. It is safe for use by many goroutines.
type Module struct {
	host     *Host
	compiled wazero.CompiledModule
	section  []byte
	exports  map[string]api.FunctionDefinition // never written after Load

	open   sync.RWMutex // held for reading by every call: Close waits for them
	closed bool         // guarded by open
}

// ErrClosed is what calls of a closed Module or Guest return.
var ErrClosed = errors.New("calling a guest that was closed; load its module again")

// Section is the content of the custom section that Config.Section names; nil when the module has none. It must not be
// changed.
func (m *Module) Section() []byte { return m.section }

// Exports says whether the module exports a function of that name.
func (m *Module) Exports(name string) bool {
	_, ok := m.exports[name]
	return ok
}

// Boot makes a first instance, hands it the configuration and throws it away: what comes back is known to work, and
// every call gets the same configuration. Without a configuration (length 0) a configure function is called all the
// same. A *Failure says why the guest could not be booted.
func (m *Module) Boot(ctx context.Context, config []byte) (*Guest, error) {
	if len(config) > 0 && !m.Exports(m.host.config.ConfigureExport) {
		return nil, &Failure{Reason: ReasonNotReady, Text: fmt.Sprintf(
			"it was given a configuration but exports no function %q; export it or give none", m.host.config.ConfigureExport)}
	}
	g := &Guest{module: m, config: append([]byte(nil), config...)}
	if _, err := g.run(ctx, "", nil); err != nil {
		return nil, err
	}
	return g, nil
}

// Close waits for the calls that are under way and frees the compiled code. Closing twice is harmless.
func (m *Module) Close(ctx context.Context) error {
	m.open.Lock()
	defer m.open.Unlock()
	if m.closed {
		return nil
	}
	m.closed = true
	if err := m.compiled.Close(ctx); err != nil {
		return fmt.Errorf("closing module: %w", err)
	}
	return nil
}
