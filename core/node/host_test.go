package node

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"restock/core"
	"restock/core/db"
	"restock/core/wire"
)

// TestOnePushServiceStopsNoOther: which service a push goes to is a stranger's to say, so one that asks for a day of peace gets it for its
// own browsers alone.
func TestOnePushServiceStopsNoOther(t *testing.T) {
	nobody := newFar(t, created(`{"sid":"SM0123456789abcdef0123456789abcdef"}`))
	hostile := newFar(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "86400")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	good := newFar(t, created(""))
	r := channels(t, nobody, nobody)
	capture := func(email, variant string, b core.PushSubscription) wire.Entry {
		return wire.Capture{Capture: core.Capture{Target: core.Target{Source: "shop", Variant: core.VariantID(variant)}, Email: email, Push: b, CapturedAt: core.TimeOf(time.Now())}}
	}
	push := func(variant string) (found core.Intent) {
		for _, i := range r.intents("everywhere") {
			if i.Channel == core.Push && string(i.Activity.Variant) == variant {
				found = i
			}
		}
		return found
	}
	r.fromEdge(1, capture("mallory@example.com", "66", browser(t, hostile.URL, "/mallory")))
	eventually(t, "the hostile service has asked for peace", func() bool { return push("66").Reason == core.ReasonTemporary })
	r.fromEdge(2, capture("ann@example.com", "71", browser(t, good.URL, "/ann")))
	eventually(t, "another's push is sent", func() bool { return push("71").At == core.IntentSent })

	r.fromEdge(3, capture("mallory@example.com", "67", browser(t, hostile.URL, "/mallory")))
	eventually(t, "what goes to the hostile service waits", func() bool { return push("67").Reason == core.ReasonTemporary })
	if i := push("67"); i.At != core.IntentDue || i.Attempts != 0 || i.Due.Since(core.TimeOf(time.Now())) < 12*core.Hour || !strings.Contains(i.Detail, "left in peace") {
		t.Errorf("it waits as %+v", i)
	}
	if hostile.count() != 1 {
		t.Errorf("who asked for peace was called %d times", hostile.count())
	}
}

// TestHostsAreBounded: names that strangers make up neither fill the memory nor push out what is known of a service that is in trouble.
func TestHostsAreBounded(t *testing.T) {
	var h hosts
	troubled := h.of("push", "https://push.example/a", started)
	troubled.heard(core.Outcome{Kind: core.OutcomeTemporary, Retry: core.TimeOf(started.Add(time.Hour))}, true, started)
	for n := range 3 * maxHosts {
		h.of("push", fmt.Sprintf("https://%d.example/a", n), started)
	}
	if len(h.known) > maxHosts {
		t.Errorf("%d services are remembered", len(h.known))
	}
	if ok, again, _ := h.of("push", "https://PUSH.example/b", started).mayCall(started); ok || again != started.Add(time.Hour) {
		t.Errorf("a service that asked for peace may be called: %t, else at %s", ok, again)
	}
	if ok, _, _ := h.of("other", "https://push.example/a", started).mayCall(started); !ok {
		t.Error("what a service says to one sender keeps another from it")
	}
	for n := range 2 * maxHosts {
		h.of("push", fmt.Sprintf("https://busy%d.example/a", n), started).heard(core.Outcome{Kind: core.OutcomeTemporary, Retry: core.TimeOf(started.Add(time.Hour))}, true, started)
	}
	if len(h.known) > maxHosts {
		t.Errorf("%d services in trouble are remembered", len(h.known))
	}
	if p := h.of("push", "https://new.example/a", started.Add(2*time.Hour)); len(h.known) != 1 || !p.calm(started) {
		t.Errorf("when their time has come %d are remembered", len(h.known))
	}
}

// TestALinkThatEdgesCannotBeToldOf makes a message wait: its words are in order, and the bucket will be reached again.
func TestALinkThatEdgesCannotBeToldOf(t *testing.T) {
	nobody := newFar(t, created(`{"sid":"SM0123456789abcdef0123456789abcdef"}`))
	r := channels(t, nobody, nobody)
	w := r.workspaces[0]
	r.fromEdge(1, annEverywhere(browser(t, nobody.URL, "/ann"))...)
	eventually(t, "messages were made", func() bool { return len(r.intents("everywhere")) == 3 })
	r.leadsTo("71", "https://shop.example/p")
	var text core.Intent
	for _, i := range r.intents("everywhere") {
		if i.Channel == core.SMS {
			text = i
		}
	}
	w.fresh.Store(time.Now().Add(time.Hour).UnixMilli()) // what is known of the journal's end is new enough
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // the bucket does not answer
	o, called := w.deliver(ctx, text)
	if o.Kind != core.OutcomeTemporary || called || !strings.Contains(o.Detail, "telling edges") {
		t.Errorf("it comes to %+v, called %t", o, called)
	}
}

// leadsTo puts a product with a page behind a variant, as no shop had told.
func (r *running) leadsTo(variant core.VariantID, page string) {
	r.t.Helper()
	tx := r.workspaces[0].db.Begin()
	db.Products.Set(tx, core.ProductKey{Source: "shop", Product: "7"}, core.Product{Source: "shop", ID: "7", Title: "Tee", URL: page})
	db.Variants.Set(tx, core.VariantKey{Source: "shop", Variant: variant}, core.Variant{Source: "shop", ID: variant, Product: "7"})
	if err := tx.Commit(); err != nil {
		r.t.Fatal(err)
	}
}
