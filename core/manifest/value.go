package manifest

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"restock/core"
)

// Bounds of what stands in a document.
const (
	MaxLine  = 500  // bytes of a text that stands on one line (titles, subjects)
	MaxItems = 1000 // items of a list
)

// value is a node of a document and the path that leads to it. Its readers note what is wrong and return the zero of
// what they read, so that reading goes on. A value that the document does not have (or has without content, which is
// noted when its mapping is read) reads as zero without a fault: who needs one gets it by object.need.
type value struct {
	file   string
	faults *faults
	node   *yaml.Node // nil: not there
	path   string     // "" at the root of a document
}

// object is a mapping.
type object struct {
	value
	entries map[string]value
	keys    []string // in the order they were written
}

func (v value) given() bool { return v.node != nil }

// wrong notes a fault at the value.
func (v value) wrong(format string, args ...any) {
	v.faults.add(v.file, v.node.Line, v.path, format, args...)
}

// within is the value n found under v at path; a path that starts with "[" is an element's.
func (v value) within(path string, n *yaml.Node) value {
	if v.path != "" && !strings.HasPrefix(path, "[") {
		path = "." + path
	}
	return value{file: v.file, faults: v.faults, node: n, path: v.path + path}
}

// fields reads a mapping that may have the known keys; none known: any key.
func (v value) fields(known ...string) object {
	o := object{value: v, entries: map[string]value{}}
	if !v.given() || !v.is(yaml.MappingNode, "a mapping") {
		return o
	}
	for i := 0; i+1 < len(v.node.Content); i += 2 {
		o.entry(v.node.Content[i], v.node.Content[i+1], known)
	}
	return o
}

func (o *object) entry(key, content *yaml.Node, known []string) {
	at := o.within(shorten(key.Value), key)
	_, twice := o.entries[key.Value]
	switch {
	case key.Kind != yaml.ScalarNode:
		o.within("?", key).wrong("want a plain key, found %s", describe(key))
		return
	case len(known) > 0 && !slices.Contains(known, key.Value):
		at.wrong("unknown key; want %s", either(known))
		return
	case twice:
		at.wrong("is there twice; keep one")
		return
	case isNull(content):
		at.wrong("has no value; give it one or leave the key out")
		content = nil
	}
	o.entries[key.Value] = o.within(shorten(key.Value), content)
	o.keys = append(o.keys, key.Value)
}

// get is the value of a key, if the mapping has it.
func (o object) get(key string) value { return o.entries[key] }

// need is the value of a key without which the mapping means nothing; want says what it should be.
func (o object) need(key, want string) value {
	v, ok := o.entries[key]
	if !ok && o.given() && o.node.Kind == yaml.MappingNode {
		o.within(key, o.node).wrong("is missing; want %s", want)
	}
	return v
}

// is says whether the node is of that kind.
func (v value) is(kind yaml.Kind, want string) bool {
	if v.node.Kind == kind {
		return true
	}
	v.wrong("want %s, found %s", want, describe(v.node))
	return false
}

// text reads a scalar as it was written: 0012 stays 0012, so that codes need no quotes.
func (v value) text() string {
	if !v.given() || !v.is(yaml.ScalarNode, "text") {
		return ""
	}
	if v.node.Value == "" {
		v.wrong("is empty; give it a value or leave the key out")
	}
	return v.node.Value
}

// line reads a text that stands on one line.
func (v value) line() string {
	s := v.text()
	switch {
	case len(s) > MaxLine:
		v.wrong("has %d bytes; want at most %d", len(s), MaxLine)
	case strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }):
		v.wrong("want one line without control characters")
	}
	return s
}

// name reads what core.ValidName takes.
func (v value) name() string {
	s := v.text()
	if s != "" && !core.ValidName(s) {
		v.wrong("%s is no name; want 1 to 63 of a-z, 0-9 and -", quote(s))
	}
	return s
}

// word reads one of a few words.
func (v value) word(words ...string) string {
	s := v.text()
	if s == "" || slices.Contains(words, s) {
		return s
	}
	v.wrong("%s is not known; want %s", quote(s), either(words))
	return ""
}

// flag reads true or false.
func (v value) flag() bool { return v.word("true", "false") == "true" }

// denied reads true or false, of what holds unless it is said not to.
func (v value) denied() bool { return v.word("true", "false") == "false" }

// match reads a text of a form; want says in words what the form is.
func (v value) match(form *regexp.Regexp, want string) string {
	s := v.text()
	if s != "" && !form.MatchString(s) {
		v.wrong("want %s, found %s", want, quote(s))
	}
	return s
}

var wholeNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)

// integer reads a whole number within bounds. YAML's other spellings (010 is eight, 1_000) are refused: who reads them
// differently would be right as well.
func (v value) integer(least, most int64) int64 {
	if !v.given() || !v.is(yaml.ScalarNode, "a whole number") {
		return 0
	}
	n, err := strconv.ParseInt(v.node.Value, 10, 64)
	if v.node.Tag != "!!int" || !wholeNumber.MatchString(v.node.Value) || err != nil || n < least || n > most {
		v.wrong("want a whole number from %d to %d, found %s", least, most, quote(v.node.Value))
		return 0
	}
	return n
}

// duration reads a span of time within bounds.
func (v value) duration(least, most core.Milliseconds) core.Milliseconds {
	s := v.text()
	if s == "" {
		return 0
	}
	d, err := ParseDuration(s)
	if err != nil || d < least || d > most {
		v.wrong("want %s to %s, found %s; durations are written like 90d, 36h, 10m or 1d12h", least, most, quote(s))
		return 0
	}
	return d
}

// items reads a list of 1 to MaxItems.
func (v value) items() []value {
	if !v.given() || !v.is(yaml.SequenceNode, "a list") {
		return nil
	}
	switch n := len(v.node.Content); {
	case n == 0:
		v.wrong("is an empty list; name at least one or leave the key out")
	case n > MaxItems:
		v.wrong("is a list of %d; want at most %d", n, MaxItems)
		return nil
	}
	all := make([]value, 0, len(v.node.Content))
	for i, n := range v.node.Content {
		item := v.within(fmt.Sprintf("[%d]", i), n)
		if isNull(n) {
			item.wrong("has no value; give it one or take it out")
			continue
		}
		all = append(all, item)
	}
	return all
}

// distinct reads a list of texts, each by read, and refuses one that is there twice.
func distinct[T ~string](v value, read func(value) T) []T {
	var all []T
	for _, item := range v.items() {
		t := read(item)
		if t != "" && slices.Contains(all, t) {
			item.wrong("is there twice; keep one")
		}
		all = append(all, t)
	}
	return all
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// describe says what somebody wrote where something else was wanted. It repeats no text: that may be a secret.
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	default:
		return "plain text"
	}
}

// quote shows what was found, in quotes and cut to what fits a line.
func quote(s string) string { return `"` + shorten(s) + `"` }

// shorten cuts s to what fits a line and escapes what would not be seen.
func shorten(s string) string {
	if len(s) > 60 {
		s = strings.ToValidUTF8(s[:60], "") + "…"
	}
	return strings.Trim(strconv.Quote(s), `"`)
}

// either writes choices for people: "a, b or c".
func either(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
