package kit

import (
	"context"
	"fmt"
	"io"
	"os"

	"restock/wasm"
)

type checkCommand struct {
	target
}

// Run checks a plugin as a core node will: it loads and boots it, and asks it about its fixtures and about nothing at all.
func (c *checkCommand) Run(ctx context.Context, loader Loader) error {
	module, err := c.module(ctx, loader)
	if err != nil {
		return err
	}
	fixtures, err := fixturesIn(c.folder())
	if err != nil {
		return err
	}
	return check(ctx, hostConfig(loader), module, fixtures, os.Stdout)
}

// check says what is wrong with a module and what to do about it, or that nothing is.
func check(ctx context.Context, config wasm.Config, module []byte, fixtures []fixture, out io.Writer) (err error) {
	p, err := load(ctx, config, module)
	if err != nil {
		return fmt.Errorf("checking plugin: it would be refused: %w", explained(err))
	}
	defer closing(ctx, p, &err)
	fixtures = append(fixtures, fixture{name: "a case of which nothing is known"})
	for _, f := range fixtures {
		m, err := p.run(ctx, f, 1)
		if err != nil {
			return err
		}
		if m.Outcome.Fails != "" {
			return fmt.Errorf("checking plugin %s: asked about %s it fails: %s", p.manifest.Name, f.name, m.Words)
		}
	}
	_, err = fmt.Fprintf(out, "%s %s %s: a core node takes it; %s", p.manifest.Kind, p.manifest.Name, p.manifest.Version, sizes(module))
	return err
}
