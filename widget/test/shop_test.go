package test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"text/template"
	"time"
)

func itoa(n int) string { return strconv.Itoa(n) }

// fault is how a theme's own requests go wrong.
type fault string

const (
	well    fault = ""
	dropped fault = "abort"    // the connection ends without an answer
	broken  fault = "HTTP 500" // an error page
)

// shop is one platform's storefront: the fixture's pages, and what its theme asks its server for.
type shop struct {
	*httptest.Server
	platform string
	edge     *edge
	pages    *template.Template

	mu      sync.Mutex // guards what follows
	latency time.Duration
	fault   fault
	asked   int // requests of the theme that were begun
}

// newShop serves the fixture of a platform. Every page sets a cookie: what the edge is sent must not have it.
func newShop(t *testing.T, platform string, e *edge) *shop {
	t.Helper()
	pages, err := template.New(platform).Funcs(template.FuncMap{"json": toJSON, "attr": toAttribute, "checked": checked,
		"shopifyEmbed": shopifyEmbed, "shopifyButton": shopifyButton, "wooPlugin": wooPlugin, "magentoModule": magentoModule}).
		ParseFiles(filepath.Join("fixtures", "frame.html"), filepath.Join("fixtures", platform+".html"))
	if err != nil {
		t.Fatalf("reading the fixture: %v", err)
	}
	s := &shop{platform: platform, edge: e, pages: pages}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /products/{handle}", s.product)
	mux.HandleFunc("GET /data/{handle}", s.data)
	mux.HandleFunc("POST /wc-ajax", s.variation)
	mux.HandleFunc("POST /remote/v1/product-attributes/{id}", s.attributes)
	mux.HandleFunc("GET /elsewhere", s.elsewhere)
	mux.HandleFunc("GET /built/app.js", serveBuilt)
	mux.HandleFunc("GET /restock-worker.js", s.serveWorker)
	mux.HandleFunc("GET /", serveStatic)
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// serveStatic serves scripts, styles and pictures that the fixtures share.
func serveStatic(w http.ResponseWriter, r *http.Request) {
	http.ServeFile(w, r, filepath.Join("fixtures", "shared", filepath.Base(r.URL.Path)))
}

// serveWorker serves a service worker from the shop's own origin, as shops must: the one line that our README says.
func (s *shop) serveWorker(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/javascript")
	_, _ = fmt.Fprintf(w, "importScripts('%s/widget-worker.js')\n", s.edge.URL)
}

// set changes how the theme's requests fare from now on.
func (s *shop) set(latency time.Duration, f fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.latency, s.fault = latency, f
}

// fare delays a request of the theme and lets it fail as set; it says whether the request is to be answered.
func (s *shop) fare(w http.ResponseWriter, r *http.Request) bool {
	s.mu.Lock()
	latency, f := s.latency, s.fault
	s.asked++
	s.mu.Unlock()
	if latency > 0 {
		body, _ := io.ReadAll(r.Body) // or the server does not see that the tab has gone
		r.Body = io.NopCloser(bytes.NewReader(body))
		timer := time.NewTimer(latency)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			return false
		}
	}
	switch f {
	case dropped:
		panic(http.ErrAbortHandler)
	case broken:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprint(w, "<!doctype html><title>Sorry</title><h1>Something went wrong</h1>")
	}
	return f == well
}

// view is what a fixture is rendered from.
type view struct {
	product
	Variant  *variant // the chosen one; nil: that combination does not exist
	Choice   []string
	Others   bool // show sold-out choices as choosable
	visit    visit
	Edge     string
	Nonce    string
	Lang     string
	Dir      string
	Scheme   string
	Tags     string // the widget's script tags
	HeadHTML string // what a test adds to the head, before the widget
}

// Product is all of it, for scripts.
func (v view) Product() product { return v.product }

// Section is what Shopify calls the part of the page that its theme asks for again.
func (view) Section() string { return "template--19__main" }

// Bare leaves out what our own integration adds to the page.
func (v view) Bare() bool { return v.visit.bare }

// Ajax makes WooCommerce ask its server for each variation.
func (v view) Ajax() bool { return v.visit.ajax }

// Styled says whether the theme may have styles: strict policies allow none.
func (v view) Styled() bool { return !v.visit.strict }

// Sold says whether the chosen variant can be bought.
func (v view) Sold() bool { return v.Variant != nil && v.Variant.Available }

// product serves a page, or the section of it that a theme asks for.
func (s *shop) product(w http.ResponseWriter, r *http.Request) {
	handle, asked := strings.CutSuffix(r.PathValue("handle"), ".js")
	p, ok := productBy(handle)
	if ok && asked {
		s.productJSON(w, r, p)
		return
	}
	if !ok {
		http.NotFound(w, r)
		return
	}
	q := r.URL.Query()
	v := s.view(p, q)
	name := "page"
	if q.Has("section_id") {
		if !s.fare(w, r) {
			return
		}
		name = "section"
	}
	if v.visit.strict {
		w.Header().Set("Content-Security-Policy", s.policy(v.Nonce))
	}
	http.SetCookie(w, &http.Cookie{Name: "shopper", Value: "ann", Path: "/"})
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := s.pages.ExecuteTemplate(w, name, v); err != nil {
		panic(fmt.Sprintf("rendering %s of %s: %v", name, s.platform, err))
	}
}

