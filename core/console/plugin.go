package console

import (
	"fmt"
	"net/http"
	"reflect"

	"restock/core"
)

// PluginReport is a plugin with its versions.
type PluginReport struct {
	Name     core.Name            `json:"name"`
	Kind     string               `json:"kind"` // condition, step
	Asked    []string             `json:"asked_by"`
	Versions []PluginVersionEntry `json:"versions"` // the one in use, then those before it, the last first
}

// PluginVersionEntry is a version of a plugin: a module.
type PluginVersionEntry struct {
	Hash    string `json:"hash"`    // SHA-256, 64 hexadecimal digits
	Version string `json:"version"` // as its manifest says
	Size    int    `json:"size"`    // bytes
	Since   string `json:"since"`   // RFC 3339: when it came into use for the last time; "" where that is not known
}

// ShadowRequest asks what another version of a plugin would have answered about the last contacts that it was asked about.
type ShadowRequest struct {
	Module []byte `json:"module,omitempty"` // the other version, base64 in JSON; or
	Hash   string `json:"hash,omitempty"`   // one that was in use before
	Last   int    `json:"last,omitempty"`   // contacts at most; 0: usualShadow
}

// ShadowReport is what two versions of a plugin answer about the same contacts. Nothing comes of either's answers.
type ShadowReport struct {
	Plugin   core.Name `json:"plugin"`
	Old      string    `json:"old"`      // hash of the version in use
	New      string    `json:"new"`      // hash of the other
	Asked    int       `json:"asked"`    // contacts at shapes
	Same     int       `json:"same"`     // of them, in everything
	Reworded int       `json:"reworded"` // of them, in everything but the reason
	Differ   int       `json:"differ"`   // of them, in more
	More     bool      `json:"more"`     // there may be older ones, that there was no time to look for

	OldFails int   `json:"old_fails"` // answers that were none
	NewFails int   `json:"new_fails"`
	OldFuel  int64 `json:"old_fuel"` // the most that one answer took, units
	NewFuel  int64 `json:"new_fuel"`

	Places      []ShadowPlace      `json:"places"`
	Differences []ShadowDifference `json:"differences"` // the newest first, at most MaxDifferences; those of words last
}

// ShadowPlace is a shape that asks the plugin.
type ShadowPlace struct {
	Journey core.Name `json:"journey"`
	Shape   string    `json:"shape"`
	Asked   int       `json:"asked"`
	Differ  int       `json:"differ"`
}

// ShadowDifference is a contact about whom two versions answer otherwise.
type ShadowDifference struct {
	Run     string       `json:"run"`     // its id
	Contact string       `json:"contact"` // its id
	Address string       `json:"address"` // masked
	Journey core.Name    `json:"journey"`
	Shape   string       `json:"shape"`
	At      string       `json:"at"` // RFC 3339: when the plugin was asked
	Old     PluginAnswer `json:"old"`
	New     PluginAnswer `json:"new"`
}

// PluginAnswer is what a plugin said, as the author's kit writes it into fixtures.
type PluginAnswer struct {
	Pass   *bool          `json:"pass,omitempty"`   // of a condition
	Score  *int64         `json:"score,omitempty"`  // of a condition
	Action string         `json:"action,omitempty"` // of a step, as what follows
	For    int64          `json:"for,omitempty"`    // ms
	Branch string         `json:"branch,omitempty"`
	Vars   map[string]any `json:"vars,omitempty"`
	Tags   []string       `json:"tags,omitempty"`
	Reason string         `json:"reason,omitempty"`
	Fails  string         `json:"fails,omitempty"` // why there is no answer
	Fuel   int64          `json:"fuel"`
}

// Same says whether two answers are the same but for fuel; reworded, whether they are but for the reason.
func (a PluginAnswer) Same(b PluginAnswer) (same, reworded bool) {
	a.Fuel, b.Fuel = 0, 0
	same = reflect.DeepEqual(a, b)
	a.Reason, b.Reason = "", ""
	return same, !same && reflect.DeepEqual(a, b)
}

