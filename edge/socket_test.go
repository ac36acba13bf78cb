package edge

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"
)

// listenEdge serves an edge on loopback and returns its address. Its time-outs are short, so that being slow shows.
func listenEdge(t *testing.T) (*Node, string) {
	t.Helper()
	n := newEdge(t)
	s := n.server()
	s.ReadTimeout, s.IdleTimeout = 300*time.Millisecond, 300*time.Millisecond
	go func() { _ = s.Serve(n.listener) }() // ends with Shutdown
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = s.ShutdownWithContext(ctx) // what hangs is cut
	})
	return n, n.Addr()
}

// exchange sends bytes as they are and returns the status codes of all answers until the edge hangs up or stays silent.
func exchange(t *testing.T, address, request string) (codes []int, head string) {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, request); err != nil {
		return nil, ""
	}
	r := bufio.NewReader(c)
	for {
		var answer fasthttp.Response
		if err := answer.Read(r); err != nil {
			return codes, head
		}
		codes = append(codes, answer.StatusCode())
		head += answer.Header.String()
	}
}

func post(path, headers, body string) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: edge\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s", path, headers, len(body), body)
}

const goodCapture = `{"source":"shop","variant":"1001","email":"ann@example.com"}`

// TestRawSockets is what no well-behaved client sends.
func TestRawSockets(t *testing.T) {
	capture := post("/v1/captures", "", goodCapture)
	for _, c := range []struct {
		name, request string
		want          string // status codes in order
		kept          int
	}{
		{"three requests at once", capture + capture + capture, "[202 202 202]", 3},
		{"a length and chunks: what stands behind is never a request of its own",
			"POST /v1/captures HTTP/1.1\r\nHost: edge\r\nContent-Type: application/json\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + capture, "", 0},
		{"two lengths", "POST /v1/captures HTTP/1.1\r\nHost: edge\r\nContent-Length: 4\r\nContent-Length: 70\r\n\r\n" + goodCapture, "[400]", 0},
		{"a negative length", "POST /v1/captures HTTP/1.1\r\nHost: edge\r\nContent-Length: -1\r\n\r\n" + goodCapture, "[400]", 0},
		{"a capture of 9 KiB is refused before it is read", post("/v1/captures", "", strings.Repeat("x", 9<<10)), "[413]", 0},
		{"a webhook of 5 MiB", "POST /v1/sources/shop/webhooks HTTP/1.1\r\nHost: edge\r\nContent-Length: 5242880\r\n\r\n{", "[413]", 0},
		{"a body that is too large is not asked for", "POST /v1/captures HTTP/1.1\r\nHost: edge\r\nExpect: 100-continue\r\nContent-Length: 900000\r\n\r\n", "[413]", 0},
		{"a webhook of nobody's is not waited for", "POST /v1/sources/nowhere/webhooks HTTP/1.1\r\nHost: edge\r\nContent-Length: 4000000\r\n\r\n" + strings.Repeat("x", 9<<10), "[404]", 0},
		{"a webhook that ends early", "POST /v1/sources/shop/webhooks HTTP/1.1\r\nHost: edge\r\nContent-Length: 4000000\r\n\r\n" + strings.Repeat("x", 9<<10), "[408]", 0},
		{"chunks beyond 8 KiB", "POST /v1/captures HTTP/1.1\r\nHost: edge\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" +
			fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", 9<<10, strings.Repeat("x", 9<<10)), "[413]", 0},
		{"a form in parts is read within the limit as well", "POST /u/x HTTP/1.1\r\nHost: edge\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 100000\r\n\r\n--b\r\n", "[413]", 0},
		{"anything else over 64 KiB", post("/u/x", "", strings.Repeat("x", 65<<10)), "[413]", 0},
		{"headers of 20 KiB", post("/v1/captures", "X-Big: "+strings.Repeat("x", 20<<10)+"\r\n", goodCapture), "[431]", 0},
		{"no HTTP", "hello\r\n\r\n", "[400]", 0},
		{"chunks", "POST /v1/captures HTTP/1.1\r\nHost: edge\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" +
			fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(goodCapture), goodCapture), "[202]", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, address := listenEdge(t)
			codes, head := exchange(t, address, c.request)
			if got := fmt.Sprint(codes); c.want != "" && got != c.want {
				t.Errorf("answered %s, want %s", got, c.want)
			}
			if got := len(kept(t, n)); got != c.kept {
				t.Errorf("kept %d captures, want %d (answered %v)", got, c.kept, codes)
			}
			if strings.Contains(strings.ToLower(head), "server:") {
				t.Errorf("names what serves:\n%s", head)
			}
		})
	}
}

