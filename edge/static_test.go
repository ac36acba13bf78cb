package edge

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/valyala/fasthttp"

	"restock/core"
	"restock/core/wire"
	"restock/widget"
)

func get(n *Node, path string, headers ...string) *fasthttp.Response {
	all := map[string]string{}
	for i := 0; i < len(headers); i += 2 {
		all[headers[i]] = headers[i+1]
	}
	return ask(n, "GET", path, all, "")
}

// body is what a client reads of an answer.
func body(t *testing.T, r *fasthttp.Response) string {
	t.Helper()
	var from io.Reader = bytes.NewReader(r.Body())
	switch encoding := string(r.Header.Peek("Content-Encoding")); encoding {
	case "br":
		from = brotli.NewReader(from)
	case "gzip":
		unzipped, err := gzip.NewReader(from)
		if err != nil {
			t.Fatal(err)
		}
		from = unzipped
	case "":
	default:
		t.Fatalf("encoded as %q", encoding)
	}
	all, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}

func TestWidgetFiles(t *testing.T) {
	n := newEdge(t)
	hashed := "/widget/" + widget.Version() + "/worker.js"
	for _, c := range []struct {
		path, accept, encoding, keep string
	}{
		{"/widget.js", "", "", keepShortly},
		{"/widget.js", "gzip, deflate, br", "br", keepShortly},
		{"/widget.js", "gzip;q=1.0, br;q=0", "gzip", keepShortly},
		{"/widget.js", "BR ; q=0.5", "br", keepShortly},
		{"/widget.js", "gzip, br;Q=0", "gzip", keepShortly},
		{"/widget.js", "zstd, identity", "", keepShortly},
		{"/widget/shop.js", "gzip", "gzip", keepShortly},
		{hashed, "br", "br", keepForEver},
		{"/widget-worker.js", "br", "br", keepShortly},
	} {
		r := get(n, c.path, "Accept-Encoding", c.accept)
		if r.StatusCode() != 200 || string(r.Header.Peek("Content-Encoding")) != c.encoding || string(r.Header.Peek("Cache-Control")) != c.keep {
			t.Errorf("%s for %q: %d, %q, %q", c.path, c.accept, r.StatusCode(), r.Header.Peek("Content-Encoding"), r.Header.Peek("Cache-Control"))
		}
		if plain := get(n, c.path); body(t, r) != string(plain.Body()) || len(plain.Body()) == 0 {
			t.Errorf("%s for %q reads otherwise than as it is", c.path, c.accept)
		}
		if string(r.Header.Peek("Vary")) != "Accept-Encoding" || string(r.Header.Peek("Access-Control-Allow-Origin")) != "*" {
			t.Errorf("%s: headers are\n%s", c.path, &r.Header)
		}
	}
	if r := get(n, "/widget/shop.js"); !strings.Contains(string(r.Body()), `"source":"shop"`) {
		t.Errorf("the source's loader holds no configuration: %.200s", r.Body())
	}
	for _, path := range []string{"/widget/nowhere.js", "/widget/0000000000000000/form.xx.js", "/widget/*/form.en.js", "/widget/000000000000000/form.en.js", "/widget/000000000000000G/form.en.js", "/widget/", "/widget/../shop.js"} {
		if r := get(n, path); r.StatusCode() != 404 {
			t.Errorf("%s answered %d, want 404", path, r.StatusCode())
		}
	}
	if r := ask(n, "POST", "/widget.js", nil, ""); r.StatusCode() != 405 || string(r.Header.Peek("Allow")) != "GET, HEAD" {
		t.Errorf("POST answered %d, Allow %q", r.StatusCode(), r.Header.Peek("Allow"))
	}
}

// TestAnOldVersionGoesOn: pages and loaders that were cached before an upgrade ask for the files of then. They get those of
// now, under a name that nobody keeps for long: under its own it is kept for ever.
func TestAnOldVersionGoesOn(t *testing.T) {
	n := newEdge(t)
	for _, f := range widget.Files() {
		r, current := get(n, "/widget/0123456789abcdef/"+f.Name), get(n, "/widget/"+widget.Version()+"/"+f.Name)
		if r.StatusCode() != 200 || !bytes.Equal(r.Body(), f.Body) || string(r.Header.Peek("Cache-Control")) != keepShortly {
			t.Errorf("%s of an old version: %d, %d bytes, %q", f.Name, r.StatusCode(), len(r.Body()), r.Header.Peek("Cache-Control"))
		}
		if string(current.Header.Peek("Cache-Control")) != keepForEver {
			t.Errorf("%s of this version is kept %q", f.Name, current.Header.Peek("Cache-Control"))
		}
	}
}

