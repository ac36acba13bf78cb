package node

import (
	"context"
	"fmt"
	"strings"
	"time"

	"restock/core"
	"restock/core/console"
	"restock/core/db"
	"restock/core/filter"
	"restock/core/wire"
)

// Journey is how a journey or playbook is doing, shape by shape (console.Backend).
func (n *Node) Journey(name core.WorkspaceName, journey core.Name) (d console.JourneyDetail, ok bool, err error) {
	w, runs := n.workspace(name)
	if !runs {
		return d, false, nil
	}
	err = w.view(func(tx *db.Tx) {
		var j core.Journey
		if j, ok = db.Journeys.Get(tx, journey); ok {
			d = w.journeyDetail(tx, j)
		}
	})
	return d, ok, err
}

// Direct says an operator's word about a shape (console.Backend).
func (n *Node) Direct(ctx context.Context, name core.WorkspaceName, journey core.Name, shape string, word core.ShapeWord) (d console.JourneyDetail, ok bool, err error) {
	w, runs := n.workspace(name)
	d, known, err := n.Journey(name, journey)
	if !runs || !known || err != nil || !d.Has(shape) {
		return d, false, err
	}
	if err := w.append(ctx, 0, wire.Direct{Journey: journey, Shape: shape, Word: word}); err != nil {
		return d, true, err
	}
	return n.Journey(name, journey)
}

func (w *workspace) journeyDetail(tx *db.Tx, j core.Journey) console.JourneyDetail {
	d := console.JourneyDetail{
		JourneyReport: w.journeyReport(j), Version: j.Number, Definition: j.Version.String(), Where: filter.Text(j.Enter.Where), Rules: rules(j),
		Ended: []console.EndingReport{},
	}
	counts := map[string]core.ShapeCount{}
	db.CountsOf(tx, j.Name, func(shape string, c core.ShapeCount) bool { counts[shape] = c; return true })
	all := counts[""]
	d.Entered, d.Inside = all.Came, all.Standing
	for _, e := range all.Ended {
		d.Ended = append(d.Ended, console.EndingReport{Reason: string(e.Reason), Runs: e.N})
	}
	for _, s := range j.Shapes {
		c := counts[s.Name]
		d.Each = append(d.Each, console.ShapeReport{
			Name: s.Name, Kind: s.Kind, Does: does(s), Controls: controls(s), Paths: paths(s), Came: c.Came, Standing: c.Standing,
			Paused: contains(j.Paused, s.Name),
		})
	}
	return d
}

func contains(names []string, name string) bool {
	for _, n := range names {
		if n == name {
			return true
		}
	}
	return false
}

// rules are how often contacts enter and when they leave, in words.
func rules(j core.Journey) (all []string) {
	if j.Enter.Early > 0 {
		all = append(all, "They are told "+j.Enter.Early.String()+" before the others, and enter no other journey that tells of the same.")
	}
	switch {
	case j.Once:
		all = append(all, "A contact enters once.")
	case j.Rest > 0:
		all = append(all, "A contact enters again no sooner than "+j.Rest.String()+" after it entered.")
	}
	if j.Alone {
		all = append(all, "Who is inside does not enter beside.")
	}
	l := j.Leave
	if l == nil {
		return all
	}
	for _, c := range []struct {
		is   bool
		text string
	}{
		{l.Bought, "Who buys what it is about leaves."},
		{l.Unsubscribed, "Who unsubscribes leaves."},
		{l.SoldOut, "When it is sold out again, contacts leave."},
		{!filter.Everything(l.Where), "Contacts leave when: " + filter.Text(l.Where) + "."},
		{l.After > 0, "Who stands at one shape for " + l.After.String() + " leaves."},
	} {
		if c.is {
			all = append(all, c.text)
		}
	}
	return all
}

// does says what a shape does, in words.
func does(s core.Shape) string {
	switch {
	case s.Filter != nil && s.Filter.Within > 0:
		return "waits up to " + s.Filter.Within.String() + " until " + filter.Text(s.Filter.Where)
	case s.Filter != nil:
		return "asks whether " + filter.Text(s.Filter.Where)
	case s.Call() != nil:
		return "asks the plugin " + string(s.Call().Plugin)
	case s.Action != nil:
		return strings.Join(actions(*s.Action), ", ")
	}
	switch s.Kind {
	case core.ShapeDelay:
		return until(s)
	case core.ShapeSplit:
		return "shares contacts out"
	case core.ShapeExit:
		return "ends: " + s.Why
	}
	if _, send, ok := s.Sends(); ok {
		return fmt.Sprintf("sends by %s", send.Sender)
	}
	return string(s.Kind)
}

func until(s core.Shape) string {
	u := s.Until
	if u == nil {
		return "for " + s.Delay.String()
	}
	whose := " by the workspace's clocks"
	if u.Whose == core.ClocksOfContact {
		whose = " by the contact's clocks"
	}
	if u.Date != 0 {
		return "until " + u.Date.Go().Format("2006-01-02 15:04") + whose
	}
	text := fmt.Sprintf("until %02d:%02d", u.Clock/core.Hour, u.Clock%core.Hour/core.Minute)
	var days []string
	for n := range 7 {
		if day := (n + 1) % 7; u.Days != 0 && u.Days.Has(day) {
			days = append(days, time.Weekday(day).String()[:3])
		}
	}
	if len(days) > 0 {
		text += " on " + strings.Join(days, ", ")
	}
	return text + whose
}

func actions(a core.Action) (all []string) {
	for _, t := range a.AddTags {
		all = append(all, "gives the tag "+t)
	}
	for _, t := range a.RemoveTags {
		all = append(all, "takes the tag "+t)
	}
	for _, f := range a.Set {
		if f.Value == "" {
			all = append(all, "takes "+f.Name)
		} else {
			all = append(all, "sets "+f.Name+" to "+f.Value)
		}
	}
	return all
}

// controls are what holds contacts up at a shape, in words.
func controls(s core.Shape) (all []string) {
	if a := s.Allowance; a != nil && a.Within > 0 {
		all = append(all, fmt.Sprintf("%d per contact in %s", a.Times, a.Within))
	} else if a != nil {
		all = append(all, fmt.Sprintf("%d per contact", a.Times))
	}
	if s.Rate != nil {
		all = append(all, fmt.Sprintf("%d contacts every %s", s.Rate.Contacts, s.Rate.Every))
	}
	return all
}

// paths are where a shape leads, each with what it is called.
func paths(s core.Shape) []console.PathReport {
	switch s.Kind {
	case core.ShapeExit:
		return nil
	case core.ShapeFilter, core.ShapeCondition:
		return []console.PathReport{{Label: "yes", To: s.Next}, {Label: "no", To: s.No}}
	}
	var all []console.PathReport
	for _, share := range s.Split {
		all = append(all, console.PathReport{Label: fmt.Sprint(share.Percent, " %"), To: share.To})
	}
	if s.Kind != core.ShapeSplit {
		all = append(all, console.PathReport{To: s.Next})
	}
	if s.Plugin != nil {
		for _, b := range s.Plugin.Branches {
			all = append(all, console.PathReport{Label: b.Name, To: b.To})
		}
	}
	return all
}
