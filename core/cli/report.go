package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"restock/core"
	"restock/core/console"
)

func printJSON(v any) error {
	e := json.NewEncoder(os.Stdout)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

type whyCommand struct {
	client
	Contact   string `required:"" help:"E-mail address or phone number." placeholder:"ADDRESS"`
	Variant   string `help:"Only what happened around this variant." placeholder:"ID"`
	Workspace string `help:"The contact's workspace." default:"default"`
	JSON      bool   `name:"json" help:"Print as JSON."`
}

// Run explains a contact.
func (c *whyCommand) Run(ctx context.Context) error {
	q := url.Values{"contact": {c.Contact}, "workspace": {c.Workspace}}
	if c.Variant != "" {
		q.Set("variant", c.Variant)
	}
	var r console.WhyReport
	if err := c.call(ctx, "GET", "/api/v1/why?"+q.Encode(), nil, &r); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(r)
	}
	fmt.Printf("contact %s  %s\n", r.Contact, r.Address)
	for _, e := range r.Entries {
		printEntry(e)
	}
	return nil
}

func printEntry(e console.WhyEntry) {
	stands := "waiting"
	if !e.Waiting {
		stands = "not waiting: " + e.Closed
	}
	id := "variant " + string(e.Variant)
	if e.Variant == "" {
		id = "any variant of product " + string(e.Product)
	}
	fmt.Printf("\n%s (%s%s, source %s): %s\n", e.Title, id, in(e.Market), e.Source, stands)
	if e.Phase != core.StockUnknown {
		fmt.Printf("  %s%s, %d units\n", e.Phase, supplied(e.Supply), e.Units)
	}
	t := newTable()
	for _, l := range e.Lines {
		_, _ = fmt.Fprintf(t, "  %s\t%s\t%s\t%s\t%s\n", l.At, l.What, l.Where, l.Reason, l.Detail)
	}
	_ = t.Flush()
}

// in names a market, if it has a name.
func in(m core.Market) string {
	if m == "" {
		return ""
	}
	return " in " + string(m)
}

// supplied names where stock comes from, if not from counted units.
func supplied(s core.Supply) string {
	if s == core.SupplyCounted {
		return ""
	}
	return " (" + string(s) + ")"
}

type statusCommand struct {
	client
	JSON bool `name:"json" help:"Print as JSON."`
}

// Run shows how the installation is doing.
func (c *statusCommand) Run(ctx context.Context) error {
	reports, err := c.status(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(reports)
	}
	for _, r := range reports {
		printStatus(r)
	}
	return nil
}

func (c client) status(ctx context.Context) (reports []console.WorkspaceReport, err error) {
	err = c.call(ctx, "GET", "/api/v1/status", nil, &reports)
	return reports, err
}

func printStatus(r console.WorkspaceReport) {
	t := newTable()
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(t, format+"\n", args...) }
	line("workspace %s: journal entry %d, %d behind, leader %d, %d works", r.Workspace, r.Sequence, r.Behind, r.Leader, r.Works)
	for _, s := range r.Sources {
		line("  source\t%s\t%s\t%s", s.Name, s.Platform, s.URL)
		for _, reading := range s.Readings {
			line("  reading\t%s %s\t%s", s.Name, reading.Kind, reading)
		}
		if s.Unread != nil {
			line("  unread\t%s\t%s\t%s", s.Name, s.Unread.At, s.Unread.Detail)
		}
	}
	for _, w := range r.Waitlists {
		line("  waitlist\t%s %s%s%s\t%d waiting\t%s%s\t%s %s", w.Source, w.Variant, w.Product, in(w.Market), w.Waiting, w.Phase, supplied(w.Supply), w.Title, w.Choice)
		for _, a := range w.Alerts {
			line("  alert\t%s %s%s%s\tmerchant told at %d\tmessage %s\t%s %s", w.Source, w.Variant, w.Product, in(w.Market), a.Reached, a.Message, a.Reason, a.At)
		}
	}
	for _, s := range r.Restocks {
		line("  restock\t%s %s%s\t%s, %d units\t%d matched, %d told%s\t%s", s.Source, s.Variant, in(s.Market), s.At, s.Units, s.Matched, s.Told, sold(s), s.OpenedAt)
	}
	for _, at := range slices.Sorted(maps.Keys(r.Intents)) {
		line("  messages\t%s\t%d", at, r.Intents[at])
	}
	for _, why := range slices.Sorted(maps.Keys(r.Dropped)) {
		line("  messages\tdropped, %s\t%d", why, r.Dropped[why])
	}
	for _, g := range r.Gates {
		if g.Held+g.Dropped > 0 {
			line("  gate\t%s\t%d held, %d dropped", g.Name, g.Held, g.Dropped)
		}
	}
	for _, s := range r.Senders {
		line("  sender\t%s\t%s\t%s", s.Name, s.Type, standing(s))
	}
	if r.Pending > 0 {
		line("  to be confirmed\t%d", r.Pending)
	}
	_ = t.Flush()
}

