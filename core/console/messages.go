package console

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"restock/core"
)

// Bounds of what is asked of messages.
const (
	MaxMessages   = 1000
	usualMessages = 100
	pageMessages  = 200
)

// MessageQuery says which messages.
type MessageQuery struct {
	At     core.IntentAt // dropped, unknown, held or due
	Reason core.Reason   // "": any
	Until  core.Time     // made no later; 0: any
	Limit  int           // 1 to MaxMessages
}

// MessageReport is a line of the send ledger.
type MessageReport struct {
	Key       string            `json:"key"`
	At        core.IntentAt     `json:"at"`
	Reason    core.Reason       `json:"reason,omitempty"`
	Detail    string            `json:"detail,omitempty"` // the provider's or a plugin's own words
	Contact   string            `json:"contact"`          // its id; "": the merchant
	Address   string            `json:"address"`          // masked
	Channel   core.Channel      `json:"channel"`
	Purpose   core.Purpose      `json:"purpose,omitempty"`
	Journey   core.Name         `json:"journey"`
	Broadcast core.Name         `json:"broadcast,omitempty"` // instead of a journey
	Shape     string            `json:"shape"`
	Sender    core.Name         `json:"sender"`
	Activity  core.ActivityKind `json:"activity,omitempty"`
	Title     string            `json:"title,omitempty"` // what it is about
	Attempts  int               `json:"attempts,omitempty"`
	MadeAt    string            `json:"made_at"`          // RFC 3339, as all times here
	DueAt     string            `json:"due_at,omitempty"` // of one that is due: when it comes to the gates
	EndedAt   string            `json:"ended_at,omitempty"`
	Receipt   string            `json:"receipt,omitempty"` // the provider's id
	Became    core.FeedbackKind `json:"became,omitempty"`  // what the provider told last
	Clicks    int64             `json:"clicks,omitempty"`
	ClickedAt string            `json:"clicked_at,omitempty"` // the first time
	Again     string            `json:"again,omitempty"`      // the message that this one sends again
	Resent    string            `json:"resent,omitempty"`     // the message by which this one was sent again
}

// MayResend says whether an operator may have it sent again.
func (m MessageReport) MayResend() bool {
	return (m.At == core.IntentDropped || m.At == core.IntentUnknown) && m.Resent == ""
}

// From names what made it: a journey's shape, or a broadcast.
func (m MessageReport) From() string {
	if m.Broadcast != "" {
		return string(m.Broadcast)
	}
	return string(m.Journey) + "/" + m.Shape
}

// listed are where messages that can be listed stand.
func listed() []core.IntentAt {
	return []core.IntentAt{core.IntentDropped, core.IntentUnknown, core.IntentHeld, core.IntentDue}
}

func messageQuery(q url.Values) (m MessageQuery, err error) {
	m = MessageQuery{At: core.IntentAt(q.Get("at")), Reason: core.Reason(q.Get("reason")), Limit: usualMessages}
	if m.At == "" {
		m.At = core.IntentDropped
	}
	if !slices.Contains(listed(), m.At) {
		return m, wrongField("at", "want dropped, unknown, held or due, not %q", m.At)
	}
	return m, nil
}

// apiMessages lists messages.
func (s *server) apiMessages(w http.ResponseWriter, r *http.Request) error {
	q, err := messageQuery(r.URL.Query())
	if err != nil {
		return err
	}
	limit, err := number(r, "limit", 1, MaxMessages)
	if err != nil {
		return err
	}
	if limit > 0 {
		q.Limit = int(limit)
	}
	all, err := s.backend.Messages(workspaceOf(r), q)
	if err != nil {
		return fmt.Errorf("reading messages: %w", err)
	}
	return writeJSON(w, list(all))
}

func (s *server) messageOf(r *http.Request, ws core.WorkspaceName) (m MessageReport, key core.LedgerKey, err error) {
	id, err := core.ParseID(r.PathValue("key"))
	if err != nil {
		return m, key, wrongField("key", "want the 32 hexadecimal digits of a message, as its list shows them")
	}
	key = core.LedgerKey(id)
	m, ok, err := s.backend.Message(ws, key)
	if err == nil && !ok {
		err = newProblem(http.StatusNotFound, fmt.Sprintf("There is no message %s in workspace %q.", id, ws))
	}
	return m, key, err
}

// apiMessage shows one message.
func (s *server) apiMessage(w http.ResponseWriter, r *http.Request) error {
	m, _, err := s.messageOf(r, workspaceOf(r))
	if err != nil {
		return err
	}
	return writeJSON(w, m)
}

