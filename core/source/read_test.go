package source_test

import (
	"slices"
	"strings"
	"testing"

	"restock/core"
	"restock/core/source"
)

func TestReaders(t *testing.T) {
	const flag, word, units, amount, currency, utc = "true or false", "one of a, b", "a decimal number", "an amount", "ISO 4217", "in UTC"
	type object = source.Object
	eur := func(minor int64) core.Money { return core.Money{Minor: minor, Currency: "EUR"} }
	price := func(o object) any { return o.Price("f", "EUR") }
	yen := func(o object) any { return o.Price("f", "JPY") }
	whole := func(o object) any { return o.WholeUnits("f") }
	for _, c := range []struct {
		name string
		json string // of the field f
		read func(object) any
		want any
		fail string
	}{
		{"true", `true`, func(o object) any { return o.Bool("f") }, true, ""},
		{"false", `false`, func(o object) any { return o.Bool("f") }, false, ""},
		{"true as text", `"true"`, func(o object) any { return o.Bool("f") }, false, flag},
		{"flag that is null", `null`, func(o object) any { return o.Bool("f") }, false, flag},
		{"word", `"b"`, func(o object) any { return o.Word("f", "a", "b") }, "b", ""},
		{"word that is null", `null`, func(o object) any { return o.Word("f", "a", "b") }, "", ""},
		{"another word", `"c"`, func(o object) any { return o.Word("f", "a", "b") }, "", word},
		{"units", `7`, whole, int64(7), ""},
		{"units as text", `"7.0000"`, whole, int64(7), ""},
		{"units with decimals", `7.9`, whole, int64(7), ""},
		{"units below zero", `-1.5`, whole, int64(-2), ""},
		{"units just below zero", `"-0.5"`, whole, int64(-1), ""},
		{"units of minus nothing", `-1.000`, whole, int64(-1), ""},
		{"fewest units", `"-9223372036854775808.5"`, whole, int64(-1 << 63), units},
		{"units with exponent", `1e3`, whole, int64(0), units},
		{"units that are null", `null`, whole, int64(0), units},
		{"too many units", `99999999999999999999`, whole, int64(0), units},
		{"units with letters", `"1.5x"`, whole, int64(0), units},
		{"price", `"19.99"`, price, eur(1999), ""},
		{"price as number", `19.9`, price, eur(1990), ""},
		{"price rounded down", `"19.9949"`, price, eur(1999), ""},
		{"price rounded up", `"19.995"`, price, eur(2000), ""},
		{"price without minor unit", `"1200.50"`, yen, core.Money{Minor: 1201, Currency: "JPY"}, ""},
		{"no price", `""`, price, core.Money{}, ""},
		{"price that is null", `null`, price, core.Money{}, ""},
		{"price below zero", `"-0.01"`, price, core.Money{}, amount},
		{"price in words", `"free"`, price, core.Money{}, amount},
		{"price with a comma", `"19,99"`, price, core.Money{}, amount},
		{"price with letters far behind", `"19.99x"`, price, core.Money{}, amount},
		{"price beyond 64 bits", `"92233720368547758.079"`, price, core.Money{}, amount},
		{"currency", `"SEK"`, func(o object) any { return o.Currency("f", "EUR") }, "SEK", ""},
		{"no currency", `null`, func(o object) any { return o.Currency("f", "EUR") }, "EUR", ""},
		{"currency in small letters", `"sek"`, func(o object) any { return o.Currency("f", "EUR") }, "EUR", currency},
		{"time without a zone", `"2026-03-01T08:30:00"`, func(o object) any { return o.UTC("f").String() }, "2026-03-01T08:30:00.000Z", ""},
		{"time with a zone", `"2026-03-01T09:30:00+01:00"`, func(o object) any { return o.UTC("f").String() }, "2026-03-01T08:30:00.000Z", ""},
		{"no time", `""`, func(o object) any { return o.UTC("f") }, core.Time(0), ""},
		{"time in words", `"now"`, func(o object) any { return o.UTC("f") }, core.Time(0), utc},
		{"e-mail", `" Ann@EXAMPLE.com"`, func(o object) any { return o.Email("f") }, "Ann@example.com", ""},
		{"e-mail that is none", `"ann"`, func(o object) any { return o.Email("f") }, "", ""},
		{"e-mail that is a number", `5`, func(o object) any { return o.Email("f") }, "", ""},
		{"phone", `"0170 1234567"`, func(o object) any { return o.Phone("f", "DE") }, "+491701234567", ""},
		{"phone of nowhere", `"0170 1234567"`, func(o object) any { return o.Phone("f", "") }, "", ""},
		{"phone in letters", `"555-SHIP"`, func(o object) any { return o.Phone("f", "US") }, "", ""},
		{"phone that is null", `null`, func(o object) any { return o.Phone("f", "US") }, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := source.ParseObject([]byte(`{"f":` + c.json + `}`))
			got := c.read(o)
			wantError(t, o, "f", c.fail)
			if c.fail == "" && got != c.want {
				t.Errorf("read %v; want %v", got, c.want)
			}
		})
	}
}

