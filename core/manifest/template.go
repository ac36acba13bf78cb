package manifest

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"restock/core"
)

// Contents are what a name stands for, by channel; a template need not say something for each.
type Contents map[core.Channel]core.Template

// template reads a document that gives messages a name: journeys, playbooks and broadcasts refer to it.
func (p *parser) template(h header) {
	h.alwaysOn()
	p.claim(within(h.workspace, "template"), h.name, h)
	spec := h.needSpec(slices.Concat([]string{"title", "locale"}, parts(), []string{"sms", "push", "locales"})...)
	base := spec.words()
	base.locale = spec.get("locale").locale()
	all := spec.get("locales").translations(base)
	named := core.NamedTemplate{Name: h.name, Title: spec.get("title").line()}
	contents := Contents{}
	for _, ch := range []struct {
		channel core.Channel
		there   bool
		into    *core.Hash
		of      func(words) core.LocaleVariant
		field   func(string) string
		check   func(core.Template) error
	}{
		{core.Email, base.has(core.Email), &named.Email, words.email, func(f string) string { return f }, p.opt.CheckTemplate},
		{core.SMS, base.has(core.SMS), &named.SMS, words.text, func(string) string { return "sms" }, p.opt.CheckShort},
		{core.Push, base.has(core.Push), &named.Push, words.alert, pushField, p.opt.CheckShort},
	} {
		if !ch.there {
			continue
		}
		t := together(ch.of, base, all)
		reportIn(ch.check(t), spec.value, ch.field)
		contents[ch.channel], *ch.into = t, core.HashTemplate(t)
		d := p.declaration(h.workspace)
		d.Templates = addTemplate(d.Templates, t)
	}
	if len(contents) == 0 && spec.given() {
		spec.wrong("says nothing; want subject and html for e-mails, sms for texts, push for pushes, or several of them")
	}
	p.templates[within(h.workspace, string(h.name))] = contents
	d := p.declaration(h.workspace)
	d.Named = append(d.Named, named)
}

// words are what a template says in one language.
type words struct {
	locale                           string
	subject, preheader, html, plain  string
	sms                              string
	pushTitle, pushText, pushPicture string
}

// words reads them, from a template's spec or from one of its languages.
func (o object) words() words {
	push := o.get("push").fields("title", "text", "icon")
	return words{
		subject: o.get("subject").line(), preheader: o.get("preheader").line(), html: o.get("html").text(), plain: o.get("text").text(),
		sms:       o.get("sms").text(),
		pushTitle: push.get("title").line(), pushText: push.get("text").text(), pushPicture: push.get("icon").line(),
	}
}

// has says whether there is something to send by a channel.
func (w words) has(ch core.Channel) bool {
	switch ch {
	case core.Email:
		return w.subject+w.preheader+w.html+w.plain != ""
	case core.SMS:
		return w.sms != ""
	}
	return w.pushTitle+w.pushText+w.pushPicture != ""
}

func (w words) email() core.LocaleVariant {
	return core.LocaleVariant{Locale: w.locale, Subject: w.subject, Preheader: w.preheader, HTML: w.html, Text: w.plain}
}

func (w words) text() core.LocaleVariant { return core.LocaleVariant{Locale: w.locale, Text: w.sms} }

func (w words) alert() core.LocaleVariant {
	return core.LocaleVariant{Locale: w.locale, Subject: w.pushTitle, Text: w.pushText, Icon: w.pushPicture}
}

// pushField is where the parts of a push stand in a document.
func pushField(part string) string {
	if part == "subject" {
		part = "title"
	}
	return "push." + part
}

// translations reads the other languages, by their tags.
func (v value) translations(base words) (all []words) {
	o := v.fields()
	if len(o.keys) > core.MaxLocales {
		v.wrong("are %d languages; want at most %d", len(o.keys), core.MaxLocales)
		return nil
	}
	for _, tag := range o.keys {
		at := o.get(tag)
		if normal := core.NormalLocale(tag); normal != tag {
			o.within(shorten(tag), o.node).wrong("is no language tag; want one such as de, fr-CA or zh-TW%s", meant(normal))
			continue
		}
		w := at.fields(append(parts(), "sms", "push")...).words()
		if w.locale = tag; tag == base.locale {
			at.wrong("is what the template itself is written in (locale); take it out")
			continue
		}
		all = append(all, w)
	}
	slices.SortFunc(all, func(a, b words) int { return cmp.Compare(a.locale, b.locale) })
	return all
}

