package filter

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"restock/core"
	"restock/core/zone"
)

// The oracle is the language's second implementation: it walks the tree as it is written, looks at every activity and
// compares dates as texts and calendar days, where the compiled one counts days and stops early.
type oracle struct {
	zone    *time.Location
	sources map[string]string // title by name
	subject *Subject
	history told
}

func (o oracle) holds(f core.Filter) bool {
	switch {
	case f.Occurred != nil:
		return o.occurred(*f.Occurred)
	case f.Field != "":
		return o.condition(f)
	}
	n := 0
	for _, of := range f.Of {
		if o.holds(of) {
			n++
		}
	}
	switch f.Group {
	case core.FilterAny:
		return n > 0
	case core.FilterNone:
		return n == 0
	}
	return n == len(f.Of)
}

// value is a field as texts: none, one, or the parts of a list.
func (o oracle) value(field string) (values []string) {
	a, c := o.subject.Activity, o.subject.Contact
	plain := map[string]string{}
	if a != nil {
		plain = map[string]string{
			"source": string(a.Source), "sku": a.SKU, "product": string(a.Product), "variant": string(a.Variant),
			"market": string(a.Market), "title": a.Title, "choice": a.Choice,
		}
	}
	if c != nil {
		plain["contact.email"], plain["contact.phone"], plain["contact.locale"] = c.Email, c.Phone, c.Locale
		plain["contact.region"], plain["contact.first_name"] = c.Region, c.FirstName
		if _, domain, ok := strings.Cut(c.Email, "@"); ok {
			plain["contact.email_domain"] = domain
		}
	}
	switch own, isOwn := strings.CutPrefix(field, "contact.fields."); {
	case isOwn:
		if v, ok := c.Fields[own]; ok {
			return []string{v}
		}
		return nil
	case field == "contact.tags":
		return c.Tags
	case field == "contact.channels":
		for _, a := range c.Addresses() {
			values = append(values, string(a.Channel))
		}
		return values
	case strings.HasPrefix(field, "contact.consent."):
		for _, k := range c.Consents {
			if string(k.Purpose) == strings.TrimPrefix(field, "contact.consent.") {
				values = append(values, string(k.Channel))
			}
		}
		return values
	}
	if v := plain[field]; v != "" {
		return []string{v}
	}
	return nil
}

func (o oracle) number(field, currency string) (int64, bool) {
	a := o.subject.Activity
	switch field {
	case "units":
		return a.Units, a.Kind == core.BackInStock || a.Kind == core.RunningLow
	case "price":
		return a.Price.Minor, a.Price.Currency == currency && a.Price != core.Money{}
	}
	v := o.value(field)
	if len(v) == 0 {
		return 0, false
	}
	x, err := strconv.ParseFloat(v[0], 64)
	return int64(math.Round(x * 1e6)), err == nil
}

func (o oracle) instant(field string) core.Time {
	switch field {
	case "at":
		return o.subject.Activity.At
	case "asked_at":
		return o.subject.Activity.AskedAt
	}
	return o.subject.Contact.CreatedAt
}

// date is a day by the calendar.
func (o oracle) date(field string) (string, bool) {
	if !strings.HasPrefix(field, "contact.fields.") {
		t := o.instant(field)
		return o.day(t), t != 0
	}
	v := o.value(field)
	if len(v) == 0 {
		return "", false
	}
	if t, err := time.Parse(time.RFC3339, v[0]); err == nil {
		return t.In(o.zone).Format(time.DateOnly), true
	}
	t, err := time.Parse(time.DateOnly, v[0])
	return t.Format(time.DateOnly), err == nil
}

func (o oracle) day(t core.Time) string { return t.Go().In(o.zone).Format(time.DateOnly) }

// plus is the date n days later.
func plus(date string, n int64) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		panic(err)
	}
	return t.AddDate(0, 0, int(n)).Format(time.DateOnly)
}

func written(days int64) string { return time.Unix(days*86400, 0).UTC().Format(time.DateOnly) }

