package shop

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"restock/core"
)

var secret = []byte("a webhook secret of the sample shop")

// sign signs as Shopify does, written down a second time so that a test can check it.
func sign(secret, body []byte) []core.Header {
	mac := hmac.New(sha256.New, secret)
	mac.Write(body)
	return []core.Header{{Name: "X-Shopify-Hmac-Sha256", Value: base64.StdEncoding.EncodeToString(mac.Sum(nil))}}
}

// heard is a webhook as an edge got it.
type heard struct {
	path   string
	header http.Header
	body   string
}

// edge takes webhooks and answers with codes, one after the other; the last one stays.
type edge struct {
	*httptest.Server
	mu    sync.Mutex
	codes []int
	heard []heard
}

func newEdge(t testing.TB, codes ...int) *edge {
	t.Helper()
	e := &edge{codes: codes}
	e.Server = httptest.NewServer(http.HandlerFunc(e.take))
	t.Cleanup(e.Close)
	return e
}

func (e *edge) take(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heard = append(e.heard, heard{r.URL.Path, r.Header.Clone(), string(body)})
	code := e.codes[0]
	if len(e.codes) > 1 {
		e.codes = e.codes[1:]
	}
	w.WriteHeader(code)
}

func (e *edge) all() []heard {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]heard(nil), e.heard...)
}

func config(edgeURL string) Config {
	return Config{Source: "sample", Secret: secret, EdgeURL: edgeURL, ConsoleURL: "http://127.0.0.1:8081/", Sign: sign}
}

// serve runs a shop on loopback, at a fixed time, and returns its address and a client that follows no redirect.
func serve(t testing.TB, c Config) (base string, client *http.Client) {
	t.Helper()
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	s, err := newShop(c, func() time.Time { return noon })
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &fasthttp.Server{Handler: s.handle, Logger: quiet{}}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	t.Cleanup(func() { _ = server.Shutdown(); <-done })
	client = &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return "http://" + l.Addr().String(), client
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}

func call(t testing.TB, c *http.Client, req *http.Request) (*http.Response, string) {
	t.Helper()
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func get(t testing.TB, c *http.Client, u string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, u, nil)
	if err != nil {
		t.Fatal(err)
	}
	return call(t, c, req)
}

func form(t testing.TB, u string, fields url.Values) *http.Request {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, u, strings.NewReader(fields.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return req
}

func TestPages(t *testing.T) {
	base, client := serve(t, config("http://127.0.0.1:8080/"))
	for _, c := range []struct {
		path string
		code int
		kind string
		has  []string
		not  []string
	}{
		{"/", 200, "text/html", []string{"Heavyweight Tee", "Merino Crew", "Wide Twill Trouser", "Waxed Field Cap", "€129.00", "Some sizes sold out"}, nil},
		{
			"/products/heavyweight-tee", 200, "text/html",
			[]string{
				"Sold out in Black / M", `<script src="/widget/sample.js" async>`, `data-restock-product="7001" data-restock-variant="1001" data-restock-available="false"`,
				`data-restock-cover`, `<noscript><form`, `action="/v1/captures"`, `name="source" value="sample"`, `name="variant" value="1001"`,
				`name="email"`, `name="phone"`, `name="region"`, `name="consent.marketing"`, `name="consent.text"`, `name="website"`,
				`name="page" value="http://127.0.0.1:8080/products/heavyweight-tee?variant=1001"`, `name="form"`, `name="locale"`,
				`href="http://127.0.0.1:8081/inbox"`, `href="http://127.0.0.1:8081/why?variant=1001"`,
			},
			[]string{"Buy now", `role="status"`},
		},
		{"/products/heavyweight-tee?variant=1002", 200, "text/html", []string{"In stock", "Buy now"}, []string{"/v1/captures"}},
		{"/products/heavyweight-tee?variant=9999", 200, "text/html", []string{"Sold out in Black / M"}, nil},
		{"/products/waxed-field-cap", 200, "text/html", []string{"In stock"}, []string{"Default Title", "Colour and size"}},
		{"/products/heavyweight-tee?notice=restock&code=200", 200, "text/html", []string{"Restocked. The edge took the webhook (HTTP 200)."}, nil},
		{"/products/heavyweight-tee?notice=sellout&code=0", 200, "text/html", []string{"did not answer"}, nil},
		{"/products/heavyweight-tee?notice=sold&code=401", 200, "text/html", []string{"refused the webhook (HTTP 401)"}, nil},
		{"/products/heavyweight-tee?notice=%3Cb%3E&code=x", 200, "text/html", nil, []string{`role="status"`, "<b>"}},
		{"/products/nothing", 404, "text/html", []string{"nothing at this address"}, nil},
		{"/products/", 404, "text/html", nil, nil},
		{"/nothing", 404, "text/html", nil, nil},
		{"/images", 404, "text/html", nil, nil},
		{"/images/../page/front.html", 404, "text/html", nil, nil},
		{"/shop.css", 200, "text/css", []string{"prefers-color-scheme: dark"}, nil},
		{"/images/tee.svg", 200, "image/svg+xml", []string{"<svg"}, nil},
		{"/shop/restock", 405, "text/html", nil, nil},
	} {
		t.Run(c.path, func(t *testing.T) {
			resp, body := get(t, client, base+c.path)
			if resp.StatusCode != c.code || !strings.HasPrefix(resp.Header.Get("Content-Type"), c.kind) {
				t.Errorf("got %d %s; want %d %s", resp.StatusCode, resp.Header.Get("Content-Type"), c.code, c.kind)
			}
			for _, part := range c.has {
				if !strings.Contains(body, part) {
					t.Errorf("the page lacks %q", part)
				}
			}
			for _, part := range c.not {
				if strings.Contains(body, part) {
					t.Errorf("the page has %q", part)
				}
			}
		})
	}
}

func TestPagesHoldNothingInline(t *testing.T) {
	base, client := serve(t, config("http://127.0.0.1:8080"))
	inline := regexp.MustCompile(`(?i)<style|\sstyle\s*=|\son[a-z]+\s*=|<script[^>]*>[^<]|javascript:`)
	for _, path := range []string{"/", "/products/heavyweight-tee", "/products/merino-crew", "/nothing"} {
		resp, body := get(t, client, base+path)
		if found := inline.FindString(body); found != "" {
			t.Errorf("%s has %q, which its policy forbids", path, found)
		}
		if p := resp.Header.Get("Content-Security-Policy"); p != policy || strings.Contains(p, "unsafe") {
			t.Errorf("%s has the policy %q", path, p)
		}
		if resp.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s may be sniffed", path)
		}
	}
}

