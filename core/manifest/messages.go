package manifest

import (
	"slices"

	"restock/core"
	"restock/core/filter"
)

// A Playbook of one's own has messages in order of priority rather than a graph. It is compiled to the graph that a Journey would
// have written out: each message behind the filter of who gets it, and a delay between one that was sent and what follows.

// Bounds of a playbook.
const (
	MaxMessages = 20
	maxMessage  = 50 // bytes of a message's name, which shapes around it are named by
)

// messageKinds are what a message of a playbook can be.
func messageKinds() []string {
	return []string{string(core.ShapeEmail), string(core.ShapeSMS), string(core.ShapePush), string(core.ShapeWebhook)}
}

// cadence is when messages go out: the first so long after a contact entered, and each further one so long after the one
// before; with Every 0 there is none.
type cadence struct{ After, Every core.Milliseconds }

// ownPlaybook reads a document that holds messages.
func (p *parser) ownPlaybook(h header) {
	p.claim(within(h.workspace, "journey"), h.name, h)
	o := h.needSpec("title", "about", "enter", "exit", "messages", "cadence", "again", "alongside", "purpose", "gates")
	c := p.compiler(h.workspace)
	j := core.Journey{
		Name: h.name, Title: o.get("title").line(), About: o.get("about").line(), Playbook: true,
		Enter:   o.need("enter", "a mapping with occurs and where").enter(),
		Purpose: o.get("purpose").purpose(), Gates: c.gates(o.get("gates")),
	}
	if j.Title == "" {
		j.Title = string(h.name)
	}
	o.rules(&j)
	before := len(p.faults.all)
	all := o.need("messages", "a list of messages, the most important first")
	c.messages(p.faults, all, o.get("cadence").cadence())
	c.checkMerchant(j.Enter.Occurs)
	if len(p.faults.all) == before {
		c.checkGraph(j)
	}
	for _, d := range c.drafts {
		j.Shapes = append(j.Shapes, d.Shape)
	}
	j.Version = version(j)
	d := core.DeclaredJourney{Journey: j, State: h.state}
	d.Pause, d.Resume = c.paused()
	p.addJourney(h.workspace, d, c.templates)
}

func (v value) cadence() (c cadence) {
	if !v.given() {
		return c
	}
	o := v.fields("after", "every")
	if after := o.get("after"); after.given() {
		c.After = after.duration(MinDelay, MaxDelay)
	}
	if every := o.get("every"); every.given() {
		c.Every = every.duration(core.Minute, MaxDelay)
	}
	if v.isMapping() && len(o.keys) == 0 {
		v.wrong("says nothing; want after (how long after a contact entered) or every (how long between messages)")
	}
	return c
}

// messages compiles a list of messages. A contact gets the first that it fits and can be reached by; with a cadence, after each the
// next of those behind it.
func (c *compiler) messages(f *faults, list value, when cadence) {
	items, before := list.items(), len(f.all)
	if len(items) > MaxMessages {
		list.wrong("has %d messages; want at most %d", len(items), MaxMessages)
		return
	}
	all := make([]message, len(items))
	for i, v := range items {
		all[i] = c.message(v, i == len(items)-1)
	}
	if when.After > 0 {
		c.add(list, core.Shape{Name: "after", Kind: core.ShapeDelay, Delay: when.After, Next: begin(all, 0)})
	}
	for i, m := range all {
		next := begin(all, i+1)
		if m.asks() {
			c.add(m.at, core.Shape{Name: m.Name + "-fits", Kind: core.ShapeFilter, Filter: &core.FilterShape{Where: m.where}, Next: m.Name, No: next})
		}
		m.Next = core.Exit
		if when.Every > 0 && next != core.Exit {
			m.Next = m.Name + "-then"
		}
		c.drafts = append(c.drafts, m.draft)
		if m.Next != core.Exit {
			c.add(m.at, core.Shape{Name: m.Next, Kind: core.ShapeDelay, Delay: when.Every, Next: next})
		}
		if len(f.all) == before && !m.asks() && when.Every == 0 && next != core.Exit {
			m.at.wrong("everybody gets %s, so nobody gets what follows; give it a where, put it last, or give cadence an every", m.Name)
		}
	}
	c.checkNames()
}

// message is a message of a playbook with the filter of who gets it.
type message struct {
	draft
	where core.Filter
}

// asks says whether not everybody gets it who comes to it.
func (m message) asks() bool { return !filter.Everything(m.where) }

// begin is where the message with that number begins; the exit, behind the last.
func begin(all []message, n int) string {
	switch {
	case n >= len(all):
		return core.Exit
	case all[n].asks():
		return all[n].Name + "-fits"
	}
	return all[n].Name
}

// message reads one. Who cannot be reached by its channel gets what follows, where something does.
func (c *compiler) message(v value, last bool) message {
	o := v.fields(slices.Concat([]string{"name", "where"}, messageKinds(), []string{"pause", "per_contact", "rate"})...)
	m := message{draft: draft{at: v}, where: o.get("where").filter(filter.Entry)}
	name := o.need("name", "1 to 50 of a-z, 0-9 and -, unique in the playbook")
	if m.Name = name.name(); len(m.Name) > maxMessage || m.Name == core.Exit {
		name.wrong("want a name of at most %d letters other than %q", maxMessage, core.Exit)
	}
	n := 0
	for _, kind := range messageKinds() {
		if slices.Contains(o.keys, kind) {
			n++
		}
	}
	if n != 1 {
		if v.isMapping() {
			v.wrong("is %d messages; want exactly one of %s", n, either(messageKinds()))
		}
		return m
	}
	c.what(o, &m.draft)
	m.controls(o)
	if m.Kind != core.ShapeWebhook && !last {
		reach := core.Filter{Field: "contact.channels", Op: core.OpHas, Texts: []string{string(m.Kind)}}
		m.where = filter.All(m.where, reach)
	}
	return m
}

func (c *compiler) add(at value, s core.Shape) {
	c.drafts = append(c.drafts, draft{Shape: s, at: at})
}

// checkNames refuses messages that are named alike, or as a shape that another one brings.
func (c *compiler) checkNames() {
	seen := map[string]bool{}
	for _, d := range c.drafts {
		if d.Name != "" && seen[d.Name] {
			d.at.wrong("%s is the name of two shapes (a message NAME may bring NAME-fits and NAME-then, a cadence after); choose another", d.Name)
			return
		}
		seen[d.Name] = true
	}
}
