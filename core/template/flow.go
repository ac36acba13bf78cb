package template

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/osteele/liquid/parser"

	"restock/core"
)

// What a template shows must be there. This file follows a part from its first tag to its last and knows at each place which
// variables are sure to have a value: those that every message has, those that an if around the place asks for, and what
// assign set. A place that shows another without a default is refused: such a mail would have a hole in it.

// always are the variables that a message is not sent without: the template needs no default for them, and a rendering that
// shows one which is missing ends with an error.
func always(path string) bool {
	switch path {
	case "product.title", "source.name", "source.title", "activity.kind", "activity.at", "activity.asked_at",
		"links.buy", "links.unsubscribe", "links.confirm", "waitlist.reached", "waitlist.waiting", "waitlist.wanted":
		return true
	}
	return false
}

// facts are the paths that are known to have a value.
type facts map[string]bool

// with is f with more.
func (f facts) with(more facts) facts {
	all := maps.Clone(f)
	maps.Copy(all, more)
	return all
}

// common are the facts of all.
func common(all []facts) facts {
	both := maps.Clone(all[0])
	maps.DeleteFunc(both, func(path string, _ bool) bool {
		return slices.ContainsFunc(all[1:], func(other facts) bool { return !other[path] })
	})
	return both
}

// branches are an open if, unless, case or for.
type branches struct {
	before facts   // of a branch that would begin now: no condition so far held
	ends   []facts // of the branches that ended
	other  bool    // there is an else
	begun  bool    // a branch began: what stands between case and the first when is in none
	of     string  // the path that a case looks at
}

// follow takes a tag into account, after it was checked.
func (s *scanner) follow(i int, t parser.Token) {
	tokens, err := lex(inside(t.Args))
	if err != nil {
		return
	}
	switch t.Name {
	case "if", "unless", "elsif", "case", "when", "else":
		s.branch(t.Name, tokens)
	case "for":
		s.loop(i, tokens)
	case "endif", "endunless", "endcase", "endfor":
		s.join()
	case "assign":
		s.assigned(tokens)
	case "capture":
		if len(tokens) > 0 {
			s.known[tokens[0].text] = true // though it may be empty: its author wrote what is in it
		}
	}
}

// branch begins a branch.
func (s *scanner) branch(tag string, tokens []token) {
	switch tag {
	case "if", "unless":
		holds, fails := condition(tokens)
		if tag == "unless" {
			holds, fails = fails, holds
		}
		s.open = append(s.open, &branches{before: s.known.with(fails), begun: true})
		s.known = s.known.with(holds)
		return
	case "case":
		path, _ := pathAt(tokens, 0)
		s.open = append(s.open, &branches{before: s.known, of: path})
		return
	}
	if len(s.open) == 0 {
		return // the library's grammar refuses it
	}
	b := s.open[len(s.open)-1]
	if b.begun {
		b.ends = append(b.ends, s.known)
	}
	b.begun = true
	switch tag {
	case "elsif":
		holds, fails := condition(tokens)
		s.known, b.before = b.before.with(holds), b.before.with(fails)
	case "when":
		s.known = b.before.with(nil)
		if b.of != "" && !slices.ContainsFunc(tokens, func(t token) bool { return t.kind == tokenName || t.kind == tokenString && t.text == "" }) {
			s.known[b.of] = true
		}
	case "else":
		s.known, b.other = b.before.with(nil), true
	}
}

// join ends what is open: behind it holds what holds at the end of every branch.
func (s *scanner) join() {
	if len(s.open) == 0 {
		return
	}
	b := s.open[len(s.open)-1]
	s.open = s.open[:len(s.open)-1]
	if b.begun {
		b.ends = append(b.ends, s.known)
	}
	if !b.other {
		b.ends = append(b.ends, b.before)
	}
	s.known = common(b.ends)
}

