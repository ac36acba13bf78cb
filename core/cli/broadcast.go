package cli

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"restock/core"
	"restock/core/console"
)

// broadcastCommand is what an operator may ask and say about broadcasts.
type broadcastCommand struct {
	On     setBroadcastCommand `cmd:"" help:"Turn a broadcast on: it begins at its time, or at once."`
	Off    setBroadcastCommand `cmd:"" help:"Turn a broadcast off. One that is going stops, for good."`
	Pause  setBroadcastCommand `cmd:"" help:"Hold a broadcast where it is."`
	Resume setBroadcastCommand `cmd:"" help:"Go on with a broadcast that was paused."`
	Status broadcastsCommand   `cmd:"" help:"List broadcasts, or show one."`
	Try    tryCommand          `cmd:"" help:"Count who would get a broadcast now, and why others would not; nothing is sent."`
}

type setBroadcastCommand struct {
	client
	Name      string `arg:"" help:"The broadcast's name."`
	Workspace string `help:"Its workspace." default:"default"`
}

// Run says the word that is the command's own name.
func (c *setBroadcastCommand) Run(ctx context.Context, command commandPath) error {
	verb := strings.Fields(string(command))[1]
	path := fmt.Sprintf("/api/v1/broadcasts/%s/%s?workspace=%s", url.PathEscape(c.Name), verb, url.QueryEscape(c.Workspace))
	var r console.BroadcastReport
	if err := c.call(ctx, http.MethodPost, path, nil, &r); err != nil {
		return wrongArgument(err)
	}
	return printBroadcasts([]console.BroadcastReport{r})
}

type broadcastsCommand struct {
	client
	Name      string `arg:"" optional:"" help:"Only this one."`
	Workspace string `help:"Their workspace." default:"default"`
	JSON      bool   `name:"json" help:"Print as JSON."`
}

// Run lists broadcasts.
func (c *broadcastsCommand) Run(ctx context.Context) error {
	var all []console.BroadcastReport
	if err := c.call(ctx, http.MethodGet, "/api/v1/broadcasts?workspace="+url.QueryEscape(c.Workspace), nil, &all); err != nil {
		return wrongArgument(err)
	}
	if c.Name != "" {
		all = slices.DeleteFunc(all, func(r console.BroadcastReport) bool { return string(r.Name) != c.Name })
		if len(all) == 0 {
			return fmt.Errorf("%w: there is no broadcast %q in workspace %q", ErrSettings, c.Name, c.Workspace)
		}
	}
	if c.JSON {
		return printJSON(all)
	}
	return printBroadcasts(all)
}

func printBroadcasts(all []console.BroadcastReport) error {
	t := newTable()
	_, _ = fmt.Fprintln(t, "NAME\tTO\tBY\tSTANDS\tMADE\tSENT\tDROPPED\tPASSED OVER")
	for _, r := range all {
		_, _ = fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\t%d\t%s\t%s\n", r.Name, r.To, r.Channel, broadcastStands(r), r.Made, r.Sent, reasons(r.Dropped), reasons(r.Passed))
	}
	return t.Flush()
}

// broadcastStands says how far a broadcast is.
func broadcastStands(r console.BroadcastReport) string {
	switch {
	case r.Paused:
		return string(r.Phase) + ", paused"
	case r.Due != "":
		return "planned for " + r.Due
	case r.NextAt != "":
		return "going, again at " + r.NextAt
	}
	return string(r.Phase)
}

// reasons writes counts by reason, in order of their names.
func reasons(all map[core.Reason]int64) string {
	var words []string
	for _, r := range slices.Sorted(maps.Keys(all)) {
		words = append(words, fmt.Sprintf("%d %s", all[r], r))
	}
	return strings.Join(words, ", ")
}

// tryCommand is a dry run.
type tryCommand struct {
	client
	Name      string `arg:"" help:"The broadcast's name."`
	Sample    int    `help:"How many of those who would get it to show, at most 1000." default:"10"`
	Workspace string `help:"Its workspace." default:"default"`
	JSON      bool   `name:"json" help:"Print as JSON."`
}

// Run counts who would get the broadcast.
func (c *tryCommand) Run(ctx context.Context) error {
	var r console.BroadcastTrial
	path := fmt.Sprintf("/api/v1/broadcasts/%s/try?workspace=%s&sample=%d", url.PathEscape(c.Name), url.QueryEscape(c.Workspace), c.Sample)
	if err := c.call(ctx, http.MethodGet, path, nil, &r); err != nil {
		return wrongArgument(err)
	}
	if c.JSON {
		return printJSON(r)
	}
	least := ""
	if r.More {
		least = "at least "
	}
	fmt.Printf("%s%d contacts, %s%d messages, at %s; nothing was sent\n", least, r.Audience, least, r.Messages, r.At)
	for _, by := range r.Reached() {
		fmt.Printf("  %d can be reached by %s\n", by.N, by.Channel)
	}
	for _, reason := range slices.Sorted(maps.Keys(r.Passed)) {
		fmt.Printf("  %d get none: %s\n", r.Passed[reason], reason)
	}
	t := newTable()
	for _, contact := range r.Sample {
		_, _ = fmt.Fprintf(t, "  %s\t%s\n", contact.Address, contact.Contact)
	}
	return t.Flush()
}
