package kit

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"restock/core"
	"restock/core/hook"
)

type replayCommand struct {
	RunID string `arg:"" name:"run" help:"Id of a run in a journey, as shadow and a contact's export name it."`
	target
	As   string `help:"Name of the plugin on the node, if another than its own." placeholder:"NAME"`
	Save string `help:"Keep it as a fixture of this name. It holds what the plugin reads of a real contact." placeholder:"NAME"`
	JSON bool   `name:"json" help:"Print JSON, one line for each time that the plugin was asked."`
	coreNode
}

// replayReport is what a run met where it asked a plugin; core/console has its description.
type replayReport struct {
	Contact string       `json:"contact"`
	Cases   []replayCase `json:"cases"`
}

type replayCase struct {
	Journey string `json:"journey"`
	Shape   string `json:"shape"`
	Now     int64  `json:"now"`
	Reason  string `json:"reason"`
	Detail  string `json:"detail"`
	Config  []byte `json:"config"`
	Input   []byte `json:"input"`
}

// Run asks the plugin here what a run in a journey asked it on the node.
func (c *replayCommand) Run(ctx context.Context, loader Loader) error {
	return c.replay(ctx, loader, os.Stdout)
}

func (c *replayCommand) replay(ctx context.Context, loader Loader, out io.Writer) (err error) {
	if c.Save != "" && !core.ValidName(c.Save) {
		return fmt.Errorf("keeping the run as a fixture: %q is no name; use 1 to 63 of a-z, 0-9 and -", c.Save)
	}
	module, m, err := c.described(ctx, loader)
	if err != nil {
		return err
	}
	name := cmp.Or(c.As, m.Name)
	var r replayReport
	body := map[string]any{"module": module, "run": c.RunID}
	if err := c.call(ctx, http.MethodPost, c.in("/api/v1/plugins/"+url.PathEscape(name)+"/replay"), body, &r); err != nil {
		return err
	}
	if len(r.Cases) == 0 {
		return fmt.Errorf("replaying run %s: its journey has not asked plugin %s about it; name another by --as", c.RunID, name)
	}
	p, err := load(ctx, hostConfig(loader), module)
	if err != nil {
		return explained(err)
	}
	defer closing(ctx, p, &err)
	for n, one := range r.Cases {
		if err := c.one(ctx, p, r.Contact, one, n, out); err != nil {
			return err
		}
	}
	return nil
}

// one asks once more, and keeps what was asked if that is wanted.
func (c *replayCommand) one(ctx context.Context, p *plugin, contact string, r replayCase, n int, out io.Writer) error {
	f, err := r.fixture(p, contact)
	if err != nil {
		return fmt.Errorf("replaying %s: %w", f.name, err)
	}
	if c.Save != "" {
		folder := c.Save
		if n > 0 {
			folder = fmt.Sprintf("%s-%d", c.Save, n+1)
		}
		if err := f.write(filepath.Join(c.folder(), fixturesFolder, folder)); err != nil {
			return err
		}
	}
	m, err := p.run(ctx, f, timedCalls)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(out).Encode(m)
	}
	said := r.Reason
	if r.Detail != "" {
		said += ": " + r.Detail
	}
	_, err = fmt.Fprintf(out, "%s said on %s: %s\n%s", f.name, time.UnixMilli(r.Now).UTC().Format(time.RFC3339), said, m)
	return err
}

// fixture is the question as a fixture has it.
func (r replayCase) fixture(p *plugin, contact string) (f fixture, err error) {
	f = fixture{name: r.Journey + "/" + r.Shape, Step: r.Shape}
	if f.values, err = p.fields.Values(r.Input); err != nil {
		return f, err
	}
	f.values["now"], f.values["contact.id"] = r.Now, contact // clock and chance
	f.Config, err = hook.DecodeConfig(r.Config)
	return f, err
}

// write writes in.json into a folder that is not there yet.
func (f fixture) write(folder string) error {
	if _, err := os.Stat(folder); err == nil {
		return fmt.Errorf("keeping the run as a fixture: %s is there already; choose another name", folder)
	}
	f.Context = maps.Clone(f.values)
	b, err := json.MarshalIndent(f, "", "  ")
	if err == nil {
		err = os.MkdirAll(folder, 0o755)
	}
	if err == nil {
		err = replace(filepath.Join(folder, inFile), append(b, '\n'))
	}
	if err != nil {
		return fmt.Errorf("keeping the run as a fixture: %w", err)
	}
	return nil
}
