package machine_test

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"restock/core"
	"restock/core/db"
	"restock/core/hook"
	"restock/core/machine"
	"restock/core/manifest"
	"restock/core/template"
	"restock/core/wire"
)

// TestJourneyStories tells the stories in testdata/journey, as TestStories tells its own. What is indented by four blanks belongs
// to the line above it. journeyText.line says what lines there are.
func TestJourneyStories(t *testing.T) {
	paths, err := filepath.Glob("testdata/journey/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no stories (%v)", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) { tellJourneys(t, path) })
	}
}

func tellJourneys(t *testing.T, path string) {
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	var s *journeyText
	lines := bufio.NewScanner(bytes.NewReader(want))
	more := lines.Scan()
	for n := 1; more; n++ {
		line, first := lines.Text(), n
		if strings.HasPrefix(line, "  =>") {
			more = lines.Scan()
			continue
		}
		fmt.Fprintln(&got, line)
		var under []string
		for more = lines.Scan(); more && strings.HasPrefix(lines.Text(), "    "); more = lines.Scan() {
			under = append(under, lines.Text())
			fmt.Fprintln(&got, lines.Text())
			n++
		}
		if s == nil || strings.HasPrefix(line, "== ") {
			s = newJourneyText(t)
		}
		if line == "" || line[0] == '#' || line[0] == '=' {
			continue
		}
		if err := s.tell(strings.Fields(line), strings.Join(under, "\n")); err != nil {
			t.Fatalf("%s:%d: %q: %v", path, first, line, err)
		}
		for _, happened := range s.happened() {
			fmt.Fprintln(&got, "  =>", happened)
		}
	}
	if *update {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got.String() != string(want) {
		t.Errorf("%s went otherwise:\n%s", path, got.String())
	}
}

// journeyText is a shop with journeys of its own, and without playbooks. It begins on Friday, 15 January 2027, at 08:00 UTC.
type journeyText struct {
	*text
	answers stepAnswers
}

func newJourneyText(t *testing.T) *journeyText {
	s := &journeyText{text: newText(t), answers: stepAnswers{}}
	s.asker = s.answers
	s.declare(core.Declaration{
		States: []core.DeclaredState{{Journey: "shop-waiting"}, {Journey: "shop-back"}},
		Plugins: []core.DeclaredPlugin{
			{Plugin: core.Plugin{Name: "scorer", Hash: core.HashOf([]byte("scorer"))}, Module: []byte("scorer")},
			{Plugin: core.Plugin{Name: "gate", Hash: core.HashOf([]byte("gate"))}, Module: []byte("gate")},
		},
	})
	s.deliver(s.product([]string{"tee", "tee-m", "tee-l"}))
	s.deliver(s.product([]string{"cap", "cap-m"}))
	for _, v := range []string{"tee-m", "tee-l", "cap-m"} {
		s.deliver(fmt.Sprintf(`{"type":"levels","levels":[{"variant":%q,"location":"berlin","available":0,"updated_at":%q}]}`, v, s.now))
	}
	return s
}

// tell lets one thing happen. Beside what text.line has, the lines are
//
//	journey NAME [off]                          and its spec under it: what a Journey document has
//	audience NAME                               the filter under it; who is in it now
//	broadcast NAME [off]                        what a Broadcast document has under it
//	say on|off|pause|resume NAME                a word about a broadcast
//	announced NAME                              how far it is
//	playbook NAME [off]                         what a Playbook document has under it
//	on NAME · off NAME                          it is turned
//	zone NAME                                   the workspace's
//	at DATE[Ttime]                              time passes until then, in UTC
//	WHO asks VARIANT … [of REGION] [phone NUMBER]
//	WHO unsubscribes
//	WHO is erased
//	pause|resume|move JOURNEY SHAPE             an operator's word
//	plugin WHO continue|exit|fail|late|delay=2h|branch=vip|yes|no [var=x] [tag=y]   what plugins say of somebody; else they continue
//	crowd N VARIANT                             c0001, c0002 and so on ask for it
//	why WHO                                     its runs, step by step
//	status JOURNEY                              how many came, and stand where
//
// The variants tee-m, tee-l and cap-m are sold out.
func (s *journeyText) tell(words []string, under string) (err error) {
	switch last := len(words) - 1; {
	case words[0] == "journey" || words[0] == "playbook":
		kind := strings.ToUpper(words[0][:1]) + words[0][1:]
		return s.file(kind, core.Name(words[1]), last < 2, under)
	case words[0] == "audience":
		err = s.file("Audience", core.Name(words[1]), true, "    where: "+strings.TrimSpace(under))
		s.said = append(s.said, cmp.Or(strings.Join(s.members(core.Name(words[1]), 100), ", "), "nobody"))
	case words[0] == "broadcast":
		err = s.file("Broadcast", core.Name(words[1]), last < 2, under)
	case words[0] == "say":
		s.say(core.Name(words[2]), core.BroadcastVerb(words[1]))
	case words[0] == "announced":
		s.announced(core.Name(words[1]))
	case words[0] == "on" || words[0] == "off":
		s.declare(core.Declaration{States: []core.DeclaredState{{Journey: core.Name(words[1]), On: words[0] == "on"}}})
	case words[0] == "zone":
		s.declare(core.Declaration{Settings: &core.Settings{Zone: words[1]}})
	case words[0] == "at":
		at, err := moment(words[1])
		if err != nil || at < s.now {
			return fmt.Errorf("not a moment to come (%v)", err)
		}
		s.now = at
	case words[0] == "pause" || words[0] == "resume" || words[0] == "move":
		s.append(wire.Origin{}, wire.Direct{Journey: core.Name(words[1]), Shape: words[2], Word: core.ShapeWord(words[0])})
	case words[0] == "crowd":
		return s.crowd(words[1], words[2])
	case words[0] == "plugin":
		s.answers[words[1]+"@example.com"] = words[2:]
	case words[0] == "why":
		s.why(words[1])
	case words[0] == "status":
		s.status(core.Name(words[1]))
	case last > 0 && words[1] == "unsubscribes":
		s.fromEdge(homeEdge, wire.OptOut{Contact: s.idOf(words[0]), Channel: core.Email, At: s.now})
	case last > 1 && words[1] == "is" && words[2] == "erased":
		a := email(words[0] + "@example.com")
		s.append(wire.Origin{}, wire.Erase{Contact: s.idOf(words[0]), Address: s.idOf(words[0]), Channel: core.Email, Tag: a.Tag(), Asked: s.now})
	case last > 1 && words[1] == "asks":
		err = s.asksFrom(words[0], words[2:])
	default:
		err = s.line(words)
	}
	return err
}

// asksFrom is a capture that may say where the contact is.
func (s *journeyText) asksFrom(who string, words []string) error {
	at, err := s.moment(words, "at")
	c := captureOf(who+"@example.com", target(words[0]), at)
	for i := range len(words) - 1 {
		switch words[i] {
		case "of":
			c.Capture.Region = words[i+1]
		case "phone":
			c.Capture.Phone = words[i+1]
		}
	}
	s.fromEdge(homeEdge, c)
	return err
}

func (s *journeyText) crowd(number, variant string) error {
	n, err := strconv.Atoi(number)
	for i := range n {
		s.captureAt(homeEdge, fmt.Sprintf("c%04d@example.com", i+1), target(variant), s.now)
	}
	return err
}

func moment(s string) (core.Time, error) {
	for _, layout := range []string{"2006-01-02", "2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil {
			return core.TimeOf(t), nil
		}
	}
	return 0, fmt.Errorf("want a date or a date and a time")
}

