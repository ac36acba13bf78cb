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
	answer func(ctx context.Context, input []byte) ([]byte, error)
}

func (s *scripted) Call(ctx context.Context, export string, input []byte) ([]byte, error) {
	s.calls.Add(1)
	if export != ConditionExport {
		return nil, errors.New("called " + export)
	}
	return s.answer(ctx, input)
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
	s, k := &scripted{answer: yes}, &clock{}
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
	s.answer = func(ctx context.Context, _ []byte) ([]byte, error) { return nil, ctx.Err() }
	for range 3 * breakAfter {
		if _, err := c.Ask(ctx, &Context{}); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	s.answer = yes
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
