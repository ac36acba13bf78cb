package machine_test

import (
	"fmt"
	"strings"
	"testing"

	"restock/core"
	"restock/core/db"
	"restock/core/wire"
)

// feedWorld is a shop of 100 variants (v00 to v99) of the generic platform that are all sold out, and whose feed is read.
// Somebody waits for each of the first twenty.
func feedWorld(t *testing.T) *shopWorld {
	w := newWorld(t)
	w.connect(core.Generic, func(s *core.Source) {
		s.API = core.API{URL: "https://shop.example/feed", Format: "json", Poll: core.Hour}
	})
	w.feed(1, units(100, 0))
	for i := range 20 {
		w.capture(fmt.Sprintf("w%02d@example.com", i), core.VariantID(fmt.Sprintf("v%02d", i)))
	}
	w.drive()
	w.sent = nil
	return w
}

// units are rows in which the first n of 100 variants have some.
func units(of int, n int) (rows []string) {
	for i := range of {
		rows = append(rows, row(i, 0))
		if i < n {
			rows[i] = row(i, 3)
		}
	}
	return rows
}

func row(variant, available int) string {
	return fmt.Sprintf(`{"id":"v%02d","product":"p%02d","title":"P","url":"https://shop.example/p","available":%d}`, variant, variant/2, available)
}

// feed is a whole reading of the feed, in pages.
func (w *shopWorld) feed(pages int, rows []string) {
	w.t.Helper()
	w.pass(core.Minute)
	p := wire.Page{
		Source: "shop", Reading: core.ReadingPoll, Of: w.machine.Sources()["shop"].Of(), Run: w.readingOf(core.ReadingPoll).Run + 1,
		After: core.Sequence(len(w.journal)), BegunAt: w.now, AskedAt: w.now, As: w.now,
	}
	per := (len(rows) + pages - 1) / pages
	for n := range pages {
		part := rows[min(n*per, len(rows)):min((n+1)*per, len(rows))]
		p.Body, p.Read, p.Next = []byte("["+strings.Join(part, ",")+"]"), int64(len(part)), fmt.Sprint(n+1)
		if n == pages-1 {
			p.Next = ""
		}
		w.fromLeader(p)
		p.From = p.Next
	}
	w.drive()
}

func (w *shopWorld) held() (h core.Hold, rows int) {
	k := db.ReadingKey{Source: "shop", Kind: core.ReadingPoll}
	w.view(func(tx *db.Tx) {
		h, _ = db.Holds.Get(tx, k)
		db.HeldOf(tx, k, "", func(core.Row, core.HeldFacts) bool { rows++; return true })
	})
	return h, rows
}

func (w *shopWorld) wantHeld(want int64) {
	w.t.Helper()
	h, rows := w.held()
	if h.Held != want || rows != int(want) || (h.Since != 0) != (want > 0) {
		w.t.Errorf("held are %+v in %d rows, want %d", h, rows, want)
	}
}

// backs is how many were told, since the last call.
func (w *shopWorld) backs() int {
	n := len(w.sent)
	w.sent = nil
	return n
}

// TestGuard: how many variants a reading may bring back, in one page or in many.
func TestGuard(t *testing.T) {
	for _, c := range []struct {
		back, pages int
		held        int64
		told        int
	}{
		{9, 1, 0, 9}, {20, 1, 0, 20}, {21, 1, 21, 0}, {100, 1, 100, 0}, {20, 7, 0, 20},
		{30, 10, 30, 0},
		{100, 25, 100 - 8, 8}, // four a page: the first eight are too few to be waited for
	} {
		t.Run(fmt.Sprint(c.back, " in ", c.pages), func(t *testing.T) {
			w := feedWorld(t)
			w.feed(c.pages, units(100, c.back))
			w.wantHeld(c.held)
			if told := w.backs(); told != c.told {
				t.Errorf("%d were told, want %d", told, c.told)
			}
		})
	}
}

