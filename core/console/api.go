package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"

	"restock/core"
)

// healthz says that the process answers at all. It asks nobody: a node that is busy reading its journal must not be
// restarted for it.
func (s *server) healthz(w http.ResponseWriter, _ *http.Request) error {
	return writeText(w, "ok\n")
}

// readyz says whether the node can serve, so that a balancer or a script knows when to begin.
func (s *server) readyz(w http.ResponseWriter, _ *http.Request) error {
	if err := s.backend.Ready(); err != nil {
		return newProblem(http.StatusServiceUnavailable, err.Error())
	}
	return writeText(w, "ready\n")
}

// openapi needs no token: it describes the API and says nothing of this node.
func (s *server) openapi(w http.ResponseWriter, _ *http.Request) error {
	body, err := files.ReadFile("openapi.yaml")
	if err != nil {
		return fmt.Errorf("reading the API's description: %w", err)
	}
	w.Header().Set("Content-Type", "application/yaml") // RFC 9512
	_, _ = w.Write(body)
	return nil
}

// apiStatus answers with one report per workspace.
func (s *server) apiStatus(w http.ResponseWriter, _ *http.Request) error {
	all, err := s.backend.Status()
	if err != nil {
		return fmt.Errorf("reading status: %w", err)
	}
	for i := range all {
		all[i] = full(all[i])
	}
	return writeJSON(w, list(all))
}

// full turns nil lists into empty ones: JSON readers should meet arrays only.
func full(r WorkspaceReport) WorkspaceReport {
	r.Sources, r.Journeys = list(r.Sources), list(r.Journeys)
	for i := range r.Journeys {
		r.Journeys[i].Shapes = list(r.Journeys[i].Shapes)
	}
	r.Waitlists, r.Restocks = list(r.Waitlists), list(r.Restocks)
	for i := range r.Restocks {
		r.Restocks[i].Revenue = list(r.Restocks[i].Revenue)
	}
	r.Gates = list(r.Gates)
	if r.Dropped == nil {
		r.Dropped = map[core.Reason]int{}
	}
	if r.Intents == nil {
		r.Intents = map[string]int{}
	}
	return r
}

// list is s, never nil: it becomes [] in JSON, not null.
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// apiInbox answers with messages, newest first. A limit out of range is refused rather than cut down: whoever asks for
// 5000 and gets 1000 would take those for all there are.
func (s *server) apiInbox(w http.ResponseWriter, r *http.Request) error {
	limit := usualInbox
	if text := r.URL.Query().Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > MaxInbox {
			return wrongField("limit", "want a whole number from 1 to %d", MaxInbox)
		}
		limit = n
	}
	all, err := s.backend.Inbox(limit)
	if err != nil {
		return fmt.Errorf("reading inbox: %w", err)
	}
	return writeJSON(w, list(all))
}

// apiWhy answers with a contact's story. Addresses stand in the query, which is why the console logs paths only.
func (s *server) apiWhy(w http.ResponseWriter, r *http.Request) error {
	q := readQuestion(r)
	if q.Contact == "" {
		return wrongField("contact", "give the contact's e-mail address or phone number")
	}
	report, ok, err := s.backend.Why(q.Workspace, q.Contact, q.Variant)
	if err != nil {
		return fmt.Errorf("explaining: %w", err)
	}
	if !ok {
		return newProblem(http.StatusNotFound, "Nobody with this address is known in workspace "+string(q.Workspace)+".")
	}
	report.Entries = list(report.Entries)
	for i := range report.Entries {
		report.Entries[i].Lines = list(report.Entries[i].Lines)
	}
	return writeJSON(w, report)
}

// listedJourney is a journey together with the workspace it lives in.
type listedJourney struct {
	Workspace core.WorkspaceName `json:"workspace"`
	JourneyReport
}

// apiJourneys answers with the journeys and playbooks of all workspaces, or of the one that is named.
func (s *server) apiJourneys(w http.ResponseWriter, r *http.Request) error {
	reports, err := s.backend.Status()
	if err != nil {
		return fmt.Errorf("reading journeys: %w", err)
	}
	only := core.WorkspaceName(r.URL.Query().Get("workspace"))
	all := []listedJourney{}
	for _, report := range reports {
		if only != "" && only != report.Workspace {
			continue
		}
		for _, j := range report.Journeys {
			j.Shapes = list(j.Shapes)
			all = append(all, listedJourney{report.Workspace, j})
		}
	}
	return writeJSON(w, all)
}

// journeyState is a journey or playbook after it was turned on or off.
type journeyState struct {
	Workspace core.WorkspaceName `json:"workspace"`
	Name      core.Name          `json:"name"`
	State     string             `json:"state"` // on, off
}

// apiSetJourney answers when the change is in effect.
func (s *server) apiSetJourney(w http.ResponseWriter, r *http.Request) error {
	state, err := s.setJourney(r, workspaceOf(r))
	if err != nil {
		return err
	}
	return writeJSON(w, state)
}

// setJourney turns the journey that the path names on or off.
func (s *server) setJourney(r *http.Request, ws core.WorkspaceName) (journeyState, error) {
	j := journeyState{Workspace: ws, Name: core.Name(r.PathValue("name")), State: r.PathValue("state")}
	if j.State != "on" && j.State != "off" {
		return j, wrongField("state", "want on or off, not %q", j.State)
	}
	ok, err := s.backend.SetJourney(r.Context(), j.Workspace, j.Name, j.State == "on")
	if err != nil {
		return j, fmt.Errorf("turning %s %s: %w", j.Name, j.State, err)
	}
	if !ok {
		return j, newProblem(http.StatusNotFound, fmt.Sprintf("There is no journey or playbook %q in workspace %q.", j.Name, j.Workspace))
	}
	return j, nil
}

