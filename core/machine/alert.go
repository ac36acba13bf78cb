package machine

import (
	"cmp"
	"slices"

	"restock/core"
	"restock/core/activity"
	"restock/core/db"
	"restock/core/filter"
	"restock/core/journey"
)

// grown tells the merchant of a line that has reached a number that it wants to hear of, once until it was re-armed. Lines
// grow by one: a line that was longer already when the number was named has to fall below it first.
func (s *step) grown(w core.Waitlist, n int64) {
	if !slices.Contains(s.config.sources[w.Source].Alert.At, n) {
		return
	}
	told, _ := db.Alerts.Get(s.tx, w)
	at, known := slices.BinarySearchFunc(told, n, func(a core.Alerted, n int64) int { return cmp.Compare(a.At, n) })
	if known {
		return
	}
	if keys := s.tellMerchant(w, n); len(keys) > 0 {
		db.Alerts.Set(s.tx, w, slices.Insert(told, at, core.Alerted{At: n, Time: s.now(), Keys: keys}))
	}
}

// shrunk re-arms what a line of n has fallen under half of.
func (s *step) shrunk(w core.Waitlist, n int64) {
	for _, at := range s.config.sources[w.Source].Alert.At {
		if core.Rearmed(n, at) && !core.Rearmed(n+1, at) {
			told, _ := db.Alerts.Get(s.tx, w)
			s.setAlerted(w, told, func(a core.Alerted) bool { return a.At == at })
		}
	}
}

// setAlerted keeps what a merchant was told of a line, without what is over.
func (s *step) setAlerted(w core.Waitlist, told []core.Alerted, over func(core.Alerted) bool) {
	switch left := slices.DeleteFunc(slices.Clone(told), over); {
	case len(left) == len(told):
	case len(left) == 0:
		db.Alerts.Delete(s.tx, w)
	default:
		db.Alerts.Set(s.tx, w, left)
	}
}

// tellMerchant writes the messages of the journeys that are on and are entered by such a line. A merchant is no contact: there
// is no run, and the messages stand in nobody's ledger but the workspace's.
func (s *step) tellMerchant(w core.Waitlist, n int64) (keys []core.LedgerKey) {
	a := activity.Reached(w, n, s.catalogueIn(w.Market, w.Target()), s.now())
	about := filter.Subject{Now: s.now(), Activity: &a}
	for i, j := range s.config.journeys {
		if journey.Enters(j, s.config.where[i], &about) != filter.Yes {
			continue
		}
		for _, shape := range j.Shapes {
			if key, ok := s.intendAlert(w, a, j, shape); ok {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

func (s *step) intendAlert(w core.Waitlist, a core.Activity, j core.Journey, shape core.Shape) (key core.LedgerKey, ok bool) {
	if shape.Email == nil {
		return key, false
	}
	sender := cmp.Or(s.config.sources[w.Source].Alert.Sender, shape.Email.Sender)
	if _, ok := s.config.senders[sender]; !ok {
		s.count.Count("alert", core.ReasonSenderGone)
		return key, false
	}
	order := s.next()
	key = core.NewAlertKey(s.config.workspace.Name, w, a.Units, order, j.Name, shape.Name)
	s.putIntent(core.Intent{}, core.Intent{
		Key: key, Channel: core.Email, Journey: j.Name, Shape: shape.Name, Sender: sender, Template: shape.Email.Template,
		Activity: a, At: core.IntentDue, Due: s.now(), Order: order, Made: s.now(),
	})
	s.count.Count("alert", core.ReasonIntended)
	return key, true
}

// alertsOn turns the playbook of a source's alerts on when files say for the first time where they go, and the one that asks shoppers to confirm
// when they first say that it should, unless they say otherwise; from then on each is as it was turned.
func (s *step) alertsOn(d core.Declaration) {
	for _, src := range d.Sources {
		before := s.config.sources[src.Name]
		if src.Alert.Email != "" && before.Alert.Email == "" {
			s.turnOn(src.AlertPlaybook(), d)
		}
		if len(src.DoubleOptIn.Channels) > 0 && len(before.DoubleOptIn.Channels) == 0 {
			s.turnOn(src.ConfirmPlaybook(), d)
		}
	}
}

// turnOn turns a playbook on, unless a declaration says whether it is.
func (s *step) turnOn(name core.Name, d core.Declaration) {
	if slices.ContainsFunc(d.States, func(st core.DeclaredState) bool { return st.Journey == name }) {
		return
	}
	if j, ok := db.Journeys.Get(s.tx, name); ok {
		j.On = true
		db.Journeys.Set(s.tx, name, j)
	}
}

// disarm forgets, when a source's numbers change, that lines have reached one that is none of them any more: nobody looks
// from now on whether they fall under half of it.
func (s *step) disarm(before core.Alert, src core.Source) {
	if slices.Equal(before.At, src.Alert.At) {
		return
	}
	var lines []core.Waitlist
	db.AlertedOf(s.tx, src.Name, func(w core.Waitlist, _ []core.Alerted) bool {
		lines = append(lines, w)
		return len(lines) < core.MaxPageContacts
	})
	for _, w := range lines {
		told, _ := db.Alerts.Get(s.tx, w)
		s.setAlerted(w, told, func(a core.Alerted) bool { return !slices.Contains(src.Alert.At, a.At) })
	}
}
