package filter

import (
	"fmt"
	"slices"
	"strings"

	"restock/core"
)

// Fault is one wrong thing in a filter that was written.
type Fault struct {
	Path    string // within the filter, like any[1].sku; "": the filter as a whole
	Line    int    // as its Doc has it
	Message string // what was expected, and what to do
}

func (f Fault) Error() string {
	if f.Path == "" {
		return f.Message
	}
	return f.Path + ": " + f.Message
}

// Parse reads a filter and finds everything that is wrong with it; with faults there is no filter. What comes of it does not
// depend on the order of a mapping's keys, nor on whether one value stands in a list.
func Parse(d Doc, s Scope) (core.Filter, []Fault) {
	p := parser{}
	f := p.node(d, s, "", MaxDepth)
	if p.conditions > MaxConditions {
		p.fault("", d.Line, "has more than %d conditions", MaxConditions)
	}
	if len(p.faults) > 0 {
		return core.Filter{}, p.faults
	}
	return f, nil
}

type parser struct {
	faults     []Fault
	conditions int
}

func (p *parser) fault(path string, line int, format string, args ...any) {
	p.faults = append(p.faults, Fault{Path: path, Line: line, Message: fmt.Sprintf(format, args...)})
}

// below is the path of a key.
func below(path, key string) string {
	if path == "" {
		return shorten(key)
	}
	return path + "." + shorten(key)
}

// node reads a mapping, all of whose entries must hold.
func (p *parser) node(d Doc, s Scope, path string, depth int) core.Filter {
	if d.Kind != DocMapping {
		hint := ""
		if d.Kind == DocList {
			hint = "; filters that must all hold stand under all"
		}
		p.fault(path, d.Line, "want a mapping, found %s%s", d.Kind, hint)
		return core.Filter{}
	}
	if depth == 0 {
		p.fault(path, d.Line, "is nested too deep; want at most %d levels", MaxDepth)
		return core.Filter{}
	}
	var of []core.Filter
	for _, k := range p.keys(d, path) {
		of = append(of, p.entry(k, s, below(path, k.Name), depth))
	}
	return All(of...)
}

// keys are those of a mapping in the order of their names, each once and with a value.
func (p *parser) keys(d Doc, path string) (keys []Key) {
	if len(d.Keys) > MaxConditions {
		p.fault(path, d.Line, "has %d keys; want at most %d", len(d.Keys), MaxConditions)
		return nil
	}
	for _, k := range d.Keys {
		at := below(path, k.Name)
		switch {
		case slices.ContainsFunc(keys, func(other Key) bool { return other.Name == k.Name }):
			p.fault(at, k.Line, "is there twice; keep one, or put both into a list under all")
		case k.Value.Kind == DocNothing:
			p.fault(at, k.Line, "has no value; give it one or leave the key out")
		default:
			keys = append(keys, k)
		}
	}
	slices.SortStableFunc(keys, func(a, b Key) int { return strings.Compare(a.Name, b.Name) })
	return keys
}

// entry reads a group or a condition.
func (p *parser) entry(k Key, s Scope, path string, depth int) core.Filter {
	switch core.FilterGroup(k.Name) {
	case core.FilterAll, core.FilterAny, core.FilterNone:
		return p.group(k, s, path, depth)
	}
	if p.conditions++; p.conditions > MaxConditions {
		return core.Filter{} // said by Parse
	}
	f, known := lookup(k.Name)
	switch {
	case known && s.takes(f):
		return p.condition(f, k.Value, path)
	case known:
		p.misplaced(f, s, path, k.Line)
	case s != occurred && slices.Contains(kinds, core.ActivityKind(k.Name)):
		return p.occurred(core.ActivityKind(k.Name), k, s, path, depth)
	default:
		p.unknown(k, s, path)
	}
	return core.Filter{}
}

// misplaced is a field that exists, elsewhere.
func (p *parser) misplaced(f field, s Scope, path string, line int) {
	if s == occurred {
		p.fault(path, line, "is of the contact; within where an activity's own fields can be asked: write it beside the activity")
		return
	}
	p.fault(path, line, "is of an activity, and an audience is of contacts; write which activity, such as back_in_stock: {has occurred: {in the last: 7 days}, where: {%s: …}}", f.name)
}

func (p *parser) unknown(k Key, s Scope, path string) {
	names := s.names()
	hint := ""
	if near := nearest(k.Name, names); strings.HasPrefix(k.Name, ownPrefix) {
		hint = fmt.Sprintf("; such a name has 1 to %d of a-z, A-Z, 0-9, _ and -", core.MaxFieldName)
	} else if near != "" {
		hint = fmt.Sprintf(`; did you mean "%s"`, near)
	}
	p.fault(path, k.Line, "unknown field%s; a filter knows %s here", hint, strings.Join(names, ", "))
}

