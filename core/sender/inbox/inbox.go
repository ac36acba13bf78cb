// Package inbox is the sender that sends nothing: it keeps what would be sent and shows it. It is what a fresh
// installation sends with, and what tests look into.
//
// Messages stand as lines of JSON in two files: current.jsonl grows, and when it is full it becomes previous.jsonl and
// the previous one is removed. A call is answered when its line is synced to disk; calls that come together share one
// sync. Only keys and places are held in memory. A message that is forgotten becomes a line of blanks.
package inbox

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"restock/core"
	"restock/core/sender"
)

// Bounds of an inbox.
const (
	MaxSegment   = 64 << 20 // bytes; a file that grew over it takes no more
	MaxLine      = 4 << 20  // bytes of one message as JSON
	MaxList      = 1000     // messages that List returns at most
	maxGroup     = 256      // calls that share one sync
	maxGroupSize = 8 << 20  // bytes of a group, after which it takes no more calls
)

// Sent is a message that would have been sent.
type Sent struct {
	Key     string            `json:"key"` // of the ledger, 32 hexadecimal digits
	At      time.Time         `json:"at"`  // when the call was decided, UTC
	Channel core.Channel      `json:"channel"`
	To      string            `json:"to"`
	From    string            `json:"from"`
	Subject string            `json:"subject"`
	Text    string            `json:"text"`
	HTML    string            `json:"html"`
	Headers map[string]string `json:"headers,omitempty"` // values of a repeated name are joined by ", "
}

// Inbox is the sender. It is idempotent by key for as long as it keeps the key's message, which is for at least
// MaxSegment bytes of newer ones. One process at a time may hold its folder.
type Inbox struct {
	dir   string
	limit int64 // MaxSegment, or less in tests
	calls chan call
	ended chan struct{} // closed when the writer has ended

	closing sync.RWMutex // held to read while a call is handed over, to write while closing
	closed  bool

	mu       sync.RWMutex // guards what follows; the writer alone changes it
	current  *segment
	previous *segment // nil before the first rotation
	index    map[string]*place
	to       map[core.AddressTag][]*place // the same places, by whom they are for
}

var _ sender.Sender = (*Inbox)(nil)

// call is one Send on its way to the writer.
type call struct {
	key  core.LedgerKey
	to   core.AddressTag
	line []byte
	done chan core.Outcome // takes one
}

// Open opens the inbox in dir and makes the folder (0700) and its files (0600) when they do not exist. A line that a
// crash left torn is cut off: its call was never answered.
func Open(dir string) (*Inbox, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("opening inbox: %w", err)
	}
	in := &Inbox{
		dir: dir, limit: MaxSegment, calls: make(chan call, maxGroup), ended: make(chan struct{}),
		index: map[string]*place{}, to: map[core.AddressTag][]*place{},
	}
	if err := in.load(); err != nil {
		_ = in.closeFiles() // the first error says it
		return nil, fmt.Errorf("opening inbox: %w", err)
	}
	go in.write()
	return in, nil
}

// load reads both segments, the older first, and makes the current one when there is none.
func (in *Inbox) load() (err error) {
	if in.previous, err = openSegment(in.path(previousName), os.O_RDWR); err != nil && !os.IsNotExist(err) {
		return err
	}
	if in.current, err = openSegment(in.path(currentName), os.O_RDWR|os.O_CREATE); err != nil {
		return err
	}
	for _, s := range []*segment{in.previous, in.current} {
		if s != nil {
			in.indexSegment(s)
		}
	}
	return syncDir(in.dir)
}

// indexSegment enters a segment's messages. A key that is there already stays where it is: the first line counts.
func (in *Inbox) indexSegment(s *segment) {
	kept := s.places[:0]
	for _, p := range s.places {
		if in.index[p.key] == nil {
			in.enter(p)
			kept = append(kept, p)
		}
	}
	s.places = kept
}

func (in *Inbox) path(name string) string { return filepath.Join(in.dir, name) }

// Idempotent is true.
func (in *Inbox) Idempotent() bool { return true }

// Send keeps m. A key that is kept already is accepted and adds nothing.
func (in *Inbox) Send(ctx context.Context, m core.Message) core.Outcome {
	if err := ctx.Err(); err != nil {
		return sender.Temporary(m.Key, "the call was over before it began: "+err.Error())
	}
	line, err := encode(m)
	if err != nil {
		return sender.Permanent(m.Key, err.Error())
	}
	c := call{m.Key, m.To.Tag(), line, make(chan core.Outcome, 1)}
	if !in.hand(ctx, c) {
		return sender.Temporary(m.Key, "the inbox is closed, or the call ended before there was room")
	}
	return <-c.done // the writer answers every call it took, after one sync at most
}

// hand gives the call to the writer.
func (in *Inbox) hand(ctx context.Context, c call) bool {
	in.closing.RLock()
	defer in.closing.RUnlock()
	if in.closed {
		return false
	}
	select {
	case in.calls <- c:
		return true
	case <-ctx.Done():
		return false
	}
}

func encode(m core.Message) ([]byte, error) {
	s := Sent{
		Key: m.Key.String(), At: m.At.Go(), Channel: m.Channel, To: m.To.Value, From: m.From,
		Subject: m.Subject, Text: m.Text, HTML: m.HTML,
	}
	for _, h := range m.Headers {
		if s.Headers == nil {
			s.Headers = map[string]string{}
		}
		if had, ok := s.Headers[h.Name]; ok {
			h.Value = had + ", " + h.Value
		}
		s.Headers[h.Name] = h.Value
	}
	line, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("encoding message: %w", err)
	}
	if len(line) >= MaxLine {
		return nil, fmt.Errorf("the message is larger than %d MiB", MaxLine>>20)
	}
	return append(line, '\n'), nil
}

// List returns the newest messages, newest first: limit of them, at most MaxList; 0 and less mean MaxList. A message
// that cannot be read any more is left out.
func (in *Inbox) List(limit int) []Sent {
	if limit <= 0 || limit > MaxList {
		limit = MaxList
	}
	in.mu.RLock()
	defer in.mu.RUnlock()
	var out []Sent
	for _, s := range []*segment{in.current, in.previous} {
		if s == nil {
			continue
		}
		for i := len(s.places) - 1; i >= 0 && len(out) < limit; i-- {
			if m, ok := s.places[i].read(); ok {
				out = append(out, m)
			}
		}
	}
	return out
}

// Get returns the message of that key; ok is false when there is none.
func (in *Inbox) Get(key string) (m Sent, ok bool) {
	in.mu.RLock()
	defer in.mu.RUnlock()
	if p := in.index[key]; p != nil {
		return p.read()
	}
	return Sent{}, false
}

// Close ends the writer, after it answered the calls it took, and closes the files.
func (in *Inbox) Close() error {
	in.closing.Lock()
	if !in.closed {
		in.closed = true
		close(in.calls)
	}
	in.closing.Unlock()
	<-in.ended
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.closeFiles()
}

// closeFiles closes what is open; nothing can be read afterwards.
func (in *Inbox) closeFiles() error {
	err := cmp.Or(in.current.close(), in.previous.close())
	in.current, in.previous, in.index, in.to = nil, nil, nil, nil
	if err != nil {
		return fmt.Errorf("closing inbox: %w", err)
	}
	return nil
}
