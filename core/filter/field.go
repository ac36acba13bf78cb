package filter

import (
	"strings"

	"restock/core"
)

// fieldType is what a field's values are, and so which operators it takes.
type fieldType uint8

const (
	textField fieldType = 1 << iota
	listField
	numberField
	moneyField
	timeField
	ownField // contact.fields: texts, read as numbers or dates by operators that want those
)

// noun is what errors call a field of the type.
func (t fieldType) noun() string {
	switch t {
	case listField:
		return "a list"
	case numberField:
		return "a number"
	case moneyField:
		return "an amount of money"
	case timeField:
		return "a time"
	}
	return "a text"
}

// fieldID tells fields apart where they are evaluated.
type fieldID uint8

const (
	fieldSource fieldID = iota
	fieldSKU
	fieldProduct
	fieldVariant
	fieldMarket
	fieldTitle
	fieldChoice
	fieldPrice
	fieldUnits
	fieldAt
	fieldAskedAt
	firstOfContact // from here on fields are the contact's
)

const (
	fieldEmail fieldID = firstOfContact + iota
	fieldEmailDomain
	fieldPhone
	fieldLocale
	fieldRegion
	fieldFirstName
	fieldCreatedAt
	fieldTags
	fieldChannels
	fieldStockAlert
	fieldMarketing
	fieldOwn
)

// field is what conditions may be about.
type field struct {
	id    fieldID
	name  string // as it is written
	typ   fieldType
	label string // in sentences
}

// fields are all but those of contact.fields, in the order in which errors name them. They only ever grow.
var fields = []field{
	{fieldSource, "source", textField, "data source"},
	{fieldSKU, "sku", textField, "SKU"},
	{fieldProduct, "product", textField, "product"},
	{fieldVariant, "variant", textField, "variant"},
	{fieldMarket, "market", textField, "market"},
	{fieldTitle, "title", textField, "product title"},
	{fieldChoice, "choice", textField, "variant title"},
	{fieldPrice, "price", moneyField, "price"},
	{fieldUnits, "units", numberField, "units in stock"},
	{fieldAt, "at", timeField, "time"},
	{fieldAskedAt, "asked_at", timeField, "time of asking"},

	{fieldEmail, "contact.email", textField, "contact's e-mail"},
	{fieldEmailDomain, "contact.email_domain", textField, "contact's e-mail domain"},
	{fieldPhone, "contact.phone", textField, "contact's phone"},
	{fieldLocale, "contact.locale", textField, "contact's locale"},
	{fieldRegion, "contact.region", textField, "contact's region"},
	{fieldFirstName, "contact.first_name", textField, "contact's first name"},
	{fieldCreatedAt, "contact.created_at", timeField, "contact's creation"},
	{fieldTags, "contact.tags", listField, "contact's tags"},
	{fieldChannels, "contact.channels", listField, "contact's channels"},
	{fieldStockAlert, "contact.consent.stock_alert", listField, "contact's consent to stock alerts"},
	{fieldMarketing, "contact.consent.marketing", listField, "contact's consent to marketing"},
}

// ownPrefix begins the names of fields that merchants make up themselves.
const ownPrefix = "contact.fields."

// lookup finds a field by its name.
func lookup(name string) (field, bool) {
	for _, f := range fields {
		if f.name == name {
			return f, true
		}
	}
	if own, ok := strings.CutPrefix(name, ownPrefix); ok && core.ValidFieldName(own) {
		return field{fieldOwn, name, ownField, "contact's " + own}, true
	}
	return field{}, false
}

func (f field) ofContact() bool { return f.id >= firstOfContact }

// ofChannels says that the field lists channels.
func (f field) ofChannels() bool { return f.id >= fieldChannels && f.id <= fieldMarketing }

// kinds are the activities, in the order in which errors name them.
var kinds = []core.ActivityKind{core.WaitingOnStock, core.BackInStock, core.RunningLow}

// title is an activity's name in sentences: Back in stock.
func title(k core.ActivityKind) string {
	words := strings.ReplaceAll(string(k), "_", " ")
	if words == "" {
		return ""
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

// Scope is where a filter stands, which decides what it can be about.
type Scope uint8

// The scopes.
const (
	Entry    Scope = iota // of a journey: the activity that occurs, its contact, and what occurred before
	Audience              // the contact, and what occurred
	occurred              // within a condition on what occurred: that activity alone
)

// takes says whether conditions on the field may stand there.
func (s Scope) takes(f field) bool {
	switch s {
	case Audience:
		return f.ofContact()
	case occurred:
		return !f.ofContact()
	}
	return true
}

// names are all that a filter there may be about.
func (s Scope) names() (all []string) {
	for _, f := range fields {
		if s.takes(f) {
			all = append(all, f.name)
		}
	}
	if s != occurred {
		all = append(all, ownPrefix+"NAME")
		for _, k := range kinds {
			all = append(all, string(k))
		}
	}
	return append(all, string(core.FilterAll), string(core.FilterAny), string(core.FilterNone))
}
