package machine_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"restock/core"
	"restock/core/db"
	"restock/core/machine"
	"restock/core/wire"
)

// crowd puts n contacts in line, more than a cohort that is expanded at once; crowd(0) is c00000@example.com.
func (w *shopWorld) crowd(n int) {
	w.t.Helper()
	for i := range n {
		w.capture(fmt.Sprintf("c%05d@example.com", i), "71")
	}
	w.drive()
	w.sent = nil
}

const aCrowd = 100

func crowdMail(i int) string { return fmt.Sprintf("c%05d@example.com back", i) }

// formed is a world in which a cohort of a crowd waits to be expanded.
func formed(t *testing.T, change func(w *shopWorld)) *shopWorld {
	w := newWorld(t)
	if change != nil {
		change(w)
	}
	w.crowd(aCrowd)
	w.level(710, 9)
	w.stepWorks()
	if heads := w.heads(); len(heads) != 1 || heads[0].Members != aCrowd || heads[0].Done != 0 {
		t.Fatalf("cohorts %+v, want one of %d", heads, aCrowd)
	}
	if r := w.restocks()[0]; r.Matched != aCrowd {
		t.Fatalf("%d matched, want %d", r.Matched, aCrowd)
	}
	return w
}

// wantCrowd says that all of the crowd, but those that are left out, were told in order.
func (w *shopWorld) wantCrowd(without ...int) {
	w.t.Helper()
	var want []string
	for i := range aCrowd {
		if !slices.Contains(without, i) {
			want = append(want, crowdMail(i))
		}
	}
	w.wantSent(want...)
	if heads := w.heads(); len(heads) > 0 {
		w.t.Errorf("cohorts are left: %+v", heads)
	}
}

func TestACohortIsToldInOrder(t *testing.T) {
	w := formed(t, nil)
	w.drive()
	w.wantCrowd()
	if r := w.restocks()[0]; r.Matched != aCrowd || r.Told != aCrowd {
		t.Errorf("%d matched and %d told, want %d", r.Matched, r.Told, aCrowd)
	}
}

func TestAStaleExpandIsVoid(t *testing.T) {
	w := formed(t, nil)
	h := w.heads()[0]
	w.fromLeader(wire.Expand{Cohort: h.ID, From: 5})
	if got := w.heads()[0]; got.Done != 0 {
		t.Errorf("%d were expanded", got.Done)
	}
	w.fromLeader(wire.Expand{Cohort: h.ID, From: 0}, wire.Expand{Cohort: h.ID, From: 0})
	w.drive()
	w.wantCrowd()
}

// TestAJourneyThatChangesMeanwhile: those are in it for whom it was on when it occurred; what it is by then decides.
func TestAJourneyThatChangesMeanwhile(t *testing.T) {
	state := func(name core.Name, on bool) core.Declaration {
		return core.Declaration{States: []core.DeclaredState{{Journey: name, On: on}}}
	}
	t.Run("turned off", func(t *testing.T) {
		w := formed(t, nil)
		w.declare(state("shop-back", false))
		w.drive()
		w.wantSent()
	})
	t.Run("turned on too late", func(t *testing.T) {
		w := formed(t, func(w *shopWorld) {
			w.declare(core.Declaration{Journeys: []core.DeclaredJourney{journeyOn("late", core.BackInStock, mail("mail", back))}})
			w.declare(state("late", false))
		})
		w.declare(state("late", true))
		w.drive()
		w.wantCrowd()
	})
}

// TestTheLineChangesWhilePluginsAreAsked: the answers are about others then, and the page is asked about again.
func TestTheLineChangesWhilePluginsAreAsked(t *testing.T) {
	w := newWorld(t)
	withGate(w, core.FailHold)
	w.crowd(aCrowd)
	w.level(710, 9)
	w.asker = everybody(true)
	stale := w.form(w.works()[0])
	w.erase(email("c00007@example.com"))
	w.fromLeader(stale)
	if heads := w.heads(); len(heads) > 0 {
		t.Fatalf("a cohort was formed with others' answers: %+v", heads)
	}
	w.drive()
	w.wantCrowd(7)
}

