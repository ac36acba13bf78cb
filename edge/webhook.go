package edge

import (
	"github.com/valyala/fasthttp"

	"restock/core"
	"restock/core/sign"
	"restock/core/wire"
)

// maxKeptHeader bounds each header that is forwarded with a delivery, in bytes.
const maxKeptHeader = 512

// forwarded are those of a delivery's headers that go on with it.
func forwarded(names []string, header func(name string) string) (all []core.Header) {
	for _, name := range names {
		if value := header(name); value != "" && len(value) <= maxKeptHeader {
			all = append(all, core.Header{Name: name, Value: value})
		}
	}
	return all
}

// serveWebhook takes a shop's delivery: verified by its source's scheme, on disk before the 200, not interpreted. Its body
// is read when it is known whose it is to be.
func (n *Node) serveWebhook(ctx *fasthttp.RequestCtx, name string) {
	v := n.configuration.current.Load()
	if !v.ready {
		n.refuse(ctx, "webhook", reasonNotReady, fasthttp.StatusServiceUnavailable, "this edge has no configuration yet")
		return
	}
	source, ok := v.sources[core.SourceName(name)]
	scheme, known := sign.For(source.Platform)
	if !ok || !known {
		n.refuse(ctx, "webhook", reasonUnknownSource, fasthttp.StatusNotFound, "there is no data source of that name")
		return
	}
	if wait := n.over(n.webhooks, ctx); wait > 0 {
		n.refuseFor(ctx, "webhook", reasonClientLimit, wait)
		return
	}
	n.withBody(ctx, "webhook", MaxWebhookBytes, func(n *Node, ctx *fasthttp.RequestCtx, body []byte) {
		n.takeWebhook(ctx, source, scheme, body)
	})
}

// takeWebhook checks the signature, commits and answers. A ping, which nobody signs, is answered and forgotten.
func (n *Node) takeWebhook(ctx *fasthttp.RequestCtx, source wire.EdgeSource, scheme sign.Scheme, body []byte) {
	if scheme.Ping(body) {
		n.metrics.answered("ping", fasthttp.StatusOK, reasonTaken)
		ctx.SetStatusCode(fasthttp.StatusOK)
		return
	}
	header := func(name string) string { return string(ctx.Request.Header.Peek(name)) }
	if !scheme.Verify(n.now(), source.Secrets, header, body) {
		n.refuse(ctx, "webhook", reasonSignature, fasthttp.StatusUnauthorized, "the signature does not fit; is the source's webhook secret the one that the shop signs with, and are both clocks right?")
		return
	}
	e := wire.Webhook{Source: source.Name, Headers: forwarded(scheme.Keep(), header), Body: body, ReceivedAt: n.now()}
	if err := n.keep(source.Workspace, e); err != nil {
		n.diskRefuses(ctx, "webhook", err)
		return
	}
	n.metrics.answered("webhook", fasthttp.StatusOK, reasonTaken)
	ctx.SetStatusCode(fasthttp.StatusOK)
}