// ReplayRequest asks what a run met where it asked a plugin.
type ReplayRequest struct {
	Module []byte `json:"module"` // whose reads are wanted, base64 in JSON
	Run    string `json:"run"`    // its id
}

// ReplayReport is what a run met, in order: what the module reads, and nothing else of the contact.
type ReplayReport struct {
	Contact string       `json:"contact"` // its id
	Cases   []ReplayCase `json:"cases"`
}

// ReplayCase is one question.
type ReplayCase struct {
	Journey core.Name   `json:"journey"`
	Shape   string      `json:"shape"`
	Now     core.Time   `json:"now"`              // when it was asked, ms since 1970
	Reason  core.Reason `json:"reason"`           // what came of it
	Detail  string      `json:"detail,omitempty"` // and the plugin's own words
	Config  []byte      `json:"config,omitempty"` // the shape's settings as msgpack, base64 in JSON
	Input   []byte      `json:"input"`            // as the module would be handed it, base64 in JSON
}

// Bounds of a shadow run.
const (
	usualShadow    = 1_000
	MaxShadow      = 10_000
	MaxDifferences = 100
)

// apiPlugins answers with a workspace's plugins.
func (s *server) apiPlugins(w http.ResponseWriter, r *http.Request) error {
	all, err := s.backend.Plugins(r.Context(), workspaceOf(r))
	if err != nil {
		return fmt.Errorf("reading plugins: %w", err)
	}
	for i := range all {
		all[i].Asked, all[i].Versions = list(all[i].Asked), list(all[i].Versions)
	}
	return writeJSON(w, list(all))
}

// apiShadow compares a version of a plugin with the one in use.
func (s *server) apiShadow(w http.ResponseWriter, r *http.Request) error {
	var body ShadowRequest
	if err := readJSON(w, r, MaxApply, &body); err != nil {
		return err
	}
	if (len(body.Module) == 0) == (body.Hash == "") {
		return wrongField("module", "give a module, or the hash of a version that was in use")
	}
	if body.Last == 0 {
		body.Last = usualShadow
	}
	if body.Last < 1 || body.Last > MaxShadow {
		return wrongField("last", "want a whole number from 1 to %d", MaxShadow)
	}
	ws, name := workspaceOf(r), core.Name(r.PathValue("name"))
	report, ok, err := s.backend.Shadow(r.Context(), ws, name, body)
	if err != nil {
		return fmt.Errorf("comparing versions of plugin %s: %w", name, err)
	}
	if !ok {
		return noPlugin(ws, name)
	}
	report.Places, report.Differences = list(report.Places), list(report.Differences)
	return writeJSON(w, report)
}

// apiReplay answers with what a run met where it asked a plugin.
func (s *server) apiReplay(w http.ResponseWriter, r *http.Request) error {
	var body ReplayRequest
	if err := readJSON(w, r, MaxApply, &body); err != nil {
		return err
	}
	id, err := core.ParseID(body.Run)
	if err != nil {
		return wrongField("run", "%q is no id of a run; shadow and a contact's export name them, by 32 hexadecimal digits", body.Run)
	}
	if len(body.Module) == 0 {
		return wrongField("module", "give the plugin's module")
	}
	ws, name := workspaceOf(r), core.Name(r.PathValue("name"))
	report, ok, err := s.backend.Replay(r.Context(), ws, name, core.RunID(id), body.Module)
	if err != nil {
		return fmt.Errorf("replaying run %s: %w", body.Run, err)
	}
	if !ok {
		return newProblem(http.StatusNotFound, fmt.Sprintf("There is no run %s in workspace %q; what a contact's erasure or its age took away cannot be replayed.", body.Run, ws))
	}
	report.Cases = list(report.Cases)
	return writeJSON(w, report)
}

func noPlugin(ws core.WorkspaceName, name core.Name) error {
	return newProblem(http.StatusNotFound, fmt.Sprintf("There is no plugin %q in workspace %q.", name, ws))
}