// TestAnswersAreEachMembersOwn, also where some repeat and some are missing.
func TestAnswersAreEachMembersOwn(t *testing.T) {
	w := newWorld(t)
	withGate(w, core.FailHold)
	w.crowd(aCrowd)
	w.level(710, 9)
	g := gate{}
	var no []int
	for i := range aCrowd {
		v := core.Verdict{Pass: i%3 != 0, Reason: fmt.Sprint("reason ", i%7)}
		if !v.Pass {
			no = append(no, i)
		}
		g[fmt.Sprintf("c%05d@example.com", i)] = v
	}
	w.asker = impatient{g, new(int)}
	w.stepWorks()
	w.asker = g
	w.drive()
	slices.Sort(w.sent) // who was asked later is told later
	w.wantCrowd(no...)
	w.view(func(tx *db.Tx) {
		id, _ := db.Addresses.Get(tx, email("c00010@example.com"))
		db.RunsOf.Scan(tx, id, func(k core.RunID) bool {
			run, _ := db.Runs.Get(tx, k)
			if run.Journey == "shop-back" && !strings.Contains(fmt.Sprint(run.Steps), "reason 3") {
				t.Errorf("the run was answered %v, want reason 3", run.Steps)
			}
			return true
		})
	})
}

// TestAPluginThatIsReplacedWhileACohortWaits is asked itself.
func TestAPluginThatIsReplacedWhileACohortWaits(t *testing.T) {
	w := formed(t, func(w *shopWorld) { withGate(w, core.FailHold); w.asker = everybody(true) })
	newer := core.Plugin{Name: "gate", Hash: core.HashOf([]byte("newer"))}
	w.declare(core.Declaration{Plugins: []core.DeclaredPlugin{{Plugin: newer, Module: []byte("newer")}}})
	w.asker = everybody(false)
	w.drive()
	w.wantSent()
}

// TestErasingAMember: nothing of it is left, at once, and nothing is made of it.
func TestErasingAMember(t *testing.T) {
	w := newWorld(t)
	withGate(w, core.FailHold)
	w.crowd(aCrowd)
	w.level(710, 9)
	g := gate{}
	for i := range aCrowd {
		g[fmt.Sprintf("c%05d@example.com", i)] = core.Verdict{Pass: true, Reason: "yes"}
	}
	g["c00050@example.com"] = core.Verdict{Pass: true, Reason: "annika lives in Linz"}
	w.asker = g
	w.stepWorks()
	var id core.ContactID
	w.view(func(tx *db.Tx) { id, _ = db.Addresses.Get(tx, email("c00050@example.com")) })
	w.erase(email("c00050@example.com"))
	w.wantNothingOf("c00050@example.com", "annika")
	w.view(func(tx *db.Tx) {
		c, _ := db.Cohorts.Get(tx, w.heads()[0].ID)
		if _, ok := c.Find(id); ok {
			t.Error("the contact is still a member")
		}
	})
	w.drive()
	w.wantCrowd(50)
}

// TestARestockThatPausesWithACohort goes down its line again when it resumes: who asked meanwhile is told, and nobody twice.
func TestARestockThatPausesWithACohort(t *testing.T) {
	w := formed(t, nil)
	w.level(710, 0)
	w.capture("late@example.com", "71")
	w.drive()
	w.sent = nil
	w.level(710, 4)
	if k := w.works(); len(k) != 1 || !k[0].Again {
		t.Fatalf("works %+v, want one that goes down the line again", k)
	}
	w.drive()
	const told = aCrowd + 1
	if r := w.restocks()[0]; len(w.sent) != told || r.Matched != told || r.Told != told {
		t.Errorf("%d messages, %d matched and %d told, want %d", len(w.sent), r.Matched, r.Told, told)
	}
	if slices.Sort(w.sent); len(slices.Compact(w.sent)) != told {
		t.Error("somebody was told twice")
	}
}

