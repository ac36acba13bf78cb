package machine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"restock/core"
	"restock/core/db"
	"restock/core/wire"
)

// longAgo is before any world's first moment, and no longer ago than activities are kept.
const longAgo core.Time = 1_799_990_001_000

// TestWhatWasAskedLastCounts: an edge that was cut off, or sends its waitlist again, brings captures late. Whatever order they
// come in, and however often, the contact is what the newest one told.
func TestWhatWasAskedLastCounts(t *testing.T) {
	told := func(i int, locale, region, phone, push, text string, marketing bool) core.Capture {
		return core.Capture{
			Target: core.Target{Source: "shop", Variant: "71"}, Email: "ann@example.com", Phone: phone, Locale: locale, Region: region,
			CapturedAt: longAgo.Add(core.Milliseconds(i)), Push: core.PushSubscription{Endpoint: push}, Consent: core.Proof{Text: text, Marketing: marketing},
		}
	}
	captures := []core.Capture{
		told(0, "de", "DE", "+4915111111111", "https://push.example/old", "first", false),
		told(1, "fr", "FR", "+4915122222222", "https://push.example/new", "first", true),
		told(2, "en", "", "", "", "second", false),
	}
	var want string
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 2, 0}, {2, 0, 1, 2, 0, 1}, {0, 1, 2, 0, 1, 2}} {
		t.Run(fmt.Sprint(order), func(t *testing.T) {
			w := newWorld(t)
			for _, i := range order {
				w.fromEdge(otherEdge, wire.Capture{Capture: captures[i]})
			}
			got := w.described(t, "ann@example.com")
			if want == "" {
				want = got
			}
			if got != want {
				t.Errorf("the captures made\n%s\nwant\n%s", got, want)
			}
		})
	}
	for _, part := range []string{"en FR +4915122222222 ", "[https://push.example/old https://push.example/new]", "stock_alert first 1799990001000", "stock_alert second 1799990001002", "marketing first 1799990001001"} {
		if !strings.Contains(want, part) {
			t.Errorf("in order it is\n%s\nwithout %q", want, part)
		}
	}
}

// TestALateNumberIsForgottenToo: a phone number that a late capture tells is not the contact's, but leads to it.
func TestALateNumberIsForgottenToo(t *testing.T) {
	w := newWorld(t)
	for i, phone := range []string{"+4915122222222", "+4915111111111"} {
		c := captureOf("ann@example.com", core.Target{Source: "shop", Variant: "71"}, longAgo.Add(core.Milliseconds(-i)))
		c.Capture.Phone = phone
		w.fromEdge(otherEdge, c)
	}
	w.view(func(tx *db.Tx) {
		id, _ := db.Addresses.Get(tx, core.Address{Channel: core.SMS, Value: "+4915111111111"})
		contact, _ := db.Contacts.Get(tx, id)
		late := core.Address{Channel: core.SMS, Value: "+4915111111111"}
		if contact.Phone != "+4915122222222" || !db.Formers.Has(tx, db.FormerAddress{Contact: id, Address: late}) {
			t.Errorf("the contact is %+v, and the late number is noted: %v", contact, db.Formers.Has(tx, db.FormerAddress{Contact: id, Address: late}))
		}
	})
}

// described is what is known of a contact, as text.
func (w *shopWorld) described(t *testing.T, email string) (text string) {
	t.Helper()
	w.view(func(tx *db.Tx) {
		id, _ := db.Addresses.Get(tx, core.Address{Channel: core.Email, Value: email})
		c, _ := db.Contacts.Get(tx, id)
		var pushes, proofs []string
		for _, p := range c.Pushes {
			pushes = append(pushes, p.Endpoint)
		}
		for _, k := range c.Consents {
			proofs = append(proofs, fmt.Sprintln(k.Channel, k.Purpose, k.Text, int64(k.At)))
		}
		slices.Sort(proofs) // channels that were told at once stand in any order
		text = fmt.Sprintln(c.Locale, c.Region, c.Phone, pushes, proofs)
	})
	return text
}
