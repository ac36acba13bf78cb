package edge

import (
	"testing"

	"restock/core"
	"restock/core/wire"
)

// TestConfigurationThatCannotBeUsed: what is unreadable takes nothing away that was known, holds up nothing that comes
// behind it, and does not keep the edge from starting again; neither does what another version left on its disk.
func TestConfigurationThatCannotBeUsed(t *testing.T) {
	config := Config{Data: t.TempDir(), Listen: "127.0.0.1:0", InProcess: noJournal{}, Log: discard}
	n, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	configureShop(t, n)
	unreadable := []byte{0xc1} // no msgpack begins like this
	for _, key := range []string{wire.SourceKey("shop"), wire.SourceKey("other"), wire.SenderKey("text"), wire.RingKey, "forget.default.nonsense"} {
		if err := n.configuration.Configure(key, unreadable); err != nil {
			t.Errorf("%s holds up what comes behind it: %v", key, err)
		}
	}
	known := func(when string) {
		t.Helper()
		for name, want := range map[core.SourceName]bool{"shop": true, "closed": true, "other": false, "kept": false} {
			if n.Knows(name) != want {
				t.Errorf("%s: the edge knows %s: %t", when, name, !want)
			}
		}
		if r := postCapture(n, "application/json", goodCapture); r.StatusCode() != 202 {
			t.Errorf("%s: a capture is answered %d", when, r.StatusCode())
		}
	}
	known("after it came")
	if err := n.store.SetConfig(wire.SourceKey("kept"), unreadable); err != nil {
		t.Fatal(err)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	if n, err = New(config); err != nil {
		t.Fatalf("starting again: %v", err)
	}
	defer func() { _ = n.Close() }()
	known("after a restart")
}
