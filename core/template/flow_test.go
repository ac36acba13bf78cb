package template

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"restock/core"
)

// TestHoles tells stories of templates that show what may be missing: testdata/holes.story has each with what Check says of it.
// A template stands between lines that begin with ">>" and "--"; what is behind is one fault a line, or "fits".
func TestHoles(t *testing.T) {
	story, err := os.ReadFile("testdata/holes.story")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, s := range strings.Split(string(story), ">> ")[1:] {
		name, rest, _ := strings.Cut(s, "\n")
		source, want, ok := strings.Cut(rest, "\n--\n")
		if !ok {
			t.Fatalf("%s: no -- behind the template", name)
		}
		n++
		t.Run(name, func(t *testing.T) {
			got := "fits"
			if err := Check(core.Template{Subject: "s", HTML: source}); err != nil {
				got = strings.Join(messages(t, err), "\n")
			}
			if want := strings.TrimSpace(want); got != want && (want == "fits" || !matches(got, want)) {
				t.Errorf("%s\ngot\n%s\nwant\n%s", source, got, want)
			}
		})
	}
	if n < 30 {
		t.Errorf("%d stories were told", n)
	}
}

// matches says whether each line of got begins as that of want.
func matches(got, want string) bool {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	if len(g) != len(w) {
		return false
	}
	for i := range g {
		if !strings.HasPrefix(g[i], w[i]) {
			return false
		}
	}
	return true
}

// TestNothingGoesOutWithAHole: what a template takes for granted, and what slipped through, ends the rendering.
func TestNothingGoesOutWithAHole(t *testing.T) {
	d := Least()
	d.Product.Title, d.Links.Buy = "", ""
	for _, tt := range []struct{ source, want string }{
		{"a\n{{ product.title }}", "rendering html: line 2: product.title is missing"},
		{"{{ product.title | upcase }}", "rendering html: line 1: product.title is missing"},
		{"{{ variant.price }}", "rendering html: line 1: variant.price is missing"},
		{"{{ contact.fields['a'] }}", "rendering html: line 1: contact.fields['a'] is missing"},
		{"{% back_in_stock %}", "rendering html: line 1: it has nothing to show: neither a title nor a page to lead to is known"},
	} {
		_, err := New().Render(core.Hash{}, core.Template{Subject: "s", HTML: tt.source}, d)
		if err == nil || err.Error() != tt.want {
			t.Errorf("%s: %v, want %s", tt.source, err, tt.want)
		}
	}
}

// TestNearest: what was probably meant is told with what is wrong.
func TestNearest(t *testing.T) {
	for source, want := range map[string]string{
		"{{ prodct.title }}": "product.title", "{{ product.titel }}": "product.title", "{{ variant.pricce }}": "variant.price",
		"{{ contact.firstname }}": "contact.first_name", "{{ product.title | upcas }}": "upcase", "{% iff product.title %}": "if",
		"{{ people.first-name }}": "contact.first_name", "{{ unrelated }}": "", "{{ product.zzz }}": "",
	} {
		err := Check(core.Template{Subject: "s", HTML: source})
		invalid, ok := err.(*core.InvalidError)
		if !ok || len(invalid.Fields) == 0 || invalid.Fields[0].Suggest != want {
			t.Errorf("%s: %+v, want %q", source, err, want)
		}
	}
}

// TestPrices are written as a language does.
func TestPrices(t *testing.T) {
	for _, tt := range []struct{ locale, currency, want string }{
		{"", "EUR", "€1,299.00"}, {"de", "EUR", "1.299,00_€"}, {"de-AT", "EUR", "€_1_299,00"}, {"de-CH", "CHF", "CHF_1’299.00"},
		{"fr", "EUR", "1.299,00_€"}, {"nl", "EUR", "€_1.299,00"}, {"pt", "BRL", "R$_1.299,00"}, {"pt-PT", "EUR", "1_299,00_€"},
		{"pl", "PLN", "1_299,00_zł"}, {"tr", "TRY", "₺1.299,00"}, {"ar", "AED", "1,299.00_AED"}, {"ja", "JPY", "¥129,900"}, {"es-MX", "MXN", "MX$1,299.00"},
	} {
		got := strings.ReplaceAll(strings.ReplaceAll(formatMoney(core.Money{Minor: 129900, Currency: tt.currency}, tt.locale), "\u202f", "."), "\u00a0", "_")
		if got != tt.want {
			t.Errorf("%s %s: %s, want %s", tt.locale, tt.currency, got, tt.want)
		}
	}
}

func BenchmarkRender(b *testing.B) {
	for _, name := range []string{"back", "waiting"} {
		for _, locale := range []string{"en", "de"} {
			b.Run(fmt.Sprintf("%s/%s", name, locale), func(b *testing.B) {
				tmpl, r, d := Defaults()[name], New(), Sample()
				hash := core.HashTemplate(tmpl)
				d.Contact.Locale = locale
				for b.Loop() {
					if _, err := r.Render(hash, tmpl, d); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "mails/s")
			})
		}
	}
}

// TestPhrasebooks: every language has every phrase, each of which is somewhere in English; nothing of a ready-made e-mail that a reader
// sees stays English in another language.
func TestPhrasebooks(t *testing.T) {
	english := ""
	for name, tmpl := range Defaults() {
		english += tmpl.Subject + "\n" + tmpl.Preheader + "\n" + tmpl.HTML
		if want := len(phrasebooks); slices.Contains([]string{"waiting", "back", "reminder", "confirm"}, name) && len(tmpl.Locales) != want {
			t.Errorf("%s is in %d languages, want %d", name, len(tmpl.Locales), want)
		}
	}
	layout := []string{"Unsubscribe", "You get this e-mail because you asked [shop] to tell you when this is back in stock.", "You get this e-mail because you asked to hear from [shop]."}
	for _, b := range phrasebooks {
		for from, to := range b.words {
			if to == "" || to == from || strings.Contains(from, "[shop]") != strings.Contains(to, "[shop]") {
				t.Errorf("%s: %q is %q", b.locale, from, to)
			}
			if !strings.Contains(english, from) && !slices.Contains(layout, from) {
				t.Errorf("%s: nothing says %q", b.locale, from)
			}
		}
		for _, other := range phrasebooks {
			for from := range other.words {
				if b.words[from] == "" {
					t.Errorf("%s has no words for %q", b.locale, from)
				}
			}
		}
	}
	for _, name := range []string{"waiting", "back", "reminder", "confirm"} {
		tmpl := Defaults()[name]
		for _, v := range tmpl.Locales {
			d := Sample()
			d.Contact.Locale = v.Locale
			out, err := New().Render(core.HashTemplate(tmpl), tmpl, d)
			if err != nil {
				t.Fatal(err)
			}
			for _, word := range []string{" you", "You ", " the ", "Hi ", "Buy", "View", "back in stock", "Unsubscribe"} {
				if strings.Contains(out.Text, word) || strings.Contains(out.Subject, word) {
					t.Errorf("%s in %s says %q:\n%s\n%s", name, v.Locale, word, out.Subject, out.Text)
				}
			}
			if want := fmt.Sprintf(`<html lang="%s" dir="%s">`, v.Locale, direction(v.Locale)); !strings.Contains(out.HTML, want) {
				t.Errorf("%s in %s has no %s", name, v.Locale, want)
			}
		}
	}
}
