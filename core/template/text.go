package template

import (
	"html"
	"regexp"
	"strings"
)

// textOf makes a text part of an HTML document: what a reader would see, paragraphs apart, one link per line as
// "text: URL", nothing that is hidden. It reads tags, not a tree; mail markup is regular enough for that, and a part
// that reads oddly is all that can come of markup that is not.
func textOf(document string) string {
	w := textWriter{}
	for rest := document; rest != ""; {
		var n int
		switch at := strings.IndexByte(rest, '<'); {
		case at > 0:
			w.text(rest[:at])
			n = at
		case at < 0:
			w.text(rest)
			n = len(rest)
		default:
			n = w.markup(rest)
		}
		rest = rest[n:]
	}
	return w.String()
}

// maxTag bounds a tag in bytes, so that markup full of open brackets takes linear time.
const maxTag = 8 << 10

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

var (
	tagPattern  = regexp.MustCompile(`^<(/?)([a-zA-Z][a-zA-Z0-9:-]*)((?:[^>"']|"[^"]*"|'[^']*')*)>`)
	attrPattern = regexp.MustCompile(`([a-zA-Z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))`)
	hiddenStyle = regexp.MustCompile(`(?i)display\s*:\s*none`)
	blanks      = regexp.MustCompile(`[ \t\r\n\f\x{00a0}\x{200c}\x{034f}]+`)
)

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

// markup reads what begins with '<' and returns how many bytes it took, at least one.
func (w *textWriter) markup(s string) int {
	if strings.HasPrefix(s, "<!--") {
		if end := strings.Index(s, "-->"); end >= 0 {
			return end + len("-->")
		}
		return len(s)
	}
	if strings.HasPrefix(s, "<!") {
		if end := strings.IndexByte(s, '>'); end >= 0 {
			return end + 1
		}
		return len(s)
	}
	m := tagPattern.FindStringSubmatch(s[:min(len(s), maxTag)])
	if m == nil {
		w.text("<")
		return 1
	}
	name := strings.ToLower(m[2])
	if w.skip != "" {
		w.skipped(name, m[1] != "")
	} else if m[1] != "" {
		w.close(name)
	} else {
		w.open(name, attributes(m[3]))
	}
	return len(m[0])
}

func attributes(s string) map[string]string {
	attrs := map[string]string{}
	for _, m := range attrPattern.FindAllStringSubmatch(s, -1) {
		attrs[strings.ToLower(m[1])] = html.UnescapeString(m[2] + m[3] + m[4])
	}
	return attrs
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

func (w *textWriter) open(name string, attrs map[string]string) {
	if !voids[name] && (unseen[name] || hiddenStyle.MatchString(attrs["style"])) {
		w.skip = name
		return
	}
	w.breakFor(name)
	switch name {
	case "a":
		w.closeLink()
		w.link = safeURL(attrs["href"])
	case "img":
		if w.link != "" && w.alt == "" {
			w.alt = strings.TrimSpace(attrs["alt"])
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
	if w.skip != "" {
		return
	}
	s = blanks.ReplaceAllString(html.UnescapeString(s), " ")
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

func (w *textWriter) endLine() {
	if w.link != "" {
		w.label.WriteByte(' ')
		return
	}
	s := strings.TrimSpace(blanks.ReplaceAllString(w.line.String(), " "))
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
