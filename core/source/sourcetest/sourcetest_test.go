package sourcetest_test

import (
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"restock/core"
	"restock/core/source"
	"restock/core/source/sourcetest"
)

// toy is the smallest adapter that passes: a body {"item":…, "units":…} with the topic in a header. A test breaks it by
// putting another function in the place of one of its own.
type toy struct {
	facts  func(core.Source, core.Delivery) (core.Facts, error)
	dedupe func(core.Delivery) string
}

func (a toy) Facts(s core.Source, d core.Delivery) (core.Facts, error) {
	if a.facts != nil {
		return a.facts(s, d)
	}
	return read(s, d)
}

func (a toy) Dedupe(d core.Delivery) string {
	if a.dedupe != nil {
		return a.dedupe(d)
	}
	return d.Header("topic")[:min(len(d.Header("topic")), 64)]
}

func (a toy) Page(s core.Source, p core.Page) (core.Facts, []error) {
	f, err := a.Facts(s, core.Delivery{Body: p.Body, ReceivedAt: p.As, Headers: []core.Header{{Name: "topic", Value: "stock"}}})
	if err != nil {
		return f, []error{err}
	}
	return f, nil
}

func read(_ core.Source, d core.Delivery) (core.Facts, error) {
	if d.Header("topic") != "stock" {
		return core.Facts{}, source.Unhandled(d.Header("topic"))
	}
	o := source.ParseObject(d.Body)
	level := core.Level{Item: core.ItemID(o.ID("item")), UpdatedAt: d.ReceivedAt}
	if !o.Null("units") {
		level.Available = core.Quantity{Units: o.Int("units"), Tracked: true}
	}
	if err := o.Err(); err != nil {
		return core.Facts{}, err
	}
	return core.Facts{Levels: []core.Level{level}}, nil
}

func stock(body string) core.Delivery {
	return core.Delivery{Body: []byte(body), ReceivedAt: 1000, Headers: []core.Header{{Name: "topic", Value: "stock"}, {Name: "id", Value: "1"}}}
}

func level(item core.ItemID, q core.Quantity) core.Facts {
	return core.Facts{Levels: []core.Level{{Item: item, Available: q, UpdatedAt: 1000}}}
}

const big = "9007199254740993" // the first whole number that no float64 holds

func cases() []sourcetest.Case {
	return []sourcetest.Case{
		{Name: "big id", Delivery: stock(`{"item":` + big + `,"units":7,"note":"é \u00e9 \" \\ \/"}`), Want: level(big, core.Quantity{Units: 7, Tracked: true})},
		{Name: "null", Delivery: stock(`{"item":"a","units":null}`), Want: level("a", core.Quantity{})},
		{Name: "zero", Delivery: stock(`{"item":"a","units":0}`), Want: level("a", core.Quantity{Tracked: true})},
		{Name: "bad", Delivery: stock(`{"item":"a"}`), BadField: "units"},
		{Name: "unhandled", Delivery: core.Delivery{Body: []byte("{}")}, Unhandled: true},
	}
}

func TestGoodAdapterPasses(t *testing.T) { sourcetest.Run(t, toy{}, cases()) }

