package source

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"restock/core"
	"restock/core/address"
)

// Only fails for the first field, by name, that is none of the known ones: for payloads whose shape is ours, where an
// unknown field is a slip of the pen. A shop's own payloads get new fields whenever the shop likes.
func (o Object) Only(known ...string) {
	unknown := ""
	for name := range o.fields {
		if !slices.Contains(known, name) && (unknown == "" || name < unknown) {
			unknown = name
		}
	}
	if unknown != "" {
		o.Fail(printableName(unknown), "no such field; known are "+strings.Join(known, ", "))
	}
}

// AtMost fails when a list has more than limit elements: for payloads of which nothing may be left out.
func (o Object) AtMost(name string, limit int) {
	var raw []json.RawMessage
	if json.Unmarshal(o.fields[name], &raw) == nil && len(raw) > limit {
		o.Fail(name, fmt.Sprintf("at most %d elements", limit))
	}
}

// Apart reads a list of objects that stand each for itself: what is wrong with one of them is found by its own Err. Elements
// that are no objects are empty, and wrong. It fails when the field is no list.
func (o Object) Apart(name string) []Object {
	raw, _ := o.elements(name)
	list := make([]Object, 0, len(raw))
	for i, item := range raw {
		alone := Object{path: o.path, err: new(*PayloadError)}
		list = append(list, alone.child(name+"["+strconv.Itoa(i)+"]", item))
	}
	return list
}

// Within reads a string of at most limit bytes, and fails for a longer one instead of cutting it; "" when missing or null.
func (o Object) Within(name string, limit int) string {
	s := o.Text(name, limit+1)
	if len(s) > limit {
		o.Fail(name, fmt.Sprintf("at most %d bytes", limit))
		return ""
	}
	return s
}

// Link reads an address as WebURL takes it, and fails for any other; "" when missing, null or empty.
func (o Object) Link(name string) string {
	s := o.Within(name, MaxURL)
	url := WebURL(s)
	if s != "" && url == "" {
		o.Fail(name, "an address that begins with http:// or https://")
	}
	return url
}

// Record makes an object of a table's row, whose cells are texts; empty ones are missing.
func Record(names, cells []string) Object {
	o := Object{fields: make(map[string]json.RawMessage, len(names)), err: new(*PayloadError)}
	for i := range min(len(names), len(cells)) {
		if cells[i] != "" {
			o.fields[names[i]] = quote(cells[i])
		}
	}
	return o
}

