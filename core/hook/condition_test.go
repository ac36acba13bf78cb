package hook

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"restock/core"
)

// scripted is a plugin whose behaviour the test sets.
type scripted struct {
	calls  atomic.Int64
	lent   atomic.Int64
	export string                         // the only one that it has
	hear   func(now int64, seed [32]byte) // what comes beside the input
	answer func(ctx context.Context, input []byte) ([]byte, error)
}

func (s *scripted) Lend(ctx context.Context) (Call, func(), error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	s.lent.Add(1)
	return func(export string, input []byte, now int64, seed [32]byte) ([]byte, error) {
		s.calls.Add(1)
		if export != s.export {
			return nil, errors.New("called " + export)
		}
		if s.hear != nil {
			s.hear(now, seed)
		}
		return s.answer(ctx, input)
	}, func() { s.lent.Add(-1) }, nil
}

var errBroken = errors.New("broken")

func yes(context.Context, []byte) ([]byte, error)      { return []byte("\x92\xc3\xa2ok"), nil }
func broken(context.Context, []byte) ([]byte, error)   { return nil, errBroken }
func nonsensy(context.Context, []byte) ([]byte, error) { return []byte("ok"), nil }

// clock is a clock that the test moves.
type clock struct{ ms atomic.Int64 }

func (c *clock) now() core.Time { return core.Time(c.ms.Load()) }

func newCondition(t *testing.T) (*Condition, *scripted, *clock) {
	t.Helper()
	s, k := &scripted{export: ConditionExport, answer: yes}, &clock{}
	c, err := NewCondition(s, Manifest{Kind: KindCondition, Name: "gate", Version: "1", Reads: []Field{{"contact.region", String}}}, k.now)
	if err != nil {
		t.Fatal(err)
	}
	return c, s, k
}

