package template

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"restock/core"
)

// Check reads a template as a strict reader would: it returns a *core.InvalidError that names every wrong part
// ("subject", "preheader", "html", "text"; "locales.de.html") with the line and what would be right, or nil. What a part shows and
// may be missing is wrong as well. A template that passes is also rendered in each language, with data in which every field is
// set and with data in which none is that may be missing, so that a filter fed with the wrong kind of value is found here and not
// when the mail is due. Check never panics, whatever the source.
func Check(t core.Template) error {
	return check(t, func(r *Renderer, h core.Hash, t core.Template, d Data) error {
		_, err := r.Render(h, t, d)
		return err
	}, partsOf, []string{"subject", "html"})
}

// CheckText reads the text of an SMS or a push: the same Liquid, without the back-in-stock block. The error is a
// *core.InvalidError with the field "text".
func CheckText(s string) error { return CheckShort(core.Template{Text: s}) }

// CheckShort reads the template of an SMS (Text alone) or of a push (Subject, Text and Icon) as Check does. The error is a
// *core.InvalidError with the fields "subject", "text" and "icon", and those of languages.
func CheckShort(t core.Template) error {
	return check(t, func(r *Renderer, h core.Hash, t core.Template, d Data) error {
		_, err := r.RenderShort(h, t, d)
		return err
	}, shortPartsOf, []string{"text"})
}

// check reads the parts of a template in all its languages, and renders it.
func check(t core.Template, render func(*Renderer, core.Hash, core.Template, Data) error, parts func(core.Template) []sourcePart, required []string) error {
	var bad core.InvalidError
	e := newEngines()
	own := t
	own.Locales = nil
	for _, p := range parts(own) {
		if slices.Contains(required, p.field) && strings.TrimSpace(p.source) == "" {
			bad.Add(p.field, "is empty: say what the message says")
		}
		e.report(&bad, p, p.field)
	}
	checkLocales(&bad, t)
	for _, v := range t.Locales {
		for _, p := range parts(core.Template{Subject: v.Subject, Preheader: v.Preheader, HTML: v.HTML, Text: v.Text, Icon: v.Icon}) {
			e.report(&bad, p, "locales."+v.Locale+"."+p.field)
		}
	}
	if err := bad.OrNil(); err != nil {
		return err
	}
	tried(&bad, t, render)
	return bad.OrNil()
}

// checkLocales checks the languages: their tags, and that no message would be half in one language and half in another.
func checkLocales(bad *core.InvalidError, t core.Template) {
	if size := t.Size(); size > core.MaxTemplate {
		bad.Add("locales", "make it %d KiB; a template has at most %d in all languages together", size>>10, core.MaxTemplate>>10)
	}
	if len(t.Locales) > core.MaxLocales {
		bad.Add("locales", "are %d; at most %d languages fit", len(t.Locales), core.MaxLocales)
	}
	for _, v := range t.Locales {
		for _, p := range []struct {
			field string
			own   string
			of    func(core.LocaleVariant) string
		}{
			{"subject", t.Subject, func(v core.LocaleVariant) string { return v.Subject }},
			{"preheader", t.Preheader, func(v core.LocaleVariant) string { return v.Preheader }},
			{"html", t.HTML, func(v core.LocaleVariant) string { return v.HTML }},
			{"text", textAlone(t), func(v core.LocaleVariant) string { return v.Text }},
		} {
			if p.own != "" && !covered(t, v.Locale, p.of) {
				bad.Add("locales."+v.Locale, "has no %s: half of the message would be in another language", p.field)
			}
		}
	}
}

// textAlone is the text of a template that has no HTML: from HTML one can be made.
func textAlone(t core.Template) string {
	if t.HTML != "" {
		return ""
	}
	return t.Text
}

// covered says whether a part is there in a locale's language.
func covered(t core.Template, locale string, of func(core.LocaleVariant) string) bool {
	language, _, _ := strings.Cut(locale, "-")
	own, _, _ := strings.Cut(cmp.Or(t.Locale, "en"), "-")
	if language == own {
		return true
	}
	chain := core.LocaleChain(locale)
	return slices.ContainsFunc(t.Locales, func(v core.LocaleVariant) bool { return slices.Contains(chain, v.Locale) && of(v) != "" })
}

