package feedback

import (
	"encoding/json"
	"fmt"

	"restock/core"
	"restock/core/address"
)

// metadataKey is the metadata that Postmark hands back: package smtp gives it in a header X-PM-Metadata-restock.
const metadataKey = "restock"

// posted is what we read of Postmark's webhooks (https://postmarkapp.com/developer/webhooks/webhooks-overview). The bounce webhook
// of earlier days has no RecordType.
type posted struct {
	RecordType        string
	Type              string // of a bounce
	Email             string // of a bounce or complaint
	Recipient         string // of the others
	Description       string
	Details           string
	SuppressSending   bool
	SuppressionReason string
	Metadata          map[string]json.RawMessage
}

// readPostmark reads a webhook of Postmark's.
func readPostmark(p core.Posting) ([]core.Feedback, error) {
	var said posted
	if err := json.Unmarshal(p.Body, &said); err != nil {
		return nil, fmt.Errorf("reading Postmark's webhook: %w", err)
	}
	kind := said.kind()
	if kind == "" {
		return nil, ErrUnhandled
	}
	to := said.Email
	if to == "" {
		to = said.Recipient
	}
	normal, err := address.Email(to)
	if err != nil {
		return nil, fmt.Errorf("reading Postmark's webhook: its recipient: %w", err)
	}
	detail := said.Description
	if said.Details != "" {
		detail = said.Type + ": " + said.Details
	}
	return one(kind, said.key(), core.Address{Channel: core.Email, Value: normal}, detail), nil
}

func (p posted) kind() core.FeedbackKind {
	switch p.RecordType {
	case "Delivery":
		return core.FeedbackDelivered
	case "SpamComplaint":
		return core.FeedbackComplained
	case "SubscriptionChange":
		return p.change()
	case "Bounce", "":
		return bounceKind(p.Type)
	}
	return "" // Open, Click, Inbound
}

// change is what a change of Postmark's own suppressions means. One that is lifted there stays with us: who complained here may
// not have been asked.
func (p posted) change() core.FeedbackKind {
	switch {
	case !p.SuppressSending:
		return ""
	case p.SuppressionReason == "HardBounce":
		return core.FeedbackBounced
	case p.SuppressionReason == "SpamComplaint":
		return core.FeedbackComplained
	}
	return core.FeedbackStopped
}

// bounceKind is what a type of bounce means (https://postmarkapp.com/developer/api/bounce-api#bounce-types).
func bounceKind(kind string) core.FeedbackKind {
	switch kind {
	case "HardBounce", "BadEmailAddress", "ManuallyDeactivated":
		return core.FeedbackBounced
	case "SpamComplaint", "SpamNotification":
		return core.FeedbackComplained
	case "Unsubscribe":
		return core.FeedbackStopped
	case "SoftBounce", "Transient", "DnsError", "Blocked", "SMTPApiError", "VirusNotification", "DMARCPolicy", "Undeliverable", "Unknown":
		return core.FeedbackFailed
	}
	return "" // what readers' programs answer: AutoResponder, ChallengeVerification, AddressChange, Subscribe …
}

func (p posted) key() core.LedgerKey {
	var text string
	if err := json.Unmarshal(p.Metadata[metadataKey], &text); err != nil {
		return core.LedgerKey{} // not said, or not ours
	}
	return keyOf(text)
}
