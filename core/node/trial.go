package node

import (
	"context"
	"errors"
	"slices"

	"restock/core"
	"restock/core/console"
	"restock/core/hook"
	"restock/wasm"
)

// Try runs a plugin about cases on the host that journeys ask (console.Backend): nothing is kept of it, and its failures are told
// to nobody else.
func (n *Node) Try(ctx context.Context, r console.TrialRequest) (console.TrialReport, error) {
	h := core.HashOf(r.Module).String()
	m, err := n.plugins.host.Load(ctx, r.Module)
	if err != nil {
		return console.TrialReport{}, wrongModule(err)
	}
	defer func() { _ = m.Close(context.WithoutCancel(ctx)) }() // nothing could be done about it
	manifest, err := hook.ReadManifest(m.Section())
	if err == nil {
		err = manifest.CheckExports(m)
	}
	if err != nil {
		return console.TrialReport{}, wrongModule(err)
	}
	guest, err := m.Boot(ctx, r.Config)
	if err != nil {
		var f *wasm.Failure
		if !errors.As(err, &f) {
			return console.TrialReport{}, err
		}
		failed := console.TrialResult{Fuel: f.Fuel, Failed: f.Reason, Text: f.Text}
		return console.TrialReport{Plugin: h, Results: slices.Repeat([]console.TrialResult{failed}, len(r.Cases))}, nil
	}
	results, err := try(ctx, guest, manifest, r.Cases)
	return console.TrialReport{Plugin: h, Results: results}, err
}

func wrongModule(err error) error {
	var wrong core.InvalidError
	wrong.Add("module", "%s", err)
	return &wrong
}

// try calls the plugin about each case, until the context ends.
func try(ctx context.Context, guest *wasm.Guest, manifest hook.Manifest, cases []console.TrialCase) ([]console.TrialResult, error) {
	export := manifest.Export()
	worker, err := guest.Worker(ctx)
	if err != nil {
		return nil, err
	}
	defer worker.Close()
	results := make([]console.TrialResult, len(cases))
	for i, c := range cases {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		at := wasm.Moment{Now: int64(c.Now)}
		copy(at.Seed[:], c.Seed)
		r, err := worker.Call(export, c.Input, at)
		results[i] = console.TrialResult{Output: slices.Clone(r.Output), Fuel: r.Fuel}
		var f *wasm.Failure
		if errors.As(err, &f) {
			results[i] = console.TrialResult{Fuel: f.Fuel, Failed: f.Reason, Text: f.Text}
		} else if err != nil {
			return nil, err
		}
	}
	return results, nil
}
