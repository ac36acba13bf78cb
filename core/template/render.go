package template

import (
	"cmp"
	"fmt"
	"maps"
	"strings"
	"sync"

	"restock/core"
)

// Rendered is one e-mail, ready for a core.Message; of an SMS there is only Text, of a push Subject, Text and Icon.
type Rendered struct {
	Subject   string // one line, at most maxSubject characters
	Preheader string // one line; it is in HTML already
	HTML      string // a whole document
	Text      string
	Icon      string // http or https URL; "": none of its own
	Locale    string // that it is written in
	// ShowedBlock says that a back-in-stock block was rendered with an item: what it showed is to be written down.
	ShowedBlock bool
}

// maxCompiled is how many templates a Renderer keeps compiled, counting each language; the one compiled longest ago goes first.
const maxCompiled = 512

// maxSubject bounds a subject in characters, far below the 998 a line may have (RFC 5322, 2.1.1) and above what any
// client shows.
const maxSubject = 200

// Renderer renders templates. It is safe for concurrent use.
type Renderer struct {
	engines engines

	mu       sync.Mutex // guards what follows
	compiled map[compiledKey]*compiled
	order    []compiledKey // of compiled, oldest first
}

// compiledKey is a template in one of its languages. The locale is one that the template knows, or "": contacts say what they like.
type compiledKey struct {
	hash   core.Hash
	locale string
}

// compiled is a template ready to be rendered; nil parts are empty.
type compiled struct {
	subject, preheader, html, text, icon *compiledPart
	locale                               string
}

// New makes a Renderer.
func New() *Renderer {
	return &Renderer{engines: newEngines(), compiled: map[compiledKey]*compiled{}}
}

// Render makes an e-mail of t, whose hash is what core.HashTemplate says, in the language of d's contact: the compiled template is
// kept. An error means that this template and data do not go together, such as one that shows what is missing; trying again changes nothing.
func (r *Renderer) Render(hash core.Hash, t core.Template, d Data) (Rendered, error) {
	c, err := r.template(hash, t, d.Contact.Locale)
	if err != nil {
		return Rendered{}, err
	}
	b := bound(c, d)
	out := Rendered{Locale: cmp.Or(c.locale, "en")}
	if out.Subject, err = b.line(partSubject, c.subject); err != nil {
		return Rendered{}, err
	}
	out.Subject = shorten(out.Subject)
	if out.Preheader, err = b.line(partPreheader, c.preheader); err != nil {
		return Rendered{}, err
	}
	if err := b.bodies(&out, c); err != nil {
		return Rendered{}, err
	}
	return out, nil
}

// RenderShort makes an SMS or a push of t: its subject and icon, if it has them, and its text, without blanks around it.
func (r *Renderer) RenderShort(hash core.Hash, t core.Template, d Data) (out Rendered, err error) {
	c, err := r.template(hash, t, d.Contact.Locale)
	if err != nil {
		return out, err
	}
	b := bound(c, d)
	out.Locale = cmp.Or(c.locale, "en")
	if out.Subject, err = b.line(partSubject, c.subject); err != nil {
		return Rendered{}, err
	}
	if out.Text, _, err = b.part(partShort, c.text); err != nil {
		return Rendered{}, err
	}
	icon, err := b.line(partIcon, c.icon)
	if err != nil {
		return Rendered{}, err
	}
	out.Text, out.Icon = strings.TrimSpace(out.Text), safeURL(icon)
	return out, nil
}

// Link is where a message that shows nothing leads when it is tapped: as the block's button.
func (d Data) Link() string {
	it, _ := d.item()
	return safeURL(cmp.Or(it.URL, d.Source.URL))
}

// Picture is what such a message may show.
func (d Data) Picture() string {
	it, _ := d.item()
	return safeURL(it.Image)
}

// binding is the data of one rendering, in the language that it is written in.
type binding struct {
	Data
	vars map[string]any
}

func bound(c *compiled, d Data) binding {
	d.locale = c.locale
	return binding{d, bindings(d)}
}

// bodies makes the HTML and the text part.
func (b binding) bodies(out *Rendered, c *compiled) error {
	content, shown, err := b.part(partHTML, c.html)
	if err != nil {
		return err
	}
	if out.HTML, err = page(content, out.Subject, out.Preheader, b.Data); err != nil {
		return err
	}
	if len(out.HTML) > maxOutput {
		return fmt.Errorf("rendering html: %w", tooLarge{"rendered document", maxOutput})
	}
	out.ShowedBlock = shown
	if c.text == nil {
		out.Text = textOf(out.HTML)
		return nil
	}
	out.Text, shown, err = b.part(partText, c.text)
	out.ShowedBlock = out.ShowedBlock || shown
	return err
}

// part renders one part; what assign and capture set in it stays in it.
func (b binding) part(p part, t *compiledPart) (out string, shown bool, err error) {
	if t == nil {
		return "", false, nil
	}
	state := &run{data: b.Data}
	if out, err = execute(t, maps.Clone(b.vars), state); err != nil {
		return "", false, fmt.Errorf("rendering %s: %w", p.field, err)
	}
	return out, state.shown, nil
}

// line renders a part that becomes a header or stands in one line: whatever breaks or hides in a line becomes a
// space, so that no data can begin a header of its own.
func (b binding) line(p part, t *compiledPart) (string, error) {
	out, _, err := b.part(p, t)
	return strings.Join(strings.FieldsFunc(out, breaksLine), " "), err
}

// breaksLine holds for white space and control characters, and for the separators that Unicode counts as line ends.
func breaksLine(r rune) bool {
	return r <= ' ' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029
}

func shorten(subject string) string {
	runes := []rune(subject)
	if len(runes) <= maxSubject {
		return subject
	}
	return strings.TrimSpace(string(runes[:maxSubject-1])) + "…"
}

// template returns t compiled in a contact's language, from the cache or fresh. Two callers may compile the same one at the same
// time; the result is the same and the second is kept.
func (r *Renderer) template(hash core.Hash, t core.Template, locale string) (*compiled, error) {
	key := compiledKey{hash, t.Speaks(locale)}
	r.mu.Lock()
	c := r.compiled[key]
	r.mu.Unlock()
	if c != nil {
		return c, nil
	}
	c, err := r.engines.compileAll(t.In(key.locale))
	if err != nil {
		return nil, err
	}
	r.keep(key, c)
	return c, nil
}

func (r *Renderer) keep(key compiledKey, c *compiled) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.compiled[key] == nil {
		r.order = append(r.order, key)
	}
	r.compiled[key] = c
	if len(r.order) > maxCompiled {
		delete(r.compiled, r.order[0])
		r.order = append(r.order[:0], r.order[1:]...)
	}
}

// compileAll compiles a template's own parts.
func (e engines) compileAll(t core.Template) (*compiled, error) {
	c := compiled{locale: t.Locale}
	into := []**compiledPart{&c.subject, &c.preheader, &c.html, &c.text, &c.icon}
	for i, p := range partsOf(t) {
		if p.source == "" {
			continue
		}
		made, problems := e.compile(p.part, p.source)
		if len(problems) > 0 {
			return nil, fmt.Errorf("compiling %s: %s", p.field, p.describe(problems[0]))
		}
		*into[i] = made
	}
	return &c, nil
}
