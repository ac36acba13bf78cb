package machine_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"restock/core"
	"restock/core/db"
	"restock/core/wire"
)

var (
	simSeed = flag.Uint64("sim.seed", 0, "simulate this seed only")
	simRuns = flag.Uint64("sim.runs", uint64(oftener(8)), "how many shops are simulated, each by a seed of its own")
	simDays = flag.Int64("sim.days", 45, "how many days of each shop are simulated")
)

// TestSimulation lives through years of shops whose webhooks are lost, doubled, late and reordered, whose edges are cut off and
// whose leader goes away, with a poll every few hours. What must hold stands at simulation.told and simulation.reconciled.
func TestSimulation(t *testing.T) {
	for n := range *simRuns {
		seed := n + 1
		if *simSeed != 0 {
			seed = *simSeed
		}
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { simulate(t, seed, *simDays) })
		if *simSeed != 0 {
			return
		}
	}
}

var (
	simPlaces   = []core.LocationID{"berlin", "hamburg", "wien", "tokyo"}
	simVariants = []core.VariantID{"tee-s", "tee-m", "tee-l", "cap-s", "cap-m"}
	simMarkets  = []core.ServedMarket{{Name: ""}, {Name: "AT", Locations: simPlaces[2:3]}, {Name: "DE", Locations: simPlaces[:2]}}
)

// simulation is a shop, and what somebody would know of it who has read every delivery and keeps no state machine.
type simulation struct {
	*text
	*rand.Rand
	seed  uint64
	truth map[simLevel]simUnits // in the shop
	known map[simLevel]simUnits // of what was delivered: the newest of each
	stock map[simStock]*simPhase
	waits map[simWish]*simEntry
	last  map[core.RestockID]core.Time // the place in line of the last who was told
	got   map[string]bool
	late  []simDelivery // on their way, the first to come first
	count map[string]int
}

type simLevel struct {
	core.VariantID
	core.LocationID
}

type simUnits struct {
	n  int64
	at core.Time
}

type simStock struct {
	core.VariantID
	core.Market
}

// simPhase is whether a variant can be bought in a market, as far as is known.
type simPhase struct {
	in     bool
	since  core.Time          // it changed
	opened map[core.Time]bool // when it came in after a gap that was longer than the window; with a confirmation, after any
}

type simWish struct {
	who    string
	target core.Target
}

type simEntry struct {
	at, last, arrived, closed core.Time // its place, the last asking, when it came into its line, when it left; at 0: not in line
	told                      core.Time // the place that it had when it was told
	market                    core.Market
}

type simDelivery struct {
	at   core.Time
	come func()
}

func simulate(t *testing.T, seed uint64, days int64) {
	s := &simulation{
		text: newText(t), Rand: rand.New(rand.NewPCG(seed, 1)), seed: seed,
		truth: map[simLevel]simUnits{}, known: map[simLevel]simUnits{}, stock: map[simStock]*simPhase{}, waits: map[simWish]*simEntry{},
		last: map[core.RestockID]core.Time{}, got: map[string]bool{}, count: map[string]int{},
	}
	defer func() {
		t.Logf("seed %d: %v, %d messages of the journal", seed, s.count, len(s.journal))
		if t.Failed() {
			t.Logf("again by: go test ./core/machine -run TestSimulation -sim.seed %d -sim.days %d", seed, days)
		}
	}()
	s.open()
	for end := s.now.Add(core.Milliseconds(days) * core.Day); s.now < end && !t.Failed(); {
		s.moment()
	}
}

// open connects the shop, with all sold out.
func (s *simulation) open() {
	src := &s.source
	src.Markets, src.API = simMarkets[1:], core.API{URL: "https://shop.example/feed", Format: "json", Poll: core.Hour}
	src.Stock.Minimum = 1 + s.Int64N(3)
	src.Stock.Confirm = core.Milliseconds(s.Int64N(2)) * core.Minute
	s.redeclare()
	s.outcome = s.called
	s.deliver(s.product([]string{"tee", "tee-s", "tee-m", "tee-l"}))
	s.deliver(s.product([]string{"cap", "cap-s", "cap-m"}))
	for _, v := range simVariants {
		for _, m := range simMarkets {
			s.stock[simStock{v, m.Name}] = &simPhase{opened: map[core.Time]bool{}}
		}
		for _, l := range simPlaces {
			s.truth[simLevel{v, l}] = simUnits{0, s.now}
			s.deliver(levelPush(v, l, 0, s.now))
			s.know(v, l, 0, s.now)
		}
	}
	s.drive()
}

