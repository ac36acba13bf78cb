// Package test drives the widget in a real browser: Debian's Chromium, headless, against shops of our own (fixtures/)
// that behave as the platforms' themes do. Each test has a shop and an edge of its own on loopback ports and a tab of
// its own in a browser context of its own, so tests run in parallel and share neither storage nor origin.
package test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// atOnce is how many tests run at the same time, where -parallel does not say it. Go's own choice, one for each processor, would
// leave them idle: most of a test's time goes into waiting for slow themes.
const atOnce = 10

// chrome is the one browser of the test binary, started when the first test asks.
type chrome struct {
	once sync.Once
	ctx  context.Context
	end  func()
	err  error
}

var browser = &chrome{}

// screenshots is where TestScreenshots writes.
var screenshots = flag.String("screenshots", "", "write pictures of the widget's states to this folder")

func TestMain(m *testing.M) {
	flag.Parse()
	said := false
	flag.Visit(func(f *flag.Flag) { said = said || f.Name == "test.parallel" })
	if !said {
		if err := flag.Set("test.parallel", strconv.Itoa(atOnce)); err != nil {
			log.Fatal(err)
		}
	}
	code := m.Run()
	if browser.end != nil {
		browser.end()
	}
	os.Exit(code)
}

// chromium finds the browser: what CHROMIUM names, or Debian's.
func chromium() (string, error) {
	names := []string{"chromium", "chromium-browser", "google-chrome"}
	if named := os.Getenv("CHROMIUM"); named != "" {
		names = []string{named}
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("finding a browser: none of %s is installed; run make deps (Debian's package chromium), or name one in CHROMIUM", strings.Join(names, ", "))
}

// start starts the browser once. Its own words are kept for the case that it does not come up.
func (c *chrome) start() error {
	c.once.Do(func() {
		path, err := chromium()
		if err != nil {
			c.err = err
			return
		}
		var said bytes.Buffer
		options := append(chromedp.DefaultExecAllocatorOptions[:],
			chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
			chromedp.Flag("disable-quic", true),
			chromedp.Flag("disable-component-update", true),
			chromedp.Flag("disable-features", "Translate,BlinkGenPropertyTrees,OptimizationHints,MediaRouter"),
			chromedp.Flag("proxy-server", "direct://"),
			chromedp.Flag("force-prefers-reduced-motion", true), // tests wait for no animation; pictures and policies are the same
			chromedp.WindowSize(1100, 760),
			chromedp.CombinedOutput(&said))
		allocator, endAllocator := chromedp.NewExecAllocator(context.Background(), options...)
		ctx, endBrowser := chromedp.NewContext(allocator, chromedp.WithErrorf(log.Printf))
		if err := chromedp.Do(ctx); err != nil {
			c.err = fmt.Errorf("starting %s: %w\n%s", path, err, said.String())
		}
		c.ctx, c.end = ctx, func() { endBrowser(); endAllocator() }
	})
	return c.err
}

// open opens a tab in a browser context of its own; it is closed when the test ends.
func (c *chrome) open(t *testing.T) context.Context {
	t.Helper()
	if err := c.start(); err != nil {
		t.Fatal(err)
	}
	ctx, end := chromedp.NewContext(c.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil && !errors.Is(err, context.Canceled) {
			t.Logf("closing the tab: %v", err)
		}
		end()
	})
	if err := chromedp.Do(ctx); err != nil { // not under a deadline: the tab lives as long as the context it is opened with
		t.Fatalf("opening a tab: %v", err)
	}
	return ctx
}
