package manifest

import (
	"slices"
	"strings"

	"restock/core"
)

// connect resolves the paths of all shapes: what is not written leads to the following shape or, for the no of what asks a
// question, to the exit. It also holds the journey to its size.
func (c *compiler) connect(shapes value) {
	if len(c.drafts) > MaxShapes {
		shapes.wrong("has %d shapes; want at most %d", len(c.drafts), MaxShapes)
	}
	names := map[string]bool{core.Exit: true}
	for _, d := range c.drafts {
		names[d.Name] = true
	}
	for i := range c.drafts {
		d := &c.drafts[i]
		d.connect(c.following(i), names)
	}
}

func (d *draft) connect(following string, names map[string]bool) {
	for i, share := range d.Split {
		known(d.ways[i], share.To, names)
	}
	if d.Plugin != nil {
		for i, b := range d.Plugin.Branches {
			known(d.ways[i], b.To, names)
		}
	}
	switch d.Kind {
	case core.ShapeSplit, core.ShapeExit:
		return
	case core.ShapeCondition, core.ShapeFilter:
		d.No = target(d.no, core.Exit, names)
	}
	d.Next = target(d.next, following, names)
}

func (c *compiler) following(i int) string {
	if i+1 < len(c.drafts) {
		return c.drafts[i+1].Name
	}
	return core.Exit
}

// target is where a path leads.
func target(v value, otherwise string, names map[string]bool) string {
	if !v.given() {
		return otherwise
	}
	name := v.text()
	known(v, name, names)
	return name
}

func known(v value, name string, names map[string]bool) {
	if v.given() && name != "" && !names[name] {
		v.wrong("there is no shape %s; want the name of one, or exit", quote(name))
	}
}

// checkGraph refuses shapes that no contact can come to or leave, and loops that do not wait.
func (c *compiler) checkGraph(j core.Journey) {
	if len(c.drafts) == 0 { // the fault is the spec's that has none
		return
	}
	before := len(c.drafts[0].at.faults.all)
	g := graph{drafts: c.drafts, index: map[string]int{}}
	for i, d := range c.drafts {
		g.index[d.Name] = i
	}
	g.checkReach()
	g.checkLoops()
	switch faults := g.drafts[0].at.faults; {
	case len(faults.all) > before:
	case j.Leave == nil:
		g.checkEnds()
	case j.Leave.After > 0:
		g.checkDelays(j.Leave.After)
	}
}

// graph finds shapes by name. Every path leads to a shape or to the exit.
type graph struct {
	drafts []draft
	index  map[string]int
}

// ways are the numbers of the shapes that a shape leads to.
func (g graph) ways(i int) []int {
	var to []int
	for _, name := range g.drafts[i].Ways() {
		if n, ok := g.index[name]; ok {
			to = append(to, n)
		}
	}
	return to
}

func (g graph) checkReach() {
	reached := make([]bool, len(g.drafts))
	for todo := []int{0}; len(todo) > 0; {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if reached[i] {
			continue
		}
		reached[i] = true
		todo = append(todo, g.ways(i)...)
	}
	for i, d := range g.drafts {
		if !reached[i] {
			d.at.wrong("no path leads to %s; let one, or take it out", d.Name)
		}
	}
}

// checkEnds refuses the first shape from which no path leads to the exit: contacts would go around until the limit of steps. A
// journey with exit criteria may be one that goes on until one is met.
func (g graph) checkEnds() {
	ends := make([]bool, len(g.drafts))
	for changed := true; changed; {
		changed = false
		for i, d := range g.drafts {
			if !ends[i] && (d.Kind == core.ShapeExit || slices.Contains(d.Ways(), core.Exit) || slices.ContainsFunc(g.ways(i), func(n int) bool { return ends[n] })) {
				ends[i], changed = true, true
			}
		}
	}
	if i := slices.Index(ends, false); i >= 0 {
		g.drafts[i].at.wrong("no path leads from %s to the exit; let one, or give the journey exit criteria", g.drafts[i].Name)
	}
}

// checkDelays refuses delays that nobody comes out of, since who stands for so long leaves the journey.
func (g graph) checkDelays(after core.Milliseconds) {
	for _, d := range g.drafts {
		if d.Delay >= after {
			d.at.wrong("%s delays for %s, and who stands for %s leaves by exit.after; shorten the one or extend the other", d.Name, d.Delay, after)
		}
	}
}

// waits says whether a shape is a delay that always takes time; a date may have passed.
func (d draft) waits() bool {
	return d.Kind == core.ShapeDelay && (d.Until == nil || d.Until.Date == 0)
}

// checkLoops refuses the first loop without a delay: a contact would run around it until the limit of steps.
func (g graph) checkLoops() {
	done := make([]bool, len(g.drafts))
	for i := range g.drafts {
		if loop := g.loop(i, nil, done); loop != nil {
			g.drafts[loop[0]].at.wrong("%s is a loop without a delay; put a delay into it", g.names(loop))
			return
		}
	}
}

// loop follows the ways from shape i on, the last after trail, and returns the first loop it closes. Delays end a trail;
// done remembers shapes from which no loop can be reached.
func (g graph) loop(i int, trail []int, done []bool) []int {
	if done[i] || g.drafts[i].waits() {
		return nil
	}
	for n, at := range trail {
		if at == i {
			return trail[n:]
		}
	}
	trail = append(trail, i)
	for _, next := range g.ways(i) {
		if found := g.loop(next, trail, done); found != nil {
			return found
		}
	}
	done[i] = true
	return nil
}

// names writes a loop: "a → b → a".
func (g graph) names(loop []int) string {
	var b strings.Builder
	for _, i := range loop {
		b.WriteString(g.drafts[i].Name + " → ")
	}
	return b.String() + g.drafts[loop[0]].Name
}
