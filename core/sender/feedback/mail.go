package feedback

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"regexp"
	"strings"

	"restock/core"
	"restock/core/address"
	"restock/core/sender"
)

// Bounds of a message from a bounce mailbox.
const (
	maxParts = 16
	maxPart  = 256 << 10 // bytes of a part that are looked at; an original comes back whole, and only its head matters
)

// readMail reads a message from a bounce mailbox. Whoever knows the mailbox's address can write it, so all of it is hearsay: it
// counts for the message whose id stands in what came back, which only its reader could know.
func readMail(raw []byte) ([]core.Feedback, error) {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("reading a bounce: %w", err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/report" || params["boundary"] == "" {
		return nil, ErrUnhandled // somebody's answer, or a bounce in prose
	}
	r, err := readReport(m.Body, params["boundary"])
	if err != nil {
		return nil, fmt.Errorf("reading a bounce: %w", err)
	}
	if r.key == (core.LedgerKey{}) { // who sends back no head may at least name what is answered
		r.key = messageKey(m.Header.Get("In-Reply-To") + " " + m.Header.Get("References"))
	}
	facts := r.facts()
	if len(facts) == 0 {
		return nil, ErrUnhandled
	}
	return facts, nil
}

// report is what a multipart/report (RFC 6522) holds.
type report struct {
	key    core.LedgerKey // of the message that it is about
	status []fields       // of a delivery status notification: one group for each recipient
	abuse  fields         // of a report of abuse
}

func readReport(body io.Reader, boundary string) (r report, err error) {
	parts := multipart.NewReader(body, boundary)
	for range maxParts {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return r, nil
		}
		if err != nil {
			return r, r.unless(err)
		}
		if err := r.read(part); err != nil {
			return r, r.unless(err)
		}
	}
	return r, nil
}

// unless is no error for a report that was cut off behind what it says.
func (r report) unless(err error) error {
	if len(r.status) > 0 || r.abuse != nil {
		return nil
	}
	return err
}

// read takes a part. Their types are those of RFC 3464, of RFC 6533 for addresses beyond ASCII, and of RFC 5965.
func (r *report) read(part *multipart.Part) error {
	kind, _, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
	if err != nil {
		return nil // some part for people
	}
	var body io.Reader = part
	if strings.EqualFold(strings.TrimSpace(part.Header.Get("Content-Transfer-Encoding")), "base64") {
		body = base64.NewDecoder(base64.StdEncoding, part)
	}
	body = io.LimitReader(body, maxPart)
	switch kind {
	case "message/delivery-status", "message/global-delivery-status":
		groups, err := readGroups(body)
		if err != nil {
			return err
		}
		if len(groups) > 1 { // the first is of the message
			r.status = append(r.status, groups[1:min(len(groups), 1+MaxFacts)]...)
		}
	case "message/feedback-report":
		groups, err := readGroups(body)
		if err != nil || len(groups) == 0 {
			return err
		}
		r.abuse = groups[0]
	case "text/rfc822-headers", "message/rfc822", "message/global", "message/global-headers":
		groups, err := readGroups(body)
		if err != nil || len(groups) == 0 {
			return err
		}
		r.key = messageKey(groups[0].get("message-id"))
	}
	return nil
}

// fields are a group of header fields, in order; names are lower-case.
type fields []core.Header

func (f fields) get(name string) string {
	for _, h := range f {
		if h.Name == name {
			return h.Value
		}
	}
	return ""
}

// maxGroups is how many groups of fields a part is read for.
const maxGroups = 1 + MaxFacts

// readGroups reads groups of fields apart by empty lines. Mail servers write them in all sorts of ways, so a line that is no
// field is passed over.
func readGroups(r io.Reader) (groups []fields, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 4096), maxPart+1)
	var group fields
	for lines.Scan() && len(groups) < maxGroups {
		line := strings.TrimRight(lines.Text(), "\r")
		switch name, value, ok := strings.Cut(line, ":"); {
		case strings.TrimSpace(line) == "":
			if group != nil {
				groups = append(groups, group)
			}
			group = nil
		case line[0] == ' ' || line[0] == '\t':
			if n := len(group) - 1; n >= 0 {
				group[n].Value += " " + strings.TrimSpace(line)
			}
		case ok:
			group = append(group, core.Header{Name: strings.ToLower(strings.TrimSpace(name)), Value: strings.TrimSpace(value)})
		}
	}
	if group != nil && len(groups) < maxGroups {
		groups = append(groups, group)
	}
	var broken base64.CorruptInputError
	if err := lines.Err(); err != nil && !errors.As(err, &broken) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	return groups, nil
}

// messageForm is a Message-ID of ours (package smtp).
var messageForm = regexp.MustCompile(`<([0-9a-f]{32})@[^<>@\s]+>`)

func messageKey(text string) core.LedgerKey {
	m := messageForm.FindStringSubmatch(text)
	if m == nil {
		return core.LedgerKey{}
	}
	return keyOf(m[1])
}

// facts are what a report says.
func (r report) facts() (all []core.Feedback) {
	if kind := abuseKind(r.abuse); kind != "" {
		f := core.Feedback{Kind: kind, Key: r.key, Address: recipient(r.abuse.get("original-rcpt-to")), Hearsay: true}
		return append(all, f)
	}
	for _, s := range r.status {
		if kind := deliveryKind(s); kind != "" {
			all = append(all, core.Feedback{
				Kind: kind, Key: r.key, Address: recipient(s.get("final-recipient")), Hearsay: true,
				Detail: sender.MaskText(s.get("status") + " " + afterType(s.get("diagnostic-code"))),
			})
		}
	}
	return all
}

// abuseKind is what a report of abuse means (RFC 5965, section 7.3; RFC 6650).
func abuseKind(f fields) core.FeedbackKind {
	switch strings.ToLower(f.get("feedback-type")) {
	case "abuse", "fraud", "virus", "complaint":
		return core.FeedbackComplained
	case "opt-out", "opt-out-list":
		return core.FeedbackStopped
	}
	return ""
}

// deliveryKind is what a recipient's status means (RFC 3464, section 2.3.3).
func deliveryKind(f fields) core.FeedbackKind {
	switch strings.ToLower(firstWord(f.get("action"))) {
	case "delivered":
		return core.FeedbackDelivered
	case "relayed", "expanded", "delayed":
		return core.FeedbackTaken
	case "failed":
		if sender.Nobody(statusOf(f)) {
			return core.FeedbackBounced
		}
		return core.FeedbackFailed
	}
	return ""
}

var enhancedForm = regexp.MustCompile(`\b[245]\.[0-9]{1,3}\.[0-9]{1,3}\b`)

// statusOf is a recipient's status; where it says no more than that it failed, that which the other server said.
func statusOf(f fields) string {
	status := firstWord(f.get("status"))
	if status != "" && status != "5.0.0" {
		return status
	}
	return enhancedForm.FindString(f.get("diagnostic-code"))
}

// recipient reads "rfc822; ann@example.com" (RFC 3464, section 2.1.2).
func recipient(text string) core.Address {
	normal, err := address.Email(strings.Trim(afterType(text), "<> "))
	if err != nil {
		return core.Address{}
	}
	return core.Address{Channel: core.Email, Value: normal}
}

// afterType cuts off the type that leads an address or a diagnostic code.
func afterType(text string) string {
	if kind, rest, ok := strings.Cut(text, ";"); ok && !strings.Contains(kind, " ") {
		return strings.TrimSpace(rest)
	}
	return text
}

// firstWord is what stands before a comment.
func firstWord(text string) string {
	word, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	return word
}
