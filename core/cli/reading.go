package cli

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// readingCommand has a shop read, and is an operator's word on what was read of it and is held, since it would bring back too
// many variants at once.
type readingCommand struct {
	Now     readNowCommand `cmd:"" help:"Read a source's API or feed at once, and not when it is time."`
	Approve releaseCommand `cmd:"" help:"Take over what is held of a source, and tell who waits."`
	Drop    releaseCommand `cmd:"" help:"Let go of what is held of a source; nobody is told of it."`
}

type releaseCommand struct {
	client
	Source    string `arg:"" help:"The source's name."`
	Workspace string `help:"Its workspace." default:"default"`
}

// Run approves or drops; which of them is the command's own name.
func (c *releaseCommand) Run(ctx context.Context, command commandPath) error {
	verb, done := "drop", "dropped"
	if strings.Contains(string(command), " approve ") {
		verb, done = "approve", "approved"
	}
	path := fmt.Sprintf("/api/v1/readings/%s/%s?workspace=%s", url.PathEscape(c.Source), verb, url.QueryEscape(c.Workspace))
	if err := c.call(ctx, http.MethodPost, path, nil, nil); err != nil {
		return err
	}
	fmt.Printf("what was held of %s is %s\n", c.Source, done)
	return nil
}

type readNowCommand struct {
	client
	Source    string `arg:"" help:"The source's name."`
	All       bool   `help:"The whole catalogue, and not only what may differ: what changed, and what somebody waits for. A feed is always read as a whole."`
	Workspace string `help:"Its workspace." default:"default"`
}

// Run has a source read. It does not wait for the end, which may be hours away.
func (c *readNowCommand) Run(ctx context.Context) error {
	path := fmt.Sprintf("/api/v1/readings/%s/now?workspace=%s&all=%t", url.PathEscape(c.Source), url.QueryEscape(c.Workspace), c.All)
	if err := c.call(ctx, http.MethodPost, path, nil, nil); err != nil {
		return err
	}
	fmt.Printf("%s is read next; restock status says how far that is\n", c.Source)
	return nil
}