func levelPush(v core.VariantID, l core.LocationID, n int64, at core.Time) string {
	return fmt.Sprintf(`{"type":"levels","levels":[{"variant":%q,"location":%q,"available":%d,"updated_at":%q}]}`, v, l, n, at)
}

// moment lets one thing happen, some time after the last.
func (s *simulation) moment() {
	if s.Float64() < 0.3 { // soon after the last
		s.pass(core.Milliseconds(s.Int64N(int64(core.Minute))))
	} else {
		s.pass(core.Milliseconds(s.ExpFloat64() * float64(40*core.Minute)))
	}
	s.comeLate()
	switch p := s.Float64(); {
	case p < 0.45:
		s.sell()
	case p < 0.85:
		s.ask()
	default:
		s.poll()
	}
	s.lead()
}

// lead lets the leader do something, everything or nothing.
func (s *simulation) lead() {
	switch s.IntN(6) {
	case 0:
	case 1:
		s.stepWorks()
	case 2:
		s.stepSends()
	case 3:
		s.stepTimers()
	default:
		s.drive()
	}
}

// comeLate delivers what is due by now.
func (s *simulation) comeLate() {
	due, rest := []simDelivery{}, []simDelivery{}
	for _, d := range s.late {
		if d.at <= s.now {
			due = append(due, d)
		} else {
			rest = append(rest, d)
		}
	}
	s.late = rest
	for _, d := range due {
		d.come()
		s.lead()
	}
}

// after lets something come later; most things come at once.
func (s *simulation) after(d core.Milliseconds, come func()) {
	if d == 0 {
		come()
		return
	}
	s.late = append(s.late, simDelivery{s.now.Add(d), come})
}

// sell changes a level in the shop, at times only for some minutes.
func (s *simulation) sell() {
	v, l := simVariants[s.IntN(len(simVariants))], simPlaces[s.IntN(len(simPlaces))]
	n := max(0, s.Int64N(12)-6)
	if s.Float64() < 0.05 {
		n = -s.Int64N(3)
	}
	before := s.truth[simLevel{v, l}].n
	s.change(v, l, n)
	for d := core.Minute; s.Float64() < 0.3; d += core.Minute {
		s.after(d, func() { s.change(v, l, before) })
		s.after(d+core.Second, func() { s.change(v, l, n) })
	}
}

// change sets a level. Its webhook is lost, or comes once, twice, or late.
func (s *simulation) change(v core.VariantID, l core.LocationID, n int64) {
	s.now++ // no two changes at one moment
	at := s.now
	s.truth[simLevel{v, l}] = simUnits{n, at}
	body, id := levelPush(v, l, n, at), fmt.Sprint("msg-", at)
	come := func() {
		s.fromEdge(homeEdge, wire.Webhook{Source: "shop", Body: []byte(body), ReceivedAt: s.now, Headers: []core.Header{
			{Name: "webhook-id", Value: id}, {Name: "webhook-timestamp", Value: fmt.Sprint(int64(at) / 1000)},
		}})
		s.know(v, l, n, at)
		s.concludes(v)
	}
	var delay core.Milliseconds
	if s.Float64() < 0.3 {
		delay = core.Milliseconds(s.Int64N(int64(3 * core.Hour)))
	}
	switch p := s.Float64(); {
	case p < 0.2:
		s.count["lost"]++
		return
	case p < 0.4:
		s.count["doubled"]++
		s.after(delay+core.Milliseconds(s.Int64N(int64(core.Hour))), come)
	}
	s.after(delay, come)
}

