package machine

import (
	"time"

	"restock/core"
	"restock/core/db"
	"restock/core/filter"
	"restock/core/wire"
)

// config is what the workspace is made of, kept in memory because every entry reads it. It is never changed: Declare
// makes a new one.
type config struct {
	workspace db.Workspace
	sources   map[core.SourceName]core.Source
	senders   map[core.Name]core.Sender
	plugins   map[core.Name]core.Plugin
	journeys  []core.Journey     // by name
	where     []*filter.Compiled // of each of the journeys: who enters
	audiences map[core.Name]audience
	zone      *time.Location                   // whose days filters count
	asks      bool                             // a journey that is on asks a plugin
	rules     map[db.ShapeKey]*filter.Compiled // filters within journeys: of filter shapes, and under "" of who leaves
	watches   map[core.Name]bool               // journeys whose runs are looked at when something about their contacts changes
	zones     *zones
	calls     bool // a journey that is on is entered by what runs low
	leads     bool // a journey that is on gives a head start
	turns     bool // a source's restocks count who may be about to buy, or some did and somebody still has a turn
}

func readConfig(tx *db.Tx) *config {
	c := &config{
		sources: map[core.SourceName]core.Source{},
		senders: map[core.Name]core.Sender{},
		plugins: map[core.Name]core.Plugin{},
		rules:   map[db.ShapeKey]*filter.Compiled{},
		watches: map[core.Name]bool{},
		zones:   &zones{known: map[string]*time.Location{}},
	}
	c.workspace, _ = db.Workspaces.Get(tx, struct{}{})
	db.Sources.All(tx, func(s core.Source) bool {
		c.sources[s.Name] = s
		c.turns = c.turns || s.Waves.PerUnit > 0
		return true
	})
	db.Turns.All(tx, func(core.Turn) bool { c.turns = true; return false })
	db.Senders.All(tx, func(s core.Sender) bool { c.senders[s.Name] = s; return true })
	db.Plugins.All(tx, func(p core.Plugin) bool { c.plugins[p.Name] = p; return true })
	db.Journeys.All(tx, func(j core.Journey) bool { c.journeys = append(c.journeys, j); return true })
	c.compile(tx)
	for _, j := range c.journeys {
		c.asks = c.asks || (j.On && hasPlugin(j))
		c.leads = c.leads || (j.On && j.Enter.Early > 0)
		c.calls = c.calls || (j.On && j.Enter.Occurs == core.RunningLow)
	}
	return c
}

// audience is one with its filter.
type audience struct {
	core.Audience
	where *filter.Compiled
}

func hasPlugin(j core.Journey) bool {
	for _, s := range j.Shapes {
		if s.Call() != nil {
			return true
		}
	}
	return false
}

func (c *config) journey(n core.Name) (core.Journey, bool) {
	for _, j := range c.journeys {
		if j.Name == n {
			return j, true
		}
	}
	return core.Journey{}, false
}

// Journeys of the workspace, by name; the slice is shared and must not be changed.
func (m *Machine) Journeys() []core.Journey { return m.config.Load().journeys }

// Sources of the workspace, by name; the map is shared and must not be changed.
func (m *Machine) Sources() map[core.SourceName]core.Source {
	return m.config.Load().sources
}

// Senders of the workspace, by name; the map is shared and must not be changed.
func (m *Machine) Senders() map[core.Name]core.Sender { return m.config.Load().senders }

// Plugins of the workspace, by name; the map is shared and must not be changed.
func (m *Machine) Plugins() map[core.Name]core.Plugin { return m.config.Load().plugins }

// opened begins the workspace; a second beginning is void.
func (s *step) opened(e wire.Opened) {
	if db.Workspaces.Has(s.tx, struct{}{}) {
		return
	}
	db.Workspaces.Set(s.tx, struct{}{}, db.Workspace{Name: e.Workspace, Key: e.Key})
	db.Senders.Set(s.tx, core.InboxName, core.Sender{Name: core.InboxName, Kind: core.InboxKind})
	s.config = readConfig(s.tx)
}

// lead makes a new leader. What the one before it had claimed and not settled is settled here: the call may or may
// not have happened.
func (s *step) lead(e wire.Lead) {
	if e.Epoch != s.position.Leader+1 {
		return
	}
	s.position.Leader, s.position.Node = e.Epoch, e.Node
	var claimed []core.LedgerKey
	db.Claimed.Scan(s.tx, struct{}{}, func(k core.LedgerKey) bool { claimed = append(claimed, k); return true })
	for _, k := range claimed {
		s.orphan(k)
	}
}

func (s *step) declare(d core.Declaration) {
	for _, p := range d.Plugins {
		db.Modules.Set(s.tx, p.Plugin.Hash, p.Module)
		p.Plugin.Since = s.now()
		if old, known := db.Plugins.Get(s.tx, p.Plugin.Name); known {
			p.Plugin = p.Plugin.After(old, s.now())
		}
		db.Plugins.Set(s.tx, p.Plugin.Name, p.Plugin)
	}
	for _, n := range d.Senders {
		db.Senders.Set(s.tx, n.Name, n)
	}
	for _, t := range d.Templates {
		db.Templates.Set(s.tx, core.HashTemplate(t), t)
	}
	for _, n := range d.Named {
		db.Named.Set(s.tx, n.Name, n)
	}
	if len(d.Sources) > 0 {
		s.planSweeps()
	}
	for _, src := range d.Sources {
		before, known := s.config.sources[src.Name]
		db.Sources.Set(s.tx, src.Name, src)
		if known {
			s.reconsider(before, src)
			s.disarm(before.Alert, src)
		}
	}
	for _, j := range d.Journeys {
		s.declareJourney(j)
	}
	for _, a := range d.Audiences {
		db.Audiences.Set(s.tx, a.Name, a)
	}
	if d.Settings != nil {
		db.Settings.Set(s.tx, struct{}{}, *d.Settings)
	}
	for _, st := range d.States {
		if j, ok := db.Journeys.Get(s.tx, st.Journey); ok {
			j.On = st.On
			db.Journeys.Set(s.tx, j.Name, j)
		}
	}
	s.alertsOn(d)
	s.declareBroadcasts(d)
	s.config = readConfig(s.tx)
}

// declareJourney keeps a journey's state unless the declaration says otherwise; new ones are off.
func (s *step) declareJourney(d core.DeclaredJourney) {
	known, ok := db.Journeys.Get(s.tx, d.Journey.Name)
	if ok && d.IfNew {
		return
	}
	j := d.Journey
	j.On = known.On
	if d.State != nil {
		j.On = *d.State
	}
	j.Enter.Where, j.Enter.Matches = entryFilter(j.Enter), nil
	j.Number = max(known.Number, 1)
	if ok && known.Version != j.Version {
		j.Number++
	}
	j.Paused = paused(known.Paused, d)
	db.Journeys.Set(s.tx, j.Name, j)
	s.freed(known, j)
}