// tried renders the template in each of its languages, with all that there can be and with the least.
func tried(bad *core.InvalidError, t core.Template, render func(*Renderer, core.Hash, core.Template, Data) error) {
	hash, r := core.HashTemplate(t), New()
	locales := []string{""}
	for _, v := range t.Locales {
		locales = append(locales, v.Locale)
	}
	for _, with := range []struct {
		what string
		data Data
	}{{"sample data", Sample()}, {"everything missing that may be", Least()}} {
		for _, l := range locales {
			with.data.Contact.Locale = l
			if err := render(r, hash, t, with.data); err != nil {
				field := "html"
				if t.HTML == "" {
					field = "text"
				}
				if l != "" {
					field = "locales." + l + "." + field
				}
				bad.Add(field, "rendering it with %s: %s", with.what, err)
				return
			}
		}
	}
}

// report notes what is wrong with a part, by the field that its author knows.
func (e engines) report(bad *core.InvalidError, p sourcePart, field string) {
	for _, pr := range e.check(p.part, p.source) {
		bad.Fields = append(bad.Fields, core.FieldError{Field: field, Message: pr.text, Suggest: pr.mean, Line: p.lineOf(pr)})
	}
}

// lineOf is where a problem stands; a subject or preheader has one line, so its number would say nothing.
func (p part) lineOf(pr problem) int {
	if p.field == "subject" || p.field == "preheader" || p.field == "icon" {
		return 0
	}
	return pr.line
}

// describe says where and what.
func (p part) describe(pr problem) string {
	if line := p.lineOf(pr); line > 0 {
		return fmt.Sprintf("line %d: %s", line, pr.text)
	}
	return pr.text
}

// sourcePart is a part and its source.
type sourcePart struct {
	part
	source string
}

// partsOf lists the parts of a template in the order they are reported and compiled.
func partsOf(t core.Template) []sourcePart {
	return []sourcePart{
		{partSubject, t.Subject}, {partPreheader, t.Preheader}, {partHTML, t.HTML}, {partText, t.Text}, {partIcon, t.Icon},
	}
}

// shortPartsOf lists those of an SMS or a push.
func shortPartsOf(t core.Template) []sourcePart {
	return []sourcePart{{partSubject, t.Subject}, {partShort, t.Text}, {partIcon, t.Icon}}
}

// Least is data in which nothing is set that a message may be sent without.
func Least() Data {
	full := Sample()
	return Data{
		Activity: core.Activity{Kind: core.BackInStock, At: full.Activity.At, AskedAt: full.Activity.AskedAt},
		Product:  core.Product{Title: full.Product.Title},
		Source:   core.Source{Name: full.Source.Name},
		Waitlist: full.Waitlist,
		Links:    full.Links,
	}
}

// Sample is data in which every field is set.
func Sample() Data {
	const day = core.Time(1767312000000) // 2026-01-02
	price := core.Money{Minor: 12900, Currency: "EUR"}
	return Data{
		Contact: core.Contact{
			FirstName: "Ada", Email: "ada@example.org", Phone: "+4930123456", Locale: "en", Region: "DE",
			Tags: []string{"vip"}, Fields: map[string]string{"size": "42"},
		},
		Activity: core.Activity{
			Kind: core.BackInStock, At: day, AskedAt: day.Add(-core.Day), SKU: "TR-42", Title: "Trail Runner",
			Choice: "Black / 42", URL: "https://shop.example/p/trail-runner", Price: price, Units: 12, Market: "eu",
		},
		Product: core.Product{
			Title: "Trail Runner", URL: "https://shop.example/p/trail-runner",
			Image: "https://shop.example/i/trail-runner.jpg", Vendor: "Acme",
		},
		Variant: core.Variant{
			Title: "Black / 42", SKU: "TR-42", Price: price, URL: "https://shop.example/p/trail-runner?variant=42",
			Image: "https://shop.example/i/trail-runner-black.jpg",
		},
		Source:   core.Source{Name: "shop", Title: "Example Shop", URL: "https://shop.example"},
		Restock:  core.Restock{Units: 12, OpenedAt: day},
		Stock:    core.Stock{Phase: core.InStock, Units: 12, Supply: core.SupplyBackorder},
		Waitlist: Waitlist{Reached: 200, Waiting: 207, Wanted: 231},
		Links:    Links{Unsubscribe: "https://edge.example/u/t", Confirm: "https://edge.example/c/t", Buy: "https://edge.example/r/t"},
	}
}