// Each broken adapter must be found out, in words that name what is wrong.
func TestBrokenAdaptersAreFound(t *testing.T) {
	calls := 0
	for _, c := range []struct {
		name   string
		broken toy
		want   string
	}{
		{"ids through a float", toy{facts: func(s core.Source, d core.Delivery) (core.Facts, error) {
			f, err := read(s, d)
			for i := range f.Levels {
				if n, bad := strconv.ParseFloat(string(f.Levels[i].Item), 64); bad == nil {
					f.Levels[i].Item = core.ItemID(strconv.FormatFloat(n, 'f', 0, 64))
				}
			}
			return f, err
		}}, `"Item": "9007199254740992"`},
		{"null is zero", toy{facts: func(s core.Source, d core.Delivery) (core.Facts, error) {
			f, err := read(s, d)
			for i := range f.Levels {
				f.Levels[i].Available.Tracked = true
			}
			return f, err
		}}, `"Tracked": true`},
		{"counts its calls", toy{facts: func(s core.Source, d core.Delivery) (core.Facts, error) {
			f, err := read(s, d)
			calls++
			for i := range f.Levels {
				f.Levels[i].UpdatedAt += core.Time(calls)
			}
			return f, err
		}}, "read twice"},
		{"changes the body", toy{facts: func(s core.Source, d core.Delivery) (core.Facts, error) {
			f, err := read(s, d)
			for i := range d.Body {
				if d.Body[i] == 'u' {
					d.Body[i] = 'U'
				}
			}
			return f, err
		}}, "changes the delivery"},
		{"keeps the memory of the body", toy{facts: func(s core.Source, d core.Delivery) (core.Facts, error) {
			f, err := read(s, d)
			for i := range f.Levels {
				if at := strings.Index(string(d.Body), string(f.Levels[i].Item)); at >= 0 {
					f.Levels[i].Item = core.ItemID(unsafe.String(&d.Body[at], len(f.Levels[i].Item)))
				}
			}
			return f, err
		}}, "memory of the body"},
		{"panics on garbage", toy{facts: func(s core.Source, d core.Delivery) (core.Facts, error) {
			if d.Header("topic") == "stock" && d.Body[0] != '{' {
				panic("no object")
			}
			return read(s, d)
		}}, "panicked"},
		{"facts together with an error", toy{facts: func(s core.Source, d core.Delivery) (core.Facts, error) {
			f, err := read(s, d)
			if err != nil {
				f.Levels = []core.Level{{Item: "a"}}
			}
			return f, err
		}}, "together with an error"},
		{"says nothing of foreign topics", toy{facts: func(s core.Source, d core.Delivery) (core.Facts, error) {
			if d.Header("topic") != "stock" {
				return core.Facts{}, nil
			}
			return read(s, d)
		}}, "want ErrUnhandled"},
		{"names the wrong field", toy{facts: func(s core.Source, d core.Delivery) (core.Facts, error) {
			f, err := read(s, d)
			if bad, ok := err.(*source.PayloadError); ok {
				bad.Field = "x"
			}
			return f, err
		}}, "want the field units"},
		{"takes one order of keys", toy{facts: func(s core.Source, d core.Delivery) (core.Facts, error) {
			if b := string(d.Body); strings.Contains(b, `"units":`) && strings.Index(b, `"units"`) < strings.Index(b, `"item"`) {
				return core.Facts{}, &source.PayloadError{Field: "item", Want: "an id first"}
			}
			return read(s, d)
		}}, "keys in reverse order"},
		{"refuses new fields", toy{facts: func(s core.Source, d core.Delivery) (core.Facts, error) {
			if strings.Contains(string(d.Body), "2040") {
				return core.Facts{}, &source.PayloadError{Field: source.Body, Want: "no new fields"}
			}
			return read(s, d)
		}}, "an unknown field"},
		{"takes new fields of a shape that is ours", toy{facts: func(s core.Source, d core.Delivery) (core.Facts, error) {
			return read(s, d)
		}}, "an unknown field gives <nil>"},
		{"takes what stands behind the object", toy{facts: func(s core.Source, d core.Delivery) (core.Facts, error) {
			if at := strings.IndexByte(string(d.Body), '}'); at > 0 {
				d.Body = d.Body[:at+1]
			}
			return read(s, d)
		}}, "want a *PayloadError"},
		{"level without a time", toy{facts: func(s core.Source, d core.Delivery) (core.Facts, error) {
			d.ReceivedAt = 0
			return read(s, d)
		}}, "has no time"},
		{"dedupe by time of arrival", toy{dedupe: func(d core.Delivery) string { return d.ReceivedAt.String() }}, "an hour later"},
		{"no dedupe", toy{dedupe: func(core.Delivery) string { return "" }}, "Dedupe is empty"},
		{"endless dedupe", toy{dedupe: func(d core.Delivery) string { return "a" + d.Header("topic") }}, "want at most 1024"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var all []string
			for _, one := range cases() {
				one.Strict = strings.Contains(c.name, "ours")
				all = append(all, sourcetest.Problems(c.broken, one)...)
			}
			if text := strings.Join(all, "\n"); !strings.Contains(text, c.want) {
				t.Errorf("problems are\n%s\nwant %q among them", text, c.want)
			}
		})
	}
}

