package core_test

import (
	"testing"
	"time"

	"restock/core"
)

func TestMasked(t *testing.T) {
	tests := []struct {
		channel     core.Channel
		value, want string
	}{
		{core.Email, "ann@example.com", "a***@example.com"},
		{core.Email, "a@example.com", "a***@example.com"},
		{core.Email, "@example.com", "***@example.com"},
		{core.Email, "no address", "***"},
		{core.Email, "", "***"},
		{core.SMS, "+4915112345678", "+49***78"},
		{core.SMS, "+491234", "+49***34"},
		{core.SMS, "+49123", "***"}, // too short to leave anything out
		{core.Push, "https://push.example/secret", "***"},
		{"", "ann@example.com", "***"},
	}
	for _, tt := range tests {
		if got := (core.Address{Channel: tt.channel, Value: tt.value}).Masked(); got != tt.want {
			t.Errorf("%s %q is shown as %q, want %q", tt.channel, tt.value, got, tt.want)
		}
	}
}

func TestTime(t *testing.T) {
	berlin := time.FixedZone("Berlin", 2*60*60)
	at := core.TimeOf(time.Date(2026, 7, 1, 12, 30, 15, 123_999_999, berlin))
	if want := "2026-07-01T10:30:15.123Z"; at.String() != want {
		t.Errorf("the time is %s, want %s: cut to milliseconds, in UTC", at, want)
	}
	if core.TimeOf(at.Go()) != at || at.Go().Location() != time.UTC {
		t.Errorf("%s came back as %s", at, at.Go())
	}
	if later := at.Add(90 * core.Second); later.Since(at) != 90_000 || at.Since(later) != -90_000 {
		t.Errorf("90 s later is %s, which is %d ms later", later, later.Since(at))
	}
	if got := core.Time(-1).String(); got != "1969-12-31T23:59:59.999Z" {
		t.Errorf("the millisecond before 1970 is %s", got)
	}
	if core.Day.Go() != 24*time.Hour || core.MillisecondsOf(1500*time.Microsecond) != 1 || core.DefaultRetention != 90*24*60*60*1000 {
		t.Error("spans are not counted in milliseconds")
	}
}

func TestRetentionFor(t *testing.T) {
	extended := core.Retention{Period: 365 * core.Day, Activities: []core.ActivityKind{"message_sent", core.WaitingOnStock}}
	tests := []struct {
		name      string
		retention core.Retention
		kind      core.ActivityKind
		want      core.Milliseconds
	}{
		{"nothing said", core.Retention{}, core.WaitingOnStock, 90 * core.Day},
		{"named", extended, core.WaitingOnStock, 365 * core.Day},
		{"not named", extended, core.BackInStock, 90 * core.Day},
		{"a period for no activity", core.Retention{Period: core.Day}, core.WaitingOnStock, 90 * core.Day},
		{"shorter", core.Retention{Period: core.Day, Activities: []core.ActivityKind{core.WaitingOnStock}}, core.WaitingOnStock, core.Day},
	}
	for _, tt := range tests {
		if got := tt.retention.For(tt.kind); got != tt.want {
			t.Errorf("%s: %s is kept for %s, want %s", tt.name, tt.kind, got.Go(), tt.want.Go())
		}
	}
}

// TestWaitlistOf: a variant's line and that of its product's "any variant" are two, also when the ids are equal.
func TestWaitlistOf(t *testing.T) {
	tests := []struct {
		target core.Target
		want   core.Waitlist
	}{
		{core.Target{Source: "shop", Variant: "7"}, core.Waitlist{Source: "shop", ID: "7"}},
		{core.Target{Source: "shop", Variant: "7", Product: "8"}, core.Waitlist{Source: "shop", ID: "7"}},
		{core.Target{Source: "shop", Product: "7"}, core.Waitlist{Source: "shop", Product: true, ID: "7"}},
	}
	for _, tt := range tests {
		if got := tt.target.Waitlist(""); got != tt.want {
			t.Errorf("%+v stands in %+v, want %+v", tt.target, got, tt.want)
		}
		tt.want.Market = "DE"
		if got := tt.target.Waitlist("DE"); got != tt.want || got.Target() != tt.want.Target() {
			t.Errorf("%+v stands in %+v, want %+v", tt.target, got, tt.want)
		}
	}
}

func TestContactAddress(t *testing.T) {
	c := core.Contact{Email: "ann@example.com"}
	if a, ok := c.Address(core.Email); !ok || a != (core.Address{Channel: core.Email, Value: "ann@example.com"}) {
		t.Errorf("by e-mail: %+v, %t", a, ok)
	}
	for _, ch := range []core.Channel{core.SMS, core.Push} {
		if _, ok := c.Address(ch); ok {
			t.Errorf("a contact with an e-mail address alone has one for %s", ch)
		}
	}
}

// TestInvalidError: no wrong field is no error at all, also as an interface.
func TestInvalidError(t *testing.T) {
	var wrong core.InvalidError
	if err := wrong.OrNil(); err != nil {
		t.Errorf("nothing is wrong, and the error is %v", err)
	}
	wrong.Add("stock.minimum", "want at least %d", 1)
	wrong.Add("url", "is needed")
	err := wrong.OrNil()
	if err == nil || err.Error() != "stock.minimum: want at least 1; url: is needed" {
		t.Errorf("the error reads %v", err)
	}
}

func TestOnlyTheInboxIsIdempotent(t *testing.T) {
	for kind, want := range map[string]bool{core.InboxKind: true, "smtp": false, "": false} {
		if got := (core.Sender{Name: core.InboxName, Kind: kind}).Idempotent(); got != want {
			t.Errorf("a sender of the kind %q is idempotent: %t", kind, got)
		}
	}
}

func TestDeliveryHeader(t *testing.T) {
	d := core.Delivery{Headers: []core.Header{{Name: "x-topic", Value: "first"}, {Name: "x-topic", Value: "second"}}}
	if got := d.Header("x-topic"); got != "first" {
		t.Errorf("the header is %q, want the first", got)
	}
	if got := d.Header("x-other"); got != "" {
		t.Errorf("a header that is not there is %q", got)
	}
}

// TestBeyond: what is sold when none is left counts as stock only if shoppers would call it that, or the policy does.
func TestBeyond(t *testing.T) {
	both := core.StockPolicy{Backorder: true, Preorder: true}
	for _, tt := range []struct {
		continues bool
		selling   core.Selling
		policy    core.StockPolicy
		want      bool
	}{
		{false, core.SellingStock, both, false},
		{true, core.SellingStock, core.StockPolicy{}, true},
		{false, core.SellingBackorder, core.StockPolicy{Preorder: true}, false},
		{false, core.SellingBackorder, core.StockPolicy{Backorder: true}, true},
		{false, core.SellingPreorder, core.StockPolicy{Backorder: true}, false},
		{false, core.SellingPreorder, core.StockPolicy{Preorder: true}, true},
		{true, core.SellingPreorder, core.StockPolicy{}, true},
		{false, core.SellingStopped, both, false},
	} {
		v := core.Variant{ContinueSelling: tt.continues, Selling: tt.selling}
		if got := v.Beyond(tt.policy); got != tt.want {
			t.Errorf("%+v under %+v: %t, want %t", v, tt.policy, got, tt.want)
		}
	}
}

func TestBoughtStates(t *testing.T) {
	for state, want := range map[core.OrderState]bool{
		core.OrderBegun: false, core.OrderPlaced: true, core.OrderPaid: true, core.OrderCancelled: false, "": false,
	} {
		if state.Bought() != want {
			t.Errorf("an order that is %q counts as bought: %t", state, !want)
		}
	}
}