// know keeps what was delivered, if it is newer than what is known.
func (s *simulation) know(v core.VariantID, l core.LocationID, n int64, at core.Time) {
	if k, ok := s.known[simLevel{v, l}]; ok && k.at > at {
		return
	}
	s.known[simLevel{v, l}] = simUnits{n, at}
}

// concludes is what follows for each market from what was delivered at once.
func (s *simulation) concludes(v core.VariantID) {
	for _, m := range simMarkets {
		p := s.stock[simStock{v, m.Name}]
		if in := s.units(v, m) >= s.source.Stock.Minimum; in != p.in {
			again := s.source.Stock.Confirm == 0 && len(p.opened) > 0 && s.now < p.since.Add(s.source.Stock.Close)
			p.in, p.since = in, s.now
			if in && !again {
				p.opened[s.now] = true
			}
		}
	}
}

// units are those that are known to be there for a market.
func (s *simulation) units(v core.VariantID, m core.ServedMarket) (sum int64) {
	for _, l := range simPlaces {
		served := len(m.Locations) == 0
		for _, at := range m.Locations {
			served = served || at == l
		}
		if served {
			sum += s.known[simLevel{v, l}].n
		}
	}
	return sum
}

// ask lets somebody ask; the capture may come late.
func (s *simulation) ask() {
	w := simWish{fmt.Sprintf("c%02d", s.IntN(60)), target(string(simVariants[s.IntN(len(simVariants))]))}
	if s.Float64() < 0.2 {
		w.target = target([]string{"tee", "cap"}[s.IntN(2)])
	}
	at, market := s.now, []core.Market{"", "AT", "DE", "at", "JP"}[s.IntN(5)]
	var delay core.Milliseconds
	if s.Float64() < 0.2 {
		delay = core.Milliseconds(s.Int64N(int64(4 * core.Hour)))
	}
	s.after(delay, func() {
		c := captureOf(w.who+"@example.com", w.target, at)
		c.Capture.Market = market
		s.fromEdge(homeEdge, c)
		s.wish(w, at, s.source.MarketOf(market), market != "")
	})
}

// wish is what an asking comes to.
func (s *simulation) wish(w simWish, at core.Time, market core.Market, said bool) {
	e := s.waits[w]
	switch {
	case e == nil:
		s.waits[w] = &simEntry{at: at, last: at, arrived: s.now, market: market}
	case e.at == 0 && at > e.closed:
		*e = simEntry{at: at, last: at, arrived: s.now, market: market, closed: e.closed}
	case e.at != 0:
		if at < e.at {
			e.at, e.arrived = at, s.now
		}
		if said && at >= e.last && market != e.market {
			e.market, e.arrived = market, s.now
		}
		e.last = max(e.last, at)
	}
}

// poll reads the whole shop. Once in a while the answer takes so long that webhooks come before it; else what is known is what
// is true by then.
func (s *simulation) poll() {
	s.count["polls"]++
	var rows []string
	answer := map[simLevel]simUnits{}
	for _, v := range simVariants {
		for _, l := range simPlaces {
			u := s.truth[simLevel{v, l}]
			answer[simLevel{v, l}] = u
			rows = append(rows, fmt.Sprintf(`{"id":%q,"location":%q,"available":%d,"updated_at":%q}`, v, l, u.n, u.at))
		}
	}
	p := wire.Page{
		Source: "shop", Reading: core.ReadingPoll, Of: s.machine.Sources()["shop"].Of(), Run: s.readingOf(core.ReadingPoll).Run + 1,
		After: core.Sequence(len(s.journal)), BegunAt: s.now, AskedAt: s.now, As: s.now, Read: int64(len(rows)),
		Body: []byte("[" + strings.Join(rows, ",") + "]"),
	}
	slow := s.Float64() < 0.2
	if slow {
		s.sell()
		s.sell()
		s.pass(core.Minute)
		s.comeLate()
	}
	s.fromLeader(p)
	for _, v := range simVariants {
		for _, l := range simPlaces {
			s.know(v, l, answer[simLevel{v, l}].n, answer[simLevel{v, l}].at)
		}
		s.concludes(v)
	}
	if !slow {
		s.reconciled()
	}
}