// released is what was said of what a source's readings hold.
type released struct {
	Workspace core.WorkspaceName `json:"workspace"`
	Source    core.SourceName    `json:"source"`
	Verb      string             `json:"verb"` // approve, drop
}

// apiRelease approves or drops what is held of a source's readings.
func (s *server) apiRelease(w http.ResponseWriter, r *http.Request) error {
	what := released{workspaceOf(r), core.SourceName(r.PathValue("source")), r.PathValue("verb")}
	if what.Verb != "approve" && what.Verb != "drop" {
		return wrongField("verb", "want approve or drop, not %q", what.Verb)
	}
	ok, err := s.backend.Release(r.Context(), what.Workspace, what.Source, what.Verb == "drop")
	if err != nil {
		return fmt.Errorf("releasing what is held of %s: %w", what.Source, err)
	}
	if !ok {
		return newProblem(http.StatusNotFound, fmt.Sprintf("Nothing is held of a source %q in workspace %q.", what.Source, what.Workspace))
	}
	return writeJSON(w, what)
}

// wanted is a reading that was asked for.
type wanted struct {
	Workspace core.WorkspaceName `json:"workspace"`
	Source    core.SourceName    `json:"source"`
	All       bool               `json:"all"`
}

// apiReadNow has a source read at once.
func (s *server) apiReadNow(w http.ResponseWriter, r *http.Request) error {
	what := wanted{Workspace: workspaceOf(r), Source: core.SourceName(r.PathValue("source"))}
	switch all := r.URL.Query().Get("all"); all {
	case "", "false":
	case "true":
		what.All = true
	default:
		return wrongField("all", "want true or false, not %q", all)
	}
	ok, err := s.backend.ReadNow(r.Context(), what.Workspace, what.Source, what.All)
	if err != nil {
		return fmt.Errorf("having %s read: %w", what.Source, err)
	}
	if !ok {
		return newProblem(http.StatusNotFound, fmt.Sprintf("There is no source %q with an api or a feed in workspace %q.", what.Source, what.Workspace))
	}
	return writeJSON(w, what)
}

// apiLinkKeys lists the keys that links are sealed with.
func (s *server) apiLinkKeys(w http.ResponseWriter, r *http.Request) error {
	all, err := s.backend.LinkKeys(r.Context())
	if err != nil {
		return fmt.Errorf("listing link keys: %w", err)
	}
	return writeJSON(w, list(all))
}

// apiRotateLinks makes a new key for links.
func (s *server) apiRotateLinks(w http.ResponseWriter, r *http.Request) error {
	drop := r.URL.Query().Get("drop")
	if drop != "" && drop != "true" && drop != "false" {
		return wrongField("drop", "want true or false, not %q", drop)
	}
	all, err := s.backend.RotateLinks(r.Context(), drop == "true")
	if err != nil {
		return fmt.Errorf("rotating link keys: %w", err)
	}
	return writeJSON(w, list(all))
}

// workspaceOf is the workspace that the query names.
func workspaceOf(r *http.Request) core.WorkspaceName {
	if name := r.URL.Query().Get("workspace"); name != "" {
		return core.WorkspaceName(name)
	}
	return usualWorkspace
}

// applyBody is what POST /api/v1/apply takes.
type applyBody struct {
	Files []File `json:"files"`
}

// apiApply hands the files over as they are; only the Backend knows what they mean.
func (s *server) apiApply(w http.ResponseWriter, r *http.Request) error {
	var body applyBody
	if err := readJSON(w, r, MaxApply, &body); err != nil {
		return err
	}
	if err := body.check(); err != nil {
		return err
	}
	report, err := s.backend.Apply(r.Context(), body.Files)
	if err != nil {
		return fmt.Errorf("applying: %w", err)
	}
	return writeJSON(w, report)
}

// check refuses what no Backend could make sense of: no files, and files whose names cannot tell them apart.
func (b applyBody) check() error {
	wrong := new(core.InvalidError)
	if len(b.Files) == 0 {
		wrong.Add("files", "give at least one file")
	}
	seen := map[string]bool{}
	for i, f := range b.Files {
		field := fmt.Sprintf("files.%d.name", i)
		switch {
		case f.Name == "":
			wrong.Add(field, "give the file a name; errors and plugins refer to it")
		case seen[f.Name]:
			wrong.Add(field, "%q stands twice; names must differ", f.Name)
		}
		seen[f.Name] = true
	}
	return wrong.OrNil()
}

// readJSON reads one JSON value of at most limit bytes, without unknown fields and with nothing behind it: a misspelt
// field would otherwise be a file that is silently not applied. The content type must say JSON, which a form of another
// site cannot.
func readJSON(w http.ResponseWriter, r *http.Request, limit int64, into any) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return newProblem(http.StatusUnsupportedMediaType, "Send the body as Content-Type: application/json.")
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, limit))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return badJSON(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return badJSON(errors.New("something stands behind the JSON value"))
	}
	return nil
}

// badJSON is the answer to a body that cannot be read; being too large has an answer of its own.
func badJSON(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return err
	}
	return newProblem(http.StatusBadRequest, "The body is not the JSON that is wanted here: "+err.Error())
}

// writeJSON writes v, or nothing at all when it cannot be written as JSON.
func writeJSON(w http.ResponseWriter, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(append(body, '\n'))
	return nil
}

func writeText(w http.ResponseWriter, text string) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, text)
	return nil
}
