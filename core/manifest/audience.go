package manifest

import (
	"encoding/json"

	"restock/core"
	"restock/core/filter"
	"restock/core/zone"
)

// audience reads a document that saves a filter over contacts.
func (p *parser) audience(h header) {
	h.alwaysOn()
	p.claim(within(h.workspace, "audience"), h.name, h)
	spec := h.needSpec("title", "where")
	a := core.Audience{Name: h.name, Title: spec.get("title").line()}
	if a.Title == "" {
		a.Title = string(h.name)
	}
	where := spec.need("where", "a filter, such as {back_in_stock: {has occurred: {in the last: 7 days}}}")
	a.Where = where.filter(filter.Audience)
	if where.given() && len(where.node.Content) == 0 && where.node.Value == "" {
		where.wrong("is empty and would hold for everybody; say that by {contact.created_at: {has any value: true}}")
	}
	definition, err := json.Marshal(a)
	if err != nil {
		panic("hashing audience: " + err.Error()) // strings and numbers only: cannot happen
	}
	a.Version = core.HashOf(definition)
	d := p.declaration(h.workspace)
	d.Audiences = append(d.Audiences, a)
}

// settings reads a document about a workspace as a whole.
func (p *parser) settings(h header) {
	h.alwaysOn()
	p.claim(installation("workspace"), h.name, h)
	if w := h.get("workspace"); w.given() {
		w.wrong("a Workspace is named by name; leave workspace out")
	}
	o := h.needSpec("zone", "quiet_hours", "frequency", "gates")
	v := o.need("zone", "whose days filters count, such as Europe/Berlin")
	name := v.line()
	if _, err := zone.Load(name); err != nil {
		v.wrong("%s is no time zone; want its name in the IANA database, such as Europe/Berlin", quote(name))
	}
	p.declaration(core.WorkspaceName(h.name)).Settings = &core.Settings{
		Zone:      name,
		Quiet:     o.get("quiet_hours").leavesOpen(oneOrMore(o.get("quiet_hours"), MaxCaps, value.quiet)),
		Frequency: oneOrMore(o.get("frequency"), MaxCaps, value.frequency),
		Gates:     p.compiler(core.WorkspaceName(h.name)).gates(o.get("gates")),
	}
}
