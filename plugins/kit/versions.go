package kit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"text/tabwriter"
)

type versionsCommand struct {
	Name string `arg:"" optional:"" help:"The plugin's name; all, if left out."`
	JSON bool   `name:"json" help:"Print as JSON."`
	coreNode
}

type rollBackCommand struct {
	Name string `arg:"" help:"The plugin's name."`
	Hash string `arg:"" optional:"" help:"The version's hash or its beginning, as versions prints it; the one before the one in use, if left out."`
	coreNode
}

// pluginReport is a plugin on a core node; core/console has its description.
type pluginReport struct {
	Name     string          `json:"name"`
	Kind     string          `json:"kind"`
	Asked    []string        `json:"asked_by"`
	Versions []pluginVersion `json:"versions"` // the one in use first
}

type pluginVersion struct {
	Hash    string `json:"hash"`
	Version string `json:"version"`
	Size    int    `json:"size"`
	Since   string `json:"since"`
}

// shortHash is how much of a hash people are shown, in characters.
const shortHash = 12

func (c coreNode) plugins(ctx context.Context) (all []pluginReport, err error) {
	return all, c.call(ctx, http.MethodGet, c.in("/api/v1/plugins"), nil, &all)
}

// plugin is the one of that name; without versions when there is none.
func (c coreNode) plugin(ctx context.Context, name string) (pluginReport, error) {
	all, err := c.plugins(ctx)
	for _, p := range all {
		if p.Name == name {
			return p, err
		}
	}
	return pluginReport{Name: name}, err
}

// Run lists versions.
func (c *versionsCommand) Run(ctx context.Context) error { return c.list(ctx, os.Stdout) }

func (c *versionsCommand) list(ctx context.Context, out io.Writer) error {
	all, err := c.plugins(ctx)
	if err != nil {
		return err
	}
	if c.Name != "" {
		p, err := c.plugin(ctx, c.Name)
		if err != nil {
			return err
		}
		if len(p.Versions) == 0 {
			return noPlugin(c.Name)
		}
		all = []pluginReport{p}
	}
	if c.JSON {
		return json.NewEncoder(out).Encode(all)
	}
	for _, p := range all {
		if err := p.print(out); err != nil {
			return err
		}
	}
	return nil
}

func noPlugin(name string) error {
	return fmt.Errorf("finding plugin %s: the core node has none of that name; `restock plugin versions` lists those that it has", name)
}

func (p pluginReport) print(out io.Writer) error {
	_, err := fmt.Fprintf(out, "%s %s, asked by %s\n", p.Kind, p.Name, orNothing(p.Asked))
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for i, v := range p.Versions {
		use := ""
		if i == 0 {
			use = "in use"
		}
		_, e := fmt.Fprintf(t, "  %s\t%s\t%d bytes\tsince %s\t%s\n", v.Hash[:min(len(v.Hash), shortHash)], v.Version, v.Size, since(v.Since), use)
		err = errors.Join(err, e)
	}
	return errors.Join(err, t.Flush())
}

func since(at string) string {
	if at == "" {
		return "some time" // from before nodes wrote it down
	}
	return at
}

// Run goes back to a version.
func (c *rollBackCommand) Run(ctx context.Context) error { return c.back(ctx, os.Stdout) }

func (c *rollBackCommand) back(ctx context.Context, out io.Writer) error {
	p, err := c.plugin(ctx, c.Name)
	if err != nil {
		return err
	}
	v, err := p.earlier(strings.ToLower(c.Hash))
	if err != nil {
		return err
	}
	if err := c.apply(ctx, c.Name, map[string]string{"hash": v.Hash}, nil); err != nil {
		return err
	}
	now := p.Versions[0]
	_, err = fmt.Fprintf(out, "%s is %s (%s) again; %s (%s) stays: restock plugin roll-back %s %s\n",
		c.Name, v.Version, v.Hash[:shortHash], now.Version, now.Hash[:shortHash], c.Name, now.Hash[:shortHash])
	return err
}

// earlier finds the version that a hash begins with; "" is the one before the one in use.
func (p pluginReport) earlier(hash string) (found pluginVersion, err error) {
	if len(p.Versions) == 0 {
		return found, noPlugin(p.Name)
	}
	n := 0
	for _, v := range p.Versions[1:] {
		if strings.HasPrefix(v.Hash, hash) && (hash != "" || n == 0) {
			found = v
			n++
		}
	}
	switch {
	case n == 1:
		return found, nil
	case len(p.Versions) == 1:
		return found, fmt.Errorf("going back: %s has no version but the one in use", p.Name)
	case n > 1:
		return found, fmt.Errorf("going back: %d versions of %s begin with %s; give more of the hash", n, p.Name, hash)
	case strings.HasPrefix(p.Versions[0].Hash, hash):
		return found, fmt.Errorf("going back: %s is in use already", hash)
	}
	return found, fmt.Errorf("going back: no version of %s begins with %s; `restock plugin versions %s` lists them", p.Name, hash, p.Name)
}
