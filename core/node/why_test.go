package node

import (
	"log/slog"
	"strings"
	"testing"

	"restock/core"
	"restock/core/db"
)

// TestWhyNotAgain: who asked again within a gap of a restock that it was told of learns why it waits though there is stock; and a
// broadcast's message is called by the broadcast's name.
func TestWhyNotAgain(t *testing.T) {
	d, err := db.Open("", nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	tx := d.Begin()
	defer tx.Discard()
	target := core.Target{Source: "shop", Variant: "71"}
	contact := core.Contact{ID: ann, Email: "ann@example.com"}
	restock := core.Restock{ID: core.RestockID{5}, At: core.RestockOpen, OpenedAt: 2000}
	db.Restocks.Set(tx, restock.ID, restock)
	variant := core.VariantKey{Source: "shop", Variant: "71"}
	db.Stocks.Set(tx, db.StockKey{Variant: variant}, core.Stock{Restock: restock.ID, Phase: core.InStock, Units: 3})
	db.Entries.Set(tx, db.EntryKey{Contact: ann, Target: target}, core.Entry{Contact: ann, Target: target, CapturedAt: 3000, FirstAt: 1000, LastAt: 3000})

	story := func() string {
		var lines []string
		for _, l := range explain(tx, contact, core.Address{Channel: core.Email, Value: "ann@example.com"}, "").Entries[0].Lines {
			lines = append(lines, l.What+" "+l.Where+" "+l.Detail)
		}
		return strings.Join(lines, "\n")
	}
	if got := story(); !strings.Contains(got, "restock  is open") {
		t.Errorf("before it was told:\n%s", got)
	}
	told := core.Activity{ID: core.NewBackID(ann, restock.ID), Kind: core.BackInStock, Contact: ann, At: 2000, Source: "shop", Variant: "71", Asked: target, Restock: restock.ID}
	db.Activities.Set(tx, db.ActivityKey{Contact: ann, ID: told.ID}, told)
	db.IntentsOf.Add(tx, ann, core.LedgerKey{3})
	db.Intents.Set(tx, core.LedgerKey{3}, core.Intent{Key: core.LedgerKey{3}, Contact: ann, Broadcast: "news", Shape: "broadcast", Activity: told, At: core.IntentSent})
	got := story()
	for _, want := range []string{"restock  was told of it before asking again; is told of the next one", "Message sent news"} {
		if !strings.Contains(got, want) {
			t.Errorf("the story lacks %q:\n%s", want, got)
		}
	}
}
