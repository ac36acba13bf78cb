package node

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sort"
	"time"

	"restock/core"
	"restock/core/console"
	"restock/core/db"
	"restock/core/filter"
	"restock/core/sender/inbox"
)

// How much a report lists.
const (
	reportWaitlists = 100
	reportRestocks  = 50
)

// Ready says why the node cannot serve yet (console.Backend).
func (n *Node) Ready() error {
	for _, w := range n.workspaces {
		if !w.ready.Load() {
			return fmt.Errorf("workspace %s is still reading its journal", w.name)
		}
	}
	return nil
}

// Inbox is what was sent through inbox senders (console.Backend).
func (n *Node) Inbox(limit int) ([]inbox.Sent, error) { return n.senders.inbox.List(limit), nil }

// InboxMessage is one of them (console.Backend).
func (n *Node) InboxMessage(key string) (inbox.Sent, bool) { return n.senders.inbox.Get(key) }

// Status is how every workspace is doing (console.Backend).
func (n *Node) Status() ([]console.WorkspaceReport, error) {
	reports := make([]console.WorkspaceReport, 0, len(n.workspaces))
	for _, w := range n.workspaces {
		r, err := w.status()
		if err != nil {
			return nil, fmt.Errorf("reporting workspace %s: %w", w.name, err)
		}
		reports = append(reports, r)
	}
	return reports, nil
}

func (w *workspace) status() (r console.WorkspaceReport, err error) {
	behind, err := w.behind(context.Background())
	if err != nil {
		return r, err
	}
	r = console.WorkspaceReport{Workspace: w.name, Behind: behind, Intents: map[string]int{}}
	err = w.view(func(tx *db.Tx) {
		p, _ := db.Positions.Get(tx, struct{}{})
		r.Sequence, r.Leader = p.Sequence, p.Leader
		db.Sources.All(tx, func(s core.Source) bool {
			r.Sources = append(r.Sources, w.sourceReport(tx, s))
			return true
		})
		db.Journeys.All(tx, func(j core.Journey) bool {
			r.Journeys = append(r.Journeys, w.journeyReport(j))
			return true
		})
		r.Waitlists = waitlists(tx)
		r.Restocks = restocks(tx)
		db.Works.All(tx, func(core.Work) bool { r.Works++; return true })
		countIntents(tx, r.Intents)
		r.Dropped, r.Gates, r.Senders = db.CountDropped(tx), w.gates.report(), w.senderReports(tx)
		db.Pendings.All(tx, func(core.Pending) bool { r.Pending++; return true })
	})
	return r, err
}

func (w *workspace) sourceReport(tx *db.Tx, s core.Source) console.SourceReport {
	r := console.SourceReport{Name: s.Name, Title: s.Title, Platform: s.Platform, URL: s.URL}
	for _, kind := range []core.ReadingKind{core.ReadingFull, core.ReadingPoll} {
		if reading, ok := db.Readings.Get(tx, db.ReadingKey{Source: s.Name, Kind: kind}); ok && s.API.URL != "" {
			report := readingReport(reading)
			if h, _ := db.Holds.Get(tx, db.ReadingKey{Source: s.Name, Kind: kind}); h.Since != 0 {
				report.Held = &console.HeldReport{Variants: h.Held, Of: h.Of, Since: h.Since.String(), Until: h.Until.String()}
			}
			r.Readings = append(r.Readings, report)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if u, ok := w.unread[s.Name]; ok {
		r.Unread = &console.UnreadReport{Reason: u.reason, Detail: u.text, At: u.at.String()}
	}
	return r
}

func readingReport(r core.Reading) console.ReadingReport {
	report := console.ReadingReport{
		Kind: r.Kind, Running: r.Running, First: r.First, Read: r.Read, Total: r.Total, Bad: r.Bad, BegunAt: r.BegunAt.String(),
	}
	if r.EndedAt != 0 {
		report.EndedAt = r.EndedAt.String()
	}
	if !r.First {
		report.Corrected = console.CorrectionsReport(r.Fixed)
	}
	return report
}

// needs is what the source of a playbook has yet to say before that does anything.
func (w *workspace) needs(j core.Journey) string {
	for _, s := range w.machine.Sources() {
		switch {
		case j.Name == s.AlertPlaybook() && s.Alert.Email == "":
			return fmt.Sprintf("alert in the spec of Source %s, with the numbers and an address", s.Name)
		case j.Name == s.ConfirmPlaybook() && len(s.DoubleOptIn.Channels) == 0:
			return fmt.Sprintf("double_opt_in in the spec of Source %s", s.Name)
		}
	}
	return ""
}

func (w *workspace) journeyReport(j core.Journey) console.JourneyReport {
	r := console.JourneyReport{Name: j.Name, Title: j.Title, Playbook: j.Playbook, On: j.On, Occurs: j.Enter.Occurs, Where: filter.Text(j.Enter.Where), About: j.About, Needs: w.needs(j)}
	if j.Enter.Early > 0 {
		r.Early = j.Enter.Early.String()
	}
	for _, s := range j.Shapes {
		what := string(s.Kind)
		switch {
		case s.Call() != nil:
			what += " " + string(s.Call().Plugin)
		case s.Kind == core.ShapeDelay && s.Until == nil:
			what += " " + s.Delay.String()
		case s.Kind == core.ShapeDelay:
			what += " " + until(s)
		}
		r.Shapes = append(r.Shapes, fmt.Sprintf("%s (%s)", s.Name, what))
	}
	return r
}

func (w *workspace) senderReports(tx *db.Tx) (all []console.SenderReport) {
	db.Senders.All(tx, func(s core.Sender) bool {
		all = append(all, w.paceOf(s.Name).report(s, time.Now()))
		return true
	})
	return all
}

// waitlists are the longest lines.
func waitlists(tx *db.Tx) []console.WaitlistReport {
	var all []console.WaitlistReport
	db.AllWaiting(tx, func(line core.Waitlist, n int64) {
		r := console.WaitlistReport{Source: line.Source, Market: line.Market, Waiting: int(n)}
		if line.Product {
			r.Product = core.ProductID(line.ID)
		} else {
			r.Variant = core.VariantID(line.ID)
		}
		all = append(all, r)
	})
	sort.Slice(all, func(i, k int) bool {
		a, b := all[i], all[k]
		if a.Waiting != b.Waiting {
			return a.Waiting > b.Waiting
		}
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Variant, b.Variant), cmp.Compare(a.Product, b.Product), cmp.Compare(a.Market, b.Market)) < 0
	})
	all = all[:min(len(all), reportWaitlists)]
	for i := range all {
		describe(tx, &all[i])
	}
	return all
}

