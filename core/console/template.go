package console

import (
	"fmt"
	"net/http"

	"restock/core"
)

// TemplateReport is a template that files may refer to by its name.
type TemplateReport struct {
	Name     core.Name      `json:"name"`
	Title    string         `json:"title,omitempty"`
	Origin   string         `json:"origin"`   // ready_made, file, or changed: a file took the place of a ready-made one
	Channels []core.Channel `json:"channels"` // that it says something for: email, sms, push
	Locales  []string       `json:"locales"`  // its own first
	UsedBy   []string       `json:"used_by"`  // "journey NAME/SHAPE", "broadcast NAME"
}

// TemplateSource is what a template is written as: a core.Template for each channel, in all its languages.
type TemplateSource struct {
	Name  core.Name              `json:"name"`
	Title string                 `json:"title,omitempty"`
	Parts []TemplateSourceLocale `json:"parts"` // by channel; of each channel its own language first
}

// TemplateSourceLocale is one language of one channel.
type TemplateSourceLocale struct {
	Channel   core.Channel `json:"channel"`
	Locale    string       `json:"locale"`
	Own       bool         `json:"own"`               // it is the template's own language, on which others fall back
	Subject   string       `json:"subject,omitempty"` // of a push its title
	Preheader string       `json:"preheader,omitempty"`
	HTML      string       `json:"html,omitempty"`
	Text      string       `json:"text,omitempty"`
	Icon      string       `json:"icon,omitempty"`
}

// TemplateQuery says what is to be previewed, or sent as a test: a template by its name, or what a journey's shape or a broadcast sends.
type TemplateQuery struct {
	Template  core.Name    `json:"template,omitempty"`
	Journey   core.Name    `json:"journey,omitempty"`
	Shape     string       `json:"shape,omitempty"` // of the journey; "": the one that sends, if there is one only
	Broadcast core.Name    `json:"broadcast,omitempty"`
	Channel   core.Channel `json:"channel,omitempty"` // of a template that has several; "": email, else what there is
	Locale    string       `json:"locale,omitempty"`  // "": the contact's
	Contact   string       `json:"contact,omitempty"` // address of whom it is written to; "": made up
	Sender    core.Name    `json:"sender,omitempty"`  // of a test; "": the shape's
	To        string       `json:"to,omitempty"`      // address that a test goes to
}

// Preview is a message as it would be sent. Links in it are as long as they will be; those that end messages or confirm do nothing.
type Preview struct {
	Channel    core.Channel `json:"channel"`
	Locale     string       `json:"locale"`            // that it is written in
	About      string       `json:"about"`             // whom and what it is written about
	Subject    string       `json:"subject,omitempty"` // of a push its title
	Preheader  string       `json:"preheader,omitempty"`
	HTML       string       `json:"html,omitempty"`
	Text       string       `json:"text"`
	URL        string       `json:"url,omitempty"`        // of a push: where a tap leads
	Icon       string       `json:"icon,omitempty"`       // of a push
	Encoding   string       `json:"encoding,omitempty"`   // of an SMS: GSM-7 or UCS-2
	Characters int          `json:"characters,omitempty"` // of an SMS
	Segments   int          `json:"segments,omitempty"`   // that an SMS is sent, and paid for, as
}

// TestReport is what came of a test message.
type TestReport struct {
	Outcome core.OutcomeKind `json:"outcome"`
	Reason  core.Reason      `json:"reason"`
	Detail  string           `json:"detail,omitempty"` // the provider's own words
	Receipt string           `json:"receipt,omitempty"`
	Preview Preview          `json:"preview"`
}

// apiTemplates lists templates.
func (s *server) apiTemplates(w http.ResponseWriter, r *http.Request) error {
	all, err := s.backend.Templates(workspaceOf(r))
	if err != nil {
		return fmt.Errorf("listing templates: %w", err)
	}
	for i := range all {
		all[i].Channels, all[i].Locales, all[i].UsedBy = list(all[i].Channels), list(all[i].Locales), list(all[i].UsedBy)
	}
	return writeJSON(w, list(all))
}

// apiTemplate answers with what a template is written as.
func (s *server) apiTemplate(w http.ResponseWriter, r *http.Request) error {
	ws, name := workspaceOf(r), core.Name(r.PathValue("name"))
	source, ok, err := s.backend.Template(ws, name)
	if err != nil {
		return fmt.Errorf("reading template %s: %w", name, err)
	}
	if !ok {
		return newProblem(http.StatusNotFound, fmt.Sprintf("There is no template %q in workspace %q.", name, ws))
	}
	source.Parts = list(source.Parts)
	return writeJSON(w, source)
}

// apiPreview answers with a message as it would be sent. The query stands in the body: it may name an address.
func (s *server) apiPreview(w http.ResponseWriter, r *http.Request) error {
	q, err := readTemplateQuery(w, r)
	if err != nil {
		return err
	}
	if q.Sender != "" || q.To != "" {
		return wrongField("to", "a preview is not sent; leave sender and to out, or call send")
	}
	preview, err := s.backend.Preview(r.Context(), workspaceOf(r), q)
	if err != nil {
		return fmt.Errorf("previewing: %w", err)
	}
	return writeJSON(w, preview)
}

// apiSendTest sends a test message.
func (s *server) apiSendTest(w http.ResponseWriter, r *http.Request) error {
	q, err := readTemplateQuery(w, r)
	if err != nil {
		return err
	}
	if q.To == "" {
		return wrongField("to", "say which address the test goes to")
	}
	report, err := s.backend.SendTest(r.Context(), workspaceOf(r), q)
	if err != nil {
		return fmt.Errorf("sending a test: %w", err)
	}
	return writeJSON(w, report)
}

func readTemplateQuery(w http.ResponseWriter, r *http.Request) (q TemplateQuery, err error) {
	if err := readJSON(w, r, maxForm, &q); err != nil {
		return q, err
	}
	named := 0
	for _, n := range []core.Name{q.Template, q.Journey, q.Broadcast} {
		if n != "" {
			named++
		}
	}
	switch {
	case named != 1:
		return q, wrongField("template", "name exactly one of template, journey and broadcast")
	case q.Locale != "" && core.NormalLocale(q.Locale) == "":
		return q, wrongField("locale", "want a language tag such as de or fr-CA")
	}
	return q, nil
}
