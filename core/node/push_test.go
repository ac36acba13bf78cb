package node

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"restock/core"
	"restock/core/db"
	"restock/core/notify"
	"restock/core/sender"
)

// TestTogether is what a push to several browsers comes to.
func TestTogether(t *testing.T) {
	key := core.LedgerKey{1}
	kinds := map[string]core.Outcome{
		"accepted": sender.Accepted(key, ""), "busy": sender.Later(key, "HTTP 503", 1), "lost": sender.Unknown(key, "no answer"),
		"refused": sender.Permanent(key, "HTTP 400"), "gone": sender.NoMore(key, core.ReasonGone, "HTTP 410"),
	}
	for _, tt := range []struct {
		browsers string
		kind     core.OutcomeKind
		reason   core.Reason
		kept     string // of the browsers that are not called again
		detail   string
	}{
		{"", core.OutcomePermanent, core.ReasonRefused, "", "none of the contact's browsers is left to call"},
		{"accepted", core.OutcomeAccepted, core.ReasonAccepted, "accepted", ""},
		{"gone", core.OutcomePermanent, core.ReasonGone, "gone", "HTTP 410"},
		{"gone gone", core.OutcomePermanent, core.ReasonGone, "gone gone", "0 of 2 browsers took it; HTTP 410"},
		{"gone accepted", core.OutcomeAccepted, core.ReasonAccepted, "gone accepted", "1 of 2 browsers took it; HTTP 410"},
		{"accepted busy gone", core.OutcomeTemporary, core.ReasonTemporary, "accepted gone", "1 of 3 browsers took it; HTTP 503"},
		{"lost refused", core.OutcomeUnknown, core.ReasonUnanswered, "lost refused", "0 of 2 browsers took it; no answer"},
		{"lost accepted", core.OutcomeAccepted, core.ReasonAccepted, "lost accepted", "1 of 2 browsers took it; no answer"},
		{"lost busy", core.OutcomeTemporary, core.ReasonTemporary, "lost", "0 of 2 browsers took it; HTTP 503"},
		{"refused gone", core.OutcomePermanent, core.ReasonRefused, "refused gone", "0 of 2 browsers took it; HTTP 400"},
	} {
		var browsers []core.PushSubscription
		var all []core.Outcome
		for n, word := range strings.Fields(tt.browsers) {
			browsers = append(browsers, core.PushSubscription{Endpoint: fmt.Sprint(n)})
			all = append(all, kinds[word])
		}
		o := together(key, browsers, all)
		var kept []string
		for _, b := range o.Browsers {
			for n, word := range strings.Fields(tt.browsers) {
				if (core.Address{Channel: core.Push, Value: fmt.Sprint(n)}).Tag() == b.Tag {
					kept = append(kept, word)
					if b.Kind != kinds[word].Kind || b.Gone != (word == "gone") {
						t.Errorf("%s: %+v", tt.browsers, b)
					}
				}
			}
		}
		if o.Key != key || o.Kind != tt.kind || o.Reason != tt.reason || strings.Join(kept, " ") != tt.kept || o.Detail != tt.detail || (o.Retry != 0) != strings.Contains(tt.browsers, "busy") {
			t.Errorf("%s: %+v, want it %s for %s (%s)", tt.browsers, o, tt.kind, tt.reason, tt.detail)
		}
	}
}

// TestChoose: a push goes to the newest browsers first, but to none that has it, or must not be sent to; a question to one alone.
func TestChoose(t *testing.T) {
	d, err := db.Open(t.TempDir(), nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	at := func(name string) core.Address { return core.Address{Channel: core.Push, Value: name} }
	tx := d.Begin()
	db.Suppressions.Set(tx, at("quiet"), db.Suppression{Address: at("quiet"), Reason: core.ReasonUnsubscribed})
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		kind       core.ActivityKind
		has, done  string
		unconfirm  string
		want, asks string // the gates look at asks
	}{
		{core.BackInStock, "a b c", "", "", "c b a", "c"},
		{core.BackInStock, "a b c", "b", "", "c a", "c"},
		{core.BackInStock, "a b quiet", "", "", "b a", "b"},
		{core.BackInStock, "a b c", "", "c", "b a", "b"},
		{core.BackInStock, "quiet", "", "", "", "quiet"},
		{core.BackInStock, "a", "a", "", "", "a"},
		{core.ConfirmationAsked, "a b c", "", "b c", "c", "c"},
	} {
		a := about{subject: notify.Subject{Intent: core.Intent{Contact: core.ContactID{1}, Channel: core.Push, Activity: core.Activity{Kind: tt.kind, AskedAt: 9}}}}
		s := &a.subject
		for _, name := range strings.Fields(tt.has) {
			s.Contact.Pushes = append(s.Contact.Pushes, core.PushSubscription{Endpoint: name})
			s.To = at(name)
		}
		for _, name := range strings.Fields(tt.done) {
			s.Intent.Browsers = append(s.Intent.Browsers, core.BrowserOutcome{Tag: at(name).Tag(), Kind: core.OutcomeAccepted})
		}
		for _, name := range strings.Fields(tt.unconfirm) {
			s.Contact.Confirmations = append(s.Contact.Confirmations, core.Confirmation{Channel: core.Push, Tag: at(name).Tag(), AskedAt: 5})
		}
		view := d.View()
		a.choose(view)
		view.Discard()
		var got []string
		for _, b := range a.browsers {
			got = append(got, b.Endpoint)
		}
		if strings.Join(got, " ") != tt.want || s.To.Value != tt.asks {
			t.Errorf("%+v: it goes to %v, and the gates look at %s", tt, got, s.To.Value)
		}
	}
}
