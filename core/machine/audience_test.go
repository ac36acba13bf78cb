package machine_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"restock/core"
	"restock/core/db"
	"restock/core/filter"
	"restock/core/machine"
	"restock/core/wire"
)

// filterOf reads a filter that is written in JSON with single quotes.
func filterOf(t testing.TB, s filter.Scope, written string) core.Filter {
	t.Helper()
	d, err := filter.ReadJSON([]byte(strings.ReplaceAll(written, "'", `"`)))
	if err != nil {
		t.Fatal(err)
	}
	f, faults := filter.Parse(d, s)
	if len(faults) > 0 {
		t.Fatalf("%s: %v", written, faults)
	}
	return f
}

func (w *shopWorld) audience(name core.Name, written string) {
	w.t.Helper()
	w.declare(core.Declaration{Audiences: []core.Audience{{Name: name, Where: filterOf(w.t, filter.Audience, written)}}})
}

// members are the e-mail addresses of an audience, by pages of n.
func (w *shopWorld) members(name core.Name, n int) (emails []string) {
	w.t.Helper()
	read := func(tx *db.Tx) {
		a, ok := w.machine.Audience(tx, name, w.now)
		if !ok {
			w.t.Fatalf("there is no audience %s", name)
		}
		defer a.Close()
		for after, done := (machine.AudienceCursor{}), false; !done; {
			var found []core.Contact
			var err error
			if found, after, done, err = a.Page(after, n); err != nil || len(found) > n {
				w.t.Fatalf("a page of %d (%v)", len(found), err)
			}
			for _, c := range found {
				emails = append(emails, c.Email)
			}
		}
	}
	if n%2 == 0 { // also in a transaction that may write, as apply has
		tx := w.db.Begin()
		read(tx)
		tx.Discard()
	} else {
		w.view(read)
	}
	slices.Sort(emails)
	return emails
}

func (w *shopWorld) wantMembers(name core.Name, want ...string) {
	w.t.Helper()
	for _, n := range []int{1, 7, 1000} {
		if got := w.members(name, n); !slices.Equal(got, want) {
			w.t.Errorf("by pages of %d the audience is %q, want %q", n, got, want)
		}
	}
}

// at sets the world's clock, by UTC's.
func (w *shopWorld) at(text string) {
	w.t.Helper()
	t, err := time.Parse("2006-01-02 15:04", text)
	if err != nil || core.TimeOf(t) < w.now {
		w.t.Fatalf("%s is no time to come (%v)", text, err)
	}
	w.now = core.TimeOf(t)
}

// TestAudienceByDays: days are those of the workspace's zone, and the last day is today.
func TestAudienceByDays(t *testing.T) {
	w := newWorld(t)
	w.declare(core.Declaration{Settings: &core.Settings{Zone: "Europe/Berlin"}})
	w.audience("today", `{'waiting_on_stock': {'has occurred': {'in the last': '1 day'}}}`)
	w.audience("week", `{'waiting_on_stock': {'has occurred': {'in the last': '7 days'}, 'where': {'sku': 'TEE-L'}}}`)
	w.at("2027-07-01 21:50")
	w.capture("ann@example.com", "71") // 23:50 in Berlin
	w.at("2027-07-01 22:10")
	w.capture("bob@example.com", "72") // 00:10 on the 2nd
	w.capture("ann@example.com", "72")
	w.wantMembers("today", "ann@example.com", "bob@example.com")
	w.at("2027-07-02 21:59")
	w.wantMembers("today", "ann@example.com", "bob@example.com")
	w.at("2027-07-02 22:00")
	w.wantMembers("today")
	w.wantMembers("week", "ann@example.com", "bob@example.com")
	w.at("2027-07-08 22:00")
	w.wantMembers("week")
}

