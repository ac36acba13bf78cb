package sourcetest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"restock/core/source"
)

// readsAnySpelling writes the body in other ways that mean the same (RFC 8259: order and white space mean nothing, and
// neither does a field that we do not know) and wants the same facts.
func readsAnySpelling(a source.Adapter, c Case) []string {
	if !isObject(c.Delivery.Body) {
		return nil // not JSON, or a list: the platform's own tests must do this
	}
	var problems []string
	for _, s := range []struct {
		name  string
		spell func(json.RawMessage) []byte
	}{
		{"keys in order", func(b json.RawMessage) []byte { return rewritten(b, strings.Compare) }},
		{"keys in reverse order", func(b json.RawMessage) []byte {
			return rewritten(b, func(x, y string) int { return strings.Compare(y, x) })
		}},
		{"indented", indented},
		{"letters escaped", escaped},
		{"an unknown field", func(b json.RawMessage) []byte { return withField(b, `"`+newField+`":{"a":[1e400,null]}`) }},
	} {
		if c.Strict && s.name == "an unknown field" {
			problems = append(problems, refusesNewField(a, c)...)
			continue
		}
		d := copied(c.Delivery)
		d.Body = s.spell(c.Delivery.Body)
		if got, err := facts(a, c.Source, d); err != nil || !same(got, c.Want) {
			problems = append(problems, fmt.Sprintf("the same body with %s gives %v\n%s", s.name, err, show(got)))
		}
	}
	return problems
}

// newField is one that no platform has yet.
const newField = "new_in_2040"

// refusesNewField wants a strict payload's unknown field named.
func refusesNewField(a source.Adapter, c Case) []string {
	d := copied(c.Delivery)
	d.Body = withField(c.Delivery.Body, `"`+newField+`":1`)
	got, err := facts(a, c.Source, d)
	var bad *source.PayloadError
	if !errors.As(err, &bad) || bad.Field != newField {
		return problem("an unknown field gives %v\n%s\nwant a *PayloadError about %s", err, show(got), newField)
	}
	return nil
}

// rewritten writes well-formed JSON anew with each object's keys in the given order, numbers as they were.
func rewritten(raw json.RawMessage, order func(a, b string) int) []byte {
	var object map[string]json.RawMessage
	var list []json.RawMessage
	switch raw = bytes.TrimSpace(raw); {
	case raw[0] == '{' && json.Unmarshal(raw, &object) == nil:
		keys := make([]string, 0, len(object))
		for key := range object {
			keys = append(keys, key)
		}
		slices.SortFunc(keys, order)
		parts := make([]string, len(keys))
		for i, key := range keys {
			name, _ := json.Marshal(key)
			parts[i] = string(name) + ":" + string(rewritten(object[key], order))
		}
		return []byte("{" + strings.Join(parts, ",") + "}")
	case raw[0] == '[' && json.Unmarshal(raw, &list) == nil:
		parts := make([]string, len(list))
		for i, item := range list {
			parts[i] = string(rewritten(item, order))
		}
		return []byte("[" + strings.Join(parts, ",") + "]")
	}
	return raw
}

// indented is how some platforms print their bodies, with white space around the object as well.
func indented(raw json.RawMessage) []byte {
	var out bytes.Buffer
	out.WriteString("\r\n\t ")
	if err := json.Indent(&out, raw, "", "\t"); err != nil {
		return raw
	}
	out.WriteString("\n\n")
	return out.Bytes()
}

// escaped writes each slash and each e within a string as an escape, as PHP and old Ruby do with the former.
func escaped(raw json.RawMessage) []byte {
	var out bytes.Buffer
	quoted, skip := false, 0 // within a string; bytes of an escape still to come
	for i, c := range raw {
		switch {
		case skip > 0:
			skip--
		case quoted && c == '/':
			out.WriteString(`\/`)
			continue
		case quoted && c == 'e':
			out.WriteString(`\u0065`)
			continue
		case quoted && c == '\\':
			skip = 1
			if raw[i+1] == 'u' {
				skip = 5
			}
		case c == '"':
			quoted = !quoted
		}
		out.WriteByte(c)
	}
	return out.Bytes()
}

// withField puts a field in front of the others. Platforms add fields whenever they like.
func withField(raw json.RawMessage, field string) []byte {
	at := bytes.IndexByte(raw, '{') + 1
	return slices.Concat(raw[:at], []byte(field+","), raw[at:])
}

// isObject says whether raw is a JSON object with at least one field.
func isObject(raw []byte) bool {
	var fields map[string]json.RawMessage
	return json.Unmarshal(raw, &fields) == nil && len(fields) > 0
}

// survivesGarbage feeds the case's topic with broken bodies; each must give a PayloadError, and none a panic.
func survivesGarbage(a source.Adapter, c Case) []string {
	var problems []string
	for _, body := range garbage(c.Delivery.Body) {
		d := copied(c.Delivery)
		d.Body = body
		got, err := facts(a, c.Source, d)
		var bad *source.PayloadError
		if !errors.As(err, &bad) || bad.Field == "" || bad.Want == "" {
			problems = append(problems, fmt.Sprintf("the body %.80q gives %v, %v; want a *PayloadError", body, err, show(got)))
		}
	}
	return problems
}

// garbage is bodies that no platform means: other JSON than an object, an object without fields, other formats, nesting
// deep enough to exhaust a naive parser, good bodies with something behind them, and the good one cut at about 100 places.
func garbage(good []byte) [][]byte {
	good = bytes.TrimSpace(good)
	bodies := [][]byte{
		nil, []byte(" "), []byte("null"), []byte("true"), []byte("0"), []byte(`"x"`), []byte("[]"), []byte("[{}]"), []byte("{}"),
		[]byte("{}{}"), []byte("{"), []byte("}"), []byte(`{"a"}`), []byte(`{"a":1,}`), []byte("<html></html>"), []byte("a=1&b=2"),
		[]byte("\xff\xfe{\x00}\x00"), []byte("\xef\xbb\xbf{}"),
		[]byte(strings.Repeat("[", 100_000)), []byte(strings.Repeat(`{"a":`, 100_000)),
		slices.Concat(good, []byte("x")), slices.Concat(good, good), slices.Concat([]byte("["), good, []byte("]")),
	}
	for n := 0; n < len(good); n += 1 + len(good)/100 {
		bodies = append(bodies, good[:n])
	}
	return bodies
}
