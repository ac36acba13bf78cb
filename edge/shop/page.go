package shop

import (
	"bytes"
	"net/url"
	"strconv"
	"strings"

	"github.com/valyala/fasthttp"

	"restock/core"
)

// formVersion names the form in consent proofs; it changes with the form's wording.
const formVersion = "sample-shop-1"

// frame is what every page needs.
type frame struct {
	Shop   string
	Title  string
	Source core.SourceName // whose widget the page embeds
}

// frontPage is the shop's front.
type frontPage struct {
	frame
	Cards []card
}

// card is a product on the front.
type card struct {
	product
	From    core.Money
	Soon    bool // none of its variants is in stock
	Partial bool // some are not
}

// productPage is a product with one of its variants chosen.
type productPage struct {
	frame
	Product product
	Choices []choice
	Now     choice // the chosen one
	Notice  notice
	Capture captureForm
	Inbox   string // the console's pages
	Why     string
}

// choice is a variant as it stands.
type choice struct {
	variant
	InStock int64
	Chosen  bool
	URL     string
}

// SoldOut says that the variant cannot be bought now.
func (c choice) SoldOut() bool { return c.InStock < 1 }

// captureForm is what the form for pages without scripts says besides what the shopper types; all others get the widget.
type captureForm struct {
	Source  core.SourceName
	Page    string
	Form    string
	Request string // wording of the request itself
	Offer   string // wording of the marketing consent
	Regions []region
}

// region is a country whose phone numbers may be written without country code.
type region struct{ Code, Name string }

// regions are those that the form offers; the edge knows all of them.
func regions() []region {
	return []region{
		{"AT", "Austria"}, {"BE", "Belgium"}, {"DK", "Denmark"}, {"FR", "France"}, {"DE", "Germany"}, {"IE", "Ireland"},
		{"IT", "Italy"}, {"NL", "Netherlands"}, {"PL", "Poland"}, {"PT", "Portugal"}, {"ES", "Spain"}, {"SE", "Sweden"},
		{"CH", "Switzerland"}, {"GB", "United Kingdom"}, {"US", "United States"},
	}
}

// notice is what a demo control came to.
type notice struct {
	Text string
	Bad  bool
}

// readNotice turns a page's address into one of three texts; an address can choose among them and say nothing else.
func readNotice(deed string, code int) notice {
	text := map[string]string{
		"restock": "Restocked.", "sellout": "Sold out.", "sold": "Thank you. One unit is yours.",
	}[deed]
	switch {
	case text == "":
		return notice{}
	case taken(code):
		return notice{Text: text + " The edge took the webhook (HTTP " + strconv.Itoa(code) + ")."}
	case code == 0:
		return notice{Text: text + " But the edge did not answer the webhook; is it running?", Bad: true}
	}
	return notice{Text: text + " But the edge refused the webhook (HTTP " + strconv.Itoa(code) + ").", Bad: true}
}

func (s *shop) frame(title string) frame {
	return frame{Shop: shopName, Title: title, Source: s.config.Source}
}

// front shows all products, and which of them are sold out.
func (s *shop) front(ctx *fasthttp.RequestCtx) {
	page := frontPage{frame: s.frame(shopName)}
	for _, p := range s.products {
		out := 0
		for _, v := range p.Variants {
			if s.stock.of(v.ID) < 1 {
				out++
			}
		}
		all := out == len(p.Variants)
		page.Cards = append(page.Cards, card{product: p, From: p.Variants[0].Price, Soon: all, Partial: out > 0 && !all})
	}
	s.render(ctx, "front.html", page)
}

// product shows the product of that handle.
func (s *shop) product(ctx *fasthttp.RequestCtx, handle string) {
	for _, p := range s.products {
		if p.Handle == handle {
			s.render(ctx, "product.html", s.productPage(p, ctx.QueryArgs()))
			return
		}
	}
	s.notFound(ctx)
}

func (s *shop) productPage(p product, args *fasthttp.Args) productPage {
	page := productPage{
		frame: s.frame(p.Title + " – " + shopName), Product: p,
		Choices: s.choices(p, string(args.Peek("variant"))), Inbox: s.config.ConsoleURL + "/inbox",
	}
	for _, c := range page.Choices {
		if c.Chosen {
			page.Now = c
		}
	}
	code, _ := strconv.Atoi(string(args.Peek("code")))
	page.Notice = readNotice(string(args.Peek("notice")), code)
	page.Why = s.config.ConsoleURL + "/why?" + url.Values{"variant": {id(page.Now.ID)}}.Encode()
	page.Capture = s.captureForm(page.Now)
	return page
}

// choices lists a product's variants; the one asked for is chosen, else the first.
func (s *shop) choices(p product, asked string) []choice {
	var all []choice
	chosen := 0
	for i, v := range p.Variants {
		if id(v.ID) == asked {
			chosen = i
		}
		all = append(all, choice{variant: v, InStock: s.stock.of(v.ID), URL: "/products/" + p.Handle + "?variant=" + id(v.ID)})
	}
	all[chosen].Chosen = true
	return all
}

// captureForm words the two things a shopper agrees to apart from each other: being told, which is what the form is for,
// and news, which needs its own unticked box.
func (s *shop) captureForm(c choice) captureForm {
	return captureForm{
		Source: s.config.Source, Page: s.config.EdgeURL + c.URL, Form: formVersion, Regions: regions(),
		Request: "We write to you once, when it is back in stock.",
		Offer:   "Also send me news and offers. I can stop them at any time.",
	}
}

// euro writes a price as shoppers read it.
func euro(m core.Money) string { return "€" + strings.TrimSuffix(m.String(), " EUR") }

// failPage is a page that says what went wrong.
type failPage struct {
	frame
	Text string
}

func (s *shop) notFound(ctx *fasthttp.RequestCtx) {
	s.fail(ctx, fasthttp.StatusNotFound, "There is nothing at this address.")
}

// fail shows a page with what went wrong.
func (s *shop) fail(ctx *fasthttp.RequestCtx, code int, text string) {
	s.render(ctx, "fail.html", failPage{frame: s.frame(shopName), Text: text})
	ctx.SetStatusCode(code)
}

// render writes a page, or nothing of it.
func (s *shop) render(ctx *fasthttp.RequestCtx, name string, page any) {
	var b bytes.Buffer
	if err := s.pages.ExecuteTemplate(&b, name, page); err != nil {
		s.config.Log.Error("rendering the shop's page", "page", name, "error", err)
		ctx.Error("The page could not be made.", fasthttp.StatusInternalServerError)
		return
	}
	ctx.Response.Header.Set("Cache-Control", "no-store")
	ctx.SetContentType("text/html; charset=utf-8")
	ctx.SetBody(b.Bytes())
}