func (w *shopWorld) release(drop bool) {
	w.t.Helper()
	h, _ := w.held()
	w.append(wire.Origin{}, wire.Release{Source: "shop", Reading: core.ReadingPoll, Since: h.Since, Drop: drop})
	w.drive()
}

func TestApproveWhatIsHeld(t *testing.T) {
	w := feedWorld(t)
	w.feed(4, units(100, 60))
	w.release(false)
	w.wantHeld(0)
	if told := w.backs(); told != 20 {
		t.Errorf("%d were told, want all 20 who wait", told)
	}
	w.release(false) // nothing is held any more
	w.feed(1, units(100, 60))
	w.wantHeld(0)
	w.wantSent()
}

func TestDropWhatIsHeld(t *testing.T) {
	w := feedWorld(t)
	w.feed(1, units(100, 60))
	w.release(true)
	w.wantHeld(0)
	w.wantSent()
	w.wantPhase("v00", core.SoldOut)
	w.feed(1, units(100, 60)) // it says so again
	w.wantHeld(60)
}

func TestWhatIsHeldExpires(t *testing.T) {
	w := feedWorld(t)
	w.feed(1, units(100, 60))
	w.pass(core.Day - core.Hour)
	w.feed(1, units(100, 61)) // the same again does not begin the time anew
	w.wantHeld(61)
	w.pass(core.Hour)
	w.drive()
	w.wantHeld(0)
	w.wantSent()
	w.wantPhase("v00", core.SoldOut)
}

// TestAnotherHoldHasItsOwnTime: that of the hold before it, which was dropped, is over.
func TestAnotherHoldHasItsOwnTime(t *testing.T) {
	w := feedWorld(t)
	w.feed(1, units(100, 60))
	w.pass(core.Hour)
	w.release(true)
	w.feed(1, units(100, 61))
	w.wantHeld(61)
	w.pass(core.Day - core.Hour/2)
	w.drive()
	w.wantHeld(61)
	w.pass(core.Hour)
	w.drive()
	w.wantHeld(0)
}

// TestWebhooksGoOnWhileMuchIsHeld: they are believed, and what was held of their variants says nothing against them.
func TestWebhooksGoOnWhileMuchIsHeld(t *testing.T) {
	w := feedWorld(t)
	w.feed(1, units(100, 60))
	w.pass(core.Minute)
	w.push(`{"type":"levels","levels":[{"variant":"v03","available":1}]}`)
	w.drive()
	w.wantSent("w03@example.com back")
	w.push(`{"type":"levels","levels":[{"variant":"v03","available":0}]}`)
	w.drive()
	w.pass(core.Hour)
	w.release(false)
	w.wantPhase("v03", core.SoldOut) // the webhook is newer
	if told := w.backs(); told != 19 {
		t.Errorf("%d were told, want the other 19", told)
	}
}

// TestAFeedThatIsPutRight: what it does not say any more is not held any more.
func TestAFeedThatIsPutRight(t *testing.T) {
	w := feedWorld(t)
	w.feed(3, units(100, 60))
	w.wantHeld(60)
	w.feed(3, units(100, 2))
	w.wantHeld(0)
	w.wantSent("w00@example.com back", "w01@example.com back")
}

// TestWhatIsSoldOutInAHeldReadingIsBelieved at once.
func TestWhatIsSoldOutInAHeldReadingIsBelieved(t *testing.T) {
	w := feedWorld(t)
	w.pass(core.Minute)
	w.push(`{"type":"levels","levels":[{"variant":"v99","available":4}]}`)
	w.wantPhase("v99", core.InStock)
	w.feed(1, append(units(98, 60), row(98, 3), row(99, 0)))
	w.wantHeld(61)
	w.wantPhase("v99", core.SoldOut) // its sibling is held
	w.wantPhase("v98", core.SoldOut)
}