func TestUncoveredTraps(t *testing.T) {
	if missing := sourcetest.Uncovered(cases()); len(missing) != 0 {
		t.Errorf("Uncovered = %q; want nothing", missing)
	}
	for without, want := range map[string]string{
		"big id": "no float64 holds", "null": "not tracked", "zero": "stock of zero", "bad": "bad field", "unhandled": "not handled",
	} {
		var rest []sourcetest.Case
		for _, c := range cases() {
			if c.Name != without {
				rest = append(rest, c)
			}
		}
		if missing := sourcetest.Uncovered(rest); len(missing) != 1 || !strings.Contains(missing[0], want) {
			t.Errorf("Uncovered without the case %q = %q; want %q", without, missing, want)
		}
	}
}

func TestUnsound(t *testing.T) {
	src := core.Source{Name: "shop"}
	product := func(change func(*core.ProductFact)) core.Facts {
		p := core.ProductFact{
			Product:  core.Product{Source: "shop", ID: "1", UpdatedAt: 5},
			Variants: []core.VariantFact{{Variant: core.Variant{Source: "shop", ID: "2", Product: "1", Item: "3", UpdatedAt: 5}}},
		}
		change(&p)
		return core.Facts{Products: []core.ProductFact{p}}
	}
	order := func(change func(*core.Order)) core.Facts {
		o := core.Order{
			Source: "shop", ID: "1", Email: "a@example.com", Phone: "+491701234567", State: core.OrderPlaced, PlacedAt: 5, UpdatedAt: 5,
			Lines: []core.OrderLine{{Variant: "2", Quantity: 1}},
		}
		change(&o)
		return core.Facts{Orders: []core.Order{o}}
	}
	for _, c := range []struct {
		name  string
		facts core.Facts
		want  string // part of the only problem; "": none
	}{
		{"sound", product(func(*core.ProductFact) {}), ""},
		{"empty item", level("", core.Quantity{}), "has 0 bytes"},
		{"long item", level(core.ItemID(strings.Repeat("1", 129)), core.Quantity{}), "has 129 bytes"},
		{"untracked units", level("1", core.Quantity{Units: 2}), "untracked stock of 2"},
		{"another source", product(func(p *core.ProductFact) { p.Product.Source = "x" }), `names the source "x"`},
		{"variant of another product", product(func(p *core.ProductFact) { p.Variants[0].Variant.Product = "9" }), `the product "9"`},
		{"variant without time", product(func(p *core.ProductFact) { p.Variants[0].Variant.UpdatedAt = 0 }), "variant 2 names"},
		{"negative price", product(func(p *core.ProductFact) { p.Variants[0].Variant.Price.Minor = -1 }), "variant 2 costs"},
		{"lone variant of no product", core.Facts{Variants: []core.VariantFact{{Variant: core.Variant{Source: "shop", ID: "2", Item: "3", UpdatedAt: 5}}}}, "has 0 bytes"},
		{"many images", product(func(p *core.ProductFact) { p.Product.Images = make([]string, 10) }), "has 10 images"},
		{"many options", product(func(p *core.ProductFact) { p.Variants[0].Variant.Options = make([]string, 11) }), "has 11 options"},
		{"other variant without id", product(func(p *core.ProductFact) { p.Others = []core.VariantID{""} }), "has 0 bytes"},
		{"removal of nothing", core.Facts{Removed: []core.Removal{{At: 5}}}, "has 0 bytes"},
		{"removal at no time", core.Facts{Removed: []core.Removal{{Product: "1"}}}, "has no time"},
		{"item at no time", core.Facts{Items: []core.ItemFact{{Item: "1"}}}, "has no time"},
		{"total at no time", core.Facts{Totals: []core.Total{{Variant: "1"}}}, "has no time"},
		{"untracked total", core.Facts{Totals: []core.Total{{Variant: "1", UpdatedAt: 5, Available: core.Quantity{Units: 1}}}}, "untracked stock of 1"},
		{"order", order(func(*core.Order) {}), ""},
		{"order of another source", order(func(o *core.Order) { o.Source = "x" }), `names the source "x"`},
		{"order without state", order(func(o *core.Order) { o.State = "" }), `the state ""`},
		{"order by an address as typed", order(func(o *core.Order) { o.Email = "a@EXAMPLE.com" }), "e-mail address that is not normal"},
		{"order by a phone as typed", order(func(o *core.Order) { o.Phone = "0170 1234567" }), "phone number that is not normal"},
		{"order of none", order(func(o *core.Order) { o.Lines[0].Quantity = 0 }), "has 0 of variant"},
		{"order of endless lines", order(func(o *core.Order) {
			for len(o.Lines) <= core.MaxOrderLines {
				o.Lines = append(o.Lines, o.Lines[0])
			}
		}), "has 501 lines"},
		{"order at no time", order(func(o *core.Order) { o.PlacedAt = 0 }), "has no time"},
	} {
		got := sourcetest.Unsound(src, c.facts)
		if c.want == "" && len(got) != 0 || c.want != "" && (len(got) != 1 || !strings.Contains(got[0], c.want)) {
			t.Errorf("%s: Unsound = %q; want %q", c.name, got, c.want)
		}
	}
}

