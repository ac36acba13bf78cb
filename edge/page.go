package edge

import (
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/valyala/fasthttp"
	"golang.org/x/text/language"
)

//go:embed page.html
var pageHTML string

//go:embed texts
var pageTexts embed.FS

// texts are what the pages behind links say in one language; each has a file of its own, named after it.
type texts struct {
	Unsubscribe, Unsubscribed, Confirm, Confirmed, Over says
}

// says is what one page says. Title is its heading as well; the buttons are left out where there is nothing to do.
type says struct{ Title, Text, Button, Other string }

// linkPages are the pages behind links, in every language that the widget has, made once.
type linkPages struct {
	matcher   language.Matcher
	languages []linkPage // in the matcher's order; the first serves whoever reads none of them
}

// linkPage are the pages in one language.
type linkPage struct {
	language                                            string
	unsubscribe, unsubscribed, confirm, confirmed, over string
}

// pageLanguages are the languages of the pages, English first.
func pageLanguages() (all []string, err error) {
	files, err := pageTexts.ReadDir("texts")
	if err != nil {
		return nil, fmt.Errorf("listing the languages of pages: %w", err)
	}
	for _, f := range files {
		if name := strings.TrimSuffix(f.Name(), ".json"); name != "en" {
			all = append(all, name)
		}
	}
	return slices.Insert(all, 0, "en"), nil
}

func newLinkPages() (p linkPages, err error) {
	frame, err := template.New("page").Parse(pageHTML)
	if err != nil {
		return p, fmt.Errorf("reading the frame of pages: %w", err)
	}
	names, err := pageLanguages()
	if err != nil {
		return p, err
	}
	var tags []language.Tag
	for _, name := range names {
		made, err := newLinkPage(frame, name)
		if err != nil {
			return p, fmt.Errorf("making the pages in %s: %w", name, err)
		}
		tag, err := language.Parse(name)
		if err != nil {
			return p, fmt.Errorf("making the pages in %s: %w", name, err)
		}
		p.languages, tags = append(p.languages, made), append(tags, tag)
	}
	p.matcher = language.NewMatcher(tags)
	return p, nil
}

func newLinkPage(frame *template.Template, name string) (p linkPage, err error) {
	raw, err := pageTexts.ReadFile("texts/" + name + ".json")
	if err != nil {
		return p, err
	}
	var t texts
	if err := json.Unmarshal(raw, &t); err != nil {
		return p, err
	}
	p.language = name
	for _, made := range []struct {
		page *string
		says says
	}{{&p.unsubscribe, t.Unsubscribe}, {&p.unsubscribed, t.Unsubscribed}, {&p.confirm, t.Confirm}, {&p.confirmed, t.Confirmed}, {&p.over, t.Over}} {
		var b strings.Builder
		if err := frame.Execute(&b, struct {
			Language, Dir string
			Says          says
		}{name, direction(name), made.says}); err != nil {
			return p, err
		}
		*made.page = b.String()
	}
	return p, nil
}

// direction is in which direction a language is written, for HTML's dir.
func direction(name string) string {
	switch name {
	case "ar", "he":
		return "rtl"
	}
	return "ltr"
}

// maxAcceptLanguage bounds what is read of a browser's languages, in bytes; they list the ones that matter first.
const maxAcceptLanguage = 256

// of are the pages in the language that the client asks for (RFC 9110, section 12.5.4), else in English.
func (p *linkPages) of(ctx *fasthttp.RequestCtx) *linkPage {
	asked := string(ctx.Request.Header.Peek("Accept-Language"))
	if len(asked) > maxAcceptLanguage {
		asked = asked[:strings.LastIndexByte(asked[:maxAcceptLanguage], ',')+1]
		asked = strings.TrimSuffix(asked, ",")
	}
	wanted, _, err := language.ParseAcceptLanguage(asked)
	if err != nil || len(wanted) == 0 {
		return &p.languages[0]
	}
	_, at, sure := p.matcher.Match(wanted...)
	if sure == language.No {
		at = 0
	}
	return &p.languages[at]
}

// show answers with a page of our own, which nobody keeps or frames.
func (p *linkPage) show(ctx *fasthttp.RequestCtx, html string) {
	ctx.SetContentType("text/html; charset=utf-8")
	ctx.Response.Header.Set("Content-Language", p.language)
	ctx.Response.Header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'")
	ctx.Response.Header.Set("Referrer-Policy", "no-referrer")
	ctx.Response.Header.Set("Cache-Control", "no-store")
	ctx.SetBodyString(html)
}
