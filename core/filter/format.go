package filter

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"restock/core"
)

// Format writes a filter as Parse reads it: what Parse made is read again as the same. What this version does not know is
// written by its stored name.
func Format(f core.Filter) Doc {
	switch {
	case f.Occurred != nil:
		return mapping(string(f.Occurred.Kind), formatOccurred(*f.Occurred))
	case f.Field != "":
		return mapping(f.Field, formatCondition(f))
	case Everything(f):
		return Doc{Kind: DocMapping}
	}
	var items, keys = []Doc{}, []Key{}
	sorted := f.Group == core.FilterAll
	for _, of := range f.Of {
		d := Format(of)
		sorted = sorted && len(d.Keys) == 1 && (len(keys) == 0 || keys[len(keys)-1].Name < d.Keys[0].Name) && of.Group != core.FilterAll
		items, keys = append(items, d), append(keys, d.Keys...)
	}
	if sorted {
		return Doc{Kind: DocMapping, Keys: keys}
	}
	return mapping(string(f.Group), Doc{Kind: DocList, Items: items})
}

func mapping(name string, value Doc) Doc {
	return Doc{Kind: DocMapping, Keys: []Key{{Name: name, Value: value}}}
}

func text(s string) Doc { return Doc{Kind: DocText, Text: s} }

// formatCondition writes what stands behind a field.
func formatCondition(f core.Filter) Doc {
	known, _ := lookup(f.Field)
	o, ok := operatorOf(f.Op, known.typ)
	if !ok {
		return mapping(string(f.Op), text("…"))
	}
	d := formatOperand(o.operand, known.typ, f)
	if u, ok := usual(known.typ); ok && u.op == f.Op {
		return d
	}
	return mapping(o.word, d)
}

func formatOperand(o operand, t fieldType, f core.Filter) Doc {
	if o == flagged {
		return text("true")
	}
	values := f.Texts
	if o != someTexts {
		values = nil
		for _, n := range f.Numbers {
			values = append(values, formatNumber(o, t, n, f.Currency))
		}
	}
	if len(values) == 1 {
		return text(values[0])
	}
	d := Doc{Kind: DocList}
	for _, v := range values {
		d.Items = append(d.Items, text(v))
	}
	return d
}

// formatNumber writes a number as its operand is read.
func formatNumber(o operand, t fieldType, n int64, currency string) string {
	switch {
	case o == someDays:
		return plural(n)
	case o == daysAgo:
		return plural(n) + " ago"
	case o == oneDate || o == twoDates:
		return civil(n).Format(time.DateOnly)
	case t == moneyField:
		return core.Money{Minor: n, Currency: currency}.String()
	case t == ownField:
		return formatMillionths(n)
	}
	return strconv.FormatInt(n, 10)
}

func plural(n int64) string {
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}

func formatMillionths(n int64) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	s := fmt.Sprintf("%s%d.%06d", sign, n/1_000_000, n%1_000_000)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// formatOccurred writes what stands behind an activity.
func formatOccurred(o core.Occurred) Doc {
	word := ""
	for _, w := range which {
		if w.of == o.Which && !w.not {
			word = w.word
		}
	}
	when := Doc{Kind: DocMapping}
	for _, w := range o.When {
		op, _ := operatorOf(w.Op, timeField)
		when.Keys = append(when.Keys, Key{Name: op.word, Value: formatOperand(op.operand, timeField, core.Filter{Numbers: w.Days})})
	}
	if len(o.When) == 0 {
		when = text(ever)
	}
	d := mapping(word, when)
	if !Everything(o.Where) {
		d.Keys = append(d.Keys, Key{Name: "where", Value: Format(o.Where)})
	}
	return d
}
