package inbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"restock/core"
	"restock/core/sender/sendertest"
)

func open(t *testing.T, dir string) *Inbox {
	t.Helper()
	in, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := in.Close(); err != nil {
			t.Error(err)
		}
	})
	return in
}

func send(t *testing.T, in *Inbox, m core.Message) {
	t.Helper()
	if o := in.Send(t.Context(), m); o.Kind != core.OutcomeAccepted {
		t.Fatalf("sending %s: %+v", m.Key, o)
	}
}

func keys(list []Sent) (out []string) {
	for _, m := range list {
		out = append(out, strings.TrimLeft(m.Key, "0"))
	}
	return out
}

func TestConformance(t *testing.T) {
	sendertest.Run(t, func(t *testing.T) sendertest.Rig {
		in := open(t, t.TempDir())
		return sendertest.Rig{Sender: in, Arrived: func(t *testing.T) (out []sendertest.Arrived) {
			list := in.List(0)
			for i := len(list) - 1; i >= 0; i-- {
				m := list[i]
				out = append(out, sendertest.Arrived{
					To: m.To, From: m.From, Subject: m.Subject, Text: m.Text, HTML: m.HTML, Headers: m.Headers,
				})
			}
			return out
		}}
	})
}

func TestSentJSON(t *testing.T) {
	in := open(t, t.TempDir())
	m := sendertest.Message(0xabc)
	m.Headers = []core.Header{{Name: "X-A", Value: "1"}, {Name: "X-B", Value: "2"}, {Name: "X-A", Value: "3"}}
	send(t, in, m)
	got, ok := in.Get(m.Key.String())
	if !ok {
		t.Fatal("the message is not there")
	}
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"key":"00000000000000000000000000000abc","at":"2026-01-02T00:00:00Z","channel":"email",` +
		`"to":"ada.lovelace@example.org","from":"Example Shop \u003cshop@example.com\u003e","subject":"Back in stock",` +
		`"text":"It is back.","html":"\u003cp\u003eIt is back.\u003c/p\u003e","headers":{"X-A":"1, 3","X-B":"2"}}`
	if string(text) != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	if _, ok := in.Get("nothing"); ok {
		t.Error("a key that was never sent is there")
	}
}

func TestReopen(t *testing.T) {
	dir := t.TempDir()
	in := open(t, dir)
	for n := range uint64(5) {
		send(t, in, sendertest.Message(n+1))
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	in = open(t, dir)
	send(t, in, sendertest.Message(3))
	send(t, in, sendertest.Message(6))
	if got := fmt.Sprint(keys(in.List(0))); got != "[6 5 4 3 2 1]" {
		t.Errorf("got %s", got)
	}
	if got := fmt.Sprint(keys(in.List(2))); got != "[6 5]" {
		t.Errorf("the newest two: %s", got)
	}
}

func TestModes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "inbox")
	send(t, open(t, dir), sendertest.Message(1))
	for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, currentName): 0o600} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", path, got, want)
		}
	}
}

// TestTornLine cuts the log at every byte, as a crash might: what stands whole before the cut is there, the rest is
// not, and the inbox goes on.
func TestTornLine(t *testing.T) {
	dir := t.TempDir()
	in := open(t, dir)
	for n := range uint64(3) {
		send(t, in, sendertest.Message(n+1))
	}
	log, err := os.ReadFile(filepath.Join(dir, currentName))
	if err != nil {
		t.Fatal(err)
	}
	for cut := range len(log) + 1 {
		whole := bytes.Count(log[:cut], []byte("\n"))
		in := open(t, folder(t, log[:cut]))
		if got := len(in.List(0)); got != whole {
			t.Fatalf("cut at %d: %d messages, want %d", cut, got, whole)
		}
		send(t, in, sendertest.Message(9))
		if got := len(in.List(0)); got != whole+1 {
			t.Fatalf("cut at %d and sent one more: %d messages, want %d", cut, got, whole+1)
		}
		if err := in.Close(); err != nil {
			t.Fatal(err)
		}
		if got := keys(open(t, in.dir).List(1)); got[0] != "9" {
			t.Fatalf("cut at %d: the newest after opening again is %s", cut, got)
		}
	}
}

// folder makes an inbox's folder with that log.
func folder(t *testing.T, log []byte) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, currentName), log, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestBadLineInBetween(t *testing.T) {
	one, _ := encode(sendertest.Message(1))
	two, _ := encode(sendertest.Message(2))
	tests := []struct {
		name string
		log  string
		want string
	}{
		{"between", string(one) + "\x00\x00{]\n" + string(two), "[2 1]"},
		{"at the end", string(one) + string(two) + "{}\n", "[2 1]"},
		{"twice", string(one) + string(two) + string(one), "[2 1]"},
		{"nothing but", "x\ny", "[]"},
	}
	for _, tt := range tests {
		if got := fmt.Sprint(keys(open(t, folder(t, []byte(tt.log))).List(0))); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestRotate(t *testing.T) {
	dir := t.TempDir()
	in := open(t, dir)
	line, _ := encode(sendertest.Message(1))
	in.limit = int64(len(line)*2 + 1) // three messages to a segment
	for n := range uint64(8) {
		send(t, in, sendertest.Message(n+1))
	}
	want := "[8 7 6 5 4]" // 1 to 3 went with their segment
	if got := fmt.Sprint(keys(in.List(0))); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if _, ok := in.Get(sendertest.Message(1).Key.String()); ok {
		t.Error("a message whose segment is gone is still there")
	}
	if got, ok := in.Get(sendertest.Message(5).Key.String()); !ok || got.Subject != "Back in stock" {
		t.Errorf("a message of the previous segment: %v %v", got, ok)
	}
	send(t, in, sendertest.Message(4)) // known in the previous segment
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(keys(open(t, dir).List(0))); got != want {
		t.Errorf("opened again: got %s, want %s", got, want)
	}
}

// TestRotateInterrupted opens folders as a crash or an error between the renames leaves them.
func TestRotateInterrupted(t *testing.T) {
	one, _ := encode(sendertest.Message(1))
	dir := folder(t, one)
	if err := os.Rename(filepath.Join(dir, currentName), filepath.Join(dir, previousName)); err != nil {
		t.Fatal(err)
	}
	in := open(t, dir)
	send(t, in, sendertest.Message(2))
	if got := fmt.Sprint(keys(in.List(0))); got != "[2 1]" {
		t.Errorf("got %s", got)
	}
	in.limit = 1
	if err := os.Remove(filepath.Join(dir, currentName)); err != nil { // the first rename was done, the second failed
		t.Fatal(err)
	}
	send(t, in, sendertest.Message(3))
	if got := fmt.Sprint(keys(in.List(0))); got != "[3 2]" {
		t.Errorf("after going on: %s", got)
	}
}

func TestFailingDisk(t *testing.T) {
	dir := t.TempDir()
	in := open(t, dir)
	send(t, in, sendertest.Message(1))
	readOnly, err := os.Open(filepath.Join(dir, currentName))
	if err != nil {
		t.Fatal(err)
	}
	defer readOnly.Close()
	good := in.current.file
	in.current.file = readOnly
	m := sendertest.Message(2)
	if o := in.Send(t.Context(), m); o.Kind != core.OutcomeTemporary || !strings.Contains(o.Detail, "keeping message: writing:") {
		t.Errorf("got %+v", o)
	}
	if o := in.Send(t.Context(), sendertest.Message(1)); o.Kind != core.OutcomeAccepted {
		t.Errorf("a message that is kept: %+v", o)
	}
	in.current.file = good
	send(t, in, m)
	if got := fmt.Sprint(keys(in.List(0))); got != "[2 1]" {
		t.Errorf("got %s", got)
	}
}

func TestTooLarge(t *testing.T) {
	m := sendertest.Message(1)
	m.HTML = strings.Repeat("x", MaxLine)
	o := open(t, t.TempDir()).Send(t.Context(), m)
	if o.Kind != core.OutcomePermanent || o.Detail != "the message is larger than 4 MiB" {
		t.Errorf("got %+v", o)
	}
}

// TestHammer sends, lists, reads and rotates at once.
func TestHammer(t *testing.T) {
	in := open(t, t.TempDir())
	in.limit = 20 << 10
	var wg sync.WaitGroup
	for g := range uint64(8) {
		wg.Go(func() {
			for i := range uint64(60) {
				m := sendertest.Message(g*1000 + i)
				if o := in.Send(t.Context(), m); o.Kind != core.OutcomeAccepted {
					t.Errorf("%+v", o)
				}
				if got, ok := in.Get(m.Key.String()); ok && got.Key != m.Key.String() {
					t.Errorf("asked for %s, got %s", m.Key, got.Key)
				}
				if i%10 == 0 && len(in.List(5)) == 0 {
					t.Error("the list is empty")
				}
			}
		})
	}
	wg.Wait()
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, currentName), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); err == nil || !strings.HasPrefix(err.Error(), "opening inbox: ") {
		t.Errorf("a folder for a file: %v", err)
	}
}

// FuzzOpen: whatever stands in the file, Open serves what it can and goes on.
func FuzzOpen(f *testing.F) {
	one, _ := encode(sendertest.Message(1))
	f.Add(one)
	f.Add(append(one, "{\"key\":\"x\"}\n{"...))
	f.Add([]byte("null\n[]\n\n"))
	f.Fuzz(func(t *testing.T, log []byte) {
		in := open(t, folder(t, log))
		before := len(in.List(0))
		send(t, in, sendertest.Message(99))
		if got := len(in.List(0)); got < before || got == 0 {
			t.Errorf("%d messages before, %d after one more", before, got)
		}
	})
}
