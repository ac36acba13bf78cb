package node

import (
	"cmp"
	"slices"
	"time"

	"restock/core"
	"restock/core/db"
	"restock/core/hook"
)

// Bounds of looking for whom a plugin was asked about.
const (
	askedRows = 200_000         // activities that are looked at for each journey
	askedTime = 5 * time.Second // for all
)

// asked is a contact that a plugin was asked about at a shape of a journey.
type asked struct {
	run     core.Run
	step    core.Step // what came of it
	shape   core.Shape
	address string // masked
	// about is the case: the contact, the catalogue and the source as they are known now, at the moment when the plugin was asked.
	about hook.Context
}

// askers are the shapes of a journey that ask a plugin.
func askers(j core.Journey, plugin core.Name) (shapes []core.Shape) {
	for _, s := range j.Shapes {
		if c := s.Call(); c != nil && c.Plugin == plugin {
			shapes = append(shapes, s)
		}
	}
	return shapes
}

// lastAsked are the last contacts that journeys asked a plugin about, the newest first. more says that some were not looked for.
func (w *workspace) lastAsked(tx *db.Tx, plugin core.Name, most int) (all []asked, more bool) {
	until := time.Now().Add(askedTime)
	for _, j := range w.machine.Journeys() {
		shapes := askers(j, plugin)
		if len(shapes) == 0 {
			continue
		}
		for _, walk := range []func(*db.Tx, core.ActivityKind, func(core.ContactID, core.ActivityID) bool){occurredBack, cohortsBack} {
			rows, found := 0, 0
			walk(tx, j.Enter.Occurs, func(c core.ContactID, a core.ActivityID) bool {
				rows++
				if rows > askedRows || rows%1024 == 0 && time.Now().After(until) {
					more = true
					return false
				}
				run, ok := db.Runs.Get(tx, core.NewRunID(j.Name, c, a))
				if !ok {
					return true
				}
				of := w.askedIn(tx, run, shapes)
				all, found = append(all, of...), found+len(of)
				return found < most
			})
		}
	}
	slices.SortStableFunc(all, func(a, b asked) int { return cmp.Compare(b.step.At, a.step.At) })
	return all[:min(len(all), most)], more
}

// occurredBack walks to whom activities of a kind occurred, from the last on; cohortsBack, the members of cohorts.
func occurredBack(tx *db.Tx, k core.ActivityKind, visit func(core.ContactID, core.ActivityID) bool) {
	db.OccurredBack(tx, k, func(o db.Occurred) bool { return visit(o.Contact, o.ID) })
}

func cohortsBack(tx *db.Tx, k core.ActivityKind, visit func(core.ContactID, core.ActivityID) bool) {
	db.CohortsBack(tx, k, func(key db.OccurredKey) (on bool) {
		c, _ := db.Cohorts.Get(tx, key.Cohort)
		on = true
		for n := c.Len() - 1; n >= 0 && on; n-- {
			id := c.Member(n).Contact
			on = visit(id, core.NewBackID(id, c.Activity.Restock))
		}
		return on
	})
}

// askedIn are the last answers that a run got at each of some shapes.
func (w *workspace) askedIn(tx *db.Tx, run core.Run, shapes []core.Shape) (all []asked) {
	for _, s := range shapes {
		for n := len(run.Steps) - 1; n >= 0; n-- {
			if step := run.Steps[n]; step.Shape == s.Name && isAnswer(step.Reason) {
				all = append(all, w.caseOf(tx, run, step, s))
				break
			}
		}
	}
	return all
}

// isAnswer says whether a step's reason is what a plugin answered, or that it could not.
func isAnswer(r core.Reason) bool {
	switch r {
	case core.ReasonConditionYes, core.ReasonConditionNo, core.ReasonPluginFailed, core.ReasonContinued, core.ReasonPluginDelay,
		core.ReasonBranched, core.ReasonPluginExit:
		return true
	}
	return false
}

// caseOf is what a plugin would be asked about a run once more, at the moment when it was asked.
func (w *workspace) caseOf(tx *db.Tx, run core.Run, step core.Step, shape core.Shape) asked {
	act := run.Entered
	contact, _ := db.Contacts.Get(tx, run.Contact)
	a := asked{run: run, step: step, shape: shape, address: masked(contact)}
	a.about = hook.Context{Now: step.At, Contact: contact.Traits(), Activity: act, Source: w.machine.Sources()[act.Source], Units: act.Units}
	a.about.Product, a.about.Variant = catalogue(tx, act)
	a.about.Restock, _ = db.Restocks.Get(tx, act.Restock)
	return a
}
