package template

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"restock/core"
)

func TestTextOf(t *testing.T) {
	tests := []struct{ name, html, want string }{
		{"paragraphs", "<h1>A</h1>\n\n\n<p>b\n c</p><p>d</p>", "A\n\nb c\n\nd\n"},
		{"links", `<p>See <a href="https://a.example/x?b=1&amp;c=2"><b>this</b> page</a>.</p>`, "See this page: https://a.example/x?b=1&c=2.\n"},
		{"link that is its URL", `<a href="https://a.example">https://a.example</a>`, "https://a.example\n"},
		{"dangerous link", `<a href="javascript:alert(1)">x</a>`, "x\n"},
		{"hidden", `a<div style="display:none">no <div>no</div></div><style>p{}</style><script>1<2</script>b`, "ab\n"},
		{"comments", "a<!--[if mso]><table><![endif]-->b<!-- c", "ab\n"},
		{"entities", "Tom &amp; J&eacute;r&ocirc;me&nbsp;&lt;3", "Tom & Jérôme <3\n"},
		{"lists", "<ul><li>a</li><li>b</li></ul>", "- a\n- b\n"},
		{"cells", "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a\nb\nc\n"},
		{"images", `<img alt="x" src="y"><a href="https://a.example/1"><img alt="Shoe"></a><a href="https://a.example/2"><img alt="Hat"></a><p><a href="https://a.example/2">Buy</a></p>`,
			"Shoe: https://a.example/1\n\nBuy: https://a.example/2\n"},
		{"not a tag", "1 < 2 <3 and <", "1 < 2 <3 and <\n"},
		{"unclosed link", `<a href="https://a.example">x<p>y`, "x y: https://a.example\n"},
		{"nothing", "", ""},
	}
	for _, tt := range tests {
		if got := textOf(tt.html); got != tt.want {
			t.Errorf("%s\ngot  %q\nwant %q", tt.name, got, tt.want)
		}
	}
}

// FuzzTextOf: any bytes end in a text without trailing or doubled blanks, and valid UTF-8 stays valid.
func FuzzTextOf(f *testing.F) {
	f.Add("<p>a</p><a href='https://x.example'>b</a>")
	f.Add("<div style=display:none><div>")
	f.Add("<!--<!doctype><a><img alt=x>")
	f.Fuzz(func(t *testing.T, s string) {
		got := textOf(s)
		if strings.Contains(got, "\n\n\n") || strings.Contains(got, " \n") || utf8.ValidString(s) && !utf8.ValidString(got) {
			t.Errorf("textOf(%q) = %q", s, got)
		}
	})
}

// BenchmarkTextOf makes the text part of the ready-made mail.
func BenchmarkTextOf(b *testing.B) {
	document, err := os.ReadFile(filepath.Join("testdata", "back.html"))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(document)))
	for b.Loop() {
		_ = textOf(string(document))
	}
}

func TestFormatMoney(t *testing.T) {
	tests := []struct {
		minor    int64
		currency string
		want     string
	}{
		{1999, "EUR", "€19.99"}, {129900, "USD", "$1,299.00"}, {100, "GBP", "£1.00"}, {2400, "JPY", "¥2,400"},
		{19900, "SEK", "199.00\u00a0kr"}, {1999, "CHF", "19.99\u00a0CHF"}, {1234567, "KWD", "1,234.567\u00a0KWD"},
		{-550, "EUR", "-€5.50"}, {0, "EUR", "€0.00"}, {1999, "", "19.99"}, {0, "", ""}, {5, "EUR", "€0.05"},
		{math.MinInt64, "EUR", "-€92,233,720,368,547,758.08"},
	}
	for _, tt := range tests {
		if got := formatMoney(core.Money{Minor: tt.minor, Currency: tt.currency}, ""); got != tt.want {
			t.Errorf("%d %s: got %q, want %q", tt.minor, tt.currency, got, tt.want)
		}
	}
}

func TestSafeURL(t *testing.T) {
	tests := []struct{ in, want string }{
		{"https://a.example/x?y=1#z", "https://a.example/x?y=1#z"}, {" http://a.example ", "http://a.example"},
		{"HTTPS://a.example", "HTTPS://a.example"}, {"//a.example", ""}, {"/x", ""}, {"javascript:alert(1)", ""},
		{"https:alert(1)", ""}, {"data:text/html,x", ""}, {"mailto:a@b.example", ""}, {"https://a.example/\nx", ""}, {"", ""},
	}
	for _, tt := range tests {
		if got := safeURL(tt.in); got != tt.want {
			t.Errorf("safeURL(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestBlockText(t *testing.T) {
	it := Item{Title: "Trail Runner", Choice: "Black / 42", URL: "https://a.example", Price: core.Money{Minor: 12900, Currency: "EUR"}}
	tests := []struct{ args, want string }{
		{"", "Trail Runner\nBlack / 42\n€129.00\nBuy now: https://a.example"},
		{`button: "Get it" price: false`, "Trail Runner\nBlack / 42\nGet it: https://a.example"},
	}
	for _, tt := range tests {
		o, err := parseBlock(tt.args)
		if err != nil {
			t.Fatal(err)
		}
		if got := blockText(it, o, ""); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.args, got, tt.want)
		}
	}
}
