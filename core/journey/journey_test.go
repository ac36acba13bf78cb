package journey_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"restock/core"
	"restock/core/filter"
	"restock/core/journey"
)

const now = core.Time(1_800_000_000_000)

var entered = core.Activity{ID: core.ActivityID{1}, Kind: core.BackInStock, Contact: core.ContactID{0xa}, At: now, Source: "shop", SKU: "TEE-M"}

// world answers as it is told and writes down what was asked of it.
type world struct {
	verdicts map[string]core.Verdict // by shape; none: no verdict yet
	refuses  map[string]core.Reason  // by shape; none: the intent is written
	sent     []string                // "shape visit"
	asked    []string                // shapes
	holds    map[string]bool         // by shape
	look     core.Time
	leaves   core.Reason
	zone     *time.Location  // the contact's
	limited  map[string]bool // by shape
	draw     int
	turn     core.Time
	acted    []string
	came     []string
}

func (w *world) Verdict(_ *core.Run, s core.Shape) (core.Verdict, bool) {
	w.asked = append(w.asked, s.Name)
	v, ok := w.verdicts[s.Name]
	return v, ok
}

func (w *world) Send(_ *core.Run, s core.Shape, visit int) core.Reason {
	w.sent = append(w.sent, fmt.Sprint(s.Name, " ", visit))
	if r, ok := w.refuses[s.Name]; ok {
		return r
	}
	return core.ReasonIntended
}

func (w *world) Holds(_ *core.Run, s core.Shape) (bool, core.Time) { return w.holds[s.Name], w.look }

func (w *world) Leaves(*core.Run, *core.Leave) core.Reason { return w.leaves }

func (w *world) Zone(_ *core.Run, whose core.Clocks) (*time.Location, string) {
	if whose == core.ClocksOfContact {
		return w.zone, w.zone.String()
	}
	return time.UTC, "UTC"
}

func (w *world) Limited(_ *core.Run, s core.Shape) bool { return w.limited[s.Name] }

func (w *world) Draw(*core.Run, core.Shape) (int, bool) { return w.draw, true }

func (w *world) Turn(*core.Run, core.Shape) (core.Time, bool) { return w.turn, true }

func (w *world) Act(_ *core.Run, a core.Action) (string, bool) {
	w.acted = append(w.acted, fmt.Sprint(a.AddTags, a.RemoveTags, a.Set))
	return "acted", true
}

func (w *world) Came(_ *core.Run, shape string) { w.came = append(w.came, shape) }

func email(name, next string) core.Shape {
	return core.Shape{Name: name, Kind: core.ShapeEmail, Next: next, Email: &core.EmailShape{Sender: "inbox"}}
}

func delay(name string, d core.Milliseconds, next string) core.Shape {
	return core.Shape{Name: name, Kind: core.ShapeDelay, Delay: d, Next: next}
}

func condition(name string, p core.FailurePolicy, yes, no string) core.Shape {
	return core.Shape{Name: name, Kind: core.ShapeCondition, Next: yes, No: no, Condition: &core.PluginCall{Plugin: "gate", OnFailure: p}}
}

func on(shapes ...core.Shape) core.Journey {
	return core.Journey{Name: "vip", On: true, Enter: core.Enter{Occurs: core.BackInStock}, Shapes: shapes}
}

// told writes a run as text: where it stands, and its steps without the entry.
func told(r core.Run) string {
	var b strings.Builder
	for _, s := range r.Steps[1:] {
		fmt.Fprintf(&b, "%s %s", s.Shape, s.Reason)
		if s.Detail != "" {
			fmt.Fprintf(&b, " (%s)", s.Detail)
		}
		b.WriteString("; ")
	}
	fmt.Fprintf(&b, "%s at %s", r.At, r.Shape)
	if r.Due != 0 {
		fmt.Fprintf(&b, " for %s", r.Due.Since(now).Go())
	}
	return b.String()
}

