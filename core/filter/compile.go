package filter

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"restock/core"
)

// Env is what a filter means something by.
type Env struct {
	Zone    *time.Location // whose days are counted; nil: UTC
	Sources []Source       // a data source may be called by its title
}

// Source is a data source's name and title.
type Source struct {
	Name  core.SourceName
	Title string
}

// Compiled is a filter as it is evaluated: its conditions one after the other, each group before its own. It is never
// changed, and may be asked by several goroutines at once.
type Compiled struct {
	nodes []node
	zone  *time.Location
}

// node is a group or a condition.
type node struct {
	do       action
	field    fieldID
	not      bool // the answer is turned around
	sorted   bool // texts are, to be searched
	end      int  // index behind the node and what it has
	texts    []string
	also     []string // texts that fit, whatever the node says
	numbers  []int64  // sorted
	least    int64    // of a range of numbers
	most     int64
	currency string
	own      string // of contact.fields
	fixed    days
	relative days // counted from today
	counts   bool // relative leaves something out
	kind     core.ActivityKind
	which    core.Occurrence
}

// action is how a node is evaluated.
type action uint8

const (
	doAll action = iota
	doAny
	doNone
	doText
	doStarts
	doEnds
	doContains
	doHas
	doPresent
	doNumber // in a range
	doNumbers
	doDays
	doAnniversary
	doOccurred
	doNothing // holds for nobody
)

// Nobody is the filter that holds for nobody. It stands for what this version cannot read: a newer one's filter lets nobody
// in rather than everybody.
func Nobody() *Compiled { return &Compiled{nodes: []node{{do: doNothing, end: 1}}, zone: time.UTC} }

// Compile makes a filter ready to be evaluated. It refuses what Parse cannot have made: filters are stored, and another
// version may have written them.
func Compile(f core.Filter, s Scope, env Env) (*Compiled, error) {
	c := compiler{env: env, zone: env.Zone}
	if c.zone == nil {
		c.zone = time.UTC
	}
	if err := c.add(f, s, MaxDepth+1); err != nil {
		return nil, fmt.Errorf("compiling filter: %w", err)
	}
	return &Compiled{c.nodes, c.zone}, nil
}

type compiler struct {
	env   Env
	zone  *time.Location
	nodes []node
}

// add appends the nodes of a filter.
func (c *compiler) add(f core.Filter, s Scope, depth int) error {
	switch {
	case depth == 0 || len(c.nodes) > 4*MaxConditions:
		return fmt.Errorf("it is larger than filters may be")
	case f.Occurred != nil && s != occurred:
		return c.occurred(*f.Occurred, depth)
	case f.Field != "":
		return c.condition(f, s)
	}
	do, ok := map[core.FilterGroup]action{"": doAll, core.FilterAll: doAll, core.FilterAny: doAny, core.FilterNone: doNone}[f.Group]
	if !ok || f.Occurred != nil {
		return fmt.Errorf("group %q is not known here", f.Group)
	}
	at := len(c.nodes)
	c.nodes = append(c.nodes, node{do: do})
	for _, of := range cheapFirst(f.Of) {
		if err := c.add(of, s, depth-1); err != nil {
			return err
		}
	}
	c.nodes[at].end = len(c.nodes)
	return nil
}

// cheapFirst puts what needs the activity alone before what needs the contact, and that before what needs its past: order
// means nothing, and the answer is often known before the past is asked for.
func cheapFirst(of []core.Filter) []core.Filter {
	sorted := slices.Clone(of)
	slices.SortStableFunc(sorted, func(a, b core.Filter) int { return cost(a) - cost(b) })
	return sorted
}

// OfContact says whether a filter asks for a contact, or for what occurred to one: what has none cannot be asked.
func OfContact(f core.Filter) bool { return cost(f) > 0 }

func cost(f core.Filter) (n int) {
	for _, of := range f.Of {
		n = max(n, cost(of))
	}
	switch {
	case f.Occurred != nil:
		return 2
	case strings.HasPrefix(f.Field, "contact."):
		return 1
	}
	return n
}

func (c *compiler) condition(f core.Filter, s Scope) error {
	field, ok := lookup(f.Field)
	if !ok || !s.takes(field) {
		return fmt.Errorf("field %q is not known here", f.Field)
	}
	o, ok := operatorOf(f.Op, field.typ)
	if !ok {
		return fmt.Errorf("operator %q does not fit %s", f.Op, f.Field)
	}
	if err := operands(o.operand, f.Texts, f.Numbers); err != nil {
		return fmt.Errorf("%s %s: %w", f.Field, f.Op, err)
	}
	n := node{field: field.id, end: len(c.nodes) + 1, currency: f.Currency, fixed: always, relative: always}
	n.own, _ = strings.CutPrefix(f.Field, ownPrefix)
	n.compare(f)
	if field.id == fieldSource && n.do != doPresent {
		n.also = c.titled(&n)
	}
	c.nodes = append(c.nodes, n)
	return nil
}