// TestAReleaseOfAnotherHoldIsVoid: what was looked at is not what is held now.
func TestAReleaseOfAnotherHoldIsVoid(t *testing.T) {
	w := feedWorld(t)
	w.feed(1, units(100, 60))
	h, _ := w.held()
	w.append(wire.Origin{}, wire.Release{Source: "shop", Reading: core.ReadingPoll, Since: h.Since - 1})
	w.append(wire.Origin{Edge: otherEdge, First: 1}, wire.Release{Source: "shop", Reading: core.ReadingPoll, Since: h.Since})
	w.drive()
	w.wantHeld(60)
	w.wantSent()
}

// TestWhatIsHeldWhileMuchIsReleased waits for a word of its own: what was released is what was looked at.
func TestWhatIsHeldWhileMuchIsReleased(t *testing.T) {
	for _, drop := range []bool{false, true} {
		t.Run(fmt.Sprint("drop ", drop), func(t *testing.T) {
			w := feedWorld(t)
			w.feed(1, units(100, 12)[:50])
			w.wantHeld(0)
			w.backs()
			w.feed(1, units(100, 60))
			w.wantHeld(48)
			h, _ := w.held()
			w.append(wire.Origin{}, wire.Release{Source: "shop", Reading: core.ReadingPoll, Since: h.Since, Drop: drop})
			w.feed(1, units(100, 90)) // before the leader has come to it
			w.wantHeld(30)
			want := core.InStock
			if drop {
				want = core.SoldOut
			}
			w.wantPhase("v59", want)
			w.wantPhase("v60", core.SoldOut)
			w.release(false)
			w.wantHeld(0)
			w.wantPhase("v89", core.InStock)
		})
	}
}

// TestProductsThatArePublishedAtOnce are held with their variations, of which the page says nothing else.
func TestProductsThatArePublishedAtOnce(t *testing.T) {
	w := newWorld(t)
	w.connect(core.WooCommerce, withAPI)
	page := func(status string) (all []string) {
		for i := range 12 {
			id := 100 + 10*i
			parent := strings.NewReplacer(`"id":90`, fmt.Sprintf(`"id":%d`, id), `"publish"`, fmt.Sprintf("%q", status)).Replace(sockParent(w, fmt.Sprint(id+1), none))
			variation := strings.ReplaceAll(sock(w, id+1, some), `"parent_id":90`, fmt.Sprintf(`"parent_id":%d`, id))
			all = append(all, fmt.Sprintf(`{"product":%s,"variations":[%s]}`, parent, variation))
		}
		return all
	}
	w.ask(core.ReadingPoll).says(page("draft")...)
	w.wantPhase("101", core.SoldOut)
	w.capture("ann@example.com", "101")
	w.drive()
	w.sent = nil
	w.pass(core.Hour)
	published := w.ask(core.ReadingPoll)
	published.says(page("publish")...)
	w.drive()
	w.wantHeld(12)
	w.wantSent()
	w.wantPhase("101", core.SoldOut)
	w.release(false)
	w.wantSent("ann@example.com back")
}

// TestProductsWhoseVariantsNobodySpeaksOf: the page names variations alone, and that is enough for them to be held.
func TestProductsWhoseVariantsNobodySpeaksOf(t *testing.T) {
	w := newWorld(t)
	w.connect(core.WooCommerce, withAPI)
	var hidden, published []string
	for i := range 12 {
		id := 100 + 10*i
		w.woo("product.created", strings.ReplaceAll(sock(w, id+1, some), `"parent_id":90`, fmt.Sprintf(`"parent_id":%d`, id)))
		product := func(status string) string {
			return strings.NewReplacer(`"id":90`, fmt.Sprintf(`"id":%d`, id), `"publish"`, fmt.Sprintf("%q", status)).Replace(sockParent(w, fmt.Sprint(id+1), none))
		}
		hidden, published = append(hidden, product("draft")), append(published, fmt.Sprintf(`{"product":%s}`, product("publish")))
	}
	for _, body := range hidden {
		w.woo("product.updated", body)
	}
	w.wantPhase("101", core.SoldOut)
	w.ask(core.ReadingPoll).says(published...)
	w.drive()
	w.wantHeld(12)
	w.wantPhase("101", core.SoldOut)
}
