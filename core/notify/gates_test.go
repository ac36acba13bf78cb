package notify_test

import (
	"testing"
	"time"

	"restock/core"
	"restock/core/notify"
)

var (
	thisRestock  = core.RestockID{1}
	otherRestock = core.RestockID{2}
)

// asked is when the contact of these tests asked, by an e-mail address that it consented to.
const asked = core.Time(100)

var annsAddress = core.Address{Channel: core.Email, Value: "ann@example.com"}

// let is a subject that every gate lets through: a Back in stock message while its restock is open, at noon.
func let() notify.Subject {
	return notify.Subject{
		Now: noon,
		Intent: core.Intent{
			Key: core.LedgerKey{1}, Contact: core.ContactID{1}, Channel: core.Email,
			Activity: core.Activity{Kind: core.BackInStock, Restock: thisRestock, AskedAt: asked},
		},
		JourneyOn: true, SenderOK: true, To: annsAddress,
		Contact: core.Contact{ID: core.ContactID{1}, Email: annsAddress.Value, Consents: []core.Consent{{Channel: core.Email, Purpose: core.StockAlert, At: asked}}},
		Entry:   core.Entry{CapturedAt: asked, LastAt: asked},
		Stock:   core.Stock{Phase: core.InStock, Units: 1, Restock: thisRestock, RestockAt: core.RestockOpen},
	}
}

// noon is one in July, in UTC.
var noon = core.TimeOf(time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC))

func dropped(r core.Reason) notify.Decision {
	return notify.Decision{Kind: core.OutcomeDropped, Reason: r}
}

func heldFor(r core.Reason) notify.Decision {
	return notify.Decision{Kind: core.OutcomeHeld, Reason: r}
}

// stops are what each gate stops for, in the order of the gates.
var stops = []struct {
	gate string
	stop func(*notify.Subject)
	want notify.Decision
}{
	{"journey_on", func(s *notify.Subject) { s.JourneyOn = false }, dropped(core.ReasonJourneyOff)},
	{"broadcast", func(s *notify.Subject) { s.Broadcast.Paused = true }, heldFor(core.ReasonBroadcastPaused)},
	{"sender", func(s *notify.Subject) { s.SenderOK = false }, dropped(core.ReasonSenderGone)},
	{"address", func(s *notify.Subject) { s.To = core.Address{} }, dropped(core.ReasonNoAddress)},
	{"consent", func(s *notify.Subject) { s.Contact.Consents = nil }, dropped(core.ReasonNoConsent)},
	{"double_opt_in", func(s *notify.Subject) {
		s.Contact.Confirmations = []core.Confirmation{{Channel: core.Email, Tag: annsAddress.Tag(), AskedAt: asked}}
	}, dropped(core.ReasonNotConfirmed)},
	{"suppression", func(s *notify.Subject) { s.Suppressed = true }, dropped(core.ReasonSuppressed)},
	{"already_sent", func(s *notify.Subject) { s.Intent.Again, s.Earlier.At = core.LedgerKey{9}, core.IntentSent }, dropped(core.ReasonAlreadySent)},
	{"still_wanted", func(s *notify.Subject) { s.Entry = core.Entry{ClosedAt: 200, Closed: core.ClosedBought} }, dropped(core.ReasonNotWaiting)},
	{"operator", func(s *notify.Subject) { s.Word = core.WordPaused }, heldFor(core.ReasonPaused)},
	{"still_in_stock", func(s *notify.Subject) { s.Stock.Phase, s.Stock.RestockAt = core.SoldOut, core.RestockPaused }, heldFor(core.ReasonOutOfStock)},
	{"quiet_hours", func(s *notify.Subject) {
		s.Hours = []notify.Rule{notify.Daily(time.UTC, notify.Hours{From: 12 * 60, To: 13 * 60})}
	},
		notify.Decision{Kind: core.OutcomeHeld, Reason: core.ReasonQuiet, Until: noon.Add(core.Hour), Detail: "until 2026-07-01T13:00:00.000Z"}},
	{"frequency", func(s *notify.Subject) {
		s.Caps = []core.FrequencyCap{{Messages: 1, Within: core.Day, Drop: true}}
		s.Recent = []notify.Recent{{At: noon - 1, Channel: core.Email}}
	}, notify.Decision{Kind: core.OutcomeDropped, Reason: core.ReasonFrequency, Detail: "1 messages within 1d"}},
	{"plugins", func(s *notify.Subject) { s.Plugins = func() notify.Decision { return dropped(core.ReasonGateNo) } }, dropped(core.ReasonGateNo)},
}

