package console

import (
	"fmt"
	"net/http"

	"restock/core"
)

// MaxTrial bounds the cases of one trial.
const MaxTrial = 1_000

// TrialRequest asks a node to run a plugin about cases, as it would run it in a journey, and to change nothing.
type TrialRequest struct {
	Module []byte      `json:"module"`           // base64 in JSON
	Config []byte      `json:"config,omitempty"` // settings as a plugin is handed them, base64 in JSON
	Cases  []TrialCase `json:"cases"`
}

// TrialCase is one call.
type TrialCase struct {
	Input []byte    `json:"input"` // as a plugin is handed it, base64 in JSON
	Now   core.Time `json:"now"`   // what its clock shows, ms since 1970
	Seed  []byte    `json:"seed"`  // of its chance, 32 bytes, base64 in JSON
}

// TrialReport is what came of a trial.
type TrialReport struct {
	Plugin  string        `json:"plugin"` // SHA-256 of the module, by which the node knows it
	Results []TrialResult `json:"results"`
}

// TrialResult is what came of one call.
type TrialResult struct {
	Output []byte `json:"output,omitempty"` // base64 in JSON
	Fuel   int64  `json:"fuel"`
	Failed string `json:"failed,omitempty"` // the reason of a failure
	Text   string `json:"text,omitempty"`   // and what happened
}

// apiTrial runs a plugin and answers what it said.
func (s *server) apiTrial(w http.ResponseWriter, r *http.Request) error {
	var body TrialRequest
	if err := readJSON(w, r, MaxApply, &body); err != nil {
		return err
	}
	if err := body.check(); err != nil {
		return err
	}
	report, err := s.backend.Try(r.Context(), body)
	if err != nil {
		return fmt.Errorf("trying a plugin: %w", err)
	}
	report.Results = list(report.Results)
	return writeJSON(w, report)
}

func (r TrialRequest) check() error {
	wrong := new(core.InvalidError)
	if len(r.Module) == 0 {
		wrong.Add("module", "give the plugin's module")
	}
	if len(r.Cases) > MaxTrial {
		wrong.Add("cases", "there are %d, the limit is %d", len(r.Cases), MaxTrial)
	}
	for i, c := range r.Cases {
		if len(c.Seed) != 32 {
			wrong.Add(fmt.Sprintf("cases.%d.seed", i), "has %d bytes, want 32", len(c.Seed))
			break
		}
	}
	return wrong.OrNil()
}