func (o oracle) inWindow(op core.FilterOp, n []int64, date string) bool {
	today := o.day(o.subject.Now)
	switch op {
	case core.OpInTheLast:
		return date <= today && date > plus(today, -n[0])
	case core.OpMoreAgo:
		return date < plus(today, -n[0])
	case core.OpExactlyAgo:
		return date == plus(today, -n[0])
	case core.OpIn:
		return date == plus(today, n[0])
	case core.OpInLess:
		return date >= today && date < plus(today, n[0])
	case core.OpInMore:
		return date > plus(today, n[0])
	case core.OpBefore:
		return date < written(n[0])
	case core.OpAfter:
		return date > written(n[0])
	case core.OpOn:
		return date == written(n[0])
	case core.OpAnniversary:
		if date[5:] == "02-29" && plus(today, 1)[5:] == "03-01" && today[5:] == "02-28" {
			return date[:4] < today[:4]
		}
		return date[5:] == today[5:] && date[:4] < today[:4]
	}
	return date >= written(n[0]) && date <= written(n[1])
}

func (o oracle) condition(f core.Filter) bool {
	values := o.value(f.Field)
	if f.Field == "source" && len(values) == 1 {
		if title, ok := o.sources[values[0]]; ok && f.Op != core.OpPresent && f.Op != core.OpEmpty {
			values = append(values, title)
		}
	}
	some := func(fits func(v, t string) bool) bool {
		return slices.ContainsFunc(values, func(v string) bool {
			return slices.ContainsFunc(f.Texts, func(t string) bool { return fits(v, t) })
		})
	}
	equal := func(v, t string) bool { return v == t }
	v, isNumber := int64(0), false
	if f.Op == core.OpEqual || f.Op == core.OpNotEqual || slices.Contains([]core.FilterOp{core.OpLess, core.OpAtMost, core.OpMore, core.OpAtLeast, core.OpBetween}, f.Op) {
		v, isNumber = o.number(f.Field, f.Currency)
	}
	switch f.Op {
	case core.OpIs, core.OpHas:
		return some(equal)
	case core.OpIsNot, core.OpHasNot:
		return !some(equal)
	case core.OpStarts:
		return some(strings.HasPrefix)
	case core.OpEnds:
		return some(strings.HasSuffix)
	case core.OpContains:
		return some(strings.Contains)
	case core.OpContainsNot:
		return !some(strings.Contains)
	case core.OpPresent:
		return o.present(f.Field)
	case core.OpEmpty:
		return !o.present(f.Field)
	case core.OpEqual:
		return isNumber && slices.Contains(f.Numbers, v)
	case core.OpNotEqual:
		return !isNumber || !slices.Contains(f.Numbers, v)
	case core.OpLess:
		return isNumber && v < f.Numbers[0]
	case core.OpAtMost:
		return isNumber && v <= f.Numbers[0]
	case core.OpMore:
		return isNumber && v > f.Numbers[0]
	case core.OpAtLeast:
		return isNumber && v >= f.Numbers[0]
	case core.OpBetween:
		return isNumber && v >= f.Numbers[0] && v <= f.Numbers[1]
	}
	date, ok := o.date(f.Field)
	return ok && o.inWindow(f.Op, f.Numbers, date)
}

func (o oracle) present(field string) bool {
	switch field {
	case "units":
		return o.subject.Activity.Kind == core.BackInStock || o.subject.Activity.Kind == core.RunningLow
	case "price":
		return o.subject.Activity.Price != core.Money{}
	case "at", "asked_at", "contact.created_at":
		return o.instant(field) != 0
	}
	return len(o.value(field)) > 0
}

func (o oracle) occurred(c core.Occurred) bool {
	var at []core.Time
	for _, a := range o.history.Activities(c.Kind) {
		of := o
		of.subject = &Subject{Now: o.subject.Now, Activity: &a}
		if of.holds(c.Where) {
			at = append(at, a.At)
		}
	}
	if reflect.DeepEqual(c.Where, core.Filter{}) {
		for _, f := range o.history.Faded(c.Kind) {
			at = append(at, f.First, f.Last)
		}
	}
	slices.Sort(at)
	switch {
	case len(at) > 0 && c.Which == core.OccurredFirst:
		at = at[:1]
	case len(at) > 0 && c.Which == core.OccurredLast:
		at = at[len(at)-1:]
	}
	return slices.ContainsFunc(at, func(t core.Time) bool {
		return !slices.ContainsFunc(c.When, func(w core.Window) bool { return !o.inWindow(w.Op, w.Days, o.day(t)) })
	})
}

// chance makes trees and subjects of a few values, so that they often meet.
type chance struct{ *rand.Rand }

func pick[T any](r chance, from ...T) T { return from[r.IntN(len(from))] }

