package machine_test

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
	"restock/core/db"
	"restock/core/notify"
	"restock/core/wire"
)

var update = flag.Bool("update", false, "write what happened into the stories")

// TestStories tells the stories in testdata: a line is something that happens, and the lines with => under it are what came
// of it once the leader had nothing left to do. text.line says what lines there are.
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
	var s *text
	lines := bufio.NewScanner(bytes.NewReader(want))
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		if strings.HasPrefix(line, "  =>") {
			continue
		}
		fmt.Fprintln(&got, line)
		if s == nil || strings.HasPrefix(line, "== ") {
			s = newText(t)
		}
		if line == "" || line[0] == '#' || line[0] == '=' {
			continue
		}
		if err := s.line(strings.Fields(line)); err != nil {
			t.Fatalf("%s:%d: %q: %v", path, n, line, err)
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

// text is a shop of the generic platform while a story is told of it.
type text struct {
	*shopWorld
	source core.Source
	last   func() // the last delivery, to be made once more
	away   bool   // the leader is
	seen   map[core.RestockID]string
	said   []string // what a line asked to see
}

func newText(t *testing.T) *text {
	s := &text{shopWorld: newWorld(t), seen: map[core.RestockID]string{}}
	s.outcome = s.gates
	s.source = s.shopWorld.source()
	s.source.Platform = core.Generic
	s.redeclare()
	return s
}

func (s *text) redeclare() { s.declare(core.Declaration{Sources: []core.Source{s.source}}) }

// gates are those that stand before a call in the node.
func (w *shopWorld) gates(i core.Intent) core.Outcome {
	subject := notify.Subject{Now: w.now, Intent: i, JourneyOn: true, SenderOK: true}
	a := i.Activity
	w.view(func(tx *db.Tx) {
		subject.Contact, _ = db.Contacts.Get(tx, i.Contact)
		subject.To, _ = subject.Contact.Address(i.Channel)
		subject.Suppressed = db.SuppressedFor(tx, subject.To) != ""
		subject.Earlier, _ = db.Intents.Get(tx, i.Again)
		subject.Entry, _ = db.Entries.Get(tx, db.EntryKey{Contact: i.Contact, Target: a.Asked})
		subject.Stock, _ = db.Stocks.Get(tx, db.StockKey{Variant: a.VariantKey(), Market: a.Market})
		r, _ := db.Restocks.Get(tx, a.Restock)
		subject.Word = r.Waves.Word
	})
	d := notify.Decide(&subject)
	return core.Outcome{Kind: d.Kind, Reason: d.Reason, Retry: d.Until, Detail: d.Detail}
}

// line lets one thing happen. The lines are
//
//	== NAME                                     a new shop
//	shop minimum=3 confirm=30s close=10m …      its policy; see set
//	product tee [in=DE,AT] [hidden] tee-m tee-l:preorder tee-s=5
//	level VARIANT LOCATION UNITS|null|gone [as of TIME]
//	again                                       the last delivery, once more
//	WHO asks VARIANT|PRODUCT [in MARKET] [at TIME]
//	WHO buys VARIANT
//	pass TIME
//	leader away|back|page                       page: one page of each work, and nothing else
//	scores ann=9 bob=2                          what the plugin that orders waves says
//	wave pause|resume|stop|now [SIZE] VARIANT   an operator's word about the variant's last restock
//	waves VARIANT                               how far they are
//	stock VARIANT · line VARIANT|PRODUCT [in MARKET] · restocks
//
// TIME is like 30s or -5m; as of and at count from now.
func (s *text) line(words []string) (err error) {
	last := len(words) - 1
	switch {
	case words[0] == "shop":
		err = s.shop(words[1:])
	case words[0] == "product":
		s.deliver(s.product(words[1:]))
	case words[0] == "level":
		var body string
		if body, err = s.level(words[1:]); err == nil {
			s.deliver(body)
		}
	case words[0] == "again":
		s.last()
	case words[0] == "pass":
		var d time.Duration
		d, err = time.ParseDuration(words[1])
		s.pass(core.MillisecondsOf(d))
	case words[0] == "leader":
		s.away = words[1] != "back"
		if words[1] == "page" {
			s.stepWorks()
		}
	case words[0] == "stock":
		s.tellStock(core.VariantID(words[1]))
	case words[0] == "line":
		s.said = append(s.said, strings.Join(s.lineOf(words[1:]), ", "))
	case words[0] == "scores":
		s.asker = scores(words[1:])
	case words[0] == "wave":
		err = s.steer(words[1:])
	case words[0] == "waves":
		s.tellWaves(core.VariantID(words[1]))
	case words[0] == "restocks":
		s.said = append(s.said, fmt.Sprint(len(s.restocks()), " on record"))
	case last > 1 && words[1] == "asks":
		err = s.asks(words[0], words[2:])
	case last > 1 && words[1] == "buys":
		s.deliver(fmt.Sprintf(`{"type":"orders","orders":[{"id":%q,"state":"paid","email":%q,"placed_at":%q,"lines":[{"variant":%q,"quantity":1}]}]}`,
			fmt.Sprint(len(s.journal)), words[0]+"@example.com", s.now, words[2]))
	default:
		err = fmt.Errorf("no such line")
	}
	return err
}

// deliver pushes a body under an id of its own, and keeps it to be pushed once more.
func (s *text) deliver(body string) {
	id := fmt.Sprint("msg-", len(s.journal))
	at := s.now
	s.last = func() {
		s.fromEdge(homeEdge, wire.Webhook{Source: "shop", Body: []byte(body), ReceivedAt: s.now, Headers: []core.Header{
			{Name: "webhook-id", Value: id}, {Name: "webhook-timestamp", Value: fmt.Sprint(int64(at) / 1000)},
		}})
	}
	s.last()
}

func (s *text) shop(words []string) error {
	for _, w := range words {
		name, value, _ := strings.Cut(w, "=")
		if err := s.set(name, value); err != nil {
			return err
		}
	}
	s.redeclare()
	return nil
}

func (s *text) set(name, value string) (err error) {
	var d time.Duration
	src := &s.source
	switch name {
	case "minimum":
		src.Stock.Minimum, err = strconv.ParseInt(value, 10, 64)
	case "confirm":
		d, err = time.ParseDuration(value)
		src.Stock.Confirm = core.MillisecondsOf(d)
	case "close":
		d, err = time.ParseDuration(value)
		src.Stock.Close = core.MillisecondsOf(d)
	case "retention":
		d, err = time.ParseDuration(value)
		src.Retention = core.Retention{Period: core.MillisecondsOf(d), Activities: []core.ActivityKind{core.WaitingOnStock}}
	case "backorder":
		src.Stock.Backorder = value == "true"
	case "preorder":
		src.Stock.Preorder = value == "true"
	case "untracked":
		src.Stock.UntrackedOut = value == "false"
	case "continue":
		src.Stock.ContinueOut = value == "false"
	case "locations":
		src.Locations = locations(value)
	case "markets": // DE:berlin,hamburg;AT:wien
		src.Markets = nil
		for _, m := range strings.FieldsFunc(value, func(r rune) bool { return r == ';' }) {
			market, served, _ := strings.Cut(m, ":")
			src.Markets = append(src.Markets, core.ServedMarket{Name: core.Market(market), Locations: locations(served)})
		}
	case "low": // 3,4h
		units, after, _ := strings.Cut(value, ",")
		if src.Stock.Low, err = strconv.ParseInt(units, 10, 64); err == nil {
			d, err = time.ParseDuration(after)
			src.Stock.LowAfter = core.MillisecondsOf(d)
		}
	case "reminder":
		d, err = time.ParseDuration(value)
		s.remind(core.MillisecondsOf(d))
	case "waves":
		src.Waves, err = waves(value)
	default:
		err = fmt.Errorf("no such policy")
	}
	return err
}

func locations(list string) (all []core.LocationID) {
	for _, l := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' }) {
		all = append(all, core.LocationID(l))
	}
	return all
}