// TestAudienceOfACohort: its members are found while they wait to be expanded, in the middle of it, and afterwards; each once,
// also those who are told of two restocks.
func TestAudienceOfACohort(t *testing.T) {
	var everybody []string
	for i := range aCrowd {
		everybody = append(everybody, fmt.Sprintf("c%05d@example.com", i))
	}
	w := formed(t, func(w *shopWorld) {
		w.audience("recent", `{'back_in_stock': {'has occurred': {'in the last': '7 days'}}}`)
		w.audience("large", `{'back_in_stock': {'has occurred': {'in the last': '7 days'}, 'where': {'sku': 'TEE-L'}}}`)
		w.audience("both", `{'back_in_stock': {'has occurred': {'in the last': '7 days'}, 'where': {'sku': 'TEE-L'}}, 'all': [
			{'back_in_stock': {'has occurred': {'in the last': '7 days'}, 'where': {'sku': 'TEE-M'}}}]}`)
		for i := range 80 {
			w.capture(fmt.Sprintf("c%05d@example.com", i), "72")
		}
		w.capture("zoe@example.com", "72")
	})
	w.wantMembers("recent", everybody...)
	w.wantMembers("large")
	w.level(720, 3)
	w.stepWorks() // both restocks have cohorts now
	if n := len(w.heads()); n != 2 {
		t.Fatalf("%d cohorts wait to be expanded, want 2", n)
	}
	all := append(slices.Clone(everybody), "zoe@example.com")
	check := func() {
		t.Helper()
		w.wantMembers("recent", all...)
		w.wantMembers("large", append(slices.Clone(everybody[:80]), "zoe@example.com")...)
		w.wantMembers("both", everybody[:80]...)
	}
	check()
	w.fromLeader(wire.Expand{Cohort: w.heads()[0].ID})
	check()
	w.drive()
	check()
	if n := len(w.heads()); n > 0 {
		t.Fatalf("%d cohorts wait to be expanded", n)
	}
	w.erase(email("c00007@example.com"))
	w.erase(email("zoe@example.com"))
	w.pass(8 * core.Day)
	w.wantMembers("recent")
	w.audience("month", `{'back_in_stock': {'has occurred': {'in the last': '30 days'}}}`)
	w.wantMembers("month", slices.Delete(slices.Clone(everybody), 7, 8)...)
}

// TestErasedMembersLeaveNoTrace: in cohorts that wait, and in those that find activities.
func TestErasedMembersLeaveNoTrace(t *testing.T) {
	for _, expanded := range []bool{false, true} {
		w := newWorld(t)
		early := w.now.Add(-core.Hour)
		w.captureAt(homeEdge, "c00042@example.com", core.Target{Source: "shop", Product: "7"}, w.now) // in both lines
		w.crowd(aCrowd)
		w.level(710, 9)
		w.stepWorks()
		w.captureAt(otherEdge, "c00042@example.com", core.Target{Source: "shop", Variant: "71"}, early) // told by itself
		if expanded {
			w.drive()
		}
		var id core.ContactID
		w.view(func(tx *db.Tx) { id, _ = db.Addresses.Get(tx, email("c00042@example.com")) })
		w.erase(email("c00042@example.com"))
		w.drive()
		state := strings.Split(dump(t, w.db), "\n")
		for _, row := range state {
			key, value, _ := strings.Cut(row, "\" ")
			// What stays of an erasure stands under the keyed hash of the address, which is the first contact's id.
			if strings.Contains(value, id.String()) && !strings.HasPrefix(key, `"E`) {
				t.Errorf("expanded %t: a row still names the contact: %.200s", expanded, row)
			}
			if raw := fmt.Sprintf("%q", id[:]); strings.Contains(key, raw[1:len(raw)-1]) && !strings.HasPrefix(key, `"E`) {
				t.Errorf("expanded %t: a key still names the contact: %.200s", expanded, row)
			}
		}
	}
}

// TestSweptActivitiesAreFoundByFirstAndLast: with the details go the rows that found them, single or as cohorts.
func TestSweptActivitiesAreFoundByFirstAndLast(t *testing.T) {
	w := formed(t, func(w *shopWorld) {
		w.at("2027-03-01 12:00")
		w.capture("c00000@example.com", "72")
		w.at("2027-03-03 12:00")
	})
	w.drive()
	w.audience("first", `{'back_in_stock': {'has occurred': {'on': '2027-03-03'}}}`)
	w.audience("asked", `{'waiting_on_stock': {'first occurred': {'on': '2027-03-01'}}}`)
	w.audience("details", `{'back_in_stock': {'has occurred': {'on': '2027-03-03'}, 'where': {'sku': 'TEE-M'}}}`)
	if n := len(w.members("first", 1000)); n != aCrowd {
		t.Errorf("%d found before the sweep, want %d", n, aCrowd)
	}
	w.wantMembers("asked", "c00000@example.com")
	w.level(710, 0)
	w.pass(core.Hour)
	w.drive()
	w.pass(100 * core.Day)
	w.drive()
	w.pass(core.Day)
	w.drive()
	if n := len(w.members("first", 1000)); n != aCrowd {
		t.Errorf("%d found after the sweep, want %d", n, aCrowd)
	}
	w.wantMembers("asked", "c00000@example.com")
	w.wantMembers("details")
	state := dump(t, w.db)
	for _, letter := range []string{"&", "Z", "Y", "A"} {
		if strings.Contains(state, "\n\""+letter) {
			t.Errorf("rows of %s are left", letter)
		}
	}
	for i := range aCrowd {
		w.erase(email(fmt.Sprintf("c%05d@example.com", i)))
	}
	w.drive()
	if strings.Contains(dump(t, w.db), "\n\"~") {
		t.Error("what found activities of the erased is left")
	}
}