// apiResend has one message sent again, and answers with it as it stands then.
func (s *server) apiResend(w http.ResponseWriter, r *http.Request) error {
	ws := workspaceOf(r)
	m, key, err := s.messageOf(r, ws)
	if err != nil {
		return err
	}
	n := 0
	if m.MayResend() {
		if n, err = s.backend.Resend(r.Context(), ws, []core.LedgerKey{key}); err != nil {
			return fmt.Errorf("sending message %s again: %w", m.Key, err)
		}
	}
	if n == 0 {
		return newProblem(http.StatusConflict, fmt.Sprintf("The message is %s%s; only what was dropped, or nobody knows of, is sent again, once.", m.At, resentAs(m)))
	}
	if m, _, err = s.messageOf(r, ws); err != nil {
		return err
	}
	return writeJSON(w, m)
}

func resentAs(m MessageReport) string {
	if m.Resent == "" {
		return ""
	}
	return ", and was sent again as " + m.Resent
}

// resent is how many messages are sent again. Until goes with the next call that means the same: what is sent again may be dropped again,
// and must not go round for ever.
type resent struct {
	Resent int    `json:"resent"`
	Until  string `json:"until"`
}

// apiResendAll has all messages of a kind sent again.
func (s *server) apiResendAll(w http.ResponseWriter, r *http.Request) error {
	form := r.URL.Query()
	if form.Get("until") == "" {
		form.Set("until", core.TimeOf(s.sessions.now()).String())
	}
	n, err := s.resendAll(r, workspaceOf(r), form)
	if err != nil {
		return err
	}
	return writeJSON(w, resent{n, form.Get("until")})
}

// resendAll needs a reason where messages were dropped: nobody means those that somebody unsubscribed from as well.
func (s *server) resendAll(r *http.Request, ws core.WorkspaceName, form url.Values) (n int, err error) {
	q, err := messageQuery(form)
	if err != nil {
		return 0, err
	}
	if q.At != core.IntentUnknown && (q.At != core.IntentDropped || q.Reason == "") {
		return 0, wrongField("reason", "say at=unknown, or at=dropped and the reason for which those were dropped that shall be sent again")
	}
	if text := form.Get("until"); text != "" {
		until, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return 0, wrongField("until", "want a time of RFC 3339, as the answer before had it")
		}
		q.Until = core.TimeOf(until)
	}
	q.Limit = MaxMessages
	all, err := s.backend.Messages(ws, q)
	if err != nil {
		return 0, fmt.Errorf("reading messages: %w", err)
	}
	keys := make([]core.LedgerKey, 0, len(all))
	for _, m := range all {
		if id, err := core.ParseID(m.Key); err == nil && m.MayResend() {
			keys = append(keys, core.LedgerKey(id))
		}
	}
	if len(keys) == 0 {
		return 0, nil
	}
	if n, err = s.backend.Resend(r.Context(), ws, keys); err != nil {
		return n, fmt.Errorf("sending messages again: %w", err)
	}
	return n, nil
}

// messagesPage is what did not go out, and of what nobody knows.
type messagesPage struct {
	frame
	Reports []WorkspaceReport
	Shown   WorkspaceReport
	Query   MessageQuery
	All     []MessageReport
	Listed  []core.IntentAt
}

// MayResendAll says whether all that is shown can be sent again at once.
func (p messagesPage) MayResendAll() bool {
	return len(p.All) > 0 && (p.Query.At == core.IntentUnknown || p.Query.At == core.IntentDropped && p.Query.Reason != "")
}

// messages shows what did not go out.
func (s *server) messages(w http.ResponseWriter, r *http.Request) error {
	q, err := messageQuery(r.URL.Query())
	if err != nil {
		return err
	}
	q.Limit = pageMessages
	reports, err := s.backend.Status()
	if err != nil {
		return fmt.Errorf("reading status: %w", err)
	}
	p := messagesPage{frame: s.frame(r, "Messages", "messages"), Reports: reports, Query: q, Listed: listed()}
	ws := workspaceOf(r)
	for _, one := range reports {
		if one.Workspace == ws || p.Shown.Workspace == "" {
			p.Shown = one
		}
	}
	if p.All, err = s.backend.Messages(p.Shown.Workspace, q); err != nil {
		return fmt.Errorf("reading messages: %w", err)
	}
	return s.render(w, http.StatusOK, "messages.html", p)
}

// resendMessages has one message, or all that are shown, sent again, and shows what is left.
func (s *server) resendMessages(w http.ResponseWriter, r *http.Request) error {
	ws := core.WorkspaceName(r.PathValue("workspace"))
	if err := r.ParseForm(); err != nil {
		return newProblem(http.StatusBadRequest, "The form cannot be read.")
	}
	back := "/messages?" + url.Values{"workspace": {string(ws)}, "at": {r.PostForm.Get("at")}, "reason": {r.PostForm.Get("reason")}}.Encode()
	var err error
	if id, bad := core.ParseID(r.PostForm.Get("key")); bad == nil {
		_, err = s.backend.Resend(r.Context(), ws, []core.LedgerKey{core.LedgerKey(id)})
	} else {
		_, err = s.resendAll(r, ws, r.PostForm)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
	return nil
}
