package cli

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// readingCommand is an operator's word on what was read of a shop and is held, since it would bring back too many variants at
// once.
type readingCommand struct {
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