// TestAudienceWithoutATime goes through all contacts.
func TestAudienceWithoutATime(t *testing.T) {
	w := newWorld(t)
	w.audience("austria", `{'contact.region': 'AT'}`)
	w.audience("quiet", `{'back_in_stock': 'has not occurred', 'contact.consent.marketing': 'email'}`)
	for i, region := range []string{"AT", "DE", "AT", ""} {
		c := captureOf(fmt.Sprintf("c%d@example.com", i), core.Target{Source: "shop", Variant: "71"}, w.now)
		c.Capture.Region, c.Capture.Consent.Marketing = region, i > 1
		w.fromEdge(homeEdge, c)
	}
	w.wantMembers("austria", "c0@example.com", "c2@example.com")
	w.wantMembers("quiet", "c2@example.com", "c3@example.com")
	w.level(710, 5)
	w.drive()
	w.wantMembers("quiet")
}

// TestJourneysAskContactAndPast: who is let in, one by one and as members of a cohort.
func TestJourneysAskContactAndPast(t *testing.T) {
	entered := func(name core.Name, occurs core.ActivityKind, where string) func(w *shopWorld) {
		return func(w *shopWorld) {
			d := journeyOn(name, occurs, mail("mail", back))
			d.Journey.Enter.Where = filterOf(w.t, filter.Entry, where)
			off := core.DeclaredState{Journey: "shop-back"}
			w.declare(core.Declaration{Journeys: []core.DeclaredJourney{d}, States: []core.DeclaredState{off, {Journey: "shop-waiting"}}})
		}
	}
	for _, size := range []int{5, aCrowd} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			w := newWorld(t)
			entered("vip", core.BackInStock, `{'sku': 'TEE-M', 'contact.region': 'AT', 'source': 'Shop',
				'waiting_on_stock': {'has occurred': {'in the last': '1 day'}, 'where': {'sku': 'TEE-L'}}, 'back_in_stock': {'has not occurred': 'ever', 'where': {'sku': 'TEE-L'}}}`)(w)
			var want []string
			for i := range size {
				address := fmt.Sprintf("c%05d@example.com", i)
				c := captureOf(address, core.Target{Source: "shop", Variant: "71"}, w.now)
				if i%2 == 0 {
					c.Capture.Region = "AT"
				}
				w.fromEdge(homeEdge, c)
				if i%3 == 0 {
					w.capture(address, "72")
				}
				if i%6 == 0 {
					want = append(want, address+" back")
				}
			}
			w.drive()
			w.wantSent()
			w.level(710, 5)
			w.drive()
			w.wantSent(want...)
		})
	}
	t.Run("the first time", func(t *testing.T) {
		w := newWorld(t)
		entered("welcome", core.WaitingOnStock, `{'waiting_on_stock': {'first occurred': {'in the last': '1 day'}}}`)(w)
		w.capture("ann@example.com", "71")
		w.drive()
		w.wantSent("ann@example.com back")
		w.pass(3 * core.Day)
		w.capture("ann@example.com", "72")
		w.capture("bob@example.com", "72")
		w.drive()
		w.wantSent("bob@example.com back")
	})
	t.Run("in a cohort elsewhere", func(t *testing.T) { // what is not expanded has occurred
		w := formed(t, func(w *shopWorld) {
			w.at("2027-03-01 12:00")
			entered("again", core.WaitingOnStock, `{'sku': 'TEE-L', 'back_in_stock': {'has occurred': {'in the last': '1 day'}}}`)(w)
		})
		w.capture("c00003@example.com", "72")
		w.capture("new@example.com", "72")
		for w.stepSends() {
		}
		w.wantSent("c00003@example.com back")
		w.drive()
	})
}

// TestMatchesBecomeFilters: a journal that was written before there were filters lets in whom it let in.
func TestMatchesBecomeFilters(t *testing.T) {
	w := newWorld(t)
	d := journeyOn("shop-waiting", core.WaitingOnStock, mail("mail", waiting))
	d.Journey.Enter.Matches = []core.Match{{Field: "sku", Is: []string{"TEE-L", "TEE-XL"}}, {Field: "source", Is: []string{"shop"}}}
	w.declare(core.Declaration{Journeys: []core.DeclaredJourney{d}})
	w.capture("ann@example.com", "71")
	w.capture("bob@example.com", "72")
	w.drive()
	w.wantSent("bob@example.com waiting")
	for _, j := range w.machine.Journeys() {
		if got := filter.Text(j.Enter.Where); j.Name == "shop-waiting" && (got != "SKU is TEE-L or TEE-XL and data source is shop" || j.Enter.Matches != nil) {
			t.Errorf("its filter says %q, matches %v", got, j.Enter.Matches)
		}
	}
}

