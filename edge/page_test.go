package edge

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"
)

// TestEveryLanguageSaysEverything: no page in any language lacks a sentence, and all languages of the widget are there.
func TestEveryLanguageSaysEverything(t *testing.T) {
	names, err := pageLanguages()
	if err != nil || names[0] != "en" {
		t.Fatalf("%v (%v)", names, err)
	}
	for _, name := range names {
		raw, err := pageTexts.ReadFile("texts/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var said texts
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		if err := d.Decode(&said); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for page, s := range map[string]says{"unsubscribe": said.Unsubscribe, "unsubscribed": said.Unsubscribed, "confirm": said.Confirm, "confirmed": said.Confirmed, "over": said.Over} {
			if s.Title == "" || s.Text == "" || (s.Button != "") != (page == "unsubscribe" || page == "confirm") || (s.Other != "") != (page == "unsubscribe") {
				t.Errorf("%s/%s says %+v", name, page, s)
			}
		}
	}
	widget, err := filepath.Glob(filepath.Join("..", "widget", "src", "texts", "*.ts"))
	if err != nil || len(widget) == 0 {
		t.Fatalf("the widget's languages: %v (%v)", widget, err)
	}
	for _, f := range widget {
		if _, err := os.Stat(filepath.Join("texts", strings.TrimSuffix(filepath.Base(f), ".ts")+".json")); err != nil {
			t.Errorf("the widget speaks a language that the pages do not: %v", err)
		}
	}
}

func TestPageLanguage(t *testing.T) {
	n := newEdge(t)
	for _, c := range []struct{ asks, want string }{
		{"", "en"},
		{"de-AT,de;q=0.9,en;q=0.8", "de"},
		{"fr;q=0.5, sv", "sv"},
		{"no", "nb"},
		{"pt-BR", "pt"},
		{"pt-PT", "pt-pt"},
		{"zh-CN", "zh"},
		{"zh-Hant-HK", "zh-tw"},
		{"iw", "he"},
		{"tlh", "en"},
		{"*", "en"},
		{";;;,q=", "en"},
		{strings.Repeat("de-", 200), "en"},
		{"it," + strings.Repeat("aa,", 200), "it"},
	} {
		answer := ask(n, "GET", "/u/x", map[string]string{"Accept-Language": c.asks}, "")
		if got := string(answer.Header.Peek("Content-Language")); got != c.want {
			t.Errorf("who asks for %.40q gets %s, want %s", c.asks, got, c.want)
		}
		if !strings.Contains(string(answer.Body()), `<html lang="`+c.want+`" dir="`+direction(c.want)+`">`) {
			t.Errorf("who asks for %.40q gets %.200s", c.asks, answer.Body())
		}
	}
}

// FuzzAcceptLanguage: whatever a client asks for, it gets one of our pages.
func FuzzAcceptLanguage(f *testing.F) {
	pages, err := newLinkPages()
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{"de-AT,de;q=0.9", "*", "x-", "zh-Hant-HK;q=1.5", "\xff,,"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, asked string) {
		var ctx fasthttp.RequestCtx
		ctx.Request.Header.Set("Accept-Language", asked)
		if p := pages.of(&ctx); reflect.ValueOf(*p).IsZero() || p.unsubscribe == "" {
			t.Errorf("%q gets %+v", asked, p)
		}
	})
}
