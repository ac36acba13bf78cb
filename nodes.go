package main

import (
	"context"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"restock/core"
	"restock/core/cli"
	"restock/core/node"
	"restock/edge"
)

// common are settings of every node.
type common struct {
	Data          string      `help:"Folder that keeps everything." default:"restock-data" type:"path"`
	NATS          string      `name:"nats" help:"URL of a NATS server or cluster with JetStream and sync_always; none: one in this process." placeholder:"URL"`
	MetricsListen string      `help:"Where /healthz, /readyz and /metrics answer." default:"127.0.0.1:8082"`
	EncryptionKey core.Secret `help:"Where the key is that encrypts state, embedded journal and waitlist on disk, as env:NAME or file:PATH: 32, 48 or 64 hexadecimal digits. The inbox is not encrypted." placeholder:"REF"`
	LogLevel      slog.Level  `help:"debug, info, warn or error." default:"info"`
}

// key is what a node's folder is encrypted with; nil when nothing is.
func (c common) key(folder string) ([]byte, error) {
	text, err := node.ResolveSecret(c.EncryptionKey)
	if err != nil {
		return nil, fmt.Errorf("%w: encryption-key: %w", cli.ErrSettings, err)
	}
	key, err := hex.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("%w: encryption-key: want hexadecimal digits", cli.ErrSettings)
	}
	return cli.DiskKey(filepath.Join(c.Data, folder), key)
}

func (c common) log() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: c.LogLevel}))
}

// edgeSettings are an edge's own.
type edgeSettings struct {
	EdgeListen    string   `help:"Where shoppers, shops and mail programs are answered." default:"127.0.0.1:8080"`
	Proxies       []string `help:"Addresses and networks of proxies in front, whose X-Forwarded-For is believed." placeholder:"CIDR"`
	ProxyProtocol bool     `help:"Those proxies speak the PROXY protocol; nobody else may connect."`
	ClientLimit   int      `help:"Captures a minute from one client address; 0: any number." default:"60"`
	SourceLimit   int      `help:"Captures a minute for one data source; 0: any number." default:"600000"`
	AddressLimit  int      `help:"Captures an hour for one e-mail address or phone number; 0: any number." default:"30"`
	WebhookLimit  int      `help:"Webhooks a minute from one client address; 0: any number." default:"6000"`
	LinkLimit     int      `help:"Unsubscribes a minute from one client address; 0: any number." default:"600"`
	TLSCert       string   `name:"tls-cert" help:"Certificate file, when no proxy in front ends TLS." type:"path"`
	TLSKey        string   `name:"tls-key" help:"Its key file." type:"path"`
}

func (s edgeSettings) settings(c common) (edge.Config, error) {
	key, err := c.key("edge")
	if err != nil {
		return edge.Config{}, err
	}
	e := edge.Config{Data: filepath.Join(c.Data, "edge"), Key: key, Listen: s.EdgeListen, NATS: c.NATS, Log: c.log().With("node", "edge"),
		Proxies: s.Proxies, ProxyProtocol: s.ProxyProtocol, Limits: edge.Limits{Client: s.ClientLimit, Source: s.SourceLimit, Address: s.AddressLimit, Webhook: s.WebhookLimit, Link: s.LinkLimit},
	}
	if s.TLSCert == "" && s.TLSKey == "" {
		return e, nil
	}
	pair, err := tls.LoadX509KeyPair(s.TLSCert, s.TLSKey)
	if err != nil {
		return e, fmt.Errorf("%w: tls-cert and tls-key: %w", cli.ErrSettings, err)
	}
	e.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	return e, nil
}

// coreSettings are a core node's own.
type coreSettings struct {
	CoreListen string   `help:"Where console and API answer operators; private." default:"127.0.0.1:8081"`
	Workspace  []string `help:"Workspaces that this node runs." default:"default"`
	PublicURL  string   `name:"public-url" help:"URL under which shoppers reach the edges; links in messages begin with it." default:"http://127.0.0.1:8080"`
	TextURL    string   `name:"text-url" help:"The same for links in texts: a shorter name that leads to the edges as well; none: the public URL." placeholder:"URL"`
	NATSListen string   `name:"nats-listen" help:"Where the embedded server takes edges of other processes and machines." placeholder:"HOST:PORT"`
	NATSToken  string   `name:"nats-token" help:"Token that those edges give, as nats://TOKEN@host:port."`
	Replicas   int      `help:"Copies of journals and buckets: 1, or 3 on a cluster." default:"1"`
	NodeName   string   `help:"Name of this node in the journal; none: the machine's."`
}

