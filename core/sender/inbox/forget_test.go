package inbox

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"restock/core"
	"restock/core/sender/sendertest"
)

func to(n uint64, address string) core.Message {
	m := sendertest.Message(n)
	m.To = core.Address{Channel: core.Email, Value: address}
	return m
}

func tagOf(address string) core.AddressTag {
	return core.Address{Channel: core.Email, Value: address}.Tag()
}

// TestForget removes a person's messages from both files and from the disk, for good; others stay, and keys that are gone
// may come again.
func TestForget(t *testing.T) {
	dir := t.TempDir()
	in := open(t, dir)
	line, _ := encode(to(1, "ann@example.com"))
	in.limit = int64(len(line)*2 + 1) // three messages to a segment
	for n := range uint64(6) {
		address := "ann@example.com"
		if n%2 == 1 {
			address = "bob@example.com"
		}
		send(t, in, to(n+1, address))
	}
	mine := in.KeysTo(tagOf("ann@example.com"))
	if len(mine) != 3 || len(in.KeysTo(tagOf("eve@example.com"))) != 0 {
		t.Fatalf("%d messages are ann's", len(mine))
	}
	for range 2 { // the second time there is nothing to do
		if err := in.Forget(append(mine, mine...)...); err != nil {
			t.Fatal(err)
		}
	}
	want := "[6 4 2]"
	if got := fmt.Sprint(keys(in.List(0))); got != want {
		t.Errorf("kept are %s, want %s", got, want)
	}
	for _, name := range []string{currentName, previousName} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || bytes.Contains(data, []byte("ann@")) || !bytes.Contains(data, []byte("bob@")) {
			t.Errorf("%s (%v) holds %q", name, err, data)
		}
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	in = open(t, dir)
	if got := fmt.Sprint(keys(in.List(0))); got != want {
		t.Errorf("opened again: %s, want %s", got, want)
	}
	if got := in.KeysTo(tagOf("bob@example.com")); len(got) != 3 {
		t.Errorf("opened again, %d messages are bob's", len(got))
	}
	send(t, in, to(1, "ann@example.com"))
	if got := in.KeysTo(tagOf("ann@example.com")); !slices.Equal(got, []core.LedgerKey{sendertest.Message(1).Key}) {
		t.Errorf("sent again are %v", got)
	}
}

// TestForgetTheNewest: its blanks are the file's end, which the next opening cuts off.
func TestForgetTheNewest(t *testing.T) {
	dir := t.TempDir()
	in := open(t, dir)
	send(t, in, to(1, "bob@example.com"))
	send(t, in, to(2, "ann@example.com"))
	if err := in.Forget(sendertest.Message(2).Key); err != nil {
		t.Fatal(err)
	}
	send(t, in, to(3, "bob@example.com"))
	if err := in.Forget(sendertest.Message(3).Key); err != nil {
		t.Fatal(err)
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	in = open(t, dir)
	send(t, in, to(4, "eve@example.com"))
	if got := fmt.Sprint(keys(in.List(0))); got != "[4 1]" {
		t.Errorf("kept are %s", got)
	}
}

// TestForgetAFailingDisk keeps what could not be removed findable, so that it is tried again.
func TestForgetAFailingDisk(t *testing.T) {
	dir := t.TempDir()
	in := open(t, dir)
	send(t, in, to(1, "ann@example.com"))
	readOnly, err := os.Open(filepath.Join(dir, currentName))
	if err != nil {
		t.Fatal(err)
	}
	defer readOnly.Close()
	good := in.current.file
	in.current.file = readOnly
	key := sendertest.Message(1).Key
	if err := in.Forget(key); err == nil || len(in.KeysTo(tagOf("ann@example.com"))) != 1 {
		t.Errorf("got %v", err)
	}
	in.current.file = good
	if err := in.Forget(key); err != nil || len(in.List(0)) != 0 {
		t.Errorf("then %v", err)
	}
}

// TestForgetWhileSending forgets, sends, lists and rotates at once.
func TestForgetWhileSending(t *testing.T) {
	in := open(t, t.TempDir())
	in.limit = 20 << 10
	done := make(chan struct{})
	go func() {
		defer close(done)
		for n := range uint64(300) {
			if o := in.Send(t.Context(), to(n+1, fmt.Sprintf("c%d@example.com", n%3))); o.Kind != core.OutcomeAccepted {
				t.Errorf("%+v", o)
			}
		}
	}()
	for sending := true; sending; {
		select {
		case <-done:
			sending = false
		default:
		}
		if err := in.Forget(in.KeysTo(tagOf("c1@example.com"))...); err != nil {
			t.Error(err)
		}
	}
	for _, m := range in.List(0) {
		if m.To == "c1@example.com" {
			t.Errorf("%s is still there", m.Key)
		}
	}
}