// loop begins a for: its list has an element, and what its body assigns may be of the turn before.
func (s *scanner) loop(i int, tokens []token) {
	if len(tokens) < 3 {
		return
	}
	before := s.known
	s.known = before.with(facts{tokens[0].text: true, "forloop": true})
	if path, _ := pathAt(tokens, 2); path != "" {
		s.known[path] = true
	}
	for _, name := range s.assigns(i) {
		delete(s.known, name)
	}
	s.open = append(s.open, &branches{before: before, begun: true})
}

// assigns are the names that the body of the loop at i assigns.
func (s *scanner) assigns(i int) (names []string) {
	depth := 0
	for _, t := range s.tokens[i:] {
		if t.Type != parser.TagTokenType {
			continue
		}
		switch t.Name {
		case "for":
			depth++
		case "endfor":
			depth--
		case "assign":
			if words, err := lex(t.Args); err == nil && len(words) > 0 {
				names = append(names, words[0].text)
			}
		}
		if depth == 0 {
			break
		}
	}
	return names
}

// assigned takes in what assign sets; a value that may be missing leaves the name without one.
func (s *scanner) assigned(tokens []token) {
	if len(tokens) < 3 {
		return
	}
	if missing := s.lacks(tokens[2:]); len(missing) == 0 {
		s.known[tokens[0].text] = true
	} else {
		delete(s.known, tokens[0].text)
	}
}

// shows notes what a {{ … }} may be short of, and what it takes for granted.
func (s *scanner) shows(line int, source string, tokens []token) {
	for _, path := range s.lacks(tokens) {
		if always(path) {
			s.needs = append(s.needs, need{path, line})
			continue
		}
		s.hole(line, source, path)
	}
}

// need is a variable that a part shows and that every message has.
type need struct {
	path string
	line int
}

func (s *scanner) hole(line int, source, path string) {
	if len(s.holes) >= maxProblems {
		return
	}
	remedy := fmt.Sprintf(`write {{ %[1]s | default: "…" }}, or {%% if %[1]s %%} … {%% endif %%} around it`, path)
	switch {
	case s.locals[path]:
		remedy = "give it a value wherever the template comes from, or a default"
	case strings.HasSuffix(path, ".url"):
		remedy += "; {{ links.buy }} is always there, and counts clicks"
	}
	s.holes = append(s.holes, problem{line: line, text: fmt.Sprintf("%s may be missing in %s: %s", path, source, remedy)})
}

// lacks are the paths without which an expression has no value, or one with a gap in it, and that are not known to be there.
func (s *scanner) lacks(tokens []token) (missing []string) {
	segments := cut(tokens, func(t token) bool { return t.is("|") })
	if compares(segments[0]) {
		return nil
	}
	missing = s.unknown(unwrap(segments[0]))
	for _, filter := range segments[1:] {
		if len(filter) == 0 {
			continue
		}
		switch filter[0].text {
		case "default":
			missing = s.unknown(filter[1:])
		case "size":
			missing = nil
		default:
			missing = append(missing, s.unknown(filter[1:])...)
		}
	}
	return missing
}

// unwrap takes the brackets off an expression and follows it inside.
func unwrap(tokens []token) []token {
	for len(tokens) > 2 && tokens[0].is("(") && tokens[len(tokens)-1].is(")") {
		tokens = tokens[1 : len(tokens)-1]
	}
	return tokens
}

// unknown are the variables among tokens that are not known to be there.
func (s *scanner) unknown(tokens []token) (missing []string) {
	if slices.ContainsFunc(tokens, func(t token) bool { return t.is("|") }) {
		return s.lacks(tokens)
	}
	for i := 0; i < len(tokens); {
		path, end := pathAt(tokens, i)
		if path != "" && !s.there(path) {
			missing = append(missing, s.local(path))
		}
		i = max(end, i+1)
	}
	return missing
}

// local is a path as facts have it: of a name that the template brought in itself the name alone counts.
func (s *scanner) local(path string) string {
	if root := rootOf(path); s.locals[root] {
		return root
	}
	return path
}

// there says whether a path is known to have a value; what is part of a list is there with it.
func (s *scanner) there(path string) bool {
	path = s.local(path)
	if s.known[path] {
		return true
	}
	for _, end := range []string{".first", ".last", ".0", ".size"} {
		if list, ok := strings.CutSuffix(path, end); ok && s.known[list] {
			return true
		}
	}
	return false
}

