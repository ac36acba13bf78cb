package shop

import (
	"embed"
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
)

// shopName is what the shop calls itself.
const shopName = "Kelp & Cotton"

//go:embed static
var static embed.FS

//go:embed page
var pages embed.FS

// policy lets the shop's pages use the shop's own files and nothing else; a capture is posted to the same origin.
const policy = "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// shop is the sample shop. Only its stock changes.
type shop struct {
	config   Config
	products []product
	stock    *stock
	courier  *courier
	pages    *template.Template
}

// New makes the sample shop. Its handler answers every path: the edge hands on those that it does not know itself. The
// handler may be called by many goroutines.
func New(c Config) (fasthttp.RequestHandler, error) {
	s, err := newShop(c, time.Now)
	if err != nil {
		return nil, err
	}
	return s.handle, nil
}

func newShop(c Config, now func() time.Time) (*shop, error) {
	c, err := c.normal()
	if err != nil {
		return nil, err
	}
	t, err := template.New("").Funcs(template.FuncMap{"euro": euro}).ParseFS(pages, "page/*.html")
	if err != nil {
		return nil, fmt.Errorf("reading the shop's pages: %w", err)
	}
	all := products()
	return &shop{config: c, products: all, stock: newStock(all, now), courier: newCourier(c), pages: t}, nil
}

// handle routes. Paths come decoded and without dot segments.
func (s *shop) handle(ctx *fasthttp.RequestCtx) {
	secure(&ctx.Response.Header)
	path := string(ctx.Path())
	switch handle, isProduct := strings.CutPrefix(path, "/products/"); {
	case path == "/shop/restock":
		s.post(ctx, s.restock)
	case path == "/shop/sellout":
		s.post(ctx, s.sellOut)
	case path == "/":
		s.get(ctx, s.front)
	case isProduct:
		s.get(ctx, func(ctx *fasthttp.RequestCtx) { s.product(ctx, handle) })
	default:
		s.get(ctx, func(ctx *fasthttp.RequestCtx) { s.file(ctx, path) })
	}
}

// secure sets what every answer of the shop carries.
func secure(h *fasthttp.ResponseHeader) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
}

// get lets reading through.
func (s *shop) get(ctx *fasthttp.RequestCtx, h fasthttp.RequestHandler) {
	if !ctx.IsGet() && !ctx.IsHead() {
		s.wrongMethod(ctx, "GET, HEAD")
		return
	}
	h(ctx)
}

// post refuses what another site's page sends: nobody but the shop's own pages (and programs) works its controls.
func (s *shop) post(ctx *fasthttp.RequestCtx, h fasthttp.RequestHandler) {
	switch {
	case !ctx.IsPost():
		s.wrongMethod(ctx, "POST")
	case string(ctx.Request.Header.Peek("Sec-Fetch-Site")) == "cross-site":
		s.fail(ctx, fasthttp.StatusForbidden, "These controls only work from the shop's own pages.")
	default:
		h(ctx)
	}
}

func (s *shop) wrongMethod(ctx *fasthttp.RequestCtx, allow string) {
	s.fail(ctx, fasthttp.StatusMethodNotAllowed, "This address takes "+allow+" only.")
	ctx.Response.Header.Set("Allow", allow)
}

// file serves the embedded files under their own names: /shop.css, /shop.js, /images/tee.svg.
func (s *shop) file(ctx *fasthttp.RequestCtx, path string) {
	body, err := static.ReadFile("static" + path)
	if err != nil {
		s.notFound(ctx)
		return
	}
	ctx.Response.Header.Set("Cache-Control", "public, max-age=300")
	ctx.SetContentType(contentType(path))
	ctx.SetBody(body)
}

func contentType(path string) string {
	switch {
	case strings.HasSuffix(path, ".css"):
		return "text/css; charset=utf-8"
	case strings.HasSuffix(path, ".js"):
		return "text/javascript; charset=utf-8"
	default:
		return "image/svg+xml"
	}
}
