package node

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"restock/core"
	"restock/core/console"
	"restock/core/hook"
	"restock/core/machine"
	"restock/core/manifest"
	"restock/core/template"
	"restock/core/wire"
)

// Apply makes the installation what the files say (console.Backend). Everything is checked before anything changes.
func (n *Node) Apply(ctx context.Context, files []console.File) (r console.ApplyReport, err error) {
	n.applying.Lock()
	defer n.applying.Unlock()
	set, err := n.parse(files)
	if err != nil {
		return r, err
	}
	for _, w := range n.workspaces {
		if d, ok := set[w.name]; ok {
			if set[w.name], err = w.renamed(d); err != nil {
				return r, err
			}
		}
	}
	if err := n.check(ctx, set); err != nil {
		return r, err
	}
	for _, w := range n.workspaces {
		d, ok := set[w.name]
		if !ok {
			continue
		}
		if err := w.append(ctx, 0, wire.Declare{Declaration: d}); err != nil {
			return r, fmt.Errorf("applying to workspace %s: %w", w.name, err)
		}
		if err := errors.Join(w.tellSources(ctx), w.tellSenders(ctx)); err != nil {
			return r, fmt.Errorf("telling edges: %w", err)
		}
		report(&r, d)
		if d.Settings != nil {
			r.Settings = append(r.Settings, w.name)
		}
	}
	return r, nil
}

func report(r *console.ApplyReport, d core.Declaration) {
	for _, s := range d.Sources {
		r.Sources = append(r.Sources, s.Name)
	}
	for _, s := range d.Senders {
		r.Senders = append(r.Senders, s.Name)
	}
	for _, p := range d.Plugins {
		r.Plugins = append(r.Plugins, p.Plugin.Name)
	}
	for _, j := range d.Journeys {
		if !slices.Contains(r.Journeys, j.Journey.Name) { // a playbook that is there, and changed by its template
			r.Journeys = append(r.Journeys, j.Journey.Name)
		}
	}
	for _, t := range d.Named {
		r.Templates = append(r.Templates, t.Name)
	}
	for _, a := range d.Audiences {
		r.Audiences = append(r.Audiences, a.Name)
	}
	for _, b := range d.Broadcasts {
		r.Broadcasts = append(r.Broadcasts, b.Broadcast.Name)
	}
	for _, s := range d.States {
		if !slices.Contains(r.Journeys, s.Journey) {
			r.Journeys = append(r.Journeys, s.Journey)
		}
	}
}

// parse reads the manifests among the files; the others are what they refer to.
func (n *Node) parse(files []console.File) (manifest.Set, error) {
	var yaml []manifest.File
	other := map[string][]byte{}
	for _, f := range files {
		switch path.Ext(f.Name) {
		case ".yaml", ".yml":
			yaml = append(yaml, manifest.File{Name: f.Name, Data: f.Data})
		default:
			other[path.Clean(f.Name)] = f.Data
		}
	}
	return manifest.Parse(yaml, manifest.Options{
		Read: func(name string) ([]byte, error) {
			if b, ok := other[path.Clean(name)]; ok {
				return b, nil
			}
			return nil, errors.New("the file was not sent along")
		},
		CheckTemplate: template.Check,
		CheckShort:    template.CheckShort,
		EncodeConfig:  hook.EncodeConfig,
		Templates:     template.Defaults(),
		Applied:       n.contents,
	})
}

