package machine_test

import (
	"fmt"
	"strings"
	"testing"

	"restock/core"
	"restock/core/db"
)

// rowAt is a row of a feed that says as of when it holds.
func rowAt(id, product string, available int, at core.Time) string {
	return fmt.Sprintf(`{"id":%q,"product":%q,"title":"P","url":"https://shop.example/p","available":%d,"updated_at":%q}`, id, product, available, at)
}

// TestRowsOfAProductAreEachAsOfTheirOwnTime: a feed is cut into pages anywhere, and may be a part. What says the same product
// later, elsewhere or the last time, silences no row.
func TestRowsOfAProductAreEachAsOfTheirOwnTime(t *testing.T) {
	for _, c := range []struct {
		name  string
		feeds func(w *shopWorld, at core.Time)
	}{
		{"in one page", func(w *shopWorld, at core.Time) {
			w.feed(1, []string{rowAt("a", "p", 0, at+2000), rowAt("b", "p", 3, at+1000)})
		}},
		{"in two pages", func(w *shopWorld, at core.Time) {
			w.feed(2, []string{rowAt("a", "p", 0, at+2000), rowAt("b", "p", 3, at+1000)})
		}},
		{"in two feeds", func(w *shopWorld, at core.Time) {
			w.feed(1, []string{rowAt("a", "p", 0, at+2000)})
			w.feed(1, []string{rowAt("b", "p", 3, at+1000)})
		}},
		{"held by the guard meanwhile", func(w *shopWorld, at core.Time) {
			w.connectFeed(core.Guard{Share: 1, Variants: 1})
			w.feed(2, []string{rowAt("a", "p", 0, at+2000), rowAt("b", "p", 3, at+1000)})
			w.release(false)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.connectFeed(core.Guard{})
			w.pass(core.Hour)
			at := w.now / 1000 * 1000
			w.feed(1, []string{rowAt("a", "p", 0, at), rowAt("b", "p", 0, at)})
			w.capture("ann@example.com", "b")
			w.drive()
			w.sent = nil
			c.feeds(w, at)
			w.drive()
			w.wantSent("ann@example.com back")
			w.feed(1, []string{rowAt("a", "p", 0, at+2000), rowAt("b", "p", 9, at+500)}) // of before
			w.view(func(tx *db.Tx) {
				st, _ := db.Stocks.Get(tx, db.StockKey{Variant: core.VariantKey{Source: "shop", Variant: "b"}})
				if st.Units != 3 {
					t.Errorf("after an older row there are %d units, want 3", st.Units)
				}
			})
		})
	}
}

// connectFeed makes "shop" a shop whose feed is read.
func (w *shopWorld) connectFeed(g core.Guard) {
	w.t.Helper()
	w.connect(core.Generic, func(s *core.Source) {
		s.API, s.Guard = core.API{URL: "https://shop.example/feed", Format: "json", Poll: core.Hour}, g
	})
}

// TestAFeedThatIsPutBack: what was held is let go of also where the feed says again what is known, word for word.
func TestAFeedThatIsPutBack(t *testing.T) {
	w := newWorld(t)
	w.connectFeed(core.Guard{})
	w.pass(core.Hour)
	at := w.now / 1000 * 1000
	rows := func(units int, at core.Time) (all []string) {
		for i := range 40 {
			all = append(all, rowAt(fmt.Sprint("v", i), fmt.Sprint("p", i), units, at))
		}
		return all
	}
	w.feed(1, rows(0, at))
	w.feed(1, rows(5, at+1000))
	w.wantHeld(40)
	w.quietFeed(rows(0, at))
	w.wantHeld(0)
	w.wantPhase("v7", core.SoldOut)
}

// quietFeed is a whole reading of the feed in one page, as the leader does it: without its body when that is no news.
func (w *shopWorld) quietFeed(rows []string) {
	w.t.Helper()
	a := w.ask(core.ReadingPoll)
	a.page.Body = []byte("[" + strings.Join(rows, ",") + "]")
	tx := w.db.Begin()
	news, err := w.machine.News(tx, a.page)
	tx.Discard()
	if err != nil {
		w.t.Fatal(err)
	}
	if !news {
		a.page.Body = nil
	}
	w.fromLeader(a.page)
	w.drive()
}
