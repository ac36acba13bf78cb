package node

import (
	"fmt"
	"testing"
	"time"

	"restock/core"
	"restock/core/db"
)

var ann, ben = core.ContactID{0xa}, core.ContactID{0xb}

// back is a Back in stock activity of a contact: its id, and what variant came back when.
func back(c core.ContactID, id byte, variant core.VariantID, at core.Time) core.Activity {
	return core.Activity{ID: core.ActivityID{id}, Kind: core.BackInStock, Contact: c, Source: "shop", Variant: variant, Product: "7", At: at}
}

// TestItem: the back-in-stock block shows what restocked most recently of what the contact waited on, is still available
// and was not yet shown to the contact by this journey; otherwise the entry's item.
func TestItem(t *testing.T) {
	own := back(ann, 1, "own", 100)
	newer, older := back(ann, 2, "newer", 200), back(ann, 3, "older", 50)
	asked := core.Activity{ID: core.ActivityID{9}, Kind: core.WaitingOnStock, Contact: ann, Source: "shop", Variant: "own", Product: "7", At: 300}
	sent := func(key byte, j core.Name, at core.IntentAt, shown ...core.Activity) core.Intent {
		i := core.Intent{Key: core.LedgerKey{key}, Contact: ann, Journey: j, At: at}
		for _, a := range shown {
			i.Shown = append(i.Shown, a.ID)
		}
		return i
	}
	tests := []struct {
		name    string
		entry   core.Activity
		others  []core.Activity
		ledger  []core.Intent
		soldOut core.VariantID
		want    core.VariantID
	}{
		{"nothing else", own, nil, nil, "", "own"},
		{"a newer one", own, []core.Activity{newer, older}, nil, "", "newer"},
		{"a newer one that is sold out", own, []core.Activity{newer}, nil, "newer", "own"},
		{"a newer one that was shown", own, []core.Activity{newer}, []core.Intent{sent(1, "vip", core.IntentSent, newer)}, "", "own"},
		{"a newer one that another journey showed", own, []core.Activity{newer}, []core.Intent{sent(1, "other", core.IntentSent, newer)}, "", "newer"},
		{"a newer one in a message that was never sent", own, []core.Activity{newer}, []core.Intent{sent(1, "vip", core.IntentDropped, newer)}, "", "newer"},
		{"its own was shown", own, []core.Activity{older}, []core.Intent{sent(1, "vip", core.IntentSent, own)}, "", "older"},
		{"its own was shown, the other is sold out", own, []core.Activity{older}, []core.Intent{sent(1, "vip", core.IntentSent, own)}, "older", "own"},
		{"all were shown", own, []core.Activity{newer, older}, []core.Intent{sent(1, "vip", core.IntentSent, own, older), sent(2, "vip", core.IntentSent, newer)}, "", "own"},
		{"an older restock of the same variant was shown", own, []core.Activity{back(ann, 4, "own", 50)}, []core.Intent{sent(1, "vip", core.IntentSent, back(ann, 4, "own", 50))}, "", "own"},
		{"at the same moment", own, []core.Activity{back(ann, 5, "newer", 100), back(ann, 0, "older", 100)}, nil, "", "newer"},
		{"somebody else's", own, []core.Activity{back(ben, 2, "newer", 200)}, nil, "", "own"},
		{"asking while something else is back", asked, []core.Activity{older, newer}, nil, "", "newer"},
		{"asking with nothing back", asked, []core.Activity{older}, nil, "older", "own"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := world(t)
			w.write(t, func(tx *db.Tx) {
				db.Products.Set(tx, core.ProductKey{Source: "shop", Product: "7"}, core.Product{Source: "shop", ID: "7", Title: "Tee", URL: "https://shop.example/tee"})
				for _, a := range append(tt.others, tt.entry) {
					db.Activities.Set(tx, db.ActivityKey{Contact: a.Contact, ID: a.ID}, a)
				}
				for _, v := range []core.VariantID{"own", "newer", "older"} {
					db.Variants.Set(tx, core.VariantKey{Source: "shop", Variant: v}, core.Variant{Source: "shop", ID: v, Product: "7", Title: string(v)})
					stock := core.Stock{Phase: core.InStock}
					if v == tt.soldOut {
						stock.Phase = core.SoldOut
					}
					db.Stocks.Set(tx, db.StockKey{Variant: core.VariantKey{Source: "shop", Variant: v}}, stock)
				}
				for _, i := range tt.ledger {
					db.Intents.Set(tx, i.Key, i)
					db.IntentsOf.Add(tx, i.Contact, i.Key)
				}
			})
			expectItem(t, w, core.Intent{Contact: ann, Journey: "vip", Activity: tt.entry}, tt.want)
		})
	}
}

