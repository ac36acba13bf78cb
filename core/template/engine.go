package template

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/osteele/liquid"
	"github.com/osteele/liquid/render"
)

// Names of ours that stand in rewritten source only: a template that writes them is told they do not exist.
const (
	tagTurn      = "restock_turn"    // counts a turn of a loop
	tagCapture   = "restock_capture" // capture, bounded
	filterEscape = "restock_escape"  // prints a value into HTML
	filterPrint  = "restock_print"   // prints a value as it is
	keyRun       = ".run"            // binding of the *run; a dot cannot stand in a variable's name
)

// Bounds on one rendering.
const (
	maxOutput = 512 << 10 // bytes of one rendered part
	maxWork   = 1 << 20   // bytes of loop bodies gone through
	maxValue  = 64 << 10  // bytes of a filter's or capture's text
	maxList   = 1000      // elements of a list that a filter makes
)

// engines are the library's engines: the HTML part needs other filters and another block than the rest.
// They are not changed after newEngines and serve any number of goroutines.
type engines struct{ html, text *liquid.Engine }

func newEngines() engines {
	return engines{html: newEngine(true), text: newEngine(false)}
}

func (e engines) of(p part) *liquid.Engine {
	if p.html {
		return e.html
	}
	return e.text
}

func newEngine(html bool) *liquid.Engine {
	e := liquid.NewEngine()
	addFilters(e, html)
	e.RegisterTag("include", func(render.Context) (string, error) { return "", errors.New("there is no include tag") })
	e.RegisterTag(tagTurn, countTurn)
	e.RegisterBlock(tagCapture, capture)
	e.RegisterTag(blockTag, func(ctx render.Context) (string, error) { return renderBlock(ctx, html) })
	return e
}

// run is the state of one rendering of one part.
type run struct {
	data  Data
	work  int  // bytes of loop bodies gone through
	shown bool // a back-in-stock block with an item was rendered
}

func runOf(ctx render.Context) (*run, error) {
	if r, ok := ctx.Get(keyRun).(*run); ok {
		return r, nil
	}
	return nil, errors.New("the rendering has no state")
}

func countTurn(ctx render.Context) (string, error) {
	r, err := runOf(ctx)
	if err != nil {
		return "", err
	}
	n, _ := strconv.Atoi(ctx.TagArgs())
	if r.work += n + 1; r.work > maxWork {
		return "", fmt.Errorf("the loops take too many turns: at most %d MiB of their bodies may be gone through", maxWork>>20)
	}
	return "", nil
}

func capture(ctx render.Context) (string, error) {
	w := &bounded{max: maxValue, what: "captured text"}
	if err := ctx.RenderChildren(w); err != nil {
		return "", err
	}
	ctx.Set(ctx.TagArgs(), w.b.String())
	return "", nil
}

// bounded keeps what is written to it, up to max bytes.
type bounded struct {
	b    strings.Builder
	max  int
	what string
}

func (w *bounded) Write(p []byte) (int, error) {
	if w.b.Len()+len(p) > w.max {
		return 0, tooLarge{w.what, w.max}
	}
	return w.b.Write(p)
}

// tooLarge ends a rendering whose output outgrew its bound.
type tooLarge struct {
	what string
	max  int
}

func (e tooLarge) Error() string {
	return fmt.Sprintf("the %s is larger than %d KiB", e.what, e.max>>10)
}

// check lists what is wrong with a part's source: what the library does not take, else what it shows and may be missing.
func (e engines) check(p part, src string) []problem {
	if _, problems := e.compile(p, src); len(problems) > 0 {
		return problems
	}
	return scan(p, src, isFilter).holes
}

// compile makes a part's source ready to be rendered. A panic of the library is a problem like any other.
func (e engines) compile(p part, src string) (c *compiledPart, problems []problem) {
	defer func() {
		if r := recover(); r != nil {
			c, problems = nil, []problem{{line: 1, text: "cannot be read as Liquid"}}
		}
	}()
	s := scan(p, src, isFilter)
	if len(s.problems) > 0 {
		return nil, s.problems
	}
	t, err := e.of(p).ParseTemplateLocation([]byte(s.rewritten), "", 1)
	if err != nil {
		return nil, []problem{{line: max(err.LineNumber(), 1), text: libraryMessage(err)}}
	}
	return &compiledPart{t, s.needs}, nil
}

// compiledPart is a part ready to be rendered, and what it does not go out without.
type compiledPart struct {
	*liquid.Template
	needs []need
}

// lacking says which of the needs a rendering's variables do not have.
func (c *compiledPart) lacking(vars map[string]any) error {
	for _, n := range c.needs {
		root, field, _ := strings.Cut(n.path, ".")
		if group, _ := vars[root].(map[string]any); group[field] == nil {
			return fmt.Errorf("line %d: %s is missing", n.line, n.path)
		}
	}
	return nil
}

// execute renders a compiled part. The library panics where its writer fails; that too ends only this rendering.
func execute(t *compiledPart, vars map[string]any, r *run) (out string, err error) {
	if err := t.lacking(vars); err != nil {
		return "", err
	}
	w := &bounded{max: maxOutput, what: "rendered text"}
	defer func() {
		if p := recover(); p != nil {
			out, err = "", recovered(p)
		}
	}()
	vars[keyRun] = r
	if err := t.FRender(w, vars); err != nil {
		return "", fmt.Errorf("line %d: %s", max(err.LineNumber(), 1), libraryMessage(err))
	}
	return w.b.String(), nil
}

func recovered(p any) error {
	if err, ok := p.(error); ok {
		if large, ok := errors.AsType[tooLarge](err); ok {
			return large
		}
	}
	return errors.New("the template did something Liquid cannot do")
}

// inContext matches what the library writes around its messages.
var inContext = regexp.MustCompile(`(?s)^Liquid error(?: \(line \d+\))?: (.*?)(?: in \{[{%].*)?$`)

// strayEnd matches what the library says of an end tag inside another block, with the block's name left out.
var strayEnd = regexp.MustCompile(`^(end\w+) not inside ; immediate parent is (\w+)`)

// missing matches what the library makes of the error of a value that is not there.
var missing = regexp.MustCompile(`^error applying filter "\w+" \("(.* is missing)"\)$`)

// libraryMessage is what the library complained of, without its repetition of the place and our own names.
func libraryMessage(err liquid.SourceError) string {
	msg := err.Error()
	if m := inContext.FindStringSubmatch(msg); m != nil {
		msg = m[1]
	}
	msg = strings.ReplaceAll(msg, "restock_", "")
	if m := missing.FindStringSubmatch(msg); m != nil {
		return m[1]
	}
	if end := strayEnd.FindStringSubmatch(msg); end != nil {
		return fmt.Sprintf("%s closes nothing: the open block here is %q", end[1], end[2])
	}
	return strings.ReplaceAll(msg, " not inside ", " stands outside ")
}
