package manifest

import (
	"encoding/json"
	"errors"
	"strings"

	"restock/core"
	"restock/core/filter"
)

// Bounds of a journey.
const (
	MaxShapes = 100
	MinDelay  = core.Second
	MaxDelay  = 366 * core.Day
)

// journey reads a document that holds a graph.
func (p *parser) journey(h header) {
	p.claim(within(h.workspace, "journey"), h.name, h)
	j, c := p.compile(h.workspace, h.need("spec", "a mapping with title, enter and shapes"))
	j.Name = h.name
	if j.Title == "" {
		j.Title = string(h.name)
	}
	j.Version = version(j)
	d := core.DeclaredJourney{Journey: j, State: h.state}
	d.Pause, d.Resume = c.paused()
	p.addJourney(h.workspace, d, c.templates)
}

// JourneyVersion is the identity of a journey's definition, of one that was declared before and is changed.
func JourneyVersion(j core.Journey) core.Hash {
	j.Number, j.Paused, j.Enter.Matches = 0, nil, nil
	return version(j)
}

// version is the identity of a journey's definition: of everything but whether it is on. It hashes the JSON of the
// journey as compiled, so spelling, comments, defaults written out and the order of keys change nothing; struct fields
// have one order and there is no map in it. A field that core.Journey gains changes every version once.
func version(j core.Journey) core.Hash {
	j.On, j.Version = false, core.Hash{}
	definition, err := json.Marshal(j)
	if err != nil {
		panic("hashing journey: " + err.Error()) // strings, numbers and bytes only: cannot happen
	}
	return core.HashOf(definition)
}

// compiler turns the spec of one journey into its graph.
type compiler struct {
	opt       Options
	parser    *parser
	workspace core.WorkspaceName
	drafts    []draft
	templates []core.Template
}

func (p *parser) compiler(w core.WorkspaceName) *compiler {
	return &compiler{opt: p.opt, parser: p, workspace: w}
}

// draft is a shape whose paths are still names.
type draft struct {
	core.Shape
	at       value   // where the shape stands
	next, no value   // where its paths stand, if they were written
	ways     []value // where those of Split, or of Plugin's branches, stand
	pause    *bool   // nil: not said
}

// compile reads a journey's spec. With faults it returns what it could read.
func (p *parser) compile(w core.WorkspaceName, spec value) (core.Journey, *compiler) {
	o := spec.fields("title", "about", "enter", "again", "alongside", "exit", "shapes", "purpose", "gates")
	c := p.compiler(w)
	j := core.Journey{
		Title: o.get("title").line(),
		About: o.get("about").line(),
		Enter: o.need("enter", "a mapping with occurs and where").enter(),

		Purpose: o.get("purpose").purpose(),
		Gates:   c.gates(o.get("gates")),
	}
	o.rules(&j)
	before := len(p.faults.all)
	shapes := o.need("shapes", "a list of what happens, in order")
	for _, v := range shapes.items() {
		c.drafts = append(c.drafts, c.shape(v))
	}
	c.connect(shapes)
	c.checkMerchant(j.Enter.Occurs)
	if len(p.faults.all) == before { // a graph with holes has faults that are none
		c.checkGraph(j)
	}
	for _, d := range c.drafts {
		j.Shapes = append(j.Shapes, d.Shape)
	}
	return j, c
}

// paused are the shapes that the document pauses, and those that it says are not.
func (c *compiler) paused() (pause, resume []string) {
	for _, d := range c.drafts {
		switch {
		case d.pause == nil:
		case *d.pause:
			pause = append(pause, d.Name)
		default:
			resume = append(resume, d.Name)
		}
	}
	return pause, resume
}

// enter reads when contacts enter.
func (v value) enter() core.Enter {
	o := v.fields("occurs", "where", "early")
	occurs := o.need("occurs", "the activity that lets contacts in: waiting_on_stock or back_in_stock; running_low, for who was told and did not buy; waitlist_reached, of which the merchant is told; or confirmation_asked, where a source wants addresses confirmed")
	e := core.Enter{Occurs: occurs.entry(), Where: o.get("where").filter(filter.Entry)}
	if e.Occurs == core.WaitlistReached && filter.OfContact(e.Where) {
		o.get("where").wrong("asks for a contact, and %s is about a line; want fields of the activity alone", e.Occurs)
	}
	if early := o.get("early"); early.given() {
		e.Early = early.headStart(e)
	}
	return e
}

// MaxEarly bounds a head start.
const MaxEarly = 7 * core.Day

// headStart reads how long before others those are told who enter.
func (v value) headStart(e core.Enter) core.Milliseconds {
	switch {
	case e.Occurs != core.BackInStock:
		v.wrong("goes with %s: it is how long before others who enters is told", core.BackInStock)
	case filter.Everything(e.Where):
		v.wrong("goes with where: a head start of everybody is none")
	}
	return v.duration(MinDelay, MaxEarly)
}

// entry reads the activity that a journey is entered by.
func (v value) entry() core.ActivityKind {
	return core.ActivityKind(v.word(string(core.WaitingOnStock), string(core.BackInStock), string(core.RunningLow), string(core.WaitlistReached), string(core.ConfirmationAsked)))
}

// checkMerchant refuses what a journey that tells the merchant cannot do: nobody passes through it, its e-mails are written at
// once.
func (c *compiler) checkMerchant(occurs core.ActivityKind) {
	for _, d := range c.drafts {
		if occurs == core.WaitlistReached && d.Kind != "" && d.Kind != core.ShapeEmail {
			d.at.wrong("a journey that is entered by %s takes e-mails only: it tells the merchant, and no contact is in it", occurs)
		}
	}
}

// report notes what another package found wrong, each fault at the field it is about, else at v.
func report(err error, v value, fields object) {
	eachFault(err, v, func(f core.FieldError) {
		key, _, _ := strings.Cut(f.Field, ".")
		if at := fields.get(key); at.given() {
			at.told(f)
			return
		}
		f.Message = f.Field + ": " + f.Message
		v.told(f)
	})
}

// eachFault takes apart what another package found wrong; what it does not put to a field is noted at v.
func eachFault(err error, v value, note func(core.FieldError)) {
	var invalid *core.InvalidError
	switch {
	case err == nil:
	case !errors.As(err, &invalid):
		v.wrong("%v", err)
	default:
		for _, f := range invalid.Fields {
			note(f)
		}
	}
}
