package node

import (
	"encoding/binary"
	"errors"
	"testing"

	"restock/core"
	"restock/core/wire"
)

// TestALeaderTellsWhatAnOldOneToldLast: an old leader may have written once more after this one looked. Fenced by that, this
// one makes sure that it leads, and has the last word.
func TestALeaderTellsWhatAnOldOneToldLast(t *testing.T) {
	r := start(t, settings(t.TempDir()))
	edge := core.EdgeID{7}
	told := func() uint64 {
		v, err := r.conn.Get(t.Context(), wire.MarkKey(edge, "default"))
		if err != nil || len(v) != 8 {
			return 0
		}
		return binary.BigEndian.Uint64(v)
	}
	r.capture(1, "ann@example.com", "bob@example.com")
	eventually(t, "the edge is told 2", func() bool { return told() == 2 })
	old, err := r.conn.OpenMarks(t.Context(), "default")
	if err != nil {
		t.Fatal(err)
	}
	if err := old.Tell(t.Context(), edge, 1); err != nil {
		t.Fatal(err)
	}
	r.capture(3, "cleo@example.com")
	eventually(t, "the edge is told 3", func() bool { return told() == 3 })
}

// TestWhoDoesNotLeadTellsNothing: a node sees what edges were told, and finds then that another one leads.
func TestWhoDoesNotLeadTellsNothing(t *testing.T) {
	n, err := New(t.Context(), settings(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = n.Close() }()
	w := n.workspaces[0]
	if _, err := w.openMarks(t.Context()); err != nil {
		t.Errorf("who leads: %v", err)
	}
	w.epoch++ // as if another one's lead had been applied
	if _, err := w.openMarks(t.Context()); !errors.Is(err, errLeadLost) {
		t.Errorf("who does not lead: %v", err)
	}
}