func TestEnters(t *testing.T) {
	gate := on(email("mail", core.Exit))
	filtered := gate
	filtered.Enter.Where = core.Filter{Field: "sku", Op: core.OpIs, Texts: []string{"TEE-L", "TEE-M"}}
	missed := gate
	missed.Enter.Where = filter.All(core.Filter{Field: "sku", Op: core.OpIs, Texts: []string{"TEE-M"}},
		core.Filter{Field: "source", Op: core.OpIs, Texts: []string{"other"}})
	unsure := gate
	unsure.Enter.Where = core.Filter{Field: "contact.tags", Op: core.OpHas, Texts: []string{"vip"}}
	off, other := gate, gate
	off.On = false
	other.Enter.Occurs = core.WaitingOnStock
	tests := []struct {
		name string
		j    core.Journey
		want filter.Answer
	}{
		{"its activity", gate, filter.Yes},
		{"its filter holds", filtered, filter.Yes},
		{"its filter does not hold", missed, filter.No},
		{"its filter asks for the contact", unsure, filter.Maybe},
		{"it is off", off, filter.No},
		{"another activity", other, filter.No},
		{"it has no shape", on(), filter.No},
	}
	for _, tt := range tests {
		where, err := filter.Compile(tt.j.Enter.Where, filter.Entry, filter.Env{})
		if err != nil {
			t.Fatal(err)
		}
		if got := journey.Enters(tt.j, where, &filter.Subject{Activity: &entered}); got != tt.want {
			t.Errorf("%s: enters is %d", tt.name, got)
		}
	}
}

func TestStart(t *testing.T) {
	j := on(delay("wait", core.Hour, "mail"), email("mail", core.Exit))
	r := journey.Start(j, entered, now)
	if r.Shape != "wait" || r.Contact != entered.Contact || r.Journey != "vip" || r.Entered != entered {
		t.Errorf("the run is %+v", r)
	}
	if len(r.Steps) != 1 || r.Steps[0] != (core.Step{At: now, Reason: core.ReasonEntered}) {
		t.Errorf("its steps are %+v", r.Steps)
	}
	edited := j
	edited.Version, edited.Shapes = core.Hash{9}, j.Shapes[1:]
	if journey.Start(edited, entered, now+1).ID != r.ID {
		t.Error("a run's id depends on the journey's version: an edit would let the contact in twice")
	}
}

// TestAdvance moves a run from its start until it waits or is over.
func TestAdvance(t *testing.T) {
	yes, no := core.Verdict{Pass: true, Reason: "good"}, core.Verdict{Reason: "bad"}
	broken := core.Verdict{Pass: true, Failed: "trapped", Reason: "unreachable"}
	tests := []struct {
		name    string
		journey core.Journey
		world   world
		want    string
		sent    string
	}{
		{"one mail", on(email("mail", core.Exit)), world{},
			"mail intended; exit completed; over at exit", "[mail 1]"},
		{"two mails", on(email("a", "b"), email("b", core.Exit)), world{},
			"a intended; b intended; exit completed; over at exit", "[a 1 b 1]"},
		{"nobody to write to", on(email("a", "b"), email("b", core.Exit)), world{refuses: map[string]core.Reason{"a": core.ReasonNoAddress}},
			"a no_address; b intended; exit completed; over at exit", "[a 1 b 1]"},
		{"a delay", on(email("a", "wait"), delay("wait", core.Hour, "b"), email("b", core.Exit)), world{},
			"a intended; wait delayed (until 2027-01-15T09:00:00.000Z); delayed at wait for 1h0m0s", "[a 1]"},
		{"no verdict yet", on(condition("gate", core.FailSkip, "mail", core.Exit), email("mail", core.Exit)), world{},
			"asking at gate", "[]"},
		{"yes", on(condition("gate", core.FailSkip, "mail", core.Exit), email("mail", core.Exit)), world{verdicts: map[string]core.Verdict{"gate": yes}},
			"gate condition_yes (good); mail intended; exit completed; over at exit", "[mail 1]"},
		{"no", on(condition("gate", core.FailSend, "mail", "sorry"), email("mail", core.Exit), email("sorry", core.Exit)), world{verdicts: map[string]core.Verdict{"gate": no}},
			"gate condition_no (bad); sorry intended; exit completed; over at exit", "[sorry 1]"},
		{"failed, skip", on(condition("gate", core.FailSkip, "mail", core.Exit), email("mail", core.Exit)), world{verdicts: map[string]core.Verdict{"gate": broken}},
			"gate plugin_failed (trapped unreachable); exit completed; over at exit", "[]"},
		{"failed, send", on(condition("gate", core.FailSend, "mail", core.Exit), email("mail", core.Exit)), world{verdicts: map[string]core.Verdict{"gate": broken}},
			"gate plugin_failed (trapped unreachable); mail intended; exit completed; over at exit", "[mail 1]"},
		{"failed, hold", on(condition("gate", core.FailHold, "mail", core.Exit), email("mail", core.Exit)), world{verdicts: map[string]core.Verdict{"gate": broken}},
			"gate plugin_failed (trapped unreachable); delayed at gate for 1m0s", "[]"},
		{"failed, nothing said", on(condition("gate", "", "mail", core.Exit), email("mail", core.Exit)), world{verdicts: map[string]core.Verdict{"gate": broken}},
			"gate plugin_failed (trapped unreachable); delayed at gate for 1m0s", "[]"},
		{"a path to nowhere", on(email("a", "gone")), world{},
			"a intended; gone shape_gone; over at exit", "[a 1]"},
		{"a shape of a later version", on(core.Shape{Name: "split", Kind: "split", Next: core.Exit}), world{},
			"split shape_gone; over at exit", "[]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := journey.Start(tt.journey, entered, now)
			journey.Advance(&r, tt.journey, &tt.world, now)
			if got := told(r); got != tt.want {
				t.Errorf("the run is\n%s\nwant\n%s", got, tt.want)
			}
			if got := fmt.Sprint(tt.world.sent); got != tt.sent {
				t.Errorf("sent %s, want %s", got, tt.sent)
			}
		})
	}
}

