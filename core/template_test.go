package core_test

import (
	"strings"
	"testing"

	"restock/core"
)

func TestNormalLocale(t *testing.T) {
	for in, want := range map[string]string{
		"de": "de", "DE": "de", "de_at": "de-AT", "zh-hant-tw": "zh-Hant-TW", "es-419": "es-419", "nn-NO": "nb-NO", "iw": "he",
		"": "", "d": "", "deutsch": "", "de-": "de", "de-ä": "", "x-klingon": "", strings.Repeat("de-", 20): "", "-de": "de", "de AT": "",
	} {
		if got := core.NormalLocale(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestLocaleChain(t *testing.T) {
	for in, want := range map[string]string{
		"fr_CA": "fr-CA fr", "zh-Hant-HK": "zh-Hant-HK zh-Hant zh-TW zh", "zh-HK": "zh-HK zh-TW zh", "zh-TW": "zh-TW zh", "zh-CN": "zh-CN zh", "no": "nb", "": "",
	} {
		if got := strings.Join(core.LocaleChain(in), " "); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

// TestTemplateIn: fr-CA falls back on fr, and that on the template's own, part by part; a text goes with its HTML.
func TestTemplateIn(t *testing.T) {
	tpl := core.Template{Subject: "s", Preheader: "p", HTML: "h", Text: "t", Locale: "en", Locales: []core.LocaleVariant{
		{Locale: "fr", Subject: "s-fr", Preheader: "p-fr", HTML: "h-fr"},
		{Locale: "fr-CA", Subject: "s-ca"},
		{Locale: "it", Subject: "s-it", Preheader: "p-it", HTML: "h-it", Text: "t-it"},
	}}
	for locale, want := range map[string]string{
		"fr-CA": "fr-CA s-ca p-fr h-fr ", "fr_ca": "fr-CA s-ca p-fr h-fr ", "fr-BE": "fr s-fr p-fr h-fr ", "it": "it s-it p-it h-it t-it",
		"de": "en s p h t", "": "en s p h t", "nonsense": "en s p h t", "fr-CA-x-abc": "fr-CA s-ca p-fr h-fr ",
	} {
		in := tpl.In(locale)
		if got := strings.Join([]string{in.Locale, in.Subject, in.Preheader, in.HTML, in.Text}, " "); got != want || len(in.Locales) != 0 {
			t.Errorf("%s: %s, want %s", locale, got, want)
		}
		if again := tpl.In(tpl.Speaks(locale)); again.Subject != in.Subject || again.HTML != in.HTML {
			t.Errorf("%s speaks %q, which says %+v", locale, tpl.Speaks(locale), again)
		}
	}
}

// TestHashTemplate: templates of one language keep the hashes that intents have, and no two that differ share one.
func TestHashTemplate(t *testing.T) {
	plain := core.Template{Subject: "s", HTML: "h"}
	if got := core.HashTemplate(plain).String()[:16]; got != "16818ab18961da08" {
		t.Errorf("the hash of a template from before there were languages is %s…", got)
	}
	seen := map[core.Hash]int{}
	for i, tpl := range []core.Template{
		plain, {Subject: "s", HTML: "h", Locale: "de"}, {Subject: "s", HTML: "h", Icon: "de"},
		{Subject: "s", HTML: "h", Locales: []core.LocaleVariant{{Locale: "de", Subject: "x"}}},
		{Subject: "s", HTML: "h", Locales: []core.LocaleVariant{{Locale: "de", Preheader: "x"}}},
		{Subject: "s", HTML: "h", Locales: []core.LocaleVariant{{Locale: "fr", Subject: "x"}}},
		{Subject: "s", HTML: "h", Locales: []core.LocaleVariant{{Locale: "de", Subject: "x"}, {Locale: "fr"}}},
	} {
		h := core.HashTemplate(tpl)
		if other, ok := seen[h]; ok {
			t.Errorf("%d and %d have the same hash", i, other)
		}
		seen[h] = i
	}
}

func TestRightToLeft(t *testing.T) {
	for locale, want := range map[string]bool{"ar": true, "ar-EG": true, "he": true, "fa-IR": true, "en": false, "": false, "arn": false} {
		if core.RightToLeft(locale) != want {
			t.Errorf("%q: %v", locale, !want)
		}
	}
}

func FuzzNormalLocale(f *testing.F) {
	f.Add("zh_Hant-tw")
	f.Fuzz(func(t *testing.T, s string) {
		n := core.NormalLocale(s)
		if core.NormalLocale(n) != n || len(n) > 35 || len(core.LocaleChain(s)) > 12 {
			t.Errorf("%q: %q, then %q; %q", s, n, core.NormalLocale(n), core.LocaleChain(s))
		}
	})
}