// TestTheFirstGateDecides: of all gates that would stop a message the first one in the visible order gives the reason.
func TestTheFirstGateDecides(t *testing.T) {
	if len(notify.Gates) != len(stops) {
		t.Fatalf("there are %d gates, want %d", len(notify.Gates), len(stops))
	}
	nothing := let()
	if d := notify.Decide(&nothing); d != (notify.Decision{}) {
		t.Errorf("nothing is against it, and it is %+v", d)
	}
	for i, first := range stops {
		if notify.Gates[i].Name != first.gate {
			t.Errorf("gate %d is %s, want %s", i, notify.Gates[i].Name, first.gate)
		}
		alone, with := let(), let()
		first.want.Gate = first.gate
		first.stop(&alone)
		for _, later := range stops[i:] {
			later.stop(&with)
		}
		if d := notify.Decide(&alone); d != first.want {
			t.Errorf("%s alone decides %+v, want %+v", first.gate, d, first.want)
		}
		if d := notify.Decide(&with); d != first.want {
			t.Errorf("%s with all behind it decides %+v, want %+v", first.gate, d, first.want)
		}
	}
}

// TestBroadcast: what one that was stopped had made is dropped, and one that is about no restock asks for neither stock nor place.
func TestBroadcast(t *testing.T) {
	s := let()
	s.Broadcast = core.Announcement{Phase: core.BroadcastStopped, Paused: true}
	if d := notify.Decide(&s); d.Kind != core.OutcomeDropped || d.Reason != core.ReasonBroadcastStopped {
		t.Errorf("a broadcast that was stopped decides %+v", d)
	}
	s = let()
	s.Intent.Free, s.Stock.Phase, s.Entry = true, core.SoldOut, core.Entry{ClosedAt: 200, Closed: core.ClosedBought}
	if d := notify.Decide(&s); d != (notify.Decision{}) {
		t.Errorf("one that is about no restock decides %+v", d)
	}
}

// TestStillWanted: who left the line since asking is not written to, unless it left by having been told.
func TestStillWanted(t *testing.T) {
	closed := func(at core.Time, why core.CloseReason) core.Entry { return core.Entry{ClosedAt: at, Closed: why} }
	tests := []struct {
		name  string
		entry core.Entry
		lets  bool
	}{
		{"stands in line", core.Entry{CapturedAt: 100}, true},
		{"asked anew since", core.Entry{CapturedAt: 900}, true},
		{"cancelled", closed(200, core.ClosedBought), false},
		{"bought", closed(200, core.ClosedBought), false},
		{"closed in the moment of asking", closed(100, core.ClosedBought), false},
		{"closed before it asked", closed(99, core.ClosedBought), true},
		{"told", closed(200, core.ClosedTold), true}, // a second message of the same journey
		{"no entry is known", core.Entry{}, true},
	}
	for _, kind := range []core.ActivityKind{core.BackInStock, core.WaitingOnStock} {
		for _, tt := range tests {
			s := let()
			s.Intent.Activity.Kind, s.Entry = kind, tt.entry
			want := notify.Decision{}
			if !tt.lets {
				want = notify.Decision{Kind: core.OutcomeDropped, Reason: core.ReasonNotWaiting, Gate: "still_wanted"}
			}
			if d := notify.Decide(&s); d != want {
				t.Errorf("%s, %s: %+v, want %+v", kind, tt.name, d, want)
			}
		}
	}
}

// TestStillInStock: a Back in stock message waits while its own restock pauses, and ends when that is over.
func TestStillInStock(t *testing.T) {
	held := notify.Decision{Kind: core.OutcomeHeld, Reason: core.ReasonOutOfStock, Gate: "still_in_stock"}
	dropped := notify.Decision{Kind: core.OutcomeDropped, Reason: core.ReasonOutOfStock, Gate: "still_in_stock"}
	tests := []struct {
		name  string
		kind  core.ActivityKind
		stock core.Stock
		want  notify.Decision
	}{
		{"open", core.BackInStock, core.Stock{Phase: core.InStock, Restock: thisRestock, RestockAt: core.RestockOpen}, notify.Decision{}},
		{"paused", core.BackInStock, core.Stock{Phase: core.SoldOut, Restock: thisRestock, RestockAt: core.RestockPaused}, held},
		{"closed", core.BackInStock, core.Stock{Phase: core.SoldOut, Restock: thisRestock, RestockAt: core.RestockClosed}, dropped},
		{"another one is open", core.BackInStock, core.Stock{Phase: core.InStock, Restock: otherRestock, RestockAt: core.RestockOpen}, dropped},
		{"another one pauses", core.BackInStock, core.Stock{Phase: core.SoldOut, Restock: otherRestock, RestockAt: core.RestockPaused}, dropped},
		{"nothing is known", core.BackInStock, core.Stock{}, dropped},
		{"who asks is told that it waits", core.WaitingOnStock, core.Stock{Phase: core.SoldOut}, notify.Decision{}},
		{"who asks while it is back", core.WaitingOnStock, core.Stock{Phase: core.InStock, Restock: otherRestock, RestockAt: core.RestockOpen}, notify.Decision{}},
	}
	for _, tt := range tests {
		s := let()
		s.Intent.Activity.Kind, s.Stock = tt.kind, tt.stock
		if d := notify.Decide(&s); d != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, d, tt.want)
		}
	}
}
