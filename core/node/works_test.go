package node

import (
	"fmt"
	"testing"
	"time"

	"restock/core"
	"restock/core/db"
	"restock/plugins/examples"
)

// gated is told behind the example plugin.
func gated() core.DeclaredJourney {
	j := told()
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
// ahead of those that are on their way. Everybody else gets Back in stock and one message.
func TestALineThatChangesWhileItIsAskedAbout(t *testing.T) {
	const crowd, erased = 5*core.CohortContacts + 10, 20
	r := longLine(t, crowd)
	r.level(2, 9, time.Now())
	for n := range erased {
		if report, err := r.Erase(t.Context(), "default", inCrowd((n+1)*crowd/(erased+1))); err != nil || !report.Known {
			t.Fatalf("erasing gave %+v, %v", report, err)
		}
	}
	eventually(t, "the line was gone down and everybody is written to", func() bool {
		left := false
		err := r.workspaces[0].view(func(tx *db.Tx) {
			db.Works.All(tx, func(core.Work) bool { left = true; return false })
			db.CohortHeads.All(tx, func(core.CohortHead) bool { left = true; return false })
		})
		return err == nil && !left
	})
	messages, known := map[core.ContactID]int{}, 0
	for _, i := range r.intents("told") {
		messages[i.Contact]++
	}
	err := r.workspaces[0].view(func(tx *db.Tx) {
		db.Contacts.All(tx, func(c core.Contact) bool {
			back := 0
			db.ActivitiesOf(tx, c.ID, func(a core.Activity) bool {
				if a.Kind == core.BackInStock {
					back++
				}
				return true
			})
			if known++; back != 1 || messages[c.ID] != 1 {
				t.Errorf("%s has %d activities and %d messages, want one of each", c.Email, back, messages[c.ID])
			}
			return true
		})
	})
	if err != nil || known != crowd-erased || len(messages) != known {
		t.Errorf("%d contacts are known and %d have messages, want %d; %v", known, len(messages), crowd-erased, err)
	}
}
