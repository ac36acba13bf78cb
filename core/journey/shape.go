package journey

import (
	"fmt"
	"slices"
	"strings"

	"restock/core"
)

// execute does what the shape does. What no version of ours knows ends the run rather than passing it on.
func (m *move) execute(s core.Shape) {
	_, _, sends := s.Sends()
	switch {
	case sends:
		m.send(s)
	case s.Kind == core.ShapeDelay:
		m.delay(s)
	case s.Kind == core.ShapeFilter && s.Filter != nil:
		m.filter(s)
	case s.Kind == core.ShapeCondition:
		m.condition(s)
	case s.Kind == core.ShapeSplit && len(s.Split) > 0:
		m.split(s)
	case s.Kind == core.ShapePlugin && s.Plugin != nil:
		m.plugin(s)
	case s.Kind == core.ShapeAction && s.Action != nil:
		m.action(s)
	case s.Kind == core.ShapeExit:
		m.over(core.ReasonExited, s.Why)
	default:
		m.over(core.ReasonShapeGone, "")
	}
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
	due, how := m.due(s)
	if due <= m.now {
		m.note(s, core.ReasonDatePassed, how)
		m.leave(s.Next)
		return
	}
	m.note(s, core.ReasonDelayed, strings.TrimSuffix("until "+due.String()+", "+how, ", "))
	m.wait(core.RunDelayed, due)
}

// due is when a delay that begins now ends, and by whose clocks.
func (m *move) due(s core.Shape) (at core.Time, how string) {
	u := s.Until
	if u == nil {
		return m.now.Add(s.Delay), ""
	}
	z, how := m.world.Zone(m.run, u.Whose)
	if u.Date != 0 {
		return Moment(u.Date, z), u.Date.Go().Format("2006-01-02 15:04") + " in " + how
	}
	return Next(*u, z, m.now), clock(u.Clock) + " in " + how
}

// clock writes a time of day: 09:00.
func clock(d core.Milliseconds) string {
	return fmt.Sprintf("%02d:%02d", d/core.Hour, d%core.Hour/core.Minute)
}

func (m *move) filter(s core.Shape) {
	holds, look := m.world.Holds(m.run, s)
	switch within := s.Filter.Within; {
	case holds:
		m.note(s, core.ReasonFilterYes, "")
		m.leave(s.Next)
	case within == 0 || m.now >= m.run.Since.Add(within):
		m.note(s, core.ReasonFilterNo, "")
		m.leave(s.No)
	default:
		due := m.run.Since.Add(within)
		if m.was == "" {
			m.note(s, core.ReasonFilterWaits, "until "+due.String()+" at the latest")
		}
		m.run.Look = look
		m.wait(core.RunWaiting, due)
	}
}

func (m *move) split(s core.Shape) {
	path, ok := m.world.Draw(m.run, s)
	if !ok {
		m.wait(core.RunAsking, 0)
		return
	}
	share := s.Split[path]
	m.note(s, core.ReasonSplit, fmt.Sprintf("%s, of %d %%", share.To, share.Percent))
	m.leave(share.To)
}

func (m *move) action(s core.Shape) {
	detail, ok := m.world.Act(m.run, *s.Action)
	if !ok {
		m.wait(core.RunAsking, 0)
		return
	}
	m.note(s, core.ReasonActed, detail)
	m.leave(s.Next)
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

// failed follows the shape's policy for a plugin that could not be asked.
func (m *move) failed(s core.Shape, v core.Verdict) {
	tries := m.noteFailure(s, string(v.Failed)+" "+v.Reason)
	switch s.Call().OnFailure {
	case core.FailSend, core.FailContinue:
		m.leave(s.Next)
	case core.FailSkip:
		m.leave(s.No)
	case core.FailExit:
		m.over(core.ReasonPluginExit, "the plugin failed")
	default:
		m.wait(core.RunDelayed, m.now.Add(min(RetryHeld<<min(tries-1, 16), RetryHeldLast)))
	}
}

// noteFailure notes a plugin that could not be asked. When it fails again and again the one step counts on, so that a
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

// plugin follows what a journey step plugin said.
func (m *move) plugin(s core.Shape) {
	if m.run.For == core.WaitStep && m.woken {
		m.leave(s.Next)
		return
	}
	v, ok := m.world.Verdict(m.run, s)
	switch {
	case !ok:
		m.wait(core.RunAsking, 0)
	case v.Failed != "":
		m.failed(s, v)
	case v.Step == nil:
		m.failed(s, core.Verdict{Failed: "bad_output", Reason: "it answered as a condition does"})
	default:
		m.answered(s, v)
	}
}

func (m *move) answered(s core.Shape, v core.Verdict) {
	a := v.Step
	to, ok := s.Next, true
	if a.Action == core.StepBranch {
		to, ok = s.Plugin.Branch(a.Branch)
	}
	if !ok {
		m.failed(s, core.Verdict{Failed: "bad_output", Reason: "the journey has no path for its branch " + a.Branch})
		return
	}
	m.keep(a.Vars)
	if len(a.Tags) > 0 {
		if _, ok := m.world.Act(m.run, core.Action{AddTags: a.Tags}); !ok {
			m.wait(core.RunAsking, 0)
			return
		}
	}
	switch a.Action {
	case core.StepExit:
		m.over(core.ReasonPluginExit, v.Reason)
	case core.StepDelay:
		due := m.now.Add(a.Delay)
		m.note(s, core.ReasonPluginDelay, strings.TrimSuffix("until "+due.String()+"; "+v.Reason, "; "))
		m.run.For = core.WaitStep
		m.wait(core.RunDelayed, due)
	case core.StepBranch:
		m.note(s, core.ReasonBranched, strings.TrimSuffix(a.Branch+"; "+v.Reason, "; "))
		m.leave(to)
	default:
		m.note(s, core.ReasonContinued, v.Reason)
		m.leave(to)
	}
}

// keep keeps a plugin's variables with the run, the last of each.
func (m *move) keep(vars []core.Var) {
	for _, v := range vars {
		m.run.Vars = slices.DeleteFunc(m.run.Vars, func(k core.Var) bool { return k.Plugin == v.Plugin && k.Name == v.Name })
		m.run.Vars = append(m.run.Vars, v)
	}
	if n := len(m.run.Vars) - core.MaxVars; n > 0 {
		m.run.Vars = m.run.Vars[n:]
	}
}

// Did says whether a step is one by which a shape did what it does.
func Did(r core.Reason) bool {
	switch r {
	case core.ReasonIntended, core.ReasonActed, core.ReasonContinued, core.ReasonPluginDelay, core.ReasonBranched, core.ReasonPluginExit:
		return true
	}
	return false
}
