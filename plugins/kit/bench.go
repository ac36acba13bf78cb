package kit

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"restock/wasm"
)

type benchCommand struct {
	Path     []string      `arg:"" optional:"" default:"." help:"Plugins' folders, or modules beside their fixtures."`
	Time     time.Duration `default:"300ms" help:"How long each fixture is asked."`
	Markdown bool          `help:"Print a table in Markdown, a line for each plugin."`
}

// benchmark is what the calls of a plugin took; of several fixtures the dearest counts.
type benchmark struct {
	name, kind, sdk string
	size            int   // bytes of the module
	boot, fuel      int64 // units
	shortest, usual int64 // ns: the least of all, and the median, with the reset
	dirty           int   // pages
}

// Run measures plugins.
func (c *benchCommand) Run(ctx context.Context, loader Loader) error {
	if c.Markdown {
		fmt.Println("| Plugin | Kind | Built by | Module | Booting | Fuel | of the limit | ns, shortest | ns, median | dirty pages |")
		fmt.Println("|---|---|---|---:|---:|---:|---:|---:|---:|---:|")
	}
	for _, path := range c.Path {
		if err := c.bench(ctx, loader, target{path}, os.Stdout); err != nil {
			return err
		}
	}
	return nil
}

func (c *benchCommand) bench(ctx context.Context, loader Loader, t target, out io.Writer) (err error) {
	p, err := t.load(ctx, loader)
	if err != nil {
		return err
	}
	defer closing(ctx, p, &err)
	fixtures, err := fixturesIn(t.folder())
	if err != nil {
		return err
	}
	if len(fixtures) == 0 {
		return fmt.Errorf("measuring %s: there is no %s to ask it about", p.manifest.Name, filepath.Join(t.folder(), fixturesFolder, "NAME", inFile))
	}
	worst := benchmark{name: p.manifest.Name, kind: string(p.manifest.Kind), sdk: p.manifest.SDK, size: p.size}
	for _, f := range fixtures {
		m, err := p.run(ctx, f, 0)
		if err != nil {
			return err
		}
		if m.Outcome.Fails != "" {
			continue // a way to fail is no way to work
		}
		shortest, usual, err := p.time(ctx, f, c.Time)
		if err != nil {
			return err
		}
		if !c.Markdown {
			fmt.Fprintf(out, "%s/%s: %d units of fuel, %d ns at least, %d ns usually, %d dirty pages\n", p.manifest.Name, f.name, m.Fuel.Used, shortest, usual, m.Dirty)
		}
		worst.boot = m.BootFuel.Used
		worst.fuel, worst.dirty = max(worst.fuel, m.Fuel.Used), max(worst.dirty, m.Dirty)
		worst.shortest, worst.usual = max(worst.shortest, shortest), max(worst.usual, usual)
	}
	if c.Markdown {
		_, err = io.WriteString(out, worst.row())
	}
	return err
}

func (b benchmark) row() string {
	cells := []string{"[" + b.name + "](" + b.name + ")", b.kind, b.sdk, fmt.Sprintf("%.1f KB", float64(b.size)/1000), fmt.Sprint(b.boot), fmt.Sprint(b.fuel),
		percent(b.fuel, wasm.DefaultFuel), fmt.Sprint(b.shortest), fmt.Sprint(b.usual), fmt.Sprint(b.dirty)}
	return "| " + strings.Join(cells, " | ") + " |\n"
}

// time asks a fixture for a while and answers the shortest and the median call, in ns.
func (p *plugin) time(ctx context.Context, f fixture, span time.Duration) (shortest, usual int64, err error) {
	input, err := p.fields.AppendValues(nil, f.values)
	if err != nil {
		return 0, 0, err
	}
	guest, err := p.boot(ctx, f.Config)
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = guest.Close() }() // never fails
	w, err := guest.Worker(ctx)
	if err != nil {
		return 0, 0, err
	}
	defer w.Close()
	var took []int64
	at := p.moment(f)
	for end := time.Now().Add(span); len(took) == 0 || time.Now().Before(end); {
		began := time.Now()
		if _, err := w.Call(p.manifest.Export(), input, at); err != nil {
			return 0, 0, explained(err)
		}
		took = append(took, time.Since(began).Nanoseconds())
	}
	slices.Sort(took)
	return took[0], took[len(took)/2], nil
}
