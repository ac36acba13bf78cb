package waitlist

import (
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"

	"github.com/dgraph-io/badger/v4"

	"restock/core"
	"restock/core/wire"
)

func reopen(t *testing.T, s *Store) *Store {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := Open(s.dir, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = again.Close() })
	return again
}

// took adds what an edge took, and marks all that is in the outbox: the core has applied it.
func took(t *testing.T, s *Store, captures ...core.Capture) {
	t.Helper()
	var adding sync.WaitGroup
	for _, c := range captures {
		adding.Go(func() {
			if err := s.Add("a", wire.AppendCapture(nil, &c)); err != nil {
				t.Error(err)
			}
		})
	}
	adding.Wait()
	last := s.Marked("a")
	for {
		raws, _, err := s.Next("a", last)
		if err != nil {
			t.Fatal(err)
		}
		if last += uint64(len(raws)); len(raws) == 0 {
			break
		}
	}
	if err := s.Mark("a", last); err != nil {
		t.Fatal(err)
	}
}

func asked(email string, variant core.VariantID, at core.Time) core.Capture {
	return core.Capture{Target: core.Target{Source: "shop", Variant: variant}, Email: email, CapturedAt: at}
}

func forget(t *testing.T, s *Store, email string, before core.Time) {
	t.Helper()
	tag := core.Address{Channel: core.Email, Value: email}.Tag()
	if err := s.Forget("a", core.Forget{Tag: tag, Before: before}); err != nil {
		t.Fatal(err)
	}
}

// keptIn is the waitlist, as "address variant time".
func keptIn(t *testing.T, s *Store) []string {
	t.Helper()
	got := []string{}
	err := s.badger.View(func(tx *badger.Txn) error {
		return each(tx, []byte{'w'}, nil, func(_, value []byte) bool {
			e, err := wire.Raw(value).Decode()
			if err != nil {
				t.Error(err)
			}
			c := e.(wire.Capture).Capture
			got = append(got, fmt.Sprintf("%s %s %d", c.Email, c.Variant, c.CapturedAt))
			return true
		})
	})
	if err != nil {
		t.Error(err)
	}
	slices.Sort(got)
	return got
}

// wantKept compares the waitlist, and how much of it a resync would send.
func wantKept(t *testing.T, s *Store, want ...string) {
	t.Helper()
	slices.Sort(want)
	if got := keptIn(t, s); !slices.Equal(got, want) {
		t.Errorf("kept are %q, want %q", got, want)
	}
	if done, err := s.Resync(t.Context(), func(int) {}); done != len(want) || err != nil {
		t.Errorf("%d were sent again (%v), want %d", done, err, len(want))
	}
}

func TestAnOrderAfterTheMark(t *testing.T) {
	s := openStore(t)
	took(t, s, asked("ann@example.com", "1", 10), asked("ann@example.com", "2", 20), asked("ann@example.com", "3", 21), asked("bob@example.com", "1", 10))
	forget(t, s, "ann@example.com", 20)
	wantKept(t, s, "ann@example.com 3 21", "bob@example.com 1 10")
}

// TestAnOrderBeforeTheMark: what was still on its way when the order came never enters the waitlist; what was asked
// after it does.
func TestAnOrderBeforeTheMark(t *testing.T) {
	s := openStore(t)
	forget(t, s, "ann@example.com", 20)
	s = reopen(t, s)
	took(t, s, asked("ann@example.com", "1", 10), asked("ann@example.com", "2", 20), asked("ann@example.com", "3", 21), asked("bob@example.com", "1", 10))
	wantKept(t, s, "ann@example.com 3 21", "bob@example.com 1 10")
}

// TestAnOrderIsOfItsWorkspace and of its time: an older one that comes again takes nothing back.
func TestAnOrderIsOfItsWorkspace(t *testing.T) {
	s := openStore(t)
	took(t, s, asked("ann@example.com", "1", 10))
	tag := core.Address{Channel: core.Email, Value: "ann@example.com"}.Tag()
	if err := s.Forget("b", core.Forget{Tag: tag, Before: 99}); err != nil {
		t.Fatal(err)
	}
	wantKept(t, s, "ann@example.com 1 10")
	forget(t, s, "ann@example.com", 30)
	forget(t, s, "ann@example.com", 5)
	s = reopen(t, s)
	took(t, s, asked("ann@example.com", "2", 30), asked("ann@example.com", "3", 31))
	wantKept(t, s, "ann@example.com 3 31")
	forget(t, s, "ann@example.com", 40)
	wantKept(t, s)
}

// TestAnOrderThatACrashLeftHalfDone is carried out when the disk is opened: it was on disk before anything was deleted.
func TestAnOrderThatACrashLeftHalfDone(t *testing.T) {
	s := openStore(t)
	took(t, s, asked("ann@example.com", "1", 10), asked("bob@example.com", "1", 10))
	tag := core.Address{Channel: core.Email, Value: "ann@example.com"}.Tag()
	if before, known, err := s.order("a", core.Forget{Tag: tag, Before: 20}); before != 20 || known || err != nil {
		t.Fatalf("the order was taken as %d, %v, %v", before, known, err)
	}
	wantKept(t, s, "ann@example.com 1 10", "bob@example.com 1 10")
	s = reopen(t, s)
	wantKept(t, s, "bob@example.com 1 10")
	if _, known, err := s.order("a", core.Forget{Tag: tag, Before: 20}); !known || err != nil {
		t.Errorf("after that the order is still to be done (%v)", err)
	}
}

// TestAnOrderAboutMoreThanAPage: somebody may have asked for very many variants.
func TestAnOrderAboutMoreThanAPage(t *testing.T) {
	s := openStore(t)
	var all []core.Capture
	for i := range 2*forgetPage + 1 {
		all = append(all, asked("ann@example.com", core.VariantID(fmt.Sprint(i)), 10))
	}
	took(t, s, append(all, asked("bob@example.com", "1", 10))...)
	forget(t, s, "ann@example.com", 10)
	wantKept(t, s, "bob@example.com 1 10")
}
