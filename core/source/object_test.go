package source_test

import (
	"errors"
	"strings"
	"testing"

	"restock/core"
	"restock/core/source"
)

func TestParseObject(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{"an object", `{"a":1}`, ""},
		{"with space around", "\r\n\t {} \n", ""},
		{"nothing", "", "a JSON object"},
		{"null", "null", "a JSON object"},
		{"a list", "[]", "a JSON object"},
		{"a form", "a=1", "a JSON object"},
		{"two objects", "{}{}", "one well-formed JSON object"},
		{"cut short", `{"a":`, "one well-formed JSON object"},
		{"not UTF-8", "{\"a\":\"\xff\"}", "UTF-8"},
		{"byte order mark", "\ufeff{}", "a JSON object"},
		{"nested without end", strings.Repeat(`{"a":`, 20_000), "one well-formed JSON object"},
	} {
		t.Run(c.name, func(t *testing.T) { wantError(t, source.ParseObject([]byte(c.body)), source.Body, c.want) })
	}
}

// wantError fails unless o has an error about that field and expectation; want "" is no error.
func wantError(t *testing.T, o source.Object, field, want string) {
	t.Helper()
	err := o.Err()
	if want == "" {
		if err != nil {
			t.Errorf("Err = %v; want none", err)
		}
		return
	}
	var bad *source.PayloadError
	if !errors.As(err, &bad) || bad.Field != field || !strings.Contains(bad.Want, want) {
		t.Errorf("Err = %v; want the field %s and %q", err, field, want)
	}
}

func TestFields(t *testing.T) {
	const id, whole, text, amount, instant = "an id", "a whole number of 64 bits", "a string", "an amount", "a time of RFC 3339"
	type object = source.Object
	for _, c := range []struct {
		name string
		json string // of the field f
		read func(object) any
		want any
		fail string
	}{
		{"id as number", `9007199254740993`, func(o object) any { return o.ID("f") }, "9007199254740993", ""},
		{"id beyond 64 bits", `123456789012345678901234567890`, func(o object) any { return o.ID("f") }, "123456789012345678901234567890", ""},
		{"id as string", `"a-1"`, func(o object) any { return o.ID("f") }, "a-1", ""},
		{"id with escapes", `"gid:\/\/x\/\u0031"`, func(o object) any { return o.ID("f") }, "gid://x/1", ""},
		{"id of 128 bytes", `"` + strings.Repeat("i", 128) + `"`, func(o object) any { return o.ID("f") }, strings.Repeat("i", 128), ""},
		{"id of 129 bytes", `"` + strings.Repeat("i", 129) + `"`, func(o object) any { return o.ID("f") }, "", id},
		{"id with exponent", `1e3`, func(o object) any { return o.ID("f") }, "", id},
		{"id with fraction", `1.0`, func(o object) any { return o.ID("f") }, "", id},
		{"negative id", `-1`, func(o object) any { return o.ID("f") }, "", id},
		{"empty id", `""`, func(o object) any { return o.ID("f") }, "", id},
		{"id with a space", `"a b"`, func(o object) any { return o.ID("f") }, "", id},
		{"id with NUL", `"a\u0000"`, func(o object) any { return o.ID("f") }, "", id},
		{"id of letters beyond ASCII", `"ä"`, func(o object) any { return o.ID("f") }, "", id},
		{"id that is true", `true`, func(o object) any { return o.ID("f") }, "", id},
		{"id that is null", `null`, func(o object) any { return o.ID("f") }, "", id},
		{"optional id that is null", `null`, func(o object) any { return o.OptionalID("f") }, "", ""},
		{"optional id that is missing", `1`, func(o object) any { return o.OptionalID("g") }, "", ""},
		{"int", `-5`, func(o object) any { return o.Int("f") }, int64(-5), ""},
		{"largest int", `9223372036854775807`, func(o object) any { return o.Int("f") }, int64(9223372036854775807), ""},
		{"too large an int", `9223372036854775808`, func(o object) any { return o.Int("f") }, int64(0), whole},
		{"int as float", `5.0`, func(o object) any { return o.Int("f") }, int64(0), whole},
		{"int as string", `"5"`, func(o object) any { return o.Int("f") }, int64(0), whole},
		{"int that is null", `null`, func(o object) any { return o.Int("f") }, int64(0), whole},
		{"text", `"Ä b"`, func(o object) any { return o.Text("f", 9) }, "Ä b", ""},
		{"text cut between characters", `"aÄÖ"`, func(o object) any { return o.Text("f", 4) }, "aÄ", ""},
		{"text that is null", `null`, func(o object) any { return o.Text("f", 9) }, "", ""},
		{"text that is a number", `5`, func(o object) any { return o.Text("f", 9) }, "", text},
		{"needed text", `"abc"`, func(o object) any { return o.NeedText("f", 3) }, "abc", ""},
		{"needed text that is empty", `""`, func(o object) any { return o.NeedText("f", 3) }, "", "a string of 1 to 3 bytes"},
		{"needed text that is too long", `"abcd"`, func(o object) any { return o.NeedText("f", 3) }, "", "a string of 1 to 3 bytes"},
		{"amount", `"19.99"`, func(o object) any { return o.Amount("f", "EUR") }, core.Money{Minor: 1999, Currency: "EUR"}, ""},
		{"amount as number", `19.9`, func(o object) any { return o.Amount("f", "EUR") }, core.Money{Minor: 1990, Currency: "EUR"}, ""},
		{"amount without decimals", `"1200.00"`, func(o object) any { return o.Amount("f", "JPY") }, core.Money{Minor: 1200, Currency: "JPY"}, ""},
		{"amount with too many decimals", `"19.999"`, func(o object) any { return o.Amount("f", "EUR") }, core.Money{}, "at most 2 decimals (EUR)"},
		{"amount with exponent", `1e2`, func(o object) any { return o.Amount("f", "EUR") }, core.Money{}, amount},
		{"negative amount", `"-1.00"`, func(o object) any { return o.Amount("f", "EUR") }, core.Money{}, amount},
		{"only a sign", `"-"`, func(o object) any { return o.Amount("f", "EUR") }, core.Money{}, amount},
		{"empty amount", `""`, func(o object) any { return o.Amount("f", "EUR") }, core.Money{}, amount},
		{"amount that is null", `null`, func(o object) any { return o.Amount("f", "EUR") }, core.Money{}, amount},
		{"time with offset", `"2021-12-31T19:00:00-05:00"`, func(o object) any { return o.Time("f") }, core.Time(1640995200000), ""},
		{"time with nanoseconds", `"2022-01-01T00:00:00.834278316Z"`, func(o object) any { return o.Time("f") }, core.Time(1640995200834), ""},
		{"time that is null", `null`, func(o object) any { return o.Time("f") }, core.Time(0), ""},
		{"time without zone", `"2021-12-31T19:00:00"`, func(o object) any { return o.Time("f") }, core.Time(0), instant},
		{"time as number", `1640995200`, func(o object) any { return o.Time("f") }, core.Time(0), instant},
		{"time before 1970", `"0001-01-01T00:00:00Z"`, func(o object) any { return o.Time("f") }, core.Time(0), instant},
		{"object", `{"id":7}`, func(o object) any { c, ok := o.Object("f"); return ok && c.ID("id") == "7" }, true, ""},
		{"object that is null", `null`, func(o object) any { _, ok := o.Object("f"); return ok }, false, ""},
		{"object that is a list", `[]`, func(o object) any { _, ok := o.Object("f"); return ok }, true, "an object"},
		{"list", `[{},{}]`, func(o object) any { return len(o.List("f", 9)) }, 2, ""},
		{"list beyond its limit", `[{},{},5]`, func(o object) any { return len(o.List("f", 2)) }, 2, ""},
		{"list that is null", `null`, func(o object) any { return len(o.List("f", 9)) }, 0, ""},
		{"list that is an object", `{}`, func(o object) any { return len(o.List("f", 9)) }, 0, "a list"},
		{"name in another case", `1`, func(o object) any { return o.Has("F") }, false, ""},
		{"null is there", `null`, func(o object) any { return o.Has("f") && o.Null("f") && o.Absent("f") }, true, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := source.ParseObject([]byte(`{"f":` + c.json + `}`))
			if got := c.read(o); got != c.want {
				t.Errorf("read %v; want %v", got, c.want)
			}
			wantError(t, o, "f", c.fail)
		})
	}
}

