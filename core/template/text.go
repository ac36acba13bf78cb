package template

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// textOf makes a text part of an HTML document: what a reader would see, paragraphs apart, one link per line as
// "text: URL", nothing that is hidden. It reads tags, not a tree; mail markup is regular enough for that, and a part
// that reads oddly is all that can come of markup that is not.
func textOf(document string) string {
	w := textWriter{}
	tokens := html.NewTokenizer(strings.NewReader(document))
	for {
		switch tokens.Next() {
		case html.ErrorToken: // a string can only end
			return w.String()
		case html.TextToken:
			if w.skip == "" {
				w.text(string(tokens.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			w.start(tokens)
		case html.EndTagToken:
			name, _ := tokens.TagName()
			w.end(string(name))
		}
	}
}

// textWriter gathers lines.
type textWriter struct {
	lines  []textLine
	line   strings.Builder // of the line being written
	skip   string          // element whose inside is not shown; "" outside
	depth  int             // how many elements of that name are open inside
	link   string          // href of the open link
	label  strings.Builder // text of the open link
	alt    string          // of an image in the open link
	linked map[string]bool // URLs that a text leads to
}

// textLine is a line, or the mark of a paragraph's end (both empty).
type textLine struct {
	text string
	only string // set when the line is nothing but an image that leads there
}

// Elements by what they do to the text.
var (
	unseen     = words("head style script title template noscript")
	paragraphs = words("p h1 h2 h3 h4 h5 h6 table ul ol blockquote pre hr body section article")
	rows       = words("div tr td th li br center header footer dt dd")
	voids      = words("area base br col embed hr img input link meta source track wbr")
)

func words(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}

// start reads a tag that opens an element, and of its attributes those that matter.
func (w *textWriter) start(tokens *html.Tokenizer) {
	tag, more := tokens.TagName()
	name := string(tag)
	if w.skip != "" {
		w.skipped(name, false)
		return
	}
	var a attributes
	for more {
		var key, value []byte
		switch key, value, more = tokens.TagAttr(); string(key) {
		case "href":
			a.href = string(value)
		case "alt":
			a.alt = string(value)
		case "style":
			a.hidden = hides(value)
		}
	}
	w.open(name, a)
}

func (w *textWriter) end(name string) {
	if w.skip != "" {
		w.skipped(name, true)
		return
	}
	w.close(name)
}

// attributes are those of an element that a text comes of.
type attributes struct {
	href, alt string
	hidden    bool
}

// hides says whether a style hides its element.
func hides(style []byte) bool {
	_, value, ok := bytes.Cut(bytes.ToLower(style), []byte("display"))
	if !ok {
		return false
	}
	value = bytes.TrimLeft(value, " \t\r\n\f")
	return bytes.HasPrefix(value, []byte(":")) && bytes.HasPrefix(bytes.TrimLeft(value[1:], " \t\r\n\f"), []byte("none"))
}

// skipped counts the elements of the skipped one's name, until it is closed itself.
func (w *textWriter) skipped(name string, closes bool) {
	switch {
	case name != w.skip:
	case !closes:
		w.depth++
	case w.depth > 0:
		w.depth--
	default:
		w.skip = ""
	}
}

func (w *textWriter) open(name string, a attributes) {
	if !voids[name] && (unseen[name] || a.hidden) {
		w.skip = name
		return
	}
	w.breakFor(name)
	switch name {
	case "a":
		w.closeLink()
		w.link = safeURL(a.href)
	case "img":
		if w.link != "" && w.alt == "" {
			w.alt = strings.TrimSpace(a.alt)
		}
	case "li":
		w.line.WriteString("- ")
	case "hr":
		w.line.WriteString("----------")
		w.paragraph()
	}
}

func (w *textWriter) close(name string) {
	if name == "a" {
		w.closeLink()
		return
	}
	w.breakFor(name)
}

func (w *textWriter) breakFor(name string) {
	switch {
	case paragraphs[name]:
		w.paragraph()
	case rows[name]:
		w.endLine()
	}
}

func (w *textWriter) text(s string) {
	s = oneBlank(s)
	if w.link != "" {
		w.label.WriteString(s)
		return
	}
	w.line.WriteString(s)
}

// closeLink writes the open link as "text: URL", and as the URL alone when the text is the URL.
func (w *textWriter) closeLink() {
	url, label, alt := w.link, strings.TrimSpace(w.label.String()), w.alt
	w.link, w.alt = "", ""
	w.label.Reset()
	switch {
	case url == "":
	case label == "" && alt != "":
		w.endLine()
		w.lines = append(w.lines, textLine{alt + ": " + url, url})
	case label == "":
	default:
		if w.linked == nil {
			w.linked = map[string]bool{}
		}
		w.linked[url] = true
		if label != url {
			label += ": " + url
		}
		w.line.WriteString(label)
	}
}

// oneBlank makes one space of each run of blanks, also of those that mail programs use to fill a preview.
func oneBlank(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	after := false // a blank
	for rest := s; rest != ""; {
		r, n := utf8.DecodeRuneInString(rest)
		blank := isBlank(r)
		switch {
		case !blank:
			b.WriteString(rest[:n]) // what is no UTF-8 stays as it is
		case !after:
			b.WriteByte(' ')
		}
		after, rest = blank, rest[n:]
	}
	return b.String()
}

func isBlank(r rune) bool {
	switch r {
	case ' ', '\t', '\r', '\n', '\f', 0xa0, 0x200c, 0x34f:
		return true
	}
	return false
}

func (w *textWriter) endLine() {
	if w.link != "" {
		w.label.WriteByte(' ')
		return
	}
	s := strings.TrimSpace(oneBlank(w.line.String()))
	w.line.Reset()
	if s != "" && s != "-" {
		w.lines = append(w.lines, textLine{text: s})
	}
}

func (w *textWriter) paragraph() {
	w.endLine()
	if w.link == "" {
		w.lines = append(w.lines, textLine{})
	}
}

// String ends the text. An image that leads where a text leads too says nothing new and is left out.
func (w *textWriter) String() string {
	w.closeLink()
	w.endLine()
	var b strings.Builder
	gap := false
	for _, l := range w.lines {
		switch {
		case l.text == "":
			gap = true
		case l.only != "" && w.linked[l.only]:
		default:
			if gap && b.Len() > 0 {
				b.WriteByte('\n')
			}
			gap = false
			b.WriteString(l.text + "\n")
		}
	}
	return b.String()
}
