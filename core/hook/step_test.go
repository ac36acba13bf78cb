package hook

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"restock/core"
)

func newStep(t *testing.T, answer string) (*Step, *scripted, *clock) {
	t.Helper()
	s, k := &scripted{export: StepExport}, &clock{}
	s.answer = func(context.Context, []byte) ([]byte, error) { return []byte(answer), nil }
	m := allActions()
	m.Reads = []Field{{"contact.region", String}}
	step, err := NewStep(s, m, k.now)
	if err != nil {
		t.Fatal(err)
	}
	return step, s, k
}

func askStep(t *testing.T, s *Step) (StepAnswer, error) {
	t.Helper()
	a, err := s.Asker(t.Context(), "choose")
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	a.Prepare(fullContext())
	return a.Ask(fullContext())
}

// A step is asked by its own export, with what it reads, and its answer is held against its own manifest.
func TestAskStep(t *testing.T) {
	step, s, _ := newStep(t, "")
	answer := packed("a", "branch", "to", "vip")
	s.answer = func(_ context.Context, input []byte) ([]byte, error) {
		if string(input) != "\x91\xa2DE" {
			t.Errorf("the plugin was handed %x", input)
		}
		return answer, nil
	}
	got, err := askStep(t, step)
	if want := (StepAnswer{Action: ActionBranch, Branch: "vip"}); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	answer = packed("a", "branch", "to", "elsewhere")
	if got, err := askStep(t, step); !errors.Is(err, ErrAnswer) || !reflect.DeepEqual(got, StepAnswer{}) {
		t.Errorf("got %+v, %v, want %v", got, err, ErrAnswer)
	}
	if n := s.lent.Load(); n != 0 {
		t.Errorf("%d instances were not given back", n)
	}
}

// A step that fails is left in peace as a condition is; the sample names its export.
func TestStepBreaker(t *testing.T) {
	step, s, k := newStep(t, "nonsense")
	w := &heard{}
	step.Witnessed(w)
	for range breakAfter {
		if _, err := askStep(t, step); !errors.Is(err, ErrAnswer) {
			t.Fatal(err)
		}
	}
	if _, err := askStep(t, step); !errors.Is(err, ErrOpen) || s.calls.Load() != breakAfter {
		t.Errorf("after %d calls: %v, want %v", s.calls.Load(), err, ErrOpen)
	}
	if len(w.opened) != 1 || w.opened[0].Export != StepExport {
		t.Errorf("the witness heard %+v", w.opened)
	}
	k.ms.Add(int64(breakFor))
	s.answer = func(context.Context, []byte) ([]byte, error) { return packed("a", "continue"), nil }
	if got, err := askStep(t, step); err != nil || got.Action != ActionContinue || w.closed != 1 {
		t.Errorf("got %+v, %v and %d closings", got, err, w.closed)
	}
}

func TestNewStepRefuses(t *testing.T) {
	for _, m := range []Manifest{
		{Kind: KindCondition, Name: "gate", Version: "1"},
		{Kind: KindStep, Name: "wrong", Version: "1", Branches: []string{"No Name"}},
	} {
		if _, err := NewStep(&scripted{}, m, func() core.Time { return 0 }); err == nil {
			t.Errorf("%s was taken", m.Name)
		}
	}
}

// What becomes of contacts when a step fails is what it declares; they wait when it declares nothing.
func TestStepFailurePolicy(t *testing.T) {
	for declared, want := range map[Policy]Policy{"": Hold, Continue: Continue, Exit: Exit, Hold: Hold} {
		m := allActions()
		m.OnFailure = declared
		read, err := ReadManifest(m.Encode())
		if err != nil || read.FailurePolicy() != want {
			t.Errorf("%q: %q, %v, want %q", declared, read.FailurePolicy(), err, want)
		}
	}
}
