package console

import (
	"errors"
	"fmt"
	"net/http"

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
	Name     core.Name             `json:"name"`
	At       string                `json:"at"`       // RFC 3339: the moment that it was asked of
	Audience int64                 `json:"audience"` // contacts
	Messages int64                 `json:"messages"` // that would be sent
	Passed   map[core.Reason]int64 `json:"passed"`   // contacts who would get none
	More     bool                  `json:"more"`     // there are more than were counted in the time that there was
	Sample   []AudienceContact     `json:"sample"`
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
	return writeJSON(w, report)
}

// apiSetBroadcast says a word about a broadcast, and answers when it is in effect.
func (s *server) apiSetBroadcast(w http.ResponseWriter, r *http.Request) error {
	ws, name, verb := workspaceOf(r), core.Name(r.PathValue("name")), core.BroadcastVerb(r.PathValue("verb"))
	switch verb {
	case core.TurnOn, core.TurnOff, core.PauseBroadcast, core.ResumeBroadcast:
	default:
		return wrongField("verb", "want on, off, pause or resume, not %q", verb)
	}
	report, ok, err := s.backend.SetBroadcast(r.Context(), ws, name, verb)
	var futile *core.InvalidError
	switch {
	case errors.As(err, &futile):
		return newProblem(http.StatusConflict, futile.Fields[0].Message)
	case err != nil:
		return fmt.Errorf("setting broadcast %s: %w", name, err)
	case !ok:
		return noBroadcast(name, ws)
	}
	return writeJSON(w, report.complete())
}

func noBroadcast(name core.Name, ws core.WorkspaceName) error {
	return newProblem(http.StatusNotFound, fmt.Sprintf("There is no broadcast %q in workspace %q.", name, ws))
}