// policy is the strictest that storefronts use: no styles but those made by script, no strings made into code.
func (s *shop) policy(nonce string) string {
	return "default-src 'self'; script-src 'nonce-" + nonce + "' 'strict-dynamic'; style-src 'none'; object-src 'none'; base-uri 'none'; " +
		"img-src 'self'; connect-src 'self' " + s.edge.URL + "; require-trusted-types-for 'script'; trusted-types theme"
}

func (s *shop) view(p product, q url.Values) view {
	v := view{product: p, visit: readVisit(q), Edge: s.edge.URL, Nonce: "n0nce", Lang: q.Get("lang"), Dir: q.Get("dir"), Scheme: q.Get("scheme"), HeadHTML: q.Get("head")}
	if v.Lang == "" {
		v.Lang = "en"
	}
	v.Tags = s.tags(v)
	switch {
	case q.Has("option_values"):
		v.Choice = p.byValues(q.Get("option_values"))
		v.Variant = p.byChoice(v.Choice)
	case q.Has("choice"):
		v.Choice = strings.Split(q.Get("choice"), ",")
		v.Variant = p.byChoice(v.Choice)
	default:
		v.Variant = p.byID(q.Get("variant"))
		if v.Variant == nil {
			v.Variant = &p.Variants[0]
		}
		v.Choice = v.Variant.Choice
	}
	return v
}

// tags are the script elements that load the widget, as a shop owner pastes them.
func (s *shop) tags(v view) string {
	tag := fmt.Sprintf(`<script async nonce="%s" src="%s/widget/%s.js"></script>`, v.Nonce, html.EscapeString(s.edge.URL), source)
	switch {
	case v.visit.late, s.bringsTag() && !v.visit.bare:
		return ""
	case v.visit.plainTag:
		return fmt.Sprintf(`<script async nonce="%s" src="%s/widget.js" data-source="%s"></script>`, v.Nonce, html.EscapeString(s.edge.URL), source)
	case v.visit.twice:
		return tag + tag
	}
	return tag
}

// bringsTag says whether what our integration adds to the page has the widget's tag in it.
func (s *shop) bringsTag() bool {
	switch s.platform {
	case "dawn15", "dawn12", "horizon3", "horizon4", "family", "luma", "hyva":
		return true
	}
	return false
}

// productJSON is Shopify's /products/HANDLE.js.
func (s *shop) productJSON(w http.ResponseWriter, r *http.Request, p product) {
	if !s.fare(w, r) {
		return
	}
	var variants []map[string]any
	for _, v := range p.Variants {
		variants = append(variants, map[string]any{"id": v.number(), "title": v.Title(), "options": v.Choice, "available": v.Available})
	}
	writeJSON(w, map[string]any{"id": json.Number(p.ID), "title": p.Title, "handle": p.Handle, "featured_image": p.Picture, "variants": variants})
}

// data answers what single-page shops ask for.
func (s *shop) data(w http.ResponseWriter, r *http.Request) {
	p, ok := productBy(r.PathValue("handle"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	if s.fare(w, r) {
		writeJSON(w, p)
	}
}

func (s *shop) elsewhere(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprint(w, `<!doctype html><html lang="en"><title>Elsewhere</title><h1>Another page</h1>`)
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		panic(http.ErrAbortHandler)
	}
}

// toJSON writes a value for a script element.
func toJSON(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

// toAttribute writes a value as JSON for an attribute.
func toAttribute(v any) (string, error) {
	b, err := json.Marshal(v)
	return html.EscapeString(string(b)), err
}

func checked(choice []string, i int, text string) bool { return i < len(choice) && choice[i] == text }

// visit is how a page is asked for.
type visit struct {
	handle   string // "": the tee
	variant  string // id; "": the first
	choice   string // "Oat,L": a combination, which may not exist
	lang     string
	dir      string
	scheme   string // dark, light
	bare     bool   // without what our own integration adds
	strict   bool   // under the strictest Content-Security-Policy, with Trusted Types
	late     bool   // without the widget's tag; a test adds it later
	twice    bool   // with the tag twice
	plainTag bool   // by /widget.js with data-source
	ajax     bool   // WooCommerce above 30 variations
	head     string // HTML that a test adds to the head
}

func readVisit(q url.Values) visit {
	return visit{bare: q.Has("bare"), strict: q.Has("strict"), late: q.Has("late"), twice: q.Has("twice"), plainTag: q.Has("plain"), ajax: q.Has("ajax")}
}

// url is where a shop shows that visit.
func (v visit) url(s *shop) string {
	q := url.Values{}
	for key, text := range map[string]string{"variant": v.variant, "choice": v.choice, "lang": v.lang, "dir": v.dir, "scheme": v.scheme, "head": v.head} {
		if text != "" {
			q.Set(key, text)
		}
	}
	for key, on := range map[string]bool{"bare": v.bare, "strict": v.strict, "late": v.late, "twice": v.twice, "plain": v.plainTag, "ajax": v.ajax} {
		if on {
			q.Set(key, "1")
		}
	}
	handle := v.handle
	if handle == "" {
		handle = tee().Handle
	}
	return s.URL + "/products/" + handle + "?" + q.Encode()
}