// operands says what is wrong with how many values an operator is given.
func operands(o operand, texts []string, numbers []int64) error {
	least, most, n := 1, 1, len(numbers)
	switch o {
	case someTexts:
		most, n = MaxValues, len(texts)
	case someNumbers:
		most = MaxValues
	case twoNumbers, twoDates:
		least, most = 2, 2
	case flagged:
		least, most = 0, 0
	}
	if n < least || n > most {
		return fmt.Errorf("it has %d values", n)
	}
	return nil
}

// manyTexts is how many are searched rather than looked through.
const manyTexts = 12

// compare sets what the node does.
func (n *node) compare(f core.Filter) {
	switch f.Op {
	case core.OpIs, core.OpIsNot:
		n.do = doText
	case core.OpStarts:
		n.do = doStarts
	case core.OpEnds:
		n.do = doEnds
	case core.OpContains, core.OpContainsNot:
		n.do = doContains
	case core.OpHas, core.OpHasNot:
		n.do = doHas
	case core.OpPresent, core.OpEmpty:
		n.do = doPresent
	case core.OpEqual, core.OpNotEqual:
		n.do, n.numbers = doNumbers, slices.Sorted(slices.Values(f.Numbers))
	case core.OpAnniversary:
		n.do = doAnniversary
	case core.OpLess, core.OpAtMost, core.OpMore, core.OpAtLeast, core.OpBetween:
		n.do = doNumber
		n.least, n.most = bounds(f.Op, f.Numbers)
	default:
		n.do = doDays
		n.in(f.Op, f.Numbers)
	}
	switch f.Op {
	case core.OpIsNot, core.OpContainsNot, core.OpHasNot, core.OpEmpty, core.OpNotEqual:
		n.not = true
	}
	n.texts = f.Texts
	if n.do == doText && len(f.Texts) > manyTexts {
		n.texts, n.sorted = slices.Sorted(slices.Values(f.Texts)), true
	}
}

// in takes the days of a window for all that the node allows.
func (n *node) in(op core.FilterOp, numbers []int64) {
	if d, relative := window(op, numbers); relative {
		n.relative, n.counts = n.relative.and(d), true
	} else {
		n.fixed = n.fixed.and(d)
	}
}

func bounds(op core.FilterOp, n []int64) (least, most int64) {
	least, most = math.MinInt64, math.MaxInt64
	switch op {
	case core.OpLess, core.OpAtMost:
		most = n[0]
	case core.OpMore, core.OpAtLeast:
		least = n[0]
	default:
		least, most = n[0], n[1]
	}
	if op == core.OpLess {
		most = max(most, math.MinInt64+1) - 1
	}
	if op == core.OpMore {
		least = min(least, math.MaxInt64-1) + 1
	}
	return least, most
}

// titled are the names of the data sources whose titles fit a condition: a source is meant by its name or its title.
func (c *compiler) titled(n *node) (names []string) {
	for _, s := range c.env.Sources {
		if n.text(s.Title) {
			names = append(names, string(s.Name))
		}
	}
	return names
}

func (c *compiler) occurred(o core.Occurred, depth int) error {
	if !slices.Contains(kinds, o.Kind) {
		return fmt.Errorf("activity %q is not known", o.Kind)
	}
	n := node{do: doOccurred, kind: o.Kind, which: o.Which, fixed: always, relative: always}
	if o.Which != core.OccurredAny && o.Which != core.OccurredFirst && o.Which != core.OccurredLast {
		return fmt.Errorf("which of the activities %q is, is not known", o.Which)
	}
	for _, w := range o.When {
		op, ok := operatorOf(w.Op, timeField)
		if !ok || !op.past {
			return fmt.Errorf("operator %q does not fit when something occurred", w.Op)
		}
		if err := operands(op.operand, nil, w.Days); err != nil {
			return fmt.Errorf("%s %s: %w", o.Kind, w.Op, err)
		}
		n.in(w.Op, w.Days)
	}
	at := len(c.nodes)
	c.nodes = append(c.nodes, n)
	if !Everything(o.Where) {
		if err := c.add(o.Where, occurred, depth-1); err != nil {
			return err
		}
	}
	c.nodes[at].end = len(c.nodes)
	return nil
}
