package template

import (
	"errors"
	"fmt"
	"html"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/osteele/liquid"
	"github.com/osteele/liquid/expressions"
	"github.com/osteele/liquid/filters"
	"github.com/osteele/liquid/values"
)

// filterNames are the filters a template may use, in the order messages list them. The library has two more for
// debugging, and neither belongs in a mail.
func filterNames() []string {
	return []string{
		"abs", "append", "capitalize", "ceil", "compact", "concat", "date", "default", "divided_by", "downcase", "escape",
		"escape_once", "first", "floor", "join", "json", "last", "lstrip", "map", "minus", "modulo", "newline_to_br",
		"plus", "prepend", "remove", "remove_first", "replace", "replace_first", "reverse", "round", "rstrip", "size",
		"slice", "sort", "sort_natural", "split", "strip", "strip_html", "strip_newlines", "times", "truncate",
		"truncatewords", "uniq", "upcase", "url_decode", "url_encode",
	}
}

func isFilter(name string) bool { return slices.Contains(filterNames(), name) }

// addFilters registers the library's filters behind a guard, and ours in place of those that panic on, or blow up,
// what a template may feed them.
func addFilters(e *liquid.Engine, inHTML bool) {
	d := dictionary{e}
	filters.AddStandardFilters(d)
	for name, fn := range map[string]any{
		"capitalize": capitalize, "join": join, "replace": replace, "slice": slice, "truncate": truncate,
		"truncatewords": truncateWords,
	} {
		d.AddFilter(name, fn)
	}
	if inHTML {
		d.AddFilter("newline_to_br", breakLines)
	}
	e.RegisterFilter(filterPrint, shown)
	e.RegisterFilter(filterEscape, func(v any, expression func(string) string) (string, error) {
		s, err := shown(v, expression)
		return html.EscapeString(s), err
	})
}

// dictionary takes the filters that the library wants to add, and adds them guarded.
type dictionary struct{ e *liquid.Engine }

// AddFilter implements the library's filters.FilterDictionary.
func (d dictionary) AddFilter(name string, fn any) {
	if name == "date" {
		fn = dateWith(fn.(func(time.Time, func(string) string) (string, error)))
	}
	d.e.RegisterFilter(name, guard(name, fn))
}

// guard makes a filter of the same type that refuses oversized results and turns a panic into an error with a line.
// The library recovers from an InterpreterError, and from hardly anything else.
func guard(name string, fn any) any {
	f := reflect.ValueOf(fn)
	return reflect.MakeFunc(f.Type(), func(args []reflect.Value) []reflect.Value {
		out := call(name, f, args)
		if oversized(out[0]) {
			panic(expressions.InterpreterError(name + " makes too large a value"))
		}
		return out
	}).Interface()
}

func call(name string, f reflect.Value, args []reflect.Value) []reflect.Value {
	defer func() {
		if r := recover(); r != nil {
			panic(expressions.InterpreterError(name + " cannot work on that value"))
		}
	}()
	return f.Call(args)
}

func oversized(v reflect.Value) bool {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.String:
		return v.Len() > maxValue
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return v.Len() > maxValue
		}
		return v.Len() > maxList
	}
	return false
}

// shown is what stands in place of a {{ … }}, whose expression the error names. Nothing is no value to show: a mail must not have
// a hole.
func shown(v any, expression func(string) string) (string, error) {
	if v == nil {
		return "", fmt.Errorf("%s is missing", expression("a value"))
	}
	return printed(v), nil
}

// printed writes a value as a reader would want to see it.
func printed(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case time.Time:
		return v.UTC().Format("2 January 2006")
	case []any:
		return strings.Join(printedAll(v), "")
	case []string:
		return strings.Join(v, "")
	}
	return fmt.Sprint(v)
}

func printedAll(list []any) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = printed(v)
	}
	return out
}

func join(list []any, separator func(string) string) (string, error) {
	words, between := printedAll(list), separator(" ")
	size := len(between) * len(words)
	for _, w := range words {
		size += len(w)
	}
	if size > maxValue {
		return "", errors.New("makes too large a value")
	}
	return strings.Join(words, between), nil
}

func replace(s, old, with string) (string, error) {
	if size := len(s) + strings.Count(s, old)*len(with); size > 2*maxValue {
		return "", errors.New("makes too large a value")
	}
	return strings.ReplaceAll(s, old, with), nil
}

func capitalize(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return ""
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

func slice(s string, start int, length func(int) int) string {
	runes := []rune(s)
	if start < 0 {
		start += len(runes)
	}
	if start < 0 || start > len(runes) {
		return ""
	}
	return string(runes[start:][:min(max(length(1), 0), len(runes)-start)])
}

// truncate cuts s to at most length characters, the ellipsis included.
func truncate(s string, length func(int) int, ellipsis func(string) string) string {
	runes, dots := []rune(s), []rune(ellipsis("..."))
	n := max(length(50), 0)
	if len(runes) <= n {
		return s
	}
	return string(runes[:max(n-len(dots), 0)]) + string(dots)
}

func truncateWords(s string, length func(int) int, ellipsis func(string) string) string {
	words, n := strings.Fields(s), max(length(15), 1)
	if len(words) <= n {
		return s
	}
	return strings.Join(words[:n], " ") + ellipsis("...")
}

// breakLines escapes text and keeps its line breaks: what it returns is HTML.
func breakLines(s string) string {
	s = html.EscapeString(html.UnescapeString(s))
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\n", "<br>")
}

// wide matches strftime directives that pad to hundreds of characters and more.
var wide = regexp.MustCompile(`%[-_^#0:]*\d{3,}`)

// dateWith makes the date filter of the library's: nothing stays nothing, so that default can follow, the default
// format is the one that printed uses, and widths are bounded.
func dateWith(format func(time.Time, func(string) string) (string, error)) any {
	return func(v any, directive func(string) string) (any, error) {
		f := directive("%-d %B %Y")
		if wide.MatchString(f) {
			return nil, errors.New("pads to more than 99 characters")
		}
		var t time.Time
		switch v := v.(type) {
		case nil:
			return nil, nil
		case time.Time:
			t = v
		case string:
			var err error
			if t, err = values.ParseDate(v); err != nil {
				return nil, fmt.Errorf("%q is not a time", v)
			}
		default:
			return nil, fmt.Errorf("%v is not a time", v)
		}
		return format(t, func(string) string { return f })
	}
}
