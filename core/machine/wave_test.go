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

// TestFirstWaveReadsTheStock: the first wave is as large as what came in lets it be, not as what there was before.
func TestFirstWaveReadsTheStock(t *testing.T) {
	for name, first := range map[string]int64{"from nothing": 0, "from less than the minimum": 2} {
		w := newWorld(t)
		src := w.source()
		src.Stock.Minimum = 3
		src.Waves = core.WavePolicy{PerUnit: 1, Every: core.Hour}
		w.declare(core.Declaration{Sources: []core.Source{src}})
		w.level(710, first)
		captureMany(w, 20)
		w.level(710, 9)
		w.drive()
		r := w.restocks()[0]
		w.view(func(tx *db.Tx) {
			if wave, _ := db.Waves.Get(tx, db.WaveKey{Restock: r.ID, N: 1}); wave.Size != 9 || wave.Units != 9 || r.Matched != 9 {
				t.Errorf("%s: the first wave is %+v and matched %d, want 9 of 9 units", name, wave, r.Matched)
			}
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

// TestWavesAtRandom: whatever the policy, the stock, the operator, the markets and the edges do, nobody is told twice of a
// restock, no wave is larger than it may be, who counts as about to buy is who has a turn, a restock that closed leaves nothing
// behind, nobody is left standing, and waitlists that are sent again tell nobody.
func TestWavesAtRandom(t *testing.T) {
	for seed := range uint64(oftener(30)) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { wavesAtRandom(t, rand.New(rand.NewPCG(seed, 7))) })
	}
}

// randomShop is a shop to which anything happens.
type randomShop struct {
	*text
	r      *rand.Rand
	told   map[string]bool     // contact and restock
	asked  []wire.Entry        // all captures that there were
	waves  map[db.WaveKey]bool // that were seen
	entry  int                 // of the journal, where the present step began
	policy core.WavePolicy
	steady bool // the policy stays as it is
}

func wavesAtRandom(t *testing.T, r *rand.Rand) {
	s := &randomShop{text: newText(t), r: r, told: map[string]bool{}, waves: map[db.WaveKey]bool{}, steady: r.IntN(2) == 0}
	s.asker = scoring{"w3@example.com": 9, "w7@example.com": 4}
	s.source.Stock.Close = 20 * core.Minute
	s.outcome = s.answer
	s.newPolicy()
	s.deliver(s.product([]string{"tee", "tee-m=0", "tee-l=0"}))
	if r.IntN(4) == 0 { // more than a cohort that is expanded at once
		for n := range 90 {
			s.ask(homeEdge, fmt.Sprintf("x%02d", n), target("tee-m"), s.now)
		}
	}
	for range 120 {
		s.somethingHappens()
		s.pass(core.Milliseconds(1+r.Int64N(40)) * core.Minute)
		s.happen()
	}
	s.wantNobodyStanding()
}

// happen drives the leader, which must not go round in circles, and looks at what must hold whatever happened.
func (s *randomShop) happen() {
	s.t.Helper()
	s.drive()
	if n := len(s.journal) - s.entry; n > 1500 {
		s.t.Fatalf("one thing that happened took %d entries", n)
	}
	s.entry = len(s.journal)
	s.wantBoundedWaves()
	s.wantNothingLeft()
}

// answer is the gates', and what a provider may say.
func (s *randomShop) answer(i core.Intent) core.Outcome {
	if i.Activity.Kind != core.BackInStock {
		return core.Outcome{}
	}
	if o := s.gates(i); o.Kind != "" {
		return o
	}
	switch s.r.IntN(12) {
	case 0:
		return core.Outcome{Kind: core.OutcomePermanent, Reason: core.ReasonRefused}
	case 1:
		return core.Outcome{Kind: core.OutcomeUnknown}
	case 2:
		return core.Outcome{Kind: core.OutcomeTemporary, Reason: core.ReasonTemporary, Retry: s.now.Add(core.Minute)}
	}
	if key := fmt.Sprint(i.Contact, i.Activity.Restock, i.Activity.Asked); s.told[key] {
		s.t.Errorf("%s is told twice of %s", i.Contact, i.Activity.Restock)
	} else {
		s.told[key] = true
	}
	return core.Outcome{}
}

// newPolicy makes another policy hold.
func (s *randomShop) newPolicy() {
	r := s.r
	s.policy = core.WavePolicy{
		Size: r.Int64N(4), PerUnit: r.Int64N(3), Every: core.Milliseconds(r.Int64N(3)) * core.Hour,
		Order: []core.WaveOrder{core.OrderOldest, core.OrderNewest, core.OrderRandom, core.OrderScore}[r.IntN(4)],
		Again: r.IntN(3), Within: core.Hour, Spread: core.Milliseconds(r.Int64N(2)) * core.Minute, Approve: r.IntN(4) == 0,
		Score: &core.PluginCall{Plugin: "vip"},
	}
	if r.IntN(5) == 0 {
		s.policy = core.WavePolicy{}
	}
	s.source.Waves = s.policy
	s.redeclare()
}

func (s *randomShop) ask(edge core.EdgeID, who string, t core.Target, at core.Time) {
	c := captureOf(who+"@example.com", t, at)
	c.Capture.Market = []core.Market{"", "DE", "AT"}[s.r.IntN(3)]
	s.asked = append(s.asked, c)
	s.fromEdge(edge, c)
}

// somethingHappens lets one thing happen.
func (s *randomShop) somethingHappens() {
	r := s.r
	who, variant := fmt.Sprint("w", r.IntN(20)), []string{"tee-m", "tee-m", "tee-l"}[r.IntN(3)]
	switch r.IntN(16) {
	case 0, 1, 2:
		s.ask(homeEdge, who, target(variant), s.now)
	case 3, 4: // from an edge that was cut off
		s.ask(otherEdge, who, target(variant), s.now.Add(-core.Milliseconds(1+r.Int64N(200))*core.Minute))
	case 5:
		s.ask(homeEdge, who, target("tee"), s.now)
	case 6, 7, 8, 9:
		s.tell("level", variant, []string{"berlin", "wien"}[r.IntN(2)], fmt.Sprint(r.IntN(6)))
	case 10:
		s.tell(who, "buys", variant)
	case 11, 12:
		_ = s.line([]string{"wave", []string{"pause", "resume", "resume", "now", "now", "resume", "resume", "stop"}[r.IntN(8)], variant}) // there may be no restock yet
	case 13:
		s.erase(email(who + "@example.com"))
	case 14:
		if !s.steady {
			s.newPolicy()
		}
	case 15:
		switch r.IntN(3) {
		case 0:
			s.lead()
		case 1: // the leader dies in the middle of what it does
			s.stepWorks()
			s.lead()
		case 2:
			s.source.Markets = [][]core.ServedMarket{nil, {{Name: "AT", Locations: locations("wien")}}}[r.IntN(2)]
			s.redeclare()
		}
	}
}

func (s *randomShop) tell(words ...string) {
	s.t.Helper()
	if err := s.line(words); err != nil {
		s.t.Fatal(words, err)
	}
}

// wantBoundedWaves looks at all waves that there were; those that began since the last look were begun by the present policy.
func (s *randomShop) wantBoundedWaves() {
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
				if w.Taken > w.Size {
					s.t.Errorf("wave %+v took too many", w)
				}
				s.wantWave(w)
				return true
			})
			if s.steady && s.policy.InWaves() && taken < r.Matched {
				s.t.Errorf("%d are matched, and waves took %d", r.Matched, taken)
			}
		}
	})
}

