package node

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"restock/core"
	"restock/core/console"
	"restock/core/db"
)

// demandState is a state in memory that fill has written.
func demandState(t testing.TB, fill func(tx *db.Tx)) *db.DB {
	t.Helper()
	d, err := db.Open("", nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	tx := d.Begin()
	defer tx.Discard()
	fill(tx)
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	return d
}

func rank(t testing.TB, d *db.DB, q console.DemandQuery) console.DemandReport {
	t.Helper()
	tx := d.View()
	defer tx.Discard()
	r := demand(tx, q)
	if tx.Err() != nil {
		t.Fatal(tx.Err())
	}
	return r
}

// waits writes a line in which n wait, the first since at.
func waits(tx *db.Tx, w core.Waitlist, n, surplus int64, at core.Time) {
	db.Waiting.Set(tx, w, n)
	if surplus > 0 {
		db.Surplus.Set(tx, w, surplus)
	}
	db.Waitlists.Add(tx, w, db.Place{At: at.Add(core.Hour), Contact: core.ContactID{1}})
	db.Waitlists.Add(tx, w, db.Place{At: at, Contact: core.ContactID{2}})
}

// TestDemand: lines by how many wait, those of as many always in one order; any variant at the least price, sold out since the
// last of its variants was.
func TestDemand(t *testing.T) {
	const noon = core.Time(1_800_000_000_000)
	line := func(source, id string, product bool, m core.Market) core.Waitlist {
		return core.Waitlist{Source: core.SourceName(source), ID: id, Product: product, Market: m}
	}
	d := demandState(t, func(tx *db.Tx) {
		db.Products.Set(tx, core.ProductKey{Source: "a", Product: "7"}, core.Product{Source: "a", ID: "7", Title: "Tee"})
		db.Choices.Set(tx, core.ProductKey{Source: "a", Product: "7"}, []core.VariantID{"71", "72", "73"})
		for i, price := range []int64{2500, 1900, 100} {
			id := core.VariantID(fmt.Sprint(71 + i))
			db.Variants.Set(tx, core.VariantKey{Source: "a", Variant: id}, core.Variant{
				Source: "a", ID: id, Product: "7", Title: "S" + fmt.Sprint(i), Price: core.Money{Minor: price, Currency: "EUR"}, Removed: i == 2,
			})
			db.Stocks.Set(tx, db.StockKey{Variant: core.VariantKey{Source: "a", Variant: id}}, core.Stock{Phase: core.SoldOut, Since: noon.Add(core.Milliseconds(i) * core.Hour)})
		}
		db.Stocks.Set(tx, db.StockKey{Variant: core.VariantKey{Source: "a", Variant: "71"}, Market: "DE"}, core.Stock{Phase: core.InStock, Since: noon})
		db.Variants.Set(tx, core.VariantKey{Source: "b", Variant: "1"}, core.Variant{Source: "b", ID: "1", Price: core.Money{Minor: 5, Currency: "JPY"}})
		waits(tx, line("a", "71", false, ""), 5, 2, noon)
		waits(tx, line("a", "71", false, "DE"), 5, 0, noon)
		waits(tx, line("a", "72", false, ""), 1, 0, noon)
		waits(tx, line("a", "7", true, ""), 5, 0, noon)
		waits(tx, line("b", "1", false, "DE"), 9, 0, noon)
		waits(tx, line("b", "unknown", false, ""), 1, 0, noon)
	})
	text := func(r console.DemandReport) string {
		var all []string
		for _, l := range r.Ranking {
			potential := "-"
			if l.Potential != nil {
				potential = l.Potential.String()
			}
			all = append(all, fmt.Sprintf("%d %s %s%s/%s %d %d %s %s", l.Rank, l.Source, l.Variant, l.Product, l.Market, l.Waiting, l.Wanted, potential, l.Phase))
		}
		return fmt.Sprintf("%d %d [%s] %s", r.Waiting, r.Lines, console.Amounts(r.Potential), strings.Join(all, "; "))
	}
	for _, c := range []struct {
		q    console.DemandQuery
		want string
	}{
		{console.DemandQuery{Limit: 50}, "26 6 [414.00 EUR, 45 JPY] 1 b 1/DE 9 9 45 JPY ; 2 a 71/ 5 7 175.00 EUR sold_out; 3 a 71/DE 5 5 125.00 EUR in_stock; " +
			"4 a 7/ 5 5 95.00 EUR sold_out; 5 a 72/ 1 1 19.00 EUR sold_out; 6 b unknown/ 1 1 - "},
		{console.DemandQuery{Limit: 2}, "26 6 [175.00 EUR, 45 JPY] 1 b 1/DE 9 9 45 JPY ; 2 a 71/ 5 7 175.00 EUR sold_out"},
		{console.DemandQuery{Limit: 1, Source: "a"}, "16 4 [175.00 EUR] 1 a 71/ 5 7 175.00 EUR sold_out"},
		{console.DemandQuery{Limit: 9, Market: "DE"}, "14 2 [125.00 EUR, 45 JPY] 1 b 1/DE 9 9 45 JPY ; 2 a 71/DE 5 5 125.00 EUR in_stock"},
		{console.DemandQuery{Limit: 9, Source: "c"}, "0 0 [] "},
	} {
		if got := text(rank(t, d, c.q)); got != c.want {
			t.Errorf("%+v:\ngot  %s\nwant %s", c.q, got, c.want)
		}
	}
	if l := rank(t, d, console.DemandQuery{Limit: 50}).Ranking[3]; l.Since != noon.Add(2*core.Hour).String() || l.Oldest != noon.String() || l.Title != "Tee" {
		t.Errorf("any variant is %+v", l)
	}
}

// TestDemandOfMany prints how long it takes to rank 100,000 lines.
func TestDemandOfMany(t *testing.T) {
	const lines = 100_000
	d := demandState(t, func(*db.Tx) {})
	for from := 0; from < lines; from += 5000 {
		tx := d.Begin()
		for i := from; i < from+5000; i++ {
			db.Waiting.Set(tx, core.Waitlist{Source: "a", ID: fmt.Sprint(i)}, int64(i%977))
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		tx.Discard()
	}
	begin := time.Now()
	r := rank(t, d, console.DemandQuery{Limit: 50})
	t.Logf("ranking %d lines took %s", r.Lines, time.Since(begin).Round(time.Millisecond))
	if r.Lines != lines || len(r.Ranking) != 50 {
		t.Fatalf("%d lines, %d listed", r.Lines, len(r.Ranking))
	}
	for i, l := range r.Ranking {
		if l.Waiting != 976 || i > 0 && r.Ranking[i-1].Variant >= l.Variant {
			t.Errorf("line %d is %+v", i, l)
		}
	}
}

// TestDemandAsked: what is not there is refused by name.
func TestDemandAsked(t *testing.T) {
	r := start(t, settings(t.TempDir()))
	d := shop()
	d.Sources[0].Markets = []core.ServedMarket{{Name: "DE"}}
	r.declare(d)
	name := d.Sources[0].Name
	for _, c := range []struct {
		workspace core.WorkspaceName
		q         console.DemandQuery
		field     string
	}{
		{"default", console.DemandQuery{Limit: 1}, ""},
		{"default", console.DemandQuery{Limit: 1, Source: name, Market: "de"}, ""},
		{"other", console.DemandQuery{Limit: 1}, "workspace"},
		{"default", console.DemandQuery{Limit: 1, Source: "nothing"}, "source"},
		{"default", console.DemandQuery{Limit: 1, Source: name, Market: "FR"}, "market"},
	} {
		_, err := r.Demand(c.workspace, c.q)
		var wrong *core.InvalidError
		field := ""
		if errors.As(err, &wrong) {
			field = wrong.Fields[0].Field
		}
		if field != c.field || c.field == "" && err != nil {
			t.Errorf("%s %+v gave %v, want the field %q", c.workspace, c.q, err, c.field)
		}
	}
}
