package test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestScreenshots writes pictures of every state, in light and dark, on a telephone and from right to left, and one of
// each platform, to the folder that -screenshots names: make screenshots.
func TestScreenshots(t *testing.T) {
	if *screenshots == "" {
		t.Skip("make screenshots names a folder by -screenshots")
	}
	if err := os.MkdirAll(*screenshots, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name          string
		visit         visit
		width, height int64
	}{
		{"light", visit{lang: "en"}, 1280, 860},
		{"dark", visit{lang: "en", scheme: "dark"}, 1280, 860},
		{"mobile", visit{lang: "en"}, 390, 844},
		{"mobile-dark-de", visit{lang: "de", scheme: "dark"}, 390, 844},
		{"rtl", visit{lang: "ar", dir: "rtl"}, 1280, 860},
		{"rtl-mobile", visit{lang: "he", dir: "rtl"}, 390, 844},
		{"mobile-fr", visit{lang: "fr"}, 390, 844},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tb := newTab(t, newShop(t, "dawn15", newEdge(t, everything())))
			tb.size(c.width, c.height)
			if c.visit.scheme == "dark" {
				tb.prefers("dark")
			}
			c.visit.variant = blackM
			tb.visit(c.visit.url(tb.shop))
			tb.ready()
			tb.edge.answer(suggests("email", "ann@gmail.com"), internal())
			tb.everyState(func(state string) { tb.picture(c.name + "-" + state) })
		})
	}
	for _, name := range []string{"dawn15", "dawn12", "horizon3", "horizon4", "family", "woo", "woosimple", "wooblock", "bigcommerce", "luma", "hyva", "html", "element", "jsonld", "headless"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := visit{variant: blackM}
			if name == "woosimple" || name == "wooblock" || name == "jsonld" {
				v = visit{handle: waxedCap().Handle}
			}
			tb := openAt(t, newShop(t, name, newEdge(t, nil)), v).ready()
			tb.settled()
			tb.run("await probe.frames(20)")
			tb.picture("platform-" + name)
		})
	}
}

// size sets the viewport; the narrow one is a telephone.
func (tb *tab) size(width, height int64) {
	tb.Helper()
	options := []chromedp.EmulateViewportOption{chromedp.EmulateScale(1)}
	if width < 500 {
		options = []chromedp.EmulateViewportOption{chromedp.EmulateScale(2), chromedp.EmulateMobile, chromedp.EmulateTouch}
	}
	tb.do(chromedp.EmulateViewport(width, height, options...))
}

// picture writes what is on the screen when nothing moves any more.
func (tb *tab) picture(name string) {
	tb.Helper()
	tb.still()
	png, err := chromedp.Run(tb.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		tb.Fatalf("taking a picture: %v", err)
	}
	if err := os.WriteFile(filepath.Join(*screenshots, strings.ReplaceAll(name, " ", "-")+".png"), png, 0o644); err != nil {
		tb.Fatal(err)
	}
}
