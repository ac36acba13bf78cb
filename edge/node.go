package edge

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/pires/go-proxyproto"
	"github.com/valyala/fasthttp"

	"restock/core"
	"restock/core/wire"
	"restock/edge/uplink"
	"restock/edge/waitlist"
)

// Node is one edge.
type Node struct {
	config        Config
	store         *waitlist.Store
	configuration *configuration
	metrics       *metrics
	listener      net.Listener
	proxies       proxies
	begin         time.Time // limiters count from here, on the monotonic clock
	budget        budget    // for bodies
	clients       *limiter
	sources       *limiter
	addresses     *limiter
	webhooks      *limiter
	links         *limiter
	slips         *slips
	patience      time.Duration // at the end, with what is under way, and then with the outbox
	complains     seldom        // of a disk that refuses
	panics        seldom
	files         files
	pages         linkPages
}

// New opens the edge's disk and its listeners. It serves when Run is called.
func New(c Config) (*Node, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("checking edge settings: %w", err)
	}
	store, err := waitlist.Open(c.Data, c.Key, c.Log)
	if err != nil {
		return nil, err
	}
	n := &Node{
		config: c, store: store, configuration: &configuration{disk: store, log: c.Log}, begin: time.Now(),
		clients: newLimiter(c.Limits.Client, time.Minute), sources: newLimiter(c.Limits.Source, time.Minute),
		addresses: newLimiter(c.Limits.Address, time.Hour), webhooks: newLimiter(c.Limits.Webhook, time.Minute),
		links: newLimiter(c.Limits.Link, time.Minute), slips: newSlips(), patience: drainTimeout,
	}
	n.budget.limit.Store(budgetBytes)
	n.proxies, _ = parseProxies(c.Proxies) // Validate has read them
	n.metrics = newMetrics(store, &n.budget)
	if n.files, err = widgetFiles(); err == nil {
		n.pages, err = newLinkPages()
	}
	if err != nil {
		return nil, errors.Join(err, n.Close())
	}
	if err := errors.Join(n.configuration.load(), n.listen()); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return n, nil
}

func (n *Node) listen() (err error) {
	if n.listener, err = net.Listen("tcp", n.config.Listen); err != nil {
		return fmt.Errorf("listening for shoppers: %w", err)
	}
	n.listener = &patient{Listener: n.listener, log: n.config.Log}
	if n.config.ProxyProtocol {
		n.listener = &proxyproto.Listener{Listener: n.listener, ReadHeaderTimeout: readTimeout, ConnPolicy: n.proxyPolicy}
	}
	if n.config.TLS != nil {
		n.listener = tls.NewListener(n.listener, n.config.TLS)
	}
	n.listener = endings{n.listener}
	return nil
}

// proxyPolicy lets only proxies that are believed connect, and wants their header.
func (n *Node) proxyPolicy(o proxyproto.ConnPolicyOptions) (proxyproto.Policy, error) {
	if n.proxies.hold(addrOf(o.Upstream)) {
		return proxyproto.REQUIRE, nil
	}
	return proxyproto.REJECT, proxyproto.ErrInvalidUpstream // the connection is closed
}

// Addr is where the edge listens.
func (n *Node) Addr() string { return n.listener.Addr().String() }

// Close ends what New opened and syncs the disk.
func (n *Node) Close() error {
	if n.listener != nil {
		_ = n.listener.Close() // Run may have closed it already
	}
	return n.store.Close()
}

// Run serves until ctx ends: then it stops listening, finishes what is under way, and gives the outbox a moment to drain.
func (n *Node) Run(ctx context.Context) error {
	var tasks sync.WaitGroup
	up, stopUplink := context.WithCancel(context.Background())
	tasks.Go(func() {
		uplink.New(uplink.Config{URL: n.config.NATS, InProcess: n.config.InProcess, Token: n.config.Token, NotOurs: waitlist.ErrNotOurs, Log: n.config.Log}, n.store, n.configuration).Run(up)
	})
	public := n.server()
	failed := make(chan error, 1)
	go func() { failed <- public.Serve(n.listener) }()
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	n.allow(func(stop context.Context) { _ = public.ShutdownWithContext(stop) }) // who comes later is refused once the disk is closed
	n.allow(n.drain)
	stopUplink()
	tasks.Wait()
	return err
}

// allow gives a part of the end its time. Each has its own: a client that never finishes takes none from the outbox.
func (n *Node) allow(do func(context.Context)) {
	ctx, cancel := context.WithTimeout(context.Background(), n.patience)
	defer cancel()
	do(ctx)
}

// drain waits for the core to have applied what is here; what remains is sent after the next start.
func (n *Node) drain(ctx context.Context) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for n.store.Pending() > 0 {
		select {
		case <-tick.C:
		case <-ctx.Done():
			n.config.Log.Info("entries remain in the outbox; they are sent after the next start", "entries", n.store.Pending())
			return
		}
	}
}

func (n *Node) server() *fasthttp.Server {
	return &fasthttp.Server{
		Handler:            n.guard(n.route),
		ErrorHandler:       func(ctx *fasthttp.RequestCtx, err error) { n.refuseUnread(ctx, "unread", err) },
		HeaderReceived:     announced,
		ExpectHandler:      n.invite,
		StreamRequestBody:  true, // beyond a prefix of 8 KiB: who answers reads it, within the budget
		ReadTimeout:        readTimeout,
		WriteTimeout:       writeTimeout,
		IdleTimeout:        idleTimeout,
		Concurrency:        connections(),
		MaxRequestBodySize: MaxWebhookBytes,

		DisablePreParseMultipartForm: true, // it reads whole bodies, whatever their limit
		ReadBufferSize:               maxHeaderBytes,
		NoDefaultServerHeader:        true,
		CloseOnShutdown:              true,
		Logger:                       quiet{},
	}
}