// expectItem renders nothing: it looks at what the block would show, and at what would be written down as shown.
func expectItem(t *testing.T, w *workspace, i core.Intent, want core.VariantID) {
	t.Helper()
	err := w.view(func(tx *db.Tx) {
		p, v := catalogue(tx, i.Activity)
		item, shows := w.item(tx, i, p, v)
		if item == nil || item.Choice != string(want) || item.Title != "Tee" || item.URL != "https://shop.example/tee" {
			t.Errorf("the block shows %+v, want %s", item, want)
		}
		a, ok := db.Activities.Get(tx, db.ActivityKey{Contact: ann, ID: shows})
		if !ok || a.Variant != want {
			t.Errorf("written down is %s, want %s", a.Variant, want)
		}
	})
	if err != nil {
		t.Error(err)
	}
}

// TestItemOfAnEmptyCatalogue: what the catalogue forgot is described by the activity.
func TestItemOfAnEmptyCatalogue(t *testing.T) {
	w := world(t)
	own := back(ann, 1, "own", 100)
	err := w.view(func(tx *db.Tx) {
		if item, shows := w.item(tx, core.Intent{Contact: ann, Activity: own}, core.Product{}, core.Variant{}); item != nil || shows != own.ID {
			t.Errorf("the block shows %+v of %s", item, shows)
		}
	})
	if err != nil {
		t.Error(err)
	}
}

func TestFrom(t *testing.T) {
	a := about{sender: core.Sender{From: "Shop <a@shop.example>"}}
	if got := from(a); got != "Shop <a@shop.example>" {
		t.Errorf("the sender's own is %s", got)
	}
	for title, want := range map[string]string{
		"Shop":                      `"Shop" <restock@localhost>`,
		"":                          `"" <restock@localhost>`,
		"A\" <x@evil.example>\r\nB": `"A x@evil.exampleB" <restock@localhost>`,
	} {
		a = about{}
		a.data.Source.Title = title
		if got := from(a); got != want {
			t.Errorf("for %q it is %s, want %s", title, got, want)
		}
	}
}

// TestRetry: later each time, never all at one moment, and not at all unless the outcome is temporary.
func TestRetry(t *testing.T) {
	tests := []struct {
		attempts int
		least    time.Duration // the most is a quarter more
	}{{0, 5 * time.Second}, {1, 5 * time.Second}, {2, 10 * time.Second}, {3, 20 * time.Second}, {8, 640 * time.Second}, {11, time.Hour}, {1000, time.Hour}}
	w := &workspace{}
	for _, tt := range tests {
		moments := map[core.Time]bool{}
		for range 50 {
			before := time.Now()
			o := w.retry(core.Intent{Attempts: tt.attempts}, core.Outcome{Kind: core.OutcomeTemporary})
			wait := o.Retry.Go().Sub(before)
			if wait < tt.least-time.Millisecond || wait > tt.least*5/4+time.Since(before)+time.Millisecond {
				t.Errorf("after %d attempts it waits %s, want %s to %s", tt.attempts, wait, tt.least, tt.least*5/4)
			}
			moments[o.Retry] = true
		}
		if len(moments) < 10 {
			t.Errorf("after %d attempts 50 retries come at %d moments", tt.attempts, len(moments))
		}
	}
	for _, kind := range []core.OutcomeKind{core.OutcomeAccepted, core.OutcomePermanent, core.OutcomeUnknown, core.OutcomeHeld, core.OutcomeDropped} {
		if o := w.retry(core.Intent{}, core.Outcome{Kind: kind}); fmt.Sprint(o) != fmt.Sprint(core.Outcome{Kind: kind}) {
			t.Errorf("%s became %+v", kind, o)
		}
	}
}