// called is a provider call, which the gates let through or not.
func (s *simulation) called(i core.Intent) core.Outcome {
	if o := s.gates(i); o.Kind != "" {
		s.count["kept back"]++
		return o
	}
	if i.Activity.Kind == core.BackInStock {
		s.told(i.Activity)
	}
	return core.Outcome{}
}

// told is when a contact is told: once a restock, of what is there by all that is known at that moment, in order of the line
// (those who stood in it when the restock opened; who comes later joins its tail), and of a restock that there was.
func (s *simulation) told(a core.Activity) {
	s.count["told"]++
	key := fmt.Sprint(a.Contact, a.Restock)
	if s.got[key] {
		s.fail("%s was told twice of restock %s", a.Contact, a.Restock)
	}
	s.got[key] = true
	stock := simStock{a.Variant, a.Market}
	if !s.stock[stock].in {
		s.fail("%s was told of %v, which is sold out since %s", a.Contact, stock, s.stock[stock].since)
	}
	r := s.restockOf(a.Restock)
	if !s.stock[stock].opened[r.OpenedAt] {
		s.fail("restock %+v of %v was none", r, stock)
	}
	w := simWish{s.nameOf(a.Contact), a.Asked}
	e := s.waits[w]
	if e != nil && e.at == 0 && e.told == a.AskedAt && w.target.Variant == "" {
		return // another variant of the product, before the first message was on its way
	}
	if e == nil || e.at != a.AskedAt || e.market != a.Market {
		s.fail("%+v was told as of %s in %q, and waits as %+v", w, a.AskedAt, a.Market, e)
		return
	}
	if e.arrived <= r.OpenedAt {
		if a.AskedAt < s.last[a.Restock] {
			s.fail("%+v was told after somebody who stands behind, at %s", w, s.last[a.Restock])
		}
		s.last[a.Restock] = a.AskedAt
	}
	e.at, e.told, e.closed = 0, e.at, s.now+1 // when the outcome is written down
}

// reconciled is when what is known is true and the leader has done all there was to do: nobody waits for what is there, but
// those who asked for it when it was there already.
func (s *simulation) reconciled() {
	s.drive()
	s.pass(s.source.Stock.Confirm)
	s.drive()
	for w, e := range s.waits {
		if e.at == 0 || s.now.Since(e.at) > core.DefaultRetention-core.Day {
			continue
		}
		for _, v := range simVariants {
			of := w.target.Variant == v || w.target.Variant == "" && strings.HasPrefix(string(v), string(w.target.Product)+"-")
			if p := s.stock[simStock{v, e.market}]; of && p.in && e.at < p.since && !s.toldOf(w.who, v, e.market) {
				s.fail("%+v waits since %s in %q, and %s is back since %s", w, e.at, e.market, v, p.since)
			}
		}
	}
}

// toldOf says whether somebody was told of a variant's last restock, be it for another wish.
func (s *simulation) toldOf(who string, v core.VariantID, m core.Market) (told bool) {
	s.view(func(tx *db.Tx) {
		id, _ := db.Addresses.Get(tx, email(who+"@example.com"))
		st, _ := db.Stocks.Get(tx, db.StockKey{Variant: core.VariantKey{Source: "shop", Variant: v}, Market: m})
		told = s.got[fmt.Sprint(id, st.Restock)]
	})
	return told
}

func (s *simulation) fail(format string, args ...any) {
	s.t.Helper()
	s.t.Errorf("seed %d, %s: %s", s.seed, s.now, fmt.Sprintf(format, args...))
}

func (s *simulation) restockOf(id core.RestockID) (r core.Restock) {
	s.view(func(tx *db.Tx) { r, _ = db.Restocks.Get(tx, id) })
	return r
}

func (s *simulation) nameOf(id core.ContactID) (name string) {
	s.view(func(tx *db.Tx) {
		c, _ := db.Contacts.Get(tx, id)
		name = strings.TrimSuffix(c.Email, "@example.com")
	})
	return name
}