// quote makes a text what unquote reads; most cells need no escapes.
func quote(s string) json.RawMessage {
	if strings.ContainsAny(s, `"\`) {
		raw, _ := json.Marshal(s)
		return raw
	}
	return json.RawMessage(`"` + s + `"`)
}

// printableName is a stranger's field name as errors may show it.
func printableName(name string) string {
	return strings.Trim(strconv.Quote(cut(name, 64)), `"`)
}

// Bool reads true or false; it fails when the field is missing or null.
func (o Object) Bool(name string) bool {
	text := string(o.fields[name])
	if text != "true" && text != "false" {
		o.Fail(name, "true or false")
	}
	return text == "true"
}

// IsText says whether the field is that very text, for fields that may be a flag or a word.
func (o Object) IsText(name, text string) bool {
	s, ok := unquote(o.fields[name])
	return ok && s == text
}

// Quoted is the field's text; ok is false for a field that is no string.
func (o Object) Quoted(name string) (s string, ok bool) { return unquote(o.fields[name]) }

// Word reads one of a few words; "" when missing or null.
func (o Object) Word(name string, words ...string) string {
	if o.Absent(name) {
		return ""
	}
	s, ok := unquote(o.fields[name])
	if !ok || !slices.Contains(words, s) {
		o.Fail(name, "one of "+strings.Join(words, ", "))
		return ""
	}
	return s
}

// Texts reads a list of at most limit strings, each cut to size bytes; nil when missing or null. Nulls in the list are "".
func (o Object) Texts(name string, limit, size int) []string {
	if o.Absent(name) {
		return nil
	}
	raw, ok := o.elements(name)
	if !ok {
		return nil
	}
	all := make([]string, 0, min(len(raw), limit))
	for i, item := range raw[:cap(all)] {
		s, ok := unquote(item)
		if !ok && string(item) != "null" {
			o.Fail(fmt.Sprintf("%s[%d]", name, i), "a string")
		}
		all = append(all, cut(s, size))
	}
	return all
}

// IDs reads a list of external ids, at most limit of them; nil when missing or null.
func (o Object) IDs(name string, limit int) []string {
	if o.Absent(name) {
		return nil
	}
	raw, _ := o.elements(name)
	all := make([]string, 0, min(len(raw), limit))
	for i, item := range raw[:cap(all)] {
		id, ok := readID(item)
		if !ok {
			o.Fail(fmt.Sprintf("%s[%d]", name, i), wantID)
		}
		all = append(all, id)
	}
	return all
}

// WholeUnits reads an amount of stock that may have decimals (1.5, "5.0000") and rounds it down: of one and a half, one can
// be bought. It fails when the field is missing or null.
func (o Object) WholeUnits(name string) int64 {
	text, ok := unquote(o.fields[name])
	if !ok {
		text = string(o.fields[name])
	}
	n, ok := floor(text)
	if !ok {
		o.Fail(name, "a decimal number of at most 18 digits")
	}
	return n
}

// floor rounds a plain decimal down to a whole number.
func floor(text string) (n int64, ok bool) {
	whole, fraction, pointed := strings.Cut(text, ".")
	if !isWhole(whole) || len(whole) > 19 || pointed && strings.Trim(fraction, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	if whole[0] == '-' && strings.Trim(fraction, "0") != "" {
		n--
	}
	return n, err == nil
}

// Price reads an amount as merchants type them: missing, null and "" are none (the zero Money), and what lies below the
// currency's minor unit is rounded half up. A price must not keep the stock beside it from being read, so only what is no
// number at all, or below zero, fails.
func (o Object) Price(name, currency string) core.Money {
	text, quoted := unquote(o.fields[name])
	if o.Absent(name) || quoted && text == "" {
		return core.Money{}
	}
	if !quoted {
		text = string(o.fields[name])
	}
	m, ok := roundMoney(text, currency)
	if !ok {
		o.Fail(name, "an amount such as 19.99")
	}
	return m
}

// roundMoney reads a plain decimal and rounds it half up to the currency's minor unit.
func roundMoney(text, currency string) (core.Money, bool) {
	whole, fraction, _ := strings.Cut(text, ".")
	digits, up := core.Decimals(currency), false
	if len(fraction) > digits {
		up = fraction[digits] >= '5'
		if strings.Trim(fraction, "0123456789") != "" {
			return core.Money{}, false
		}
		fraction = fraction[:digits]
	}
	m, err := core.ParseMoney(whole+"."+fraction, currency)
	if err != nil || strings.HasPrefix(whole, "-") || m.Minor == 1<<63-1 {
		return core.Money{}, false
	}
	if up {
		m.Minor++
	}
	return m, true
}

// Currency reads three capitals of ISO 4217; fallback when missing or null.
func (o Object) Currency(name, fallback string) string {
	if o.Absent(name) {
		return fallback
	}
	s, ok := unquote(o.fields[name])
	if !ok || len(s) != 3 || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		o.Fail(name, "three capitals of ISO 4217, such as EUR")
		return fallback
	}
	return s
}

// UTC reads an instant that a platform writes without a zone and means in UTC ("2026-01-31T12:00:00"), or one of RFC 3339;
// 0 when missing, null or empty.
func (o Object) UTC(name string) core.Time {
	text, quoted := unquote(o.fields[name])
	if o.Absent(name) || quoted && text == "" {
		return 0
	}
	t, ok := ParseTime(text)
	if !ok {
		t, ok = ParseTime(text + "Z")
	}
	if !ok {
		o.Fail(name, "a time such as 2026-01-31T12:00:00, in UTC")
	}
	return t
}

// Email reads an e-mail address in its normal form; "" for anything that is none. An order is no less an order for what
// its buyer typed, so this never fails.
func (o Object) Email(name string) string {
	text, _ := unquote(o.fields[name])
	normal, err := address.Email(text)
	if err != nil {
		return ""
	}
	return normal
}

// Phone reads a phone number in E.164; region is where one without country code is dialled. "" for anything that is none,
// as with Email.
func (o Object) Phone(name, region string) string {
	text, _ := unquote(o.fields[name])
	if text == "" {
		return ""
	}
	normal, _, err := address.Phone(text, region)
	if err != nil {
		return ""
	}
	return normal
}

// WebURL is an address that a mail may link to or show, "" for other schemes and for what is longer than MaxURL. One
// without scheme, as themes write them, gets https.
func WebURL(s string) string {
	if strings.HasPrefix(s, "//") {
		s = "https:" + s
	}
	if len(s) > MaxURL || !strings.HasPrefix(s, "https://") && !strings.HasPrefix(s, "http://") {
		return ""
	}
	return s
}

// Bounds of what is read of any platform's catalogue, in bytes.
const (
	MaxTitle  = 512 // option names joined
	MaxVendor = 255
	MaxSKU    = 255
	MaxURL    = 2048
	MaxOption = 255 // a name or a value
)
