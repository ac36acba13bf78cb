package console

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"restock/core"
)

// BroadcastReport is a broadcast and how far it is.
type BroadcastReport struct {
	Name    core.Name             `json:"name"`
	Title   string                `json:"title"`
	To      string                `json:"to"` // the audience's name, or the filter in words
	Channel core.Channel          `json:"channel"`
	Purpose core.Purpose          `json:"purpose"`
	Phase   core.BroadcastPhase   `json:"phase"`
	Paused  bool                  `json:"paused"`
	At      string                `json:"at,omitempty"`       // as it was written; "": as soon as it is on
	Due     string                `json:"due,omitempty"`      // RFC 3339, as are the next: when one that is planned begins
	BegunAt string                `json:"begun_at,omitempty"` // as of when its audience is
	EndedAt string                `json:"ended_at,omitempty"`
	NextAt  string                `json:"next_at,omitempty"` // it waits for that moment, by its rate
	Made    int64                 `json:"made"`              // messages
	Sent    int64                 `json:"sent"`              // of them
	Dropped map[core.Reason]int64 `json:"dropped"`           // of them
	Passed  map[core.Reason]int64 `json:"passed"`            // contacts of the audience for whom none was made
}

// BroadcastTrial is what would come of a broadcast if it began now.
type BroadcastTrial struct {
	Name     core.Name              `json:"name"`
	At       string                 `json:"at"`       // RFC 3339: the moment that it was asked of
	Audience int64                  `json:"audience"` // contacts
	Messages int64                  `json:"messages"` // that would be sent
	Passed   map[core.Reason]int64  `json:"passed"`   // contacts who would get none
	Reach    map[core.Channel]int64 `json:"reach"`    // contacts of it who have an address for a channel and want messages of the purpose there
	More     bool                   `json:"more"`     // there are more than were counted in the time that there was
	Sample   []AudienceContact      `json:"sample"`
}

// ChannelCount is how many contacts can be reached by a channel.
type ChannelCount struct {
	Channel core.Channel
	N       int64
}

// Reached are how many can be reached by each channel, in the order of the channels.
func (t BroadcastTrial) Reached() (all []ChannelCount) {
	for _, ch := range []core.Channel{core.Email, core.SMS, core.Push} {
		all = append(all, ChannelCount{ch, t.Reach[ch]})
	}
	return all
}

// apiBroadcasts lists broadcasts.
func (s *server) apiBroadcasts(w http.ResponseWriter, r *http.Request) error {
	all, err := s.backend.Broadcasts(workspaceOf(r))
	if err != nil {
		return fmt.Errorf("listing broadcasts: %w", err)
	}
	for i := range all {
		all[i] = all[i].complete()
	}
	return writeJSON(w, list(all))
}

// complete has no list that is null.
func (b BroadcastReport) complete() BroadcastReport {
	if b.Dropped == nil {
		b.Dropped = map[core.Reason]int64{}
	}
	if b.Passed == nil {
		b.Passed = map[core.Reason]int64{}
	}
	return b
}

// apiTryBroadcast says what would come of a broadcast.
func (s *server) apiTryBroadcast(w http.ResponseWriter, r *http.Request) error {
	ws, name := workspaceOf(r), core.Name(r.PathValue("name"))
	sample, err := sampleOf(r)
	if err != nil {
		return err
	}
	report, ok, err := s.backend.TryBroadcast(r.Context(), ws, name, sample)
	switch {
	case err != nil:
		return fmt.Errorf("trying broadcast %s: %w", name, err)
	case !ok:
		return noBroadcast(name, ws)
	}
	report.Sample = list(report.Sample)
	if report.Reach == nil {
		report.Reach = map[core.Channel]int64{}
	}
	return writeJSON(w, report)
}

// apiSetBroadcast says a word about a broadcast, and answers when it is in effect.
func (s *server) apiSetBroadcast(w http.ResponseWriter, r *http.Request) error {
	report, err := s.sayBroadcast(r, workspaceOf(r))
	if err != nil {
		return err
	}
	return writeJSON(w, report.complete())
}