func meant(normal string) string {
	if normal == "" {
		return ""
	}
	return "; write " + normal
}

// locale reads a language tag.
func (v value) locale() string {
	s := v.text()
	if normal := core.NormalLocale(s); s != "" && normal != s {
		v.wrong("%s is no language tag; want one such as de, fr-CA or zh-TW%s", quote(s), meant(normal))
	}
	return s
}

// together is what is sent by one channel, in all languages that say something for it.
func together(of func(words) core.LocaleVariant, base words, all []words) core.Template {
	own := of(base)
	t := core.Template{Subject: own.Subject, Preheader: own.Preheader, HTML: own.HTML, Text: own.Text, Icon: own.Icon, Locale: base.locale}
	for _, w := range all {
		if v := of(w); v != (core.LocaleVariant{Locale: w.locale}) {
			t.Locales = append(t.Locales, v)
		}
	}
	return t
}

// addTemplate adds a template that is not there yet.
func addTemplate(all []core.Template, t core.Template) []core.Template {
	h := core.HashTemplate(t)
	if slices.ContainsFunc(all, func(other core.Template) bool { return core.HashTemplate(other) == h }) {
		return all
	}
	return append(all, t)
}

// content finds what a name stands for by a channel: in these files, else as it was applied before, else ready-made.
func (p *parser) content(w core.WorkspaceName, name string, ch core.Channel) (t core.Template, ok bool) {
	if t, ok = p.templates[within(w, name)][ch]; ok {
		return t, true
	}
	if p.opt.Applied != nil {
		if t, ok = p.opt.Applied(w)[core.Name(name)][ch]; ok {
			return t, true
		}
	}
	if t, ok = p.opt.Templates[name]; ok && ch == core.Email {
		return t, true
	}
	return core.Template{}, false
}

// contentNames are the names that stand for something by a channel.
func (p *parser) contentNames(w core.WorkspaceName, ch core.Channel) (names []string) {
	add := func(name string) {
		if _, ok := p.content(w, name, ch); ok && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for key := range p.templates {
		if name, ok := strings.CutPrefix(key, within(w, "")); ok {
			add(name)
		}
	}
	if p.opt.Applied != nil {
		for name := range p.opt.Applied(w) {
			add(string(name))
		}
	}
	for name := range p.opt.Templates {
		add(name)
	}
	slices.Sort(names)
	return names
}

// reportIn notes what another package found wrong with a template's parts, each fault where the part stands in the mapping at v.
func reportIn(err error, v value, field func(string) string) {
	eachFault(err, v, func(f core.FieldError) {
		head, rest := "", f.Field
		if parts := strings.SplitN(f.Field, ".", 3); parts[0] == "locales" && len(parts) > 1 {
			head, rest = parts[0]+"."+parts[1]+".", strings.Join(parts[2:], ".")
		}
		path := strings.TrimSuffix(head, ".")
		if rest != "" {
			path = head + field(rest)
		}
		at, whole := v, true
		for _, key := range strings.Split(path, ".") {
			n := child(at.node, key)
			if n == nil {
				whole = false
				break
			}
			at = at.within(key, n)
		}
		if !whole && rest != "" {
			f.Message = rest + ": " + f.Message
		}
		at.told(f)
	})
}

// told notes a fault that another package found in the text at v. Where the lines of the document are those of the text, it stands
// at its own line.
func (v value) told(f core.FieldError) {
	message, line := f.Message, v.node.Line
	if f.Suggest != "" {
		message += "; did you mean " + quote(f.Suggest) + "?"
	}
	switch {
	case f.Line > 0 && v.node.Kind == yaml.ScalarNode && v.node.Style&yaml.LiteralStyle != 0:
		line += f.Line
	case f.Line > 1:
		message = "line " + strconv.Itoa(f.Line) + ": " + message
	}
	v.faults.add(v.file, line, v.path, "%s", message)
}
