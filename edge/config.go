package edge

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/valyala/fasthttp"
)

// Config is an edge node's settings.
type Config struct {
	Data          string // folder of this edge's disk
	Key           []byte // encrypts the disk; nil: nothing is encrypted
	Listen        string // host:port; the public face
	NATS          string // URL of the journal's server; unused with InProcess
	InProcess     interface{ InProcessConn() (net.Conn, error) }
	Token         string   // of the server in this process
	Proxies       []string // addresses and networks whose X-Forwarded-For is believed
	ProxyProtocol bool     // those proxies speak the PROXY protocol (v1 or v2); nobody else may connect
	Limits        Limits
	TLS           *tls.Config             // nil: TLS ends in front of the edge
	Fallback      fasthttp.RequestHandler // paths that are not the edge's own: the demo's shop; nil: 404
	Log           *slog.Logger
}

// Limits of what is taken; 0 is none.
type Limits struct {
	Client  int // captures a minute from one client address (IPv6: one /64); then 429
	Source  int // captures a minute for one data source; then 429
	Address int // captures an hour for one e-mail address or phone number; then answered like any other, and dropped
	Webhook int // webhooks a minute from one client address; then 429
	Link    int // unsubscribes a minute from one client address; then 429
}

// DefaultLimits let a family shop and a bot not. Platforms deliver for all their shops from few addresses, and mail providers
// unsubscribe for all their users from few: those two limits only keep one client from taking the whole edge.
var DefaultLimits = Limits{Client: 60, Source: 600_000, Address: 30, Webhook: 6000, Link: 600}

// Validate says what is wrong with the settings.
func (c Config) Validate() error {
	var wrong []error
	if c.Data == "" {
		wrong = append(wrong, errors.New("data: a folder is needed (--data DIR)"))
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		wrong = append(wrong, fmt.Errorf("edge-listen: want host:port: %w", err))
	}
	if c.NATS == "" && c.InProcess == nil {
		wrong = append(wrong, errors.New("nats: an edge needs the URL of the journal's server (--nats nats://host:4222)"))
	}
	if n := len(c.Key); n != 0 && n != 16 && n != 24 && n != 32 {
		wrong = append(wrong, fmt.Errorf("encryption-key: want 16, 24 or 32 bytes, have %d", n))
	}
	if _, err := parseProxies(c.Proxies); err != nil {
		wrong = append(wrong, err)
	}
	if c.ProxyProtocol && len(c.Proxies) == 0 {
		wrong = append(wrong, errors.New("proxy-protocol: say by --proxies who may speak it"))
	}
	if l := c.Limits; min(l.Client, l.Source, l.Address, l.Webhook, l.Link) < 0 {
		wrong = append(wrong, errors.New("limits: want 0 (none) or more"))
	}
	return errors.Join(wrong...)
}

// Limits of what comes from outside.
const (
	MaxCaptureBytes = 8 << 10
	MaxWebhookBytes = 4 << 20
	MaxPostingBytes = 1 << 20  // what a sender's provider tells: a bounced message comes back whole
	MaxOtherBytes   = 64 << 10 // links and pages
	maxHeaderBytes  = 16 << 10
	readTimeout     = 15 * time.Second // for a whole request
	writeTimeout    = 15 * time.Second
	idleTimeout     = 60 * time.Second
	drainTimeout    = 5 * time.Second // at shutdown, for requests under way, and then for the outbox
)
