package machine_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"restock/core"
	"restock/core/db"
	"restock/core/wire"
)

// TestALargeWaveIsAsLargeAsItMayBe: a wave of several pages ends in the middle of one, and the next goes on there.
func TestALargeWaveIsAsLargeAsItMayBe(t *testing.T) {
	for _, order := range []core.WaveOrder{core.OrderOldest, core.OrderRandom} {
		w := newWorld(t)
		src := w.source()
		src.Waves = core.WavePolicy{Size: 2200, Every: core.Hour, Order: order}
		w.declare(core.Declaration{Sources: []core.Source{src}})
		const n = core.CohortContacts + 500
		captureMany(w, n)
		w.level(710, 9)
		w.drive()
		if r := w.restocks()[0]; r.Matched != 2200 || r.Told != 2200 {
			t.Fatalf("order %q: the first wave matched %d and told %d", order, r.Matched, r.Told)
		}
		w.pass(core.Hour)
		w.drive()
		if r := w.restocks()[0]; r.Matched != n || r.Told != n || r.Waves.N != 2 {
			t.Fatalf("order %q: after %d waves %d are matched and %d told, want %d in 2", order, r.Waves.N, r.Matched, r.Told, n)
		}
		w.view(func(tx *db.Tx) {
			db.Ranks.Scan(tx, w.restocks()[0].ID, func(r core.Rank) bool { t.Errorf("%v is still to be told", r); return false })
		})
	}
}

// captureMany lets so many ask for variant 71, one after the other.
func captureMany(w *shopWorld, n int) {
	w.t.Helper()
	for at := 0; at < n; {
		var page []wire.Entry
		for ; len(page) < 500 && at < n; at++ {
			page = append(page, captureOf(fmt.Sprintf("c%06d@example.com", at), core.Target{Source: "shop", Variant: "71"}, w.now-core.Time(n-at)))
		}
		w.fromEdge(homeEdge, page...)
	}
	w.drive()
	w.sent = nil
}

// TestErasedInATurn: who is erased makes room, and leaves nothing behind.
func TestErasedInATurn(t *testing.T) {
	w := newWorld(t)
	src := w.source()
	src.Waves = core.WavePolicy{PerUnit: 1}
	w.declare(core.Declaration{Sources: []core.Source{src}})
	w.capture("ann@example.com", "71")
	w.capture("bob@example.com", "71")
	w.drive()
	w.sent = nil
	w.outcome = func(core.Intent) core.Outcome {
		return core.Outcome{Kind: core.OutcomeTemporary, Retry: w.now.Add(core.Hour)}
	}
	w.level(710, 1)
	w.drive()
	w.outcome = nil
	ann := w.erase(email("ann@example.com")).Contact
	w.drive()
	w.wantSent("bob@example.com back")
	w.view(func(tx *db.Tx) {
		if db.Turns.Has(tx, db.TurnKey{Restock: w.restocks()[0].ID, Contact: ann}) {
			t.Error("the turn of who was erased is still there")
		}
	})
}

// TestWavesAtRandom: whatever the policy, the stock and the operator do, nobody is told twice of a restock, no wave is larger
// than it may be or sooner than it may be, and with a number per unit no more are told than units let.
func TestWavesAtRandom(t *testing.T) {
	for seed := range uint64(oftener(20)) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { wavesAtRandom(t, rand.New(rand.NewPCG(seed, 7))) })
	}
}

func wavesAtRandom(t *testing.T, r *rand.Rand) {
	s := newText(t)
	policy := core.WavePolicy{
		Size: r.Int64N(4), PerUnit: r.Int64N(3), Every: core.Milliseconds(1+r.Int64N(3)) * core.Hour,
		Order: []core.WaveOrder{core.OrderOldest, core.OrderNewest, core.OrderRandom, core.OrderScore}[r.IntN(4)],
		Again: r.IntN(2), Within: core.Hour, Spread: core.Milliseconds(r.Int64N(2)) * core.Minute,
	}
	policy.Score = &core.PluginCall{Plugin: "vip"}
	s.asker = scoring{"w3@example.com": 9, "w7@example.com": 4}
	s.source.Waves, s.source.Stock.Close = policy, 20*core.Minute
	s.redeclare()
	s.deliver(s.product([]string{"tee", "tee-m=0"}))
	told := map[string]bool{}
	s.outcome = func(i core.Intent) core.Outcome {
		if i.Activity.Kind != core.BackInStock {
			return core.Outcome{}
		}
		if o := s.gates(i); o.Kind != "" {
			return o
		}
		if r.IntN(8) == 0 {
			return core.Outcome{Kind: core.OutcomePermanent, Reason: core.ReasonRefused}
		}
		if key := fmt.Sprint(i.Contact, i.Activity.Restock); told[key] {
			t.Errorf("%s is told twice of %s", i.Contact, i.Activity.Restock)
		} else {
			told[key] = true
		}
		return core.Outcome{}
	}
	for n := range 120 {
		s.somethingHappens(r, n)
		s.pass(core.Milliseconds(1+r.Int64N(40)) * core.Minute)
		s.drive()
		s.wantBoundedWaves(policy)
	}
}

func (s *text) somethingHappens(r *rand.Rand, n int) {
	words := [][]string{
		{fmt.Sprint("w", r.IntN(20)), "asks", "tee-m"}, {fmt.Sprint("w", r.IntN(20)), "asks", "tee-m"},
		{fmt.Sprint("w", r.IntN(20)), "asks", "tee-m", "at", fmt.Sprintf("-%dm", 1+r.IntN(200))},
		{fmt.Sprint("w", r.IntN(20)), "asks", "tee"},
		{"level", "tee-m", "berlin", fmt.Sprint(r.IntN(6))}, {"level", "tee-m", "berlin", fmt.Sprint(r.IntN(6))},
		{fmt.Sprint("w", r.IntN(20)), "buys", "tee-m"},
		{"wave", []string{"pause", "resume", "resume", "now"}[r.IntN(4)], "tee-m"},
	}[r.IntN(8)]
	if err := s.line(words); err != nil && words[0] != "wave" { // there may be no restock yet
		s.t.Fatal(n, words, err)
	}
}

// wantBoundedWaves looks at all waves that there were.
func (s *text) wantBoundedWaves(p core.WavePolicy) {
	s.t.Helper()
	s.view(func(tx *db.Tx) {
		for _, r := range s.restocksIn(tx) {
			var out int64
			db.TurnsAfter(tx, r.ID, core.ContactID{}, func(core.ContactID) bool { out++; return true })
			if r.At != core.RestockClosed && out != r.Waves.Out {
				s.t.Errorf("%d count as about to buy, and %d have a turn", r.Waves.Out, out)
			}
			var taken int64
			db.WavesOf(tx, r.ID, func(w core.Wave) bool {
				taken += w.Taken
				if w.Taken > w.Size || p.PerUnit > 0 && w.Size > p.PerUnit*w.Units || p.Size > 0 && w.Size > p.Size {
					s.t.Errorf("wave %+v is too large", w)
				}
				return true
			})
			if taken < r.Matched {
				s.t.Errorf("%d are matched, and waves took %d", r.Matched, taken)
			}
		}
	})
}

func (s *text) restocksIn(tx *db.Tx) (all []core.Restock) {
	db.NewestRestocks(tx, func(r core.Restock) bool { all = append(all, r); return true })
	return all
}
