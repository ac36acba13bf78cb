package core

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
)

// Template is what an e-mail is rendered from, in Liquid. It is known by the hash of its content. An SMS has only Text, a push only
// Subject (its title), Text and Icon.
type Template struct {
	Subject   string `msgpack:"subject"`
	Preheader string `msgpack:"preheader,omitempty"`
	HTML      string `msgpack:"html"`
	Text      string `msgpack:"text,omitempty"` // "": made from HTML
	Icon      string `msgpack:"icon,omitempty"` // of a push: the URL of its picture; "": the product's
	// Locale is the language that the parts above are written in; "": English.
	Locale string `msgpack:"locale,omitempty"`
	// Locales are the same in other languages, by their tags, at most MaxLocales.
	Locales []LocaleVariant `msgpack:"locales,omitempty"`
}

// LocaleVariant is a template's parts in a language, or some of them: those that are "" are taken from the next that fits.
type LocaleVariant struct {
	Locale    string `msgpack:"l"` // a tag as NormalLocale writes it
	Subject   string `msgpack:"subject,omitempty"`
	Preheader string `msgpack:"preheader,omitempty"`
	HTML      string `msgpack:"html,omitempty"`
	Text      string `msgpack:"text,omitempty"`
	Icon      string `msgpack:"icon,omitempty"`
}

// NamedTemplate is what a name stands for when files refer to a template: for each channel the hash of what is sent by it, the zero
// Hash where the template says nothing for it.
type NamedTemplate struct {
	Name  Name   `msgpack:"name"`
	Title string `msgpack:"title,omitempty"`
	Email Hash   `msgpack:"email"`
	SMS   Hash   `msgpack:"sms"`
	Push  Hash   `msgpack:"push"`
}

// For is the hash of what is sent by a channel; ok is false when the template says nothing for it.
func (n NamedTemplate) For(ch Channel) (h Hash, ok bool) {
	switch ch {
	case Email:
		h = n.Email
	case SMS:
		h = n.SMS
	case Push:
		h = n.Push
	}
	return h, h != Hash{}
}

// MaxLocales bounds the languages of a template, MaxTemplate the bytes of all its parts in all of them: a template goes into one
// journal entry, with others.
const (
	MaxLocales  = 60
	MaxTemplate = 256 << 10
)

// HashTemplate is the identity of a template: of its content, part by part.
func HashTemplate(t Template) Hash {
	var b bytes.Buffer
	writeParts(&b, []string{"template", t.Subject, t.Preheader, t.HTML, t.Text})
	if t.Icon != "" || t.Locale != "" || len(t.Locales) > 0 { // templates from before there were these keep their hashes
		writeParts(&b, []string{t.Icon, t.Locale})
		for _, v := range t.Locales {
			writeParts(&b, []string{v.Locale, v.Subject, v.Preheader, v.HTML, v.Text, v.Icon})
		}
	}
	return HashOf(b.Bytes())
}

// Size is the bytes of all parts in all languages.
func (t Template) Size() int {
	n := len(t.Subject) + len(t.Preheader) + len(t.HTML) + len(t.Text) + len(t.Icon)
	for _, v := range t.Locales {
		n += len(v.Subject) + len(v.Preheader) + len(v.HTML) + len(v.Text) + len(v.Icon)
	}
	return n
}

// In is the template as who speaks a language reads it: its parts alone, and in Locale the language that they are in. For fr-CA that
// is what fr-CA says, what it leaves out as fr says it, and the rest as the template itself does. A text is never of another
// language than the HTML that it stands for.
func (t Template) In(locale string) Template {
	own := t
	own.Locales = nil
	for _, tag := range slices.Backward(LocaleChain(locale)) {
		if v, ok := t.variant(tag); ok {
			own = v.over(own)
		}
	}
	return own
}

// Speaks is the most particular of the template's languages that a locale's readers are written to in; "" for its own.
func (t Template) Speaks(locale string) string {
	for _, tag := range LocaleChain(locale) {
		if _, ok := t.variant(tag); ok {
			return tag
		}
	}
	return ""
}

func (t Template) variant(tag string) (LocaleVariant, bool) {
	i, ok := slices.BinarySearchFunc(t.Locales, tag, func(v LocaleVariant, tag string) int { return cmp.Compare(v.Locale, tag) })
	if !ok {
		return LocaleVariant{}, false
	}
	return t.Locales[i], true
}

// over is t with the variant's parts in place of its own.
func (v LocaleVariant) over(t Template) Template {
	if v.HTML != "" {
		t.HTML, t.Text = v.HTML, ""
	}
	t.Subject, t.Preheader = cmp.Or(v.Subject, t.Subject), cmp.Or(v.Preheader, t.Preheader)
	t.Text, t.Icon, t.Locale = cmp.Or(v.Text, t.Text), cmp.Or(v.Icon, t.Icon), v.Locale
	return t
}

// LocaleChain are the tags under which a locale's texts are looked for, the most particular first: zh-TW and zh for zh-Hant-HK, fr-CA and
// fr for fr_CA.
func LocaleChain(locale string) (tags []string) {
	tag := NormalLocale(locale)
	language, rest, _ := strings.Cut(tag, "-")
	for at := len(tag); at > 0; at = strings.LastIndexByte(tag[:at], '-') {
		tags = append(tags, tag[:at])
	}
	if i := len(tags) - 1; language == "zh" && (rest == "HK" || rest == "MO" || strings.HasPrefix(rest, "Hant")) && tags[0] != "zh-TW" {
		tags = slices.Insert(tags, i, "zh-TW") // written in the same characters
	}
	return tags
}

// languages are written under another tag than the one that some systems still say (BCP 47; nn and no readers are served in nb).
var languages = map[string]string{"iw": "he", "in": "id", "no": "nb", "nn": "nb"}

// NormalLocale writes a language tag as BCP 47 advises: de-DE, zh-Hant-TW; "" for what is none.
func NormalLocale(s string) string {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '-' || r == '_' })
	if len(s) > 35 || len(parts) == 0 || len(parts[0]) < 2 || len(parts[0]) > 3 {
		return ""
	}
	for i, p := range parts {
		if !subtag(p) {
			return ""
		}
		switch p = strings.ToLower(p); {
		case i == 0:
			p = cmp.Or(languages[p], p)
		case len(p) == 2:
			p = strings.ToUpper(p)
		case len(p) == 4 && p[0] > '9':
			p = strings.ToUpper(p[:1]) + p[1:]
		}
		parts[i] = p
	}
	return strings.Join(parts, "-")
}

// subtag says whether p is 1 to 8 letters and digits.
func subtag(p string) bool {
	for i := range len(p) {
		if c := p[i] | 0x20; (c < 'a' || c > 'z') && (p[i] < '0' || p[i] > '9') {
			return false
		}
	}
	return p != "" && len(p) <= 8
}

// RightToLeft says whether a language is written from right to left.
func RightToLeft(locale string) bool {
	language, _, _ := strings.Cut(locale, "-")
	return slices.Contains([]string{"ar", "fa", "he", "ur", "yi", "ps", "ckb", "sd", "ug", "dv"}, language)
}
