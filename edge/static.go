package edge

import (
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/valyala/fasthttp"

	"restock/core"
	"restock/core/wire"
	"restock/widget"
)

// How long browsers and CDNs keep what is served from memory (RFC 9111; RFC 8246 for immutable; RFC 5861).
const (
	keepForEver = "public, max-age=31536000, immutable"
	keepShortly = "public, max-age=300, stale-while-revalidate=86400"
)

// file is served from memory, in the encoding that the client likes best. It is compressed once, when it is first asked
// for, as well as can be.
type file struct {
	contentType string
	headers     []header // of every answer
	plain       encoded
	compress    sync.Once
	brotli      encoded
	gzip        encoded
}

// encoded is one representation; a strong ETag names its bytes (RFC 9110, section 8.8.3).
type encoded struct {
	body   []byte
	etag   string
	header []byte // etag as it is sent
}

// header is a line of an answer, its name in canonical form: what is sent as it is costs least.
type header struct{ name, value []byte }

var headerETag = []byte("Etag")

func newFile(contentType, keep string, body []byte) *file {
	h := core.HashOf(body)
	f := &file{contentType: contentType, plain: encoded{body: body, etag: `"` + hex.EncodeToString(h[:12])}}
	for _, line := range [][2]string{
		{"Cache-Control", keep}, {"Vary", "Accept-Encoding"}, {"Access-Control-Allow-Origin", "*"}, // for import() and integrity
		{"Cross-Origin-Resource-Policy", "cross-origin"}, {"Timing-Allow-Origin", "*"}, {"X-Content-Type-Options", "nosniff"},
	} {
		f.headers = append(f.headers, header{[]byte(line[0]), []byte(line[1])})
	}
	return f
}

// storefront is the platform whose pages a source's widget stands on: the source's own, where the widget has an adapter for
// it. Others, such as sources that any shop may push to, say nothing about the pages: their loader finds out.
func storefront(p core.Platform) string {
	switch p {
	case core.Shopify, "woocommerce":
		return string(p)
	}
	return ""
}

// newLoader is the script that pages embed, with a source's configuration.
func newLoader(s wire.EdgeSource) (*file, error) {
	c := widget.Config{
		Source: string(s.Name), Platform: storefront(s.Platform), Region: s.Region, Marketing: s.Widget.Marketing, Quantity: s.Widget.Quantity,
		Any: s.Widget.Any, Privacy: s.Widget.Privacy, Theme: s.Widget.Theme, PushKey: s.Widget.PushKey, PushWorker: s.Widget.Worker,
	}
	for _, ch := range s.Widget.Channels {
		if ch == core.SMS {
			ch = "phone"
		}
		c.Channels = append(c.Channels, string(ch))
	}
	script, err := widget.Loader(&c)
	if err != nil {
		return nil, err
	}
	return newFile(scriptType, keepShortly, script), nil
}

const scriptType = "text/javascript; charset=utf-8"

// files are the widget's, by path.
type files map[string]*file

// widgetFiles are those that no source's configuration is in.
func widgetFiles() (files, error) {
	loader, err := widget.Loader(nil)
	if err != nil {
		return nil, err
	}
	all := files{"/widget.js": newFile(scriptType, keepShortly, loader)}
	for _, f := range widget.Files() {
		all["/widget/"+widget.Version()+"/"+f.Name] = newFile(f.ContentType, keepForEver, f.Body)
		all[anyVersion+f.Name] = newFile(f.ContentType, keepShortly, f.Body)
		if f.Name == workerName {
			all[workerPath] = newFile(f.ContentType, keepShortly, f.Body)
		}
	}
	return all, nil
}

// The worker for Web Push has a path of its own, whatever the version: a shop's worker imports it by one line that never changes.
const (
	workerName = "worker.js"
	workerPath = "/widget-worker.js"
)

// anyVersion stands before a file's name for all versions that this edge does not have; no path begins like it.
const anyVersion = "*"

// find is the file at a path; nil when there is none. A version of before an upgrade, or of an edge that is ahead of this
// one, has the files of this one, which nobody keeps for long under its name.
func (f files) find(path string) *file {
	if found := f[path]; found != nil {
		return found
	}
	rest, _ := strings.CutPrefix(path, "/widget/")
	version, name, ok := strings.Cut(rest, "/")
	if !ok || len(version) != len(widget.Version()) || strings.Trim(version, "0123456789abcdef") != "" {
		return nil
	}
	return f[anyVersion+name]
}

