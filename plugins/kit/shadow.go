package kit

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"restock/core/hook"
)

type shadowCommand struct {
	target
	Hash string `help:"Compare a version that was in use before, by its hash or the beginning of it." placeholder:"HASH"`
	As   string `help:"Name of the plugin on the node, if another than its own." placeholder:"NAME"`
	Last int    `help:"How many contacts, at most 10000." default:"1000"`
	JSON bool   `name:"json" help:"Print as JSON."`
	coreNode
}

// shadowReport is what two versions answer about the same contacts; core/console has its description.
type shadowReport struct {
	Plugin      string             `json:"plugin"`
	Old         string             `json:"old"`
	New         string             `json:"new"`
	Asked       int                `json:"asked"`
	Same        int                `json:"same"`
	Reworded    int                `json:"reworded"`
	Differ      int                `json:"differ"`
	More        bool               `json:"more"`
	OldFails    int                `json:"old_fails"`
	NewFails    int                `json:"new_fails"`
	OldFuel     int64              `json:"old_fuel"`
	NewFuel     int64              `json:"new_fuel"`
	Places      []shadowPlace      `json:"places"`
	Differences []shadowDifference `json:"differences"`
}

type shadowPlace struct {
	Journey string `json:"journey"`
	Shape   string `json:"shape"`
	Asked   int    `json:"asked"`
	Differ  int    `json:"differ"`
}

type shadowDifference struct {
	Run     string  `json:"run"`
	Contact string  `json:"contact"`
	Address string  `json:"address"`
	Journey string  `json:"journey"`
	Shape   string  `json:"shape"`
	At      string  `json:"at"`
	Old     outcome `json:"old"`
	New     outcome `json:"new"`
}

// Run compares the plugin with the version that a core node has in use, about the last contacts that it was asked about there.
func (c *shadowCommand) Run(ctx context.Context, loader Loader) error {
	return c.shadow(ctx, loader, os.Stdout)
}

func (c *shadowCommand) shadow(ctx context.Context, loader Loader, out io.Writer) error {
	name, body, err := c.request(ctx, loader)
	if err != nil {
		return err
	}
	var r shadowReport
	if err := c.call(ctx, http.MethodPost, c.in("/api/v1/plugins/"+url.PathEscape(name)+"/shadow"), body, &r); err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(out).Encode(r)
	}
	_, err = io.WriteString(out, r.String())
	return err
}

// request is the plugin's name on the node and what is compared with it.
func (c *shadowCommand) request(ctx context.Context, loader Loader) (name string, body map[string]any, err error) {
	if c.Hash == "" {
		module, m, err := c.described(ctx, loader)
		return cmp.Or(c.As, m.Name), map[string]any{"module": module, "last": c.Last}, err
	}
	if name = c.As; name == "" {
		_, m, err := readDeclaration(c.folder())
		if err != nil {
			return "", nil, fmt.Errorf("%w, or the plugin by --as", err)
		}
		name = m.Name
	}
	p, err := c.plugin(ctx, name)
	if err != nil {
		return "", nil, err
	}
	v, err := p.earlier(strings.ToLower(c.Hash))
	return name, map[string]any{"hash": v.Hash, "last": c.Last}, err
}

// described is the module with its manifest.
func (t target) described(ctx context.Context, loader Loader) ([]byte, hook.Manifest, error) {
	module, err := t.module(ctx, loader)
	if err != nil {
		return nil, hook.Manifest{}, err
	}
	section, ok := hook.FindSection(module, hook.Section)
	if !ok {
		return nil, hook.Manifest{}, fmt.Errorf("reading %s: it is no plugin: it has no custom section %q; `restock plugin build` makes it", t.Path, hook.Section)
	}
	m, err := hook.ReadManifest(section)
	return module, m, err
}

// String is the report for people.
func (r shadowReport) String() string {
	var b strings.Builder
	if r.Asked == 0 {
		return fmt.Sprintf("no journey has asked %s about a contact yet that is still known; there is nothing to compare by\n", r.Plugin)
	}
	fmt.Fprintf(&b, "%s: %d contacts, %d answered the same, %d in other words, %d otherwise\n", r.Plugin, r.Asked, r.Same, r.Reworded, r.Differ)
	fmt.Fprintf(&b, "  in use  %s  %d failures, at most %d units of fuel\n", r.Old[:shortHash], r.OldFails, r.OldFuel)
	fmt.Fprintf(&b, "  this    %s  %d failures, at most %d units of fuel\n", r.New[:shortHash], r.NewFails, r.NewFuel)
	for _, p := range r.Places {
		fmt.Fprintf(&b, "  %s/%s: %d otherwise of %d\n", p.Journey, p.Shape, p.Differ, p.Asked)
	}
	for _, d := range r.Differences {
		fmt.Fprintf(&b, "%s %s/%s %s, run %s\n  in use  %s\n  this    %s\n", d.At, d.Journey, d.Shape, d.Address, d.Run, d.Old.words(), d.New.words())
	}
	if shown := len(r.Differences); shown < r.Reworded+r.Differ {
		fmt.Fprintf(&b, "%d more differ\n", r.Reworded+r.Differ-shown)
	}
	if r.More {
		b.WriteString("there may be more contacts: there was no time to ask about all\n")
	}
	return b.String()
}
