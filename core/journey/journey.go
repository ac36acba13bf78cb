// Package journey moves contacts through graphs of shapes. It is pure: a run, its journey's definition and the
// journal's time in; the run where it stands next, and what it wants sent, out. Playbooks are journeys as well.
package journey

import (
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
	r.Shape = j.Shapes[0].Name
	r.Steps = []core.Step{{At: now, Reason: core.ReasonEntered}}
	return r
}

// World is what a run may ask while it moves.
type World interface {
	// Verdict is a condition plugin's answer about the run at the shape; ok is false when there is none yet.
	Verdict(r *core.Run, s core.Shape) (v core.Verdict, ok bool)
	// Send writes an intent for the run's visit of the shape; it answers why it could not.
	Send(r *core.Run, s core.Shape, visit int) core.Reason
}

// How long a condition that failed with on_failure hold waits before it is asked again; it doubles.
const (
	RetryHeld     = core.Minute
	RetryHeldLast = core.Hour
)

// Advance moves a run until it is over or has to wait: for time (RunDelayed, until Due) or for a verdict (RunAsking).
func Advance(r *core.Run, j core.Journey, w World, now core.Time) {
	m := move{run: r, journey: j, world: w, now: now, woken: r.At == core.RunDelayed && now >= r.Due}
	for r.At = ""; r.At == ""; {
		m.step()
	}
}

type move struct {
	run     *core.Run
	journey core.Journey
	world   World
	now     core.Time
	woken   bool // the shape's delay is over
}

// step executes the shape where the run stands.
func (m *move) step() {
	if !m.journey.On {
		m.over(core.ReasonJourneyOff)
		return
	}
	if m.run.Shape == core.Exit {
		m.over(core.ReasonCompleted)
		return
	}
	s, ok := m.journey.Shape(m.run.Shape)
	_, _, sends := s.Sends()
	switch {
	case !ok:
		m.over(core.ReasonShapeGone)
	case len(m.run.Steps) >= core.MaxSteps:
		m.over(core.ReasonTooManySteps)
	case sends:
		m.send(s)
	case s.Kind == core.ShapeDelay:
		m.delay(s)
	case s.Kind == core.ShapeCondition:
		m.condition(s)
	default:
		m.over(core.ReasonShapeGone)
	}
}

func (m *move) note(s core.Shape, reason core.Reason, detail string) {
	m.run.Steps = append(m.run.Steps, core.Step{Shape: s.Name, At: m.now, Reason: reason, Detail: detail})
}

// leave goes on by a path.
func (m *move) leave(path string) {
	m.run.Shape, m.run.Due, m.woken = path, 0, false
}

func (m *move) over(reason core.Reason) {
	m.run.At, m.run.Due = core.RunOver, 0
	m.run.Steps = append(m.run.Steps, core.Step{Shape: m.run.Shape, At: m.now, Reason: reason})
	m.run.Shape = core.Exit
}

func (m *move) wait(at core.RunAt, due core.Time) {
	m.run.At, m.run.Due = at, due
}

func (m *move) send(s core.Shape) {
	reason := m.world.Send(m.run, s, m.run.Visited(s.Name))
	m.note(s, reason, "")
	m.leave(s.Next)
}

func (m *move) delay(s core.Shape) {
	if m.woken {
		m.leave(s.Next)
		return
	}
	due := m.now.Add(s.Delay)
	m.note(s, core.ReasonDelayed, "until "+due.String())
	m.wait(core.RunDelayed, due)
}

func (m *move) condition(s core.Shape) {
	v, ok := m.world.Verdict(m.run, s)
	switch {
	case !ok:
		m.wait(core.RunAsking, 0)
	case v.Failed != "":
		m.failed(s, v)
	case v.Pass:
		m.note(s, core.ReasonConditionYes, v.Reason)
		m.leave(s.Next)
	default:
		m.note(s, core.ReasonConditionNo, v.Reason)
		m.leave(s.No)
	}
}

// failed follows the shape's policy for a condition that could not be asked.
func (m *move) failed(s core.Shape, v core.Verdict) {
	tries := m.noteFailure(s, string(v.Failed)+" "+v.Reason)
	switch s.Condition.OnFailure {
	case core.FailSend:
		m.leave(s.Next)
	case core.FailSkip:
		m.leave(s.No)
	default:
		m.wait(core.RunDelayed, m.now.Add(min(RetryHeld<<min(tries-1, 16), RetryHeldLast)))
	}
}

// noteFailure notes a condition that could not be asked. When it fails again and again the one step counts on, so that a
// held run does not grow.
func (m *move) noteFailure(s core.Shape, detail string) (tries int) {
	if last := len(m.run.Steps) - 1; last >= 0 && m.run.Steps[last].Shape == s.Name && m.run.Steps[last].Reason == core.ReasonPluginFailed {
		m.run.Steps = m.run.Steps[: last+1 : last+1]
		step := &m.run.Steps[last]
		step.At, step.Detail = m.now, detail
		step.Tries++
		return step.Tries
	}
	m.run.Steps = append(m.run.Steps, core.Step{Shape: s.Name, At: m.now, Reason: core.ReasonPluginFailed, Detail: detail, Tries: 1})
	return 1
}
