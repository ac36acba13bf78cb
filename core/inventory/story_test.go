package inventory_test

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"restock/core"
	"restock/core/inventory"
)

var update = flag.Bool("update", false, "write what follows each line of the stories anew")

// TestStories tells the stories in testdata. A story's lines are
//
//	# a comment
//	policy minimum=1 confirm=0s close=10m     the policy from here on
//	locations paris lyon                      which of them serve the variant; none: all
//	continue selling                          or: stop selling
//	forget                                    a new variant: no level, no memory
//	at 5s units 3 waiting                     what is available at that time, judged
//	at 5s untracked                           the same, without counting
//	at 5s unknown                             nothing is known
//	at 5s level paris 3 waiting               a level of a location as of that time; "sum" is the product's own quantity
//	at 5s level paris 3 as of 2s              one that says an earlier time
//
// Units may be "untracked"; waiting means that somebody waits. Below each judged line stands, behind "=>", what changed,
// the phase, where the restock stands, and what a judged level came to; run with -update to write it.
func TestStories(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no stories (%v)", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) { tell(t, path) })
	}
}

func tell(t *testing.T, path string) {
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	s := newStory()
	lines := bufio.NewScanner(bytes.NewReader(want))
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		if strings.HasPrefix(line, "  =>") {
			continue
		}
		fmt.Fprintln(&got, line)
		result, err := s.line(line)
		if err != nil {
			t.Fatalf("%s:%d: %q: %v", path, n, line, err)
		}
		if result != "" {
			fmt.Fprintln(&got, "  =>", result)
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

// story is a variant and what was said of it.
type story struct {
	policy    core.StockPolicy
	locations []core.LocationID
	selling   bool
	levels    []core.Level // in the order of their coming
	stock     core.Stock
}

func newStory() *story { return &story{policy: core.DefaultStockPolicy} }

// line does what a line says; result is "" unless the stock was judged.
func (s *story) line(line string) (result string, err error) {
	words := strings.Fields(line)
	switch {
	case len(words) == 0 || words[0] == "#":
	case words[0] == "policy":
		err = s.readPolicy(words[1:])
	case words[0] == "locations":
		s.locations = nil
		for _, w := range words[1:] {
			s.locations = append(s.locations, core.LocationID(w))
		}
	case line == "continue selling" || line == "stop selling":
		s.selling = words[0] == "continue"
	case line == "forget":
		s.levels, s.stock = nil, core.Stock{}
	case words[0] == "at" && len(words) > 2:
		return s.at(words[1], words[2:])
	default:
		err = fmt.Errorf("no such line")
	}
	return "", err
}

func (s *story) readPolicy(words []string) (err error) {
	for _, w := range words {
		name, value, _ := strings.Cut(w, "=")
		var span time.Duration
		switch name {
		case "minimum":
			s.policy.Minimum, err = strconv.ParseInt(value, 10, 64)
		case "confirm":
			span, err = time.ParseDuration(value)
			s.policy.Confirm = core.MillisecondsOf(span)
		case "close":
			span, err = time.ParseDuration(value)
			s.policy.Close = core.MillisecondsOf(span)
		default:
			err = fmt.Errorf("no policy %q", name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// birth is the time from which a story counts, so that no time of it is 0 ("never").
const birth core.Time = 1_800_000_000_000

func instant(word string) (core.Time, error) {
	d, err := time.ParseDuration(word)
	return birth.Add(core.MillisecondsOf(d)), err
}

func (s *story) at(when string, words []string) (string, error) {
	now, err := instant(when)
	if err != nil {
		return "", err
	}
	waiting := words[len(words)-1] == "waiting"
	if waiting {
		words = words[:len(words)-1]
	}
	switch words[0] {
	case "unknown":
		return s.judge(core.Availability{}, waiting, now), nil
	case "untracked":
		return s.judge(core.Availability{Known: true, Buyable: true}, waiting, now), nil
	case "units":
		units, err := strconv.ParseInt(words[1], 10, 64)
		return s.judge(core.Availability{Known: true, Units: units}, waiting, now), err
	case "level":
		return s.level(words[1:], waiting, now)
	case "item":
		s.levels = inventory.Track(s.levels, core.ItemFact{Item: "item", Tracked: words[1] == "tracked", UpdatedAt: now})
		return s.available(waiting, now), nil
	}
	return "", fmt.Errorf("want units, untracked, unknown or level")
}

func (s *story) level(words []string, waiting bool, now core.Time) (string, error) {
	l := core.Level{Item: "item", Location: core.LocationID(words[0]), UpdatedAt: now}
	if l.Location == "sum" {
		l.Location = ""
	}
	var err error
	switch words[1] {
	case "gone":
		l.Gone = true
	case "untracked":
	default:
		l.Available.Tracked = true
		if l.Available.Units, err = strconv.ParseInt(words[1], 10, 64); err != nil {
			return "", err
		}
	}
	if len(words) == 5 { // as of TIME
		if l.UpdatedAt, err = instant(words[4]); err != nil {
			return "", err
		}
	}
	s.keep(l)
	return s.available(waiting, now), nil
}

// available judges the levels as they are.
func (s *story) available(waiting bool, now core.Time) string {
	a := inventory.Available(s.levels, s.locations, core.Variant{ContinueSelling: s.selling}, s.policy)
	said := "unknown"
	if a.Known {
		said = fmt.Sprintf("units %d", a.Units)
	}
	if a.Buyable {
		said += ", buyable"
	}
	if a.Supply != core.SupplyCounted {
		said += ", " + string(a.Supply)
	}
	return s.judge(a, waiting, now) + " (" + said + ")"
}

// keep keeps the level as the state does: unless what is known is newer.
func (s *story) keep(l core.Level) {
	for i, known := range s.levels {
		if known.Location == l.Location {
			if inventory.Newer(&known, l) {
				s.levels[i] = l
			}
			return
		}
	}
	if inventory.Newer(nil, l) {
		s.levels = append(s.levels, l)
	}
}

func (s *story) judge(a core.Availability, waiting bool, now core.Time) string {
	var changes []inventory.Change
	s.stock, changes = inventory.Judge(s.stock, a, s.policy, waiting, now)
	said := "nothing"
	if len(changes) > 0 {
		said = strings.Trim(fmt.Sprint(changes), "[]")
	}
	phase := string(s.stock.Phase)
	if phase == "" {
		phase = "unknown"
	}
	said += "; " + phase
	if s.stock.RestockAt != core.RestockNone {
		said += ", restock " + string(s.stock.RestockAt)
	}
	return said
}
