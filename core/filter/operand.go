package filter

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"restock/core"
)

// operandReader reads what one operator compares with.
type operandReader struct {
	parser
	field    field
	operator operator
	path     string
}

// wrong notes that what stands at d is not what the operator compares with.
func (r *operandReader) wrong(d Doc, path string) {
	found := d.Kind.String()
	if d.Kind == DocText {
		found = `"` + shorten(d.Text) + `"`
	}
	r.fault(path, d.Line, "want %s, found %s", r.operator.operand.want(r.field.typ), found)
}

// read reads d into c.
func (r *operandReader) read(d Doc, c *core.Filter) {
	switch r.operator.operand {
	case flagged:
		if d.Text != "true" {
			r.wrong(d, r.path)
		}
	case someTexts:
		c.Texts = r.texts(d)
	case someNumbers:
		r.numbers(r.items(d), c)
	case oneNumber:
		r.numbers([]Doc{d}, c)
	case twoNumbers:
		r.pair(d, c, func(items []Doc) { r.numbers(items, c) })
	case someDays, daysAgo:
		c.Numbers = r.each([]Doc{d}, r.days)
	case oneDate:
		c.Numbers = r.each([]Doc{d}, date)
	case twoDates:
		r.pair(d, c, func(items []Doc) { c.Numbers = r.each(items, date) })
	}
}

// items are those of a list of 1 to MaxValues, or a text as the only one.
func (r *operandReader) items(d Doc) []Doc {
	if d.Kind != DocList {
		return []Doc{d}
	}
	switch n := len(d.Items); {
	case n == 0:
		r.fault(r.path, d.Line, "is an empty list; name at least one or leave the key out")
	case n > MaxValues:
		r.fault(r.path, d.Line, "is a list of %d; want at most %d", n, MaxValues)
		return nil
	}
	return d.Items
}

// at is the path of an item.
func (r *operandReader) at(i, n int) string {
	if n == 1 {
		return r.path
	}
	return r.path + "[" + strconv.Itoa(i) + "]"
}

func (r *operandReader) texts(d Doc) (texts []string) {
	items := r.items(d)
	seen := make(map[string]bool, len(items))
	for i, item := range items {
		at := r.at(i, len(items))
		switch {
		case item.Kind != DocText:
			r.wrong(item, at)
		case seen[item.Text]:
			r.fault(at, item.Line, "is there twice; keep one")
		default:
			r.text(item, at)
		}
		seen[item.Text] = true
		texts = append(texts, item.Text)
	}
	return texts
}

// channels are what lists of channels can have.
var channels = []string{string(core.Email), string(core.SMS), string(core.Push)}

func (r *operandReader) text(d Doc, at string) {
	switch {
	case d.Text == "":
		r.fault(at, d.Line, `is empty; give it a value, or ask for "has no value: true"`)
	case len(d.Text) > MaxValue:
		r.fault(at, d.Line, "has %d bytes; want at most %d", len(d.Text), MaxValue)
	case strings.ContainsFunc(d.Text, func(c rune) bool { return c < ' ' || c == 0x7f }):
		r.fault(at, d.Line, "want one line without control characters")
	case r.field.ofChannels() && !slices.Contains(channels, d.Text):
		r.fault(at, d.Line, `"%s" is no channel; want %s`, shorten(d.Text), list(channels))
	}
}

// each reads texts as numbers.
func (r *operandReader) each(items []Doc, read func(string) (int64, bool)) (all []int64) {
	for i, item := range items {
		n, ok := int64(0), item.Kind == DocText
		if ok {
			n, ok = read(item.Text)
		}
		if !ok {
			r.wrong(item, r.at(i, len(items)))
		}
		all = append(all, n)
	}
	return all
}

// pair reads a list of two, the lower one first.
func (r *operandReader) pair(d Doc, c *core.Filter, read func([]Doc)) {
	if d.Kind != DocList || len(d.Items) != 2 {
		r.wrong(d, r.path)
		return
	}
	if read(d.Items); len(r.faults) == 0 && c.Numbers[0] > c.Numbers[1] {
		r.fault(r.path, d.Line, "want the lower one first")
	}
}

func (r *operandReader) numbers(items []Doc, c *core.Filter) {
	switch r.field.typ {
	case moneyField:
		c.Numbers = r.each(items, func(s string) (int64, bool) { return money(s, &c.Currency) })
	case ownField:
		c.Numbers = r.each(items, millionths)
	default:
		c.Numbers = r.each(items, whole)
	}
	if len(r.faults) == 0 && len(c.Numbers) > 1 && r.operator.operand == someNumbers {
		r.distinct(items, c.Numbers)
	}
}

func (r *operandReader) distinct(items []Doc, numbers []int64) {
	for i, n := range numbers {
		if slices.Contains(numbers[:i], n) {
			r.fault(r.at(i, len(items)), items[i].Line, "is there twice; keep one")
		}
	}
}

// whole reads a whole number in its one usual spelling.
func whole(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && strconv.FormatInt(n, 10) == s
}

// money reads an amount with its currency, which is that of the amounts before.
func money(s string, currency *string) (int64, bool) {
	amount, code, ok := strings.Cut(s, " ")
	if !ok || len(code) != 3 || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" || *currency != "" && code != *currency {
		return 0, false
	}
	m, err := core.ParseMoney(amount, code)
	*currency = code
	return m.Minor, err == nil
}

// decimalPlaces is how many digits of a contact's field behind the point are told apart.
const decimalPlaces = 6

// millionths reads a decimal number. Fractions are counted, not rounded: a float would differ between machines.
func millionths(s string) (int64, bool) {
	digits, negative := strings.CutPrefix(s, "-")
	before, after, _ := strings.Cut(digits, ".")
	if before == "" || len(before) > 12 || len(after) > decimalPlaces || strings.HasSuffix(digits, ".") {
		return 0, false
	}
	n := int64(0)
	for _, part := range [2]string{before, after} {
		for i := range len(part) {
			if part[i] < '0' || part[i] > '9' {
				return 0, false
			}
			n = n*10 + int64(part[i]-'0')
		}
	}
	for range decimalPlaces - len(after) {
		n *= 10
	}
	if negative {
		n = -n
	}
	return n, true
}

// days reads "7 days" or "1 day", with "ago" behind where that is meant.
func (r *operandReader) days(s string) (int64, bool) {
	least := int64(1)
	if r.operator.operand == daysAgo {
		var ago bool
		if s, ago = strings.CutSuffix(s, " ago"); !ago {
			return 0, false
		}
		least = 0
	}
	if r.operator.op == core.OpIn || r.operator.op == core.OpInMore {
		least = 0
	}
	digits, unit, _ := strings.Cut(s, " ")
	n, ok := whole(digits)
	return n, ok && (unit == "days" || unit == "day" && n == 1) && n >= least && n <= MaxDays
}

// date reads 2026-01-31 as days since 1970-01-01.
func date(s string) (int64, bool) {
	t, err := time.Parse(time.DateOnly, s)
	return floorDiv(t.Unix(), secondsPerDay), err == nil && t.Year() >= 1
}

// shorten cuts s to what fits a line and escapes what would not be seen.
func shorten(s string) string {
	if len(s) > 60 {
		s = strings.ToValidUTF8(s[:60], "") + "…"
	}
	return strings.Trim(strconv.Quote(s), `"`)
}
