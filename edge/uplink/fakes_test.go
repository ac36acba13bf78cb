package uplink_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"restock/core"
	"restock/core/journal"
	"restock/core/wire"
	"restock/edge/uplink"
)

var quiet = slog.New(slog.DiscardHandler)

// patience bounds every wait for something that must happen.
const patience = 40 * time.Second

// eventually waits until ok is true.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("after %s still not: %s", patience, what)
		}
	}
}

// batchEntries is how many entries the store hands out at once, unless it is told otherwise.
const batchEntries = 3

// store is an outbox in memory.
type store struct {
	mu      sync.Mutex
	edge    core.EdgeID
	boxes   map[core.WorkspaceName]*box
	started chan core.WorkspaceName
	marks   []string // as they came: "workspace mark"
	renewed int
	broken  error // what Next answers, until it is nil
	batch   int   // entries that Next hands out at most
}

type box struct {
	raws   []wire.Raw // number i+1
	marked uint64
	wake   chan struct{}
}

func newStore() *store {
	return &store{edge: core.EdgeID{1}, boxes: map[core.WorkspaceName]*box{}, started: make(chan core.WorkspaceName, 16), batch: batchEntries}
}

// box is a workspace's; callers hold mu.
func (s *store) box(w core.WorkspaceName) *box {
	b, ok := s.boxes[w]
	if !ok {
		b = &box{wake: make(chan struct{}, 1)}
		s.boxes[w] = b
		s.started <- w
	}
	return b
}

func (s *store) add(w core.WorkspaceName, raws ...wire.Raw) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.box(w)
	b.raws = append(b.raws, raws...)
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

func (s *store) Edge() core.EdgeID {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.edge
}

func (s *store) Started() <-chan core.WorkspaceName { return s.started }

func (s *store) Wake(w core.WorkspaceName) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.box(w).wake
}

func (s *store) Next(w core.WorkspaceName, after uint64) (raws []wire.Raw, first uint64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.box(w)
	have := uint64(len(b.raws))
	after = min(after, have)
	return slices.Clone(b.raws[after:min(after+uint64(s.batch), have)]), after + 1, s.broken
}

// errNotOurs is what a mark beyond the outbox is answered with.
var errNotOurs = errors.New("not about this disk")

func (s *store) Mark(w core.WorkspaceName, mark uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.box(w)
	if mark > uint64(len(b.raws)) {
		return fmt.Errorf("taking mark: %w", errNotOurs)
	}
	b.marked = max(b.marked, mark)
	s.marks = append(s.marks, fmt.Sprint(w, " ", mark))
	return nil
}

// Renew keeps what is not marked, under another id and numbered anew.
func (s *store) Renew() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.edge[1]++
	s.renewed++
	for _, b := range s.boxes {
		b.raws, b.marked = b.raws[b.marked:], 0
	}
	return nil
}

func (s *store) Workspaces() []core.WorkspaceName {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.boxes))
}

func (s *store) Marked(w core.WorkspaceName) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.box(w).marked
}

func (s *store) took() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.marks)
}

func (s *store) setBroken(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = err
}

// sink keeps what comes down, in order.
type sink struct {
	mu     sync.Mutex
	got    []string // "key=value", "key gone"
	refuse int      // so many pieces are refused first
}

func (s *sink) Configure(key string, value []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuse > 0 {
		s.refuse--
		return errors.New("disk is full")
	}
	if value == nil {
		s.got = append(s.got, key+" gone")
	} else {
		s.got = append(s.got, key+"="+string(value))
	}
	return nil
}

func (s *sink) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.got)
}

// awaitLast waits until the last piece that came is this one.
func (s *sink) awaitLast(t testing.TB, want string) {
	t.Helper()
	eventually(t, want+" has come down", func() bool {
		all := s.all()
		return len(all) > 0 && all[len(all)-1] == want
	})
}

// place is a journal server's folder and address; both outlive the server.
type place struct{ dir, listen string }

func newPlace(t testing.TB) place {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return place{t.TempDir(), l.Addr().String()}
}

