package manifest

import (
	"embed"
	"fmt"
	"path"

	"restock/core"
	"restock/core/filter"
)

// playbookFiles are the ready-made journeys of every source, compiled like any other: confirmation, notification, reminder,
// the merchant's alert, and what asks shoppers to confirm.
//
//go:embed playbooks/*.yaml
var playbookFiles embed.FS

// playbookNames name the files and, behind the source's name, the journeys made from them.
func playbookNames() []string {
	return []string{"waiting", "back", "reminder", "last-call", "vip", "alert", "confirm"}
}

// stateDocument is a Playbook document: it turns on or off what a source brought.
type stateDocument struct {
	header header
}

// playbook reads a document that turns a playbook on or off, or one that holds a playbook of its own.
func (p *parser) playbook(h header) {
	if h.spec.given() {
		p.ownPlaybook(h)
		return
	}
	p.claim(within(h.workspace, "state"), h.name, h)
	state := h.need("state", "on or off (or spec, for a playbook of your own)")
	p.states = append(p.states, stateDocument{h})
	if state.given() && h.state != nil {
		d := p.declaration(h.workspace)
		d.States = append(d.States, core.DeclaredState{Journey: h.name, On: *h.state})
	}
}

// checkStates refuses Playbook documents about journeys of these files: two documents would say whether it is on.
func (p *parser) checkStates() {
	for _, s := range p.states {
		h := s.header
		if at, ok := p.taken[within(h.workspace, "journey")+"/"+string(h.name)]; ok {
			h.named.wrong("%s is defined at %s:%d; set state there", h.name, at.value.file, at.value.node.Line)
		}
	}
}

// readyMade is a playbook as its file has it, before it belongs to a source.
type readyMade struct {
	suffix    string
	journey   core.Journey
	templates []core.Template
}

// addPlaybooks declares the playbooks of all sources. They are made once: a workspace that has them keeps its own.
func (p *parser) addPlaybooks() {
	if len(p.sources) == 0 {
		return
	}
	all := map[core.WorkspaceName][]readyMade{} // a workspace may have templates of its own
	for _, s := range p.sources {
		w := s.source.Workspace
		if all[w] == nil {
			for _, name := range playbookNames() {
				all[w] = append(all[w], p.readPlaybook(w, name))
			}
		}
		for _, ready := range all[w] {
			j := ready.of(s)
			p.claimPlaybook(j.Name, s.header)
			p.addJourney(s.source.Workspace, core.DeclaredJourney{Journey: j, IfNew: true}, ready.templates)
		}
	}
}

// claimPlaybook refuses a Journey that has the name of a source's playbook; the fault stands at the Journey.
func (p *parser) claimPlaybook(name core.Name, source header) {
	if at, ok := p.taken[within(source.workspace, "journey")+"/"+string(name)]; ok {
		at.value.wrong("%s is the name of a playbook of Source %s at %s:%d; choose another name",
			name, source.name, source.file, source.node.Line)
	}
}

func (p *parser) readPlaybook(w core.WorkspaceName, name string) readyMade {
	file := path.Join("playbooks", name+".yaml")
	data, err := playbookFiles.ReadFile(file)
	if err != nil {
		p.faults.add(file, 0, "", "reading playbook: %v", err)
	}
	ready := readyMade{suffix: name}
	for _, root := range read(File{Name: file, Data: data}, p.faults, 1) {
		j, c := p.compile(w, root.fields("spec").need("spec", "a journey"))
		ready.journey, ready.templates = j, c.templates
	}
	return ready
}

// of makes the playbook of one source: entered by that source's activities only.
func (r readyMade) of(s sourceDocument) core.Journey {
	j := r.journey
	j.Name = core.Name(fmt.Sprintf("%s-%s", s.source.Name, r.suffix))
	j.Title = s.source.Title + ": " + j.Title
	j.Playbook = true
	source := core.Filter{Field: "source", Op: core.OpIs, Texts: []string{string(s.source.Name)}}
	j.Enter.Where = filter.All(source, j.Enter.Where)
	j.Shapes = make([]core.Shape, len(r.journey.Shapes))
	for i, shape := range r.journey.Shapes {
		j.Shapes[i] = sentBy(shape, s.sender)
	}
	j.Version = version(j)
	return j
}

// sentBy is the shape with another sender; "" keeps the one it has.
func sentBy(s core.Shape, sender core.Name) core.Shape {
	if s.Email != nil && sender != "" {
		email := *s.Email
		email.Sender = sender
		s.Email = &email
	} // one that sends by another channel keeps its own: who sends e-mails sends nothing else
	return s
}
