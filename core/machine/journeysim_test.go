package machine_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"restock/core"
	"restock/core/db"
	"restock/core/wire"
)

// TestJourneySimulation lets contacts ask, buy, unsubscribe and be erased while journeys of all shapes are edited, turned off and
// on, paused, resumed and moved on, and the leader does its work in bits, if at all. What must hold of every run at every moment
// stands at journeySim.sound; that replaying the journal gives the same state, newWorld sees to.
func TestJourneySimulation(t *testing.T) {
	for n := range *simRuns {
		seed := n + 1
		if *simSeed != 0 {
			seed = *simSeed
		}
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { simulateJourneys(t, seed) })
		if *simSeed != 0 {
			return
		}
	}
}

// simNames are the journeys of a simulation.
var simNames = []core.Name{"one", "two", "low", "early"}

// simCallAfter is how long ago who hears that few are left was told, at least.
const simCallAfter = 20 * core.Minute

// simJourneys are the versions of each; %d is a number that differs each time.
var simJourneys = map[core.Name][]string{
	"low": {`    enter: {occurs: running_low}
    shapes:
      - {name: mail, email: last, rate: {contacts: %d, every: 1h}}`, `    enter: {occurs: running_low}
    exit: {when: [bought, sold_out]}
    shapes:
      - {name: wait, delay: {for: %dm}}
      - {name: mail, email: last}`},
	"early": {`    enter: {occurs: back_in_stock, where: {contact.region: DE}, early: %dm}
    shapes: [{name: mail, email: early}]`, `    enter: {occurs: back_in_stock, where: {contact.tags: vip, sku: tee-m}, early: %dm}
    shapes:
      - {name: wait, delay: {for: 1m}}
      - {name: mail, email: early}`},
	"one": {`    enter: {occurs: waiting_on_stock}
    exit: {when: [bought, unsubscribed], where: {contact.tags: done}, after: 40d}
    shapes:
      - {name: wait, delay: {for: %dm}}
      - {name: vip, filter: {where: {contact.tags: vip}, within: 2d}, no: half}
      - {name: score, plugin: {plugin: scorer, branches: {vip: half}}, next: mark}
      - {name: half, split: {mail: 60, mark: 30, exit: 10}}
      - {name: mail, email: one, per_contact: {times: 3, within: 10d}, rate: {contacts: 3, every: 6h}}
      - {name: mark, action: {add_tags: [vip], set: {zone: Asia/Tokyo}}}
      - {name: morning, delay: {until: {time: "09:00", zone: contact, weekdays: [mon..fri]}}}
      - {name: again, filter: {where: {contact.region: DE}}, yes: wait}`, `    enter: {occurs: waiting_on_stock, where: {sku: tee-m}}
    alongside: false
    shapes:
      - {name: gate, condition: {plugin: gate, on_failure: hold}, no: mark}
      - {name: wait, delay: {for: %dh}}
      - {name: mail, email: two}
      - {name: mark, action: {remove_tags: [vip]}}
      - {name: half, email: three}`},
	"two": {`    enter: {occurs: back_in_stock}
    exit: {when: [sold_out]}
    again: {after: %dh}
    shapes:
      - {name: gate, condition: {plugin: gate, on_failure: skip}}
      - {name: score, plugin: {plugin: scorer, on_failure: exit, branches: {vip: mail}}, next: days}
      - {name: days, filter: {where: {contact.created_at: {more than: 2 days ago}}, within: 5d}, no: mail}
      - {name: end, exit: old}
      - {name: mail, email: back}`, `    enter: {occurs: back_in_stock}
    shapes:
      - {name: wait, delay: {for: %dm}}
      - {name: mail, email: back}
      - {name: day, delay: {until: 2027-01-20T12:00}}
      - {name: done, action: {add_tags: [done]}}`},
}

var simShapes = []string{"wait", "vip", "score", "half", "mail", "mark", "morning", "again", "gate", "days", "end", "day", "done"}

type journeySim struct {
	*journeyText
	*rand.Rand
	called map[core.LedgerKey]bool
}

func simulateJourneys(t *testing.T, seed uint64) {
	s := &journeySim{journeyText: newJourneyText(t), Rand: rand.New(rand.NewPCG(seed, 7)), called: map[core.LedgerKey]bool{}}
	defer func() {
		if t.Failed() {
			t.Logf("again by: go test ./core/machine -run TestJourneySimulation -sim.seed %d", seed)
		}
	}()
	s.outcome = s.call
	if err := s.line([]string{"shop", "low=2,20m", "close=40m"}); err != nil {
		t.Fatal(err)
	}
	for _, name := range simNames {
		s.edit(name)
	}
	for n := 0; n < 400 && !t.Failed(); n++ {
		s.moment()
		s.sound()
	}
	s.settle()
}

