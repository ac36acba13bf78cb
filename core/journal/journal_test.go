package journal_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"restock/core"
	"restock/core/journal"
	"restock/core/wire"
)

var quiet = slog.New(slog.DiscardHandler)

// patience bounds every wait for something that must happen.
const patience = 30 * time.Second

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

func (p place) serve(t testing.TB) *journal.Server {
	t.Helper()
	s, err := journal.Serve(journal.ServerConfig{Dir: p.dir, Listen: p.listen}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func (p place) connect(t testing.TB) *journal.Conn {
	t.Helper()
	c, err := journal.Connect(t.Context(), "nats://"+p.listen, nil, "", 1, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// raw is what somebody else might do to the server.
func (p place) raw(t testing.TB) jetstream.JetStream {
	t.Helper()
	n, err := nats.Connect("nats://" + p.listen)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Close)
	js, err := jetstream.New(n)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

// embedded is a journal in this process.
func embedded(t testing.TB) *journal.Journal {
	t.Helper()
	s, err := journal.Serve(journal.ServerConfig{Dir: t.TempDir()}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	c, err := journal.Connect(t.Context(), "", s, "", 1, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return opened(t, c, "default")
}

func opened(t testing.TB, c *journal.Conn, w core.WorkspaceName) *journal.Journal {
	t.Helper()
	j, err := c.Open(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// batch holds one webhook, told apart by its body.
func batch(t testing.TB, body string) wire.Batch {
	t.Helper()
	raw, err := wire.Encode(wire.Webhook{Source: "shop", Body: []byte(body)})
	if err != nil {
		t.Fatal(err)
	}
	return wire.Batch{Origin: wire.Origin{Edge: core.EdgeID{7}, First: 3, Epoch: 2}, Entries: []wire.Raw{raw}}
}

func bodyOf(t testing.TB, m journal.Message) string {
	t.Helper()
	if len(m.Batch.Entries) != 1 {
		return fmt.Sprintf("%d entries", len(m.Batch.Entries))
	}
	e, err := m.Batch.Entries[0].Decode()
	w, ok := e.(wire.Webhook)
	if err != nil || !ok {
		t.Fatalf("message %d holds %T (%v)", m.Sequence, e, err)
	}
	return string(w.Body)
}

// insist appends as a core node does: again until it is known to have worked.
func insist(t testing.TB, j *journal.Journal, b wire.Batch) (seq core.Sequence) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		seq, err := j.Append(ctx, b)
		if err == nil {
			return seq
		}
		if ctx.Err() != nil {
			t.Fatal(err)
		}
	}
}

// reader reads in the background until the test ends.
type reader struct {
	messages chan journal.Message
	ended    chan error
}

func startReading(t testing.TB, j *journal.Journal, from core.Sequence) reader {
	t.Helper()
	r := reader{make(chan journal.Message), make(chan error, 1)}
	ctx, cancel := context.WithCancel(context.Background())
	go func() { r.ended <- j.Read(ctx, from, r.messages) }()
	t.Cleanup(cancel)
	return r
}

func (r reader) next(t testing.TB) journal.Message {
	t.Helper()
	select {
	case m := <-r.messages:
		return m
	case err := <-r.ended:
		t.Fatalf("reading ended: %v", err)
	case <-time.After(patience):
		t.Fatal("no message came")
	}
	return journal.Message{}
}

// take reads n messages and checks that they come in order and without gaps from a place on.
func (r reader) take(t testing.TB, from core.Sequence, n int) (bodies []string) {
	t.Helper()
	for i := range n {
		m := r.next(t)
		if want := from + core.Sequence(i); m.Sequence != want {
			t.Fatalf("message %d came, want %d", m.Sequence, want)
		}
		bodies = append(bodies, bodyOf(t, m))
	}
	return bodies
}

func TestAppendAndRead(t *testing.T) {
	j := embedded(t)
	if end, err := j.End(t.Context()); err != nil || end != 0 {
		t.Errorf("an empty journal ends at %d (%v)", end, err)
	}
	var want []string
	for i := range 20 {
		body := fmt.Sprint("body ", i)
		want = append(want, body)
		if seq, err := j.Append(t.Context(), batch(t, body)); err != nil || seq != core.Sequence(i+1) {
			t.Fatalf("append %d has place %d (%v)", i, seq, err)
		}
	}
	if end, err := j.End(t.Context()); err != nil || end != 20 {
		t.Errorf("the journal ends at %d (%v), want 20", end, err)
	}
	for _, from := range []core.Sequence{1, 2, 20} {
		r := startReading(t, j, from)
		if got := r.take(t, from, 21-int(from)); !slices.Equal(got, want[from-1:]) {
			t.Errorf("from %d on: %q", from, got)
		}
	}
	late := startReading(t, j, 21)
	insist(t, j, batch(t, "late"))
	m := late.next(t)
	if m.Sequence != 21 || bodyOf(t, m) != "late" || m.Unreadable != nil {
		t.Errorf("what was appended while reading came as %+v", m)
	}
	if m.Batch.Origin != (wire.Origin{Edge: core.EdgeID{7}, First: 3, Epoch: 2}) {
		t.Errorf("its origin came as %+v", m.Batch.Origin)
	}
	if age := core.TimeOf(time.Now()).Since(m.Time); age < 0 || age > core.Minute {
		t.Errorf("its time is %s", m.Time)
	}
}

// TestReadEndsWithItsContext also while nobody takes what it read.
func TestReadEndsWithItsContext(t *testing.T) {
	j := embedded(t)
	for _, appended := range []bool{false, true} {
		if appended {
			insist(t, j, batch(t, "x"))
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- j.Read(ctx, 1, make(chan journal.Message)) }()
		cancel()
		select {
		case err := <-ended:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("reading ended with %v", err)
			}
		case <-time.After(patience):
			t.Fatal("reading does not end")
		}
	}
}

func TestWorkspacesDoNotMix(t *testing.T) {
	p := newPlace(t)
	p.serve(t)
	c := p.connect(t)
	a, b := opened(t, c, "a"), opened(t, c, "b")
	insist(t, a, batch(t, "of a"))
	if seq := insist(t, b, batch(t, "of b")); seq != 1 {
		t.Errorf("the first message of b is %d", seq)
	}
	if got := startReading(t, b, 1).take(t, 1, 1); got[0] != "of b" {
		t.Errorf("b holds %q", got)
	}
}

// TestReadingSurvivesARestartOfTheServer: nothing is missing and nothing comes twice; what was appended is still there.
func TestReadingSurvivesARestartOfTheServer(t *testing.T) {
	p := newPlace(t)
	server := p.serve(t)
	j := opened(t, p.connect(t), "default")
	r := startReading(t, j, 1)
	next := core.Sequence(1)
	for round := range 2 {
		for i := range 3 {
			insist(t, j, batch(t, fmt.Sprint(round, " ", i)))
		}
		r.take(t, next, 2) // one is on its way when the server goes
		server.Close()
		server = p.serve(t)
		end := insist(t, j, batch(t, "after")) // a try that nobody answered may have been taken as well
		r.take(t, next+2, int(end-next)-1)
		next = end + 1
	}
}

// TestWhatWasAppendedSurvives the end of its server and of everybody who knew of it.
func TestWhatWasAppendedSurvives(t *testing.T) {
	p := newPlace(t)
	first := p.serve(t)
	c := p.connect(t)
	j := opened(t, c, "default")
	big := string(bytes.Repeat([]byte("x"), wire.BlobLimit+1))
	for _, body := range []string{"a", "b", big} {
		insist(t, j, batch(t, body))
	}
	if err := c.Put(t.Context(), "ready", []byte("1")); err != nil {
		t.Fatal(err)
	}
	c.Close()
	first.Close()
	p.serve(t)
	c = p.connect(t)
	if got := startReading(t, opened(t, c, "default"), 1).take(t, 1, 3); !slices.Equal(got, []string{"a", "b", big}) {
		t.Errorf("after the restart the journal holds %.20q", got)
	}
	if v, err := c.Get(t.Context(), "ready"); err != nil || string(v) != "1" {
		t.Errorf("what edges were told is %q (%v)", v, err)
	}
}

// TestBlobs: an entry over the limit goes beside the journal and comes back whole, beside others of its batch, twice as
// well as once.
func TestBlobs(t *testing.T) {
	p := newPlace(t)
	p.serve(t)
	j := opened(t, p.connect(t), "default")
	big := string(bytes.Repeat([]byte("0123456789"), 300_000)) // over what one message may carry
	mixed := batch(t, "small")
	mixed.Entries = append(mixed.Entries, batch(t, big).Entries[0], batch(t, "last").Entries[0])
	want := slices.Clone(mixed.Entries)
	insist(t, j, mixed)
	insist(t, j, batch(t, big))
	r := startReading(t, j, 1)
	first := r.next(t)
	if len(first.Batch.Entries) != 3 {
		t.Fatalf("the batch came with %d entries", len(first.Batch.Entries))
	}
	for i, raw := range first.Batch.Entries {
		if !bytes.Equal(raw, want[i]) {
			t.Errorf("entry %d came back with %d bytes, want %d", i, len(raw), len(want[i]))
		}
	}
	if got := bodyOf(t, r.next(t)); got != big {
		t.Errorf("the blob came back with %d bytes", len(got))
	}
	m, err := must(p.raw(t).Stream(t.Context(), wire.StreamName("default"))).GetMsg(t.Context(), 1)
	if err != nil || len(m.Data) > wire.BlobLimit {
		t.Errorf("the journal itself holds %d bytes (%v)", len(m.Data), err)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
