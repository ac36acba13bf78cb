package console

import (
	"fmt"
	"net/http"
	"strings"

	"restock/core"
)

// question is whom and what an operator asks about.
type question struct {
	Workspace core.WorkspaceName
	Contact   string // e-mail address or phone number in any usual spelling
	Variant   core.VariantID
}

// readQuestion reads the query of page and API alike, without the blanks that come along when an address is pasted.
func readQuestion(r *http.Request) question {
	q := r.URL.Query()
	return question{
		Workspace: workspaceOf(r),
		Contact:   strings.TrimSpace(q.Get("contact")),
		Variant:   core.VariantID(strings.TrimSpace(q.Get("variant"))),
	}
}

// whyPage asks for a contact and tells its story.
type whyPage struct {
	frame
	Asked      question
	Workspaces []core.WorkspaceName // to choose from; nil when there is no choice
	Report     *WhyReport
	Nobody     bool
	Wrong      string // what is wrong with the address
}

// why shows the form, and below it the story of whoever was asked about. The form stays filled in, also when nobody is
// known by that address, so that a typo can be put right.
func (s *server) why(w http.ResponseWriter, r *http.Request) error {
	names, err := s.workspaces()
	if err != nil {
		return err
	}
	page := whyPage{frame: s.frame(r, "Why", "why"), Asked: readQuestion(r), Workspaces: names}
	code := http.StatusOK
	if page.Asked.Contact != "" {
		report, ok, err := s.backend.Why(page.Asked.Workspace, page.Asked.Contact, page.Asked.Variant)
		switch faults, wrong := faultsOf(err); {
		case wrong:
			page.Wrong, code = sentence(faults), http.StatusUnprocessableEntity
		case err != nil:
			return fmt.Errorf("explaining: %w", err)
		case !ok:
			page.Nobody, code = true, http.StatusNotFound
		default:
			page.Report = &report
		}
	}
	return s.render(w, code, "why.html", page)
}

// workspaces are the node's workspaces when there is a choice among them.
func (s *server) workspaces() ([]core.WorkspaceName, error) {
	reports, err := s.backend.Status()
	if err != nil {
		return nil, fmt.Errorf("reading workspaces: %w", err)
	}
	if len(reports) < 2 {
		return nil, nil
	}
	var names []core.WorkspaceName
	for _, r := range reports {
		names = append(names, r.Workspace)
	}
	return names, nil
}

// sentence is what is wrong with the address, in one line below the field.
func sentence(faults []fault) string {
	var all []string
	for _, f := range faults {
		text := f.Message
		if f.Suggest != "" {
			text += fmt.Sprintf("; did you mean %s?", f.Suggest)
		}
		all = append(all, text)
	}
	return strings.Join(all, "; ")
}
