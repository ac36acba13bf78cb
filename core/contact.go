package core

import (
	"maps"
	"slices"
	"strings"
)

// Contact is a person we may message.
type Contact struct {
	ID        ContactID          `msgpack:"id"`
	Email     string             `msgpack:"email,omitempty"`  // normal form
	Phone     string             `msgpack:"phone,omitempty"`  // E.164
	Pushes    []PushSubscription `msgpack:"pushes,omitempty"` // newest last, at most MaxPushes
	Locale    string             `msgpack:"locale,omitempty"`
	Region    string             `msgpack:"region,omitempty"` // ISO 3166 alpha-2
	FirstName string             `msgpack:"first,omitempty"`
	Tags      []string           `msgpack:"tags,omitempty"`   // at most MaxTags
	Fields    map[string]string  `msgpack:"fields,omitempty"` // the merchant's own attributes, at most MaxFields
	CreatedAt Time               `msgpack:"created_at"`
	Consents  []Consent          `msgpack:"consents,omitempty"` // newest last, at most MaxConsents

	Withdrawn     []Withdrawal   `msgpack:"withdrawn,omitempty"`     // one for each channel and purpose
	Confirmations []Confirmation `msgpack:"confirmations,omitempty"` // of addresses that had to be confirmed, in the order they had to

	// When the captures were made that told these: what was asked last counts, not what came last.
	PhoneAt  Time `msgpack:"phone_at,omitempty"`
	LocaleAt Time `msgpack:"locale_at,omitempty"`
	RegionAt Time `msgpack:"region_at,omitempty"`

	Zone   string `msgpack:"zone,omitempty"` // IANA name, as its browser said; may be none. The field ZoneField outranks it
	ZoneAt Time   `msgpack:"zone_at,omitempty"`
}

// PushSubscription is where a browser is told, and the keys that only it can read by (RFC 8291): all as the browser's
// PushSubscription.toJSON gave them, the keys in base64url without padding.
type PushSubscription struct {
	Endpoint string `msgpack:"e"`            // https URL at the browser's push service
	P256DH   string `msgpack:"p"`            // 65 bytes: an uncompressed point on P-256
	Auth     string `msgpack:"a"`            // 16 bytes
	At       Time   `msgpack:"at,omitempty"` // of a contact: when the capture was made that told it
}

// MaxPushes bounds the browsers kept per contact; the newest stay.
const MaxPushes = 5

// MaxConsents bounds the consent proofs kept per contact: the first of each channel and purpose, and the newest.
const MaxConsents = 8

// Bounds of what a merchant may note of a contact; texts in bytes.
const (
	MaxTags       = 100
	MaxTag        = 64
	MaxFields     = 100
	MaxFieldName  = 64
	MaxFieldValue = 1024
)

// ValidFieldName says whether s can name one of a contact's fields: 1 to MaxFieldName of a-z, A-Z, 0-9, _ and -.
func ValidFieldName(s string) bool {
	for i := range len(s) {
		switch c := s[i] | 0x20; {
		case c >= 'a' && c <= 'z', s[i] >= '0' && s[i] <= '9', s[i] == '_', s[i] == '-':
		default:
			return false
		}
	}
	return s != "" && len(s) <= MaxFieldName
}

// Address returns the contact's address for a channel; ok is false when it has none.
func (c Contact) Address(ch Channel) (a Address, ok bool) {
	switch ch {
	case Email:
		a = Address{Email, c.Email}
	case SMS:
		a = Address{SMS, c.Phone}
	case Push:
		if n := len(c.Pushes); n > 0 {
			a = Address{Push, c.Pushes[n-1].Endpoint}
		}
	case Webhook:
		a = Address{Webhook, c.ID.String()}
	}
	return a, a.Value != ""
}

// Addresses are all that the contact's record names.
func (c Contact) Addresses() (all []Address) {
	if c.Email != "" {
		all = append(all, Address{Email, c.Email})
	}
	if c.Phone != "" {
		all = append(all, Address{SMS, c.Phone})
	}
	for _, p := range c.Pushes {
		all = append(all, Address{Push, p.Endpoint})
	}
	return all
}

// Traits are what plugins may learn of a contact: neither its whole address nor its name. They stand beside each of its
// places in line as well, so that asking about a whole line reads the line alone.
type Traits struct {
	ID          ContactID
	EmailDomain string // what follows the @; "" without an e-mail address
	Locale      string
	Region      string
	Tags        []string
	Fields      map[string]string // the merchant's own; for reading only
	CreatedAt   Time
}

// Traits are the contact's as of now.
func (c Contact) Traits() Traits {
	domain := ""
	if at := strings.LastIndexByte(c.Email, '@'); at >= 0 {
		domain = c.Email[at+1:]
	}
	return Traits{ID: c.ID, EmailDomain: domain, Locale: c.Locale, Region: c.Region, Tags: c.Tags, Fields: c.Fields, CreatedAt: c.CreatedAt}
}

// Equal says whether two are the same.
func (t Traits) Equal(o Traits) bool {
	return t.ID == o.ID && t.EmailDomain == o.EmailDomain && t.Locale == o.Locale && t.Region == o.Region &&
		slices.Equal(t.Tags, o.Tags) && maps.Equal(t.Fields, o.Fields) && t.CreatedAt == o.CreatedAt
}
