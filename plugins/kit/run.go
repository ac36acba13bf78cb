package kit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"restock/core/hook"
	"restock/wasm"
)

// measure is a run of one fixture: what came of it and what it took.
type measure struct {
	Fixture string  `json:"fixture"`
	Outcome outcome `json:"outcome"`
	Words   string  `json:"words,omitempty"` // of a failure: what happened and what to do
	Logs    []line  `json:"logs,omitempty"`
	LogsCut bool    `json:"logs_cut,omitempty"`

	Fuel     usage `json:"fuel"`      // as in production
	BootFuel usage `json:"boot_fuel"` // once per version and settings
	Time     int64 `json:"ns"`        // the shortest of many calls with their resets, on this machine
	Memory   usage `json:"memory"`    // bytes
	Dirty    int   `json:"dirty"`     // pages of 4 KiB that the call changed
	Input    usage `json:"input"`     // bytes
	Output   usage `json:"output"`    // bytes
	Module   usage `json:"module"`    // bytes
}

// line is one thing that a plugin logged.
type line struct {
	Level wasm.Level `json:"level"`
	Text  string     `json:"text"`
}

// usage is a part of a limit.
type usage struct {
	Used  int64 `json:"used"`
	Limit int64 `json:"limit"`
}

// timedCalls is how many calls the shortest is taken of.
const timedCalls = 200

// run asks the plugin about a fixture. An error is of the fixture; what goes wrong with the plugin is in the outcome.
func (p *plugin) run(ctx context.Context, f fixture, calls int) (measure, error) {
	m := measure{Fixture: f.name, Module: usage{int64(p.size), wasm.DefaultModuleLimit}}
	input, err := p.fields.AppendValues(nil, f.values)
	if err != nil {
		return m, fmt.Errorf("encoding fixture %s: %w", f.name, err)
	}
	m.Input = usage{int64(len(input)), hook.BufferSize}
	guest, err := p.boot(ctx, f.Config)
	if isInvalid(err) {
		return m, fmt.Errorf("configuring for fixture %s: %w", f.name, err)
	}
	if err != nil {
		return m, m.failed(err)
	}
	defer func() { _ = guest.Close() }() // never fails
	m.BootFuel = usage{guest.BootFuel(), wasm.DefaultBootFuel}
	worker, err := guest.Worker(ctx)
	if err != nil {
		return m, err
	}
	defer worker.Close()
	return m, m.ask(p, worker, input, p.moment(f), calls)
}

// ask calls the plugin once for its answer and further times for the time.
func (m *measure) ask(p *plugin, w *wasm.Worker, input []byte, at wasm.Moment, calls int) error {
	if p.called != nil {
		p.called()
	}
	r, err := w.Call(p.manifest.Export(), input, at)
	footprint := w.Footprint()
	m.Memory, m.Dirty = usage{int64(footprint.Memory), wasm.DefaultMemoryLimit}, footprint.Dirty
	if err != nil {
		return m.failed(err)
	}
	m.Fuel, m.Output = usage{r.Fuel, wasm.DefaultFuel}, usage{int64(len(r.Output)), int64(p.answerLimit())}
	m.keepLogs(r.Logs, r.LogsCut)
	if m.Outcome, err = p.outcomeOf(r.Output); err != nil {
		return m.failed(err)
	}
	m.Outcome.Fuel = r.Fuel
	for range calls {
		began := time.Now()
		if _, err := w.Call(p.manifest.Export(), input, at); err != nil {
			return m.failed(fmt.Errorf("the same call failed when it was made again: %w", err))
		}
		if took := time.Since(began).Nanoseconds(); m.Time == 0 || took < m.Time {
			m.Time = took
		}
	}
	return nil
}

// failed takes down what the plugin failed by, as a core node names it; an error of anything else comes back.
func (m *measure) failed(err error) error {
	var f *wasm.Failure
	m.Words = lines(explained(err).Error())
	switch {
	case errors.As(err, &f):
		m.Outcome = outcome{Fails: f.Reason, Fuel: f.Fuel}
		m.Fuel = usage{f.Fuel, wasm.DefaultFuel}
		m.keepLogs(f.Logs, false)
	case errors.Is(err, hook.ErrTooLarge):
		m.Outcome = outcome{Fails: wasm.ReasonOutputTooLarge, Fuel: m.Fuel.Used}
	case errors.Is(err, hook.ErrAnswer):
		m.Outcome = outcome{Fails: wasm.ReasonBadOutput, Fuel: m.Fuel.Used}
	default:
		return err
	}
	return nil
}

func (m *measure) keepLogs(logs []wasm.Log, cut bool) {
	for _, l := range logs {
		m.Logs = append(m.Logs, line{l.Level, l.Text})
	}
	m.LogsCut = cut
}
