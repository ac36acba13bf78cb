package node

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"restock/core"
	"restock/core/console"
	"restock/core/db"
	"restock/core/manifest"
	"restock/core/sender"
	"restock/core/sign"
	"restock/core/template"
)

// Bounds of tests: whoever has a token could otherwise send mails to anybody, as many as they like.
const (
	maxTests = 10 // in testsPer
	testsPer = time.Minute
	testTime = time.Minute // of one call
)

// Templates are those that files may refer to (console.Backend).
func (n *Node) Templates(name core.WorkspaceName) (all []console.TemplateReport, err error) {
	w, err := n.named(name)
	if err != nil {
		return nil, err
	}
	ready, applied, used := template.Defaults(), n.contents(name), w.templateUses()
	titles, err := w.templateTitles()
	if err != nil {
		return nil, err
	}
	for _, t := range templateNames(ready, applied) {
		r := console.TemplateReport{Name: t, Title: titles[t], Origin: "file", UsedBy: used[t]}
		_, isReady := ready[string(t)]
		switch {
		case applied[t] == nil:
			r.Origin = "ready_made"
		case isReady:
			r.Origin = "changed"
		}
		for _, ch := range messageChannels() {
			if c, ok := contentOf(ready, applied, t, ch); ok {
				r.Channels = append(r.Channels, ch)
				r.Locales = mergeLocales(r.Locales, c)
			}
		}
		all = append(all, r)
	}
	return all, nil
}

func messageChannels() []core.Channel { return []core.Channel{core.Email, core.SMS, core.Push} }

