package edge

import (
	"github.com/valyala/fasthttp"

	"restock/core"
	"restock/core/sign"
	"restock/core/wire"
)

// maxQuery bounds the query of a provider's URL, in bytes: it is kept.
const maxQuery = 1 << 10

// servePosting takes what a sender's provider tells (bounces, delivery, STOP): verified by the scheme of the sender's kind, on
// disk before the 200, not interpreted.
func (n *Node) servePosting(ctx *fasthttp.RequestCtx, name string) {
	v := n.configuration.current.Load()
	if !v.ready {
		n.refuse(ctx, "posting", reasonNotReady, fasthttp.StatusServiceUnavailable, "this edge has no configuration yet")
		return
	}
	sender, ok := v.senders[core.Name(name)]
	scheme, known := sign.ForSender(sender.Kind)
	if !ok || !known {
		n.refuse(ctx, "posting", reasonUnknownSender, fasthttp.StatusNotFound, "there is no sender of that name whose provider posts here")
		return
	}
	if wait := n.over(n.webhooks, ctx); wait > 0 {
		n.refuseFor(ctx, "posting", reasonClientLimit, wait)
		return
	}
	n.withBody(ctx, "posting", MaxPostingBytes, func(n *Node, ctx *fasthttp.RequestCtx, body []byte) {
		n.takePosting(ctx, sender, scheme, body)
	})
}

// takePosting checks the signature, commits and answers.
func (n *Node) takePosting(ctx *fasthttp.RequestCtx, sender wire.EdgeSender, scheme sign.Provider, body []byte) {
	header := func(name string) string { return string(ctx.Request.Header.Peek(name)) }
	called, query := sender.URL, string(ctx.URI().QueryString())
	if query != "" {
		called += "?" + query
	}
	if len(query) > maxQuery || !scheme.Verify(called, sender.Secrets, header, body) {
		n.refuse(ctx, "posting", reasonSignature, fasthttp.StatusUnauthorized, "the signature or password does not fit; is it the sender's, and does the provider post to exactly the address that it was told?")
		return
	}
	e := wire.Posting{Sender: sender.Name, Query: query, Headers: forwarded(scheme.Keep(), header), Body: body, ReceivedAt: n.now()}
	if err := n.keep(sender.Workspace, e); err != nil {
		n.diskRefuses(ctx, "posting", err)
		return
	}
	n.metrics.answered("posting", fasthttp.StatusOK, reasonTaken)
	ctx.SetStatusCode(fasthttp.StatusOK)
}