// check finds what only the installation can tell: workspaces that it does not run, names that are taken, secrets that
// are not there, plugins that do not load.
func (n *Node) check(ctx context.Context, set manifest.Set) error {
	var wrong core.InvalidError
	for name, d := range set {
		w, ok := n.workspace(name)
		if !ok {
			wrong.Add("workspace", "this node does not run workspace %s; start it with --workspace %s", name, name)
			continue
		}
		for _, s := range d.Sources {
			n.checkSource(w, s, d, &wrong)
			if s.Alert.Sender != "" {
				w.checkSends("source "+string(s.Name)+".alert.sender", core.Email, s.Alert.Sender, d, &wrong)
			}
		}
		for _, s := range d.Senders {
			n.checkSender(w, s, &wrong)
		}
		w.fillModules(d.Plugins, &wrong)
		manifests := n.checkPlugins(ctx, d.Plugins, &wrong)
		w.checkUses(ctx, d, manifests, &wrong)
		for _, s := range d.Sources {
			if s.Waves.Score != nil {
				w.checkCall(ctx, fmt.Sprintf("source %s.waves.order.score", s.Name), s.Waves.Score, hook.KindCondition, manifests, &wrong)
			}
		}
		if d.Settings != nil {
			w.checkGates(ctx, "workspace "+string(name), d.Settings.Gates, manifests, &wrong)
		}
		w.checkAudiences(d, &wrong)
		w.checkBroadcasts(d, &wrong)
		for _, j := range d.Journeys {
			w.checkFilter("journey "+string(j.Journey.Name)+".enter.where", j.Journey.Enter.Where, d, &wrong)
			w.checkGates(ctx, "journey "+string(j.Journey.Name), j.Journey.Gates, manifests, &wrong)
			w.checkJourney(ctx, j.Journey, d, manifests, &wrong)
		}
		for _, s := range d.States {
			w.checkState(s, d, &wrong)
		}
	}
	return wrong.OrNil()
}

func (n *Node) checkSource(w *workspace, s core.Source, d core.Declaration, wrong *core.InvalidError) {
	field := "source " + string(s.Name)
	for _, other := range n.workspaces {
		if _, taken := other.machine.Sources()[s.Name]; taken && other != w {
			wrong.Add(field, "workspace %s has a source of that name; names are unique per installation, since edge URLs carry no workspace", other.name)
		}
	}
	if !machine.KnownPlatform(s.Platform) {
		wrong.Add(field+".platform", "platform %s is not known", s.Platform)
	}
	if s.API.URL != "" {
		if shop, err := openShop(s); err != nil {
			wrong.Add(field+".api", "%s", err)
		} else {
			shop.Close()
		}
	}
	if by := s.Widget.Pusher; by != "" {
		if sender, ok := w.senderNamed(by, d); !ok || sender.Kind != pushKind {
			wrong.Add(field+".widget.push.sender", "there is no sender %s of type webpush", by)
		}
	}
	for i, ref := range s.Secrets {
		if _, err := ResolveSecret(ref); err != nil {
			wrong.Add(fmt.Sprintf("%s.secrets[%d]", field, i), "%s", err)
		}
	}
}

// checkSender opens a sender, which calls nobody yet.
func (n *Node) checkSender(w *workspace, s core.Sender, wrong *core.InvalidError) {
	field := "sender " + string(s.Name)
	for _, other := range n.workspaces {
		if _, taken := other.machine.Senders()[s.Name]; taken && other != w && s.Name != core.InboxName {
			wrong.Add(field, "workspace %s has a sender of that name; names are unique per installation, since edge URLs carry no workspace", other.name)
		}
	}
	if s.Kind == core.InboxKind {
		return
	}
	opened, err := n.senders.newSender(s)
	if err == nil {
		err = opened.Close()
	}
	if err != nil {
		wrong.Add(field, "%s", err)
	}
}

// fillModules gives declarations that only name a hash the module that was applied under it before. Versions are never
// forgotten: any can be gone back to, or kept under a name of its own beside the newest.
func (w *workspace) fillModules(plugins []core.DeclaredPlugin, wrong *core.InvalidError) {
	for i := range plugins {
		p := &plugins[i]
		if p.Module != nil {
			continue
		}
		module, err := w.module(p.Plugin.Hash)
		if err != nil || len(module) == 0 {
			wrong.Add("plugin "+string(p.Plugin.Name)+".hash", "no module of hash %s was applied to workspace %s; apply its file", p.Plugin.Hash, w.name)
			continue
		}
		p.Module, p.Plugin.Size = module, len(module)
	}
}

