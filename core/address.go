package core

// Channel is a way to reach a contact.
type Channel string

// The channels.
const (
	Email Channel = "email"
	SMS   Channel = "sms"
	Push  Channel = "push"

	// Webhook is the operator's own: what goes there is about a contact, and not to it.
	Webhook Channel = "webhook"
)

// Address is where a contact is reached, in its one normal form (package address makes it): an e-mail address with
// lower-case Punycode domain, a phone number in E.164, a push endpoint's URL, or for a
// webhook the contact's id.
type Address struct {
	Channel Channel `msgpack:"c"`
	Value   string  `msgpack:"v"`
}

// Masked is the address as it may be shown in logs and on pages: enough to recognise, too little to write to.
func (a Address) Masked() string {
	switch a.Channel {
	case Email:
		for i := range len(a.Value) {
			if a.Value[i] == '@' {
				return a.Value[:min(i, 1)] + "***" + a.Value[i:]
			}
		}
	case SMS:
		if n := len(a.Value); n > 6 {
			return a.Value[:3] + "***" + a.Value[n-2:]
		}
	}
	return "***"
}
