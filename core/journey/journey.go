// Package journey moves contacts through graphs of shapes. It is pure: a run, its journey's definition and the
// journal's time in; the run where it stands next, and what it wants sent, out. Playbooks are journeys as well.
package journey

import (
	"fmt"
	"slices"
	"time"

	"restock/core"
	"restock/core/filter"
)

// Enters says whether an activity that occurs lets its contact into the journey, whose filter is where. Maybe means that the
// filter needs more of the subject than it was given.
func Enters(j core.Journey, where *filter.Compiled, s *filter.Subject) filter.Answer {
	if !j.On {
		return filter.No
	}
	return Fits(j, where, s)
}

// Fits says whether an activity is what the journey is entered by, on or off.
func Fits(j core.Journey, where *filter.Compiled, s *filter.Subject) filter.Answer {
	if len(j.Shapes) == 0 || j.Enter.Occurs != s.Activity.Kind {
		return filter.No
	}
	return where.Ask(s)
}

// Start is a run at the beginning of its journey.
func Start(j core.Journey, a core.Activity, now core.Time) core.Run {
	r := core.Run{ID: core.NewRunID(j.Name, a.Contact, a.ID), Journey: j.Name, Contact: a.Contact, Entered: a}
	r.Shape, r.Since, r.Version = j.Shapes[0].Name, now, j.Number
	r.Steps = []core.Step{{At: now, Reason: core.ReasonEntered}}
	return r
}

// Again says whether a contact whose earlier runs in the journey are others may enter again; else why not.
func Again(j core.Journey, others func(visit func(*core.Run) bool), now core.Time) (no core.Reason) {
	if !j.Once && !j.Alone && j.Rest == 0 {
		return ""
	}
	others(func(r *core.Run) bool {
		if entered, at := EnteredAt(r); entered {
			switch {
			case j.Alone && r.At != core.RunOver:
				no = core.ReasonInside
			case j.Once, j.Rest > 0 && now < at.Add(j.Rest):
				no = core.ReasonBefore
			}
		}
		return no == ""
	})
	return no
}

// EnteredAt says whether a run is one of who was let in, and when that was.
func EnteredAt(r *core.Run) (bool, core.Time) {
	if len(r.Steps) == 0 || r.Steps[0].Reason != core.ReasonEntered {
		return false, 0
	}
	return true, r.Steps[0].At
}

// Refuse is the run of a contact that is not let in, for whoever asks why.
func Refuse(j core.Journey, a core.Activity, why core.Reason, now core.Time) core.Run {
	r := Start(j, a, now)
	r.Shape, r.At = core.Exit, core.RunOver
	r.Steps = []core.Step{{At: now, Reason: why}}
	return r
}

// World is what a run may ask while it moves, and what it does.
type World interface {
	Plugins
	Facts
	Turns
	Effects
}

// Plugins answer.
type Plugins interface {
	// Verdict is a plugin's answer about the run at the shape; ok is false when there is none yet.
	Verdict(r *core.Run, s core.Shape) (v core.Verdict, ok bool)
}

// Facts are what is known around a run.
type Facts interface {
	// Holds says whether a filter shape's filter holds for the run, and if not, when it may without anything having happened
	// (zero: never).
	Holds(r *core.Run, s core.Shape) (holds bool, look core.Time)
	// Leaves is the exit criterion that is met; "" while none is.
	Leaves(r *core.Run, l *core.Leave) core.Reason
	// Zone is where those clocks stand that an Until means, and how that is known.
	Zone(r *core.Run, whose core.Clocks) (z *time.Location, how string)
	// Limited says whether the contact has passed the shape as often as it may.
	Limited(r *core.Run, s core.Shape) bool
}

// Turns put runs in an order that others have a part in. ok is false where nobody can tell yet; then the run stays where it
// is, as one that asks.
type Turns interface {
	// Draw is the number of the path that the run takes at a split.
	Draw(r *core.Run, s core.Shape) (path int, ok bool)
	// Turn is when the run may pass a shape with a rate.
	Turn(r *core.Run, s core.Shape) (at core.Time, ok bool)
}

// Effects are what shapes do.
type Effects interface {
	// Send writes an intent for the run's visit of the shape; it answers why it could not.
	Send(r *core.Run, s core.Shape, visit int) core.Reason
	// Act changes what is noted of the contact, and says what that came to. ok is as for Turns.
	Act(r *core.Run, a core.Action) (detail string, ok bool)
	// Came is told of each shape that the run comes to behind its first.
	Came(r *core.Run, shape string)
}

// How long a plugin that failed with on_failure hold waits before it is asked again; it doubles.
const (
	RetryHeld     = core.Minute
	RetryHeldLast = core.Hour
)

// Advance moves a run until it is over or has to stand: until a moment (RunDelayed), for a verdict (RunAsking), for a filter
// to hold (RunWaiting) or while its shape is paused. For one that has nothing to move for yet it changes nothing.
func Advance(r *core.Run, j core.Journey, w World, now core.Time) {
	m := begin(r, j, w, now)
	for r.At = ""; r.At == ""; {
		m.step()
	}
}

