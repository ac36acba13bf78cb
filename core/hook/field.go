package hook

import (
	"encoding/hex"
	"strings"

	"restock/core"
	"restock/core/pack"
)

// Type is the type of a field that a plugin reads, of a variable that it sets, or of a setting that it takes.
type Type string

// The types. On the wire Time is an int: milliseconds since 1970 in UTC; money is Int in the currency's minor unit.
const (
	String  Type = "string"
	Int     Type = "int"
	Bool    Type = "bool"
	Strings Type = "strings" // a list of strings
	Time    Type = "time"
)

// Field is a named value with its type: a path of the table below in Manifest.Reads, a key in Manifest.Config.
type Field struct {
	Path string
	Type Type
}

// Context is what a plugin may read about one contact's case. A part that the case does not have stays zero.
type Context struct {
	Now      core.Time
	Contact  core.Traits
	Activity core.Activity
	Product  core.Product
	Variant  core.Variant
	Source   core.Source
	Restock  core.Restock
	Units    int64 // available of the variant in the activity's market, now
}

// field is a readable field. append writes its value, or nil when the case does not have it.
type field struct {
	Field
	append func(dst []byte, c *Context) []byte
}

// fields is everything that plugins may read, in the order in which it is listed to authors. It only ever grows. A
// contact's whole e-mail address, its phone number and its name are not in it: no plugin learns whom it decides about.
var fields = []field{
	{Field{"now", Time}, func(dst []byte, c *Context) []byte { return timeOrNil(dst, c.Now) }},

	{Field{"contact.id", String}, func(dst []byte, c *Context) []byte { return appendContactID(dst, c.Contact.ID) }},
	{Field{"contact.email_domain", String}, func(dst []byte, c *Context) []byte { return textOrNil(dst, c.Contact.EmailDomain) }},
	{Field{"contact.locale", String}, func(dst []byte, c *Context) []byte { return textOrNil(dst, c.Contact.Locale) }},
	{Field{"contact.region", String}, func(dst []byte, c *Context) []byte { return textOrNil(dst, c.Contact.Region) }},
	{Field{"contact.tags", Strings}, func(dst []byte, c *Context) []byte { return pack.AppendStrings(dst, c.Contact.Tags) }},
	{Field{"contact.created_at", Time}, func(dst []byte, c *Context) []byte { return timeOrNil(dst, c.Contact.CreatedAt) }},

	{Field{"activity.kind", String}, func(dst []byte, c *Context) []byte { return textOrNil(dst, c.Activity.Kind) }},
	{Field{"activity.at", Time}, func(dst []byte, c *Context) []byte { return timeOrNil(dst, c.Activity.At) }},
	{Field{"activity.asked_at", Time}, func(dst []byte, c *Context) []byte { return timeOrNil(dst, c.Activity.AskedAt) }},
	{Field{"activity.sku", String}, func(dst []byte, c *Context) []byte { return textOrNil(dst, c.Activity.SKU) }},

	{Field{"activity.market", String}, func(dst []byte, c *Context) []byte { return textOrNil(dst, c.Activity.Market) }},
	{Field{"activity.price", Int}, func(dst []byte, c *Context) []byte {
		return intIf(dst, c.Activity.Price != core.Money{}, c.Activity.Price.Minor)
	}},
	{Field{"activity.currency", String}, func(dst []byte, c *Context) []byte { return textOrNil(dst, c.Activity.Price.Currency) }},

	{Field{"product.id", String}, func(dst []byte, c *Context) []byte { return textOrNil(dst, c.Product.ID) }},
	{Field{"product.title", String}, func(dst []byte, c *Context) []byte { return textOrNil(dst, c.Product.Title) }},
	{Field{"product.vendor", String}, func(dst []byte, c *Context) []byte { return textOrNil(dst, c.Product.Vendor) }},

	{Field{"variant.id", String}, func(dst []byte, c *Context) []byte { return textOrNil(dst, c.Variant.ID) }},
	{Field{"variant.sku", String}, func(dst []byte, c *Context) []byte { return textOrNil(dst, c.Variant.SKU) }},
	{Field{"variant.title", String}, func(dst []byte, c *Context) []byte { return textOrNil(dst, c.Variant.Title) }},
	{Field{"variant.price", Int}, func(dst []byte, c *Context) []byte {
		return intIf(dst, c.Variant.Price != core.Money{}, c.Variant.Price.Minor)
	}},
	{Field{"variant.currency", String}, func(dst []byte, c *Context) []byte { return textOrNil(dst, c.Variant.Price.Currency) }},
	{Field{"variant.units", Int}, func(dst []byte, c *Context) []byte { return intIf(dst, c.Variant.ID != "", c.Units) }},

	{Field{"source.name", String}, func(dst []byte, c *Context) []byte { return textOrNil(dst, c.Source.Name) }},

	{Field{"restock.opened_at", Time}, func(dst []byte, c *Context) []byte { return timeOrNil(dst, c.Restock.OpenedAt) }},
	{Field{"restock.units", Int}, func(dst []byte, c *Context) []byte {
		return intIf(dst, c.Restock.ID != core.RestockID{}, c.Restock.Units)
	}},
}