func (s coreSettings) node(c common) (node.Config, error) {
	key, err := c.key("core")
	if err != nil {
		return node.Config{}, err
	}
	n := node.Config{
		Data: filepath.Join(c.Data, "core"), Key: key, Listen: s.CoreListen, NATS: c.NATS, NATSListen: s.NATSListen, NATSToken: s.NATSToken,
		Replicas: s.Replicas, PublicURL: s.PublicURL, TextURL: s.TextURL, Name: s.NodeName, Log: c.log().With("node", "core"),
	}
	for _, w := range s.Workspace {
		n.Workspaces = append(n.Workspaces, core.WorkspaceName(w))
	}
	if n.PluginLoader, err = pluginLoader(); err != nil {
		return node.Config{}, err
	}
	if n.Name == "" {
		n.Name, _ = os.Hostname() // "" is a name as well
	}
	return n, nil
}

type edgeCommand struct {
	Run    runEdgeCommand    `cmd:"" default:"withargs" help:"Run an edge node."`
	Resync cli.ResyncCommand `cmd:"" help:"Let a running edge send its whole waitlist again: for a core that lost some of it."`
}

type runEdgeCommand struct {
	common
	edgeSettings
}

// Run runs an edge node.
func (c *runEdgeCommand) Run(ctx context.Context) error {
	settings, err := c.settings(c.common)
	if err != nil {
		return err
	}
	if err := settings.Validate(); err != nil {
		return fmt.Errorf("%w: %w", cli.ErrSettings, err)
	}
	edge.SpareProcessor()
	e, err := edge.New(settings)
	if err != nil {
		return err
	}
	settings.Log.Info("edge is listening", "address", e.Addr())
	err = together(ctx, e.Run, operations(c.MetricsListen, []prometheus.Gatherer{e.Metrics()}, e.Ready, e))
	return errors.Join(err, e.Close())
}

type coreCommand struct {
	common
	coreSettings
}

// Run runs a core node.
func (c *coreCommand) Run(ctx context.Context) error {
	settings, err := c.node(c.common)
	if err != nil {
		return err
	}
	n, err := newCore(ctx, settings)
	if err != nil {
		return err
	}
	err = together(ctx, n.Run, operations(c.MetricsListen, []prometheus.Gatherer{n.Metrics()}, n.Ready, nil))
	return errors.Join(err, n.Close())
}

func newCore(ctx context.Context, settings node.Config) (*node.Node, error) {
	if err := settings.Validate(); err != nil {
		return nil, fmt.Errorf("%w: %w", cli.ErrSettings, err)
	}
	spareMemory()
	n, err := node.New(ctx, settings)
	if err != nil {
		return nil, err
	}
	if token := n.FirstToken(); token != "" {
		fmt.Printf("API token, shown this once: %s\nGive it to the command line as RESTOCK_TOKEN, and to the console when it asks.\n", token)
	}
	settings.Log.Info("core is listening", "address", n.Addr())
	return n, nil
}

// garbage is how much may come before it is collected, in percent of what is in use.
const garbage = 50

// spareMemory lets half as much garbage come as Go does of itself, unless GOGC says how much: nearly all that a core has in
// use are buffers of its state, which cost the collector nothing.
func spareMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
}

type serveCommand struct {
	common
	edgeSettings
	coreSettings
}

