package wasm

import (
	"context"
	"fmt"

	"github.com/tetratelabs/wazero/api"
)

// Boot runs what a guest needs to run once: its data goes into a memory, then the start function, "_initialize", the
// buffer export and, with the configuration, the configure export. What memory and globals hold then is the Guest. Without
// a configuration (length 0) a configure function is called all the same. A *Failure says why the guest could not be
// booted.
func (m *Module) Boot(ctx context.Context, config []byte) (*Guest, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("booting guest: %w", context.Cause(ctx))
	}
	if len(config) > 0 && !m.Exports(m.host.config.ConfigureExport) {
		return nil, &Failure{Reason: ReasonNotReady, Text: fmt.Sprintf(
			"it was given a configuration but exports no function %q; export it or give none", m.host.config.ConfigureExport)}
	}
	if err := m.use(); err != nil {
		return nil, err
	}
	defer m.unuse()
	g := &Guest{module: m}
	w, err := newMachine(g, newMemory(m.metered.most, fresh{uint64(m.metered.most)}))
	if err != nil {
		return nil, err
	}
	defer w.close()
	if err := w.boot(config); err != nil {
		return nil, err
	}
	return g, g.keep(w)
}

// boot runs the guest's beginnings within one budget.
func (w *machine) boot(config []byte) error {
	budget := w.guest.module.host.config.BootFuel
	if err := w.begin(budget, Moment{}); err != nil {
		return err
	}
	err := w.bootSteps(config)
	left := int64(w.fuel.Get())
	if err != nil || left < 0 {
		return w.explain(err, budget)
	}
	w.guest.bootFuel = budget - left
	return nil
}

func (w *machine) bootSteps(config []byte) error {
	m := w.guest.module
	for _, d := range m.metered.data {
		copy(w.memory.b[d.at:], d.content)
	}
	if m.metered.start {
		if _, err := w.instance.ExportedFunction(startExport).Call(w.ctx); err != nil {
			return err
		}
	}
	if f := w.instance.ExportedFunction(initializeExport); f != nil {
		if err := w.initialize(f); err != nil {
			return err
		}
	}
	if err := w.findBuffer(); err != nil {
		return err
	}
	return w.configure(config)
}

// initializeExport is what reactors run first, by the convention of WASI.
// https://github.com/WebAssembly/WASI/blob/main/legacy/application-abi.md
const initializeExport = "_initialize"

func (w *machine) initialize(f api.Function) error {
	if got := signatureOf(f.Definition()); !got.equal(signature{}) {
		return &Failure{Reason: ReasonNotReady, Text: fmt.Sprintf("it exports %s as %s; want %s", initializeExport, got, signature{})}
	}
	_, err := f.Call(w.ctx)
	return err
}

// findBuffer asks where inputs are written.
func (w *machine) findBuffer() error {
	config := w.guest.module.host.config
	answer, err := w.instance.ExportedFunction(config.BufferExport).Call(w.ctx, uint64(config.BufferSize))
	if err != nil {
		return err
	}
	w.guest.buffer = uint32(answer[0])
	if _, ok := w.view(w.guest.buffer, config.BufferSize); !ok || w.guest.buffer == 0 {
		return &Failure{Reason: ReasonNotReady, Text: fmt.Sprintf(
			"%s(%d) answered %#x, where there is no room for that many bytes", config.BufferExport, config.BufferSize, w.guest.buffer)}
	}
	return nil
}

// configure hands over the configuration to a guest that takes one.
func (w *machine) configure(config []byte) error {
	export := w.guest.module.host.config.ConfigureExport
	if !w.guest.module.Exports(export) {
		return nil
	}
	f, err := w.entry(export, configureSignature)
	if err != nil {
		return err
	}
	code, err := w.invoke(export, f, config)
	if err != nil {
		return err
	}
	if uint32(code) != 0 {
		return &Failure{Reason: ReasonNotReady, Text: fmt.Sprintf(
			"%s answered %d: the guest refuses its configuration", export, int32(code))}
	}
	return nil
}

// keep makes the guest of what a booted instance holds.
func (g *Guest) keep(w *machine) (err error) {
	host := g.module.host
	g.image, err = newImage(w.memory.b, chooseMemories(host.memories, host.able, len(w.memory.b)))
	if err != nil {
		return err
	}
	for _, v := range w.globals {
		g.globals = append(g.globals, v.Get())
	}
	g.size = len(g.image.bytes)
	g.module.mu.Lock()
	defer g.module.mu.Unlock()
	g.module.guests = append(g.module.guests, g)
	return nil
}