func (s *text) product(words []string) string {
	more, variants := "", []string{}
	for _, w := range words[1:] {
		if in, ok := strings.CutPrefix(w, "in="); ok {
			more += fmt.Sprintf(`,"markets":["%s"]`, strings.ReplaceAll(in, ",", `","`))
			continue
		}
		if w == "hidden" {
			more += `,"published":false`
			continue
		}
		id, units, counted := strings.Cut(w, "=")
		id, selling, how := strings.Cut(id, ":")
		v := fmt.Sprintf(`{"id":%q,"sku":%q,"price":"9.00"`, id, id)
		if counted {
			v += `,"available":` + units
		}
		if how {
			v += fmt.Sprintf(`,"selling":%q`, selling)
		}
		variants = append(variants, v+"}")
	}
	return fmt.Sprintf(`{"type":"products","products":[{"id":%q,"title":%q,"url":"https://shop.example/%s","updated_at":%q%s,"variants":[%s]}]}`,
		words[0], words[0], words[0], s.now, more, strings.Join(variants, ","))
}

func (s *text) level(words []string) (string, error) {
	at, err := s.moment(words, "of")
	state := `"available":` + words[2]
	if words[2] == "gone" {
		state = `"removed":true`
	}
	location := ""
	if words[1] != "sum" {
		location = fmt.Sprintf(`"location":%q,`, words[1])
	}
	return fmt.Sprintf(`{"type":"levels","levels":[{"variant":%q,%s%s,"updated_at":%q}]}`, words[0], location, state, at), err
}

