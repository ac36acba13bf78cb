package kit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// coreNode is a core node that a command speaks to.
type coreNode struct {
	Core      string `help:"URL of the core node." default:"http://127.0.0.1:8081"`
	Token     string `help:"API token; better given as RESTOCK_TOKEN."`
	Workspace string `help:"The plugin's workspace." default:"default"`
}

// Bounds of a call to a core node.
const (
	callTime  = 2 * time.Minute
	maxAnswer = 64 << 20 // bytes
)

// apply declares a plugin: by a file, whose content is module, or by a hash.
func (c coreNode) apply(ctx context.Context, name string, spec map[string]string, module []byte) error {
	manifest := map[string]any{"kind": "Plugin", "name": name, "spec": spec}
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
	files := []file{{"plugin.yaml", text}}
	if module != nil {
		files = append(files, file{spec["file"], module})
	}
	return c.call(ctx, http.MethodPost, "/api/v1/apply", map[string]any{"files": files}, nil)
}

// in is a path of the API, within the workspace.
func (c coreNode) in(path string) string {
	return path + "?workspace=" + url.QueryEscape(c.Workspace)
}

// call sends JSON and reads the answer into out.
func (c coreNode) call(ctx context.Context, method, path string, in, out any) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(b)
	}
	if u, err := url.Parse(c.Core); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("asking the core node: %q is no URL; give one such as http://127.0.0.1:8081 by --core", c.Core)
	}
	request, err := http.NewRequestWithContext(ctx, method, strings.TrimRight(c.Core, "/")+path, body)
	if err != nil {
		return fmt.Errorf("asking the core node: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	if c.Token != "" {
		request.Header.Set("Authorization", "Bearer "+c.Token)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("asking the core node at %s: %w; is it running? (--core URL)", c.Core, errors.Unwrap(err))
	}
	defer func() { _ = answer.Body.Close() }() // read to its end or given up
	b, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("reading the core node's answer: %w", err)
	}
	if answer.StatusCode >= http.StatusBadRequest {
		return c.refusal(answer.StatusCode, b)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(b, out); err != nil {
		return fmt.Errorf("reading the core node's answer: %w; is %s the console's URL, of a node of this version?", err, c.Core)
	}
	return nil
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

func (c coreNode) refusal(code int, body []byte) error {
	var p problem
	switch err := json.Unmarshal(body, &p); {
	case code == http.StatusUnauthorized && c.Token == "":
		return errors.New("asking the core node: it wants a token; give the one of its first start as RESTOCK_TOKEN")
	case code == http.StatusUnauthorized:
		return errors.New("asking the core node: it does not know the token; give the one of its first start as RESTOCK_TOKEN")
	case err != nil || p.Title == "":
		return fmt.Errorf("asking the core node: %s answered %d, and not as a core node does; is it the console's URL, of a node of this version?", c.Core, code)
	case len(p.Errors) == 0:
		return fmt.Errorf("asking the core node: it refuses: %s", p.Detail)
	}
	lines := make([]string, len(p.Errors))
	for i, e := range p.Errors {
		lines[i] = e.Field + ": " + e.Message
	}
	return fmt.Errorf("asking the core node: it refuses, and nothing was changed:\n  %s", strings.Join(lines, "\n  "))
}
