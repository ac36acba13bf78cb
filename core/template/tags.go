package template

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"restock/core"

	"github.com/osteele/liquid/expressions"
	"github.com/osteele/liquid/parser"
)

// tagCheck looks at the inside of a tag.
type tagCheck func(s *scanner, line int, t parser.Token)

// tags are those a template may use. The library's include is not among them: it reads files of the machine.
func tags() map[string]tagCheck {
	return map[string]tagCheck{
		"if": checkCondition, "elsif": checkCondition, "unless": checkCondition, "case": checkCondition,
		"when": checkWhen, "for": checkFor, "assign": checkAssign, "capture": checkCapture, "cycle": checkCycle,
		"else": checkBare, "endif": checkBare, "endunless": checkBare, "endcase": checkBare, "endfor": checkBare,
		"endcapture": checkBare, "break": checkBare, "continue": checkBare, "comment": checkSkip, "raw": checkSkip,
		blockTag: checkBlock,
	}
}

// tag checks {% … %} and rewrites those whose library version is not bounded.
func (s *scanner) tag(i, line int, t parser.Token) {
	known := tags()
	check, ok := known[t.Name]
	if !ok {
		names := slices.Sorted(maps.Keys(known))
		s.misspelt(line, t.Name, "", names, "unknown tag %q; there are %s", t.Name, list(names))
		return
	}
	check(s, line, t)
	switch t.Name {
	case "for":
		// The trim mark moves to the counting tag: between it and the text it trims nothing may be written.
		body, dash := strings.TrimSuffix(t.Source, "%}"), ""
		if b, ok := strings.CutSuffix(body, "-"); ok {
			body, dash = b, "-"
		}
		fmt.Fprintf(&s.out, "%s%%}{%% %s %d %s%%}", body, tagTurn, s.bodies[i], dash)
	case "capture", "endcapture":
		s.out.WriteString(strings.Replace(t.Source, "capture", tagCapture, 1))
	default:
		s.out.WriteString(t.Source)
	}
}

func checkBare(s *scanner, line int, t parser.Token) {
	if inside(t.Args) != "" {
		s.problem(line, "%s takes nothing behind its name", t.Name)
	}
}

// inside is what a tag holds behind its name. The library counts the mark of "-%}" to it when nothing else is there.
func inside(args string) string {
	if args == "-" {
		return ""
	}
	return args
}

func checkSkip(s *scanner, _ int, t parser.Token) { s.until = "end" + t.Name }

func checkCondition(s *scanner, line int, t parser.Token) {
	if tokens, ok := s.lex(line, t.Source, t.Args); ok {
		s.expression(line, tokens)
		_, err := expressions.Parse(t.Args)
		s.syntax(line, t, err, `a comparison such as product.vendor == "Acme"`)
	}
}

func checkWhen(s *scanner, line int, t parser.Token) {
	if tokens, ok := s.lex(line, t.Source, t.Args); ok {
		s.expression(line, tokens)
		_, err := expressions.ParseStatement(expressions.WhenStatementSelector, t.Args)
		s.syntax(line, t, err, `values such as "de", "fr"`)
	}
}

func checkCycle(s *scanner, line int, t parser.Token) {
	if tokens, ok := s.lex(line, t.Source, t.Args); ok {
		strings := slices.ContainsFunc(tokens, func(t token) bool { return t.kind == tokenString })
		if !strings {
			s.syntax(line, t, fmt.Errorf("no string"), `strings such as "odd", "even"`)
			return
		}
		_, err := expressions.ParseStatement(expressions.CycleStatementSelector, t.Args)
		s.syntax(line, t, err, `strings such as "odd", "even"`)
	}
}

func checkAssign(s *scanner, line int, t parser.Token) {
	tokens, ok := s.lex(line, t.Source, t.Args)
	if !ok {
		return
	}
	if s.names(line, tokens) {
		s.expression(line, tokens[1:])
	}
	_, err := expressions.ParseStatement(expressions.AssignStatementSelector, t.Args)
	s.syntax(line, t, err, `a name and a value: greeting = "Hi"`)
}

func checkCapture(s *scanner, line int, t parser.Token) {
	tokens, ok := s.lex(line, t.Source, t.Args)
	if ok && (!s.names(line, tokens) || len(tokens) != 1) {
		s.syntax(line, t, fmt.Errorf("not one name"), "one name: greeting")
	}
}

func checkFor(s *scanner, line int, t parser.Token) {
	tokens, ok := s.lex(line, t.Source, t.Args)
	if !ok {
		return
	}
	if s.names(line, tokens) {
		rest := slices.DeleteFunc(slices.Clone(tokens[1:]), func(t token) bool {
			return t.kind == tokenName && t.text == "reversed"
		})
		s.expression(line, rest)
	}
	_, err := expressions.ParseStatement(expressions.LoopStatementSelector, t.Args)
	s.syntax(line, t, err, "a name and a list: tag in contact.tags")
}

func checkBlock(s *scanner, line int, t parser.Token) {
	if !s.block {
		s.problem(line, "%s", s.why)
		return
	}
	if _, err := parseBlock(t.Args); err != nil {
		s.problem(line, "%s: %s", blockTag, err)
	}
}

func (s *scanner) syntax(line int, t parser.Token, err error, want string) {
	if err != nil {
		s.problem(line, "cannot read %s: %s takes %s", t.Source, t.Name, want)
	}
}