// TestTwiceInACohort: who waits for the variant and for any variant gets Back in stock once.
func TestTwiceInACohort(t *testing.T) {
	w := newWorld(t)
	w.crowd(aCrowd)
	for i := range 10 {
		w.captureAt(homeEdge, fmt.Sprintf("c%05d@example.com", i), core.Target{Source: "shop", Product: "7"}, w.now)
	}
	w.drive()
	w.sent = nil
	w.level(710, 9)
	w.drive()
	w.wantCrowd()
	if r := w.restocks()[0]; r.Matched != aCrowd {
		t.Errorf("%d matched, want %d", r.Matched, aCrowd)
	}
}

// TestReveal: whoever asks about a member sees what will be written down, and nothing is.
func TestReveal(t *testing.T) {
	w := formed(t, nil)
	before := dump(t, w.db)
	tx := w.db.Begin()
	id, _ := db.Addresses.Get(tx, email("c00033@example.com"))
	if err := w.machine.Reveal(tx, id); err != nil {
		t.Fatal(err)
	}
	kinds, messages := map[core.ActivityKind]int{}, 0
	db.ActivitiesOf(tx, id, func(a core.Activity) bool { kinds[a.Kind]++; return true })
	db.IntentsOf.Scan(tx, id, func(core.LedgerKey) bool { messages++; return true })
	tx.Discard()
	if kinds[core.BackInStock] != 1 || messages != 2 {
		t.Errorf("activities %v and %d messages, want Back in stock, and two messages", kinds, messages)
	}
	if dump(t, w.db) != before {
		t.Error("looking changed the state")
	}
}

// everybody is answered the same.
type everybody bool

func (e everybody) Ask(machine.Question) (core.Verdict, bool) {
	return core.Verdict{Pass: bool(e), Reason: "everybody"}, true
}

// impatient has no time for more than 50 questions.
type impatient struct {
	gate
	asked *int
}

func (i impatient) Ask(q machine.Question) (core.Verdict, bool) {
	if *i.asked++; *i.asked > 50 {
		return core.Verdict{}, false
	}
	return i.gate.Ask(q)
}

