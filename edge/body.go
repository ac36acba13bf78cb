package edge

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"

	"github.com/valyala/fasthttp"
)

// Memory for the bodies of requests, in bytes. Up to freeBytes a body belongs to its connection, of which there are only so
// many; whatever is larger takes its memory, as it comes in, from what all requests share.
const (
	freeBytes   = MaxCaptureBytes
	firstBytes  = 512 // of a body whose length is not announced
	budgetBytes = 64 << 20
)

// budget is memory that requests share. It counts what was really taken, not what was announced: who announces much and
// sends nothing takes nothing away.
type budget struct{ taken, limit atomic.Int64 }

// take is false when there is not so much left.
func (b *budget) take(n int64) bool {
	if b.taken.Add(n) > b.limit.Load() {
		b.taken.Add(-n)
		return false
	}
	return true
}

func (b *budget) give(n int64) { b.taken.Add(-n) }

// errBusy means that other requests hold all the memory there is for bodies.
var errBusy = errors.New("too much is coming in at once")

// incoming is what was read of a request's body.
type incoming struct {
	bytes  []byte
	length int   // as announced; negative: it comes in chunks
	limit  int   // more is refused
	held   int64 // bytes of the budget
	budget *budget
}

// bodies are kept to be used again; none is larger than freeBytes.
var bodies = sync.Pool{New: func() any { return new(incoming) }}

// withBody reads a request's body and has it answered by next, or refuses it. The bytes are next's until it returns.
func (n *Node) withBody(ctx *fasthttp.RequestCtx, kind string, limit int, next func(*Node, *fasthttp.RequestCtx, []byte)) {
	b := bodies.Get().(*incoming)
	defer b.release()
	b.bytes, b.length, b.limit, b.budget = b.bytes[:0], ctx.Request.Header.ContentLength(), limit, &n.budget
	if err := b.read(ctx); err != nil {
		n.refuseUnread(ctx, kind, err)
		return
	}
	next(n, ctx, b.bytes)
}

func (b *incoming) read(ctx *fasthttp.RequestCtx) error {
	stream := ctx.RequestBodyStream()
	if stream == nil { // there is none, or it is in memory already
		b.bytes = append(b.bytes, ctx.Request.Body()...)
		return b.fits()
	}
	if b.length > b.limit {
		return fasthttp.ErrBodyTooLarge
	}
	for {
		if err := b.grow(); err != nil {
			return err
		}
		n, err := stream.Read(b.bytes[len(b.bytes):cap(b.bytes)])
		b.bytes = b.bytes[:len(b.bytes)+n]
		switch {
		case errors.Is(err, io.EOF) && b.length < 0 && hasEnded(ctx.Conn()):
			return io.ErrUnexpectedEOF // before its last chunk
		case errors.Is(err, io.EOF):
			return b.fits()
		case err != nil:
			return err
		case len(b.bytes) > b.limit:
			return fasthttp.ErrBodyTooLarge
		}
	}
}

// fits is an error for a body that is too large, and for one that ended before its announced length.
func (b *incoming) fits() error {
	switch {
	case len(b.bytes) > b.limit:
		return fasthttp.ErrBodyTooLarge
	case len(b.bytes) < b.length:
		return io.ErrUnexpectedEOF
	}
	return nil
}

// grow makes room for more when there is none: twice as much, but no more than was announced.
func (b *incoming) grow() error {
	if len(b.bytes) < cap(b.bytes) {
		return nil
	}
	size := max(firstBytes, 2*cap(b.bytes))
	if b.length > 0 {
		size = min(max(size, min(b.length, freeBytes)), b.length)
	}
	size = min(size, b.limit+1) // one more shows that it is too large
	charge := int64(0)
	if size > freeBytes {
		charge = int64(size)
	}
	if !b.budget.take(charge) {
		return errBusy
	}
	b.bytes = append(make([]byte, 0, size), b.bytes...)
	b.budget.give(b.held)
	b.held = charge
	return nil
}

// release gives back what the body took.
func (b *incoming) release() {
	b.budget.give(b.held)
	if b.held = 0; cap(b.bytes) > freeBytes {
		b.bytes = nil
	}
	bodies.Put(b)
}

// bodyLimit is how many bytes a request to a path may bring.
func bodyLimit(path string) int {
	if path == "/v1/captures" {
		return MaxCaptureBytes
	}
	if _, ok := within(path, "/v1/sources/", "/webhooks"); ok {
		return MaxWebhookBytes
	}
	if _, ok := within(path, "/v1/providers/", "/events"); ok {
		return MaxPostingBytes
	}
	return MaxOtherBytes
}

// announced bounds what is read of a body before its request is looked at: nearly nothing of one that is too large.
func announced(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
	if h.ContentLength() <= min(MaxCaptureBytes, MaxOtherBytes, MaxWebhookBytes) {
		return fasthttp.RequestConfig{}
	}
	var uri fasthttp.URI
	if err := uri.Parse(nil, h.RequestURI()); err == nil && h.ContentLength() <= bodyLimit(string(uri.Path())) {
		return fasthttp.RequestConfig{}
	}
	return fasthttp.RequestConfig{MaxRequestBodySize: 1}
}

// invite answers who asks before sending a body (Expect: 100-continue; RFC 9110, section 10.1.1): one that is too large is
// not asked for.
func (n *Node) invite(ctx *fasthttp.RequestCtx) (status int) {
	path := string(ctx.Path())
	if ctx.Request.Header.ContentLength() <= bodyLimit(path) {
		return fasthttp.StatusContinue
	}
	n.refuseUnread(ctx, kindOf(path), fasthttp.ErrBodyTooLarge)
	return fasthttp.StatusRequestEntityTooLarge
}

// refuseUnread answers a request that was not read to its end, and hangs up.
func (n *Node) refuseUnread(ctx *fasthttp.RequestCtx, kind string, err error) {
	var tooLong *fasthttp.ErrSmallBuffer
	var slow net.Error
	switch {
	case errors.Is(err, fasthttp.ErrBodyTooLarge):
		n.refuse(ctx, kind, reasonTooLarge, fasthttp.StatusRequestEntityTooLarge, "the body is too large")
	case errors.Is(err, errBusy):
		ctx.Response.Header.Set("Retry-After", "5")
		n.refuse(ctx, kind, reasonBusy, fasthttp.StatusServiceUnavailable, "too much is coming in at once; try again in a moment")
	case errors.As(err, &tooLong):
		n.refuse(ctx, kind, reasonTooLarge, fasthttp.StatusRequestHeaderFieldsTooLarge, "the headers are too large")
	case errors.As(err, &slow) && slow.Timeout():
		n.refuse(ctx, kind, reasonSlow, fasthttp.StatusRequestTimeout, "the request did not come in time")
	default:
		n.refuse(ctx, kind, reasonMalformed, fasthttp.StatusBadRequest, "the request could not be read")
	}
	ctx.SetConnectionClose()
}
