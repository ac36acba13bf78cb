package console

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"restock/core"
)

// overviewPage shows how every workspace is doing.
type overviewPage struct {
	frame
	Workspaces []workspaceView
	Named      bool // more than one: names tell them apart
}

// workspaceView is a report with what the page adds up.
type workspaceView struct {
	WorkspaceReport
	Waiting int // on the waitlists that the report lists
	Longest int // the longest of them
	Open    int // restocks that are not closed
	Sends   int // not ended
	Stands  []stand
}

// stand is how many sends stand somewhere.
type stand struct {
	At    string
	Count int
}

// overview shows everything on one page; a node that is not ready says so in place of half a picture.
func (s *server) overview(w http.ResponseWriter, r *http.Request) error {
	reports, err := s.backend.Status()
	if err != nil {
		return fmt.Errorf("reading status: %w", err)
	}
	page := overviewPage{frame: s.frame(r, "Overview", "overview"), Named: len(reports) > 1}
	for _, report := range reports {
		page.Workspaces = append(page.Workspaces, view(report))
	}
	return s.render(w, http.StatusOK, "overview.html", page)
}

// view adds up what the tiles show. The sums are over what the report lists, which is the longest and the newest.
func view(r WorkspaceReport) workspaceView {
	v := workspaceView{WorkspaceReport: r, Stands: stands(r.Intents)}
	for _, line := range r.Waitlists {
		v.Waiting += line.Waiting
		v.Longest = max(v.Longest, line.Waiting)
	}
	for _, restock := range r.Restocks {
		if restock.At != core.RestockClosed && restock.At != core.RestockNone {
			v.Open++
		}
	}
	for _, s := range v.Stands {
		v.Sends += s.Count
	}
	return v
}

// stands puts the sends in the order they go: due, claimed, held, unknown, then whatever else there is.
func stands(intents map[string]int) []stand {
	order := []core.IntentAt{core.IntentDue, core.IntentClaimed, core.IntentHeld, core.IntentUnknown}
	var all []stand
	for _, at := range order {
		all = append(all, stand{string(at), intents[string(at)]})
	}
	for _, at := range slices.SortedFunc(maps.Keys(intents), cmp.Compare[string]) {
		if !slices.Contains(order, core.IntentAt(at)) {
			all = append(all, stand{at, intents[at]})
		}
	}
	return all
}

// switchJourney turns a journey on or off and comes back to its line.
func (s *server) switchJourney(w http.ResponseWriter, r *http.Request) error {
	j, err := s.setJourney(r, core.WorkspaceName(r.PathValue("workspace")))
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/#"+journeyAnchor(j.Workspace, j.Name), http.StatusSeeOther)
	return nil
}

// journeyAnchor is the id of a journey's switch on the overview.
func journeyAnchor(w core.WorkspaceName, name core.Name) string {
	return "journey-" + string(w) + "-" + string(name)
}
