package cli

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"restock/core"
	"restock/core/console"
)

// waveCommand is what an operator may ask and say about restocks while they tell.
type waveCommand struct {
	List   wavesCommand `cmd:"" help:"List the restocks that are not over, and how far their waves are."`
	Show   showCommand  `cmd:"" help:"Show a restock: its waves, and who is told next."`
	Pause  steerCommand `cmd:"" help:"Tell nobody more of a restock until it is resumed; what is on its way is held."`
	Resume steerCommand `cmd:"" help:"Go on with a restock that was paused or waits for approval."`
	Now    nowCommand   `cmd:"" help:"Begin the next wave of a restock now."`
	Stop   steerCommand `cmd:"" help:"Tell nobody more of a restock, for good; who was not told keeps the place in line."`
}

type wavesCommand struct {
	client
	All  bool `help:"Also those that are over."`
	JSON bool `name:"json" help:"Print as JSON."`
}

// Run lists restocks, the newest first.
func (c *wavesCommand) Run(ctx context.Context) error {
	reports, err := c.status(ctx)
	if err != nil {
		return err
	}
	found := []console.RestockReport{}
	for _, w := range reports {
		for _, r := range w.Restocks {
			if c.All || r.At != core.RestockClosed {
				found = append(found, r)
			}
		}
	}
	if c.JSON {
		return printJSON(found)
	}
	if len(found) == 0 {
		fmt.Println("no restock is under way")
		return nil
	}
	t := newTable()
	_, _ = fmt.Fprintln(t, "RESTOCK\tOF\tSTANDS\tUNITS\tMATCHED\tTOLD\tWAVES\tNEXT")
	for _, r := range found {
		_, _ = fmt.Fprintf(t, "%s\t%s %s%s\t%s\t%d\t%d\t%d\t%s\n", r.ID, r.Source, r.Variant, in(r.Market), r.At, r.Units, r.Matched, r.Told, waves(r.Waves))
	}
	return t.Flush()
}

// waves writes how far waves are, in two columns.
func waves(w *console.WavesReport) string {
	if w == nil {
		return "all at once\t"
	}
	next := w.NextAt
	switch {
	case w.Lead != "" && w.Word == "" && !w.Approve:
		next = "who has no head start, from " + w.Lead
	case w.Approve:
		next = "waits for approval"
	case w.Word != "":
		next = w.Word + " by an operator"
	case w.Ended:
		next = "nobody is left"
	}
	return fmt.Sprintf("%d\t%s", w.Begun, next)
}

// ofRestock is the restock that a command is about.
type ofRestock struct {
	client
	Restock   string `arg:"" help:"The restock's id, or enough of its beginning."`
	Workspace string `help:"Its workspace." default:"default"`
	JSON      bool   `name:"json" help:"Print as JSON."`
}

// path is where the API has the restock. The beginning of an id is enough where it is one restock's alone.
func (c *ofRestock) path(ctx context.Context) (string, error) {
	id := c.Restock
	if _, err := core.ParseID(id); err != nil {
		if id, err = c.find(ctx); err != nil {
			return "", err
		}
	}
	return "/api/v1/restocks/" + url.PathEscape(id), nil
}

func (c *ofRestock) find(ctx context.Context) (id string, err error) {
	reports, err := c.status(ctx)
	if err != nil {
		return "", err
	}
	var found []string
	for _, w := range reports {
		for _, r := range w.Restocks {
			if string(w.Workspace) == c.Workspace && strings.HasPrefix(r.ID, c.Restock) {
				found = append(found, r.ID)
			}
		}
	}
	if len(found) != 1 {
		return "", fmt.Errorf("%d of the latest restocks in workspace %s have an id that begins with %q; 'restock wave list --all' shows them", len(found), c.Workspace, c.Restock)
	}
	return found[0], nil
}

func (c *ofRestock) print(d console.RestockDetail) error {
	if c.JSON {
		return printJSON(d)
	}
	fmt.Printf("restock %s of %s %s (%s %s%s): %s, %d units, %d matched, %d told\n", d.ID, d.Title, d.Choice, d.Source, d.Variant, in(d.Market), d.At, d.Units, d.Matched, d.Told)
	fmt.Printf("tells %s\n", d.Policy)
	if w := d.Waves; w != nil {
		if w.Approve {
			fmt.Println("waits for approval: 'restock wave resume' begins it")
		} else if w.Word != "" {
			fmt.Printf("%s by an operator\n", w.Word)
		}
		if w.MayBuy > 0 {
			fmt.Printf("%d contacts may be about to buy\n", w.MayBuy)
		}
		if w.Lead != "" {
			fmt.Printf("until %s only those are told who have a head start\n", w.Lead)
		}
		if w.NextAt != "" {
			fmt.Printf("the next wave begins no earlier than %s\n", w.NextAt)
		}
	}
	t := newTable()
	for _, w := range d.Each {
		size := "all"
		if w.Size > 0 {
			size = fmt.Sprint(w.Size)
		}
		_, _ = fmt.Fprintf(t, "wave %d\t%s\ttook %d of at most %s\tat %d units\n", w.N, w.BegunAt, w.Taken, size, w.Units)
	}
	_ = t.Flush() // what follows has columns of its own
	for n, who := range d.Next {
		score := ""
		if who.Score != nil {
			score = fmt.Sprint("\tscore ", *who.Score)
		}
		_, _ = fmt.Fprintf(t, "next %d\t%s\tasked %s%s\n", n+1, who.Address, who.AskedAt, score)
	}
	return t.Flush()
}

type showCommand struct {
	ofRestock
	Next int `help:"How many of those who are told next." default:"10" placeholder:"N"`
}

// Run shows a restock.
func (c *showCommand) Run(ctx context.Context) error {
	path, err := c.path(ctx)
	if err != nil {
		return err
	}
	var d console.RestockDetail
	q := url.Values{"workspace": {c.Workspace}, "next": {fmt.Sprint(c.Next)}}
	if err := c.call(ctx, http.MethodGet, path+"?"+q.Encode(), nil, &d); err != nil {
		return wrongArgument(err)
	}
	return c.print(d)
}

type steerCommand struct{ ofRestock }

// Run says the word that is the command's own name.
func (c *steerCommand) Run(ctx context.Context, command commandPath) error {
	return c.say(ctx, strings.Fields(string(command))[1], 0)
}

type nowCommand struct {
	ofRestock
	Size int64 `help:"How many are told, whatever the waves of the source and the stock say." placeholder:"N"`
}

// Run begins a wave.
func (c *nowCommand) Run(ctx context.Context) error { return c.say(ctx, "now", c.Size) }

func (c *ofRestock) say(ctx context.Context, verb string, size int64) error {
	path, err := c.path(ctx)
	if err != nil {
		return err
	}
	q := url.Values{"workspace": {c.Workspace}}
	if size != 0 {
		q.Set("size", fmt.Sprint(size))
	}
	var d console.RestockDetail
	if err := c.call(ctx, http.MethodPost, path+"/"+verb+"?"+q.Encode(), nil, &d); err != nil {
		return wrongArgument(err)
	}
	return c.print(d)
}