// call is a provider's, which is made once per line of the ledger.
func (s *journeySim) call(i core.Intent) core.Outcome {
	if s.called[i.Key] {
		s.t.Errorf("%s/%s of %s was sent twice", i.Journey, i.Shape, i.Contact)
	}
	o := s.gates(i)
	s.called[i.Key] = o.Kind == ""
	return o
}

func (s *journeySim) edit(name core.Name) {
	versions := simJourneys[name]
	spec := versions[s.IntN(len(versions))]
	if err := s.journeyFile(name, s.IntN(8) > 0, fmt.Sprintf(spec, 1+s.IntN(90))); err != nil {
		s.t.Fatal(err)
	}
}

// moment lets one thing happen, and the leader something, everything or nothing.
func (s *journeySim) moment() {
	s.pass(core.Milliseconds(s.ExpFloat64() * float64(90*core.Minute)))
	who := fmt.Sprintf("c%02d", s.IntN(25))
	variant := []string{"tee-m", "tee-l", "cap-m"}[s.IntN(3)]
	name := simNames[s.IntN(len(simNames))]
	var err error
	switch p := s.IntN(100); {
	case p < 40:
		err = s.asksFrom(who, []string{variant, "of", []string{"DE", "US", "JP"}[s.IntN(3)]})
	case p < 55:
		err = s.line([]string{"level", variant, "berlin", fmt.Sprint(max(0, s.IntN(8)-3))})
	case p < 65:
		err = s.line([]string{who, "buys", variant})
	case p < 68:
		s.fromEdge(homeEdge, wire.OptOut{Contact: s.idOf(who), Channel: core.Email, At: s.now})
	case p < 70:
		err = s.tell([]string{who, "is", "erased"}, "")
	case p < 78:
		s.edit(name)
	case p < 94:
		word := []core.ShapeWord{core.ShapePause, core.ShapeResume, core.ShapeMove}[s.IntN(3)]
		s.append(wire.Origin{}, wire.Direct{Journey: name, Shape: simShapes[s.IntN(len(simShapes))], Word: word})
	default:
		s.answers[who+"@example.com"] = strings.Fields([]string{"fail", "branch=vip", "delay=3h tag=vip", "exit", "no", ""}[s.IntN(6)])
	}
	if err != nil {
		s.t.Fatal(err)
	}
	switch s.IntN(5) {
	case 0:
	case 1:
		s.stepWorks()
	case 2:
		s.stepTimers()
	case 3:
		s.stepAsks()
	default:
		s.drive()
	}
	s.sent = nil
}

// runs are all that there are.
func (s *journeySim) runs(tx *db.Tx) (all []core.Run) {
	db.Runs.All(tx, func(r core.Run) bool { all = append(all, r); return true })
	return all
}

// sound is what holds at every moment: a run that is not over stands at one shape, is found there and by what will move it, and by
// nothing else; something will move it; and the counts are those of the runs.
func (s *journeySim) sound() {
	s.t.Helper()
	s.view(func(tx *db.Tx) {
		stands, delays, asks := map[db.Stand]db.ShapeKey{}, map[db.Delay]bool{}, map[core.WorkID]core.RunID{}
		for _, j := range simNames {
			for _, shape := range simShapes {
				key := db.ShapeKey{Journey: j, Shape: shape}
				db.StandingAfter(tx, key, "", func(_ core.Row, st db.Stand) bool { stands[st] = key; return true })
			}
		}
		db.Delays.All(tx, func(d db.Delay) bool { delays[d] = true; return true })
		db.Asks.All(tx, func(a db.Asking) bool { asks[a.Work] = a.Run; return true })
		inside, there := map[core.Name]int64{}, map[db.ShapeKey]int64{}
		for _, r := range s.runs(tx) {
			s.standsOnce(tx, &r, stands, delays, asks)
			s.wasTold(tx, &r)
			if r.At != core.RunOver {
				inside[r.Journey]++
				there[db.ShapeKey{Journey: r.Journey, Shape: r.Shape}]++
			}
		}
		if len(stands)+len(delays)+len(asks) > 0 {
			s.t.Errorf("nobody stands as %v, is due as %v, or asks as %v", stands, delays, asks)
		}
		s.counted(tx, inside, there)
	})
}

