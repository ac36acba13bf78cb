package console

import (
	"fmt"
	"net/http"
	"strconv"

	"restock/core"
)

// AudienceReport is a saved filter and who it holds for.
type AudienceReport struct {
	Workspace core.WorkspaceName `json:"workspace"`
	Name      core.Name          `json:"name"`
	Title     string             `json:"title"`
	Where     string             `json:"where"` // in words
	Zone      string             `json:"zone"`  // whose days it counts
	At        string             `json:"at"`    // RFC 3339: the moment that it was asked of
	Count     int64              `json:"count"`
	More      bool               `json:"more"` // there are more than were counted in the time that there was
	Sample    []AudienceContact  `json:"sample"`
}

// AudienceContact is one of an audience.
type AudienceContact struct {
	Contact string `json:"contact"` // its id
	Address string `json:"address"` // masked
}

// Bounds of a sample.
const (
	usualSample = 10
	MaxSample   = 1000
)

// apiAudience counts an audience and shows some of it.
func (s *server) apiAudience(w http.ResponseWriter, r *http.Request) error {
	ws, name := workspaceOf(r), core.Name(r.PathValue("name"))
	sample, err := sampleOf(r)
	if err != nil {
		return err
	}
	report, ok, err := s.backend.Audience(r.Context(), ws, name, sample)
	if err != nil {
		return fmt.Errorf("asking audience %s: %w", name, err)
	}
	if !ok {
		return newProblem(http.StatusNotFound, fmt.Sprintf("There is no audience %q in workspace %q.", name, ws))
	}
	report.Sample = list(report.Sample)
	return writeJSON(w, report)
}

// sampleOf is how many contacts a request wants to be shown.
func sampleOf(r *http.Request) (int, error) {
	text := r.URL.Query().Get("sample")
	if text == "" {
		return usualSample, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > MaxSample {
		return 0, wrongField("sample", "want a whole number from 0 to %d", MaxSample)
	}
	return n, nil
}
