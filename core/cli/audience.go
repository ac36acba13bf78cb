package cli

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"restock/core/console"
)

// audienceCommand shows who a saved filter holds for.
type audienceCommand struct {
	client
	Name      string `arg:"" help:"The audience's name."`
	Sample    int    `help:"How many of its contacts to show, at most 1000." default:"10"`
	Workspace string `help:"Its workspace." default:"default"`
	JSON      bool   `name:"json" help:"Print as JSON."`
}

// Run counts the audience and shows some of it.
func (c *audienceCommand) Run(ctx context.Context) error {
	var r console.AudienceReport
	path := fmt.Sprintf("/api/v1/audiences/%s?workspace=%s&sample=%d", url.PathEscape(c.Name), url.QueryEscape(c.Workspace), c.Sample)
	if err := c.call(ctx, http.MethodGet, path, nil, &r); err != nil {
		return wrongArgument(err)
	}
	if c.JSON {
		return printJSON(r)
	}
	counted := fmt.Sprint(r.Count)
	if r.More {
		counted = "more than " + counted
	}
	fmt.Printf("%s: %s\n%s contacts, at %s (days of %s)\n", r.Title, r.Where, counted, r.At, r.Zone)
	t := newTable()
	for _, contact := range r.Sample {
		_, _ = fmt.Fprintf(t, "  %s\t%s\n", contact.Address, contact.Contact)
	}
	return t.Flush()
}