// fieldsPrefix begins the paths of a contact's own fields, which the merchant names (core.ValidFieldName): all are String.
const fieldsPrefix = "contact.fields."

// contactField is the readable field of one of the merchant's own; false when nothing can be called so.
func contactField(path string) (field, bool) {
	name, ok := strings.CutPrefix(path, fieldsPrefix)
	if !ok || !core.ValidFieldName(name) {
		return field{}, false
	}
	return field{Field{path, String}, func(dst []byte, c *Context) []byte { return textOrNil(dst, c.Contact.Fields[name]) }}, true
}

// FieldOf finds a readable field; false when there is none of that path.
func FieldOf(path string) (Field, bool) {
	f, ok := lookup(path)
	return f.Field, ok
}

// Fields lists every field that a plugin may read, without the merchant's own, which are read as contact.fields.NAME.
func Fields() []Field {
	all := make([]Field, len(fields))
	for i, f := range fields {
		all[i] = f.Field
	}
	return all
}

func lookup(path string) (field, bool) {
	for _, f := range fields {
		if f.Path == path {
			return f, true
		}
	}
	return contactField(path)
}

func paths() string {
	all := make([]string, len(fields))
	for i, f := range fields {
		all[i] = f.Path
	}
	return strings.Join(append(all, fieldsPrefix+"NAME"), ", ")
}

// meant says which field somebody may have meant by a path that is none; "" when that is anybody's guess.
func meant(path string) string {
	best, least := "", min(4, len(path)) // so many changes are no slip
	for _, f := range fields {
		d := distance(path, f.Path)
		if path != "" && strings.HasPrefix(f.Path, path) {
			d = 1
		}
		if d < least {
			best, least = f.Path, d
		}
	}
	if name, ok := strings.CutPrefix(path, "contact."); best == "" && ok && core.ValidFieldName(name) {
		best = fieldsPrefix + name
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + best + "?"
}

// distance is how many bytes have to be put in, taken out or changed to make one text of another (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for k := range row {
		row[k] = k
	}
	for i := range len(a) {
		left := row[0]
		row[0] = i + 1
		for k := range len(b) {
			change := left
			if a[i] != b[k] {
				change++
			}
			left = row[k+1]
			row[k+1] = min(change, row[k]+1, left+1)
		}
	}
	return row[len(b)]
}

func textOrNil[S ~string](dst []byte, s S) []byte {
	if s == "" {
		return pack.AppendNil(dst)
	}
	return pack.AppendString(dst, s)
}

func timeOrNil(dst []byte, t core.Time) []byte { return intIf(dst, t != 0, int64(t)) }

func intIf(dst []byte, known bool, v int64) []byte {
	if !known {
		return pack.AppendNil(dst)
	}
	return pack.AppendInt(dst, v)
}

func appendContactID(dst []byte, id core.ContactID) []byte {
	if id == (core.ContactID{}) {
		return pack.AppendNil(dst)
	}
	return hex.AppendEncode(pack.AppendStringHeader(dst, hex.EncodedLen(len(id))), id[:])
}
