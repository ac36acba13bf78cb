package filter

import (
	"strings"

	"restock/core"
)

// Text says in English whom or what a filter takes: "SKU is TEE-M and price is at most 50.00 EUR". A filter that takes
// everything is "".
func Text(f core.Filter) string {
	switch {
	case f.Occurred != nil:
		return textOccurred(*f.Occurred)
	case f.Field != "":
		return textCondition(f)
	case Everything(f):
		return ""
	case f.Group == core.FilterNone:
		return "none of these: " + texts(f.Of, "; ")
	case f.Group == core.FilterAny:
		return texts(f.Of, " or ")
	}
	return texts(f.Of, " and ")
}

// texts joins filters; each that could be read otherwise stands in parentheses.
func texts(of []core.Filter, between string) string {
	parts := make([]string, len(of))
	for i, f := range of {
		parts[i] = Text(f)
		if len(f.Of) > 1 || f.Group == core.FilterNone || f.Occurred != nil && !Everything(f.Occurred.Where) {
			parts[i] = "(" + parts[i] + ")"
		}
	}
	return strings.Join(parts, between)
}

func textCondition(f core.Filter) string {
	known, ok := lookup(f.Field)
	o, fits := operatorOf(f.Op, known.typ)
	if !ok || !fits {
		return f.Field + " " + string(f.Op) + " …"
	}
	d := formatOperand(o.operand, known.typ, f)
	switch o.operand {
	case flagged:
		if o.op == core.OpAnniversary {
			return known.label + " has its anniversary"
		}
		return known.label + " " + o.word
	case twoNumbers, twoDates:
		return known.label + " is between " + d.Items[0].Text + " and " + d.Items[1].Text
	}
	return known.label + " " + verb(o) + " " + either(d)
}

// verb is an operator's word as it stands behind what is compared.
func verb(o operator) string {
	switch o.op {
	case core.OpLess, core.OpAtMost, core.OpMore, core.OpAtLeast, core.OpInTheLast, core.OpMoreAgo, core.OpExactlyAgo, core.OpBefore, core.OpAfter, core.OpOn:
		return "is " + o.word
	}
	return o.word
}

// either writes values; those that are no word on their own stand in quotes.
func either(d Doc) string {
	if d.Kind == DocText {
		d.Items = []Doc{d}
	}
	all := make([]string, len(d.Items))
	for i, item := range d.Items {
		all[i] = item.Text
		if strings.ContainsAny(item.Text, `,;()"`) || strings.TrimSpace(item.Text) != item.Text ||
			strings.Contains(item.Text, " or ") || strings.Contains(item.Text, " and ") {
			all[i] = `"` + strings.ReplaceAll(item.Text, `"`, `\"`) + `"`
		}
	}
	if len(all) > shown {
		return strings.Join(all[:shown], ", ") + " or one of " + formatNumber(someNumbers, numberField, int64(len(all)-shown), "") + " more"
	}
	return list(all)
}

// shown is how many values of a condition a sentence has.
const shown = 10

func textOccurred(o core.Occurred) string {
	var b strings.Builder
	b.WriteString(title(o.Kind))
	for _, w := range which {
		if w.of == o.Which && !w.not {
			b.WriteString(" " + w.word)
		}
	}
	for i, w := range o.When {
		op, _ := operatorOf(w.Op, timeField)
		d := formatOperand(op.operand, timeField, core.Filter{Numbers: w.Days})
		if i > 0 {
			b.WriteString(" and")
		}
		b.WriteString(" " + op.word + " ")
		if d.Kind == DocList {
			b.WriteString(d.Items[0].Text + " and " + d.Items[1].Text)
		} else {
			b.WriteString(d.Text)
		}
	}
	if !Everything(o.Where) {
		b.WriteString(" where " + Text(o.Where))
	}
	return b.String()
}