// TestOffMeansNothingIsSent wherever the run stands.
func TestOffMeansNothingIsSent(t *testing.T) {
	shapes := []core.Shape{email("mail", core.Exit), delay("wait", core.Hour, "mail"), condition("gate", core.FailSend, "mail", "mail")}
	for _, s := range shapes {
		j := on(s, shapes[0])
		r := journey.Start(j, entered, now)
		if s.Kind == core.ShapeDelay {
			journey.Advance(&r, j, &world{}, now)
		}
		j.On = false
		w := world{verdicts: map[string]core.Verdict{"gate": {Pass: true}}}
		journey.Advance(&r, j, &w, now.Add(core.Hour))
		if r.At != core.RunOver || r.Due != 0 || len(w.sent)+len(w.asked) > 0 {
			t.Errorf("standing at %s: %s; sent %v, asked %v", s.Name, told(r), w.sent, w.asked)
		}
		if last := r.Steps[len(r.Steps)-1]; last.Reason != core.ReasonJourneyOff || last.Shape != s.Name {
			t.Errorf("standing at %s: it ended at %s with %s", s.Name, last.Shape, last.Reason)
		}
	}
}

// TestEditedWhileInADelay: who stands in a delay goes on with the new version, or leaves.
func TestEditedWhileInADelay(t *testing.T) {
	old := on(delay("wait", core.Hour, "a"), email("a", core.Exit))
	tests := []struct {
		name string
		new  core.Journey
		want string
		sent string
	}{
		{"as it was", old, "a intended; exit completed; over at exit", "[a 1]"},
		{"another way on", on(delay("wait", core.Hour, "b"), email("a", core.Exit), email("b", core.Exit)), "b intended; exit completed; over at exit", "[b 1]"},
		{"a longer delay is over all the same", on(delay("wait", core.Day, "a"), email("a", core.Exit)), "a intended; exit completed; over at exit", "[a 1]"},
		{"a second delay behind it", on(delay("wait", core.Hour, "more"), delay("more", core.Hour, "a"), email("a", core.Exit)),
			"more delayed (until 2027-01-15T10:00:00.000Z); delayed at more for 2h0m0s", "[]"},
		{"the delay is gone", on(email("a", core.Exit)), "wait shape_gone; over at exit", "[]"},
		{"the delay became a mail", on(email("wait", core.Exit)), "wait intended; exit completed; over at exit", "[wait 1]"},
		{"the way on is gone", on(delay("wait", core.Hour, "a")), "a shape_gone; over at exit", "[]"},
		{"the journey is gone", core.Journey{}, "wait journey_off; over at exit", "[]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := journey.Start(old, entered, now)
			journey.Advance(&r, old, &world{}, now)
			r.Steps = r.Steps[:1] // what is told below is what comes after the delay
			w := world{}
			journey.Advance(&r, tt.new, &w, now.Add(core.Hour))
			if got := told(r); got != tt.want {
				t.Errorf("the run is\n%s\nwant\n%s", got, tt.want)
			}
			if got := fmt.Sprint(w.sent); got != tt.sent {
				t.Errorf("sent %s, want %s", got, tt.sent)
			}
			if r.Entered != entered {
				t.Error("the entry activity's attributes did not stay")
			}
		})
	}
}

