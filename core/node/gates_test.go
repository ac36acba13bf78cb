package node

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"restock/core"
	"restock/core/db"
	"restock/core/notify"
)

// TestWhoseClock: quiet hours go by the clock of the contact's browser, else by all that its number may have, else by its country's,
// else by the workspace's; texts to the United States have the law's hours as well.
func TestWhoseClock(t *testing.T) {
	w := &workspace{node: &Node{}}
	set := core.Settings{Zone: "Europe/Vienna", Quiet: []core.QuietHours{
		{From: 20 * 60, To: 9 * 60, Channels: []core.Channel{core.SMS, core.Email}}, {Off: true, Channels: []core.Channel{core.Push}},
	}}
	own := core.Sender{Quiet: &core.QuietHours{From: 60, To: 120}}
	off := core.Sender{Quiet: &core.QuietHours{Off: true}}
	tests := []struct {
		name    string
		ch      core.Channel
		contact core.Contact
		set     core.Settings
		sender  core.Sender
		zones   string
		first   notify.Hours
	}{
		{"its browser's", core.SMS, core.Contact{Phone: "+4915112345678", Zone: "Asia/Tokyo"}, set, core.Sender{}, "Asia/Tokyo", notify.Hours{From: 1200, To: 540}},
		{"a browser that makes one up", core.SMS, core.Contact{Phone: "+4915112345678", Zone: "Mars/Base"}, set, core.Sender{}, "Europe/Berlin", notify.Hours{From: 1200, To: 540}},
		{"its number's", core.Email, core.Contact{Phone: "+4915112345678"}, set, core.Sender{}, "Europe/Berlin", notify.Hours{From: 1200, To: 540}},
		{"its country's", core.Email, core.Contact{Region: "JP"}, set, core.Sender{}, "Asia/Tokyo", notify.Hours{From: 1200, To: 540}},
		{"the workspace's", core.Email, core.Contact{}, set, core.Sender{}, "Europe/Vienna", notify.Hours{From: 1200, To: 540}},
		{"Texas, twice", core.SMS, core.Contact{Phone: "+12145550100"}, set, core.Sender{}, "America/Chicago America/Chicago", notify.Hours{From: 1200, To: 540}},
		{"off for pushes", core.Push, core.Contact{Region: "JP"}, set, core.Sender{}, "", notify.Hours{}},
		{"the sender's own", core.Push, core.Contact{Region: "JP"}, set, own, "Asia/Tokyo", notify.Hours{From: 60, To: 120}},
		{"off by the sender", core.SMS, core.Contact{Phone: "+12145550100"}, set, off, "", notify.Hours{}},
		{"nothing said, a text", core.SMS, core.Contact{Phone: "+4915112345678"}, core.Settings{}, core.Sender{}, "Europe/Berlin", notify.Hours{From: 1200, To: 540}},
		{"nothing said, a mail", core.Email, core.Contact{Phone: "+4915112345678"}, core.Settings{}, core.Sender{}, "", notify.Hours{}},
	}
	for _, tt := range tests {
		to := core.Address{Channel: tt.ch, Value: tt.contact.Phone}
		rules, home := w.hours(tt.set, tt.sender, &notify.Subject{Intent: core.Intent{Channel: tt.ch}, Contact: tt.contact, To: to})
		var zones []string
		for _, r := range rules {
			zones = append(zones, r.Zone.String())
		}
		if got := strings.Join(zones, " "); got != tt.zones {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.zones)
			continue
		}
		if len(rules) > 0 && (rules[0].Week[3] != tt.first || len(home) == 0) {
			t.Errorf("%s: quiet %+v, want %+v", tt.name, rules[0].Week[3], tt.first)
		}
	}
}

// TestGatesInStatus: they are reported in their order, with what they did.
func TestGatesInStatus(t *testing.T) {
	var c gateCounts
	if len(notify.Gates) > len(c) {
		t.Fatalf("there are %d gates, and %d are counted", len(notify.Gates), len(c))
	}
	c.count(notify.Decision{Kind: core.OutcomeHeld, Gate: "quiet_hours"})
	c.count(notify.Decision{Kind: core.OutcomeDropped, Gate: "consent"})
	c.count(notify.Decision{Kind: core.OutcomeDropped, Gate: "nobody knows it"})
	for i, r := range c.report() {
		want := fmt.Sprintf("%s %t %t", notify.Gates[i].Name, notify.Gates[i].Name == "quiet_hours", notify.Gates[i].Name == "consent")
		if got := fmt.Sprintf("%s %t %t", r.Name, r.Held == 1, r.Dropped == 1); got != want {
			t.Errorf("gate %d is reported as %s, want %s", i, got, want)
		}
	}
}

// TestTwoAtOnce: of two messages that are claimed at once, by whichever senders and however they were planned, exactly one counts the other
// for a frequency cap: else both would go out, or neither.
func TestTwoAtOnce(t *testing.T) {
	d, err := db.Open(t.TempDir(), nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	ann := core.ContactID{1}
	at := func(n uint32) core.WorkID { return core.WorkID{Sequence: 9, Number: n} }
	for _, tt := range []struct{ planned, claimed [2]uint32 }{{[2]uint32{1, 2}, [2]uint32{3, 4}}, {[2]uint32{1, 2}, [2]uint32{4, 3}}} {
		var all [2]core.Intent
		tx := d.Begin()
		for n := range all {
			all[n] = core.Intent{Key: core.LedgerKey{byte(n)}, Contact: ann, Channel: core.Email, At: core.IntentClaimed, Order: at(tt.planned[n]), Turn: at(tt.claimed[n])}
			all[n].Activity.Kind = core.BackInStock
			db.Intents.Set(tx, all[n].Key, all[n])
			db.IntentsOf.Add(tx, ann, all[n].Key)
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		view := d.View()
		sees := [2]int{len(recent(view, all[0])), len(recent(view, all[1]))}
		view.Discard()
		if want := map[bool][2]int{true: {0, 1}, false: {1, 0}}[tt.claimed[0] < tt.claimed[1]]; sees != want {
			t.Errorf("planned %v, claimed %v: they see %v of each other, want %v", tt.planned, tt.claimed, sees, want)
		}
	}
}