// wantWave says that a wave that is seen for the first time is as large as policy and units let.
func (s *randomShop) wantWave(w core.Wave) {
	s.t.Helper()
	key := db.WaveKey{Restock: w.Restock, N: w.N}
	if s.waves[key] {
		return
	}
	s.waves[key] = true
	if p := s.policy; p.PerUnit > 0 && w.Size > p.PerUnit*w.Units || p.Size > 0 && w.Size > p.Size {
		s.t.Errorf("wave %+v is too large for %+v", w, p)
	}
}

// wantNobodyStanding brings enough of everything for long enough: then everybody who waits has been told, and all that
// edges ever took tells nobody more.
func (s *randomShop) wantNobodyStanding() {
	s.t.Helper()
	s.steady = false
	s.newPolicy()
	s.policy.Approve = false
	s.source.Waves, s.source.Markets = s.policy, nil
	s.redeclare()
	s.outcome = s.gates
	s.tell("level", "tee-m", "berlin", "100")
	s.tell("level", "tee-l", "berlin", "100")
	s.happen()
	for _, r := range s.restocks() {
		s.append(wire.Origin{}, wire.Steer{Restock: r.ID, Word: core.WordGo})
	}
	for range 250 {
		s.pass(core.Hour)
		s.happen()
	}
	for _, v := range []core.VariantID{"tee-m", "tee-l"} {
		s.wantAllTold(v)
	}
	s.sent = nil
	s.fromEdge(core.EdgeID{3}, s.asked...)
	s.happen()
	s.wantSent()
}

// wantAllTold says that a restock has come to everybody in its lines who takes part.
func (s *randomShop) wantAllTold(v core.VariantID) {
	s.t.Helper()
	s.view(func(tx *db.Tx) {
		key := core.VariantKey{Source: "shop", Variant: v}
		st, _ := db.Stocks.Get(tx, db.StockKey{Variant: key})
		if r, _ := db.Restocks.Get(tx, st.Restock); st.RestockAt != core.RestockOpen || r.Waves.Word == core.WordStopped {
			return
		}
		for _, t := range []core.Target{{Source: "shop", Variant: v}, {Source: "shop", Product: "tee"}} {
			db.Waitlists.Scan(tx, t.Waitlist(""), func(p db.Place) bool {
				if p.At <= st.Until && !db.Activities.Has(tx, db.ActivityKey{Contact: p.Contact, ID: core.NewBackID(p.Contact, st.Restock)}) {
					r, _ := db.Restocks.Get(tx, st.Restock)
					s.t.Errorf("%s stands in line for %v since %s and is not told of %+v, by %+v", p.Contact, t, p.At, r, s.policy)
				}
				return true
			})
		}
	})
}

func (s *text) restocksIn(tx *db.Tx) (all []core.Restock) {
	db.NewestRestocks(tx, func(r core.Restock) bool { all = append(all, r); return true })
	return all
}