func templateNames(ready map[string]core.Template, applied map[core.Name]manifest.Contents) (names []core.Name) {
	for n := range ready {
		names = append(names, core.Name(n))
	}
	for n := range applied {
		names = append(names, n)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// contentOf is what a name stands for by a channel: a file's comes before what is ready-made.
func contentOf(ready map[string]core.Template, applied map[core.Name]manifest.Contents, name core.Name, ch core.Channel) (core.Template, bool) {
	if t, ok := applied[name][ch]; ok {
		return t, true
	}
	t, ok := ready[string(name)]
	return t, ok && ch == core.Email
}

func mergeLocales(all []string, t core.Template) []string {
	for _, l := range append([]string{cmp.Or(t.Locale, "en")}, locales(t)...) {
		if !slices.Contains(all, l) {
			all = append(all, l)
		}
	}
	return all
}

func locales(t core.Template) (all []string) {
	for _, v := range t.Locales {
		all = append(all, v.Locale)
	}
	return all
}

func (w *workspace) templateTitles() (map[core.Name]string, error) {
	titles := map[core.Name]string{}
	err := w.view(func(tx *db.Tx) {
		db.Named.All(tx, func(t core.NamedTemplate) bool { titles[t.Name] = t.Title; return true })
	})
	return titles, err
}

// templateUses are the shapes and broadcasts that refer to templates, by the templates' names.
func (w *workspace) templateUses() map[core.Name][]string {
	used := map[core.Name][]string{}
	for _, j := range w.machine.Journeys() {
		for _, s := range j.Shapes {
			if _, send, ok := s.Sends(); ok && send.Named != "" {
				used[send.Named] = append(used[send.Named], fmt.Sprintf("journey %s/%s", j.Name, s.Name))
			}
		}
	}
	_ = w.view(func(tx *db.Tx) { // what cannot be read is not listed
		db.Broadcasts.All(tx, func(a core.Announcement) bool {
			if n := a.Broadcast.Send.Named; n != "" {
				used[n] = append(used[n], "broadcast "+string(a.Broadcast.Name))
			}
			return true
		})
	})
	return used
}

// Template is what a template is written as (console.Backend).
func (n *Node) Template(name core.WorkspaceName, t core.Name) (s console.TemplateSource, ok bool, err error) {
	w, err := n.named(name)
	if err != nil {
		return s, false, err
	}
	titles, err := w.templateTitles()
	ready, applied := template.Defaults(), n.contents(name)
	s = console.TemplateSource{Name: t, Title: titles[t]}
	for _, ch := range messageChannels() {
		c, there := contentOf(ready, applied, t, ch)
		if !there {
			continue
		}
		s.Parts = append(s.Parts, console.TemplateSourceLocale{Channel: ch, Locale: cmp.Or(c.Locale, "en"), Own: true,
			Subject: c.Subject, Preheader: c.Preheader, HTML: c.HTML, Text: c.Text, Icon: c.Icon})
		for _, v := range c.Locales {
			s.Parts = append(s.Parts, console.TemplateSourceLocale{Channel: ch, Locale: v.Locale,
				Subject: v.Subject, Preheader: v.Preheader, HTML: v.HTML, Text: v.Text, Icon: v.Icon})
		}
	}
	return s, len(s.Parts) > 0, err
}

// Preview is a message as it would be sent (console.Backend).
func (n *Node) Preview(ctx context.Context, name core.WorkspaceName, q console.TemplateQuery) (console.Preview, error) {
	w, err := n.named(name)
	if err != nil {
		return console.Preview{}, err
	}
	t, err := w.trying(ctx, q)
	if err != nil {
		return console.Preview{}, err
	}
	return w.tryOut(t)
}

// tried is a message that is tried out: nothing of it stands in the ledger.
type tried struct {
	about
	intent core.Intent
	of     string   // whom and what it is written about
	leads  []string // where its click links lead
}

// trying finds what a query asks for, and whom it is written to.
func (w *workspace) trying(ctx context.Context, q console.TemplateQuery) (t tried, err error) {
	occurs, err := w.asked(q, &t)
	if err != nil {
		return t, err
	}
	t.intent.Template = core.HashTemplate(t.template)
	_, _ = rand.Read(t.intent.Key[:]) // never fails (crypto/rand)
	if q.Contact == "" {
		w.pretend(&t, occurs)
	} else if err := w.writtenTo(q, &t, occurs); err != nil {
		return t, err
	}
	if q.Locale != "" {
		t.data.Contact.Locale = core.NormalLocale(q.Locale)
	}
	w.harmless(w.node.linkKeys.current(ctx), &t)
	return t, nil
}

func wrongQuery(field, format string, args ...any) error {
	wrong := &core.InvalidError{}
	wrong.Add(field, format, args...)
	return wrong
}

// asked reads the template that a query names, into t, and what a journey that it names is entered by.
func (w *workspace) asked(q console.TemplateQuery, t *tried) (occurs core.ActivityKind, err error) {
	i := &t.intent
	switch {
	case q.Journey != "":
		return w.askedShape(q, t)
	case q.Broadcast != "":
		a, ok := w.broadcast(q.Broadcast)
		if !ok {
			return "", wrongQuery("broadcast", "there is no broadcast %s", q.Broadcast)
		}
		i.Channel, i.Sender, i.Broadcast, i.Purpose = a.Broadcast.Channel, a.Broadcast.Send.Sender, q.Broadcast, a.Broadcast.Purpose
		return "", w.stored(a.Broadcast.Send.Template, t)
	}
	ready, applied := template.Defaults(), w.node.contents(w.name)
	for _, ch := range messageChannels() {
		c, ok := contentOf(ready, applied, q.Template, ch)
		if ok && (q.Channel == "" || q.Channel == ch) {
			i.Channel, t.template = ch, c
			return kindOf(q.Template), nil
		}
	}
	if q.Channel != "" && slices.Contains(templateNames(ready, applied), q.Template) {
		return "", wrongQuery("channel", "template %s says nothing for %s", q.Template, q.Channel)
	}
	return "", wrongQuery("template", "there is no template %s; restock template list shows those that there are", q.Template)
}

// kindOf is what a ready-made template is about, which its sample must be as well.
func kindOf(name core.Name) core.ActivityKind {
	switch name {
	case "waiting":
		return core.WaitingOnStock
	case "confirm":
		return core.ConfirmationAsked
	case "alert":
		return core.WaitlistReached
	}
	return core.BackInStock
}

// askedShape reads what a journey's shape sends.
func (w *workspace) askedShape(q console.TemplateQuery, t *tried) (core.ActivityKind, error) {
	var j core.Journey
	for _, known := range w.machine.Journeys() {
		if known.Name == q.Journey {
			j = known
		}
	}
	if j.Name == "" {
		return "", wrongQuery("journey", "there is no journey or playbook %s", q.Journey)
	}
	var sending []string
	for _, s := range j.Shapes {
		ch, send, ok := s.Sends()
		if !ok || ch == core.Webhook {
			continue
		}
		sending = append(sending, s.Name)
		if s.Name == q.Shape || q.Shape == "" {
			t.intent.Channel, t.intent.Sender, t.intent.Journey, t.intent.Shape, t.intent.Purpose = ch, send.Sender, j.Name, s.Name, j.Purpose
			t.intent.Template = send.Template
		}
	}
	switch {
	case len(sending) == 0:
		return "", wrongQuery("journey", "no shape of %s sends a message", q.Journey)
	case q.Shape == "" && len(sending) > 1, q.Shape != "" && !slices.Contains(sending, q.Shape):
		return "", wrongQuery("shape", "want one of %s", strings.Join(sending, ", "))
	}
	return j.Enter.Occurs, w.stored(t.intent.Template, t)
}

func (w *workspace) stored(h core.Hash, t *tried) error {
	return w.view(func(tx *db.Tx) { t.template, _ = db.Templates.Get(tx, h) })
}

// pretend writes to somebody made up, about something of a shop that is connected where there is one.
func (w *workspace) pretend(t *tried, occurs core.ActivityKind) {
	t.data = template.Sample()
	t.data.Contact.Locale = ""
	t.data.Activity.Kind = cmp.Or(occurs, core.BackInStock)
	t.of = "made-up contact and product"
	_ = w.view(func(tx *db.Tx) { // without a catalogue the product is made up as well
		db.Variants.All(tx, func(v core.Variant) bool {
			p, ok := db.Products.Get(tx, core.ProductKey{Source: v.Source, Product: v.Product})
			src, known := w.machine.Sources()[v.Source]
			if !ok || !known || p.Title == "" || v.Removed {
				return true
			}
			t.data.Source, t.data.Product, t.data.Variant = src, p, v
			t.data.Variant.URL = v.Link(p)
			t.data.Activity.Source, t.data.Activity.Title, t.data.Activity.Choice, t.data.Activity.URL = src.Name, p.Title, v.Title, t.data.Variant.URL
			t.of = fmt.Sprintf("made-up contact, %s of %s", p.Title, src.Name)
			return false
		})
	})
	t.intent.Activity = t.data.Activity
	t.subject.Intent = t.intent
}

// writtenTo writes to a contact, about what occurred to it last.
func (w *workspace) writtenTo(q console.TemplateQuery, t *tried, occurs core.ActivityKind) error {
	var contact core.Contact
	var newest core.Activity
	found := false
	err := w.reveal(func(tx *db.Tx) core.ContactID {
		c, _, _ := w.findContact(tx, q.Contact)
		return c.ID
	}, func(tx *db.Tx) {
		if contact, _, found = w.findContact(tx, q.Contact); !found {
			return
		}
		db.ActivitiesOf(tx, contact.ID, func(a core.Activity) bool {
			if (occurs == "" || a.Kind == occurs) && (newest.At == 0 || later(a, newest)) {
				newest = a
			}
			return true
		})
	})
	switch {
	case err != nil:
		return fmt.Errorf("reading the contact: %w", err)
	case !found:
		return wrongQuery("contact", "nobody with this address is known")
	case newest.At == 0:
		return wrongQuery("contact", "%s has not occurred to this contact; leave contact out to see it with made-up data", cmp.Or(occurs, "nothing"))
	}
	content := t.template
	t.intent.Contact, t.intent.Activity = contact.ID, newest
	if t.about, err = w.about(t.intent); err != nil {
		return err
	}
	t.template = content
	t.of = fmt.Sprintf("%s, %s of %s", masked(contact), newest.Title, newest.Source)
	return nil
}

// harmless gives a message links that are as long as they will be. Those that end messages or confirm are sealed for a purpose of
// their own, by which no edge does anything.
func (w *workspace) harmless(ring sign.Ring, t *tried) {
	const purpose = "preview"
	sealed := make([]byte, 3+len(core.ContactID{})+len(w.name))
	l := &t.data.Links
	l.Unsubscribe = w.public("/u/" + ring.Seal(purpose, sealed, 0))
	l.Confirm = ""
	if t.data.Activity.Kind == core.ConfirmationAsked {
		l.Confirm = w.public("/c/" + ring.Seal(purpose, append(sealed, make([]byte, len(core.AddressTag{}))...), core.TimeOf(time.Now())))
	}
	if t.data.Activity.Kind == core.WaitlistReached {
		*l = template.Links{}
		return
	}
	l.Buy = w.shown(ring, t, t.data.Link())
	if t.data.Item != nil {
		item := *t.data.Item
		item.URL = w.shown(ring, t, cmp.Or(item.URL, t.data.Source.URL))
		t.data.Item = &item
	}
}

// shown is a click link that edges were not told of; "" for none.
func (w *workspace) shown(ring sign.Ring, t *tried, url string) string {
	if url == "" {
		return ""
	}
	t.leads = append(t.leads, url)
	return w.clickTo(ring, t.intent, core.NewLinkID(w.name, url))
}

// tryOut renders what is tried.
func (w *workspace) tryOut(t tried) (p console.Preview, err error) {
	p = console.Preview{Channel: t.intent.Channel, About: t.of}
	var r template.Rendered
	if p.Channel == core.Email {
		r, err = w.node.renderer.Render(t.intent.Template, t.template, t.data)
	} else {
		t.data.Item = nil
		r, err = w.node.renderer.RenderShort(t.intent.Template, t.template, t.data)
	}
	if err != nil {
		return p, wrongQuery("template", "%s", err)
	}
	p.Locale, p.Subject, p.Preheader, p.HTML, p.Text = r.Locale, r.Subject, r.Preheader, r.HTML, r.Text
	switch p.Channel {
	case core.SMS:
		segments, encoding := sender.Segments(r.Text)
		p.Encoding, p.Characters, p.Segments = string(encoding), utf8.RuneCountInString(r.Text), segments
	case core.Push:
		p.URL, p.Icon = t.data.Links.Buy, cmp.Or(r.Icon, t.data.Picture())
	}
	return p, nil
}

// testMark begins the subject of a test, or its text.
const testMark = "[Test] "

// SendTest sends a message through the real sender (console.Backend). It stands in no ledger and counts nowhere, its links end
// nothing, and its address is written down nowhere.
func (n *Node) SendTest(ctx context.Context, name core.WorkspaceName, q console.TemplateQuery) (r console.TestReport, err error) {
	w, err := n.named(name)
	if err != nil {
		return r, err
	}
	t, err := w.trying(ctx, q)
	if err != nil {
		return r, err
	}
	declared, err := w.testSender(q, t)
	if err != nil {
		return r, err
	}
	m := core.Message{Key: t.intent.Key, Channel: t.intent.Channel, At: core.TimeOf(time.Now())}
	if err := w.addressed(q.To, &m); err != nil {
		return r, err
	}
	if !n.tests.allow(time.Now()) {
		return r, wrongQuery("to", "%d tests were sent in the last minute; wait a little", maxTests)
	}
	for _, url := range t.leads { // so that they can be followed
		if _, err := w.click(ctx, w.node.linkKeys.current(ctx), t.intent, url); err != nil {
			return r, err
		}
	}
	if r.Preview, err = w.tryOut(t); err != nil {
		return r, err
	}
	t.sender = declared
	m.From = from(t.about)
	m.Subject, m.HTML, m.Text, m.URL, m.Image = r.Preview.Subject, r.Preview.HTML, r.Preview.Text, r.Preview.URL, r.Preview.Icon
	m.Headers = []core.Header{{Name: "X-Restock-Test", Value: "true"}}
	if m.Channel == core.SMS {
		m.Text = testMark + m.Text
	} else {
		m.Subject = testMark + m.Subject
	}
	return w.sendTest(ctx, declared, m, r)
}

// testSender is the sender of a test.
func (w *workspace) testSender(q console.TemplateQuery, t tried) (core.Sender, error) {
	name := cmp.Or(q.Sender, t.intent.Sender)
	if name == "" {
		return core.Sender{}, wrongQuery("sender", "say by which sender the test goes out")
	}
	s, ok := w.machine.Senders()[name]
	switch {
	case !ok:
		return s, wrongQuery("sender", "there is no sender %s", name)
	case !s.Sends(t.intent.Channel):
		return s, wrongQuery("sender", "sender %s is of type %s, which sends no %s", name, s.Kind, t.intent.Channel)
	}
	return s, nil
}

// addressed addresses a test: a push goes to the newest browser of the contact of an address. Nobody is sent a test who wants nothing.
func (w *workspace) addressed(to string, m *core.Message) error {
	candidates, err := w.meant(to)
	if err != nil {
		return renameField(err, "to")
	}
	var stopped core.Reason
	err = w.view(func(tx *db.Tx) {
		for _, a := range candidates {
			if m.Channel == core.Push {
				c, ok := contactAt(tx, a)
				if n := len(c.Pushes); ok && n > 0 {
					m.Browser = c.Pushes[n-1]
					a = core.Address{Channel: core.Push, Value: m.Browser.Endpoint}
				}
			}
			if a.Channel == m.Channel && m.To.Value == "" {
				m.To, stopped = a, db.SuppressedFor(tx, a)
			}
		}
	})
	switch {
	case err != nil:
		return err
	case m.Channel == core.Push && m.Browser.Endpoint == "":
		return wrongQuery("to", "want the address of a contact who takes pushes")
	case m.To.Value == "":
		return wrongQuery("to", "want an address that %s goes to", m.Channel)
	case stopped != "":
		return wrongQuery("to", "nothing is sent to this address any more: %s", stopped)
	}
	return nil
}

func renameField(err error, field string) error {
	if wrong, ok := err.(*core.InvalidError); ok {
		for i := range wrong.Fields {
			wrong.Fields[i].Field = field
		}
	}
	return err
}

func (w *workspace) sendTest(ctx context.Context, declared core.Sender, m core.Message, r console.TestReport) (console.TestReport, error) {
	s, err := w.node.senders.open(w.name, declared)
	if err != nil {
		return r, wrongQuery("sender", "%s", err)
	}
	ctx, cancel := context.WithTimeout(ctx, testTime)
	defer cancel()
	o := s.Send(ctx, m)
	w.log.Info("a test message was sent", "sender", declared.Name, "channel", m.Channel, "outcome", o.Kind, "reason", o.Reason)
	r.Outcome, r.Reason, r.Detail, r.Receipt = o.Kind, o.Reason, o.Detail, o.Receipt
	return r, nil
}
