package filter

import (
	"fmt"
	"slices"

	"restock/core"
)

// ever is a window that leaves nothing out.
const ever = "ever"

// occurred reads a condition on a contact's past.
func (p *parser) occurred(kind core.ActivityKind, k Key, s Scope, path string, depth int) core.Filter {
	d := k.Value
	if d.Kind == DocText && d.Text == "has occurred" || d.Kind == DocText && d.Text == "has not occurred" { // ever
		d = Doc{Kind: DocMapping, Line: d.Line, Keys: []Key{{Name: d.Text, Line: d.Line, Value: Doc{Kind: DocText, Line: d.Line, Text: ever}}}}
	}
	if d.Kind == DocText && d.Text == "occurs" {
		p.occurs(s, path, k.Line)
		return core.Filter{}
	}
	if d.Kind != DocMapping {
		p.fault(path, d.Line, "want a mapping with %s, and where; found %s", list(occurrenceWords()), orText(d))
		return core.Filter{}
	}
	o := core.Occurred{Kind: kind}
	not, said := false, 0
	for _, key := range p.keys(d, path) {
		at := below(path, key.Name)
		i := slices.IndexFunc(which, func(w occurrence) bool { return w.word == key.Name })
		switch {
		case i >= 0:
			said++
			o.Which, not = which[i].of, which[i].not
			o.When = p.when(o.Which, key.Value, at)
		case key.Name == "where":
			o.Where = p.node(key.Value, occurred, at, depth-1)
		case key.Name == "occurs":
			p.occurs(s, at, key.Line)
			said++
		default:
			p.wrongKey(key, at)
		}
	}
	if said != 1 {
		p.fault(path, k.Line, "says %d times which activities are meant; want one of %s", said, list(occurrenceWords()))
	}
	f := core.Filter{Occurred: &o}
	if not {
		return core.Filter{Group: core.FilterNone, Of: []core.Filter{f}}
	}
	return f
}

func orText(d Doc) string {
	if d.Kind == DocText {
		return `"` + shorten(d.Text) + `"`
	}
	return d.Kind.String()
}

func occurrenceWords() (words []string) {
	for _, w := range which {
		words = append(words, w.word)
	}
	return words
}

func (p *parser) wrongKey(k Key, at string) {
	words := append(occurrenceWords(), "where")
	hint := ""
	if near := nearest(k.Name, words); near != "" {
		hint = fmt.Sprintf(`; did you mean "%s"`, near)
	}
	p.fault(at, k.Line, "unknown key%s; want %s", hint, list(words))
}

// occurs is refused wherever a filter stands: it is how journeys and playbooks are entered.
func (p *parser) occurs(s Scope, path string, line int) {
	if s == Audience {
		p.fault(path, line, "occurs is a moment, at which journeys and playbooks are entered; an audience is asked at any time: "+
			"write what has happened and when, such as {has occurred: {in the last: 7 days}}")
		return
	}
	p.fault(path, line, "occurs is said once, as the journey's enter.occurs; here want %s", list(occurrenceWords()))
}

// when reads windows: "ever", or a mapping of operators on time.
func (p *parser) when(of core.Occurrence, d Doc, path string) (all []core.Window) {
	if d.Kind == DocText && d.Text == ever && of == core.OccurredAny {
		return nil
	}
	fits := words(timeField, true)
	if d.Kind != DocMapping || len(d.Keys) == 0 {
		also := ""
		if of == core.OccurredAny {
			also = ever + ", or "
		}
		p.fault(path, d.Line, "want when: %sa mapping with %s, such as {in the last: 7 days}; found %s", also, list(fits), orText(d))
		return nil
	}
	for i, k := range p.keys(d, path) {
		if i > 0 {
			p.conditions++
		}
		at := below(path, k.Name)
		found := called(k.Name, timeField, true)
		if len(found) == 0 {
			p.misfit("when", fits, k, at)
			continue
		}
		c := p.compare(field{typ: timeField}, found, k.Value, at)
		all = append(all, core.Window{Op: c.Op, Days: c.Numbers})
	}
	return all
}