// checkPlugins loads the modules, as asking them will.
func (n *Node) checkPlugins(ctx context.Context, plugins []core.DeclaredPlugin, wrong *core.InvalidError) map[core.Name]hook.Manifest {
	manifests := map[core.Name]hook.Manifest{}
	for _, p := range plugins {
		if p.Module == nil {
			continue // said already
		}
		m, err := n.plugins.check(ctx, p.Plugin.Hash, p.Module)
		if err != nil {
			wrong.Add("plugin "+string(p.Plugin.Name), "%s", err)
			continue
		}
		manifests[p.Plugin.Name] = m
	}
	return manifests
}

// checkJourney checks what a journey refers to.
func (w *workspace) checkJourney(ctx context.Context, j core.Journey, d core.Declaration, declared map[core.Name]hook.Manifest, wrong *core.InvalidError) {
	steps := map[core.Name]hook.Manifest{}
	for _, s := range j.Shapes {
		field := fmt.Sprintf("journey %s.%s", j.Name, s.Name)
		if ch, send, ok := s.Sends(); ok {
			w.checkSends(field+"."+string(s.Kind)+".sender", ch, send.Sender, d, wrong)
		}
		switch s.Kind {
		case core.ShapeCondition:
			w.checkCall(ctx, field+".condition", s.Condition, hook.KindCondition, declared, wrong)
		case core.ShapePlugin:
			if m, ok := w.checkCall(ctx, field+".plugin", &s.Plugin.PluginCall, hook.KindStep, declared, wrong); ok {
				checkBranches(field+".plugin.branches", *s.Plugin, m, wrong)
				steps[s.Plugin.Plugin] = m
			}
		}
	}
	for _, s := range j.Shapes {
		if _, send, ok := s.Sends(); ok {
			checkVars(fmt.Sprintf("journey %s.%s", j.Name, s.Name), send.Template, d, steps, wrong)
		}
	}
}

// checkBranches checks that every branch that a step may choose leads somewhere, and that there are no others.
func checkBranches(field string, c core.StepCall, m hook.Manifest, wrong *core.InvalidError) {
	for _, name := range m.Branches {
		if _, ok := c.Branch(name); !ok {
			wrong.Add(field, "plugin %s may choose the branch %s; write which shape it leads to, or exit", m.Name, name)
		}
	}
	for _, b := range c.Branches {
		if !slices.Contains(m.Branches, b.Name) {
			wrong.Add(field+"."+b.Name, "plugin %s has no such branch; it has %s", m.Name, cmp.Or(strings.Join(m.Branches, ", "), "none"))
		}
	}
}

// checkVars checks that what a message reads of plugins is set by one that its journey asks.
func checkVars(field string, of core.Hash, d core.Declaration, steps map[core.Name]hook.Manifest, wrong *core.InvalidError) {
	for _, t := range d.Templates {
		if core.HashTemplate(t) != of {
			continue
		}
		for _, v := range template.Vars(t) {
			m, asked := steps[v.Plugin]
			sets := slices.ContainsFunc(m.Sets, func(f hook.Field) bool { return f.Path == v.Name })
			switch {
			case !asked:
				wrong.Add(field, "reads plugin.%s.%s, and no shape of the journey asks a plugin %s", v.Plugin, v.Name, v.Plugin)
			case !sets:
				wrong.Add(field, "reads plugin.%s.%s, which the plugin does not set; add it to sets in its plugin.yaml", v.Plugin, v.Name)
			}
		}
	}
}

// checkCall checks that a plugin of a kind can be asked, and completes how; ok is false when there is none.
func (w *workspace) checkCall(ctx context.Context, field string, c *core.PluginCall, kind hook.Kind, declared map[core.Name]hook.Manifest, wrong *core.InvalidError) (m hook.Manifest, ok bool) {
	m, ok = declared[c.Plugin]
	if !ok {
		m, ok = w.pluginManifest(ctx, c.Plugin)
	}
	if !ok {
		wrong.Add(field+".plugin", "there is no plugin %s that loads", c.Plugin)
		return m, false
	}
	checkConfig(field, m, kind, c.Config, wrong)
	settlePolicy(c, m)
	return m, m.Kind == kind
}