func page(body string, want core.Facts, bad ...string) sourcetest.PageCase {
	return sourcetest.PageCase{Name: "page", Page: core.Page{Body: []byte(body), As: 1000}, Want: want, Bad: bad}
}

func TestPagesOfAGoodAdapterPass(t *testing.T) {
	sourcetest.RunPages(t, toy{}, []sourcetest.PageCase{
		page(`{"item":"a","units":0}`, level("a", core.Quantity{Tracked: true})), page(`{"item":"a"}`, core.Facts{}, "units"),
	})
}

// TestBrokenPagesAreFound: each break of a rule is named.
func TestBrokenPagesAreFound(t *testing.T) {
	calls := 0
	for name, c := range map[string]struct {
		adapter toy
		page    sourcetest.PageCase
	}{
		"want the fields": {toy{}, page(`{"item":"a"}`, core.Facts{})},
		"Page =":          {toy{}, page(`{"item":"a","units":1}`, level("a", core.Quantity{Tracked: true}))},
		"panicked":        {toy{facts: func(core.Source, core.Delivery) (core.Facts, error) { panic("no") }}, page(`{}`, core.Facts{})},
		"second time": {toy{facts: func(core.Source, core.Delivery) (core.Facts, error) {
			calls++
			return level(core.ItemID(strconv.Itoa(calls)), core.Quantity{}), nil
		}}, page(`{}`, level("1", core.Quantity{}))},
		"has no time": {toy{facts: func(core.Source, core.Delivery) (core.Facts, error) {
			return core.Facts{Levels: []core.Level{{Item: "a"}}}, nil
		}}, page(`{}`, core.Facts{Levels: []core.Level{{Item: "a"}}})},
		"memory of the page": {toy{facts: func(_ core.Source, d core.Delivery) (core.Facts, error) {
			if len(d.Body) == 0 {
				return core.Facts{}, nil
			}
			return level(core.ItemID(unsafe.String(&d.Body[0], len(d.Body))), core.Quantity{}), nil
		}}, page(`abc`, level("abc", core.Quantity{}))},
	} {
		if got := strings.Join(sourcetest.PageProblems(c.adapter, c.page), "\n"); !strings.Contains(got, name) {
			t.Errorf("found %q, want %q in it", got, name)
		}
	}
}