// serve starts a server with the journals of these workspaces.
func (p place) serve(t testing.TB, workspaces ...core.WorkspaceName) (*journal.Server, *journal.Conn) {
	t.Helper()
	s, err := journal.Serve(journal.ServerConfig{Dir: p.dir, Listen: p.listen}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	c, err := journal.Connect(t.Context(), "nats://"+p.listen, nil, "", 1, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	for _, w := range workspaces {
		open(t, c, w)
	}
	return s, c
}

func open(t testing.TB, c *journal.Conn, w core.WorkspaceName) *journal.Journal {
	t.Helper()
	j, err := c.Open(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// run runs an uplink by URL until the test ends.
func (p place) run(t testing.TB, s *store, k *sink) { p.runSaying(t, s, k, quiet) }

func (p place) runSaying(t testing.TB, s *store, k *sink, log *slog.Logger) {
	t.Helper()
	u := uplink.New(uplink.Config{URL: "nats://" + p.listen, NotOurs: errNotOurs, Log: log}, s, k)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { u.Run(ctx); close(ended) }()
	t.Cleanup(func() {
		cancel()
		select {
		case <-ended:
		case <-time.After(patience):
			t.Error("the uplink does not end")
		}
	})
}

// entry is one that is told apart by its text.
func entry(t testing.TB, text string) wire.Raw {
	t.Helper()
	raw, err := wire.Encode(wire.Webhook{Source: "shop", Body: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func entries(t testing.TB, from, to int) (raws []wire.Raw) {
	for i := from; i <= to; i++ {
		raws = append(raws, entry(t, fmt.Sprint(i)))
	}
	return raws
}

// applier reads a journal as a core node does: of each edge the next number, once.
type applier struct {
	messages chan journal.Message
	last     map[core.EdgeID]uint64
	texts    []string // applied, in order
	repeated int      // entries that had come before
	void     int      // batches behind a gap
}

func apply(t testing.TB, j *journal.Journal) *applier {
	t.Helper()
	a := &applier{messages: make(chan journal.Message), last: map[core.EdgeID]uint64{}}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	go func() {
		if err := j.Read(ctx, 1, a.messages); ctx.Err() == nil {
			t.Errorf("reading the journal ended: %v", err)
		}
	}()
	return a
}

// await applies messages until n entries were applied.
func (a *applier) await(t testing.TB, n int) []string {
	t.Helper()
	for len(a.texts) < n {
		select {
		case m := <-a.messages:
			a.take(t, m)
		case <-time.After(patience):
			t.Fatalf("%d entries came up, want %d", len(a.texts), n)
		}
	}
	return a.texts
}

func (a *applier) take(t testing.TB, m journal.Message) {
	t.Helper()
	o := m.Batch.Origin
	if m.Unreadable != nil || o.Epoch != 0 || len(m.Batch.Entries) == 0 {
		t.Fatalf("message %d came up with the origin %+v and %d entries: %v", m.Sequence, o, len(m.Batch.Entries), m.Unreadable)
	}
	if o.First > a.last[o.Edge]+1 {
		a.void++ // as the core has it: something before it is missing, and comes again
		return
	}
	for i, raw := range m.Batch.Entries {
		number := o.First + uint64(i)
		if number <= a.last[o.Edge] {
			a.repeated++
			continue
		}
		e, err := raw.Decode()
		hook, ok := e.(wire.Webhook)
		if err != nil || !ok {
			t.Fatalf("entry %d came up as %T (%v)", number, e, err)
		}
		a.last[o.Edge] = number
		a.texts = append(a.texts, string(hook.Body))
	}
}

// numbers are the texts of entries(from, to).
func numbers(from, to int) (texts []string) {
	for i := from; i <= to; i++ {
		texts = append(texts, fmt.Sprint(i))
	}
	return texts
}

func mark(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// listener is a log that is listened to.
type listener struct {
	slog.Handler
	said chan string // has room for what nobody listens to
}

func listen() listener { return listener{slog.DiscardHandler, make(chan string, 100)} }

func (l listener) Enabled(context.Context, slog.Level) bool { return true }

func (l listener) Handle(_ context.Context, r slog.Record) error {
	text := r.Message
	r.Attrs(func(a slog.Attr) bool { text += " " + a.String(); return true })
	select {
	case l.said <- text:
	default:
	}
	return nil
}

// await waits until something was said that contains the words.
func (l listener) await(t testing.TB, words string) {
	t.Helper()
	for end := time.After(patience); ; {
		select {
		case text := <-l.said:
			if strings.Contains(text, words) {
				return
			}
		case <-end:
			t.Fatalf("nobody said %q", words)
		}
	}
}

// remove deletes a key as an operator does.
func (p place) remove(t testing.TB, key string) {
	t.Helper()
	n, err := nats.Connect("nats://" + p.listen)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	js, err := jetstream.New(n)
	if err != nil {
		t.Fatal(err)
	}
	kv, err := js.KeyValue(t.Context(), wire.EdgeBucket)
	if err == nil {
		err = kv.Delete(t.Context(), key)
	}
	if err != nil {
		t.Fatal(err)
	}
}
