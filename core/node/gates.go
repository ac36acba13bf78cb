package node

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"restock/core"
	"restock/core/address"
	"restock/core/console"
	"restock/core/db"
	"restock/core/machine"
	"restock/core/notify"
	"restock/core/zone"
)

// zones are the time zones that were asked for, each read once.
type zones struct{ known sync.Map } // name -> *time.Location; nil: there is none of that name

func (z *zones) load(name string) (l *time.Location, ok bool) {
	if known, found := z.known.Load(name); found {
		l = known.(*time.Location)
		return l, l != nil
	}
	l, err := zone.Load(name)
	if err != nil {
		l = nil
	}
	if len(name) <= core.MaxExternalID && (l != nil || z.room()) {
		z.known.Store(name, l)
	}
	return l, l != nil
}

// room keeps names that browsers make up from filling the memory.
func (z *zones) room() bool {
	n := 0
	z.known.Range(func(_, _ any) bool { n++; return n < 2000 })
	return n < 2000
}

// all are the zones of those names, without those that there are not.
func (z *zones) all(names []string) (all []*time.Location) {
	for _, name := range names {
		if l, ok := z.load(name); ok {
			all = append(all, l)
		}
	}
	return all
}

// guard completes what the gates look at, as the workspace is set.
func (w *workspace) guard(tx *db.Tx, s *notify.Subject, sender core.Sender, j core.Journey) {
	settings, _ := db.Settings.Get(tx, struct{}{})
	if s.Intent.Again != (core.LedgerKey{}) {
		s.Earlier, _ = db.Intents.Get(tx, s.Intent.Again)
	}
	s.Hours, s.Home = w.hours(settings, sender, s)
	if s.Caps = settings.Frequency; len(s.Caps) > 0 && notify.Counts(s.Intent) {
		s.Recent = recent(tx, s.Intent)
	}
	if calls := slices.Concat(settings.Gates, j.Gates); len(calls) > 0 {
		s.Plugins = w.pluginGates(tx, s.Intent, calls)
	}
}

// hours are the rules by which a message is held: those of the sender or the workspace, and for texts what the law says, by each clock that may
// be the contact's. home is the same by the workspace's clock.
func (w *workspace) hours(set core.Settings, sender core.Sender, s *notify.Subject) (rules, home []notify.Rule) {
	quiet := quietFor(set, sender, s.Intent.Channel)
	country := ""
	if s.Intent.Channel == core.SMS {
		country = address.Country(s.To.Value)
	}
	off := slices.ContainsFunc(quiet, func(q core.QuietHours) bool { return q.Off })
	if off || len(quiet) == 0 && country != "US" {
		return nil, nil
	}
	at := w.node.zones.all([]string{set.Zone})
	clocks := w.clocks(s)
	if len(clocks) == 0 {
		clocks = at
	}
	legal := func(z []*time.Location) []notify.Rule { return notify.Legal(country, address.State(s.To.Value), z) }
	return append(rulesOf(quiet, clocks), legal(clocks)...), append(rulesOf(quiet, at), legal(at)...)
}

// quietFor are the hours that are set for a channel.
func quietFor(set core.Settings, sender core.Sender, ch core.Channel) (some []core.QuietHours) {
	if sender.Quiet != nil {
		return []core.QuietHours{*sender.Quiet}
	}
	all := set.Quiet
	if all == nil {
		all = []core.QuietHours{notify.DefaultQuiet}
	}
	for _, q := range all {
		if slices.Contains(q.Channels, ch) {
			some = append(some, q)
		}
	}
	return some
}

func rulesOf(quiet []core.QuietHours, clocks []*time.Location) (rules []notify.Rule) {
	for _, q := range quiet {
		for _, z := range clocks {
			rules = append(rules, notify.Daily(z, notify.Hours{From: q.From, To: q.To}))
		}
	}
	return rules
}

// clocks are those that may be a contact's: that of its browser; else all that its phone number, else its country may have.
func (w *workspace) clocks(s *notify.Subject) []*time.Location {
	c := s.Contact
	for _, name := range []string{c.Fields[core.ZoneField], c.Zone} {
		if l, ok := w.node.zones.load(name); ok && name != "" {
			return []*time.Location{l}
		}
	}
	if some := w.node.zones.all(address.Zones(c.Phone)); len(some) > 0 {
		return some
	}
	return w.node.zones.all(address.RegionZones(c.Region))
}

