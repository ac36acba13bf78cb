package node

import (
	"fmt"
	"slices"

	"restock/core"
	"restock/core/db"
	"restock/core/manifest"
	"restock/core/template"
)

// contents are the templates that a workspace has by name; none of a workspace that this node does not run.
func (n *Node) contents(name core.WorkspaceName) map[core.Name]manifest.Contents {
	w, ok := n.workspace(name)
	if !ok {
		return nil
	}
	all := map[core.Name]manifest.Contents{}
	_ = w.view(func(tx *db.Tx) { // what cannot be read is not there, and refused by name
		db.Named.All(tx, func(t core.NamedTemplate) bool {
			c := manifest.Contents{}
			for _, ch := range []core.Channel{core.Email, core.SMS, core.Push} {
				if h, ok := t.For(ch); ok {
					c[ch], _ = db.Templates.Get(tx, h)
				}
			}
			all[t.Name] = c
			return true
		})
	})
	return all
}

// renamed adds to a declaration what it changes of journeys, and of broadcasts that have not begun, which refer to templates by name: they
// are declared anew with what the name stands for now. Every declaration does, so that ready-made templates come as the program has them.
func (w *workspace) renamed(d core.Declaration) (core.Declaration, error) {
	now := w.meanings(d)
	add := func(h core.Hash) {
		if t := now.templates[h]; !slices.ContainsFunc(d.Templates, func(o core.Template) bool { return core.HashTemplate(o) == h }) {
			d.Templates = append(d.Templates, t)
		}
	}
	err := w.view(func(tx *db.Tx) {
		for _, j := range w.machine.Journeys() {
			if declares(d, j.Name) {
				continue
			}
			if j, changed := now.journey(j, add); changed {
				d.Journeys = append(d.Journeys, core.DeclaredJourney{Journey: j})
			}
		}
		db.Broadcasts.All(tx, func(a core.Announcement) bool {
			b := a.Broadcast
			again := slices.ContainsFunc(d.Broadcasts, func(o core.DeclaredBroadcast) bool { return o.Broadcast.Name == b.Name })
			if h, ok := now.of(b.Send.Named, b.Channel); ok && h != b.Send.Template && !again && !a.Phase.Begun() {
				b.Send.Template = h
				b.Version = manifest.BroadcastVersion(b)
				add(h)
				d.Broadcasts = append(d.Broadcasts, core.DeclaredBroadcast{Broadcast: b})
			}
			return true
		})
	})
	if err != nil {
		return d, fmt.Errorf("reading what refers to templates: %w", err)
	}
	return d, nil
}

// declares says whether a declaration says what a journey of a name is; of a playbook that there is it says nothing.
func declares(d core.Declaration, name core.Name) bool {
	return slices.ContainsFunc(d.Journeys, func(j core.DeclaredJourney) bool { return j.Journey.Name == name && !j.IfNew })
}

// meanings are what templates' names stand for.
type meanings struct {
	named     map[core.Name]map[core.Channel]core.Hash
	templates map[core.Hash]core.Template
}

// meanings are those that hold once d is declared.
func (w *workspace) meanings(d core.Declaration) meanings {
	m := meanings{map[core.Name]map[core.Channel]core.Hash{}, map[core.Hash]core.Template{}}
	for name, t := range template.Defaults() {
		m.means(core.Name(name), core.Email, t)
	}
	for name, c := range w.node.contents(w.name) {
		for ch, t := range c {
			m.means(name, ch, t)
		}
	}
	for _, t := range d.Templates {
		m.templates[core.HashTemplate(t)] = t
	}
	for _, t := range d.Named {
		for _, ch := range []core.Channel{core.Email, core.SMS, core.Push} {
			if h, ok := t.For(ch); ok {
				m.means(t.Name, ch, m.templates[h])
			}
		}
	}
	return m
}

func (m meanings) means(name core.Name, ch core.Channel, t core.Template) {
	h := core.HashTemplate(t)
	m.templates[h] = t
	if m.named[name] == nil {
		m.named[name] = map[core.Channel]core.Hash{}
	}
	m.named[name][ch] = h
}

// of is what a name stands for by a channel; ok is false for no name, and for one that stands for nothing by it (any more).
func (m meanings) of(name core.Name, ch core.Channel) (core.Hash, bool) {
	h, ok := m.named[name][ch]
	return h, ok
}

// journey is j with what its templates' names stand for now; add takes the templates that it did not have.
func (m meanings) journey(j core.Journey, add func(core.Hash)) (_ core.Journey, changed bool) {
	j.Shapes = slices.Clone(j.Shapes)
	for i, s := range j.Shapes {
		ch, send, ok := s.Sends()
		h, named := m.of(send.Named, ch)
		if !ok || !named || h == send.Template {
			continue
		}
		send.Template, changed = h, true
		add(h)
		if s.Email != nil {
			email := core.EmailShape(send)
			j.Shapes[i].Email = &email
		} else {
			j.Shapes[i].Send = &send
		}
	}
	if changed {
		j.Version = manifest.JourneyVersion(j)
	}
	return j, changed
}
