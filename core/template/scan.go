package template

import (
	"fmt"
	"strings"

	"github.com/osteele/liquid/expressions"
	"github.com/osteele/liquid/parser"
)

// part is one of the texts a template consists of.
type part struct {
	field string // as errors name it
	html  bool   // {{ … }} is escaped
	block bool   // the back-in-stock block may stand in it
	why   string // said when the block stands where it may not
}

const bodyOnly = "the back_in_stock block belongs in an e-mail's body"

// The parts of an e-mail, and the text of an SMS or push.
var (
	partSubject   = part{field: "subject", why: bodyOnly}
	partPreheader = part{field: "preheader", why: bodyOnly}
	partHTML      = part{field: "html", html: true, block: true}
	partText      = part{field: "text", block: true}
	partIcon      = part{field: "icon", why: bodyOnly}
	partShort     = part{field: "text", why: "the back_in_stock block is for e-mail only; use merge tags such as " +
		"{{ product.title }} and {{ product.url }}"}
)

// Bounds on a template's source.
const (
	maxSource   = 128 << 10 // bytes per part
	maxProblems = 20        // told per part; the rest would be noise
	maxRange    = 1000      // numbers in a range such as (1..5)
)

// problem is one thing wrong with a part.
type problem struct {
	line int // from 1 on
	text string
	mean string // what was probably meant; "": nothing comes near
}

// scanned is a part that was read: source for the library, or what is wrong.
type scanned struct {
	rewritten string
	problems  []problem
	vars      []Var
	holes     []problem // what it shows and may be missing
	needs     []need    // what it shows and every message has
}

// scanner reads one part.
type scanner struct {
	part
	filter   func(name string) bool
	tokens   []parser.Token
	locals   map[string]bool // names that assign, capture and for bring in
	captured map[string]bool // those of them that only capture sets: already escaped
	bodies   map[int]int     // index of a for tag → bytes of its body
	vars     []Var           // of plugins
	until    string          // inside comment or raw: the tag that ends it
	out      strings.Builder
	problems []problem
	known    facts       // at the place that is read
	open     []*branches // around it
	holes    []problem
	needs    []need
}

// scan reads src. knows says whether a filter of that name exists.
func scan(p part, src string, knows func(string) bool) scanned {
	if len(src) > maxSource {
		return scanned{problems: []problem{{line: 1, text: fmt.Sprintf("is longer than %d KiB", maxSource>>10)}}}
	}
	s := &scanner{part: p, filter: knows, tokens: parser.Scan(src, parser.SourceLoc{LineNo: 1}, nil), known: facts{}}
	s.findLocals()
	s.measureLoops()
	for i, t := range s.tokens {
		s.token(i, t)
	}
	return scanned{s.out.String(), s.problems, s.vars, s.holes, s.needs}
}

func (s *scanner) problem(line int, format string, args ...any) {
	if len(s.problems) < maxProblems {
		s.problems = append(s.problems, problem{line: line, text: fmt.Sprintf(format, args...)})
	}
}

// misspelt notes a name that is none of the known; the nearest is told with it, as it would be written behind lead.
func (s *scanner) misspelt(line int, name, lead string, known []string, format string, args ...any) {
	before := len(s.problems)
	s.problem(line, format, args...)
	if near := nearest(name, known); near != "" && len(s.problems) > before {
		s.problems[before].mean = lead + near
	}
}

func (s *scanner) token(i int, t parser.Token) {
	line := t.SourceLoc.LineNo
	switch {
	case s.until != "":
		if t.Type == parser.TagTokenType && t.Name == s.until {
			s.until = ""
		}
		s.out.WriteString(t.Source)
	case t.Type == parser.TextTokenType:
		s.plain(t)
	case t.Type == parser.ObjTokenType:
		s.object(line, t)
	case t.Type == parser.TagTokenType:
		s.tag(i, line, t)
		s.follow(i, t)
	}
}

