package manifest

import (
	"math"
	"slices"

	"go.yaml.in/yaml/v3"

	"restock/core"
)

// shape reads one shape of a journey: a name, what it does, and where it leads.
func (c *compiler) shape(v value) draft {
	o := v.fields(slices.Concat([]string{"name"}, shapeKinds(), []string{"next", "yes", "no", "pause", "per_contact", "rate"})...)
	d := draft{at: v}
	name := o.need("name", "1 to 63 of a-z, 0-9 and -, unique in the journey")
	d.Name = name.name()
	switch {
	case d.Name == core.Exit:
		name.wrong("%q is the end of every journey; choose another name", core.Exit)
	case d.Name != "" && slices.ContainsFunc(c.drafts, func(other draft) bool { return other.Name == d.Name }):
		name.wrong("%s is the name of two shapes; choose another", d.Name)
	}
	c.what(o, &d)
	d.controls(o)
	return d
}

// shapeKinds are what a shape can do, in the order in which errors name them.
func shapeKinds() []string {
	return []string{
		string(core.ShapeEmail), string(core.ShapeSMS), string(core.ShapePush), string(core.ShapeWebhook), string(core.ShapeDelay),
		string(core.ShapeFilter), string(core.ShapeCondition), string(core.ShapeSplit), string(core.ShapePlugin), string(core.ShapeAction),
		string(core.ShapeExit),
	}
}

// what reads the one thing that a shape does.
func (c *compiler) what(o object, d *draft) {
	var does []string
	for _, key := range o.keys {
		if slices.Contains(shapeKinds(), key) {
			does = append(does, key)
		}
	}
	if len(does) != 1 {
		if o.given() && o.node.Kind == yaml.MappingNode {
			o.wrong("does %d things; want exactly one of %s", len(does), either(shapeKinds()))
		}
		return
	}
	d.Kind = core.ShapeKind(does[0])
	v := o.get(does[0])
	switch d.Kind {
	case core.ShapeEmail:
		d.Email = c.email(v)
	case core.ShapeSMS:
		d.Send = c.short(v, "text")
	case core.ShapePush:
		d.Send = c.short(v, "title", "text", "icon")
	case core.ShapeWebhook:
		o := v.fields("sender", "reminder")
		d.Send = &core.SendShape{Sender: senderOf(o), Reminder: o.get("reminder").flag()}
	case core.ShapeDelay:
		v.delay(d)
	case core.ShapeFilter:
		d.Filter = v.filterShape()
	case core.ShapeCondition:
		d.Condition = c.condition(v)
	case core.ShapeSplit:
		v.split(d)
	case core.ShapePlugin:
		d.Plugin = c.step(v, d)
	case core.ShapeAction:
		d.Action = v.action()
	case core.ShapeExit:
		d.Why = v.line()
	}
	d.paths(o)
}

// paths takes the paths that go with the kind: what asks a question has yes and no, a split its own, an exit none, and the others
// have next.
func (d *draft) paths(o object) {
	foreign := []string{"yes", "no"}
	d.next, d.no = o.get("next"), o.get("no")
	remedy := "write next"
	switch d.Kind {
	case core.ShapeCondition, core.ShapeFilter:
		foreign, d.next, remedy = []string{"next"}, o.get("yes"), "write yes and no"
	case core.ShapeSplit:
		foreign, remedy = []string{"next", "yes", "no"}, "its paths stand under split"
	case core.ShapeExit:
		foreign, remedy = []string{"next", "yes", "no"}, "it is the end"
	}
	for _, key := range foreign {
		if v := o.get(key); v.given() {
			v.wrong("is no path of shapes with %s; %s", d.Kind, remedy)
		}
	}
}

// parts are what an e-mail's content is written in.
func parts() []string { return []string{"subject", "preheader", "html", "text"} }

// email reads a shape that sends: its content is written out, or the name of a template.
func (c *compiler) email(v value) *core.EmailShape {
	o := v.fields(append([]string{"sender", "template", "reminder", "locale"}, parts()...)...)
	e := &core.EmailShape{Sender: senderOf(o), Reminder: o.get("reminder").flag()}
	if named := o.get("template"); named.given() {
		e.Template, e.Named = c.named(o, named, core.Email)
		return e
	}
	t := core.Template{
		Subject:   o.need("subject", "the subject line (or template: NAME instead of the content)").line(),
		Preheader: o.get("preheader").line(),
		HTML:      o.need("html", "the message").text(),
		Text:      o.get("text").text(),
		Locale:    o.get("locale").locale(),
	}
	if t.Subject == "" || t.HTML == "" {
		return e
	}
	report(c.opt.CheckTemplate(t), v, o)
	e.Template = c.says(t)
	return e
}

