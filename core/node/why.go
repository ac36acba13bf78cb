package node

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strings"

	"restock/core"
	"restock/core/console"
	"restock/core/db"
)

// Why explains what happened to a contact, and why (console.Backend).
func (n *Node) Why(name core.WorkspaceName, raw string, variant core.VariantID) (r console.WhyReport, ok bool, err error) {
	w, runs := n.workspace(name)
	if !runs {
		return r, false, fmt.Errorf("explaining in workspace %s: %w", name, errNoWorkspace)
	}
	err = w.reveal(func(tx *db.Tx) core.ContactID {
		contact, _, _ := w.findContact(tx, raw)
		return contact.ID
	}, func(tx *db.Tx) {
		var contact core.Contact
		var a core.Address
		if contact, a, ok = w.findContact(tx, raw); ok {
			r = explain(tx, contact, a, variant)
		}
	})
	return r, ok, err
}

// findContact finds a contact by an address in any usual spelling.
func (w *workspace) findContact(tx *db.Tx, raw string) (core.Contact, core.Address, bool) {
	candidates, _ := w.meant(raw) // what is no address is nobody's
	for _, a := range candidates {
		if contact, ok := contactAt(tx, a); ok {
			return contact, a, true
		}
	}
	return core.Contact{}, core.Address{}, false
}

// explain gathers what the state holds about a contact.
func explain(tx *db.Tx, contact core.Contact, a core.Address, variant core.VariantID) console.WhyReport {
	r := console.WhyReport{Contact: contact.ID.String(), Address: a.Masked(), Entries: []console.WhyEntry{}}
	lines, words := linesOf(tx, contact), wordsOf(tx, contact)
	db.EntriesOf(tx, contact.ID, func(e core.Entry) bool {
		if variant == "" || e.Target.Variant == variant {
			r.Entries = append(r.Entries, explainEntry(tx, e, append(lines[e.Target], words...)))
		}
		return true
	})
	sort.SliceStable(r.Entries, func(i, k int) bool { return askedAt(r.Entries[i]) < askedAt(r.Entries[k]) })
	return r
}

// askedAt is when a place in line was first asked for: what stands before it is of other days.
func askedAt(e console.WhyEntry) string {
	for _, l := range e.Lines {
		if l.What == "asked" {
			return l.At
		}
	}
	return ""
}

// wordsOf are what the contact said, or a provider said of its addresses, that keeps messages of all kinds away: each place in line shows them.
func wordsOf(tx *db.Tx, contact core.Contact) (lines []timed) {
	for _, w := range contact.Withdrawn {
		lines = append(lines, timed{w.At, console.WhyLine{What: "consent", Reason: string(core.ReasonWithdrawn), Detail: fmt.Sprintf("%s by %s", w.Purpose, w.Channel)}})
	}
	for _, a := range contact.Addresses() {
		if x, ok := db.Suppressions.Get(tx, a); ok {
			lines = append(lines, timed{x.At, console.WhyLine{What: "suppressed", Reason: string(x.Reason), Detail: a.Masked()}})
		}
	}
	return lines
}

// timed is a line with the moment that it is sorted by.
type timed struct {
	at   core.Time
	line console.WhyLine
}

func explainEntry(tx *db.Tx, e core.Entry, lines []timed) console.WhyEntry {
	p, v := catalogue(tx, core.Activity{Source: e.Target.Source, Variant: e.Target.Variant, Product: e.Target.Product})
	w := console.WhyEntry{
		Source: e.Target.Source, Variant: e.Target.Variant, Product: p.ID, Market: e.Line, Title: p.Title, Waiting: e.Waiting(),
		Closed: string(e.Closed), Repeats: e.Repeats,
	}
	st, _ := db.Stocks.Get(tx, db.StockKey{Variant: core.VariantKey{Source: e.Target.Source, Variant: e.Target.Variant}, Market: e.Line})
	w.Units, w.Phase, w.Supply = st.Units, st.Phase, st.Supply
	if v.Title != "" {
		w.Title += ", " + v.Title
	}
	asked := console.WhyLine{What: "asked"}
	if e.Repeats > 0 {
		asked.Detail = fmt.Sprintf("%d more times since", e.Repeats)
	}
	lines = append([]timed{{e.FirstAt, asked}}, lines...)
	if r, told, ok := restockAhead(tx, e, st); ok && told {
		lines = append(lines, timed{e.LastAt, console.WhyLine{What: "restock", Detail: "was told of it before asking again; is told of the next one", ID: r.ID.String()}})
	} else if ok {
		lines = append(lines, timed{r.OpenedAt, console.WhyLine{What: "restock", Detail: awaits(r), ID: r.ID.String()}})
	}
	if e.Returned > 0 && e.Waiting() {
		lines = append(lines, timed{e.LastAt, console.WhyLine{What: "back in line", Detail: fmt.Sprintf("it sold out before the contact could buy; %s", times(e.Returned))}})
	}
	if !e.Waiting() && e.ClosedAt != 0 {
		lines = append(lines, timed{e.ClosedAt, console.WhyLine{What: "left the line", Reason: string(e.Closed)}})
	}
	sort.SliceStable(lines, func(i, k int) bool { return lines[i].at < lines[k].at })
	for _, l := range lines {
		l.line.At = l.at.String()
		w.Lines = append(w.Lines, l.line)
	}
	return w
}

