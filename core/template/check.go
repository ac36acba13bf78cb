package template

import (
	"errors"
	"fmt"
	"strings"

	"restock/core"
)

// Check reads a template as a strict reader would: it returns a *core.InvalidError that names every wrong part
// ("subject", "preheader", "html", "text") with the line and what would be right, or nil. A template that passes is
// also rendered once with sample data, so that a filter fed with the wrong kind of value is found here and not when
// the mail is due. Check never panics, whatever the source.
func Check(t core.Template) error {
	var bad core.InvalidError
	e := newEngines()
	required(&bad, t)
	for _, p := range partsOf(t) {
		for _, pr := range e.check(p.part, p.source) {
			bad.Add(p.field, "%s", p.describe(pr))
		}
	}
	if err := bad.OrNil(); err != nil {
		return err
	}
	if _, err := New().Render(core.HashTemplate(t), t, sample()); err != nil {
		bad.Add("html", "rendering it with sample data: %s", err)
	}
	return bad.OrNil()
}

// CheckText reads the text of an SMS or a push: the same Liquid, without the back-in-stock block. The error is a
// *core.InvalidError with the field "text".
func CheckText(s string) error {
	var bad core.InvalidError
	if strings.TrimSpace(s) == "" {
		bad.Add("text", "is empty")
	}
	for _, pr := range newEngines().check(partShort, s) {
		bad.Add("text", "%s", partShort.describe(pr))
	}
	return bad.OrNil()
}

// CheckShort reads the template of an SMS (Text alone) or of a push (Subject and Text) as CheckText does, and renders it once
// with sample data. The error is a *core.InvalidError with the fields "subject" and "text".
func CheckShort(t core.Template) error {
	var bad core.InvalidError
	if text, ok := errors.AsType[*core.InvalidError](CheckText(t.Text)); ok {
		bad.Fields = append(bad.Fields, text.Fields...)
	}
	for _, pr := range newEngines().check(partSubject, t.Subject) {
		bad.Add("subject", "%s", partSubject.describe(pr))
	}
	if err := bad.OrNil(); err != nil {
		return err
	}
	if _, err := New().RenderShort(core.HashTemplate(t), t, sample()); err != nil {
		bad.Add("text", "rendering it with sample data: %s", err)
	}
	return bad.OrNil()
}

func required(bad *core.InvalidError, t core.Template) {
	if strings.TrimSpace(t.Subject) == "" {
		bad.Add("subject", "is empty: say what the e-mail is about")
	}
	if strings.TrimSpace(t.HTML) == "" {
		bad.Add("html", "is empty: write what the e-mail says; a fragment is put into the standard layout")
	}
}

// describe says where and what; a subject or preheader has one line, so its number would say nothing.
func (p part) describe(pr problem) string {
	if p.field == "subject" || p.field == "preheader" {
		return pr.text
	}
	return fmt.Sprintf("line %d: %s", pr.line, pr.text)
}

// sourcePart is a part and its source.
type sourcePart struct {
	part
	source string
}

// partsOf lists the parts of a template in the order they are reported and compiled.
func partsOf(t core.Template) []sourcePart {
	return []sourcePart{
		{partSubject, t.Subject}, {partPreheader, t.Preheader}, {partHTML, t.HTML}, {partText, t.Text},
	}
}

// sample is data in which every field is set.
func sample() Data {
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
		Links:    Links{Unsubscribe: "https://edge.example/u/t", Buy: "https://edge.example/r/t"},
	}
}