func senderOf(o object) core.Name {
	return core.Name(o.need("sender", "the name of a Sender, such as inbox").name())
}

// short reads a shape that sends what has no layout: a text, and for a push a title. The back-in-stock block is for e-mails.
func (c *compiler) short(v value, parts ...string) *core.SendShape {
	o := v.fields(append([]string{"sender", "template", "reminder", "locale"}, parts...)...)
	s := &core.SendShape{Sender: senderOf(o), Reminder: o.get("reminder").flag()}
	push := slices.Contains(parts, "title")
	if named := o.get("template"); named.given() {
		ch := core.SMS
		if push {
			ch = core.Push
		}
		s.Template, s.Named = c.named(o, named, ch)
		return s
	}
	t := core.Template{Text: o.need("text", "what it says (or template: NAME instead of the content)").text(), Locale: o.get("locale").locale()}
	if push {
		t.Subject = o.need("title", "the line above the text").line()
		t.Icon = o.get("icon").line()
		o.entries["subject"] = o.get("title") // as faults of templates name it
	}
	if t.Text == "" {
		return s
	}
	report(c.opt.CheckShort(t), v, o)
	s.Template = c.says(t)
	return s
}

// says takes in a template that a shape sends.
func (c *compiler) says(t core.Template) core.Hash {
	c.templates = addTemplate(c.templates, t)
	return core.HashTemplate(t)
}

// named takes a template by its name; what it says was checked where it was written.
func (c *compiler) named(o object, v value, ch core.Channel) (core.Hash, core.Name) {
	for _, key := range append(parts(), "title", "icon", "locale") {
		if content := o.get(key); content.given() {
			content.wrong("the content comes from the template %s; take one of the two out", quote(v.text()))
		}
	}
	t, ok := c.parser.content(c.workspace, v.text(), ch)
	if !ok {
		known := either(c.parser.contentNames(c.workspace, ch))
		if known == "" {
			known = "one that you write as a document of kind Template"
		}
		v.wrong("%s is no template for %s; want %s", quote(v.text()), ch, known)
		return core.Hash{}, ""
	}
	return c.says(t), core.Name(v.text())
}

// condition reads a shape that asks a plugin. Without on_failure the plugin's own word holds, which the node knows.
func (c *compiler) condition(v value) *core.PluginCall {
	call := c.call(v.fields("plugin", "config", "on_failure"), core.FailSkip, core.FailSend, core.FailHold)
	return &call
}

// call reads which plugin is asked, and what becomes of contacts about whom it cannot be.
func (c *compiler) call(o object, policies ...core.FailurePolicy) core.PluginCall {
	call := core.PluginCall{Plugin: core.Name(o.need("plugin", "the name of a Plugin").name())}
	if f := o.get("on_failure"); f.given() {
		words := make([]string, len(policies))
		for i, p := range policies {
			words[i] = string(p)
		}
		call.OnFailure = core.FailurePolicy(f.word(words...))
	}
	if config := o.get("config"); config.given() {
		call.Config = c.config(config)
	}
	return call
}

// config encodes what a plugin is configured with; nothing when nothing is said.
func (c *compiler) config(v value) []byte {
	o := v.fields()
	if len(o.keys) == 0 {
		return nil
	}
	m := make(map[string]any, len(o.keys))
	for _, key := range o.keys {
		if entry := o.get(key); entry.given() {
			m[key] = entry.setting()
		}
	}
	b, err := c.opt.EncodeConfig(m)
	if err != nil {
		v.wrong("encoding config: %v", err)
	}
	return b
}

// setting reads a value of a plugin's configuration: string, int64, bool or []string.
func (v value) setting() any {
	switch {
	case v.node.Kind == yaml.SequenceNode && len(v.node.Content) == 0:
		return []string{}
	case v.node.Kind == yaml.SequenceNode:
		return v.texts()
	case v.node.Kind != yaml.ScalarNode:
		v.wrong("want text, a whole number, true, false or a list of texts, found %s", describe(v.node))
		return nil
	}
	switch v.node.Tag {
	case "!!bool":
		return v.node.Value[0]|0x20 == 't' // true, True, TRUE
	case "!!int":
		return v.integer(math.MinInt64, math.MaxInt64)
	case "!!float":
		v.wrong("fractions differ between machines; want a whole number of a smaller unit, or text in quotes")
	}
	return v.node.Value
}

// texts reads a list of texts, any of which may be empty or there twice.
func (v value) texts() []string {
	all := make([]string, 0, len(v.node.Content))
	for _, item := range v.items() {
		if item.is(yaml.ScalarNode, "text") {
			all = append(all, item.node.Value)
		}
	}
	return all
}
