package db

import (
	"errors"
	"log/slog"
	"testing"

	"restock/core"
)

// TestUnreadableValuesAreErrors: a value that cannot be read is not taken for one that is not there.
func TestUnreadableValuesAreErrors(t *testing.T) {
	reads := map[string]func(*Tx){
		"get":  func(tx *Tx) { _, _ = Senders.Get(tx, "bad") },
		"scan": func(tx *Tx) { Senders.All(tx, func(core.Sender) bool { return true }) },
		"edge": func(tx *Tx) { AllEdges(tx, func(core.EdgeID, uint64) {}) },
	}
	for name, look := range reads {
		t.Run(name, func(t *testing.T) {
			d, err := Open("", nil, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = d.Close() }()
			tx := d.Begin()
			defer tx.Discard()
			tx.set(Senders.bytes("bad"), []byte{0xc1}) // never used by msgpack
			tx.set(Edges.bytes(core.EdgeID{1}), []byte{0xc1})
			look(tx)
			first := tx.Err()
			tx.fail(errors.New("a later one"))
			if first == nil || tx.Err() != first || !errors.Is(tx.Commit(), first) {
				t.Errorf("it was read with the error %v, and the transaction ends with %v", first, tx.Err())
			}
		})
	}
}
