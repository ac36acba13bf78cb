package core_test

import (
	"strings"
	"testing"

	"restock/core"
)

// TestLeadsToPage: a shop's pages are led to, and nothing that a browser would read as another's, or as a program.
func TestLeadsToPage(t *testing.T) {
	for _, url := range []string{
		"https://shop.example/products/tee?variant=71#size", "http://127.0.0.1:8080/shop", "https://shop.example", "HTTPS://shop.example/", "https://bücher.example/läufer",
		"https://shop.example//evil.example", "https://shop.example/?to=//evil.example", "https://[2001:db8::1]:8443/",
	} {
		if !core.LeadsToPage(url) {
			t.Errorf("%q is not led to", url)
		}
	}
	for _, url := range []string{
		"", "/", "//evil.example", "///evil.example", `\evil.example`, `/\evil.example`, `https:\evil.example`, `https:/\evil.example`, "https:evil.example", "https:///evil.example", "https://",
		"https://:443/", `https://shop.example\@evil.example/`, "https://shop.example@evil.example/", "https://user:pass@shop.example/", "https://@evil.example/",
		"javascript:alert(1)", "JAVASCRIPT://shop.example/%0aalert(1)", "data:text/html,x", "ftp://shop.example/", "mailto:a@b.example", "vbscript:x", "file:///etc/passwd",
		" https://evil.example", "\thttps://evil.example", "ht\ntps://evil.example", "https://evil.example/\r\nSet-Cookie: a=b", "https://evil.example/\x00", "https://evil\u0000.example", "https://evil.example/\x7f",
		"https://evil .example/", "https://[::1", "https://evil.example:port/", "products/tee", "?x", "#x",
	} {
		if core.LeadsToPage(url) {
			t.Errorf("%q is led to", url)
		}
	}
}

// FuzzLeadsToPage: whatever is led to begins as a page's URL does, and can stand in a header as it is.
func FuzzLeadsToPage(f *testing.F) {
	f.Add("https://shop.example/tee")
	f.Add("//evil.example")
	f.Fuzz(func(t *testing.T, url string) {
		if !core.LeadsToPage(url) {
			return
		}
		lower := strings.ToLower(url)
		if !strings.HasPrefix(lower, "https://") && !strings.HasPrefix(lower, "http://") || strings.ContainsAny(url, "\r\n\x00\t") {
			t.Errorf("%q is led to", url)
		}
		host, _, _ := strings.Cut(lower[strings.Index(lower, "//")+2:], "/")
		if strings.ContainsAny(strings.FieldsFunc(host, func(r rune) bool { return r == '?' || r == '#' })[0], `@\ `) {
			t.Errorf("%q is led to, whose host may be read as another's", url)
		}
	})
}
