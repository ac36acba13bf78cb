package edge

import (
	"bytes"

	"github.com/valyala/fasthttp"

	"restock/core"
	"restock/core/sign"
	"restock/core/wire"
)

// maxKeptHeader bounds each header that is forwarded with a delivery, in bytes.
const maxKeptHeader = 512

// serveWebhook takes a shop's delivery: verified by its source's scheme, on disk before the 200, not interpreted. A ping,
// which nobody signs, is answered and forgotten.
func (n *Node) serveWebhook(ctx *fasthttp.RequestCtx, name string) {
	v := n.configuration.current.Load()
	if !v.ready {
		n.refuse(ctx, "webhook", fasthttp.StatusServiceUnavailable, "this edge has no configuration yet")
		return
	}
	source, ok := v.sources[core.SourceName(name)]
	scheme, known := sign.For(source.Platform)
	if !ok || !known {
		n.refuse(ctx, "webhook", fasthttp.StatusNotFound, "there is no data source of that name")
		return
	}
	header := func(name string) string { return string(ctx.Request.Header.Peek(name)) }
	if scheme.Ping(ctx.PostBody()) {
		n.metrics.answered("ping", fasthttp.StatusOK)
		ctx.SetStatusCode(fasthttp.StatusOK)
		return
	}
	if !scheme.Verify(n.now(), source.Secrets, header, ctx.PostBody()) {
		n.refuse(ctx, "webhook", fasthttp.StatusUnauthorized, "the signature does not fit; is the source's webhook secret the one that the shop signs with, and are both clocks right?")
		return
	}
	e := wire.Webhook{Source: source.Name, Body: bytes.Clone(ctx.PostBody()), ReceivedAt: n.now()}
	for _, keep := range scheme.Keep() {
		if value := header(keep); value != "" && len(value) <= maxKeptHeader {
			e.Headers = append(e.Headers, core.Header{Name: keep, Value: value})
		}
	}
	raw, err := wire.Encode(e)
	if err == nil {
		err = n.store.Add(source.Workspace, raw)
	}
	if err != nil {
		n.diskRefuses(ctx, "webhook", err)
		return
	}
	n.metrics.answered("webhook", fasthttp.StatusOK)
	ctx.SetStatusCode(fasthttp.StatusOK)
}
