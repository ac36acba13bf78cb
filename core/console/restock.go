package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"restock/core"
)

// Bounds of what is asked of a restock.
const (
	maxNext   = 1000      // of those who are told next
	pageNext  = 25        // that its page shows
	maxWaveOf = 1_000_000 // contacts that an operator may have told at once
)

// verbs are the words of operators as paths have them.
func verbs() map[string]core.Word {
	return map[string]core.Word{"pause": core.WordPaused, "resume": core.WordGo, "stop": core.WordStopped, "now": core.WordNext}
}

// apiRestock answers with a restock, its waves, and who is told next.
func (s *server) apiRestock(w http.ResponseWriter, r *http.Request) error {
	next, err := number(r, "next", 0, maxNext)
	if err != nil {
		return err
	}
	d, err := s.restockOf(r, workspaceOf(r), int(next))
	if err != nil {
		return err
	}
	return writeJSON(w, d)
}

// number reads a whole number from the query.
func number(r *http.Request, field string, least, most int64) (int64, error) {
	return wholeNumber(field, r.URL.Query().Get(field), least, most)
}

// wholeNumber reads a whole number; nothing said is 0.
func wholeNumber(field, text string, least, most int64) (int64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < least || n > most {
		return 0, wrongField(field, "want a whole number from %d to %d", least, most)
	}
	return n, nil
}

func (s *server) restockOf(r *http.Request, ws core.WorkspaceName, next int) (RestockDetail, error) {
	id, err := core.ParseID(r.PathValue("id"))
	if err != nil {
		return RestockDetail{}, wrongField("id", "want the 32 hexadecimal digits of a restock, as its list shows them")
	}
	d, ok, err := s.backend.Restock(ws, core.RestockID(id), next)
	if err == nil && !ok {
		err = noRestock(id, ws)
	}
	d.Each = list(d.Each)
	return d, err
}

func noRestock(id core.ID, ws core.WorkspaceName) error {
	return newProblem(http.StatusNotFound, fmt.Sprintf("There is no restock %s in workspace %q.", id, ws))
}

// apiSteer says a word about a restock, and answers when it is in effect.
func (s *server) apiSteer(w http.ResponseWriter, r *http.Request) error {
	size, err := number(r, "size", 1, maxWaveOf)
	if err != nil {
		return err
	}
	d, err := s.steer(r.Context(), workspaceOf(r), r.PathValue("id"), r.PathValue("verb"), size)
	if err != nil {
		return err
	}
	return writeJSON(w, d)
}

func (s *server) steer(ctx context.Context, ws core.WorkspaceName, raw, verb string, size int64) (RestockDetail, error) {
	word, ok := verbs()[verb]
	if !ok {
		return RestockDetail{}, wrongField("verb", "want pause, resume, now or stop, not %q", verb)
	}
	id, err := core.ParseID(raw)
	if err != nil {
		return RestockDetail{}, wrongField("id", "want the 32 hexadecimal digits of a restock, as its list shows them")
	}
	if size > 0 && word != core.WordNext {
		return RestockDetail{}, wrongField("size", "goes with now alone")
	}
	d, ok, err := s.backend.Steer(ctx, ws, core.RestockID(id), word, size)
	var futile *core.InvalidError
	switch {
	case errors.As(err, &futile):
		return d, newProblem(http.StatusConflict, futile.Fields[0].Message)
	case err != nil:
		return d, fmt.Errorf("steering restock %s: %w", id, err)
	case !ok:
		return d, noRestock(id, ws)
	}
	d.Each = list(d.Each)
	return d, nil
}

// restockPage is a restock as people see it.
type restockPage struct {
	frame
	Workspace core.WorkspaceName
	RestockDetail
}

// Over says whether there is nothing to say about the restock any more.
func (p restockPage) Over() bool {
	return p.At == core.RestockClosed || p.Waves != nil && p.Waves.Word == string(core.WordStopped)
}

// Scored says whether a plugin orders who is told.
func (p restockPage) Scored() bool { return len(p.Next) > 0 && p.Next[0].Score != nil }

// Paused says whether an operator paused it.
func (p restockPage) Paused() bool { return p.Waves != nil && p.Waves.Word == string(core.WordPaused) }

// restock shows a restock.
func (s *server) restock(w http.ResponseWriter, r *http.Request) error {
	ws := core.WorkspaceName(r.PathValue("workspace"))
	d, err := s.restockOf(r, ws, pageNext)
	if err != nil {
		return err
	}
	return s.render(w, http.StatusOK, "restock.html", restockPage{s.frame(r, "Restock of "+d.Title, ""), ws, d})
}

// steerRestock says a word about a restock and shows it again.
func (s *server) steerRestock(w http.ResponseWriter, r *http.Request) error {
	ws, id := core.WorkspaceName(r.PathValue("workspace")), r.PathValue("id")
	size, err := wholeNumber("size", r.PostFormValue("size"), 1, maxWaveOf)
	if err != nil {
		return err
	}
	if _, err := s.steer(r.Context(), ws, id, r.PathValue("verb"), size); err != nil {
		return err
	}
	http.Redirect(w, r, "/restocks/"+string(ws)+"/"+id, http.StatusSeeOther)
	return nil
}