// sayBroadcast says the word that stands in the path.
func (s *server) sayBroadcast(r *http.Request, ws core.WorkspaceName) (report BroadcastReport, err error) {
	name, verb := core.Name(r.PathValue("name")), core.BroadcastVerb(r.PathValue("verb"))
	switch verb {
	case core.TurnOn, core.TurnOff, core.PauseBroadcast, core.ResumeBroadcast:
	default:
		return report, wrongField("verb", "want on, off, pause or resume, not %q", verb)
	}
	report, ok, err := s.backend.SetBroadcast(r.Context(), ws, name, verb)
	var futile *core.InvalidError
	switch {
	case errors.As(err, &futile):
		return report, newProblem(http.StatusConflict, futile.Fields[0].Message)
	case err != nil:
		return report, fmt.Errorf("setting broadcast %s: %w", name, err)
	case !ok:
		return report, noBroadcast(name, ws)
	}
	return report, nil
}

func noBroadcast(name core.Name, ws core.WorkspaceName) error {
	return newProblem(http.StatusNotFound, fmt.Sprintf("There is no broadcast %q in workspace %q.", name, ws))
}

// broadcastsPage lists broadcasts.
type broadcastsPage struct {
	frame
	Each []workspaceBroadcasts
}

type workspaceBroadcasts struct {
	Workspace core.WorkspaceName
	All       []BroadcastReport
}

// broadcasts shows all broadcasts.
func (s *server) broadcasts(w http.ResponseWriter, r *http.Request) error {
	reports, err := s.backend.Status()
	if err != nil {
		return fmt.Errorf("reading the workspaces: %w", err)
	}
	page := broadcastsPage{frame: s.frame(r, "Broadcasts", "broadcasts")}
	for _, report := range reports {
		all, err := s.backend.Broadcasts(report.Workspace)
		if err != nil {
			return fmt.Errorf("listing broadcasts: %w", err)
		}
		page.Each = append(page.Each, workspaceBroadcasts{report.Workspace, all})
	}
	return s.render(w, http.StatusOK, "broadcasts.html", page)
}

// broadcastPage is a broadcast as people see it, with what would come of it where they asked.
type broadcastPage struct {
	frame
	Workspace core.WorkspaceName
	shownBroadcast
	Trial *BroadcastTrial
}

// shownBroadcast stands one deeper than the frame, whose title is the page's.
type shownBroadcast struct{ BroadcastReport }

// pageSample is how many of those who would get a broadcast its page shows.
const pageSample = 10

// Verbs are the words that change anything about the broadcast as it is.
func (p broadcastPage) Verbs() (all []core.BroadcastVerb) {
	a := core.Announcement{Phase: p.Phase, Paused: p.Paused}
	for _, v := range []core.BroadcastVerb{core.TurnOn, core.PauseBroadcast, core.ResumeBroadcast, core.TurnOff} {
		if v.Fits(a) {
			all = append(all, v)
		}
	}
	return all
}

// broadcast shows a broadcast.
func (s *server) broadcast(w http.ResponseWriter, r *http.Request) error {
	ws, name := core.WorkspaceName(r.PathValue("workspace")), core.Name(r.PathValue("name"))
	all, err := s.backend.Broadcasts(ws)
	if err != nil {
		return fmt.Errorf("listing broadcasts: %w", err)
	}
	i := slices.IndexFunc(all, func(b BroadcastReport) bool { return b.Name == name })
	if i < 0 {
		return noBroadcast(name, ws)
	}
	page := broadcastPage{Workspace: ws, shownBroadcast: shownBroadcast{all[i]}}
	page.frame = s.frame(r, cmp.Or(all[i].Title, string(name)), "broadcasts")
	if r.URL.Query().Get("try") != "" {
		trial, ok, err := s.backend.TryBroadcast(r.Context(), ws, name, pageSample)
		if err != nil {
			return fmt.Errorf("trying broadcast %s: %w", name, err)
		}
		if ok {
			page.Trial = &trial
		}
	}
	return s.render(w, http.StatusOK, "broadcast.html", page)
}

// setBroadcast says a word about a broadcast and shows it again.
func (s *server) setBroadcast(w http.ResponseWriter, r *http.Request) error {
	ws, name := core.WorkspaceName(r.PathValue("workspace")), core.Name(r.PathValue("name"))
	if _, err := s.sayBroadcast(r, ws); err != nil {
		return err
	}
	http.Redirect(w, r, "/broadcasts/"+string(ws)+"/"+string(name), http.StatusSeeOther)
	return nil
}