// TestABodyThatIsCutOff is none, wherever its connection ended: half an address is another one's. What came whole is taken,
// though its sender has hung up behind it.
func TestABodyThatIsCutOff(t *testing.T) {
	const form = "source=shop&variant=1001&email=ann@example.com"
	begin := "POST /v1/captures HTTP/1.1\r\nHost: edge\r\nContent-Type: application/x-www-form-urlencoded\r\n"
	chunks := fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n3\r\n.ar\r\n0\r\n\r\n", len(form), form)
	length := fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(form), form)
	for name, protect := range map[string]*tls.Config{"plain": nil, "TLS": selfSigned(t)} {
		t.Run(name, func(t *testing.T) {
			n := serveEdge(t, protect)
			for _, rest := range []string{chunks, length} {
				for cut := len(rest) - len(form)/2; cut <= len(rest); cut++ {
					want := "[400]"
					if cut == len(rest) {
						want = "[202]"
					}
					if got := fmt.Sprint(hangUp(t, n.Addr(), protect != nil, begin+rest[:cut])); got != want {
						t.Errorf("cut off behind %q: answered %s, want %s", rest[:cut], got, want)
					}
				}
			}
			if got := len(kept(t, n)); got != 2 {
				t.Errorf("kept %d captures, want 2", got)
			}
		})
	}
}

// serveEdge serves an edge on loopback, with TLS if told so.
func serveEdge(t *testing.T, protect *tls.Config) *Node {
	t.Helper()
	n, err := New(Config{Data: t.TempDir(), Listen: "127.0.0.1:0", InProcess: noJournal{}, TLS: protect, Log: discard})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.Close() })
	configureShop(t, n)
	go func() { _ = n.server().Serve(n.listener) }() // ends with Close
	return n
}

// hangUp sends bytes, ends its side of the connection and returns the status codes of the answers.
func hangUp(t *testing.T, address string, secure bool, request string) (codes []int) {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if secure {
		c = tls.Client(c, &tls.Config{InsecureSkipVerify: true}) // to ourselves
	}
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	if err := c.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	for r := bufio.NewReader(c); ; {
		var answer fasthttp.Response
		if err := answer.Read(r); err != nil {
			return codes
		}
		codes = append(codes, answer.StatusCode())
	}
}

// selfSigned is TLS as a server speaks it that nobody vouches for.
func selfSigned(t *testing.T) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

// TestSlowClientsAreCut: headers or a body that never end hold no connection beyond the time-out, and nobody else waits.
func TestSlowClientsAreCut(t *testing.T) {
	n, address := listenEdge(t)
	for _, c := range []struct{ name, begin string }{
		{"headers that never end", "POST /v1/captures HTTP/1.1\r\nHost: edge\r\nX-Slow: "},
		{"a body that never ends", "POST /v1/captures HTTP/1.1\r\nHost: edge\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"},
		{"nothing at all", ""},
	} {
		done := make(chan []int, 1)
		go func() {
			codes, _ := exchange(t, address, c.begin) // returns when the edge hangs up
			done <- codes
		}()
		if codes, _ := exchange(t, address, post("/v1/captures", "Connection: close\r\n", goodCapture)); fmt.Sprint(codes) != "[202]" {
			t.Errorf("%s: another client was answered %v", c.name, codes)
		}
		select {
		case codes := <-done:
			if len(codes) > 0 && codes[0] != 408 && codes[0] != 400 {
				t.Errorf("%s was answered %v", c.name, codes)
			}
		case <-time.After(9 * time.Second):
			t.Errorf("%s still holds its connection", c.name)
		}
	}
	if got := len(kept(t, n)); got != 3 {
		t.Errorf("kept %d captures, want 3", got)
	}
}

// TestProxyProtocol: the client is whom the proxy names; who is no proxy may not connect, and a proxy must say whom.
func TestProxyProtocol(t *testing.T) {
	for _, c := range []struct {
		name, proxies, header string
		want                  string
	}{
		{"a proxy", "127.0.0.1", "PROXY TCP4 203.0.113.9 127.0.0.1 4711 8080\r\n", "[202]"},
		{"a proxy that does not say", "127.0.0.1", "", "[]"},
		{"nobody's proxy, without a word", "10.0.0.0/8", "", "[]"},
		{"nobody's proxy", "10.0.0.0/8", "PROXY TCP4 203.0.113.9 127.0.0.1 4711 8080\r\n", "[]"},
	} {
		config := Config{Data: t.TempDir(), Listen: "127.0.0.1:0", InProcess: noJournal{}, Proxies: []string{c.proxies}, ProxyProtocol: true, Log: discard}
		n, err := New(config)
		if err != nil {
			t.Fatal(err)
		}
		configureShop(t, n)
		s := n.server()
		s.ReadTimeout = 500 * time.Millisecond
		go func() { _ = s.Serve(n.listener) }() // ends with Close
		codes, _ := exchange(t, n.listener.Addr().String(), c.header+post("/v1/captures", "Connection: close\r\n", goodCapture))
		got := fmt.Sprint(codes)
		if got == "[400]" {
			got = "[]" // refused with a word is refused
		}
		if got != c.want {
			t.Errorf("%s: answered %s, want %s", c.name, got, c.want)
		}
		entries := kept(t, n)
		if c.want == "[202]" && (len(entries) != 1 || ipOf(entries[0]) != "203.0.113.9") {
			t.Errorf("%s: kept %+v", c.name, entries)
		}
		if c.want == "[]" && len(entries) != 0 {
			t.Errorf("%s: kept %+v", c.name, entries)
		}
		_ = n.Close()
	}
}
