package db_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"restock/core"
	"restock/core/db"
)

var quiet = slog.New(slog.DiscardHandler)

// open opens a database, in memory with dir "".
func open(t testing.TB, dir string) *db.DB {
	t.Helper()
	d, err := db.Open(dir, nil, quiet)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func memory(t testing.TB) *db.DB {
	t.Helper()
	d := open(t, "")
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// write commits what change writes.
func write(t testing.TB, d *db.DB, change func(tx *db.Tx)) {
	t.Helper()
	tx := d.Begin()
	change(tx)
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}

// read runs a reading, which must not fail.
func read(t testing.TB, d *db.DB, look func(tx *db.Tx)) {
	t.Helper()
	tx := d.View()
	defer tx.Discard()
	look(tx)
	if err := tx.Err(); err != nil {
		t.Error(err)
	}
}

// times in their order; those before 1970 come first.
var times = []core.Time{math.MinInt64, -86_400_000, -256, -1, 0, 1, 255, 256, 1_800_000_000_000, math.MaxInt64}

// shuffled is every second element, then the others, backwards: neither in order nor in reverse.
func shuffled[T any](all []T) (mixed []T) {
	for i := len(all) - 1; i >= 0; i -= 2 {
		mixed = append(mixed, all[i])
	}
	for i := len(all) - 2; i >= 0; i -= 2 {
		mixed = append(mixed, all[i])
	}
	return mixed
}

func TestTimesAreInOrder(t *testing.T) {
	d := memory(t)
	line := core.Waitlist{Source: "shop", ID: "71"}
	write(t, d, func(tx *db.Tx) {
		for _, at := range shuffled(times) {
			db.Waitlists.Add(tx, line, db.Place{At: at, Contact: core.ContactID{7}})
			db.Due.Add(tx, "inbox", db.DueIntent{Due: at, Key: core.LedgerKey{7}})
			db.DeliveryAge.Add(tx, struct{}{}, db.Seen{At: at, ID: core.ID{7}})
			timer := db.Timer{Due: at, Run: core.RunID{7}}
			db.Timers.Set(tx, timer, timer)
		}
	})
	got := map[string][]core.Time{}
	note := func(index string, at core.Time) bool { got[index] = append(got[index], at); return true }
	read(t, d, func(tx *db.Tx) {
		db.Waitlists.Scan(tx, line, func(p db.Place) bool { return note("waitlists", p.At) })
		db.Due.Scan(tx, "inbox", func(i db.DueIntent) bool { return note("due", i.Due) })
		db.DeliveryAge.Scan(tx, struct{}{}, func(s db.Seen) bool { return note("deliveries", s.At) })
		db.Timers.All(tx, func(t db.Timer) bool { return note("timers", t.Due) })
	})
	for _, index := range []string{"waitlists", "due", "deliveries", "timers"} {
		if !slices.Equal(got[index], times) {
			t.Errorf("%s come in the order %v", index, got[index])
		}
	}
}

// TestNumbersAreInOrder: sequences and the numbers within a message count, they are not texts.
func TestNumbersAreInOrder(t *testing.T) {
	d := memory(t)
	ids := []core.WorkID{{Sequence: 1, Number: 2}, {Sequence: 1, Number: 10}, {Sequence: 1, Number: 1 << 31}, {Sequence: 2}, {Sequence: 255}, {Sequence: 256}, {Sequence: math.MaxUint64, Number: 1}}
	write(t, d, func(tx *db.Tx) {
		for _, id := range shuffled(ids) {
			db.Works.Set(tx, id, core.Work{ID: id})
			db.Due.Add(tx, "inbox", db.DueIntent{Due: 5, Order: id, Key: core.LedgerKey{9}})
		}
	})
	var works, due []core.WorkID
	read(t, d, func(tx *db.Tx) {
		db.Works.All(tx, func(w core.Work) bool { works = append(works, w.ID); return true })
		db.Due.Scan(tx, "inbox", func(i db.DueIntent) bool { due = append(due, i.Order); return true })
	})
	if !slices.Equal(works, ids) || !slices.Equal(due, ids) {
		t.Errorf("works come as %v, due intents as %v, want %v", works, due, ids)
	}
}

// TestTextsDoNotMix: no text is the beginning of another, wherever one part of a key ends and the next begins.
func TestTextsDoNotMix(t *testing.T) {
	d := memory(t)
	long := strings.Repeat("a", core.MaxExternalID)
	names := []string{"", "a", "ab", "abc", "b", "a\x00", "a\x01b", "\x01a", long, long[1:]}
	write(t, d, func(tx *db.Tx) {
		for _, n := range names {
			db.Due.Add(tx, core.Name(n), db.DueIntent{Due: 1, Key: core.LedgerKey{1}})
			db.Sources.Set(tx, core.SourceName(n), core.Source{Title: n})
			for _, m := range names {
				line := core.Waitlist{Source: core.SourceName(n), ID: m}
				db.Waitlists.Add(tx, line, db.Place{At: 1, Contact: core.ContactID{1}})
				db.Levels.Set(tx, core.ItemKey{Source: core.SourceName(n), Item: core.ItemID(m)}, []core.Level{{Item: core.ItemID(n + "|" + m)}})
				db.Variants.Set(tx, core.VariantKey{Source: core.SourceName(n), Variant: core.VariantID(m)}, core.Variant{SKU: n + "|" + m})
			}
		}
	})
	read(t, d, func(tx *db.Tx) {
		lines := map[core.Waitlist]bool{}
		db.AllWaiting(tx, func(line core.Waitlist, _ int64) {
			lines[line] = slices.Contains(names, string(line.Source)) && slices.Contains(names, line.ID)
		})
		for line, right := range lines {
			if !right || len(lines) != len(names)*len(names) {
				t.Errorf("of %d lines one is %.40v", len(lines), line)
			}
		}
		for _, n := range names {
			due := 0
			db.Due.Scan(tx, core.Name(n), func(db.DueIntent) bool { due++; return true })
			if src, ok := db.Sources.Get(tx, core.SourceName(n)); due != 1 || !ok || src.Title != n {
				t.Errorf("under %.20q: %d due, source %t %.20q", n, due, ok, src.Title)
			}
			for _, m := range names {
				expectOne(t, tx, n, m)
			}
		}
	})
}

// expectOne looks for what stands under a source and an id, and for nothing else.
func expectOne(t *testing.T, tx *db.Tx, source, id string) {
	t.Helper()
	places := 0
	db.Waitlists.Scan(tx, core.Waitlist{Source: core.SourceName(source), ID: id}, func(db.Place) bool { places++; return true })
	levels, _ := db.Levels.Get(tx, core.ItemKey{Source: core.SourceName(source), Item: core.ItemID(id)})
	v, _ := db.Variants.Get(tx, core.VariantKey{Source: core.SourceName(source), Variant: core.VariantID(id)})
	if want := source + "|" + id; places != 1 || len(levels) != 1 || string(levels[0].Item) != want || v.SKU != want {
		t.Errorf("under %.20q and %.20q: %d places, levels %.40v, variant %.40q", source, id, places, levels, v.SKU)
	}
}

// TestTargetsDoNotMix: a variant and a product of the same id are two lines and two entries.
func TestTargetsDoNotMix(t *testing.T) {
	d := memory(t)
	variant, product := core.Target{Source: "shop", Variant: "7"}, core.Target{Source: "shop", Product: "7"}
	ann := core.ContactID{0xa}
	write(t, d, func(tx *db.Tx) {
		for i, target := range []core.Target{variant, product} {
			db.Waitlists.Add(tx, target.Waitlist(""), db.Place{At: core.Time(i), Contact: ann})
			db.Waiting.Set(tx, target.Waitlist(""), int64(i+1))
			db.Entries.Set(tx, db.EntryKey{Contact: ann, Target: target}, core.Entry{Contact: ann, Target: target})
		}
		db.Entries.Set(tx, db.EntryKey{Contact: core.ContactID{0xa, 1}, Target: variant}, core.Entry{})
	})
	lines := map[core.Waitlist]int64{}
	var entries []core.Target
	read(t, d, func(tx *db.Tx) {
		db.AllWaiting(tx, func(line core.Waitlist, n int64) { lines[line] = n })
		for i, target := range []core.Target{variant, product} {
			db.Waitlists.Scan(tx, target.Waitlist(""), func(p db.Place) bool {
				if p.At != core.Time(i) {
					t.Errorf("in the line of %+v stands who belongs into another", target)
				}
				return true
			})
		}
		db.EntriesOf(tx, ann, func(e core.Entry) bool { entries = append(entries, e.Target); return true })
	})
	want := map[core.Waitlist]int64{{Source: "shop", ID: "7"}: 1, {Source: "shop", Product: true, ID: "7"}: 2}
	if !reflect.DeepEqual(lines, want) {
		t.Errorf("the lines are %v, want %v", lines, want)
	}
	if len(entries) != 2 || !slices.Contains(entries, variant) || !slices.Contains(entries, product) {
		t.Errorf("the entries are for %v", entries)
	}
}

// TestIndexes: After begins behind its tail, whether that stands there or not; visit ends a scan.
func TestIndexes(t *testing.T) {
	d := memory(t)
	a, b := core.ContactID{1}, core.ContactID{2}
	run := func(n byte) core.RunID { return core.RunID{n} }
	write(t, d, func(tx *db.Tx) {
		for _, n := range []byte{5, 1, 0xff, 3} {
			db.RunsOf.Add(tx, a, run(n))
		}
		db.RunsOf.Add(tx, b, run(2))
		db.RunsOf.Add(tx, a, run(4))
		db.RunsOf.Remove(tx, a, run(4))
	})
	scan := func(tx *db.Tx, after *core.RunID, most int) (got []byte) {
		visit := func(id core.RunID) bool { got = append(got, id[0]); return len(got) < most }
		if after == nil {
			db.RunsOf.Scan(tx, a, visit)
		} else {
			db.RunsOf.After(tx, a, *after, visit)
		}
		return got
	}
	tests := []struct {
		name  string
		after *core.RunID
		most  int
		want  []byte
	}{
		{"all", nil, 9, []byte{1, 3, 5, 0xff}},
		{"two", nil, 2, []byte{1, 3}},
		{"behind one that is there", &core.RunID{3}, 9, []byte{5, 0xff}},
		{"behind one that is not", &core.RunID{2}, 9, []byte{3, 5, 0xff}},
		{"behind one, one", &core.RunID{1}, 1, []byte{3}},
		{"behind the last", &core.RunID{0xff}, 9, nil},
	}
	read(t, d, func(tx *db.Tx) {
		for _, tt := range tests {
			if got := scan(tx, tt.after, tt.most); !bytes.Equal(got, tt.want) {
				t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
			}
		}
		if !db.RunsOf.Has(tx, a, run(5)) || db.RunsOf.Has(tx, a, run(4)) || db.RunsOf.Has(tx, b, run(5)) {
			t.Error("Has says something else than what stands there")
		}
	})
}

func TestNewestRestocks(t *testing.T) {
	d := memory(t)
	write(t, d, func(tx *db.Tx) {
		for _, n := range []byte{2, 3, 1} {
			r := core.Restock{ID: core.RestockID{9 - n}, Opened: core.Sequence(n) << 8}
			db.Restocks.Set(tx, r.ID, r)
			db.Opened.Add(tx, struct{}{}, db.OpenedRestock{Sequence: r.Opened, ID: r.ID})
		}
	})
	var got []string
	read(t, d, func(tx *db.Tx) {
		db.NewestRestocks(tx, func(r core.Restock) bool { got = append(got, fmt.Sprint(r.Opened>>8)); return len(got) < 2 })
	})
	if !slices.Equal(got, []string{"3", "2"}) {
		t.Errorf("the two newest are %v", got)
	}
}

// TestAddresses: a push endpoint is longer than any name, and still a key of its own.
func TestAddresses(t *testing.T) {
	d := memory(t)
	endpoint := "https://push.example/" + strings.Repeat("x", 600)
	values := []core.Address{{Channel: core.Email, Value: "a@b.example"}, {Channel: core.SMS, Value: "a@b.example"}, {Channel: core.Push, Value: endpoint + "1"}, {Channel: core.Push, Value: endpoint + "2"}}
	write(t, d, func(tx *db.Tx) {
		for i, a := range values {
			db.Addresses.Set(tx, a, core.ContactID{byte(i)})
		}
	})
	read(t, d, func(tx *db.Tx) {
		for i, a := range values {
			if id, ok := db.Addresses.Get(tx, a); !ok || id != (core.ContactID{byte(i)}) {
				t.Errorf("%.30s belongs to %x (%t), want %d", a.Value, id[:1], ok, i)
			}
		}
		if db.Addresses.Has(tx, core.Address{Channel: core.Push, Value: endpoint}) {
			t.Error("the beginning of an endpoint is taken for it")
		}
	})
}

func TestEdgesAndCounts(t *testing.T) {
	d := memory(t)
	write(t, d, func(tx *db.Tx) {
		db.Edges.Set(tx, core.EdgeID{1}, 42)
		db.Edges.Set(tx, core.EdgeID{2}, math.MaxUint64)
		for i := range 3 {
			db.Due.Add(tx, core.Name(fmt.Sprint("s", i)), db.DueIntent{Due: core.Time(i)})
			db.Held.Add(tx, core.RestockID{byte(i / 2)}, core.LedgerKey{byte(i)})
		}
		db.Held.Remove(tx, core.RestockID{1}, core.LedgerKey{2})
	})
	edges := map[core.EdgeID]uint64{}
	read(t, d, func(tx *db.Tx) {
		db.AllEdges(tx, func(e core.EdgeID, last uint64) { edges[e] = last })
		if due, held := db.CountDue(tx), db.CountHeld(tx); due != 3 || held != 2 {
			t.Errorf("%d due and %d held, want 3 and 2", due, held)
		}
	})
	if want := map[core.EdgeID]uint64{{1}: 42, {2}: math.MaxUint64}; !reflect.DeepEqual(edges, want) {
		t.Errorf("the edges are %v", edges)
	}
}