// standing says whether a sender is called at the moment.
func standing(s console.SenderReport) string {
	text := "works"
	switch {
	case s.PausedUntil != "" && s.Asked:
		text = "its provider asked to be called no earlier than " + s.PausedUntil + ": " + s.Why
	case s.PausedUntil != "":
		text = "failed too often in a row; it is called again at " + s.PausedUntil + ": " + s.Why
	case s.Failures > 0:
		text = fmt.Sprintf("%d calls failed in a row", s.Failures)
	}
	if s.Rate != "" {
		text += ", " + s.Rate
	}
	return text
}

// sold says what a restock led to, if anything.
func sold(r console.RestockReport) string {
	if r.Orders == 0 {
		return ""
	}
	return fmt.Sprintf(", %d orders (%s), %d units, %s", r.Orders, console.Percent(r.Conversion), r.Sold, console.Amounts(r.Revenue))
}

// journeyCommand serves journeys and playbooks alike: playbooks are journeys that came ready-made.
type journeyCommand struct {
	On     switchCommand   `cmd:"" help:"Turn it on."`
	Off    switchCommand   `cmd:"" help:"Turn it off: nothing more is sent from it, and who stands in it leaves when it would go on."`
	Status journeysCommand `cmd:"" help:"List them, or show one: who stands at which of its shapes."`
	Pause  directCommand   `cmd:"" help:"Pause a shape: who comes to it stands there, in order."`
	Resume directCommand   `cmd:"" help:"Resume a shape: who stood there goes on."`
	Move   directCommand   `cmd:"" help:"Move on who stands at a shape, without what it does."`
}

type switchCommand struct {
	client
	Name      string `arg:"" help:"The journey's or playbook's name."`
	Workspace string `help:"Its workspace." default:"default"`
}

// Run turns a journey on or off; which of them is the command's own name.
func (c *switchCommand) Run(ctx context.Context, command commandPath) error {
	state := "off"
	if strings.HasSuffix(string(command), " on <name>") {
		state = "on"
	}
	path := fmt.Sprintf("/api/v1/journeys/%s/%s?workspace=%s", url.PathEscape(c.Name), state, url.QueryEscape(c.Workspace))
	if err := c.call(ctx, "POST", path, nil, nil); err != nil {
		return err
	}
	fmt.Printf("%s is %s\n", c.Name, state)
	return nil
}

type journeysCommand struct {
	client
	Name      string `arg:"" optional:"" help:"Only this one."`
	Workspace string `help:"Its workspace." default:"default"`
	JSON      bool   `name:"json" help:"Print as JSON."`
}

// Run lists journeys and playbooks.
func (c *journeysCommand) Run(ctx context.Context, command commandPath) error {
	reports, err := c.status(ctx)
	if err != nil {
		return err
	}
	found := []console.JourneyReport{}
	for _, r := range reports {
		for _, j := range r.Journeys {
			wanted := c.Name == "" || c.Name == string(j.Name)
			if wanted && j.Playbook == strings.HasPrefix(string(command), "playbook") {
				found = append(found, j)
			}
		}
	}
	if c.Name != "" && len(found) == 0 {
		return fmt.Errorf("there is none called %s", c.Name)
	}
	if c.Name != "" {
		return c.show(ctx)
	}
	if c.JSON {
		return printJSON(found)
	}
	slices.SortFunc(found, func(a, b console.JourneyReport) int { return strings.Compare(string(a.Name), string(b.Name)) })
	t := newTable()
	_, _ = fmt.Fprintln(t, "NAME\tIS\tENTERED BY\tSHAPES\tDOES")
	for _, j := range found {
		state := "off"
		if j.On {
			state = "on"
		}
		_, _ = fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", j.Name, state, j.Occurs, strings.Join(j.Shapes, " → "), aboutJourney(j))
	}
	return t.Flush()
}

// aboutJourney says what a journey does, and what is missing for that.
func aboutJourney(j console.JourneyReport) string {
	about := cmp.Or(j.About, j.Title)
	if j.Needs != "" {
		about += " Needs " + j.Needs + "."
	}
	return about
}

// commandPath is the command as it was typed, such as "playbook on <name>".
type commandPath string

// NewCommandPath is handed to commands that serve under several names.
func NewCommandPath(s string) any { return commandPath(s) }

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run() error {
	version, revision := "development", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		if info.Main.Version != "" && info.Main.Version != "(devel)" {
			version = info.Main.Version
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = " " + s.Value
			}
		}
	}
	fmt.Printf("restock %s%s\n", version, revision)
	return nil
}