func TestPicturesExistAndAreXML(t *testing.T) {
	for _, p := range products() {
		if _, err := fs.Stat(static, "static"+p.Picture); err != nil {
			t.Errorf("picture of %s: %v", p.Title, err)
		}
	}
	files, err := fs.Glob(static, "static/images/*.svg")
	if err != nil || len(files) < 5 {
		t.Fatalf("pictures: %v, %v", files, err)
	}
	for _, name := range files {
		f, err := static.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		d := xml.NewDecoder(f)
		for {
			if _, err = d.Token(); err != nil {
				break
			}
		}
		if !errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCatalogueIsWhatTheDemoTells(t *testing.T) {
	ids, items := map[int64]bool{}, map[int64]bool{}
	for _, p := range products() {
		for _, v := range p.Variants {
			if ids[v.ID] || items[v.Item] {
				t.Errorf("%s %s: id %d or item %d stands twice", p.Title, v.Title, v.ID, v.Item)
			}
			ids[v.ID], items[v.Item] = true, true
		}
	}
	tee := products()[0]
	m, l := tee.Variants[0], tee.Variants[1]
	if tee.ID != 7001 || m.ID != 1001 || m.Item != 5001 || m.SKU != "TEE-BLK-M" || m.Units != 0 {
		t.Errorf("the sold-out tee is %+v", m)
	}
	if l.ID != 1002 || l.Item != 5002 || l.SKU != "TEE-BLK-L" || l.Units < 1 {
		t.Errorf("the other tee is %+v", l)
	}
}

func TestControls(t *testing.T) {
	for _, c := range []struct {
		name, path, fields string
		location           string
		body               string
		then               string // on the page afterwards
	}{
		{
			"restock", "/shop/restock", "variant=1001&quantity=5", "/products/heavyweight-tee?code=200&notice=restock&variant=1001",
			`{"inventory_item_id":5001,"location_id":1,"available":5,"updated_at":"2026-03-01T12:00:00.000Z","admin_graphql_api_id":"gid://shopify/InventoryLevel/1?inventory_item_id=5001"}`,
			"only 5 left",
		},
		{
			"restock as many as usual", "/shop/restock", "variant=1002", "/products/heavyweight-tee?code=200&notice=restock&variant=1002",
			`{"inventory_item_id":5002,"location_id":1,"available":17,"updated_at":"2026-03-01T12:00:00.000Z","admin_graphql_api_id":"gid://shopify/InventoryLevel/1?inventory_item_id=5002"}`,
			"ready to ship",
		},
		{
			"sell out", "/shop/sellout", "variant=1002", "/products/heavyweight-tee?code=200&notice=sellout&variant=1002",
			`{"inventory_item_id":5002,"location_id":1,"available":0,"updated_at":"2026-03-01T12:00:00.000Z","admin_graphql_api_id":"gid://shopify/InventoryLevel/1?inventory_item_id=5002"}`,
			"Sold out in Black / L",
		},
		{
			"buy one", "/shop/sellout", "variant=1007&quantity=1", "/products/waxed-field-cap?code=200&notice=sold&variant=1007",
			`{"inventory_item_id":5007,"location_id":1,"available":19,"updated_at":"2026-03-01T12:00:00.000Z","admin_graphql_api_id":"gid://shopify/InventoryLevel/1?inventory_item_id=5007"}`,
			"Thank you",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := newEdge(t, 200)
			base, client := serve(t, config(e.URL))
			fields, err := url.ParseQuery(c.fields)
			if err != nil {
				t.Fatal(err)
			}
			resp, _ := call(t, client, form(t, base+c.path, fields))
			if resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Location") != c.location {
				t.Fatalf("got %d to %q; want 303 to %q", resp.StatusCode, resp.Header.Get("Location"), c.location)
			}
			checkWebhook(t, e.all(), c.body)
			if _, page := get(t, client, base+c.location); !strings.Contains(page, c.then) {
				t.Errorf("the page afterwards lacks %q", c.then)
			}
		})
	}
}

