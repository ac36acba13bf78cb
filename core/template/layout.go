package template

import (
	"cmp"
	"embed"
	"fmt"
	"html"
	"html/template"
	"regexp"
	"strings"

	"restock/core"
)

//go:embed layout/*.html
var layoutFiles embed.FS

// layouts are the standard layout and the back-in-stock block. They are html/template, which escapes by context:
// nothing of a shop's data can leave its attribute or element.
var layouts = template.Must(template.New("").Funcs(template.FuncMap{"outlook": outlook}).
	ParseFS(layoutFiles, "layout/*.html"))

// outlook wraps markup of ours into a comment that Outlook for Windows reads and nothing else does (html/template
// drops comments that stand in its source).
func outlook(markup string) template.HTML {
	return template.HTML("<!--[if mso]>" + markup + "<![endif]-->") //nolint:gosec // a literal of the layout's own
}

func executeLayout(name string, view any) (string, error) {
	var b strings.Builder
	if err := layouts.ExecuteTemplate(&b, name, view); err != nil {
		return "", fmt.Errorf("executing layout %s: %w", name, err)
	}
	return b.String(), nil
}

// pageView is what layout/page.html is executed with.
type pageView struct {
	Subject, Preheader     string
	Source, SourceURL, Why string
	Unsubscribe            string
	Content                template.HTML

	Lang, Dir, UnsubscribeWord string
}

// page makes a whole document of what the HTML part rendered to. A document stays as its author wrote it, but for the
// preheader at the start of its body; a fragment is put into the standard layout.
func page(content, subject, preheader string, d Data) (string, error) {
	if isDocument(content) {
		return withPreheader(content, preheader), nil
	}
	return executeLayout("page.html", pageView{
		Subject: subject, Preheader: preheader,
		Lang: cmp.Or(d.locale, "en"), Dir: direction(d.locale), UnsubscribeWord: inLanguage(d.locale, "Unsubscribe"),
		Source: d.sourceTitle(), SourceURL: safeURL(d.Source.URL), Why: why(d),
		Unsubscribe: safeURL(d.Links.Unsubscribe),
		Content:     template.HTML(inlineStyles.Replace(content)), //nolint:gosec // escaped when it was rendered
	})
}

func isDocument(s string) bool { return strings.Contains(strings.ToLower(s), "<html") }

func direction(locale string) string {
	if core.RightToLeft(locale) {
		return "rtl"
	}
	return "ltr"
}

// why tells the reader what the message is answer to: said on every message, so that nobody takes it for spam.
func why(d Data) string {
	words := "You get this e-mail because you asked to hear from [shop]."
	switch d.Activity.Kind {
	case core.WaitlistReached:
		words = "You get this e-mail because the waitlists of [shop] are reported to this address."
	case core.WaitingOnStock, core.BackInStock, core.RunningLow, core.ConfirmationAsked:
		words = "You get this e-mail because you asked [shop] to tell you when this is back in stock."
	}
	if d.sourceTitle() == "" {
		return strings.ReplaceAll(words, "[shop]", "us")
	}
	return strings.ReplaceAll(inLanguage(d.locale, words), "[shop]", d.sourceTitle())
}

// inlineStyles puts the layout's styles on the bare elements of a fragment: some clients drop the style sheet. A tag
// with attributes is its author's own. The sheet's dark colours carry !important and win over these.
var inlineStyles = strings.NewReplacer(
	"<h1>", `<h1 class="rs-strong" style="margin:0 0 12px;font-size:28px;line-height:34px;font-weight:700;letter-spacing:-0.02em;color:#17171a">`,
	"<h2>", `<h2 class="rs-strong" style="margin:24px 0 8px;font-size:20px;line-height:26px;font-weight:700;letter-spacing:-0.01em;color:#17171a">`,
	"<p>", `<p style="margin:0 0 16px;font-size:16px;line-height:25px">`,
)

// hidden is how a preheader is kept out of sight and yet in the list of mails.
const hidden = `<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">%s</div>`

var bodyTag = regexp.MustCompile(`(?i)<body[^>]*>`)

func withPreheader(document, preheader string) string {
	at := bodyTag.FindStringIndex(document)
	if preheader == "" || at == nil {
		return document
	}
	return document[:at[1]] + fmt.Sprintf(hidden, html.EscapeString(preheader)) + document[at[1]:]
}
