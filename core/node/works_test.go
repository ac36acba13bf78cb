package node

import (
	"fmt"
	"testing"
	"time"

	"restock/core"
	"restock/core/db"
	"restock/plugins/examples"
)

// gated is told behind the example plugin, by a sender whose server is away: what it has to do stays.
func gated() core.DeclaredJourney {
	j := writes("told", "away", hello)
	j.Journey.Enter.Occurs = core.BackInStock
	ask := core.Shape{Name: "gate", Kind: core.ShapeCondition, Next: "mail", No: core.Exit, Condition: &core.PluginCall{Plugin: "gate", OnFailure: core.FailHold}}
	j.Journey.Shapes = append([]core.Shape{ask}, j.Journey.Shapes...)
	return j
}

// longLine is a node with a crowd that waits in the order of their numbers, and a plugin that is asked about each.
func longLine(t *testing.T, crowd int) *running {
	t.Helper()
	const page = 1000
	r := start(t, settings(t.TempDir()))
	gate := examples.DomainGate()
	d := shop(gated())
	d.Sources[0].Retention = core.Retention{Period: core.DefaultRetention}
	d.Templates = []core.Template{hello}
	d.Senders = []core.Sender{{
		Name: "away", Kind: "smtp", From: "Shop <news@shop.example>",
		Settings: map[string]string{"host": "127.0.0.1", "port": "1", "tls": "none"},
	}}
	d.Plugins = []core.DeclaredPlugin{{Plugin: core.Plugin{Name: "gate", Hash: core.HashOf(gate), Size: len(gate)}, Module: gate}}
	r.declare(d)
	r.webhook(1, "products/update", `{"id":7,"title":"Tee","handle":"tee","status":"active","published_at":"2026-01-01T00:00:00Z",
		"updated_at":"2026-01-01T00:00:00Z","images":[],"variants":[{"id":71,"title":"M","sku":"TEE-M","price":"19.90",
		"inventory_policy":"deny","inventory_item_id":710,"inventory_quantity":0,"updated_at":"2026-01-01T00:00:00Z"}]}`)
	for n := 0; n < crowd; n += page {
		var some []string
		for i := n; i < min(n+page, crowd); i++ {
			some = append(some, inCrowd(i))
		}
		r.capture(uint64(n)+1, some...)
	}
	return r
}

func inCrowd(n int) string { return fmt.Sprintf("c%05d@example.com", n) }

// TestALineThatChangesWhileItIsAskedAbout: some of a long line are erased while its pages are formed, several at once and
// ahead of those that are on their way. To everybody else Back in stock occurs once.
func TestALineThatChangesWhileItIsAskedAbout(t *testing.T) {
	const crowd, erased = 5*core.CohortContacts + 10, 20
	r := longLine(t, crowd)
	r.level(2, 9, time.Now())
	for n := range erased {
		if report, err := r.Erase(t.Context(), "default", inCrowd((n+1)*crowd/(erased+1))); err != nil || !report.Known {
			t.Fatalf("erasing gave %+v, %v", report, err)
		}
	}
	eventually(t, "the line was gone down", func() bool {
		left := false
		err := r.workspaces[0].view(func(tx *db.Tx) { db.Works.All(tx, func(core.Work) bool { left = true; return false }) })
		return err == nil && !left
	})
	var occurred map[core.ContactID]int
	err := r.workspaces[0].view(func(tx *db.Tx) { occurred = backs(tx) })
	if err != nil || len(occurred) != crowd-erased {
		t.Errorf("to %d contacts it occurred, want %d; %v", len(occurred), crowd-erased, err)
	}
	for id, n := range occurred {
		if n != 1 {
			t.Errorf("to %s it occurred %d times", id, n)
		}
	}
}

// backs is how often Back in stock occurred to each contact, be it written down or yet to be expanded.
func backs(tx *db.Tx) map[core.ContactID]int {
	all := map[core.ContactID]int{}
	db.Activities.All(tx, func(a core.Activity) bool {
		if a.Kind == core.BackInStock {
			all[a.Contact]++
		}
		return true
	})
	db.CohortHeads.All(tx, func(h core.CohortHead) bool {
		c, _ := db.Cohorts.Get(tx, h.ID)
		for n := h.Done; n < c.Len(); n++ {
			if id := c.Member(n).Contact; id != (core.ContactID{}) {
				all[id]++
			}
		}
		return true
	})
	return all
}