func rootOf(path string) string {
	root, _, _ := strings.Cut(path, ".")
	return root
}

// pathAt reads the variable at tokens[i], as product.title: what stands in brackets comes behind a dot, and [] for an index that
// is not a literal. It is "" where no variable stands.
func pathAt(tokens []token, i int) (path string, end int) {
	if i >= len(tokens) || tokens[i].kind != tokenName || isWord(tokens[i].text) {
		return "", i + 1
	}
	path, i = tokens[i].text, i+1
	for i < len(tokens) {
		switch {
		case tokens[i].kind == tokenProperty:
			path, i = path+"."+tokens[i].text, i+1
		case tokens[i].is("[") && i+2 < len(tokens) && tokens[i+2].is("]") && tokens[i+1].kind != tokenName:
			path, i = path+index(tokens[i+1].text), i+3
		case tokens[i].is("["):
			return path + ".[]", len(tokens)
		default:
			return path, i
		}
	}
	return path, i
}

// index writes a literal index as it would be written in a template.
func index(literal string) string {
	if core.ValidFieldName(literal) {
		return "." + literal
	}
	return `["` + literal + `"]`
}

// cut parts tokens at those that are no part of a bracket.
func cut(tokens []token, at func(token) bool) [][]token {
	parts, depth, from := [][]token{}, 0, 0
	for i, t := range tokens {
		switch {
		case t.is("(") || t.is("["):
			depth++
		case t.is(")") || t.is("]"):
			depth--
		case depth == 0 && at(t):
			parts, from = append(parts, tokens[from:i]), i+1
		}
	}
	return append(parts, tokens[from:])
}

func compares(tokens []token) bool {
	return slices.ContainsFunc(tokens, func(t token) bool {
		return t.kind == tokenName && slices.Contains([]string{"and", "or", "contains"}, t.text) ||
			t.kind == tokenOperator && slices.Contains([]string{"==", "!=", "<", ">", "<=", ">="}, t.text)
	})
}

// condition is what is known where a condition holds, and where it fails.
func condition(tokens []token) (holds, fails facts) {
	word := func(name string) func(token) bool {
		return func(t token) bool { return t.kind == tokenName && t.text == name }
	}
	ands, ors := cut(tokens, word("and")), cut(tokens, word("or"))
	switch {
	case len(ands) > 1 && len(ors) > 1: // the library binds them in an order of its own
		return facts{}, facts{}
	case len(ors) > 1:
		var each []facts
		fails = facts{}
		for _, o := range ors {
			h, f := atom(o)
			each, fails = append(each, h), fails.with(f)
		}
		return common(each), fails
	case len(ands) > 1:
		holds = facts{}
		for _, a := range ands {
			h, _ := atom(a)
			holds = holds.with(h)
		}
		return holds, facts{}
	}
	return atom(tokens)
}

// atom is a condition without and, or.
func atom(tokens []token) (holds, fails facts) {
	holds, fails = facts{}, facts{}
	tokens = unwrap(tokens)
	path, end := pathAt(tokens, 0)
	if path == "" {
		return holds, fails
	}
	if end == len(tokens) {
		holds[path] = true
		return holds, fails
	}
	if len(tokens) != end+2 {
		return holds, fails
	}
	op, with := tokens[end], tokens[end+1]
	literal := with.kind == tokenNumber || with.kind == tokenString && with.text != "" || with.kind == tokenName && with.text == "true"
	none := with.kind == tokenName && with.text == "nil"
	switch {
	case op.is("==") && literal, op.text == "contains" && literal, op.is("!=") && none:
		holds[path] = true
	case op.is("==") && none:
		fails[path] = true
	case with.kind == tokenNumber && op.kind == tokenOperator && op.text[0] == '>':
		holds[path] = true
		if list, ok := strings.CutSuffix(path, ".size"); ok && (op.is(">") || with.text != "0") {
			holds[list] = true
		}
	}
	return holds, fails
}