func (s *journeyText) journeyFile(name core.Name, on bool, spec string) error {
	return s.file("Journey", name, on, spec)
}

// file applies a Journey or Playbook document. An e-mail needs a subject alone here.
func (s *journeyText) file(kind string, name core.Name, on bool, spec string) error {
	state := map[bool]string{true: "on", false: "off"}[on]
	if kind == "Audience" { // which is never off
		state = ""
	} else {
		state = "state: " + state + "\n"
	}
	file := fmt.Sprintf("kind: %s\nname: %s\n%sspec:\n%s\n", kind, name, state, subjects.ReplaceAllString(spec, "email: {sender: inbox, html: x, subject: $1}"))
	set, err := manifest.Parse([]manifest.File{{Name: "journey.yaml", Data: []byte(file)}}, manifest.Options{
		Read:          func(string) ([]byte, error) { return nil, os.ErrNotExist },
		CheckTemplate: template.Check,
		CheckShort:    template.CheckShort,
		Needs:         template.Needs,
		EncodeConfig:  hook.EncodeConfig,
		Templates:     template.Defaults(),
	})
	if err != nil {
		return err
	}
	d := set["default"]
	for _, j := range d.Journeys {
		for _, shape := range j.Journey.Shapes {
			if call := shape.Call(); call != nil && call.OnFailure == "" {
				call.OnFailure = core.FailHold // as the node completes it
			}
		}
	}
	s.declare(d)
	return nil
}

var subjects = regexp.MustCompile(`email: ([a-z]+)`)