// TestETags: each representation has one of its own, and whoever names it gets no body.
func TestETags(t *testing.T) {
	n := newEdge(t)
	seen := map[string]bool{}
	for _, accept := range []string{"", "gzip", "br"} {
		etag := string(get(n, "/widget.js", "Accept-Encoding", accept).Header.Peek("ETag"))
		if seen[etag] || !strings.HasPrefix(etag, `"`) || !strings.HasSuffix(etag, `"`) || len(etag) < 20 {
			t.Errorf("%q has the ETag %s", accept, etag)
		}
		seen[etag] = true
		for _, c := range []struct {
			have   string
			status int
		}{{etag, 304}, {"W/" + etag, 304}, {`"other", ` + etag, 304}, {"*", 304}, {`"other"`, 200}, {strings.Trim(etag, `"`), 200}} {
			r := get(n, "/widget.js", "Accept-Encoding", accept, "If-None-Match", c.have)
			if r.StatusCode() != c.status || (len(r.Body()) == 0) != (c.status == 304) || string(r.Header.Peek("ETag")) != etag {
				t.Errorf("with %s: %d, %d bytes, %s", c.have, r.StatusCode(), len(r.Body()), r.Header.Peek("ETag"))
			}
		}
	}
}

// TestListsInSeveralLines: a header's list may be split, and a proxy may split it.
func TestListsInSeveralLines(t *testing.T) {
	n := newEdge(t)
	ask := func(lines ...string) *fasthttp.Response {
		var ctx fasthttp.RequestCtx
		ctx.Init(&fasthttp.Request{}, nil, nil)
		ctx.Request.SetRequestURI("/widget.js")
		for i := 0; i < len(lines); i += 2 {
			ctx.Request.Header.Add(lines[i], lines[i+1])
		}
		n.route(&ctx)
		return &ctx.Response
	}
	r := ask("Accept-Encoding", "gzip", "Accept-Encoding", "br")
	if encoding := string(r.Header.Peek("Content-Encoding")); encoding != "br" {
		t.Errorf("it is encoded as %q, want br", encoding)
	}
	if r := ask("Accept-Encoding", "br", "If-None-Match", `"other"`, "If-None-Match", string(r.Header.Peek("ETag"))); r.StatusCode() != 304 {
		t.Errorf("an ETag in the second line is answered %d, want 304", r.StatusCode())
	}
}

// TestALoaderFollowsItsSource: another configuration is another file, and a source that is gone has none.
func TestALoaderFollowsItsSource(t *testing.T) {
	n := newEdge(t)
	before := string(get(n, "/widget/shop.js").Header.Peek("ETag"))
	s := wire.EdgeSource{Name: "shop", Workspace: "default", Widget: core.Widget{Channels: []core.Channel{core.SMS, core.Email}, Marketing: true, Privacy: "https://shop.example/</script>"}}
	value, err := wire.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	configure(t, n, wire.SourceKey("shop"), value)
	r := get(n, "/widget/shop.js")
	if text := string(r.Body()); string(r.Header.Peek("ETag")) == before || !strings.Contains(text, `"channels":["phone","email"]`) || strings.Contains(text, "</script>") {
		t.Errorf("the loader is\n…%s", text[max(0, len(text)-300):])
	}
	configure(t, n, wire.SourceKey("shop"), nil)
	if r := get(n, "/widget/shop.js"); r.StatusCode() != 404 {
		t.Errorf("without its source the loader answered %d", r.StatusCode())
	}
}

// TestALoaderSuitsItsPages: a platform that says which pages the widget stands on gets the lighter loader; a source that any shop
// may push to gets the one that finds out.
func TestALoaderSuitsItsPages(t *testing.T) {
	for platform, want := range map[core.Platform]string{core.Shopify: "shopify", "woocommerce": "woocommerce", "generic": "", "feed": ""} {
		f, err := newLoader(wire.EdgeSource{Name: "shop", Platform: platform})
		if err != nil {
			t.Fatal(err)
		}
		expected, err := widget.Loader(&widget.Config{Source: "shop", Platform: want})
		if err != nil || !bytes.Equal(f.plain.body, expected) {
			t.Errorf("%s: the loader is not that for %q (%v)", platform, want, err)
		}
	}
}