// plain passes text on. The library takes a {{ or {% that is never closed for text; a reader would see it in the mail.
func (s *scanner) plain(t parser.Token) {
	for _, open := range []string{"{{", "{%"} {
		if at := strings.Index(t.Source, open); at >= 0 {
			line := t.SourceLoc.LineNo + strings.Count(t.Source[:at], "\n")
			s.problem(line, "%s is not closed on its line, or holds nothing", open)
		}
	}
	s.out.WriteString(t.Source)
}

// object checks {{ … }} and rewrites it to end in the filter that prints its value.
func (s *scanner) object(line int, t parser.Token) {
	tokens, ok := s.lex(line, t.Source, t.Args)
	if !ok {
		return
	}
	s.expression(line, tokens)
	if _, err := expressions.Parse(t.Args); err != nil {
		s.problem(line, "cannot read %s: write a variable such as product.title, then filters after |", t.Source)
		return
	}
	s.shows(line, t.Source, tokens)
	printer := filterPrint
	if s.html && !s.escaped(tokens) {
		printer = filterEscape
	}
	s.out.WriteString(strings.Replace(t.Source, t.Args, "("+t.Args+") | "+printer+`: "`+named(t.Args)+`"`, 1))
}

// named is an expression as errors name it, made fit to stand in quotes.
func named(args string) string {
	args = strings.Join(strings.Fields(strings.ReplaceAll(args, `"`, "'")), " ")
	if runes := []rune(args); len(runes) > 80 {
		args = string(runes[:80]) + "…"
	}
	return args
}

func (s *scanner) lex(line int, source, args string) ([]token, bool) {
	tokens, err := lex(args)
	if err != nil {
		s.problem(line, "cannot read %s: %s", source, err)
	}
	return tokens, err == nil
}

// escaped says whether the value of the expression is HTML already: its last filter escapes, or it is a captured
// text, at most trimmed.
func (s *scanner) escaped(tokens []token) bool {
	depth, last, trims := 0, "", true
	for i, t := range tokens {
		switch {
		case t.is("(") || t.is("["):
			depth++
		case t.is(")") || t.is("]"):
			depth--
		case t.is("|") && depth == 0 && i+1 < len(tokens):
			last = tokens[i+1].text
			trims = trims && trimming[last]
		}
	}
	if escaping[last] {
		return true
	}
	bare := tokens[0].kind == tokenName && s.captured[tokens[0].text] && (len(tokens) == 1 || tokens[1].is("|"))
	return bare && trims
}

// escaping are the filters after which a value needs no more escaping; trimming those that keep escaped text whole.
var (
	escaping = map[string]bool{"escape": true, "escape_once": true, "newline_to_br": true}
	trimming = map[string]bool{"strip": true, "lstrip": true, "rstrip": true, "strip_newlines": true}
)

// findLocals collects the names the part brings in itself. A name counts everywhere in the part, before its tag too:
// that is more than Liquid does, but a typo is found all the same.
func (s *scanner) findLocals() {
	s.locals, s.captured = map[string]bool{}, map[string]bool{}
	set := map[string]bool{}
	for _, t := range s.tokens {
		if t.Type != parser.TagTokenType {
			continue
		}
		words, err := lex(t.Args)
		if err != nil || len(words) == 0 || words[0].kind != tokenName {
			continue
		}
		name := words[0].text
		switch t.Name {
		case "capture":
			s.captured[name], s.locals[name] = true, true
		case "assign", "for":
			set[name], s.locals[name] = true, true
		}
		if t.Name == "for" {
			s.locals["forloop"] = true
		}
	}
	for name := range set {
		delete(s.captured, name)
	}
}

// measureLoops notes how long each loop's body is: what one turn of it costs.
func (s *scanner) measureLoops() {
	s.bodies = map[int]int{}
	var open, starts []int
	at := 0
	for i, t := range s.tokens {
		at += len(t.Source)
		switch {
		case t.Type == parser.TagTokenType && t.Name == "for":
			open, starts = append(open, i), append(starts, at)
		case t.Type == parser.TagTokenType && t.Name == "endfor" && len(open) > 0:
			n := len(open) - 1
			s.bodies[open[n]] = at - starts[n]
			open, starts = open[:n], starts[:n]
		}
	}
}