// moment is the time behind the word, from now; now when it is not there.
func (s *text) moment(words []string, word string) (core.Time, error) {
	for i := range len(words) - 1 {
		if words[i] == word {
			d, err := time.ParseDuration(words[i+1])
			return s.now.Add(core.MillisecondsOf(d)), err
		}
	}
	return s.now, nil
}

func marketIn(words []string) core.Market {
	for i := range len(words) - 1 {
		if words[i] == "in" {
			return core.Market(words[i+1])
		}
	}
	return ""
}

// target is a variant (tee-m), or any of a product (tee).
func target(id string) core.Target {
	if strings.Contains(id, "-") {
		return core.Target{Source: "shop", Variant: core.VariantID(id)}
	}
	return core.Target{Source: "shop", Product: core.ProductID(id)}
}

func (s *text) asks(who string, words []string) error {
	at, err := s.moment(words, "at")
	c := captureOf(who+"@example.com", target(words[0]), at)
	c.Capture.Market = marketIn(words)
	s.fromEdge(homeEdge, c)
	return err
}

func (s *text) tellStock(v core.VariantID) {
	s.view(func(tx *db.Tx) {
		db.StocksOf(tx, core.VariantKey{Source: "shop", Variant: v}, func(k db.StockKey, st core.Stock) bool {
			s.said = append(s.said, strings.TrimSpace(fmt.Sprintf("%s %s, %d units %s", k.Market, st.Phase, st.Units, st.Supply)))
			return true
		})
	})
}

func (s *text) lineOf(words []string) (who []string) {
	s.view(func(tx *db.Tx) {
		db.Waitlists.Scan(tx, target(words[0]).Waitlist(marketIn(words)), func(p db.Place) bool {
			c, _ := db.Contacts.Get(tx, p.Contact)
			who = append(who, strings.TrimSuffix(c.Email, "@example.com"))
			return true
		})
	})
	if who == nil {
		return []string{"nobody"}
	}
	return who
}

// happened drives the leader, and says what came of a line: restocks that moved, and who was told.
func (s *text) happened() []string {
	if !s.away {
		s.drive()
	}
	all := s.said
	for _, r := range s.restocks() {
		at := fmt.Sprintf("restock of %s%s: %s", r.Variant.Variant, in(r.Market), r.At)
		if s.seen[r.ID] != at {
			all = append(all, at)
		}
		s.seen[r.ID] = at
	}
	for _, m := range s.sent {
		who, what, _ := strings.Cut(m, "@example.com ")
		all = append(all, who+": "+what)
	}
	s.sent, s.said = nil, nil
	return all
}

func in(m core.Market) string {
	if m == "" {
		return ""
	}
	return " in " + string(m)
}
