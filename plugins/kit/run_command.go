package kit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"restock/core/hook"
	"restock/wasm"
)

type runCommand struct {
	target
	Fixture []string `short:"f" help:"Name of a folder of fixtures, or a file; all, if left out." placeholder:"NAME|FILE"`
	JSON    bool     `name:"json" help:"Print JSON, one line for each fixture."`
	Profile string   `help:"Write where the fuel of the one fixture goes, by functions, for https://www.speedscope.app." placeholder:"FILE"`
	Watch   bool     `help:"Build and run again whenever a file changes."`
}

// Run runs fixtures, once or whenever something changes.
func (c *runCommand) Run(ctx context.Context, loader Loader) error {
	if !c.Watch {
		return c.once(ctx, loader, os.Stdout)
	}
	return watch(ctx, c.folder(), func() {
		if err := c.once(ctx, loader, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "restock:", err)
		}
	})
}

func (c *runCommand) once(ctx context.Context, loader Loader, out io.Writer) (err error) {
	if err := c.check(); err != nil {
		return err
	}
	fixtures, err := c.fixtures()
	if err != nil {
		return err
	}
	if c.Profile != "" && len(fixtures) != 1 {
		return fmt.Errorf("profiling: there are %d fixtures; name one by --fixture", len(fixtures))
	}
	p, err := c.load(ctx, loader)
	if err != nil {
		return err
	}
	defer closing(ctx, p, &err)
	if c.Profile != "" {
		if err := c.profile(ctx, loader, fixtures[0], c.Profile); err != nil {
			return err
		}
	}
	for _, f := range fixtures {
		m, err := p.run(ctx, f, timedCalls)
		if err != nil {
			return err
		}
		if err := c.print(out, m); err != nil {
			return err
		}
	}
	return nil
}

func (c *runCommand) fixtures() (all []fixture, err error) {
	for _, name := range c.Fixture {
		f, err := findFixture(c.folder(), name)
		if err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	if len(c.Fixture) > 0 {
		return all, nil
	}
	if all, err = fixturesIn(c.folder()); err == nil && len(all) == 0 {
		err = fmt.Errorf("finding fixtures: there is no %s; write one, {} for nothing, or name another file by --fixture",
			filepath.Join(c.folder(), fixturesFolder, "NAME", inFile))
	}
	return all, err
}

func (c *runCommand) print(out io.Writer, m measure) error {
	if c.JSON {
		return json.NewEncoder(out).Encode(m)
	}
	_, err := io.WriteString(out, m.String())
	return err
}

// String is the report of a run, for people.
func (m measure) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", hook.Line(m.Fixture), m.Outcome.words())
	if m.Words != "" {
		fmt.Fprintf(&b, "  %s\n", strings.ReplaceAll(m.Words, "\n", "\n  "))
	}
	for _, l := range m.Logs {
		fmt.Fprintf(&b, "  log %s: %s\n", levelNames[l.Level], hook.Line(strings.TrimSpace(l.Text)))
	}
	if m.LogsCut {
		fmt.Fprintf(&b, "  log: the rest was cut off; the limit is %d bytes and 64 lines a call\n", wasm.DefaultLogLimit)
	}
	row := func(name string, u usage, unit string) {
		if u.Limit > 0 {
			fmt.Fprintf(&b, "  %-8s %10d %-6s %8s of %d\n", name, u.Used, unit, percent(u.Used, u.Limit), u.Limit)
		}
	}
	row("fuel", m.Fuel, "units")
	row("booting", m.BootFuel, "units")
	row("memory", m.Memory, "bytes")
	row("input", m.Input, "bytes")
	row("output", m.Output, "bytes")
	row("module", m.Module, "bytes")
	if m.Time > 0 {
		fmt.Fprintf(&b, "  %-8s %10d ns     the shortest of %d calls, each with its reset\n", "time", m.Time, timedCalls)
	}
	fmt.Fprintf(&b, "  %-8s %10d pages  of 4 KiB, to be brought back before the next call\n", "dirty", m.Dirty)
	return b.String()
}

var levelNames = map[wasm.Level]string{wasm.LevelDebug: "debug", wasm.LevelInfo: "info", wasm.LevelWarn: "warn", wasm.LevelError: "error"}

// watchEvery is how often watch looks.
const watchEvery = 300 * time.Millisecond

// watch does something now and whenever a file of the folder changed, until the context ends.
func watch(ctx context.Context, dir string, do func()) error {
	var last time.Time
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		now, err := newestOf(dir)
		if err != nil {
			return fmt.Errorf("watching %s: %w", dir, err)
		}
		if now.After(last) {
			last = now // what is saved while it builds is built next
			do()
		}
		select {
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.Canceled) {
				return nil
			}
			return ctx.Err()
		case <-tick.C:
		}
	}
}
