package test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/evanw/esbuild/pkg/api"
)

// app is the headless shop, bundled once per test binary.
var app = sync.OnceValues(func() ([]byte, error) {
	built := api.Build(api.BuildOptions{
		EntryPoints: []string{"fixtures/app/app.tsx"},
		Bundle:      true,
		JSX:         api.JSXAutomatic,
		Define:      map[string]string{"process.env.NODE_ENV": `"development"`}, // development: it complains of what it did not expect
		NodePaths:   []string{"../node_modules"},
		Write:       false,
	})
	if len(built.Errors) > 0 {
		return nil, &buildError{built.Errors}
	}
	return built.OutputFiles[0].Contents, nil
})

// buildError is what esbuild complains of.
type buildError struct{ messages []api.Message }

// Error says it as esbuild does, with the remedy for what is most often missing.
func (e *buildError) Error() string {
	text := "bundling the headless shop (make deps installs React into widget/node_modules):\n"
	for _, line := range api.FormatMessages(e.messages, api.FormatMessagesOptions{}) {
		text += line
	}
	return text
}

// serveBuilt serves the headless shop's script.
func serveBuilt(w http.ResponseWriter, _ *http.Request) {
	script, err := app()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	_, _ = w.Write(script)
}

// headless opens the single-page shop.
func headless(t *testing.T, v visit) *tab {
	t.Helper()
	if _, err := app(); err != nil {
		t.Fatal(err)
	}
	return open(t, "headless", v).ready()
}

// TestHydration: React finds its server's HTML as it left it, whether the widget comes before or after, and the React
// wrapper tells each change.
func TestHydration(t *testing.T) {
	t.Parallel()
	for name, late := range map[string]bool{"the widget first": false, "React first": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tb := headless(t, visit{variant: blackM, late: late})
			tb.showsCover()
			tb.expect("opening", tb.ask("ann@example.com"), blackM)
			tb.until("theme.captured.length === 1")
			tb.choose("S")
			tb.hidesCover()
			tb.choose("Oat")
			tb.showsCover()
			tb.expect("Oat", tb.ask("ann@example.com"), oatS)
			tb.choose("L")
			tb.hidesCover()
			if n := eval[int](tb, "theme.mismatches.length"); n > 0 {
				tb.Errorf("hydration found what it did not expect: %s", eval[string](tb, "theme.mismatches.join()"))
			}
			tb.clean()
		})
	}
}

// TestSinglePage walks through the shop without loading a page: in stock, sold out, no product, back by the browser.
func TestSinglePage(t *testing.T) {
	t.Parallel()
	tb := headless(t, visit{variant: blackS})
	tb.hidesCover()
	tb.run("await theme.goto('waxed-cap')")
	tb.showsCover()
	tb.expect("going to the cap", tb.ask("ann@example.com"), capID)
	tb.run("await theme.goto('')")
	tb.hidesCover()
	tb.run("await theme.goto('heavyweight-tee')")
	tb.hidesCover()
	tb.choose("M")
	tb.showsCover()
	tb.expect("M", tb.ask("ann@example.com"), blackM)
	tb.clean()
}