func (p *parser) group(k Key, s Scope, path string, depth int) core.Filter {
	if k.Value.Kind != DocList || len(k.Value.Items) == 0 {
		p.fault(path, k.Line, "want a list of filters, each a mapping, found %s", orEmpty(k.Value))
		return core.Filter{}
	}
	if len(k.Value.Items) > MaxConditions {
		p.fault(path, k.Line, "is a list of %d; want at most %d", len(k.Value.Items), MaxConditions)
		return core.Filter{}
	}
	var of []core.Filter
	for i, item := range k.Value.Items {
		at := fmt.Sprintf("%s[%d]", path, i)
		if item.Kind == DocMapping && len(item.Keys) == 0 {
			p.fault(at, item.Line, "is empty and would hold for everybody; take it out")
			continue
		}
		of = append(of, p.node(item, s, at, depth-1))
	}
	switch group := core.FilterGroup(k.Name); {
	case group == core.FilterAll:
		return All(of...)
	case group == core.FilterAny && len(of) == 1:
		return of[0]
	default:
		return core.Filter{Group: group, Of: of}
	}
}

func orEmpty(d Doc) string {
	if d.Kind == DocList {
		return "an empty list"
	}
	return d.Kind.String()
}

// All is the filter that holds when all of others hold. Those that take everything are left out.
func All(of ...core.Filter) core.Filter {
	var some []core.Filter
	for _, f := range of {
		if !Everything(f) {
			some = append(some, f)
		}
	}
	switch len(some) {
	case 0:
		return core.Filter{}
	case 1:
		return some[0]
	}
	return core.Filter{Group: core.FilterAll, Of: some}
}

// Everything says whether a filter has nothing to say.
func Everything(f core.Filter) bool {
	return f.Field == "" && f.Occurred == nil && len(f.Of) == 0 && (f.Group == "" || f.Group == core.FilterAll)
}

// OfMatches is the filter that matches meant, as they were written before there were filters.
func OfMatches(matches []core.Match) core.Filter {
	var of []core.Filter
	for _, m := range matches {
		of = append(of, core.Filter{Field: m.Field, Op: core.OpIs, Texts: m.Is})
	}
	return All(of...)
}

// condition reads what a field is compared with: values, or a mapping of operators, all of which must hold.
func (p *parser) condition(f field, d Doc, path string) core.Filter {
	if d.Kind == DocMapping {
		return p.comparisons(f, d, path)
	}
	o, ok := usual(f.typ)
	if !ok {
		p.fault(path, d.Line, "is %s; want how it compares: %s, such as {in the last: 7 days}", f.typ.noun(), list(words(f.typ, false)))
		return core.Filter{}
	}
	return p.compare(f, []operator{o}, d, path)
}

func (p *parser) comparisons(f field, d Doc, path string) core.Filter {
	if len(d.Keys) == 0 {
		p.fault(path, d.Line, "is empty; want %s", list(words(f.typ, false)))
	}
	var of []core.Filter
	for i, k := range p.keys(d, path) {
		if i > 0 {
			p.conditions++
		}
		at := below(path, k.Name)
		if found := called(k.Name, f.typ, false); len(found) > 0 {
			of = append(of, p.compare(f, found, k.Value, at))
			continue
		}
		p.misfit(f.typ.noun(), words(f.typ, false), k, at)
	}
	return All(of...)
}

// misfit is an operator that does not go with what it stands at.
func (p *parser) misfit(noun string, fits []string, k Key, path string) {
	if exists := words(everyField, false); !slices.Contains(exists, k.Name) {
		hint := ""
		if near := nearest(k.Name, fits); near != "" {
			hint = fmt.Sprintf(`; did you mean "%s"`, near)
		}
		p.fault(path, k.Line, "unknown operator%s; %s takes %s", hint, noun, list(fits))
		return
	}
	p.fault(path, k.Line, "does not fit %s, which takes %s", noun, list(fits))
}

// compare reads what a condition compares with. Of operators that share a word, the first that can read it is meant.
func (p *parser) compare(f field, found []operator, d Doc, path string) core.Filter {
	if d.Kind == DocMapping || d.Kind == DocNothing {
		p.fault(path, d.Line, "want %s, found %s", wants(found, f.typ), d.Kind)
		return core.Filter{}
	}
	var first []Fault
	for i, o := range found {
		r := operandReader{field: f, operator: o, path: path}
		c := core.Filter{Field: f.name, Op: o.op}
		if r.read(d, &c); len(r.faults) == 0 {
			return c
		}
		if i == 0 {
			first = r.faults
		}
	}
	if len(found) > 1 {
		p.fault(path, d.Line, "want %s", wants(found, f.typ))
		return core.Filter{}
	}
	p.faults = append(p.faults, first...)
	return core.Filter{}
}

func wants(found []operator, t fieldType) string {
	all := make([]string, len(found))
	for i, o := range found {
		all[i] = o.operand.want(t)
	}
	return strings.Join(all, ", or ")
}
