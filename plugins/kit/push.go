package kit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"restock/core/hook"
)

type pushCommand struct {
	target
	coreNode
}

// Run tries the plugin on the node, and hands it over when it does there what it does here.
func (c *pushCommand) Run(ctx context.Context, loader Loader) error {
	return c.push(ctx, loader, os.Stdout)
}

func (c *pushCommand) push(ctx context.Context, loader Loader, out io.Writer) (err error) {
	module, err := c.module(ctx, loader)
	if err != nil {
		return err
	}
	p, err := load(ctx, hostConfig(loader), module)
	if err != nil {
		return fmt.Errorf("checking %s: the core node would refuse it: %w", c.Path, explained(err))
	}
	defer closing(ctx, p, &err)
	fixtures, err := fixturesIn(c.folder())
	if err != nil {
		return err
	}
	hash, err := c.tryAll(ctx, p, module, fixtures)
	if err != nil {
		return err
	}
	before, err := c.plugin(ctx, p.manifest.Name)
	if err != nil {
		return err
	}
	if err := c.apply(ctx, p.manifest.Name, map[string]string{"file": p.manifest.Name + ".wasm"}, module); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s %s %s is on %s: %d fixtures gave the same answers and the same fuel there\nits hash is %s%s\n",
		p.manifest.Kind, p.manifest.Name, p.manifest.Version, c.Core, len(fixtures), hash, before.replacedBy(hash))
	return err
}

// replacedBy says what became of the version that was in use, and who asks the one that is.
func (b pluginReport) replacedBy(hash string) string {
	switch {
	case len(b.Versions) == 0:
		return "; journeys may ask it from now on"
	case b.Versions[0].Hash == hash:
		return ", which was in use already: nothing has changed"
	}
	return fmt.Sprintf("; it takes the place of %s (%s), which `restock plugin roll-back %s` brings back; asked by %s",
		b.Versions[0].Version, b.Versions[0].Hash[:shortHash], b.Name, orNothing(b.Asked))
}

// tryAll runs the fixtures here, and when all are answered as they should be there as well, and wants the same of both; it answers the hash by which the node knows the module.
func (c *pushCommand) tryAll(ctx context.Context, p *plugin, module []byte, fixtures []fixture) (hash string, err error) {
	if len(fixtures) == 0 {
		fixtures = []fixture{{name: "nothing"}} // it must load there in any case
	}
	here := make([]measure, len(fixtures))
	for i, f := range fixtures {
		if here[i], err = p.run(ctx, f, 0); err == nil {
			err = c.expected(f, here[i])
		}
		if err != nil {
			return "", err
		}
	}
	for i, f := range fixtures {
		there, err := c.try(ctx, p, module, f)
		if err != nil {
			return "", err
		}
		if hash, err = there.Plugin, there.compare(p, here[i], f.name); err != nil {
			return "", err
		}
	}
	return hash, nil
}

// expected is an error when a fixture is not answered as its out.json says, or, where there is none, not answered at all.
func (c *pushCommand) expected(f fixture, here measure) error {
	want, err := readOutcome(filepath.Join(c.folder(), fixturesFolder, f.name, outFile))
	if errors.Is(err, fs.ErrNotExist) {
		if here.Outcome.Fails != "" {
			return fmt.Errorf("trying fixture %s: the plugin fails, and nothing was pushed: %s", f.name, here.Words)
		}
		return nil
	}
	if err != nil {
		return err
	}
	if d := here.Outcome.differs(want); d != "" {
		return fmt.Errorf("trying fixture %s: it does not answer what its %s says, and nothing was pushed:\n%s\n"+
			"mend the plugin, or write down what it answers now by `restock plugin test --update`", f.name, outFile, d)
	}
	return nil
}

// trial is a core node's answer; core/console has its description.
type trial struct {
	Plugin  string `json:"plugin"`
	Results []struct {
		Output []byte `json:"output"`
		Fuel   int64  `json:"fuel"`
		Failed string `json:"failed"`
		Text   string `json:"text"`
	} `json:"results"`
}

// try has the node run one fixture.
func (c *pushCommand) try(ctx context.Context, p *plugin, module []byte, f fixture) (t trial, err error) {
	input, err := p.fields.AppendValues(nil, f.values)
	if err != nil {
		return t, err
	}
	config, err := hook.EncodeConfig(f.Config)
	if err != nil {
		return t, err
	}
	at := p.moment(f)
	body := map[string]any{
		"module": module, "config": config,
		"cases": []map[string]any{{"input": input, "now": at.Now, "seed": at.Seed[:]}},
	}
	if err := c.call(ctx, "POST", "/api/v1/plugins/try", body, &t); err != nil {
		return t, err
	}
	if len(t.Results) != 1 {
		return t, fmt.Errorf("trying fixture %s on the core node: it answered %d results; use the restock of the node's version", f.name, len(t.Results))
	}
	return t, nil
}

// compare says what the node found otherwise than this machine.
func (t trial) compare(p *plugin, here measure, name string) error {
	r := t.Results[0]
	there := outcome{Fails: r.Failed, Fuel: r.Fuel}
	if r.Failed == "" {
		decoded, err := p.outcomeOf(r.Output)
		decoded.Fuel = r.Fuel
		switch {
		case errors.Is(err, hook.ErrAnswer):
			decoded = outcome{Fails: here.Outcome.Fails, Fuel: r.Fuel} // nonsense there as well; its name is ours to find
		case err != nil:
			return err
		}
		there = decoded
	}
	if d := there.differs(here.Outcome); d != "" {
		return fmt.Errorf("trying fixture %s on the core node: it answers otherwise there:\n%s\n%s", name, d, r.Text)
	}
	if there.Fuel != here.Outcome.Fuel {
		return fmt.Errorf("trying fixture %s on the core node: it used %d units of fuel there and %d here; use the restock of the node's version", name, there.Fuel, here.Outcome.Fuel)
	}
	return nil
}
