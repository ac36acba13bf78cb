package e2e

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"restock/core"
	"restock/core/db"
	"restock/edge/uplink/uplinktest"
)

var cutFor = flag.Duration("cut.for", time.Second, "how long TestCut cuts the edge off, three times")

// cutFiles are a shop that tells nobody anything.
const cutFiles = `
kind: Source
name: my-shop
spec: {title: My shop, platform: shopify, url: "https://shop.example", secrets: [env:SHOP_SECRET], currency: EUR, region: DE}
`

// TestCut cuts the network between edge and journal under load. The edge takes captures all the while; when the cable is
// mended, each comes to the core once, and those of one contact in their order.
func TestCut(t *testing.T) {
	i := newInstallation(t)
	i.applyFiles(cutFiles, "")
	cable := uplinktest.NewCable(t, i.nats)
	i.e.stop()
	i.journal, i.edgeEnv = cable.Addr(), []string{"RESTOCK_ADDRESS_LIMIT=0"}
	i.startEdge()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var l load
	var again repeat
	var clients sync.WaitGroup
	for range 4 {
		clients.Go(func() { l.run(ctx, i) })
	}
	clients.Go(func() { again.run(ctx, i) })
	for round := range 3 {
		wanted := l.count() + 200
		eventually(t, "captures are taken", func() bool { return l.count() >= wanted })
		cable.Cut()
		before := l.count()
		for end := time.Now().Add(*cutFor); time.Now().Before(end) || l.count() < before+200; {
			time.Sleep(10 * time.Millisecond) // the load goes on
		}
		t.Logf("cut %d: %d captures acknowledged meanwhile", round+1, l.count()-before)
		cable.Mend()
	}
	stop()
	clients.Wait()
	begin := time.Now()
	i.awaitApplied(len(l.acknowledged) + 1)
	t.Logf("%d captures acknowledged; the last were applied %s after the load ended", len(l.acknowledged), time.Since(begin).Round(time.Millisecond))
	i.e.stop()
	i.c.stop()
	verifyCut(t, i, &l, &again)
}

// awaitApplied waits for as long as the core goes on applying: what came in minutes takes minutes.
func (i *installation) awaitApplied(n int) {
	i.t.Helper()
	for applied := i.applied(); applied < n; {
		eventually(i.t, fmt.Sprintf("more than %d of %d are applied", applied, n), func() bool { return i.applied() > applied })
		applied = i.applied()
	}
}

// applied is how many contacts wait for variant 71.
func (i *installation) applied() (n int) {
	var status []struct {
		Waitlists []struct{ Waiting int }
	}
	if i.api("GET", "/api/v1/status", &status) != http.StatusOK {
		return 0
	}
	for _, w := range status[0].Waitlists {
		n += w.Waiting
	}
	return n
}

// repeat asks for one contact again and again, each time with another language.
type repeat struct{ acknowledged int }

func (r *repeat) run(ctx context.Context, i *installation) {
	for n := 1; ctx.Err() == nil; n++ {
		code, _, _ := i.capture(fmt.Sprintf(`{"source":"my-shop","variant":"71","email":"again@example.com","locale":"en-x-%07d"}`, n))
		if code == http.StatusAccepted {
			r.acknowledged = n
		}
	}
}

func verifyCut(t *testing.T, i *installation, l *load, again *repeat) {
	t.Helper()
	state := openState(t, i)
	defer func() { _ = state.Close() }()
	tx := state.View()
	defer tx.Discard()
	lost, doubled := 0, 0
	for _, email := range l.acknowledged {
		id, ok := db.Addresses.Get(tx, core.Address{Channel: core.Email, Value: email})
		if !ok {
			lost++
			continue
		}
		activities := 0
		db.ActivitiesOf(tx, id, func(core.Activity) bool { activities++; return true })
		if activities != 1 {
			doubled++
		}
	}
	if lost+doubled > 0 || tx.Err() != nil {
		t.Errorf("of %d captures %d are lost and %d were applied twice (%v)", len(l.acknowledged), lost, doubled, tx.Err())
	}
	id, _ := db.Addresses.Get(tx, core.Address{Channel: core.Email, Value: "again@example.com"})
	contact, _ := db.Contacts.Get(tx, id)
	if want := fmt.Sprintf("en-x-%07d", again.acknowledged); contact.Locale < want {
		t.Errorf("of %d captures of one contact %q was applied last", again.acknowledged, contact.Locale)
	}
	if want, got := digest(t, state), replay(t, i); got != want {
		t.Error("replaying the journal from empty gives another state")
	}
}