// linesOf are the contact's activities, steps and messages, by what it asked for.
func linesOf(tx *db.Tx, contact core.Contact) map[core.Target][]timed {
	lines := map[core.Target][]timed{}
	add := func(a core.Activity, at core.Time, l console.WhyLine) {
		if a.Restock != (core.RestockID{}) {
			l.ID = a.Restock.String()
		}
		lines[a.Asked] = append(lines[a.Asked], timed{at, l})
	}
	db.ActivitiesOf(tx, contact.ID, func(a core.Activity) bool {
		add(a, a.At, console.WhyLine{What: string(a.Kind), Detail: join(inWave(tx, a), found(tx, a))})
		return true
	})
	db.RunsOf.Scan(tx, contact.ID, func(id core.RunID) bool {
		run, _ := db.Runs.Get(tx, id)
		for _, s := range run.Steps {
			add(run.Entered, s.At, console.WhyLine{
				What: "journey step", Where: where(run.Journey, s.Shape), Reason: string(s.Reason), Detail: s.Detail,
			})
		}
		return true
	})
	db.IntentsOf.Scan(tx, contact.ID, func(k core.LedgerKey) bool {
		i, _ := db.Intents.Get(tx, k)
		add(i.Activity, max(i.Made, i.Ended), console.WhyLine{
			What: "Message " + string(i.At), Where: madeBy(i), Reason: string(i.Reason), Detail: i.Detail,
		})
		if i.Became != "" && i.Became != core.FeedbackTaken {
			add(i.Activity, i.BecameAt, console.WhyLine{What: "Message " + string(i.Became), Where: madeBy(i), Detail: i.Said})
		}
		if i.Clicks > 0 {
			add(i.Activity, i.ClickedAt, console.WhyLine{What: "link", Where: madeBy(i), Reason: string(core.ReasonClicked), Detail: times(int(i.Clicks))})
		}
		for _, p := range i.Bought {
			add(i.Activity, p.PlacedAt, explainPurchase(i, p))
		}
		return true
	})
	return lines
}

// restockAhead is the restock that goes on while an entry waits. told is that its contact has been told of it, and asked again: nobody is
// told of a restock twice, and a gap in stock that is shorter than the source's close does not end one.
func restockAhead(tx *db.Tx, e core.Entry, st core.Stock) (r core.Restock, told, ok bool) {
	r, ok = db.Restocks.Get(tx, st.Restock)
	if !ok || !e.Waiting() || r.At == core.RestockClosed {
		return r, false, false
	}
	return r, db.Activities.Has(tx, db.ActivityKey{Contact: e.Contact, ID: core.NewBackID(e.Contact, r.ID)}), true
}

// awaits says what a restock waits for before it tells more.
func awaits(r core.Restock) string {
	v := r.Waves
	switch {
	case v.Word != core.WordGo:
		return "was " + string(v.Word) + " by an operator"
	case r.At != core.RestockOpen:
		return "is " + string(r.At)
	case v.NextAt > 0 && !v.Ended && v.Left == 0:
		return fmt.Sprintf("tells in waves; the next, number %d, begins no earlier than %s", v.N+1, v.NextAt)
	case v.N > 0:
		return fmt.Sprintf("tells wave %d", v.N)
	}
	return "is open"
}

// inWave says in which wave Back in stock occurred.
func inWave(tx *db.Tx, a core.Activity) (text string) {
	if a.Kind != core.BackInStock {
		return ""
	}
	r, _ := db.Restocks.Get(tx, a.Restock)
	n := sort.Search(int(r.Waves.N), func(n int) bool { // the first that began later
		w, _ := db.Waves.Get(tx, db.WaveKey{Restock: r.ID, N: int64(n) + 1})
		return w.BegunAt > a.At
	})
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("in wave %d", n)
}

func join(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), "; ")
}

func times(n int) string {
	if n == 1 {
		return "once so far"
	}
	return fmt.Sprintf("%d times so far", n)
}

// explainPurchase says what an order counts for that a message led to.
func explainPurchase(i core.Intent, p core.Purchase) console.WhyLine {
	l := console.WhyLine{What: "order placed", Where: madeBy(i), Reason: string(core.ReasonAttributed)}
	switch {
	case p.Units == 0:
		l.Reason = string(core.ReasonTakenBack)
	case !p.Counted:
		l.Reason = string(core.ReasonUnsettled)
	}
	l.Detail = fmt.Sprintf("order %s: %d × what this message was about, %s", cmp.Or(p.Number, string(p.Order)), p.Units, p.Paid)
	return l
}

// found says how a restock came to be known, if that was not by a webhook.
func found(tx *db.Tx, a core.Activity) string {
	if a.Restock == (core.RestockID{}) {
		return ""
	}
	switch r, _ := db.Restocks.Get(tx, a.Restock); r.Found {
	case core.ReadingPoll:
		return "found by asking the shop; no webhook had said so"
	case core.ReadingFull:
		return "found by reading the whole catalogue; no webhook had said so"
	}
	return ""
}

// madeBy names what a message is of: a journey's shape, or a broadcast.
func madeBy(i core.Intent) string {
	if i.Broadcast != "" {
		return string(i.Broadcast)
	}
	return where(i.Journey, i.Shape)
}

func where(j core.Name, shape string) string {
	if shape == "" {
		return string(j)
	}
	return string(j) + "/" + shape
}
