package kit

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"restock/wasm"
)

// maxEvents bounds a profile, in functions that begin or end.
const maxEvents = 1 << 20

// profiler keeps where a call's fuel goes, as events of https://www.speedscope.app.
type profiler struct {
	frames []frame
	index  map[string]int
	events []event
	open   []int
	begun  int64 // fuel that was left when the call began
}

type frame struct {
	Name string `json:"name"`
}

type event struct {
	Type  string `json:"type"` // O when a function opens, C when it closes
	Frame int    `json:"frame"`
	At    int64  `json:"at"` // units of fuel since the beginning
}

// reset forgets what was heard before, such as booting.
func (p *profiler) reset() { *p = profiler{index: map[string]int{}, begun: wasm.DefaultFuel} }

// Enter implements wasm.Profiler.
func (p *profiler) Enter(function string, left int64) {
	i, ok := p.index[function]
	if !ok {
		i = len(p.frames)
		p.index[function] = i
		p.frames = append(p.frames, frame{demangled(strings.TrimPrefix(function, "."))})
	}
	p.open = append(p.open, i)
	p.add("O", i, left)
}

// Leave implements wasm.Profiler.
func (p *profiler) Leave(left int64) {
	if n := len(p.open); n > 0 {
		p.add("C", p.open[n-1], left)
		p.open = p.open[:n-1]
	}
}

// add keeps an event; beyond the bound only those that close what is open.
func (p *profiler) add(kind string, frame int, left int64) {
	if len(p.events) < maxEvents || kind == "C" && len(p.events) < 2*maxEvents {
		p.events = append(p.events, event{kind, frame, p.begun - left})
	}
}

// speedscope is the profile as a file: https://www.speedscope.app/file-format-schema.json, evented.
func (p *profiler) speedscope(name string) ([]byte, error) {
	end := int64(0)
	if n := len(p.events); n > 0 {
		end = p.events[n-1].At
	}
	return json.Marshal(map[string]any{
		"$schema": "https://www.speedscope.app/file-format-schema.json",
		"name":    name,
		"shared":  map[string]any{"frames": p.frames},
		"profiles": []map[string]any{{
			"type": "evented", "name": name + " (fuel)", "unit": "none", "startValue": 0, "endValue": end, "events": p.events,
		}},
	})
}

// profile runs a fixture once more, where every function tells when it begins and ends, and writes the file.
func (t target) profile(ctx context.Context, loader Loader, f fixture, file string) (err error) {
	module, err := t.module(ctx, loader)
	if err != nil {
		return err
	}
	heard := &profiler{}
	heard.reset()
	config := hostConfig(nil)
	config.Profiler = heard
	p, err := load(ctx, config, module)
	if err != nil {
		return explained(err)
	}
	defer closing(ctx, p, &err)
	p.called = heard.reset
	if _, err := p.run(ctx, f, 0); err != nil {
		return err
	}
	b, err := heard.speedscope(p.manifest.Name + "/" + f.name)
	if err == nil {
		err = replace(file, b)
	}
	if err != nil {
		return fmt.Errorf("writing the profile: %w", err)
	}
	return nil
}
