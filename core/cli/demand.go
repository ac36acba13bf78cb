package cli

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"restock/core/console"
)

type demandCommand struct {
	client
	Source    string `help:"Only what this source sells." placeholder:"NAME"`
	Market    string `help:"Only who waits in this market." placeholder:"NAME"`
	Limit     int    `help:"How many lines at most, up to 1000." default:"50"`
	Workspace string `help:"The workspace." default:"default"`
	JSON      bool   `name:"json" help:"Print as JSON."`
}

// Run ranks what most people wait for.
func (c *demandCommand) Run(ctx context.Context) error {
	q := url.Values{"workspace": {c.Workspace}, "source": {c.Source}, "market": {c.Market}, "limit": {fmt.Sprint(c.Limit)}}
	var r console.DemandReport
	if err := c.call(ctx, http.MethodGet, "/api/v1/demand?"+q.Encode(), nil, &r); err != nil {
		return wrongArgument(err)
	}
	if c.JSON {
		return printJSON(r)
	}
	return printDemand(r)
}

func printDemand(r console.DemandReport) error {
	fmt.Printf("%d places in %d lines", r.Waiting, r.Lines)
	if amounts := console.Amounts(r.Potential); amounts != "" {
		fmt.Printf("; those below want goods for %s", amounts)
	}
	fmt.Println()
	t := newTable()
	for _, l := range r.Ranking {
		id := string(l.Variant)
		if l.Variant == "" {
			id = "any variant of " + string(l.Product)
		}
		potential := ""
		if l.Potential != nil {
			potential = l.Potential.String()
		}
		_, _ = fmt.Fprintf(t, "%d.\t%s %s%s\t%d waiting\t%d wanted\t%s\t%s%s %s\tfirst asked %s\t%s %s\n",
			l.Rank, l.Source, id, in(l.Market), l.Waiting, l.Wanted, potential, l.Phase, supplied(l.Supply), l.Since, l.Oldest, l.Title, l.Choice)
	}
	return t.Flush()
}
