package uplink

import (
	"log/slog"
	"testing"
	"time"

	"restock/core"
)

// marking is a store of which only the mark is asked.
type marking struct {
	Store
	mark uint64
}

func (m *marking) Marked(core.WorkspaceName) uint64 { return m.mark }

// TestACoreThatIsAwayFillsNoJournal: when marks stand still all is sent again, in case the journal has lost it, but less
// and less often: an hour without the core must not fill the journal with a hundred copies of what it holds.
func TestACoreThatIsAwayFillsNoJournal(t *testing.T) {
	m := &marking{mark: 10}
	s := sending{Uplink: New(Config{Log: slog.New(slog.DiscardHandler)}, m, nil), generation: -1}
	now := time.Now()
	again := func(span time.Duration) (times int) {
		for end := now.Add(span); now.Before(end); now = now.Add(markWait / 10) {
			s.begin(now)
			if s.sent == m.mark {
				times++
			}
			s.sent = 1000 // handed to the journal
		}
		return times
	}
	s.begin(now)
	s.sent = 1000
	if got := again(2 * markWait); got != 1 {
		t.Errorf("in %s without a mark all was sent again %d times, want once", 2*markWait, got)
	}
	if got := again(24 * time.Hour); got < 3 || got > 16 {
		t.Errorf("in a day without the core all was sent again %d times, want a few", got)
	}
	m.mark = 20 // it is there again
	if got := again(2 * markWait); got != 1 {
		t.Errorf("after a mark had moved all was sent again %d times, want once", got)
	}
}
