package machine

import (
	"time"

	"restock/core"
	"restock/core/filter"
)

// What a questioning run meets on its way to the plugins. It is read, never written: where the way on hangs on what other runs
// do first (a split, a rate), or on what a shape would have changed, the run stops, and is asked when it is there.

func (q *questioning) facts(r *core.Run) facts {
	return facts{tx: q.tx, config: q.forming.config, at: q.forming.now, cohorts: &pending{tx: q.tx}, occurring: &r.Entered}
}

func (q *questioning) Holds(r *core.Run, s core.Shape) (bool, core.Time) {
	return q.facts(r).Holds(r, s)
}

func (q *questioning) Leaves(r *core.Run, l *core.Leave) core.Reason {
	if !filter.Everything(l.Where) || l.Bought || l.Unsubscribed || l.SoldOut {
		return q.facts(r).Leaves(r, l)
	}
	return ""
}

func (q *questioning) Zone(r *core.Run, whose core.Clocks) (*time.Location, string) {
	return q.facts(r).Zone(r, whose)
}

func (q *questioning) Limited(r *core.Run, s core.Shape) bool { return q.facts(r).Limited(r, s) }

func (q *questioning) Draw(*core.Run, core.Shape) (int, bool)       { return 0, false }
func (q *questioning) Turn(*core.Run, core.Shape) (core.Time, bool) { return 0, false }
func (q *questioning) Act(*core.Run, core.Action) (string, bool)    { return "", false }
func (q *questioning) Came(*core.Run, string)                       {}