func (r chance) some(from ...string) []string {
	r.Shuffle(len(from), func(i, k int) { from[i], from[k] = from[k], from[i] })
	return from[:1+r.IntN(min(3, len(from)))]
}

// moment is near noon of 10 March 2026, around which New York puts its clocks forward.
func (r chance) moment() core.Time {
	return core.TimeOf(time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)).Add(core.Milliseconds(r.Int64N(int64(12*core.Day))) - 6*core.Day)
}

func (r chance) dayNumber() int64 { return 20_522 + r.Int64N(10) } // 10 March 2026 is the 20,522nd

// tree is a filter as Parse makes them.
func (r chance) tree(s Scope, depth int) core.Filter {
	n := r.IntN(10)
	if depth > 0 && n < 4 {
		group := pick(r, core.FilterAll, core.FilterAny, core.FilterNone)
		f := core.Filter{Group: group}
		least := 2
		if group == core.FilterNone {
			least = 1
		}
		for range least + r.IntN(3) {
			f.Of = append(f.Of, r.tree(s, depth-1))
		}
		return f
	}
	if s != occurred && n < 6 {
		return core.Filter{Occurred: r.occurred()}
	}
	return r.condition(s)
}

func (r chance) occurred() *core.Occurred {
	o := &core.Occurred{Kind: pick(r, kinds...), Which: pick(r, core.OccurredAny, core.OccurredFirst, core.OccurredLast)}
	if o.Which != core.OccurredAny || r.IntN(3) > 0 {
		for {
			op := pick(r, operators...)
			if op.past {
				o.When = append(o.When, core.Window{Op: op.op, Days: r.numbers(op.operand, timeField)})
				break
			}
		}
	}
	if r.IntN(2) == 0 {
		o.Where = r.tree(occurred, 1)
	}
	return o
}

func (r chance) condition(s Scope) core.Filter {
	all := append([]field{}, fields...)
	for _, own := range []string{"size", "date", "none"} {
		f, _ := lookup(ownPrefix + own)
		all = append(all, f)
	}
	for {
		f := pick(r, all...)
		o := pick(r, operators...)
		if !s.takes(f) || o.types&f.typ == 0 {
			continue
		}
		c := core.Filter{Field: f.name, Op: o.op}
		switch {
		case o.operand == someTexts && f.ofChannels():
			c.Texts = r.some("email", "sms", "push")
		case o.operand == someTexts && f.name == "source":
			c.Texts = r.some("demo", "My Shop", "outlet", "Out", "o", "elsewhere")
		case o.operand == someTexts:
			c.Texts = r.some("a", "b", "ab", "ba", "42", "abba", "example.com")
		case o.operand != flagged:
			c.Numbers = r.numbers(o.operand, f.typ)
			if f.typ == moneyField {
				c.Currency = pick(r, "EUR", "USD")
			}
		}
		return c
	}
}

func (r chance) numbers(o operand, t fieldType) []int64 {
	one := func() int64 { return r.Int64N(6) }
	if t == ownField {
		one = func() int64 { return pick[int64](r, -500_000, 0, 1_250_000, 42_000_000) }
	}
	switch o {
	case someDays:
		return []int64{1 + r.Int64N(5)}
	case daysAgo:
		return []int64{r.Int64N(5)}
	case oneDate:
		return []int64{r.dayNumber()}
	case twoDates:
		n := []int64{r.dayNumber(), r.dayNumber()}
		slices.Sort(n)
		return n
	case twoNumbers:
		n := []int64{one(), one()}
		slices.Sort(n)
		return n
	case someNumbers:
		n := []int64{one(), one(), one()}
		slices.Sort(n)
		return slices.Compact(n)
	}
	return []int64{one()}
}

func (r chance) word() string { return pick(r, "", "a", "b", "ab", "ba", "abba") }

func (r chance) activity() core.Activity {
	return core.Activity{
		Kind: pick(r, kinds...), Source: pick[core.SourceName](r, "demo", "outlet", "gone"), SKU: r.word(), Product: core.ProductID(r.word()),
		Variant: core.VariantID(r.word()), Market: core.Market(r.word()), Title: r.word(), Choice: r.word(), At: r.moment(), AskedAt: pick(r, 0, r.moment()),
		Units: r.Int64N(6), Price: pick(r, core.Money{}, core.Money{Minor: r.Int64N(6), Currency: "EUR"}, core.Money{Minor: r.Int64N(6), Currency: "USD"}),
	}
}

