package console

import (
	"fmt"
	"net/http"
	"strings"

	"restock/core"
)

// EraseReport says what an erasure came to.
type EraseReport struct {
	Workspace core.WorkspaceName `json:"workspace"`
	Address   string             `json:"address"`   // masked
	Known     bool               `json:"known"`     // somebody was known by it
	ErasedAt  string             `json:"erased_at"` // RFC 3339; what was captured up to then is forgotten
}

// ContactExport is all that the state holds of a contact, for whoever asks what is known of them.
type ContactExport struct {
	Workspace  core.WorkspaceName    `json:"workspace"`
	Contact    string                `json:"contact"` // its id
	Email      string                `json:"email,omitempty"`
	Phone      string                `json:"phone,omitempty"` // E.164
	Pushes     []ExportedPush        `json:"pushes"`          // newest last
	Former     []ExportedAddress     `json:"former_addresses"`
	Locale     string                `json:"locale,omitempty"`
	Region     string                `json:"region,omitempty"`
	FirstName  string                `json:"first_name,omitempty"`
	Tags       []string              `json:"tags"`
	Fields     map[string]string     `json:"fields,omitempty"`
	CreatedAt  string                `json:"created_at"` // RFC 3339, as all times here
	Consents   []ExportedConsent     `json:"consents"`   // oldest first
	Suppressed []ExportedSuppression `json:"suppressed"`
	Entries    []ExportedEntry       `json:"entries"`
	Activities []ExportedActivity    `json:"activities"`
	Occurred   []ExportedOccurrences `json:"occurred"` // activities whose details are gone
	Runs       []ExportedRun         `json:"runs"`
	Messages   []ExportedMessage     `json:"messages"` // decided and sent; what they said is not kept

	Zone          string                 `json:"zone,omitempty"`          // IANA name, as its browser said
	Withdrawn     []ExportedWithdrawal   `json:"withdrawn,omitempty"`     // consents that were taken back
	Confirmations []ExportedConfirmation `json:"confirmations,omitempty"` // of addresses
	Pending       []ExportedEntry        `json:"pending,omitempty"`       // what waits for a confirmation
}

// ExportedWithdrawal is a consent that was taken back.
type ExportedWithdrawal struct {
	Channel core.Channel `json:"channel"`
	Purpose core.Purpose `json:"purpose"`
	At      string       `json:"at"`
}

// ExportedConfirmation is an address that was to be confirmed.
type ExportedConfirmation struct {
	Channel     core.Channel `json:"channel"`
	AskedAt     string       `json:"asked_at"`
	ConfirmedAt string       `json:"confirmed_at,omitempty"` // "": not yet
}

// ExportedOccurrences are when activities of a kind occurred, of those whose details are gone.
type ExportedOccurrences struct {
	Kind    core.ActivityKind `json:"kind"`
	Source  core.SourceName   `json:"source"`
	FirstAt string            `json:"first_at"`
	LastAt  string            `json:"last_at"`
	Times   int64             `json:"times"`
}

// ExportedPush is a browser that is told, and what it is written to with.
type ExportedPush struct {
	Endpoint string `json:"endpoint"`
	P256DH   string `json:"p256dh"`
	Auth     string `json:"auth"`
}

// ExportedAddress is an address that leads to the contact and is not written to any more.
type ExportedAddress struct {
	Channel core.Channel `json:"channel"`
	Address string       `json:"address"`
}

// ExportedConsent is a permission and its proof.
type ExportedConsent struct {
	Channel core.Channel `json:"channel"`
	Purpose core.Purpose `json:"purpose"`
	Text    string       `json:"text"` // the wording that was shown
	At      string       `json:"at"`
	IP      string       `json:"ip,omitempty"`
	Page    string       `json:"page,omitempty"`
	Form    string       `json:"form,omitempty"`
}

// ExportedSuppression is an address of the contact that must not be sent to.
type ExportedSuppression struct {
	Channel core.Channel `json:"channel"`
	Address string       `json:"address"`
	Reason  core.Reason  `json:"reason"`
}

// ExportedEntry is a place in line, held or left.
type ExportedEntry struct {
	Source   core.SourceName  `json:"source"`
	Variant  core.VariantID   `json:"variant,omitempty"`
	Product  core.ProductID   `json:"product,omitempty"` // "any variant"
	Market   core.Market      `json:"market,omitempty"`
	Quantity int64            `json:"quantity,omitempty"`
	Waiting  bool             `json:"waiting"`
	AskedAt  string           `json:"asked_at,omitempty"` // the place in line
	FirstAt  string           `json:"first_at,omitempty"`
	LastAt   string           `json:"last_at,omitempty"`
	Repeats  int64            `json:"repeats"`
	ClosedAt string           `json:"closed_at,omitempty"`
	Closed   core.CloseReason `json:"closed,omitempty"`
}

