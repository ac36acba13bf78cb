package sender

import (
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"restock/core"
)

// MaxDetail bounds an outcome's Detail and Receipt in bytes: they are kept in the ledger, once per message.
const MaxDetail = 300

// Accepted is the outcome of a message that the provider took; receipt is its own id, or "".
func Accepted(key core.LedgerKey, receipt string) core.Outcome {
	return core.Outcome{Key: key, Kind: core.OutcomeAccepted, Reason: core.ReasonAccepted, Receipt: MaskText(receipt)}
}

// Temporary is the outcome of a message that was certainly not taken and may be later.
func Temporary(key core.LedgerKey, detail string) core.Outcome {
	return core.Outcome{Key: key, Kind: core.OutcomeTemporary, Reason: core.ReasonTemporary, Detail: MaskText(detail)}
}

// MaxAfter is the longest that a provider's Retry-After is waited for; none means more than a day.
const MaxAfter = 24 * time.Hour

// Later is Temporary, of a provider that said how long to wait; 0 and less: it did not.
func Later(key core.LedgerKey, detail string, after time.Duration) core.Outcome {
	o := Temporary(key, detail)
	if after > 0 {
		o.Retry = core.TimeOf(time.Now().Add(min(after, MaxAfter)))
	}
	return o
}

// Permanent is the outcome of a message that will never be taken.
func Permanent(key core.LedgerKey, detail string) core.Outcome {
	return core.Outcome{Key: key, Kind: core.OutcomePermanent, Reason: core.ReasonRefused, Detail: MaskText(detail)}
}

// NoMore is Permanent, of a provider that says it of the address, whatever the message: why is bounced, unsubscribed or
// address_gone.
func NoMore(key core.LedgerKey, why core.Reason, detail string) core.Outcome {
	o := Permanent(key, detail)
	o.Reason = why
	return o
}

// Unknown is the outcome of a message that was handed over and never answered.
func Unknown(key core.LedgerKey, detail string) core.Outcome {
	return core.Outcome{Key: key, Kind: core.OutcomeUnknown, Reason: core.ReasonUnanswered, Detail: MaskText(detail)}
}

var (
	emailLike = regexp.MustCompile(`[^\s<>()"',;:\[\]]+@[^\s<>()"',;:\[\]]+`)
	phoneLike = regexp.MustCompile(`\+[0-9]{7,15}\b`)
)

// MaskText makes a provider's words fit for logs and pages: one line of at most MaxDetail bytes, every e-mail address
// and E.164 number in it masked as core.Address.Masked does.
func MaskText(s string) string {
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "\uFFFD"), breaks), " ")
	s = emailLike.ReplaceAllStringFunc(s, func(a string) string {
		at := strings.LastIndexByte(a, '@') // of a@b@c, the domain is c
		masked := core.Address{Channel: core.Email, Value: strings.ReplaceAll(a[:at], "@", "") + a[at:]}.Masked()
		return strings.ToValidUTF8(masked, "") // Masked counts in bytes, as normal addresses are ASCII
	})
	s = phoneLike.ReplaceAllStringFunc(s, func(a string) string {
		return core.Address{Channel: core.SMS, Value: a}.Masked()
	})
	if len(s) <= MaxDetail {
		return s
	}
	end := MaxDetail - len("…")
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}

func breaks(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }

// Nobody says whether an enhanced mail status (RFC 3463: "5.1.1") means that the address leads to nobody, now and later. What
// it says of the message (5.7.1) or of a mailbox that is full (5.2.2) is another thing. 5.4.1 is how Microsoft's servers
// refuse addresses that do not exist.
func Nobody(status string) bool {
	switch status {
	case "5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.1":
		return true
	}
	return false
}
