package edge

import (
	"github.com/valyala/fasthttp"

	"restock/core"
	"restock/core/sign"
	"restock/core/wire"
)

// link lets a link's answer be given, but not by an edge that cannot open any yet: who unsubscribes there would be told that it is done.
func (n *Node) link(ctx *fasthttp.RequestCtx, kind, token string, serve func(*fasthttp.RequestCtx, string)) {
	if !n.configuration.current.Load().ready {
		ctx.Response.Header.Set("Retry-After", "5")
		n.refuse(ctx, kind, reasonNotReady, fasthttp.StatusServiceUnavailable, "this edge has no configuration yet; try again")
		return
	}
	serve(ctx, token)
}

// refusesPost answers a client that posts without end. GET only shows a page, and counts for nothing.
func (n *Node) refusesPost(ctx *fasthttp.RequestCtx, kind string) bool {
	if !ctx.IsPost() {
		return false
	}
	wait := n.over(n.links, ctx)
	if wait > 0 {
		n.refuseFor(ctx, kind, reasonClientLimit, wait)
	}
	return wait > 0
}

// opensNot answers a link that does not open by the page that says so.
func (n *Node) opensNot(ctx *fasthttp.RequestCtx, kind string, code int, pages *linkPage, html string) {
	pages.show(ctx, html)
	ctx.SetStatusCode(code)
	n.metrics.answered(kind, code, reasonSignature)
}

// serveUnsubscribe answers an unsubscribe link. Mail scanners follow links, so GET only shows a page with buttons;
// POST, by one of them or by a mail program's one click (RFC 8058), does it. A link that does not open, any more or at all, says so:
// its owner would believe that messages end. The page's second button, for all messages whatever their purpose, says so in the query: the
// body is not looked at.
func (n *Node) serveUnsubscribe(ctx *fasthttp.RequestCtx, token string) {
	if n.refusesPost(ctx, "unsubscribe") {
		return
	}
	now, pages := n.now(), n.pages.of(ctx)
	link, err := readUnsubscribe(n.configuration.current.Load().ring, token, now)
	switch {
	case err != nil:
		n.opensNot(ctx, "unsubscribe", fasthttp.StatusGone, pages, pages.lost)
		return
	case !ctx.IsPost():
		pages.show(ctx, pages.unsubscribe)
		return
	}
	o := wire.OptOut{Contact: link.Contact, Channel: link.Channel, Purpose: link.Purpose, At: now}
	if ctx.QueryArgs().Has("all") {
		o.Purpose = ""
	}
	if err := n.keep(link.Workspace, o); err != nil {
		n.diskRefuses(ctx, "unsubscribe", err)
		return
	}
	n.metrics.answered("unsubscribe", fasthttp.StatusOK, reasonTaken)
	pages.show(ctx, pages.unsubscribed)
}

func readUnsubscribe(ring sign.Ring, token string, now core.Time) (wire.Link, error) {
	payload, err := ring.Open(wire.PurposeUnsubscribe, token, now)
	if err != nil {
		return wire.Link{}, err
	}
	return wire.DecodeLink(payload)
}

// serveConfirm answers a link that confirms an address: GET shows a page with a button, POST confirms. A link that does not open, any
// more or at all, says so: its owner would wait in vain.
func (n *Node) serveConfirm(ctx *fasthttp.RequestCtx, token string) {
	if n.refusesPost(ctx, "confirm") {
		return
	}
	now, pages := n.now(), n.pages.of(ctx)
	link, err := readConfirm(n.configuration.current.Load().ring, token, now)
	switch {
	case err != nil:
		n.opensNot(ctx, "confirm", fasthttp.StatusGone, pages, pages.over)
		return
	case !ctx.IsPost():
		pages.show(ctx, pages.confirm)
		return
	}
	if err := n.keep(link.Workspace, wire.Confirm{Contact: link.Contact, Channel: link.Channel, Tag: link.Tag, At: now}); err != nil {
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
		n.opensNot(ctx, "click", fasthttp.StatusNotFound, pages, pages.over)
		return
	}
	why := reasonTaken
	click.At = n.now()
	if n.over(n.links, ctx) > 0 {
		why = reasonClientLimit
	} else if !ctx.IsHead() {
		if n.keep(target.Workspace, click) != nil {
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