func describe(tx *db.Tx, r *console.WaitlistReport) {
	p, v := catalogue(tx, core.Activity{Source: r.Source, Variant: r.Variant, Product: r.Product})
	r.Title, r.Choice, r.SKU = p.Title, v.Title, v.SKU
	st, _ := db.Stocks.Get(tx, db.StockKey{Variant: core.VariantKey{Source: r.Source, Variant: r.Variant}, Market: r.Market})
	r.Units, r.Phase, r.Supply = st.Units, st.Phase, st.Supply
	r.Alerts = alertsOf(tx, core.Target{Source: r.Source, Variant: r.Variant, Product: r.Product}.Waitlist(r.Market))
}

func restocks(tx *db.Tx) (all []console.RestockReport) {
	db.NewestRestocks(tx, func(r core.Restock) bool {
		all = append(all, restockReport(tx, r))
		return len(all) < reportRestocks
	})
	return all
}

func restockReport(tx *db.Tx, r core.Restock) console.RestockReport {
	p, v := catalogue(tx, core.Activity{Source: r.Variant.Source, Variant: r.Variant.Variant, Product: r.Product})
	src, _ := db.Sources.Get(tx, r.Variant.Source)
	report := console.RestockReport{
		ID: r.ID.String(), Source: r.Variant.Source, Variant: r.Variant.Variant, Market: r.Market, SKU: v.SKU, Title: p.Title, Choice: v.Title,
		OpenedAt: r.OpenedAt.String(), At: r.At, Units: r.Units, Matched: r.Matched, Told: r.Told,
		Waves:  wavesReport(r.Waves, src.Waves, core.TimeOf(time.Now())),
		Orders: r.Sales.Orders, Sold: r.Sales.Units, Revenue: console.NewMoneyReports(r.Sales.Revenue),
	}
	if r.Told > 0 {
		report.Conversion = float64(r.Sales.Orders) / float64(r.Told)
	}
	return report
}

// toBeMade counts the members of cohorts whose messages are not made yet.
const toBeMade = "to_be_made"

// countIntents counts intents that have not ended, by where they stand, and whose messages are not made yet.
func countIntents(tx *db.Tx, counts map[string]int) {
	counts[string(core.IntentDue)] = db.CountDue(tx)
	db.CohortHeads.All(tx, func(h core.CohortHead) bool {
		counts[toBeMade] += h.Members - h.Done
		return true
	})
	counts[string(core.IntentHeld)] = db.CountHeld(tx)
	counts[string(core.IntentUnknown)] = db.CountUnknown(tx)
	db.Claimed.Scan(tx, struct{}{}, func(core.LedgerKey) bool { counts[string(core.IntentClaimed)]++; return true })
}

// errNoWorkspace is what asking for a workspace answers that this node does not run.
var errNoWorkspace = errors.New("this node does not run that workspace")
