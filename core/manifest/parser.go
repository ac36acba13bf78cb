package manifest

import (
	"slices"
	"strings"

	"restock/core"
)

// parser gathers what the documents declare.
type parser struct {
	opt      Options
	faults   *faults
	declared map[core.WorkspaceName]*core.Declaration
	taken    map[string]place // what has a name already, by claim's keys
	states   []stateDocument
	sources  []sourceDocument

	templates map[string]Contents // by within(workspace, name)
}

// place is where a name was taken.
type place struct {
	by    string // kind and name of the document
	value value
}

func newParser(opt Options) *parser {
	return &parser{
		opt:      opt,
		faults:   new(faults),
		declared: map[core.WorkspaceName]*core.Declaration{},
		taken:    map[string]place{},

		templates: map[string]Contents{},
	}
}

// header is what documents of all kinds share.
type header struct {
	object
	kind      string
	named     value // where the name stands
	name      core.Name
	workspace core.WorkspaceName
	state     *bool // nil: not said
	spec      value
}

// kind is a reader of documents.
type kind struct {
	name string
	read func(*parser, header)
}

// kinds are those of this version, in the order in which errors name them.
func kinds() []kind {
	return []kind{
		{"Source", (*parser).source},
		{"Journey", (*parser).journey},
		{"Playbook", (*parser).playbook},
		{"Plugin", (*parser).plugin},
		{"Sender", (*parser).sender},
		{"Audience", (*parser).audience},
		{"Broadcast", (*parser).broadcast},
		{"Template", (*parser).template},
		{"Workspace", (*parser).settings},
	}
}

// document reads one document into the declaration of its workspace.
func (p *parser) document(root value) {
	o := root.fields("kind", "name", "workspace", "state", "spec")
	all := kinds()
	names := make([]string, len(all))
	for i, k := range all {
		names[i] = k.name
	}
	v := o.need("kind", either(names))
	word := v.text()
	i := slices.Index(names, word)
	if i < 0 {
		if word != "" {
			v.wrong("kind %s is not known to this version; it knows %s", shorten(word), strings.Join(names, ", "))
		}
		return
	}
	all[i].read(p, readHeader(o, word))
}

func readHeader(o object, kind string) header {
	h := header{object: o, kind: kind, workspace: DefaultWorkspace, spec: o.get("spec")}
	h.named = o.need("name", "1 to 63 of a-z, 0-9 and -")
	h.name = core.Name(h.named.name())
	if w := o.get("workspace"); w.given() {
		h.workspace = core.WorkspaceName(w.name())
	}
	if word := o.get("state").word("on", "off"); word != "" {
		on := word == "on"
		h.state = &on
	}
	return h
}

// alwaysOn refuses to turn off what has no switch; `state: on` says what is so anyway.
func (h header) alwaysOn() {
	if h.state != nil && !*h.state {
		h.get("state").wrong("a document of kind %s cannot be turned off; leave state out (a Journey and a Playbook have one)", h.kind)
	}
}

// needSpec reads the mapping that says what the document declares.
func (h header) needSpec(known ...string) object {
	return h.need("spec", "a mapping with "+either(known)).fields(known...)
}

// declaration is the one that documents of a workspace add to.
func (p *parser) declaration(w core.WorkspaceName) *core.Declaration {
	d, ok := p.declared[w]
	if !ok {
		d = new(core.Declaration)
		p.declared[w] = d
	}
	return d
}

// claim takes a name within a scope for the document h and refuses it when somebody has it already.
func (p *parser) claim(scope string, name core.Name, h header) {
	key := scope + "/" + string(name)
	if at, ok := p.taken[key]; ok {
		h.named.wrong("%s is taken by %s at %s:%d; choose another name", name, at.by, at.value.file, at.value.node.Line)
		return
	}
	if h.named.given() && name != "" {
		p.taken[key] = place{by: h.kind + " " + string(h.name), value: h.named}
	}
}

// installation is the scope of names that are unique in all workspaces together: edge URLs carry no workspace.
func installation(kind string) string { return kind }

// within is the scope of names that are unique in their workspace.
func within(w core.WorkspaceName, kind string) string { return string(w) + "/" + kind }

// finish does what needs all documents to be read.
func (p *parser) finish() {
	p.checkStates()
	p.addPlaybooks()
}

func (p *parser) set() Set {
	s := make(Set, len(p.declared))
	for w, d := range p.declared {
		s[w] = *d
	}
	return s
}

// addJourney declares a journey with the templates that it names, each once.
func (p *parser) addJourney(w core.WorkspaceName, j core.DeclaredJourney, templates []core.Template) {
	d := p.declaration(w)
	d.Journeys = append(d.Journeys, j)
	for _, t := range templates {
		d.Templates = addTemplate(d.Templates, t)
	}
}