// TestANewerFilterLetsNobodyIn, also where what is not known is denied.
func TestANewerFilterLetsNobodyIn(t *testing.T) {
	w := newWorld(t)
	d := journeyOn("shop-waiting", core.WaitingOnStock, mail("mail", waiting))
	d.Journey.Enter.Where = core.Filter{Group: core.FilterNone, Of: []core.Filter{{Field: "weather", Op: core.OpIs, Texts: []string{"fine"}}}}
	w.declare(core.Declaration{Journeys: []core.DeclaredJourney{d}, Audiences: []core.Audience{{Name: "newer", Where: d.Journey.Enter.Where}}})
	w.capture("ann@example.com", "71")
	w.drive()
	w.wantSent()
	w.wantMembers("newer")
}

// TestAudiencesAgainstEverybody: in random worlds random audiences have exactly those contacts for whom the filter holds when
// everybody is looked at, with cohorts in whatever state.
func TestAudiencesAgainstEverybody(t *testing.T) {
	filters := []string{
		`{'back_in_stock': {'has occurred': {'in the last': '1 day'}}}`,
		`{'back_in_stock': {'has occurred': {'more than': '1 day ago'}}}`,
		`{'back_in_stock': {'last occurred': {'in the last': '3 days'}, 'where': {'sku': 'TEE-M'}}}`,
		`{'back_in_stock': {'first occurred': {'in the last': '2 days'}}, 'contact.region': 'AT'}`,
		`{'waiting_on_stock': {'has occurred': {'in the last': '2 days'}}, 'back_in_stock': 'has not occurred'}`,
		`{'any': [{'back_in_stock': {'has occurred': {'exactly': '1 day ago'}}}, {'waiting_on_stock': {'first occurred': {'in the last': '1 day'}}}]}`,
		`{'any': [{'contact.region': 'AT'}, {'back_in_stock': {'has occurred': {'in the last': '1 day'}}}]}`,
		`{'none': [{'back_in_stock': {'last occurred': {'in the last': '2 days'}}}]}`,
		`{'back_in_stock': 'has occurred', 'waiting_on_stock': {'last occurred': {'more than': '2 days ago'}}}`,
	}
	found, unexpanded := 0, 0 // that the worlds are such as they should be
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 3))
		w := newWorld(t)
		w.declare(core.Declaration{Settings: &core.Settings{Zone: []string{"", "America/New_York", "Pacific/Kiritimati"}[seed%3]}})
		for i, f := range filters {
			w.audience(core.Name(fmt.Sprint("a", i)), f)
		}
		for range 14 {
			w.randomDay(r)
			unexpanded += len(w.heads())
			for i, f := range filters {
				name := core.Name(fmt.Sprint("a", i))
				found += len(w.members(name, 1000))
				if got, want := w.members(name, 1+r.IntN(90)), w.everybody(name); !slices.Equal(got, want) {
					t.Fatalf("seed %d: %s has %d contacts, want %d:\n%q\n%q", seed, f, len(got), len(want), got, want)
				}
			}
		}
		w.drive()
	}
	if t.Logf("%d contacts found, %d cohorts that waited", found, unexpanded); found < 1000 || unexpanded < 10 {
		t.Errorf("%d contacts found and %d cohorts that waited: what is tried says little", found, unexpanded)
	}
}

// randomDay lets something happen to a hundred and fifty contacts.
func (w *shopWorld) randomDay(r *rand.Rand) {
	w.pass(core.Milliseconds(r.Int64N(int64(core.Day))))
	switch r.IntN(6) {
	case 0, 1, 2:
		variant := []core.VariantID{"71", "72"}[r.IntN(2)]
		for range 100 {
			c := captureOf(fmt.Sprintf("c%03d@example.com", r.IntN(150)), core.Target{Source: "shop", Variant: variant}, w.now.Add(-core.Milliseconds(r.Int64N(int64(core.Day)))))
			if r.IntN(4) == 0 {
				c.Capture.Target = core.Target{Source: "shop", Product: "7"}
			}
			c.Capture.Region = []string{"AT", "DE"}[r.IntN(2)]
			w.fromEdge(homeEdge, c)
		}
	case 3, 4:
		item := []int{710, 720}[r.IntN(2)]
		w.level(item, 0)
		w.stepTimers()
		w.pass(core.Hour)
		w.stepTimers()
		w.level(item, 5)
		w.stepWorks()
	case 5:
		if heads := w.heads(); len(heads) > 0 {
			w.fromLeader(wire.Expand{Cohort: heads[0].ID, From: heads[0].Done})
		}
		w.erase(email(fmt.Sprintf("c%03d@example.com", r.IntN(150))))
	}
	if r.IntN(6) == 0 {
		w.drive()
	}
}