// names says whether the tag brings in a name of its own; a root's name is refused, it would hide the root.
func (s *scanner) names(line int, tokens []token) bool {
	if len(tokens) == 0 || tokens[0].kind != tokenName || len(tokens) > 1 && tokens[1].kind == tokenProperty {
		return false
	}
	if name := tokens[0].text; fields[name] != nil || name == "forloop" {
		s.problem(line, "the name %q is taken; choose another", name)
	}
	return true
}

// expression checks the variables, filters and ranges of an expression; its grammar is the library's to check.
func (s *scanner) expression(line int, tokens []token) {
	for i := 0; i < len(tokens); {
		t := tokens[i]
		switch {
		case t.is("|"):
			i = s.filters(line, tokens, i+1)
		case t.is(".."):
			s.numberRange(line, tokens, i)
			i++
		case t.kind == tokenName && !isWord(t.text):
			i = s.variable(line, tokens, i)
		default:
			i++
		}
	}
}

// isWord says whether a name belongs to the expression language itself.
func isWord(name string) bool {
	return slices.Contains([]string{"true", "false", "nil", "and", "or", "contains", "in"}, name)
}

func (s *scanner) filters(line int, tokens []token, i int) int {
	if i >= len(tokens) || (tokens[i].kind != tokenName && tokens[i].kind != tokenKeyword) {
		return i // the library's grammar refuses it
	}
	if name := tokens[i].text; !s.filter(name) {
		s.misspelt(line, name, "", filterNames(), "unknown filter %q; there are %s", name, list(filterNames()))
	}
	return i + 1
}

// numberRange lets only literal bounds through: the library makes a list of a range's numbers, however many.
func (s *scanner) numberRange(line int, tokens []token, i int) {
	if i > 0 && i+1 < len(tokens) {
		from, err1 := strconv.Atoi(tokens[i-1].text)
		to, err2 := strconv.Atoi(tokens[i+1].text)
		if err1 == nil && err2 == nil && to-from < maxRange {
			return
		}
	}
	s.problem(line, "a range is two whole numbers, at most %d apart: (1..5)", maxRange)
}

// variable checks the variable at tokens[i] with the fields behind it, and returns the index of what follows.
func (s *scanner) variable(line int, tokens []token, i int) int {
	root := tokens[i].text
	path, end, open := fieldPath(tokens, i+1)
	switch {
	case s.locals[root] || open:
	case fields[root] == nil:
		s.unknownRoot(line, root, path)
	case root == "plugin":
		s.plugin(line, path)
	case len(path) == 0:
		s.problem(line, "%s is a group: name one of its fields %s", root, list(fields[root]))
	case !slices.Contains(fields[root], path[0]):
		s.misspelt(line, path[0], root+".", fields[root], "%s has no field %q; it has %s", root, path[0], list(fields[root]))
	default:
		s.deeper(line, root, path)
	}
	return end
}

// unknownRoot says which variable was probably meant: one of a group whose name comes near, or of any group by its field's name.
func (s *scanner) unknownRoot(line int, root string, path []string) {
	groups := slices.Sorted(maps.Keys(fields))
	before := len(s.problems)
	s.problem(line, "unknown variable %q; there are %s", root, list(groups))
	if len(s.problems) == before {
		return
	}
	name, mean := root, nearest(root, groups)
	if len(path) > 0 {
		name = path[0]
	}
	for _, g := range groups {
		if field := nearest(name, fields[g]); field != "" && (mean == "" && g != "activity" || mean == g) {
			mean = g + "." + field
		}
	}
	s.problems[before].mean = mean
}

// plugin notes a variable that a plugin on the contact's way is to set. Which there are, whoever knows the journey knows.
func (s *scanner) plugin(line int, path []string) {
	switch {
	case len(path) < 2:
		s.problem(line, "a plugin's variable is written plugin.NAME.VARIABLE, by the plugin's name and one of what it sets")
	case len(path) > 3 || len(path) == 3 && path[2] != "size" && path[2] != "first" && path[2] != "last":
		s.problem(line, "plugin.%s.%s has no field %q", path[0], path[1], path[2])
	default:
		s.vars = append(s.vars, Var{core.Name(path[0]), path[1]})
	}
}

// deeper checks what stands behind a field: an own field's name, a list's ends, a length.
func (s *scanner) deeper(line int, root string, path []string) {
	whole, rest := root+"."+path[0], path[1:]
	if whole == "contact.fields" && len(rest) > 0 {
		whole, rest = whole+"."+rest[0], rest[1:]
	}
	if len(rest) == 0 || len(rest) == 1 && rest[0] == "size" {
		return
	}
	if whole == "contact.tags" && (rest[0] == "first" || rest[0] == "last") {
		return
	}
	s.problem(line, "%s has no field %q", whole, rest[0])
}

// fieldPath reads .a["b"] behind a variable. open is true when an index is not a literal: then nothing is known of it.
func fieldPath(tokens []token, i int) (path []string, end int, open bool) {
	for i < len(tokens) {
		switch {
		case tokens[i].kind == tokenProperty:
			path, i = append(path, tokens[i].text), i+1
		case tokens[i].is("[") && i+2 < len(tokens) && tokens[i+1].kind == tokenString && tokens[i+2].is("]"):
			path, i = append(path, tokens[i+1].text), i+3
		case tokens[i].is("["):
			return path, i, true
		default:
			return path, i, false
		}
	}
	return path, i, false
}

func list(words []string) string { return strings.Join(words, ", ") }