func TestAsk(t *testing.T) {
	c, s, _ := newCondition(t)
	s.answer = func(_ context.Context, input []byte) ([]byte, error) {
		if string(input) != "\x91\xa2DE" {
			t.Errorf("the plugin was handed %x", input)
		}
		return []byte("\x93\xc3\xa2ok\x05"), nil
	}
	got, err := c.Ask(t.Context(), fullContext())
	if want := (Answer{Pass: true, Reason: "ok", Score: 5, Scored: true}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	for _, tt := range []struct {
		answer func(context.Context, []byte) ([]byte, error)
		want   error
	}{{broken, errBroken}, {nonsensy, ErrAnswer}} {
		s.answer = tt.answer
		if got, err := c.Ask(t.Context(), fullContext()); !errors.Is(err, tt.want) || !strings.HasPrefix(err.Error(), "asking plugin gate: ") || got != (Answer{}) {
			t.Errorf("got %+v, %v, want %v", got, err, tt.want)
		}
	}
}

func TestNewConditionRefuses(t *testing.T) {
	for _, m := range []Manifest{
		{Kind: KindStep, Name: "step", Version: "1"},
		{Kind: KindCondition, Name: "wrong", Version: "1", Reads: []Field{{"x", String}}},
	} {
		if _, err := NewCondition(&scripted{}, m, (&clock{}).now); err == nil {
			t.Errorf("%s was taken", m.Name)
		}
	}
}

func TestBreaker(t *testing.T) {
	// Each line: what the plugin does, how often it is asked, after how long, and what then is answered and called.
	steps := []struct {
		say    string
		wait   core.Milliseconds
		answer func(context.Context, []byte) ([]byte, error)
		asks   int
		want   error
		calls  int64
	}{
		{"nineteen failures", 0, broken, 19, errBroken, 19},
		{"a success ends the row", 0, yes, 1, nil, 1},
		{"nineteen more, of another kind", 0, nonsensy, 19, ErrAnswer, 19},
		{"the twentieth opens", 0, broken, 1, errBroken, 1},
		{"open", 0, yes, 5, ErrOpen, 0},
		{"open till the end", 30*core.Second - 1, yes, 1, ErrOpen, 0},
		{"one try, which fails", 1, broken, 1, errBroken, 1},
		{"open again", 30*core.Second - 1, yes, 2, ErrOpen, 0},
		{"one try, which succeeds", 1, yes, 1, nil, 1},
		{"closed", 0, broken, 19, errBroken, 19},
	}
	c, s, k := newCondition(t)
	for _, step := range steps {
		k.ms.Add(int64(step.wait))
		s.answer = step.answer
		before := s.calls.Load()
		for range step.asks {
			if _, err := c.Ask(t.Context(), &Context{}); !errors.Is(err, step.want) {
				t.Fatalf("%s: error is %v, want %v", step.say, err, step.want)
			}
		}
		if got := s.calls.Load() - before; got != step.calls {
			t.Fatalf("%s: called %d times, want %d", step.say, got, step.calls)
		}
	}
}

// While a try is under way nobody else may try.
func TestBreakerTriesOneAtATime(t *testing.T) {
	c, s, k := newCondition(t)
	s.answer = broken
	for range breakAfter {
		_, _ = c.Ask(t.Context(), &Context{})
	}
	k.ms.Add(int64(breakFor))
	s.answer = func(ctx context.Context, _ []byte) ([]byte, error) {
		if _, err := c.Ask(ctx, &Context{}); !errors.Is(err, ErrOpen) {
			t.Errorf("a second try during the first: %v", err)
		}
		return yes(ctx, nil)
	}
	if _, err := c.Ask(t.Context(), &Context{}); err != nil {
		t.Error(err)
	}
}

// An asker that goes away says nothing about the plugin.
func TestBreakerForgivesCancelledAskers(t *testing.T) {
	c, s, _ := newCondition(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 3 * breakAfter {
		if _, err := c.Ask(ctx, &Context{}); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	if n := s.calls.Load(); n != 0 {
		t.Errorf("it was called %d times", n)
	}
	if _, err := c.Ask(t.Context(), &Context{}); err != nil {
		t.Error(err)
	}
}

func TestConditionHammer(t *testing.T) {
	c, s, k := newCondition(t)
	s.answer = func(ctx context.Context, in []byte) ([]byte, error) {
		if s.calls.Load()%50 < 30 {
			return broken(ctx, in)
		}
		return yes(ctx, in)
	}
	var wg sync.WaitGroup
	var answered atomic.Int64
	for range 8 {
		wg.Go(func() {
			for range 2000 {
				k.ms.Add(500)
				_, err := c.Ask(t.Context(), fullContext())
				if err == nil {
					answered.Add(1)
				} else if !errors.Is(err, errBroken) && !errors.Is(err, ErrOpen) {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if answered.Load() == 0 || s.calls.Load() == 16000 {
		t.Errorf("%d of 16000 asks were answered by %d calls; want some answered and some not called", answered.Load(), s.calls.Load())
	}
}

// heard is a witness that writes down what it hears.
type heard struct {
	failed, closed int
	opened         []Sample
}

func (h *heard) Failed(Manifest, error) { h.failed++ }
func (h *heard) Closed(Manifest)        { h.closed++ }
func (h *heard) Opened(_ Manifest, failures int, until core.Time, last Sample) {
	if failures != breakAfter || until == 0 {
		last.Err = errors.New("opened wrongly")
	}
	h.opened = append(h.opened, last)
}

// The witness hears each failure, the opening once with an input to replay, and the closing once.
func TestWitness(t *testing.T) {
	c, s, k := newCondition(t)
	w := &heard{}
	c.Witnessed(w)
	s.answer = broken
	for range breakAfter + 5 {
		_, _ = c.Ask(t.Context(), fullContext())
	}
	k.ms.Add(int64(breakFor))
	s.answer = yes
	for range 3 {
		_, _ = c.Ask(t.Context(), fullContext())
	}
	if w.failed != breakAfter || w.closed != 1 || len(w.opened) != 1 {
		t.Fatalf("heard %d failures, %d openings, %d closings; want %d, 1, 1", w.failed, len(w.opened), w.closed, breakAfter)
	}
	got := w.opened[0]
	if got.Export != ConditionExport || string(got.Input) != "\x91\xa2DE" || got.Now != fullContext().Now || !errors.Is(got.Err, errBroken) || got.Seed == [32]byte{} {
		t.Errorf("the sample is %+v", got)
	}
	if n := s.lent.Load(); n != 0 {
		t.Errorf("%d instances were not given back", n)
	}
}

// Chance hangs on contact, step and plugin; the clock is the case's.
func TestMomentOfAsking(t *testing.T) {
	c, s, _ := newCondition(t)
	other, o, _ := newCondition(t)
	other.manifest.Name = "other"
	seeds := map[[32]byte]string{}
	ask := func(c *Condition, step string, contact byte) {
		about := fullContext()
		about.Contact.ID[0] = contact
		a, err := c.Asker(t.Context(), step)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		a.Prepare(about)
		if _, err := a.Ask(about); err != nil {
			t.Fatal(err)
		}
	}
	hear := func(now int64, seed [32]byte) {
		if now != int64(fullContext().Now) {
			t.Errorf("the clock shows %d", now)
		}
		seeds[seed] += "x"
	}
	s.hear, o.hear = hear, hear
	ask(c, "gate", 1)
	ask(c, "gate", 1)
	ask(c, "gate", 2)
	ask(c, "door", 1)
	ask(other, "gate", 1)
	if len(seeds) != 4 {
		t.Errorf("%d different seeds for four different questions, one asked twice", len(seeds))
	}
}