// Pass moves a run on from where it stands without what the shape there does, as an operator said.
func Pass(r *core.Run, j core.Journey, w World, now core.Time) {
	if s, ok := j.Shape(r.Shape); ok && r.At != core.RunOver && j.On && s.Next != "" {
		m := begin(r, j, w, now)
		m.note(s, core.ReasonMoved, "")
		m.leave(s.Next)
		r.At = ""
	}
	Advance(r, j, w, now)
}

func begin(r *core.Run, j core.Journey, w World, now core.Time) *move {
	m := &move{run: r, journey: j, world: w, now: now, was: r.At}
	m.woken = r.Due != 0 && now >= r.Due
	if r.Since == 0 { // it stands since before this was noted
		r.Since = r.Steps[len(r.Steps)-1].At
	}
	return m
}

type move struct {
	run     *core.Run
	journey core.Journey
	world   World
	now     core.Time
	was     core.RunAt // what it did at the shape before; "" when it has just come
	woken   bool       // what the run stood there for is over
}

// step executes the shape where the run stands.
func (m *move) step() {
	s, ok := m.journey.Shape(m.run.Shape)
	switch {
	case !m.journey.On:
		m.over(core.ReasonJourneyOff, "")
	case m.run.Shape == core.Exit:
		m.over(core.ReasonCompleted, "")
	case !ok:
		m.over(core.ReasonShapeGone, "")
	case len(m.run.Steps) >= core.MaxSteps:
		m.over(core.ReasonTooManySteps, "")
	case m.leaves():
	case m.was == core.RunDelayed && !m.woken: // looked at in the midst of it
		m.wait(m.was, m.run.Due)
	case slices.Contains(m.journey.Paused, s.Name):
		m.pause(s)
	default:
		m.arrive(s)
	}
}

// leaves ends the run when an exit criterion is met.
func (m *move) leaves() bool {
	l := m.journey.Leave
	if l == nil {
		return false
	}
	reason := m.world.Leaves(m.run, l)
	if reason == "" && l.After > 0 && m.run.Until != 0 && m.now >= m.run.Until {
		reason = core.ReasonLeftStood
	}
	if reason != "" {
		m.over(reason, "")
	}
	return reason != ""
}

// pause lets the run stand at a shape that is paused. A delay that it is in goes on meanwhile; a turn does not.
func (m *move) pause(s core.Shape) {
	if m.was != core.RunPaused {
		m.note(s, core.ReasonShapePaused, "")
	}
	if m.run.For == core.WaitTurn {
		m.run.For, m.run.Due, m.run.Passed = "", 0, false
	}
	m.wait(core.RunPaused, m.run.Due)
}

// arrive executes a shape that is not paused.
func (m *move) arrive(s core.Shape) {
	if m.was == core.RunPaused {
		m.note(s, core.ReasonResumed, "")
	}
	m.edited(s)
	if m.run.For == core.WaitTurn {
		m.run.For, m.run.Due, m.woken = "", 0, false
	}
	if m.turn(s) {
		m.execute(s)
	}
}

// edited notes that the journey is another version by now.
func (m *move) edited(s core.Shape) {
	if m.run.Version != m.journey.Number && m.run.Version != 0 {
		m.note(s, core.ReasonNewVersion, fmt.Sprint("version ", m.journey.Number))
	}
	m.run.Version = m.journey.Number
}

// turn says whether allowance and rate let the run do what the shape does now.
func (m *move) turn(s core.Shape) bool {
	if m.run.Passed || s.Allowance == nil && s.Rate == nil {
		return true
	}
	if s.Allowance != nil && m.world.Limited(m.run, s) {
		m.note(s, core.ReasonLimited, "")
		m.leave(s.Next)
		return false
	}
	if s.Rate != nil {
		at, ok := m.world.Turn(m.run, s)
		if !ok {
			m.wait(core.RunAsking, 0)
			return false
		}
		m.run.Passed = true
		if at > m.now {
			m.note(s, core.ReasonTurn, "until "+at.String())
			m.run.For = core.WaitTurn
			m.wait(core.RunDelayed, at)
			return false
		}
	}
	m.run.Passed = true
	return true
}

func (m *move) note(s core.Shape, reason core.Reason, detail string) {
	m.run.Steps = append(m.run.Steps, core.Step{Shape: s.Name, At: m.now, Reason: reason, Detail: detail})
}

// leave goes on by a path.
func (m *move) leave(path string) {
	r := m.run
	r.Shape, r.Since, r.Due, r.Look, r.Until, r.For, r.Passed = path, m.now, 0, 0, 0, "", false
	m.was, m.woken = "", false
	if path != core.Exit {
		m.world.Came(r, path)
	}
}

func (m *move) over(reason core.Reason, detail string) {
	r := m.run
	r.Steps = append(r.Steps, core.Step{Shape: r.Shape, At: m.now, Reason: reason, Detail: detail})
	m.leave(core.Exit)
	r.At = core.RunOver
}

// wait lets the run stand where it is until due; 0: until something happens.
func (m *move) wait(at core.RunAt, due core.Time) {
	m.run.At, m.run.Due, m.run.Until = at, due, 0
	if l := m.journey.Leave; l != nil && l.After > 0 {
		m.run.Until = m.run.Since.Add(l.After)
	}
	if at != core.RunWaiting {
		m.run.Look = 0
	}
}