func checkWebhook(t *testing.T, all []heard, body string) {
	t.Helper()
	if len(all) != 1 {
		t.Fatalf("the edge heard %d webhooks; want 1", len(all))
	}
	h := all[0]
	if h.path != "/v1/sources/sample/webhooks" || h.body != body {
		t.Errorf("got %s\n%s\nwant\n%s", h.path, h.body, body)
	}
	for name, want := range map[string]string{
		"Content-Type":           `^application/json$`,
		"X-Shopify-Topic":        `^inventory_levels/update$`,
		"X-Shopify-Webhook-Id":   `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`,
		"X-Shopify-Triggered-At": `^2026-03-01T12:00:00Z$`,
		"X-Shopify-Shop-Domain":  `^sample-shop\.myshopify\.com$`,
		"X-Shopify-Hmac-Sha256":  "^" + regexp.QuoteMeta(sign(secret, []byte(h.body))[0].Value) + "$",
	} {
		if got := h.header.Get(name); !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("%s: %q does not match %s", name, got, want)
		}
	}
}

func TestControlsRefuse(t *testing.T) {
	e := newEdge(t, 200)
	base, client := serve(t, config(e.URL))
	for _, c := range []struct {
		name, path, fields, site string
		code                     int
	}{
		{"no variant", "/shop/restock", "quantity=5", "", 404},
		{"unknown variant", "/shop/sellout", "variant=1", "", 404},
		{"no number", "/shop/restock", "variant=1001&quantity=many", "", 422},
		{"nothing", "/shop/restock", "variant=1001&quantity=0", "", 422},
		{"less than nothing", "/shop/restock", "variant=1001&quantity=-5", "", 422},
		{"too many", "/shop/restock", "variant=1001&quantity=10001", "", 422},
		{"another site's page", "/shop/restock", "variant=1001", "cross-site", 403},
		{"a page", "/", "", "", 405},
		{"a file", "/shop.css", "", "", 405},
	} {
		t.Run(c.name, func(t *testing.T) {
			fields, err := url.ParseQuery(c.fields)
			if err != nil {
				t.Fatal(err)
			}
			req := form(t, base+c.path, fields)
			if c.site != "" {
				req.Header.Set("Sec-Fetch-Site", c.site)
			}
			resp, _ := call(t, client, req)
			if resp.StatusCode != c.code || resp.StatusCode == 405 && resp.Header.Get("Allow") != "GET, HEAD" {
				t.Errorf("got %d, Allow %q; want %d", resp.StatusCode, resp.Header.Get("Allow"), c.code)
			}
		})
	}
	if n := len(e.all()); n != 0 {
		t.Errorf("the edge heard %d webhooks of refused requests", n)
	}
}

func TestControlsAnswerJSON(t *testing.T) {
	closed := httptest.NewServer(nil)
	closed.Close()
	for _, c := range []struct {
		name       string
		edge       string
		code, said int
	}{
		{"taken", newEdge(t, 200).URL, 200, 200},
		{"refused", newEdge(t, 401).URL, 502, 401},
		{"no answer", closed.URL, 502, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			base, client := serve(t, config(c.edge))
			req := form(t, base+"/shop/restock", url.Values{"variant": {"1001"}})
			req.Header.Set("Accept", "application/json")
			resp, body := call(t, client, req)
			var a answer
			if err := json.Unmarshal([]byte(body), &a); err != nil {
				t.Fatalf("%v in %s", err, body)
			}
			if resp.StatusCode != c.code || a.Code != c.said || a.Variant != "1001" || a.Available != 5 || (a.Error != "") != (c.said == 0) {
				t.Errorf("got %d %s; want %d with code %d", resp.StatusCode, body, c.code, c.said)
			}
		})
	}
}

func TestNewRefusesHalfAConfig(t *testing.T) {
	for name, spoil := range map[string]func(*Config){
		"Source":     func(c *Config) { c.Source = "" },
		"Secret":     func(c *Config) { c.Secret = nil },
		"Sign":       func(c *Config) { c.Sign = nil },
		"EdgeURL":    func(c *Config) { c.EdgeURL = "127.0.0.1:8080" },
		"ConsoleURL": func(c *Config) { c.ConsoleURL = "ftp://127.0.0.1" },
	} {
		c := config("http://127.0.0.1:8080")
		spoil(&c)
		if _, err := New(c); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: %v", name, err)
		}
		if err := Seed(t.Context(), c); err == nil {
			t.Errorf("Seed without %s: no error", name)
		}
	}
	if h, err := New(config("http://127.0.0.1:8080")); err != nil || h == nil {
		t.Errorf("a whole one: %v", err)
	}
}
