package edge

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"restock/core"
	"restock/core/sign"
	"restock/core/wire"
)

// signedWebhook is a delivery of some size to the source "shop" as it goes over the wire.
func signedWebhook(size int) string {
	body := strings.Repeat("x", size)
	scheme, _ := sign.For(core.Shopify)
	headers := "Connection: close\r\n"
	for _, h := range scheme.Sign([]byte("s3cret-s3cret"), []byte(body)) {
		headers += h.Name + ": " + h.Value + "\r\n"
	}
	return post("/v1/sources/shop/webhooks", headers, body)
}

// TestMemoryForBodiesIsBounded: who sends much and does not end it makes others that send much try again, and nobody else.
func TestMemoryForBodiesIsBounded(t *testing.T) {
	n, address := listenEdge(t)
	n.budget.limit.Store(1 << 20)
	hog, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = hog.Close() }()
	whole := signedWebhook(4 << 20)
	if _, err := io.WriteString(hog, whole[:300<<10]); err != nil {
		t.Fatal(err)
	}
	eventually(t, "what has come takes memory", func() bool { return n.budget.taken.Load() > 256<<10 })
	if taken := n.budget.taken.Load(); taken > 1<<20 {
		t.Errorf("%d bytes are taken by what announced 4 MiB and sent 300 KiB", taken)
	}
	codes, head := exchange(t, address, signedWebhook(600<<10))
	if fmt.Sprint(codes) != "[503]" || !strings.Contains(head, "Retry-After: ") {
		t.Errorf("without memory a webhook was answered %v with\n%s", codes, head)
	}
	if codes, _ := exchange(t, address, post("/v1/captures", "Connection: close\r\n", goodCapture)); fmt.Sprint(codes) != "[202]" {
		t.Errorf("a capture was answered %v", codes)
	}
	eventually(t, "the memory comes back", func() bool { return n.budget.taken.Load() == 0 })
	if codes, _ := exchange(t, address, signedWebhook(300<<10)); fmt.Sprint(codes) != "[200]" {
		t.Errorf("with memory a webhook was answered %v", codes)
	}
	if taken := n.budget.taken.Load(); taken != 0 {
		t.Errorf("%d bytes are never given back", taken)
	}
}

// TestBodiesComeWhole, of whatever size, announced or in chunks; what is one byte too long is refused.
func TestBodiesComeWhole(t *testing.T) {
	const limit = 100_000
	var got []byte
	n := newEdge(t)
	n.config.Fallback = func(ctx *fasthttp.RequestCtx) { got = bytes.Clone(ctx.PostBody()) }
	s := n.server()
	s.Handler = func(ctx *fasthttp.RequestCtx) { n.withBody(ctx, "other", limit, (*Node).fallBack) }
	s.HeaderReceived = nil
	go func() { _ = s.Serve(n.listener) }() // ends with the listener
	for _, size := range []int{0, 1, firstBytes - 1, firstBytes, firstBytes + 1, freeBytes - 1, freeBytes, freeBytes + 1, 3*freeBytes + 7, limit, limit + 1} {
		body := strings.Repeat("0123456789", size/10+1)[:size]
		chunks := fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", size, body)
		if size == 0 {
			chunks = "0\r\n\r\n"
		}
		for _, request := range []string{
			fmt.Sprintf("POST / HTTP/1.1\r\nHost: e\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s", size, body),
			"POST / HTTP/1.1\r\nHost: e\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks,
		} {
			got = nil
			codes, _ := exchange(t, n.Addr(), request)
			if want := []int{200, 413}[size/(limit+1)]; len(codes) != 1 || codes[0] != want || want == 200 && string(got) != body {
				t.Errorf("%d bytes were answered %v and read as %d", size, codes, len(got))
			}
		}
	}
	if taken := n.budget.taken.Load(); taken != 0 {
		t.Errorf("%d bytes are never given back", taken)
	}
}

// TestLimitsOfWebhooksAndLinks: one client takes no more than its share, and is told when to try again.
func TestLimitsOfWebhooksAndLinks(t *testing.T) {
	n := newEdge(t)
	n.webhooks, n.links = newLimiter(1, time.Hour), newLimiter(1, time.Hour)
	link := wire.Link{Workspace: "default", Contact: core.ContactID{9}, Channel: core.Email}.Encode()
	page := "/u/" + n.configuration.current.Load().ring.Seal(wire.PurposeUnsubscribe, link, 0)
	for path, want := range map[string]int{"/v1/sources/shop/webhooks": 401, page: 200} {
		if r := ask(n, "POST", path, nil, "{}"); r.StatusCode() != want {
			t.Errorf("%s was answered %d, want %d", path, r.StatusCode(), want)
		}
		r := ask(n, "POST", path, nil, "{}")
		if r.StatusCode() != 429 || len(r.Header.Peek("Retry-After")) == 0 {
			t.Errorf("%s a second time was answered %d, Retry-After %q", path, r.StatusCode(), r.Header.Peek("Retry-After"))
		}
		wantProblem(t, r, "")
	}
	if r := ask(n, "GET", page, nil, ""); r.StatusCode() != 200 {
		t.Errorf("the page, which costs nothing, was answered %d", r.StatusCode())
	}
}