// Run runs an edge and a core node.
func (c *serveCommand) Run(ctx context.Context) error {
	settings, err := c.settings(c.common)
	if err != nil {
		return err
	}
	coreConfig, err := c.node(c.common)
	if err != nil {
		return err
	}
	if c.NATS != "" { // the journal may be away: the edge takes captures meanwhile
		if err := coreConfig.Validate(); err != nil {
			return fmt.Errorf("%w: %w", cli.ErrSettings, err)
		}
		late := &lateCore{settings: coreConfig, metrics: prometheus.NewRegistry()}
		return pair{core: late, operations: c.MetricsListen}.run(ctx, settings, nil)
	}
	n, err := newCore(ctx, coreConfig)
	if err != nil {
		return err
	}
	settings.Token = c.NATSToken
	both := pair{core: n, embedded: n.InProcess(), operations: c.MetricsListen}
	return errors.Join(both.run(ctx, settings, nil), n.Close())
}

// pair is an edge and a core node in one process.
type pair struct {
	core interface {
		Run(ctx context.Context) error
		Ready() error
		Metrics() prometheus.Gatherer
	}
	embedded   interface{ InProcessConn() (net.Conn, error) } // the journal's server in this process; nil: there is none
	operations string
}

// lateCore is a core node that is made when it runs, since it waits for a journal elsewhere.
type lateCore struct {
	settings node.Config
	metrics  *prometheus.Registry
	made     atomic.Pointer[node.Node]
}

// Run makes the node, runs it until ctx ends, and closes it.
func (l *lateCore) Run(ctx context.Context) error {
	n, err := newCore(ctx, l.settings)
	if err != nil {
		return err
	}
	l.made.Store(n)
	if all, ok := n.Metrics().(prometheus.Collector); ok { // a registry is one
		l.metrics.MustRegister(all)
	}
	return errors.Join(n.Run(ctx), n.Close())
}

// Ready says why the node does not lead yet.
func (l *lateCore) Ready() error {
	if n := l.made.Load(); n != nil {
		return n.Ready()
	}
	return errors.New("the journal cannot be reached yet; see the log for why")
}

// Metrics are the node's, once it is made.
func (l *lateCore) Metrics() prometheus.Gatherer { return l.metrics }

// run runs both until ctx ends, and begin beside them. The edge stops first, so that what it holds can still be applied.
func (p pair) run(ctx context.Context, settings edge.Config, begin func(context.Context, *edge.Node) error) error {
	if p.embedded != nil {
		settings.InProcess = p.embedded
	}
	if err := settings.Validate(); err != nil {
		return fmt.Errorf("%w: %w", cli.ErrSettings, err)
	}
	edge.SpareProcessor()
	e, err := edge.New(settings)
	if err != nil {
		return err
	}
	settings.Log.Info("edge is listening", "address", e.Addr())
	outer, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	front := func(inner context.Context) error {
		edgeContext, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(inner, cancel)()
		tasks := []func(context.Context) error{e.Run}
		if begin != nil {
			tasks = append(tasks, func(ctx context.Context) error { return begin(ctx, e) })
		}
		return together(edgeContext, tasks...)
	}
	ready := func() error { return errors.Join(e.Ready(), p.core.Ready()) }
	metrics := []prometheus.Gatherer{e.Metrics(), p.core.Metrics()}
	err = together(outer, front, p.core.Run, operations(p.operations, metrics, ready, e))
	return errors.Join(err, e.Close())
}

// together runs tasks until one ends or ctx does, then ends the others and waits for them.
func together(ctx context.Context, tasks ...func(context.Context) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error)
	for _, task := range tasks {
		go func() { ended <- task(ctx) }()
	}
	var first error
	for i := range tasks {
		err := <-ended
		if i == 0 {
			first = err
			stop()
		}
	}
	if errors.Is(first, context.Canceled) {
		return nil
	}
	return first
}

// operations serves /healthz, /readyz and /metrics, and what an operator may ask of an edge (nil: there is none here).
func operations(listen string, metrics prometheus.Gatherers, ready func() error, e *edge.Node) func(context.Context) error {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(metrics, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if err := ready(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte("ok\n"))
	})
	if e != nil {
		mux.HandleFunc("POST /resync", e.Resync)
	}
	return func(ctx context.Context) error {
		l, err := net.Listen("tcp", listen)
		if err != nil {
			return fmt.Errorf("listening for metrics: %w", err)
		}
		s := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
		defer context.AfterFunc(ctx, func() { _ = s.Close() })()
		if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return ctx.Err()
	}
}
