package console

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"restock/core/sender/inbox"
)

// inboxPage shows the list of messages and one of them. On a narrow screen it shows one of both.
type inboxPage struct {
	frame
	Messages []inbox.Sent
	Picked   bool        // a message was asked for; else the newest is shown beside the list
	Message  *inbox.Sent // nil: there is none
	View     string      // html, text, headers
	Headers  []inboxHeader
}

// inboxHeader is a header line as the inbox kept it.
type inboxHeader struct{ Name, Value string }

// inbox shows the message of the path, or the newest one, beside the list. The list alone keeps itself fresh: what is
// being read must not change under the reader's eyes.
func (s *server) inbox(w http.ResponseWriter, r *http.Request) error {
	all, err := s.backend.Inbox(usualInbox)
	if err != nil {
		return fmt.Errorf("reading inbox: %w", err)
	}
	page := inboxPage{frame: s.frame(r, "Inbox", "inbox"), Messages: all}
	if key := r.PathValue("key"); key != "" {
		m, ok := s.backend.InboxMessage(key)
		if !ok {
			return noMessage()
		}
		page.Picked, page.Message, page.Title = true, &m, m.Subject
	} else if len(all) > 0 {
		page.Message = &all[0]
	}
	if page.Message != nil {
		page.View = chooseView(r.URL.Query().Get("view"), *page.Message)
		page.Headers = headersOf(*page.Message)
	}
	return s.render(w, http.StatusOK, "inbox.html", page)
}

// noMessage is the answer about a key that is not, or no longer, in the inbox.
func noMessage() error {
	return newProblem(http.StatusNotFound, "The inbox holds no such message; old ones go when newer ones need the room.")
}

// chooseView prefers what was asked for, then what the message has.
func chooseView(asked string, m inbox.Sent) string {
	if asked == "text" || asked == "headers" || asked == "html" {
		return asked
	}
	if m.HTML == "" {
		return "text"
	}
	return "html"
}

// headersOf puts the headers into the order of their names; the map has none.
func headersOf(m inbox.Sent) []inboxHeader {
	var all []inboxHeader
	for name, value := range m.Headers {
		all = append(all, inboxHeader{name, value})
	}
	slices.SortFunc(all, func(a, b inboxHeader) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// mail serves a message's HTML by itself, for the sandboxed frame; it can neither run scripts nor reach the console.
func (s *server) mail(w http.ResponseWriter, r *http.Request) error {
	m, ok := s.backend.InboxMessage(r.PathValue("key"))
	if !ok {
		return noMessage()
	}
	w.Header().Set("Content-Security-Policy", mailPolicy)
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(withLinksOutside(m.HTML)))
	return nil
}

// heads are where a <base> may stand in whatever a template made, best first.
var heads = []*regexp.Regexp{
	regexp.MustCompile(`(?i)<head(\s[^>]*)?>`), regexp.MustCompile(`(?i)<html(\s[^>]*)?>`), regexp.MustCompile(`(?i)^\s*<!doctype[^>]*>`),
}

// withLinksOutside makes links open a window of their own: in the frame there is no room for a shop.
func withLinksOutside(html string) string {
	const base = `<base target="_blank">`
	for _, head := range heads {
		if at := head.FindStringIndex(html); at != nil {
			return html[:at[1]] + base + html[at[1]:]
		}
	}
	return base + html
}

// etag is a strong entity tag of body (RFC 9110, 8.8.3).
func etag(body []byte) string {
	hash := sha256.Sum256(body)
	return `"` + hex.EncodeToString(hash[:8]) + `"`
}