// standsOnce takes a run out of where it is found.
func (s *journeySim) standsOnce(tx *db.Tx, r *core.Run, stands map[db.Stand]db.ShapeKey, delays map[db.Delay]bool, asks map[core.WorkID]core.RunID) {
	if r.At == core.RunOver {
		if r.Wakes != 0 || r.Ask != nil || r.Watched || r.Shape != core.Exit {
			s.t.Errorf("it is over, and %+v", r)
		}
		return
	}
	st := db.Stand{Order: r.Order, Run: r.ID}
	if stands[st] != (db.ShapeKey{Journey: r.Journey, Shape: r.Shape}) {
		s.t.Errorf("run %s stands at %s/%s and is found at %v", r.ID, r.Journey, r.Shape, stands[st])
	}
	delete(stands, st)
	d := db.Delay{Due: r.Wakes, Order: r.Order, Run: r.ID}
	if delays[d] != (r.Wakes != 0) {
		s.t.Errorf("run %s is to wake at %s, and is not due then", r.ID, r.Wakes)
	}
	delete(delays, d)
	if (r.At == core.RunAsking) != (r.Ask != nil) || r.Ask != nil && asks[*r.Ask] != r.ID {
		s.t.Errorf("run %s is %s and asks as %v", r.ID, r.At, r.Ask)
	}
	if r.Ask != nil {
		delete(asks, *r.Ask)
	}
	if r.Watched != db.Watching.Has(tx, r.Contact, r.ID) {
		s.t.Errorf("run %s is watched %t", r.ID, r.Watched)
	}
	if r.Wakes == 0 && r.Ask == nil && r.At != core.RunPaused {
		s.t.Errorf("nothing will move run %s: it is %s at %s/%s", r.ID, r.At, r.Journey, r.Shape)
	}
}

// wasTold says of who hears that few are left that it was told of that restock, long enough before.
func (s *journeySim) wasTold(tx *db.Tx, r *core.Run) {
	told := r.Entered.Kind != core.RunningLow
	db.IntentsOf.Scan(tx, r.Contact, func(k core.LedgerKey) bool {
		i, _ := db.Intents.Get(tx, k)
		of := i.Activity.Kind == core.BackInStock && i.Activity.Restock == r.Entered.Restock
		told = told || of && i.At == core.IntentSent && i.Ended.Add(simCallAfter) <= r.Entered.At
		return !told
	})
	if !told {
		s.t.Errorf("%s hears that few are left of restock %s at %s, and was not told before", r.Contact, r.Entered.Restock, r.Entered.At)
	}
}

func (s *journeySim) counted(tx *db.Tx, inside map[core.Name]int64, there map[db.ShapeKey]int64) {
	for _, j := range simNames {
		db.CountsOf(tx, j, func(shape string, c core.ShapeCount) bool {
			want := there[db.ShapeKey{Journey: j, Shape: shape}]
			if shape == "" {
				want = inside[j]
				for _, e := range c.Ended {
					c.Came -= e.N
				}
				if c.Came != c.Standing {
					s.t.Errorf("of journey %s %d runs are neither inside nor over", j, c.Came-c.Standing)
				}
			}
			if c.Standing != want {
				s.t.Errorf("%d stand at %s/%s, counted are %d", want, j, shape, c.Standing)
			}
			return true
		})
	}
}

// settle resumes everything and lets plugins answer: then nobody stands anywhere for good.
func (s *journeySim) settle() {
	clear(s.answers)
	for _, name := range simNames {
		for _, shape := range simShapes {
			s.append(wire.Origin{}, wire.Direct{Journey: name, Shape: shape, Word: core.ShapeResume})
		}
	}
	for _, name := range simNames {
		if err := s.journeyFile(name, true, fmt.Sprintf(simJourneys[name][1], 5)); err != nil {
			s.t.Fatal(err)
		}
	}
	s.now = s.now.Add(60 * core.Day)
	s.happened()
	s.sound()
	s.view(func(tx *db.Tx) {
		over, called, early := 0, 0, 0
		for _, r := range s.runs(tx) {
			if r.At != core.RunOver {
				s.t.Errorf("after two months run %s is still %s at %s/%s since %s: %+v", r.ID, r.At, r.Journey, r.Shape, r.Since, r.Steps)
			}
			over++
			if r.Entered.Kind == core.RunningLow {
				called++
			}
			if r.Steps[0].Reason == core.ReasonEarly {
				early++
			}
		}
		s.t.Logf("%d runs (%d of what runs low, %d not entered for a head start), %d messages, %d entries", over, called, early, len(s.called), len(s.journal))
	})
}
