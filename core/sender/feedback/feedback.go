// Package feedback reads what providers and mail servers tell after they took a message: that it was delivered, that it
// bounced, that its reader complained, or replied STOP. It is pure: apply runs it.
//
// What may come is decided by the sender that it comes for: Twilio's form posts, Postmark's JSON, or, of a bounce mailbox, the raw
// message: a delivery status notification (RFC 3464) or a report of abuse (RFC 5965).
package feedback

import (
	"errors"
	"regexp"

	"restock/core"
	"restock/core/sender"
)

// ErrUnhandled is a posting that can be read, and says nothing that anybody acts on.
var ErrUnhandled = errors.New("reading a provider's posting: it is about nothing that is acted on")

// ErrNobody is a posting for a sender that is told nothing.
var ErrNobody = errors.New("reading a provider's posting: the sender's provider tells nothing")

// MaxFacts is how much one posting may say.
const MaxFacts = 100

// The kinds of sender that are told something, and who tells a sender of the kind smtp (its setting events).
const (
	kindTwilio    = "twilio"
	kindSMTP      = "smtp"
	settingEvents = "events"
	fromPostmark  = "postmark"
	fromMailbox   = "mailbox"
)

// Read is what a posting for s says. The error is ErrUnhandled, ErrNobody, or says what cannot be read.
func Read(s core.Sender, p core.Posting) ([]core.Feedback, error) {
	switch {
	case s.Kind == kindTwilio:
		return readTwilio(p)
	case s.Kind == kindSMTP && s.Settings[settingEvents] == fromPostmark:
		return readPostmark(p)
	case s.Kind == kindSMTP && s.Settings[settingEvents] == fromMailbox:
		return readMail(p.Body)
	}
	return nil, ErrNobody
}

var keyForm = regexp.MustCompile(`^[0-9a-f]{32}$`)

// keyOf reads a ledger key; zero for anything else.
func keyOf(text string) core.LedgerKey {
	if !keyForm.MatchString(text) {
		return core.LedgerKey{}
	}
	id, _ := core.ParseID(text) // which it is, by its form
	return core.LedgerKey(id)
}

// one is a posting that says one thing.
func one(k core.FeedbackKind, key core.LedgerKey, a core.Address, detail string) []core.Feedback {
	return []core.Feedback{{Kind: k, Key: key, Address: a, Detail: sender.MaskText(detail)}}
}