// serveWidget answers a path of the widget; false when there is nothing there.
func (n *Node) serveWidget(ctx *fasthttp.RequestCtx, path string) bool {
	f := n.files.find(path)
	if name, ok := within(path, "/widget/", ".js"); ok && f == nil {
		f = n.configuration.current.Load().loaders[core.SourceName(name)]
	}
	if f == nil {
		return false
	}
	if !ctx.IsGet() && !ctx.IsHead() {
		ctx.Response.Header.Set("Allow", "GET, HEAD")
		answerProblem(ctx, fasthttp.StatusMethodNotAllowed, "use GET")
		return true
	}
	f.serve(ctx)
	return true
}

// serve answers with the best representation, or with 304 when the client has it.
func (f *file) serve(ctx *fasthttp.RequestCtx) {
	f.compress.Do(f.compressAll)
	h := &ctx.Response.Header
	for i := range f.headers {
		h.SetCanonical(f.headers[i].name, f.headers[i].value)
	}
	e, encoding := f.best(listOf(ctx, "Accept-Encoding"))
	h.SetCanonical(headerETag, e.header)
	if matches(listOf(ctx, "If-None-Match"), e.etag) {
		ctx.SetStatusCode(fasthttp.StatusNotModified)
		return
	}
	h.SetContentType(f.contentType)
	if encoding != "" {
		h.SetContentEncoding(encoding)
	}
	ctx.Response.SetBodyRaw(e.body)
}

// listOf is a header's list, which may stand in several lines (RFC 9110, section 5.3).
func listOf(ctx *fasthttp.RequestCtx, name string) []byte {
	all := ctx.Request.Header.PeekAll(name)
	if len(all) == 1 {
		return all[0]
	}
	return bytes.Join(all, []byte(","))
}

// compressAll makes the other representations; each has an ETag of its own.
func (f *file) compressAll() {
	var b, g bytes.Buffer
	bw := brotli.NewWriterLevel(&b, brotli.BestCompression)
	_, _ = bw.Write(f.plain.body) // into memory: cannot fail
	_ = bw.Close()
	gw, _ := gzip.NewWriterLevel(&g, gzip.BestCompression) // a level that there is
	_, _ = gw.Write(f.plain.body)
	_ = gw.Close()
	f.brotli = named(b.Bytes(), f.plain.etag+`-br"`)
	f.gzip = named(g.Bytes(), f.plain.etag+`-gz"`)
	f.plain = named(f.plain.body, f.plain.etag+`"`)
}

func named(body []byte, etag string) encoded { return encoded{body, etag, []byte(etag)} }

// best chooses among what the client accepts (RFC 9110, section 12.5.3): the smallest, whatever the order or weight.
func (f *file) best(accepted []byte) (e *encoded, encoding string) {
	switch {
	case accepts(accepted, "br"):
		return &f.brotli, "br"
	case accepts(accepted, "gzip"):
		return &f.gzip, "gzip"
	}
	return &f.plain, ""
}

// accepts says whether a list of codings names one with a weight above zero.
func accepts(list []byte, coding string) bool {
	for part := range bytes.SplitSeq(list, []byte(",")) {
		name, weight, _ := bytes.Cut(part, []byte(";"))
		if strings.EqualFold(string(bytes.TrimSpace(name)), coding) {
			weight = bytes.TrimPrefix(bytes.ToLower(bytes.TrimSpace(weight)), []byte("q="))
			return len(weight) == 0 || len(bytes.Trim(weight, "0.")) > 0
		}
	}
	return false
}

// matches says whether a client has what an ETag names: the list may hold it as weak, since a 304 needs no more (RFC 9110,
// section 13.1.2).
func matches(list []byte, etag string) bool {
	for part := range bytes.SplitSeq(list, []byte(",")) {
		tag := bytes.TrimPrefix(bytes.TrimSpace(part), []byte("W/"))
		if string(tag) == etag || string(tag) == "*" {
			return true
		}
	}
	return false
}