// ExportedActivity is a fact about the contact.
type ExportedActivity struct {
	Kind    core.ActivityKind `json:"kind"`
	At      string            `json:"at"`
	Source  core.SourceName   `json:"source"`
	Variant core.VariantID    `json:"variant,omitempty"`
	Product core.ProductID    `json:"product,omitempty"`
	SKU     string            `json:"sku,omitempty"`
	Title   string            `json:"title"`
	Choice  string            `json:"choice,omitempty"`
	URL     string            `json:"url,omitempty"`
}

// ExportedRun is a passage through a journey.
type ExportedRun struct {
	Run     string            `json:"run"` // its id
	Journey core.Name         `json:"journey"`
	Entered core.ActivityKind `json:"entered"` // by what
	Shape   string            `json:"shape"`   // where it stands
	At      string            `json:"at"`      // delayed, asking, over
	Due     string            `json:"due,omitempty"`
	Steps   []ExportedStep    `json:"steps"`
}

// ExportedStep is what a passage did.
type ExportedStep struct {
	Shape  string      `json:"shape"`
	At     string      `json:"at"`
	Reason core.Reason `json:"reason"`
	Detail string      `json:"detail,omitempty"`
}

// ExportedMessage is a line of the send ledger.
type ExportedMessage struct {
	Key     string        `json:"key"`
	Channel core.Channel  `json:"channel"`
	Journey core.Name     `json:"journey"`
	Shape   string        `json:"shape"`
	Sender  core.Name     `json:"sender"`
	At      core.IntentAt `json:"at"` // where it stands
	Reason  core.Reason   `json:"reason,omitempty"`
	Detail  string        `json:"detail,omitempty"`
	Receipt string        `json:"receipt,omitempty"` // the provider's id
	MadeAt  string        `json:"made_at"`
	EndedAt string        `json:"ended_at,omitempty"`

	Orders []ExportedOrder `json:"orders,omitempty"` // that it led to
}

// ExportedOrder is an order that came after a message.
type ExportedOrder struct {
	Order    string      `json:"order"`
	Number   string      `json:"number,omitempty"`
	PlacedAt string      `json:"placed_at"`
	Units    int64       `json:"units"` // of what the message was about; 0: cancelled
	Paid     MoneyReport `json:"paid"`
	Counted  bool        `json:"counted"` // for the restock that the message told of
}

// apiExport answers with all that is known of a contact.
func (s *server) apiExport(w http.ResponseWriter, r *http.Request) error {
	address, ws := strings.TrimSpace(r.URL.Query().Get("address")), workspaceOf(r)
	if address == "" {
		return wrongField("address", "give the contact's e-mail address or phone number")
	}
	e, ok, err := s.backend.Export(ws, address)
	if err != nil {
		return fmt.Errorf("exporting: %w", err)
	}
	if !ok {
		return newProblem(http.StatusNotFound, "Nobody with this address is known in workspace "+string(ws)+".")
	}
	return writeJSON(w, e.full())
}

// full turns nil lists into empty ones, as in every answer.
func (e ContactExport) full() ContactExport {
	e.Pushes, e.Former, e.Tags = list(e.Pushes), list(e.Former), list(e.Tags)
	e.Consents, e.Suppressed, e.Entries = list(e.Consents), list(e.Suppressed), list(e.Entries)
	e.Activities, e.Occurred = list(e.Activities), list(e.Occurred)
	e.Runs, e.Messages = list(e.Runs), list(e.Messages)
	for i := range e.Runs {
		e.Runs[i].Steps = list(e.Runs[i].Steps)
	}
	return e
}

// eraseBody is what POST /api/v1/contacts/erase takes: in the body, where no log has it.
type eraseBody struct {
	Address string `json:"address"`
}

// apiErase answers when the contact is gone.
func (s *server) apiErase(w http.ResponseWriter, r *http.Request) error {
	var body eraseBody
	if err := readJSON(w, r, maxForm, &body); err != nil {
		return err
	}
	if body.Address = strings.TrimSpace(body.Address); body.Address == "" {
		return wrongField("address", "give the e-mail address or phone number that is to be erased")
	}
	report, err := s.backend.Erase(r.Context(), workspaceOf(r), body.Address)
	if err != nil {
		return fmt.Errorf("erasing: %w", err)
	}
	return writeJSON(w, report)
}