// recent are a contact's other messages that were handed over, may have been, or are about to be by a call that was claimed before. Whoever was
// claimed later sees this one: of two calls at once, by whichever senders, one knows of the other.
func recent(tx *db.Tx, i core.Intent) (all []notify.Recent) {
	db.IntentsOf.Scan(tx, i.Contact, func(k core.LedgerKey) bool {
		o, _ := db.Intents.Get(tx, k)
		r := notify.Recent{At: o.ReadFrom(), Channel: o.Channel}
		switch {
		case k == i.Key || !notify.Counts(o):
			return true
		case o.At == core.IntentClaimed && o.Turn.Before(i.Turn):
			r.Open = true
		case o.At != core.IntentSent && o.At != core.IntentUnknown:
			return true
		}
		all = append(all, r)
		return true
	})
	return all
}

// pluginGates asks conditions whether a message may go out; what they are asked about is read here.
func (w *workspace) pluginGates(tx *db.Tx, i core.Intent, calls []core.PluginCall) func() notify.Decision {
	act := i.Activity
	q := machine.Question{Run: &core.Run{ID: i.Run, Journey: i.Journey, Contact: i.Contact, Entered: act, Shape: i.Shape}, Units: act.Units}
	contact, _ := db.Contacts.Get(tx, i.Contact)
	q.Contact, q.Source = contact.Traits(), w.machine.Sources()[act.Source]
	q.Catalogue.Product, q.Catalogue.Variant = catalogue(tx, act)
	q.Restock, _ = db.Restocks.Get(tx, act.Restock)
	return func() notify.Decision {
		a := w.asker(context.Background())
		defer a.close()
		for _, call := range calls {
			if d := w.askGate(a, q, i, call); d.Kind != "" {
				return d
			}
		}
		return notify.Decision{}
	}
}

// How long a message waits whose gate could not be asked: at first, and as the failure lasts as long as it has waited so far.
const (
	gateAgain     = core.Second
	gateFirst     = core.Minute
	gateLast      = core.Hour
	gateShapeName = "gate"
)

// askGate asks one condition.
func (w *workspace) askGate(a *asker, q machine.Question, i core.Intent, call core.PluginCall) notify.Decision {
	q.Now = core.TimeOf(time.Now())
	q.Plugin = w.machine.Plugins()[call.Plugin]
	q.Shape = core.Shape{Name: cmp.Or(i.Shape, gateShapeName), Kind: core.ShapeCondition, Condition: &call}
	v, ok := a.Ask(q)
	held := notify.Decision{Kind: core.OutcomeHeld, Reason: core.ReasonPluginFailed, Until: q.Now.Add(gateAgain)}
	switch {
	case !ok: // there was no time to ask
		return held
	case v.Failed == "" && v.Pass:
		return notify.Decision{}
	case v.Failed == "":
		return notify.Decision{Kind: core.OutcomeDropped, Reason: core.ReasonGateNo, Detail: string(call.Plugin) + ": " + v.Reason}
	}
	held.Detail = string(call.Plugin) + ": " + string(v.Failed) + " " + v.Reason
	switch call.OnFailure {
	case core.FailSend:
		return notify.Decision{}
	case core.FailSkip:
		held.Kind, held.Until = core.OutcomeDropped, 0
		return held
	}
	held.Until = q.Now.Add(min(max(q.Now.Since(i.Made), gateFirst), gateLast))
	return held
}

// gateCounts counts what each gate held and dropped since this node leads, in the gates' order.
type gateCounts [32]struct{ held, dropped atomic.Int64 }

func (c *gateCounts) count(d notify.Decision) {
	at := slices.IndexFunc(notify.Gates, func(g notify.Gate) bool { return g.Name == d.Gate })
	switch {
	case at < 0:
	case d.Kind == core.OutcomeHeld:
		c[at].held.Add(1)
	default:
		c[at].dropped.Add(1)
	}
}

// report lists the gates in the order in which they are asked.
func (c *gateCounts) report() (all []console.GateReport) {
	for i, g := range notify.Gates {
		all = append(all, console.GateReport{Name: g.Name, Held: c[i].held.Load(), Dropped: c[i].dropped.Load()})
	}
	return all
}
