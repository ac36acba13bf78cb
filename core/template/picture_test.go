package template

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"restock/core"
)

var pictures = flag.String("pictures", "", "write pictures of the ready-made e-mails to this folder")

// picture is a stand-in for a product's, taller than it is wide.
const picture = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 700"><rect width="600" height="700" fill="#d9cfc1"/><path d="M120 520l110-190h160l90 190z" fill="#8a6f4d"/></svg>`

// hard is data that breaks designs: one word as long as a line, a price of twenty digits, no picture.
func hard() Data {
	d := Sample()
	d.Product.Title = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen " + strings.Repeat("Übergröße", 12) + " mit sehr vielen weiteren Wörtern, die niemand liest"
	d.Variant.Title = strings.Repeat("Schwarz/", 14) + "42"
	d.Variant.Image, d.Product.Image = "", ""
	d.Variant.Price = core.Money{Minor: 123456789012345678, Currency: "VND"}
	d.Contact.FirstName = strings.Repeat("Maximiliane", 6)
	d.Source.Title = strings.Repeat("Versandhaus", 8)
	return d
}

// TestPictures looks at every ready-made e-mail in Chromium, light and dark, on a telephone and on a desk, from left to right and from right to
// left, with usual data and with data that breaks designs: nothing is wider than the window, and axe-core finds every text easy to
// tell from what is behind it. With -pictures DIR it writes what it saw.
func TestPictures(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: no browser is started")
	}
	axe, err := os.ReadFile("../../widget/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatalf("reading axe-core: run make deps: %v", err)
	}
	mails := map[string]string{}
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if html, ok := mails[r.URL.Path]; ok {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = io.WriteString(w, html)
			return
		}
		w.Header().Set("Content-Type", "image/svg+xml")
		_, _ = io.WriteString(w, picture)
	}))
	defer shop.Close()
	var paths []string
	for name, tmpl := range Defaults() {
		for _, locale := range []string{"en", "de", "ar"} {
			for _, kind := range []string{"usual", "hard"} {
				path := fmt.Sprintf("/%s-%s-%s", name, locale, kind)
				mails[path] = mail(t, shop.URL, tmpl, locale, kind)
				paths = append(paths, path)
			}
		}
	}
	ctx := browser(t)
	for _, path := range paths {
		for _, scheme := range []string{"light", "dark"} {
			for _, width := range []int64{375, 700} {
				look(ctx, t, string(axe), shop.URL+path, scheme, width)
			}
		}
	}
}

func mail(t *testing.T, shop string, tmpl core.Template, locale, kind string) string {
	t.Helper()
	d := Sample()
	d.Variant.Image = shop + "/image.svg"
	if kind == "hard" {
		d = hard()
	}
	d.Contact.Locale = locale
	out, err := New().Render(core.HashTemplate(tmpl), tmpl, d)
	if err != nil {
		t.Fatal(err)
	}
	return out.HTML
}

// browser is Chromium, headless: what CHROMIUM names, or Debian's.
func browser(t *testing.T) context.Context {
	t.Helper()
	name := "chromium"
	if named := os.Getenv("CHROMIUM"); named != "" {
		name = named
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("finding a browser: %v; run make deps, or name one in CHROMIUM", err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("proxy-server", "direct://"))
	allocator, endAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, endBrowser := chromedp.NewContext(allocator, chromedp.WithErrorf(func(string, ...any) {}))
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting %s: %v", path, err)
	}
	t.Cleanup(func() { endBrowser(); endAllocator() })
	return ctx
}

// look opens a mail and measures it.
func look(ctx context.Context, t *testing.T, axe, url, scheme string, width int64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	name := fmt.Sprintf("%s-%s-%d", url[strings.LastIndexByte(url, '/')+1:], scheme, width)
	params := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, params)
	if err == nil {
		err = chromedp.Do(ctx, chromedp.EmulateViewport(width, 1100), chromedp.Navigate(url))
	}
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	wide, err := chromedp.Run(ctx, chromedp.Evaluate[int64]("document.documentElement.scrollWidth"))
	if err != nil || wide > width {
		t.Errorf("%s is %d wide in a window of %d (%v)", name, wide, width, err)
	}
	found, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](`(async () => {
	  if (!window.axe) { `+axe+`; }
	  const r = await axe.run(document, { runOnly: ['color-contrast', 'image-alt', 'link-name', 'html-has-lang', 'valid-lang'], resultTypes: ['violations'] });
	  return r.violations.flatMap((v) => v.nodes.map((n) => v.id + ': ' + n.html.slice(0, 120) + ' ' + n.any.map((c) => c.message).join()));
	})()`, chromedp.EvalAwaitPromise))
	if err != nil || len(found) > 0 {
		t.Errorf("%s: %v\n  %s", name, err, strings.Join(found, "\n  "))
	}
	if *pictures != "" {
		shoot(ctx, t, name)
	}
}

func shoot(ctx context.Context, t *testing.T, name string) {
	t.Helper()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.MkdirAll(*pictures, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(*pictures, name+".png"), png, 0o644)
	}
	if err != nil {
		t.Fatalf("taking a picture of %s: %v", name, err)
	}
}