// everybody asks the filter of every contact, with all that will be written down of it.
func (w *shopWorld) everybody(name core.Name) (emails []string) {
	w.t.Helper()
	var saved core.Audience
	var all []core.Contact
	var settings core.Settings
	w.view(func(tx *db.Tx) {
		saved, _ = db.Audiences.Get(tx, name)
		settings, _ = db.Settings.Get(tx, struct{}{})
		db.Contacts.All(tx, func(c core.Contact) bool { all = append(all, c); return true })
	})
	zone, err := time.LoadLocation(settings.Zone)
	if err != nil {
		w.t.Fatal(err)
	}
	where, err := filter.Compile(saved.Where, filter.Audience, filter.Env{Zone: zone})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, c := range all {
		tx := w.db.Begin()
		if err := w.machine.Reveal(tx, c.ID); err != nil {
			w.t.Fatal(err)
		}
		if where.Holds(&filter.Subject{Now: w.now, Contact: &c, History: revealed{tx, c.ID}}) {
			emails = append(emails, c.Email)
		}
		tx.Discard()
	}
	slices.Sort(emails)
	return emails
}

// revealed is a contact's past as its rows tell it.
type revealed struct {
	tx *db.Tx
	id core.ContactID
}

func (r revealed) Activities(k core.ActivityKind) (all []core.Activity) {
	db.ActivitiesOf(r.tx, r.id, func(a core.Activity) bool {
		if a.Kind == k {
			all = append(all, a)
		}
		return true
	})
	return all
}

func (r revealed) Faded(k core.ActivityKind) (all []core.Occurrences) {
	db.OccurrencesOf(r.tx, r.id, func(o core.Occurrences) bool {
		if o.Kind == k {
			all = append(all, o)
		}
		return true
	})
	return all
}

// BenchmarkAudience is finding b.N contacts to whom Back in stock occurred in the last seven days, in cohorts that wait to be
// expanded and in such as are; and asking captures' journeys about contact and past.
func BenchmarkAudience(b *testing.B) {
	for _, expanded := range []bool{false, true} {
		b.Run(fmt.Sprintf("expanded=%t", expanded), func(b *testing.B) {
			w, closeWorld := newBenchWorld(b)
			defer closeWorld()
			w.shop(journeyOn("shop-back", core.BackInStock, mail("mail", back)))
			w.crowd(b.N)
			where := filterOf(b, filter.Audience, `{'back_in_stock': {'has occurred': {'in the last': '7 days'}, 'where': {'sku': 'TEE-M'}}}`)
			w.apply(wire.Origin{}, wire.Declare{Declaration: core.Declaration{Audiences: []core.Audience{{Name: "recent", Where: where}}}})
			w.fromEdge(wire.Webhook{Source: "shop", Headers: []core.Header{{Name: "x-shopify-topic", Value: "inventory_levels/update"}},
				Body: []byte(levelBody(710, 9, w.now)), ReceivedAt: w.now})
			w.tellAll()
			if expanded {
				w.expandAll()
			}
			b.ResetTimer()
			if n := w.count("recent"); n != b.N {
				b.Fatalf("%d found, want %d", n, b.N)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "contacts/s")
		})
	}
}

func (w *benchWorld) expandAll() {
	for {
		var heads []core.CohortHead
		tx := w.db.View()
		db.CohortHeads.All(tx, func(h core.CohortHead) bool { heads = append(heads, h); return true })
		tx.Discard()
		if len(heads) == 0 {
			return
		}
		for _, h := range heads {
			w.apply(wire.Origin{Epoch: 1}, wire.Expand{Cohort: h.ID, From: h.Done})
		}
	}
}

func (w *benchWorld) count(name core.Name) (n int) {
	tx := w.db.View()
	defer tx.Discard()
	a, _ := w.machine.Audience(tx, name, w.now)
	defer a.Close()
	for after, done := (machine.AudienceCursor{}), false; !done; {
		var found []core.Contact
		var err error
		if found, after, done, err = a.Page(after, 1000); err != nil {
			w.b.Fatal(err)
		}
		n += len(found)
	}
	return n
}
