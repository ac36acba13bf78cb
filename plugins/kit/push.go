package kit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"restock/core/hook"
)

type pushCommand struct {
	target
	Core      string `help:"URL of the core node." default:"http://127.0.0.1:8081"`
	Token     string `help:"API token; better given as RESTOCK_TOKEN."`
	Workspace string `help:"Workspace that gets the plugin; the node's first, if left out."`
}

// Bounds of a call to a core node.
const (
	pushTime  = 2 * time.Minute
	maxPushed = 64 << 20 // bytes of an answer
)

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
		return explained(err)
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
	if err := c.apply(ctx, p, module); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s %s %s is on %s: %d fixtures gave the same answers and the same fuel there\nits hash is %s; "+
		"to come back to it, apply kind: Plugin, name: %s, spec: {hash: %s}\n",
		p.manifest.Kind, p.manifest.Name, p.manifest.Version, c.Core, len(fixtures), hash, p.manifest.Name, hash)
	return err
}

// tryAll runs the fixtures here and there and wants the same of both; it answers the hash by which the node knows the module.
func (c *pushCommand) tryAll(ctx context.Context, p *plugin, module []byte, fixtures []fixture) (hash string, err error) {
	if len(fixtures) == 0 {
		fixtures = []fixture{{name: "nothing"}} // it must load there in any case
	}
	for _, f := range fixtures {
		here, err := p.run(ctx, f, 0)
		if err != nil {
			return "", err
		}
		there, err := c.try(ctx, p, module, f)
		if err != nil {
			return "", err
		}
		if hash, err = there.Plugin, there.compare(p, here, f.name); err != nil {
			return "", err
		}
	}
	return hash, nil
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
	if err := c.call(ctx, "/api/v1/plugins/try", body, &t); err != nil {
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

// apply hands the module over.
func (c *pushCommand) apply(ctx context.Context, p *plugin, module []byte) error {
	name := p.manifest.Name
	manifest := map[string]any{"kind": "Plugin", "name": name, "spec": map[string]string{"file": name + ".wasm"}}
	if c.Workspace != "" {
		manifest["workspace"] = c.Workspace
	}
	text, err := json.Marshal(manifest) // JSON is YAML
	if err != nil {
		return err
	}
	type file struct {
		Name string `json:"name"`
		Data []byte `json:"data"`
	}
	files := []file{{"plugin.yaml", text}, {name + ".wasm", module}}
	return c.call(ctx, "/api/v1/apply", map[string]any{"files": files}, nil)
}

// problem is an error answer (RFC 9457).
type problem struct {
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Errors []struct {
		Field   string `json:"field"`
		Message string `json:"message"`
	} `json:"errors"`
}

// call posts JSON and reads the answer into out.
func (c *pushCommand) call(ctx context.Context, path string, in, out any) error {
	ctx, cancel := context.WithTimeout(ctx, pushTime)
	defer cancel()
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(c.Core, "/")+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("asking the core node: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	if c.Token != "" {
		request.Header.Set("Authorization", "Bearer "+c.Token)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("asking the core node at %s: %w; is it running? (--core URL)", c.Core, err)
	}
	defer func() { _ = answer.Body.Close() }() // read to its end or given up
	b, err := io.ReadAll(io.LimitReader(answer.Body, maxPushed))
	if err != nil {
		return fmt.Errorf("reading the core node's answer: %w", err)
	}
	if answer.StatusCode >= http.StatusBadRequest {
		return refusal(answer.StatusCode, b)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(b, out)
}

func refusal(code int, body []byte) error {
	var p problem
	if json.Unmarshal(body, &p) != nil || p.Title == "" {
		return fmt.Errorf("asking the core node: it answered %d", code)
	}
	if code == http.StatusUnauthorized {
		return errors.New("asking the core node: it wants a token; give the one of its first start as RESTOCK_TOKEN")
	}
	lines := []string{strings.TrimSpace(p.Title + ": " + p.Detail)}
	for _, e := range p.Errors {
		lines = append(lines, e.Field+": "+e.Message)
	}
	return fmt.Errorf("asking the core node: it refuses: %s", strings.Join(lines, "\n  "))
}