func TestListsOfTexts(t *testing.T) {
	o := source.ParseObject([]byte(`{"texts":["aÄ","b",null,"c"],"ids":[9007199254740993,"x"],"none":null,"bad":["a",{}],"far":[1,-1]}`))
	if got := o.Texts("texts", 3, 2); !slices.Equal(got, []string{"a", "b", ""}) {
		t.Errorf("Texts = %q", got)
	}
	if got := o.IDs("ids", 2); !slices.Equal(got, []string{"9007199254740993", "x"}) {
		t.Errorf("IDs = %q", got)
	}
	if o.Texts("none", 3, 2) != nil || o.IDs("missing", 3) != nil || o.Err() != nil {
		t.Errorf("lists that are not there give something, or %v", o.Err())
	}
	o.Texts("bad", 3, 2)
	wantError(t, o, "bad[1]", "a string")
	o = source.ParseObject([]byte(`{"far":[1,-1],"list":{}}`))
	o.IDs("far", 3)
	wantError(t, o, "far[1]", "an id")
	o = source.ParseObject([]byte(`{"list":{}}`))
	o.IDs("list", 3)
	wantError(t, o, "list", "a list")
}

// TestOnly names the first unknown field in the order of names, whatever the order of the map.
func TestOnly(t *testing.T) {
	for range 20 {
		o := source.ParseObject([]byte(`{"known":1,"z":1,"a\u0000":1,"m":1}`))
		o.Only("known", "also")
		wantError(t, o, `a\x00`, "known are known, also")
	}
	o := source.ParseObject([]byte(`{"` + strings.Repeat("x", 5000) + `":1}`))
	if o.Only("known"); len(o.Err().Error()) > 200 {
		t.Errorf("a long name makes an error of %d bytes", len(o.Err().Error()))
	}
}

func TestWebURL(t *testing.T) {
	for s, want := range map[string]string{
		"https://x.example/a": "https://x.example/a", "http://x.example": "http://x.example", "//x.example/a": "https://x.example/a",
		"javascript:alert(1)": "", "": "", "/a.jpg": "", "https://x.example/" + strings.Repeat("a", 2048): "",
	} {
		if got := source.WebURL(s); got != want {
			t.Errorf("WebURL(%.60q) = %q, want %q", s, got, want)
		}
	}
}

// FuzzReaders: no reader panics, and none gives something beside an error about its own field.
func FuzzReaders(f *testing.F) {
	for _, s := range []string{`"19.995"`, `-1.5`, `"-0.5"`, `["a",null]`, `"2026-03-01T08:30:00"`, `"+491701234567"`, `null`, `{}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, field string) {
		read := func(name string, read func(source.Object) bool) {
			o := source.ParseObject([]byte(`{"f":` + field + `}`))
			if o.Err() == nil && !read(o) && o.Err() != nil {
				t.Errorf("%s reads something from %.100q beside %v", name, field, o.Err())
			}
		}
		read("Price", func(o source.Object) bool { m := o.Price("f", "EUR"); return m == core.Money{} })
		read("WholeUnits", func(o source.Object) bool { return o.WholeUnits("f") == 0 })
		read("UTC", func(o source.Object) bool { return o.UTC("f") == 0 })
		read("Texts", func(o source.Object) bool { o.Texts("f", 5, 10); return true })
		read("IDs", func(o source.Object) bool { o.IDs("f", 5); return true })
		read("Phone", func(o source.Object) bool { return o.Phone("f", "DE") == "" })
		read("Email", func(o source.Object) bool { return o.Email("f") == "" })
	})
}