// TestMembersAreAskedAboutAtOnce: what several goroutines ask comes to the same as what one asks.
func TestMembersAreAskedAboutAtOnce(t *testing.T) {
	w := newWorld(t)
	withGate(w, core.FailHold)
	w.crowd(aCrowd)
	w.level(710, 9)
	g := gate{}
	for i := range aCrowd {
		g[fmt.Sprintf("c%05d@example.com", i)] = core.Verdict{Pass: i%2 == 0, Reason: fmt.Sprint(i)}
	}
	form := func(workers int) string {
		var f *machine.Forming
		work := w.works()[0]
		w.view(func(tx *db.Tx) {
			var err error
			if f, err = w.machine.Form(tx, work); err != nil {
				t.Fatal(err)
			}
		})
		var all sync.WaitGroup
		for n := range workers {
			all.Go(func() {
				tx := w.db.View()
				defer tx.Discard()
				if err := f.Ask(tx, g, n*f.Len()/workers, (n+1)*f.Len()/workers); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		return fmt.Sprintf("%x %v", f.Line(), f.Answers())
	}
	if one, four := form(1), form(4); one != four {
		t.Errorf("four goroutines made\n%s\nwant\n%s", four, one)
	}
}

// TestACohortWaitsForItsOwnSenders alone: a journey that what occurred does not fit has no say.
func TestACohortWaitsForItsOwnSenders(t *testing.T) {
	w := formed(t, func(w *shopWorld) {
		d := journeyOn("others", core.BackInStock, mail("mail", back))
		d.Journey.Enter.Where = core.Filter{Field: "variant", Op: core.OpIs, Texts: []string{"72"}}
		d.Journey.Shapes[0].Email.Sender = "post"
		w.declare(core.Declaration{Journeys: []core.DeclaredJourney{d}, Senders: []core.Sender{{Name: "post", Kind: "smtp"}}})
	})
	if got := fmt.Sprint(w.heads()[0].Senders); got != "[inbox]" {
		t.Errorf("the cohort waits for %s, want [inbox]", got)
	}
}

// TestTraitsStandInLine: plugins are told of the members of a cohort what stands beside their places, and that follows what
// is known of the contact.
func TestTraitsStandInLine(t *testing.T) {
	w := newWorld(t)
	withGate(w, core.FailHold)
	w.crowd(aCrowd)
	again := captureOf("c00003@example.com", core.Target{Source: "shop", Variant: "72"}, w.now)
	again.Capture.Region = "AT"
	w.fromEdge(homeEdge, again)
	w.drive()
	w.view(func(tx *db.Tx) {
		db.Waitlists.Noted(tx, core.Target{Source: "shop", Variant: "71"}.Waitlist(""), nil, func(p db.Place, note []byte) bool {
			contact, _ := db.Contacts.Get(tx, p.Contact)
			if got, err := db.ReadTraits(p.Contact, note); err != nil || !got.Equal(contact.Traits()) {
				t.Errorf("beside a place stand %+v, %v; of the contact is known %+v", got, err, contact.Traits())
			}
			return true
		})
	})
	w.level(710, 9)
	asked := regions{}
	w.asker = asked
	w.stepWorks()
	if asked["AT"] != 1 || asked["AT"]+asked[""]+asked["DE"] != aCrowd {
		t.Errorf("it was asked about the regions %v, want one in AT of %d", asked, aCrowd)
	}
}

// regions counts where those are whom it is asked about.
type regions map[string]int

func (r regions) Ask(q machine.Question) (core.Verdict, bool) {
	r[q.Contact.Region]++
	return core.Verdict{Pass: true}, true
}

// formAll forms all pages of a work before the first is applied.
func (w *shopWorld) formAll(k core.Work) (pages []wire.Entry) {
	for next := &k; next != nil; {
		var e wire.Continue
		e, next = w.formBehind(*next)
		pages = append(pages, e)
	}
	return pages
}

// TestPagesFormedAhead come to the same as one after the other; and when the line changes before they are applied, those
// that are not true any more are void.
func TestPagesFormedAhead(t *testing.T) {
	const crowd = 2*core.CohortContacts + aCrowd
	w := newWorld(t)
	withGate(w, core.FailHold)
	w.declare(core.Declaration{States: []core.DeclaredState{{Journey: "shop-waiting", On: false}}})
	w.crowd(crowd)
	w.level(710, 9)
	w.asker = everybody(true)
	k := w.works()[0]
	pages := w.formAll(k)
	if len(pages) != 3 {
		t.Fatalf("%d pages were formed, want 3", len(pages))
	}
	w.erase(email(fmt.Sprintf("c%05d@example.com", core.CohortContacts+7)))
	w.fromLeader(pages...)
	if heads := w.heads(); len(heads) != 1 || heads[0].Members != core.CohortContacts {
		t.Fatalf("cohorts %+v, want the first page's alone", heads)
	}
	w.fromLeader(pages...)
	if heads := w.heads(); len(heads) != 1 {
		t.Fatalf("%d cohorts after the same again, want 1", len(heads))
	}
	w.fromLeader(w.formAll(w.works()[0])...)
	var members []int
	for _, h := range w.heads() {
		members = append(members, h.Members)
	}
	if want := []int{core.CohortContacts, core.CohortContacts, aCrowd - 1}; !slices.Equal(members, want) || len(w.works()) > 0 {
		t.Errorf("cohorts of %d, want %d; works %+v", members, want, w.works())
	}
	if r := w.restocks()[0]; r.Matched != crowd-1 {
		t.Errorf("%d matched, want %d", r.Matched, crowd-1)
	}
}
