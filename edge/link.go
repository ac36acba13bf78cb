package edge

import (
	"github.com/valyala/fasthttp"

	"restock/core"
	"restock/core/sign"
	"restock/core/wire"
)

// serveUnsubscribe answers an unsubscribe link. Mail scanners follow links, so GET only shows a page with buttons;
// POST, by one of them or by a mail program's one click (RFC 8058), does it. Whether a token is known is not told. The page's second
// button, for all messages whatever their purpose, says so in the query: the body is not looked at.
func (n *Node) serveUnsubscribe(ctx *fasthttp.RequestCtx, token string) {
	pages := n.pages.of(ctx)
	if !ctx.IsPost() {
		pages.show(ctx, pages.unsubscribe)
		return
	}
	if wait := n.over(n.links, ctx); wait > 0 {
		n.refuseFor(ctx, "unsubscribe", reasonClientLimit, wait)
		return
	}
	if err := n.unsubscribe(token, ctx.QueryArgs().Has("all")); err != nil {
		n.diskRefuses(ctx, "unsubscribe", err)
		return
	}
	n.metrics.answered("unsubscribe", fasthttp.StatusOK, reasonTaken)
	pages.show(ctx, pages.unsubscribed)
}

// unsubscribe commits the wish of whoever holds the token; a token that does not open is nobody's wish.
func (n *Node) unsubscribe(token string, all bool) error {
	now := n.now()
	payload, err := n.configuration.current.Load().ring.Open(wire.PurposeUnsubscribe, token, now)
	if err != nil {
		return nil
	}
	link, err := wire.DecodeLink(payload)
	if err != nil {
		return nil
	}
	o := wire.OptOut{Contact: link.Contact, Channel: link.Channel, Purpose: link.Purpose, At: now}
	if all {
		o.Purpose = ""
	}
	raw, err := wire.Encode(o)
	if err != nil {
		return err
	}
	return n.store.Add(link.Workspace, raw)
}

// serveConfirm answers a link that confirms an address: GET shows a page with a button, POST confirms. A link that does not open, any
// more or at all, says so: its owner would wait in vain.
func (n *Node) serveConfirm(ctx *fasthttp.RequestCtx, token string) {
	if wait := n.over(n.links, ctx); ctx.IsPost() && wait > 0 {
		n.refuseFor(ctx, "confirm", reasonClientLimit, wait)
		return
	}
	now, pages := n.now(), n.pages.of(ctx)
	link, err := readConfirm(n.configuration.current.Load().ring, token, now)
	switch {
	case err != nil:
		pages.show(ctx, pages.over)
		ctx.SetStatusCode(fasthttp.StatusGone)
		n.metrics.answered("confirm", fasthttp.StatusGone, reasonSignature)
		return
	case !ctx.IsPost():
		pages.show(ctx, pages.confirm)
		return
	}
	raw, err := wire.Encode(wire.Confirm{Contact: link.Contact, Channel: link.Channel, Tag: link.Tag, At: now})
	if err == nil {
		err = n.store.Add(link.Workspace, raw)
	}
	if err != nil {
		n.diskRefuses(ctx, "confirm", err)
		return
	}
	n.metrics.answered("confirm", fasthttp.StatusOK, reasonTaken)
	pages.show(ctx, pages.confirmed)
}

func readConfirm(ring sign.Ring, token string, now core.Time) (wire.Link, error) {
	payload, err := ring.Open(wire.PurposeConfirm, token, now)
	if err != nil {
		return wire.Link{}, err
	}
	return wire.DecodeConfirm(payload)
}

// serveClick leads from a message to where its link leads, which the core has told: nothing in the URL says where. The click is noted, but
// from a client that clicks without end only the first are. HEAD is no click.
func (n *Node) serveClick(ctx *fasthttp.RequestCtx, token string) {
	v := n.configuration.current.Load()
	click, err := readClick(v.ring, token)
	target, known := v.links.get(click.Link)
	if err != nil || !known {
		pages := n.pages.of(ctx)
		pages.show(ctx, pages.over)
		ctx.SetStatusCode(fasthttp.StatusNotFound)
		n.metrics.answered("click", fasthttp.StatusNotFound, reasonSignature)
		return
	}
	why := reasonTaken
	click.At = n.now()
	if n.over(n.links, ctx) > 0 {
		why = reasonClientLimit
	} else if !ctx.IsHead() {
		if raw, err := wire.Encode(click); err != nil || n.store.Add(target.Workspace, raw) != nil {
			why = reasonDisk // the shopper gets to the shop all the same
		}
	}
	n.metrics.answered("click", fasthttp.StatusFound, why)
	ctx.Response.Header.Set("Location", target.URL)
	ctx.Response.Header.Set("Cache-Control", "no-store")
	ctx.Response.Header.Set("Referrer-Policy", "no-referrer")
	ctx.SetStatusCode(fasthttp.StatusFound)
}

// readClick reads a link; those in texts are shorter than others.
func readClick(ring sign.Ring, token string) (c wire.Click, err error) {
	if len(token) == wire.BriefClick {
		payload, err := ring.OpenBrief(wire.PurposeClick, token)
		if err != nil {
			return c, err
		}
		c.Known = wire.BriefTag
		c.Link, c.Message, err = wire.DecodeBrief(payload)
		return c, err
	}
	payload, err := ring.OpenShort(wire.PurposeClick, token)
	if err != nil {
		return c, err
	}
	c.Link, c.Message, err = wire.DecodeClick(payload)
	return c, err
}
