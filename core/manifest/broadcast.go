package manifest

import (
	"encoding/json"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"restock/core"
	"restock/core/filter"
)

// Bounds of a broadcast's rate.
const (
	MaxBroadcastRate = 1_000_000        // contacts
	LeastBroadcast   = 10 * core.Second // the stretch of time in which so many may get it
	MostBroadcast    = 7 * core.Day
)

// broadcastChannels are the shapes that a broadcast's message may be.
func broadcastChannels() []string {
	return []string{string(core.ShapeEmail), string(core.ShapeSMS), string(core.ShapePush)}
}

// broadcast reads a document about one message to an audience.
func (p *parser) broadcast(h header) {
	p.claim(within(h.workspace, "broadcast"), h.name, h)
	spec := h.needSpec(slices.Concat([]string{"title", "audience", "where"}, broadcastChannels(), []string{"at", "rate", "purpose", "told", "stock"})...)
	b := core.Broadcast{Name: h.name, Title: spec.get("title").line(), Purpose: core.Marketing}
	if b.Title == "" {
		b.Title = string(h.name)
	}
	b.Audience, b.Where = recipients(spec)
	c := p.compiler(h.workspace)
	b.Channel, b.Send = c.announcement(spec)
	b.At = spec.get("at").localTime()
	if rate := spec.get("rate"); rate.given() {
		o := rate.fields("contacts", "every")
		b.Rate.Contacts = o.need("contacts", "how many contacts in each stretch of time, such as 1000").integer(1, MaxBroadcastRate)
		b.Rate.Every = o.need("every", "the stretch of time, such as 1m").duration(LeastBroadcast, MostBroadcast)
	}
	if purpose := spec.get("purpose"); purpose.given() {
		b.Purpose = core.Purpose(purpose.word(string(core.Marketing), string(core.StockAlert)))
	}
	b.Told = spec.get("told").word("exclude", "include") == "include"
	b.Stock = spec.get("stock").word("only", "any") == "any"
	b.Version = BroadcastVersion(b)
	d := p.declaration(h.workspace)
	d.Broadcasts = append(d.Broadcasts, core.DeclaredBroadcast{Broadcast: b, State: h.state})
	for _, t := range c.templates {
		d.Templates = addTemplate(d.Templates, t)
	}
}

// BroadcastVersion is the identity of a broadcast's definition.
func BroadcastVersion(b core.Broadcast) core.Hash {
	b.Version = core.Hash{}
	definition, err := json.Marshal(b)
	if err != nil {
		panic("hashing broadcast: " + err.Error()) // strings and numbers only: cannot happen
	}
	return core.HashOf(definition)
}

// recipients reads to whom a broadcast goes: the name of an audience, or a filter.
func recipients(spec object) (audience core.Name, where core.Filter) {
	named, written := spec.get("audience"), spec.get("where")
	switch {
	case named.given() && written.given():
		written.wrong("is there beside audience; take one of the two out")
	case named.given():
		return core.Name(named.name()), where
	case !written.given():
		spec.need("audience", "the name of an Audience; or where, a filter such as {back_in_stock: {has occurred: {in the last: 7 days}}}")
	case written.node.Kind == yaml.MappingNode && len(written.node.Content) == 0:
		written.wrong("is empty and would hold for everybody; say that by {contact.created_at: {has any value: true}}")
	}
	return "", written.filter(filter.Audience)
}

// announcement reads a broadcast's message, which is written as a journey's shape has it.
func (c *compiler) announcement(spec object) (ch core.Channel, send core.SendShape) {
	var has []string
	for _, key := range broadcastChannels() {
		if spec.get(key).given() {
			has = append(has, key)
		}
	}
	if len(has) != 1 {
		if spec.given() && spec.node.Kind == yaml.MappingNode {
			spec.wrong("has %d messages; want exactly one of %s", len(has), either(broadcastChannels()))
		}
		return "", send
	}
	v := spec.get(has[0])
	switch core.ShapeKind(has[0]) {
	case core.ShapeEmail:
		ch, send = core.Email, core.SendShape(*c.email(v))
	case core.ShapeSMS:
		ch, send = core.SMS, *c.short(v, "text")
	case core.ShapePush:
		ch, send = core.Push, *c.short(v, "title", "text", "icon")
	}
	if send.Reminder {
		v.wrong("a broadcast reminds nobody; leave reminder out, or write a Journey")
	}
	return ch, send
}

// localTime reads a moment by the clocks of the workspace's zone; "" for now.
func (v value) localTime() string {
	s := v.text()
	if s == "" || s == "now" {
		return ""
	}
	if _, err := time.Parse(core.BroadcastTime, s); err != nil {
		v.wrong("want now, or a day and a time such as 2026-12-01T09:00 by the clocks of the workspace's zone, found %s", quote(s))
	}
	return s
}
