package template

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"restock/core"
)

// phrasebook is what the ready-made texts are in another language, by the English.
type phrasebook struct {
	locale string
	words  map[string]string
	write  *strings.Replacer // of all at once, the longest first: one may begin another
}

// phrasebooks are read once: the languages of the widget, by their tags. They never change.
var phrasebooks = readPhrasebooks()

func readPhrasebooks() (all []phrasebook) {
	files, err := defaultFiles.ReadDir("default/locales")
	if err != nil {
		panic("core/template: " + err.Error()) // the build embedded it
	}
	for _, f := range files {
		all = append(all, newPhrasebook(strings.TrimSuffix(f.Name(), ".txt"), defaultFile(path.Join("locales", f.Name()))))
	}
	slices.SortFunc(all, func(a, b phrasebook) int { return cmp.Compare(a.locale, b.locale) })
	return all
}

// newPhrasebook reads pairs of lines, the English and what it is, with an empty line behind each.
func newPhrasebook(locale, text string) phrasebook {
	b := phrasebook{locale: locale, words: map[string]string{}}
	var english []string
	for pair := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		from, to, _ := strings.Cut(pair, "\n")
		b.words[from] = to
		english = append(english, from)
	}
	slices.SortFunc(english, func(a, c string) int { return cmp.Compare(len(c), len(a)) })
	var pairs []string
	for _, e := range english {
		pairs = append(pairs, e, b.words[e])
	}
	b.write = strings.NewReplacer(pairs...)
	return b
}

// inLanguage is a phrase of the layout in the language that comes nearest to a locale, else as it is.
func inLanguage(locale, phrase string) string {
	for _, tag := range core.LocaleChain(locale) {
		for _, b := range phrasebooks {
			if words, ok := b.words[phrase]; ok && b.locale == tag {
				return words
			}
		}
	}
	return phrase
}

// translated is a ready-made template in all languages that say everything it does.
func translated(t core.Template) core.Template {
	for _, b := range phrasebooks {
		v := core.LocaleVariant{Locale: b.locale, Subject: b.write.Replace(t.Subject), Preheader: b.write.Replace(t.Preheader), HTML: b.write.Replace(t.HTML)}
		if v.Subject != t.Subject && v.Preheader != t.Preheader && v.HTML != t.HTML {
			t.Locales = append(t.Locales, v)
		}
	}
	return t
}
