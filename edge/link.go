package edge

import (
	_ "embed"

	"github.com/valyala/fasthttp"

	"restock/core/wire"
)

//go:embed unsubscribe.html
var unsubscribePage string

//go:embed unsubscribed.html
var unsubscribedPage string

// serveUnsubscribe answers an unsubscribe link. Mail scanners follow links, so GET only shows a page with a button;
// POST, by that button or by a mail program's one click (RFC 8058), does it. Whether a token is known is not told.
func (n *Node) serveUnsubscribe(ctx *fasthttp.RequestCtx, token string) {
	ctx.SetContentType("text/html; charset=utf-8")
	ctx.Response.Header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'")
	ctx.Response.Header.Set("Referrer-Policy", "no-referrer")
	ctx.Response.Header.Set("Cache-Control", "no-store")
	if ctx.IsGet() || ctx.IsHead() {
		ctx.SetBodyString(unsubscribePage)
		return
	}
	if wait := n.over(n.links, ctx); wait > 0 {
		n.refuseFor(ctx, "unsubscribe", reasonClientLimit, wait)
		return
	}
	if err := n.unsubscribe(token); err != nil {
		n.diskRefuses(ctx, "unsubscribe", err)
		return
	}
	n.metrics.answered("unsubscribe", fasthttp.StatusOK, reasonTaken)
	ctx.SetBodyString(unsubscribedPage)
}

// unsubscribe commits the wish of whoever holds the token; a token that does not open is nobody's wish.
func (n *Node) unsubscribe(token string) error {
	now := n.now()
	payload, err := n.configuration.current.Load().ring.Open(wire.PurposeUnsubscribe, token, now)
	if err != nil {
		return nil
	}
	link, err := wire.DecodeLink(payload)
	if err != nil {
		return nil
	}
	raw, err := wire.Encode(wire.OptOut{Contact: link.Contact, Channel: link.Channel, At: now})
	if err != nil {
		return err
	}
	return n.store.Add(link.Workspace, raw)
}