// quiet drops fasthttp's own lines: they repeat what strangers sent.
type quiet struct{}

func (quiet) Printf(string, ...any) {}

// guard keeps a panic of one request from ending the process. It says where, but not for each of many alike.
func (n *Node) guard(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		defer func() {
			if p := recover(); p != nil {
				if n.panics.due() {
					n.config.Log.Error("answering a request panicked", "panic", p, "path", string(ctx.Path()), "stack", string(debug.Stack()))
				}
				ctx.Response.Reset()
				n.refuse(ctx, "panic", reasonPanic, fasthttp.StatusInternalServerError, "")
			}
		}()
		next(ctx)
	}
}

// route finds who answers.
func (n *Node) route(ctx *fasthttp.RequestCtx) {
	path := string(ctx.Path())
	if ctx.Request.Header.ContentLength() > bodyLimit(path) {
		n.refuseUnread(ctx, kindOf(path), fasthttp.ErrBodyTooLarge)
		return
	}
	if path == "/v1/captures" {
		n.method(ctx, n.serveCapture)
		return
	}
	if source, ok := within(path, "/v1/sources/", "/webhooks"); ok {
		n.method(ctx, func(ctx *fasthttp.RequestCtx) { n.serveWebhook(ctx, source) })
		return
	}
	if sender, ok := within(path, "/v1/providers/", "/events"); ok {
		n.method(ctx, func(ctx *fasthttp.RequestCtx) { n.servePosting(ctx, sender) })
		return
	}
	if token, ok := within(path, "/u/", ""); ok && (ctx.IsGet() || ctx.IsHead() || ctx.IsPost()) {
		n.link(ctx, "unsubscribe", token, n.serveUnsubscribe)
		return
	}
	if token, ok := within(path, "/c/", ""); ok && (ctx.IsGet() || ctx.IsHead() || ctx.IsPost()) {
		n.link(ctx, "confirm", token, n.serveConfirm)
		return
	}
	if token, ok := within(path, "/r/", ""); ok && (ctx.IsGet() || ctx.IsHead()) {
		n.link(ctx, "click", token, n.serveClick)
		return
	}
	if strings.HasPrefix(path, "/widget") && n.serveWidget(ctx, path) {
		return
	}
	if n.config.Fallback != nil && !strings.HasPrefix(path, "/v1/") {
		n.withBody(ctx, "other", MaxOtherBytes, (*Node).fallBack)
		return
	}
	answerProblem(ctx, fasthttp.StatusNotFound, "there is nothing at this address")
}

// fallBack hands over what is not the edge's own.
func (n *Node) fallBack(ctx *fasthttp.RequestCtx, body []byte) {
	ctx.Request.SetBodyRaw(body)
	n.config.Fallback(ctx)
	ctx.Request.ResetBody() // the bytes are not the request's
}

// kindOf is what metrics call requests to a path.
func kindOf(path string) string {
	switch bodyLimit(path) {
	case MaxCaptureBytes:
		return "capture"
	case MaxWebhookBytes:
		return "webhook"
	case MaxPostingBytes:
		return "posting"
	}
	return "other"
}

// within is the one path element between prefix and suffix.
func within(path, prefix, suffix string) (string, bool) {
	rest, ok := strings.CutPrefix(path, prefix)
	rest, ok2 := strings.CutSuffix(rest, suffix)
	return rest, ok && ok2 && rest != "" && !strings.Contains(rest, "/")
}

// method lets POST through, and answers a browser that asks before it posts JSON.
func (n *Node) method(ctx *fasthttp.RequestCtx, post fasthttp.RequestHandler) {
	switch {
	case ctx.IsPost():
		post(ctx)
	case ctx.IsOptions():
		n.preflight(ctx)
	default:
		ctx.Response.Header.Set("Allow", "POST, OPTIONS")
		answerProblem(ctx, fasthttp.StatusMethodNotAllowed, "use POST")
	}
}

// preflight allows any origin to ask; the POST itself is checked against its source's origins.
func (n *Node) preflight(ctx *fasthttp.RequestCtx) {
	anyOrigin(ctx)
	ctx.Response.Header.Set("Access-Control-Allow-Methods", "POST")
	ctx.Response.Header.Set("Access-Control-Allow-Headers", "Content-Type")
	ctx.Response.Header.Set("Access-Control-Max-Age", "86400")
	ctx.SetStatusCode(fasthttp.StatusNoContent)
}

// refuse answers a problem and counts it.
func (n *Node) refuse(ctx *fasthttp.RequestCtx, kind string, why reason, status int, detail string, fields ...core.FieldError) {
	n.metrics.answered(kind, status, why)
	answerProblem(ctx, status, detail, fields...)
}

// keep commits an entry.
func (n *Node) keep(w core.WorkspaceName, e wire.Entry) error {
	raw, err := wire.Encode(e)
	if err != nil {
		return err
	}
	return n.store.Add(w, raw)
}

// diskRefuses answers what could not be committed: nothing was acknowledged, the sender may try again.
func (n *Node) diskRefuses(ctx *fasthttp.RequestCtx, kind string, err error) {
	if !errors.Is(err, waitlist.ErrClosed) && n.complains.due() {
		n.config.Log.Error("committing failed; captures and webhooks are answered with 503", "kind", kind, "error", err)
	}
	ctx.Response.Header.Set("Retry-After", "5")
	n.refuse(ctx, kind, reasonDisk, fasthttp.StatusServiceUnavailable, "this edge cannot keep anything right now; try again")
}

func (n *Node) now() core.Time { return core.TimeOf(time.Now()) }