// TestHeldConditionIsAskedAgain until it can be, less and less often; the run does not grow by it, however long that takes.
func TestHeldConditionIsAskedAgain(t *testing.T) {
	j := on(email("first", "gate"), condition("gate", core.FailHold, "mail", core.Exit), email("mail", core.Exit))
	w := world{verdicts: map[string]core.Verdict{"gate": {Failed: "out_of_time", Reason: "slow"}}}
	r := journey.Start(j, entered, now)
	at := now
	minutes := []core.Milliseconds{1, 2, 4, 8, 16, 32, 60, 60}
	for try := range 2 * core.MaxSteps {
		journey.Advance(&r, j, &w, at)
		wait := minutes[min(try, len(minutes)-1)] * core.Minute
		if r.At != core.RunDelayed || r.Shape != "gate" || r.Due != at.Add(wait) || len(r.Steps) != 3 {
			t.Fatalf("after %d tries the run is %s, want it to wait for %s", try+1, told(r), wait.Go())
		}
		if last := r.Steps[2]; last.Tries != try+1 || last.At != at || last.Reason != core.ReasonPluginFailed || last.Detail != "out_of_time slow" {
			t.Fatalf("after %d tries the step is %+v", try+1, last)
		}
		at = r.Due
	}
	w.verdicts = nil
	journey.Advance(&r, j, &w, at)
	if r.At != core.RunAsking || r.Due != 0 {
		t.Fatalf("without a verdict the run is %s", told(r))
	}
	w.verdicts = map[string]core.Verdict{"gate": {Pass: true}}
	journey.Advance(&r, j, &w, at)
	if got := fmt.Sprint(w.sent); r.At != core.RunOver || got != "[first 1 mail 1]" {
		t.Errorf("with a verdict the run is %s, sent %v", told(r), w.sent)
	}
}

// TestVisitsAreToldApart: the ledger has one line for each visit of a shape, so that a loop sends each time.
func TestVisitsAreToldApart(t *testing.T) {
	j := on(email("mail", "wait"), delay("wait", core.Hour, "again"), email("again", "mail"))
	r := journey.Start(j, entered, now)
	w := world{}
	for at := now; len(w.sent) < 6; at = r.Due {
		journey.Advance(&r, j, &w, at)
	}
	if got, want := fmt.Sprint(w.sent[:6]), "[mail 1 again 1 mail 2 again 2 mail 3"; !strings.HasPrefix(got, want) {
		t.Errorf("sent %s, want %s …", got, want)
	}
}

// TestALoopEnds however it goes round; what was written of it is bounded.
func TestALoopEnds(t *testing.T) {
	loops := map[string]core.Journey{
		"mails alone":      on(email("a", "b"), email("b", "a")),
		"delays alone":     on(delay("a", core.Hour, "b"), delay("b", core.Hour, "a")),
		"one delay":        on(delay("a", core.Hour, "a")),
		"mail and delay":   on(delay("a", core.Hour, "b"), email("b", "a")),
		"a condition":      on(condition("a", core.FailSkip, "a", "a")),
		"condition, delay": on(condition("a", core.FailSkip, "b", "b"), delay("b", 0, "a")),
	}
	for name, j := range loops {
		t.Run(name, func(t *testing.T) {
			w := world{verdicts: map[string]core.Verdict{"a": {Pass: true}}}
			r := journey.Start(j, entered, now)
			at := now
			for woken := 0; r.At != core.RunOver; woken++ {
				if woken > core.MaxSteps {
					t.Fatalf("woken %d times, and it still is %s", woken, r.At)
				}
				journey.Advance(&r, j, &w, at)
				at = max(at, r.Due)
			}
			if last := r.Steps[len(r.Steps)-1]; last.Reason != core.ReasonTooManySteps || r.Shape != core.Exit || r.Due != 0 {
				t.Errorf("it ended with %s at %s", last.Reason, r.Shape)
			}
			if n := len(r.Steps); n < core.MaxSteps || n > core.MaxSteps+1 { // the step that says so may come on top
				t.Errorf("it took %d steps, want %d", n, core.MaxSteps)
			}
			if len(w.sent) >= core.MaxSteps {
				t.Errorf("%d messages", len(w.sent))
			}
		})
	}
}

// TestWokenTooEarly: nobody leaves a delay before it is due.
func TestWokenTooEarly(t *testing.T) {
	j := on(delay("wait", core.Hour, "mail"), email("mail", core.Exit))
	r := journey.Start(j, entered, now)
	w := world{}
	journey.Advance(&r, j, &w, now)
	journey.Advance(&r, j, &w, r.Due-1)
	if r.At != core.RunDelayed || r.Shape != "wait" || len(w.sent) > 0 {
		t.Errorf("a millisecond early the run is %s, sent %v", told(r), w.sent)
	}
}
