package edge

import (
	"net"
	"net/netip"
	"testing"

	"github.com/valyala/fasthttp"
)

// FuzzHeaders: whatever stands in the headers that are read here, nothing panics, only named proxies are believed, and an
// answer is in an encoding that was named.
func FuzzHeaders(f *testing.F) {
	f.Add("203.0.113.9, 10.0.0.1", "gzip;q=0.5, br;q=0", `W/"a", "b"`)
	f.Add("[2001:db8::1]:443,,", "*", "*")
	f.Add(",unknown, 10.0.0.2", ";q=,br", `"`)
	believed, err := parseProxies([]string{"10.0.0.0/8"})
	if err != nil {
		f.Fatal(err)
	}
	served := newFile("text/plain", keepForEver, []byte("body"))
	served.compressAll()
	f.Fuzz(func(t *testing.T, forwarded, accept, match string) {
		for _, peer := range []string{"10.0.0.1", "198.51.100.7"} {
			var ctx fasthttp.RequestCtx
			ctx.Init(&fasthttp.Request{}, &net.TCPAddr{IP: net.ParseIP(peer)}, nil)
			ctx.Request.Header.Set("X-Forwarded-For", forwarded)
			client := believed.client(&ctx)
			if at := netip.MustParseAddr(peer); !client.IsValid() || client != at && !believed.hold(at) {
				t.Errorf("%s is taken for %s", peer, client)
			}
			_, _ = limitKey(client)
		}
		e, encoding := served.best([]byte(accept))
		if encoding != "" && !accepts([]byte(accept), encoding) {
			t.Errorf("%q is answered in %s", accept, encoding)
		}
		if matches([]byte(match), e.etag) && match == "" {
			t.Error("nothing matches an ETag")
		}
	})
}
