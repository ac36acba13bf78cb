package template

import (
	"cmp"
	"fmt"
	"strings"
	"sync"

	"github.com/osteele/liquid"

	"restock/core"
)

// Rendered is one e-mail, ready for a core.Message.
type Rendered struct {
	Subject   string // one line, at most maxSubject characters
	Preheader string // one line; it is in HTML already
	HTML      string // a whole document
	Text      string
	// ShowedBlock says that a back-in-stock block was rendered with an item: what it showed is to be written down.
	ShowedBlock bool
}

// maxCompiled is how many templates a Renderer keeps compiled; the one compiled longest ago goes first.
const maxCompiled = 256

// maxSubject bounds a subject in characters, far below the 998 a line may have (RFC 5322, 2.1.1) and above what any
// client shows.
const maxSubject = 200

// Renderer renders templates. It is safe for concurrent use.
type Renderer struct {
	engines engines

	mu       sync.Mutex // guards what follows
	compiled map[core.Hash]*compiled
	order    []core.Hash // of compiled, oldest first
}

// compiled is a template ready to be rendered; nil parts are empty.
type compiled struct{ subject, preheader, html, text *liquid.Template }

// New makes a Renderer.
func New() *Renderer {
	return &Renderer{engines: newEngines(), compiled: map[core.Hash]*compiled{}}
}

// Render makes an e-mail of t, whose hash is what core.HashTemplate says: the compiled template is kept under it. An
// error means that this template and data do not go together; trying again changes nothing.
func (r *Renderer) Render(hash core.Hash, t core.Template, d Data) (Rendered, error) {
	c, err := r.template(hash, t)
	if err != nil {
		return Rendered{}, err
	}
	var out Rendered
	if out.Subject, err = renderLine(partSubject, c.subject, d); err != nil {
		return Rendered{}, err
	}
	out.Subject = shorten(out.Subject)
	if out.Preheader, err = renderLine(partPreheader, c.preheader, d); err != nil {
		return Rendered{}, err
	}
	if err := renderBodies(&out, c, d); err != nil {
		return Rendered{}, err
	}
	return out, nil
}

// RenderShort makes an SMS or a push of t: its subject, if it has one, and its text, without blanks around it.
func (r *Renderer) RenderShort(hash core.Hash, t core.Template, d Data) (out Rendered, err error) {
	c, err := r.template(hash, t)
	if err != nil {
		return out, err
	}
	if out.Subject, err = renderLine(partSubject, c.subject, d); err != nil {
		return Rendered{}, err
	}
	if out.Text, _, err = renderPart(partShort, c.text, d); err != nil {
		return Rendered{}, err
	}
	out.Text = strings.TrimSpace(out.Text)
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

// renderBodies makes the HTML and the text part.
func renderBodies(out *Rendered, c *compiled, d Data) error {
	content, shown, err := renderPart(partHTML, c.html, d)
	if err != nil {
		return err
	}
	if out.HTML, err = page(content, out.Subject, out.Preheader, d); err != nil {
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
	out.Text, shown, err = renderPart(partText, c.text, d)
	out.ShowedBlock = out.ShowedBlock || shown
	return err
}

func renderPart(p part, t *liquid.Template, d Data) (out string, shown bool, err error) {
	if t == nil {
		return "", false, nil
	}
	state := &run{data: d}
	if out, err = execute(t, bindings(d), state); err != nil {
		return "", false, fmt.Errorf("rendering %s: %w", p.field, err)
	}
	return out, state.shown, nil
}

// renderLine renders a part that becomes a header or stands in one line: whatever breaks or hides in a line becomes a
// space, so that no data can begin a header of its own.
func renderLine(p part, t *liquid.Template, d Data) (string, error) {
	out, _, err := renderPart(p, t, d)
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

// template returns t compiled, from the cache or fresh. Two callers may compile the same one at the same time; the
// result is the same and the second is kept.
func (r *Renderer) template(hash core.Hash, t core.Template) (*compiled, error) {
	r.mu.Lock()
	c := r.compiled[hash]
	r.mu.Unlock()
	if c != nil {
		return c, nil
	}
	c, err := r.engines.compileAll(t)
	if err != nil {
		return nil, err
	}
	r.keep(hash, c)
	return c, nil
}

func (r *Renderer) keep(hash core.Hash, c *compiled) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.compiled[hash] == nil {
		r.order = append(r.order, hash)
	}
	r.compiled[hash] = c
	if len(r.order) > maxCompiled {
		delete(r.compiled, r.order[0])
		r.order = append(r.order[:0], r.order[1:]...)
	}
}

func (e engines) compileAll(t core.Template) (*compiled, error) {
	var c compiled
	into := []**liquid.Template{&c.subject, &c.preheader, &c.html, &c.text}
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