func (s *journeyText) idOf(who string) (id core.ContactID) {
	s.view(func(tx *db.Tx) { id, _ = db.Addresses.Get(tx, email(who+"@example.com")) })
	return id
}

// happened also drives the leader to what is due by now: time passes in one jump, and what became due in between at its own
// moment, as in a node.
func (s *journeyText) happened() []string {
	until := s.now
	for {
		due, ok := s.nextDue()
		if !ok || due > until || s.away {
			break
		}
		s.now = max(due, s.journal[len(s.journal)-1].Time)
		s.drive()
	}
	s.now = max(until, s.now)
	return s.text.happened()
}

func (s *journeyText) nextDue() (due core.Time, ok bool) {
	s.view(func(tx *db.Tx) { due, ok = db.NextDue(tx) })
	return due, ok
}

// why writes a contact's runs in the order in which they began.
func (s *journeyText) why(who string) {
	var runs []core.Run
	s.view(func(tx *db.Tx) {
		db.RunsOf.Scan(tx, s.idOf(who), func(id core.RunID) bool {
			r, _ := db.Runs.Get(tx, id)
			runs = append(runs, r)
			return true
		})
	})
	slices.SortFunc(runs, func(a, b core.Run) int {
		return cmp.Or(cmp.Compare(a.Steps[0].At, b.Steps[0].At), cmp.Compare(a.Journey, b.Journey))
	})
	for _, r := range runs {
		for _, step := range r.Steps {
			line := fmt.Sprintf("%s %s: %s %s", step.At.Go().Format("Mon 01-02 15:04"), strings.TrimSuffix(string(r.Journey)+"/"+step.Shape, "/"), step.Reason, step.Detail)
			s.said = append(s.said, strings.TrimSpace(shortTime.ReplaceAllString(line, "$1")))
		}
		if r.At != core.RunOver {
			s.said = append(s.said, fmt.Sprintf("  it is %s at %s", r.At, r.Shape))
		}
	}
}

var shortTime = regexp.MustCompile(`(\d{4}-\d\d-\d\dT\d\d:\d\d):\d\d\.\d{3}Z`)

// announced says how far a broadcast is, and for whom it makes no message.
func (s *journeyText) announced(name core.Name) {
	a := s.announcement(name)
	line := fmt.Sprintf("%s, %d made, %d sent", a.Phase, a.Made, a.Sent)
	if passed := passedOf(a); passed != "" {
		line += ", none for " + passed
	}
	for _, d := range a.Dropped {
		line += fmt.Sprintf(", dropped %s %d", d.Reason, d.N)
	}
	s.said = append(s.said, line)
}

func (s *journeyText) status(j core.Name) {
	s.view(func(tx *db.Tx) {
		db.CountsOf(tx, j, func(shape string, c core.ShapeCount) bool {
			line := fmt.Sprintf("%s: %d came, %d there", cmp.Or(shape, "all"), c.Came, c.Standing)
			for _, e := range c.Ended {
				line += fmt.Sprintf(", %d %s", e.N, e.Reason)
			}
			s.said = append(s.said, line)
			return true
		})
	})
}

// stepAnswers is a plugin, by contact's address; of those that it does not know it says continue, and yes.
type stepAnswers map[string][]string

func (a stepAnswers) about(id core.ContactID) []string {
	for address, words := range a {
		if core.NewContactID(workspaceKey, email(address)) == id {
			return words
		}
	}
	return nil
}

func (a stepAnswers) Ask(q machine.Question) (v core.Verdict, ok bool) {
	v = core.Verdict{Pass: true, Step: &core.StepAnswer{Action: core.StepContinue}}
	if q.Shape.Kind == core.ShapeCondition {
		defer func() { v.Step = nil }()
	}
	for _, word := range a.about(q.Contact.ID) {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "late":
			return v, false
		case "fail":
			return core.Verdict{Failed: "trapped", Reason: "unreachable"}, true
		case "yes", "no":
			v.Pass = name == "yes"
		case "exit":
			v.Step.Action = core.StepExit
		case "delay":
			d, _ := time.ParseDuration(value)
			v.Step.Action, v.Step.Delay = core.StepDelay, core.MillisecondsOf(d)
		case "branch":
			v.Step.Action, v.Step.Branch = core.StepBranch, value
		case "tag":
			v.Step.Tags = append(v.Step.Tags, value)
		case "var":
			n, _ := strconv.ParseInt(value, 10, 64)
			v.Step.Vars = append(v.Step.Vars, core.Var{Plugin: q.Plugin.Name, Name: "n", Kind: core.VarNumber, Number: n})
		case "because":
			v.Reason = value
		}
	}
	return v, true
}