func (r chance) contact() core.Contact {
	c := core.Contact{
		Email: pick(r, "", "a@example.com", "ab@b"), Phone: r.word(), Locale: r.word(), Region: r.word(), FirstName: r.word(), CreatedAt: pick(r, 0, r.moment()),
		Fields: map[string]string{"size": pick(r, "42", "1.25", "-0.5", "a", ""), "date": pick(r, "2026-03-10", "2025-03-11", "2024-02-29", "2026-03-08T01:30:00-05:00", "soon")},
	}
	if r.IntN(2) == 0 {
		c.Tags = r.some("a", "b", "ab")
	}
	for range r.IntN(3) {
		c.Consents = append(c.Consents, core.Consent{Channel: pick(r, core.Email, core.SMS, core.Push), Purpose: pick(r, core.Marketing, core.StockAlert)})
	}
	return c
}

func (r chance) history() (h told) {
	for range r.IntN(6) {
		h.activities = append(h.activities, r.activity())
	}
	for range r.IntN(2) {
		first, last := r.moment(), r.moment()
		h.faded = append(h.faded, core.Occurrences{Kind: pick(r, kinds...), First: min(first, last), Last: max(first, last), Times: 2})
	}
	return h
}

// TestOracle: random trees of random subjects are answered as by the oracle; are written and read again as they were; say
// nothing else when less of the subject is given; and whoever they hold for has an activity where Spans says.
func TestOracle(t *testing.T) {
	newYork, err := zone.Load("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	zones := []*time.Location{time.UTC, newYork, zoneOf("far", 14), zoneOf("back", -11)}
	sources := map[string]string{"demo": "My Shop", "outlet": "Outlet"}
	held := 0
	const rounds = 20_000
	for seed := range uint64(rounds) {
		r := chance{rand.New(rand.NewPCG(seed, 7))}
		scope := pick(r, Entry, Audience)
		f, z := r.tree(scope, 3), pick(r, zones...)
		d := Format(f)
		again, faults := Parse(d, scope)
		if len(faults) > 0 || !reflect.DeepEqual(again, f) {
			t.Fatalf("seed %d: %s is read as %s, with %v", seed, d.JSON(), Format(again).JSON(), faults)
		}
		c, err := Compile(f, scope, Env{Zone: z, Sources: []Source{{"demo", "My Shop"}, {"outlet", "Outlet"}}})
		if err != nil {
			t.Fatalf("seed %d: %s: %v", seed, d.JSON(), err)
		}
		activity, contact, history := r.activity(), r.contact(), r.history()
		s := Subject{Now: r.moment(), Activity: &activity, Contact: &contact, History: history}
		got, want := c.Holds(&s), oracle{z, sources, &s, history}.holds(f)
		if got != want {
			t.Fatalf("seed %d in %s at %s: %s holds: %t\n%+v\n%+v\n%+v", seed, z, s.Now, d.JSON(), got, activity, contact, history)
		}
		if got {
			held++
			checkSpans(t, seed, c, s.Now, history)
		}
		for _, less := range []Subject{{Now: s.Now}, {Now: s.Now, Activity: &activity}, {Now: s.Now, Activity: &activity, Contact: &contact}} {
			if a := c.Ask(&less); a == Yes && !want || a == No && want {
				t.Fatalf("seed %d: %s answers %d of a part, and %t of all", seed, d.JSON(), a, want)
			}
		}
	}
	t.Logf("%d of %d hold", held, rounds)
	if held < rounds/5 || held > rounds*4/5 {
		t.Errorf("%d of %d hold; what is tried says little", held, rounds)
	}
}

func checkSpans(t *testing.T, seed uint64, c *Compiled, now core.Time, h told) {
	t.Helper()
	spans, ok := c.Spans(now)
	if !ok {
		return
	}
	in := func(s Span, k core.ActivityKind, at core.Time) bool { return s.Kind == k && s.From <= at && at < s.To }
	for _, s := range spans {
		for _, a := range h.activities {
			if in(s, a.Kind, a.At) {
				return
			}
		}
		for _, f := range h.faded {
			if in(s, f.Kind, f.First) || in(s, f.Kind, f.Last) {
				return
			}
		}
	}
	t.Fatalf("seed %d: it holds, and nothing occurred in %s", seed, fmt.Sprint(spans))
}