func TestMissingFields(t *testing.T) {
	for want, read := range map[string]func(source.Object){
		"an id":                     func(o source.Object) { o.ID("g") },
		"a whole number of 64 bits": func(o source.Object) { o.Int("g") },
		"a string of 1 to 3 bytes":  func(o source.Object) { o.NeedText("g", 3) },
		"an amount such as 19.99":   func(o source.Object) { o.Amount("g", "EUR") },
	} {
		o := source.ParseObject([]byte(`{"f":1}`))
		read(o)
		wantError(t, o, "g", want)
	}
}

func TestErrorNamesTheFirstPath(t *testing.T) {
	o := source.ParseObject([]byte(`{"variants":[{"id":1},{"image":{"id":true}}],"title":5}`))
	for _, v := range o.List("variants", 9) {
		if image, ok := v.Object("image"); ok {
			image.ID("id")
		}
	}
	o.Text("title", 9)
	wantError(t, o, "variants[1].image.id", "an id")
	if text := o.Err().Error(); !strings.HasPrefix(text, "reading payload: variants[1].image.id: want an id") {
		t.Errorf("Error() = %q", text)
	}
}

func TestListElementThatIsNoObject(t *testing.T) {
	o := source.ParseObject([]byte(`{"variants":[{"id":1},null]}`))
	o.List("variants", 9)
	wantError(t, o, "variants[1]", "an object")
}

func TestUnhandledShowsAShortTopic(t *testing.T) {
	err := source.Unhandled(strings.Repeat("x\n", 1000))
	if !errors.Is(err, source.ErrUnhandled) || len(err.Error()) > 256 || strings.Contains(err.Error(), "\n") {
		t.Errorf("Unhandled = %v; want one short line that is ErrUnhandled", err)
	}
}

func FuzzParseObject(f *testing.F) {
	for _, s := range []string{`{"f":1}`, `{"f":"\ud800"}`, `{"f":[{}]}`, `{"f":{"f":null}}`, `{"f":"19.99","f":-1}`, "{"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		o := source.ParseObject(body)
		if id := o.OptionalID("f"); len(id) > core.MaxExternalID {
			t.Errorf("an id of %d bytes", len(id))
		}
		if text := o.Text("f", 5); len(text) > 5 {
			t.Errorf("a text of %d bytes", len(text))
		}
		if m := o.Amount("f", "EUR"); m.Minor < 0 {
			t.Errorf("an amount of %v", m)
		}
		if at := o.Time("f"); at < 0 {
			t.Errorf("a time of %v", at)
		}
		o.Int("f")
		for _, child := range o.List("f", 3) {
			child.ID("f")
		}
		if child, ok := o.Object("f"); ok {
			child.NeedText("f", 3)
		}
	})
}
