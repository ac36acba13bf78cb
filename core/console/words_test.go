package console

import (
	"strings"
	"testing"

	"restock/core/notify"
)

// TestEveryGateHasWords: a gate that is added is told in words on the page of messages, not by its name.
func TestEveryGateHasWords(t *testing.T) {
	for _, g := range notify.Gates {
		if text := gateWords(g.Name); text == readable(g.Name) && strings.Contains(g.Name, "_") || text == g.Name {
			t.Errorf("gate %s has no words", g.Name)
		}
	}
}
