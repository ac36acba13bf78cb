package manifest

import (
	"strings"

	"restock/core"
)

// connect resolves the paths of all shapes: what is not written leads to the following shape or, for a condition's no,
// to the exit. It also holds the journey to its size.
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
		d.Next = target(d.next, c.following(i), names)
		if d.Kind == core.ShapeCondition {
			d.No = target(d.no, core.Exit, names)
		}
	}
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
	if name != "" && !names[name] {
		v.wrong("there is no shape %s; want the name of one, or exit", quote(name))
	}
	return name
}

// checkGraph refuses shapes that no contact can come to, and loops that do not wait.
func (c *compiler) checkGraph() {
	if len(c.drafts) == 0 { // the fault is the spec's that has none
		return
	}
	g := graph{drafts: c.drafts, index: map[string]int{}}
	for i, d := range c.drafts {
		g.index[d.Name] = i
	}
	g.checkReach()
	g.checkLoops()
}

// graph finds shapes by name. Every path leads to a shape or to the exit.
type graph struct {
	drafts []draft
	index  map[string]int
}

// ways are the numbers of the shapes that a shape leads to.
func (g graph) ways(i int) []int {
	var to []int
	for _, name := range []string{g.drafts[i].Next, g.drafts[i].No} {
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
	if done[i] || g.drafts[i].Kind == core.ShapeDelay {
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
