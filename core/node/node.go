// Package node wires one core node: the only package that knows every engine, provider and store.
//
// A node runs workspaces. For each, one goroutine reads the journal and applies it to the state (workspace.go), and the
// leader's goroutines do what must happen outside the state machine and append what came of it: they move works on and
// ask plugins (leader.go, ask.go), send (send.go, render.go), read shops' APIs (reader.go), and tell edges what they must know and whom to forget (tell.go,
// forget.go).
package node

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"restock/core"
	"restock/core/console"
	"restock/core/journal"
	"restock/core/template"
)

// Node is one core node.
type Node struct {
	config     Config
	server     *journal.Server // embedded; nil with an external cluster
	conn       *journal.Conn
	workspaces []*workspace
	plugins    *plugins
	senders    *senders
	renderer   *template.Renderer
	linkKeys   linkKeys
	metrics    *metrics
	zones      zones
	tokens     *console.Tokens
	listener   net.Listener
	firstToken string

	applying sync.Mutex   // one apply at a time
	untold   atomic.Int32 // workspaces whose sources edges were not told yet
	toldMu   sync.Mutex   // guards told
	told     map[string]core.Hash
	tests    tests
}

// New opens the journal, the state and the listeners, and checks that they belong together. Nothing runs until Run.
func New(ctx context.Context, c Config) (*Node, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("checking core settings: %w", err)
	}
	n := &Node{config: c, metrics: newMetrics(), renderer: template.New(), told: map[string]core.Hash{}}
	if err := n.open(ctx); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return n, nil
}

func (n *Node) open(ctx context.Context) (err error) {
	if n.listener, err = net.Listen("tcp", n.config.Listen); err != nil {
		return fmt.Errorf("listening for operators: %w", err)
	}
	if !n.config.Open {
		if n.tokens, n.firstToken, err = console.OpenTokens(filepath.Join(n.config.Data, "tokens")); err != nil {
			return err
		}
	}
	if n.senders, err = openSenders(n.config.Data, n.config.PublicURL); err != nil {
		return err
	}
	w := &witness{metrics: n.metrics, log: n.config.Log, dir: n.config.samples()}
	if n.plugins, err = newPlugins(context.WithoutCancel(ctx), n.config, w); err != nil {
		return err
	}
	if n.plugins.host.LoadsInProcess() {
		n.config.Log.Warn("plugins are checked and compiled in this process: a hostile one may take its time and memory")
	}
	if err = n.openJournal(ctx); err != nil {
		return err
	}
	for _, name := range n.config.Workspaces {
		w, err := openWorkspace(ctx, n, name)
		if err != nil {
			return err
		}
		n.workspaces = append(n.workspaces, w)
	}
	n.untold.Store(int32(len(n.workspaces)))
	return nil
}

func (n *Node) openJournal(ctx context.Context) (err error) {
	var embedded journal.InProcess
	if n.config.NATS == "" {
		n.server, err = journal.Serve(journal.ServerConfig{
			Dir: filepath.Join(n.config.Data, "journal"), Key: n.config.Key, Listen: n.config.NATSListen, Token: n.config.NATSToken,
		}, n.config.Log)
		if err != nil {
			return err
		}
		embedded = n.server
	}
	if n.conn, err = journal.Connect(ctx, n.config.NATS, embedded, n.config.NATSToken, n.config.Replicas, n.config.Log); err != nil {
		return err
	}
	return n.linkKeys.open(ctx, n.conn)
}

// InProcess is the embedded journal server, for an edge in the same process; nil with an external cluster.
func (n *Node) InProcess() journal.InProcess {
	if n.server == nil {
		return nil
	}
	return n.server
}

// FirstToken is the token that was made at the very first start, to be shown once; "" at any other.
func (n *Node) FirstToken() string { return n.firstToken }

// Addr is where console and API listen.
func (n *Node) Addr() string { return n.listener.Addr().String() }

// Run applies, leads and serves until ctx ends or a part fails for good.
func (n *Node) Run(ctx context.Context) error {
	tasks := []func(context.Context) error{
		func(ctx context.Context) error {
			return serve(ctx, n.listener, console.New(n, console.Config{Tokens: n.tokens, Log: n.config.Log}))
		},
	}
	for _, w := range n.workspaces {
		tasks = append(tasks, w.run)
	}
	tasks = append(tasks, n.collect)
	err := group(ctx, tasks...)
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// collectEvery is how often disk space of values that are gone is given back.
const collectEvery = 10 * time.Minute

func (n *Node) collect(ctx context.Context) error {
	for {
		if err := pause(ctx, collectEvery); err != nil {
			return err
		}
		for _, w := range n.workspaces {
			if err := w.db.Collect(); err != nil {
				w.log.Warn("giving back disk space failed", "error", err)
			}
		}
	}
}

// run applies and leads. Applying goes on until the leader's goroutines have ended: what they append last must be
// applied as well.
func (w *workspace) run(ctx context.Context) error {
	applying, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	applied := make(chan error, 1)
	leading, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		applied <- w.apply(applying)
		cancel()
	}()
	err := w.lead(leading)
	w.ready.Store(false)
	stop()
	if failed := <-applied; failed != nil && !errors.Is(failed, context.Canceled) {
		return fmt.Errorf("workspace %s: %w", w.name, failed)
	}
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("workspace %s: %w", w.name, err)
	}
	return err
}

// Limits of the operators' listeners.
const (
	headerTime   = 10 * time.Second
	requestTime  = 2 * time.Minute // an apply may carry plugins
	shutdownTime = 3 * time.Second
)

func serve(ctx context.Context, l net.Listener, h http.Handler) error {
	s := &http.Server{Handler: h, ReadHeaderTimeout: headerTime, ReadTimeout: requestTime, WriteTimeout: requestTime}
	failed := make(chan error, 1)
	go func() { failed <- s.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serving on %s: %w", l.Addr(), err)
	case <-ctx.Done():
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
		defer cancel()
		_ = s.Shutdown(stop) // what is not done by then is cut
		return ctx.Err()
	}
}

// Close gives everything back that New opened; Run must have returned.
func (n *Node) Close() error {
	var all []error
	if n.listener != nil {
		_ = n.listener.Close() // Run may have closed it already
	}
	for _, w := range n.workspaces {
		all = append(all, w.db.Close())
	}
	if n.senders != nil {
		all = append(all, n.senders.close())
	}
	if n.plugins != nil {
		all = append(all, n.plugins.close(context.Background()))
	}
	if n.conn != nil {
		n.conn.Close()
	}
	if n.server != nil {
		n.server.Close()
	}
	return errors.Join(all...)
}

func (n *Node) workspace(name core.WorkspaceName) (*workspace, bool) {
	for _, w := range n.workspaces {
		if w.name == name {
			return w, true
		}
	}
	return nil, false
}