// checkGates checks that the plugins can be asked which stand before messages, and completes how.
func (w *workspace) checkGates(ctx context.Context, field string, gates []core.PluginCall, declared map[core.Name]hook.Manifest, wrong *core.InvalidError) {
	for i := range gates {
		w.checkCall(ctx, fmt.Sprintf("%s.gates[%d]", field, i), &gates[i], hook.KindCondition, declared, wrong)
	}
}

// settlePolicy writes down what the plugin says of its failures where the journey says nothing: what is journaled is
// complete, and another version of the plugin does not change it.
func settlePolicy(c *core.PluginCall, m hook.Manifest) {
	if c.OnFailure == "" {
		c.OnFailure = core.FailurePolicy(m.FailurePolicy())
	}
}

// checkConfig checks a plugin's kind, and a configuration against what it declares.
func checkConfig(field string, m hook.Manifest, kind hook.Kind, config []byte, wrong *core.InvalidError) {
	if m.Kind != kind {
		wrong.Add(field+".plugin", "plugin %s is a %s, not a %s", m.Name, m.Kind, kind)
	}
	values, err := hook.DecodeConfig(config)
	if err == nil {
		err = m.CheckConfig(values)
	}
	var invalid *core.InvalidError
	switch {
	case errors.As(err, &invalid):
		for _, f := range invalid.Fields {
			wrong.Add(field+".config."+strings.TrimPrefix(f.Field, "config."), "%s", f.Message)
		}
	case err != nil:
		wrong.Add(field+".config", "%s", err)
	}
}

// checkSends checks that the sender of a shape is there, and sends by the shape's channel.
func (w *workspace) checkSends(field string, ch core.Channel, name core.Name, d core.Declaration, wrong *core.InvalidError) {
	s, ok := w.senderNamed(name, d)
	switch {
	case !ok:
		wrong.Add(field, "there is no sender %s", name)
	case !s.Sends(ch):
		wrong.Add(field, "sender %s is of type %s, which sends no %s", name, s.Kind, ch)
	}
}

func (w *workspace) senderNamed(name core.Name, d core.Declaration) (core.Sender, bool) {
	for _, s := range d.Senders {
		if s.Name == name {
			return s, true
		}
	}
	s, ok := w.machine.Senders()[name]
	return s, ok
}

// pluginManifest is that of a plugin which was applied before.
func (w *workspace) pluginManifest(ctx context.Context, name core.Name) (hook.Manifest, bool) {
	p, ok := w.machine.Plugins()[name]
	if !ok {
		return hook.Manifest{}, false
	}
	module, err := w.module(p.Hash)
	if err != nil {
		return hook.Manifest{}, false
	}
	m, err := w.node.plugins.check(ctx, p.Hash, module)
	return m, err == nil
}

func (w *workspace) checkState(s core.DeclaredState, d core.Declaration, wrong *core.InvalidError) {
	for _, j := range d.Journeys {
		if j.Journey.Name == s.Journey {
			return
		}
	}
	if !w.hasJourney(s.Journey) {
		wrong.Add("journey "+string(s.Journey), "there is no journey or playbook of that name")
	}
}

func (w *workspace) hasJourney(name core.Name) bool {
	for _, j := range w.machine.Journeys() {
		if j.Name == name {
			return true
		}
	}
	return false
}

// SetJourney turns a journey or playbook on or off (console.Backend).
func (n *Node) SetJourney(ctx context.Context, name core.WorkspaceName, j core.Name, on bool) (ok bool, err error) {
	w, ok := n.workspace(name)
	if !ok || !w.hasJourney(j) {
		return false, nil
	}
	d := core.Declaration{States: []core.DeclaredState{{Journey: j, On: on}}}
	return true, w.append(ctx, 0, wire.Declare{Declaration: d})
}
