package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// client speaks to a core node's API.
type client struct {
	Core  string `help:"URL of the core node." default:"http://127.0.0.1:8081"`
	Token string `help:"API token; better given as RESTOCK_TOKEN."`
}

// Bounds of a call.
const (
	callTime  = 2 * time.Minute
	maxAnswer = 64 << 20
)

// problem is an error answer (RFC 9457).
type problem struct {
	Title  string  `json:"title"`
	Detail string  `json:"detail"`
	Errors []fault `json:"errors"`
}

// fault is one wrong thing; file and line are given for what was applied.
type fault struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Field   string `json:"field"`
	Message string `json:"message"`
}

// String is "file:line: field: message", the form that editors jump to.
func (f fault) String() string {
	var b strings.Builder
	if f.File != "" {
		fmt.Fprintf(&b, "%s:%d: ", f.File, f.Line)
	}
	if f.Field != "" {
		fmt.Fprintf(&b, "%s: ", f.Field)
	}
	return b.String() + f.Message
}

// call sends a request and reads the answer into out.
func (c client) call(ctx context.Context, method, path string, in, out any) error {
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
	request, err := http.NewRequestWithContext(ctx, method, strings.TrimRight(c.Core, "/")+path, body)
	if err != nil {
		return fmt.Errorf("%w: core: %w", ErrSettings, err)
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
	b, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
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

// refusal is an error answer in words, a line for each wrong field.
func refusal(status int, body []byte) error {
	var p problem
	if json.Unmarshal(body, &p) != nil || p.Title == "" {
		return fmt.Errorf("the core node answered %d", status)
	}
	if status == http.StatusUnauthorized {
		return errors.New("the core node asks for a token: it was printed at its first start; give it as RESTOCK_TOKEN")
	}
	lines := make([]string, 0, len(p.Errors)+1)
	lines = append(lines, strings.TrimPrefix(p.Detail, p.Title+": "))
	for _, f := range p.Errors {
		lines = append(lines, "  "+f.String())
	}
	return &refused{status, strings.Join(lines, "\n")}
}

// refused is the core node's own answer to what it does not do.
type refused struct {
	status int // of HTTP
	words  string
}

func (r *refused) Error() string { return r.words }
