package console

import (
	"context"
	"fmt"
	"net/http"

	"restock/core"
)

// JourneyDetail is a journey or playbook, shape by shape.
type JourneyDetail struct {
	JourneyReport
	Version    int64          `json:"version"`         // counted from 1 on
	Definition string         `json:"definition"`      // its hash
	Where      string         `json:"where"`           // who enters, in words
	Rules      []string       `json:"rules,omitempty"` // how often contacts enter and when they leave, in words
	Entered    int64          `json:"entered"`         // runs so far
	Inside     int64          `json:"inside"`          // that are not over
	Ended      []EndingReport `json:"ended"`           // that are, by reason
	Each       []ShapeReport  `json:"each"`            // shape, in the order they were written
}

// Has says whether the journey has a shape of that name.
func (d JourneyDetail) Has(shape string) bool {
	for _, s := range d.Each {
		if s.Name == shape {
			return true
		}
	}
	return false
}

// EndingReport is how many runs ended for a reason.
type EndingReport struct {
	Reason string `json:"reason"` // a core.Reason
	Runs   int64  `json:"runs"`
}

// ShapeReport is a shape, and how many contacts came and stand there.
type ShapeReport struct {
	Name     string         `json:"name"`
	Kind     core.ShapeKind `json:"kind"`
	Does     string         `json:"does"`               // in words
	Controls []string       `json:"controls,omitempty"` // what holds contacts up there, in words
	Paths    []PathReport   `json:"paths,omitempty"`
	Came     int64          `json:"came"`
	Standing int64          `json:"standing"`
	Paused   bool           `json:"paused"`
}

// PathReport is where a shape leads.
type PathReport struct {
	Label string `json:"label,omitempty"` // yes, no, a split's share, a plugin's branch; "": it has no name
	To    string `json:"to"`              // a shape's name, or exit
}

// shapeWords are the words of operators as paths have them.
func shapeWords() map[string]core.ShapeWord {
	return map[string]core.ShapeWord{"pause": core.ShapePause, "resume": core.ShapeResume, "move": core.ShapeMove}
}

// apiJourney answers with a journey, shape by shape.
func (s *server) apiJourney(w http.ResponseWriter, r *http.Request) error {
	d, err := s.journeyOf(workspaceOf(r), core.Name(r.PathValue("name")))
	if err != nil {
		return err
	}
	return writeJSON(w, d)
}

func (s *server) journeyOf(ws core.WorkspaceName, name core.Name) (JourneyDetail, error) {
	d, ok, err := s.backend.Journey(ws, name)
	switch {
	case err != nil:
		return d, fmt.Errorf("reading journey %s: %w", name, err)
	case !ok:
		return d, newProblem(http.StatusNotFound, fmt.Sprintf("There is no journey or playbook %q in workspace %q.", name, ws))
	}
	return d.whole(), nil
}

// whole writes lists that are empty as such.
func (d JourneyDetail) whole() JourneyDetail {
	d.Shapes, d.Ended, d.Each = list(d.Shapes), list(d.Ended), list(d.Each)
	return d
}

// apiDirect says a word about a shape, and answers when it is in effect.
func (s *server) apiDirect(w http.ResponseWriter, r *http.Request) error {
	d, err := s.direct(r.Context(), workspaceOf(r), r)
	if err != nil {
		return err
	}
	return writeJSON(w, d)
}

func (s *server) direct(ctx context.Context, ws core.WorkspaceName, r *http.Request) (JourneyDetail, error) {
	name, shape, verb := core.Name(r.PathValue("name")), r.PathValue("shape"), r.PathValue("verb")
	word, ok := shapeWords()[verb]
	if !ok {
		return JourneyDetail{}, wrongField("verb", "want pause, resume or move, not %q", verb)
	}
	d, ok, err := s.backend.Direct(ctx, ws, name, shape, word)
	switch {
	case err != nil:
		return d, fmt.Errorf("directing shape %s of journey %s: %w", shape, name, err)
	case !ok:
		return d, newProblem(http.StatusNotFound, fmt.Sprintf("There is no shape %q of a journey %q in workspace %q.", shape, name, ws))
	}
	return d.whole(), nil
}

// journeyPage is a journey as people see it.
type journeyPage struct {
	frame
	Workspace core.WorkspaceName
	JourneyDetail
}

// journey shows a journey.
func (s *server) journey(w http.ResponseWriter, r *http.Request) error {
	ws := core.WorkspaceName(r.PathValue("workspace"))
	d, err := s.journeyOf(ws, core.Name(r.PathValue("name")))
	if err != nil {
		return err
	}
	title := d.Title
	if title == "" {
		title = string(d.Name)
	}
	return s.render(w, http.StatusOK, "journey.html", journeyPage{s.frame(r, title, ""), ws, d})
}

// directJourney says a word about a shape and shows the journey again.
func (s *server) directJourney(w http.ResponseWriter, r *http.Request) error {
	ws, name := core.WorkspaceName(r.PathValue("workspace")), r.PathValue("name")
	if _, err := s.direct(r.Context(), ws, r); err != nil {
		return err
	}
	http.Redirect(w, r, "/journeys/"+string(ws)+"/"+name+"#shape-"+r.PathValue("shape"), http.StatusSeeOther)
	return nil
}
