package filter

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"restock/core"
)

// berlin is two hours ahead of UTC in summer; TestHolds is asked on 14 July 2026, 00:30 there, when it is still the 13th in
// UTC.
var (
	berlin = zoneOf("CET", 2)
	asked  = core.TimeOf(time.Date(2026, 7, 13, 22, 30, 0, 0, time.UTC))
	env    = Env{Zone: berlin, Sources: []Source{{"demo", "My Shop"}, {"outlet", "Outlet"}}}
)

func zoneOf(name string, hours int) *time.Location { return time.FixedZone(name, hours*3600) }

// local is a moment by Berlin's clocks.
func local(text string) core.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", text, berlin)
	if err != nil {
		panic(err)
	}
	return core.TimeOf(t)
}

var shirt = core.Activity{
	Kind: core.BackInStock, Source: "demo", SKU: "TEE-BLK-M", Product: "77", Variant: "4711", Market: "eu", Title: "Black tee",
	At: local("2026-07-14 00:10"), AskedAt: local("2026-07-13 23:59"), Units: 0, Price: core.Money{Minor: 5000, Currency: "EUR"},
}

var ann = core.Contact{
	Email: "ann@example.com", Locale: "de-AT", Region: "AT", Tags: []string{"vip", "early"}, CreatedAt: local("2026-06-14 12:00"),
	Fields:   map[string]string{"size": "42", "note": "", "height": "1.75", "birthday": "1990-07-14", "leap": "2000-02-29", "seen": "2026-07-13T23:30:00Z", "debt": "-0.5"},
	Consents: []core.Consent{{Channel: core.Email, Purpose: core.StockAlert}, {Channel: core.Email, Purpose: core.Marketing}},
}

// told is a past in memory.
type told struct {
	activities []core.Activity
	faded      []core.Occurrences
	asked      *int
}

func (h told) Activities(k core.ActivityKind) (some []core.Activity) {
	if h.asked != nil {
		*h.asked++
	}
	for _, a := range h.activities {
		if a.Kind == k {
			some = append(some, a)
		}
	}
	return some
}

func (h told) Faded(k core.ActivityKind) (some []core.Occurrences) {
	for _, o := range h.faded {
		if o.Kind == k {
			some = append(some, o)
		}
	}
	return some
}

func back(sku, at string) core.Activity {
	return core.Activity{Kind: core.BackInStock, SKU: sku, At: local(at), Source: "demo", Price: core.Money{Minor: 1990, Currency: "EUR"}}
}

var annsPast = told{
	activities: []core.Activity{
		back("A", "2026-07-14 00:10"), back("B", "2026-07-08 00:00"), back("B", "2026-07-07 23:59"), back("C", "2026-06-14 12:00"),
		{Kind: core.WaitingOnStock, SKU: "A", At: local("2026-07-13 23:59")},
	},
	faded: []core.Occurrences{{Kind: core.WaitingOnStock, Source: "demo", First: local("2026-01-05 08:00"), Last: local("2026-02-05 08:00"), Times: 9}},
}

// read parses a filter written in JSON, whose texts may have single quotes instead of double ones.
func read(t testing.TB, s Scope, written string) core.Filter {
	t.Helper()
	d, err := ReadJSON([]byte(strings.ReplaceAll(written, "'", `"`)))
	if err != nil {
		t.Fatalf("%s: %v", written, err)
	}
	f, faults := Parse(d, s)
	if len(faults) > 0 {
		t.Fatalf("%s: %v", written, faults)
	}
	return f
}

func compile(t testing.TB, s Scope, written string) *Compiled {
	t.Helper()
	c, err := Compile(read(t, s, written), s, env)
	if err != nil {
		t.Fatalf("%s: %v", written, err)
	}
	return c
}

// TestHolds has every operator on every type of field.
func TestHolds(t *testing.T) {
	tests := []struct {
		filter string
		want   bool
	}{
		{`{}`, true},

		{`{'sku': 'TEE-BLK-M'}`, true},
		{`{'sku': 'tee-blk-m'}`, false}, // case counts
		{`{'sku': ['TEE-BLK-S', 'TEE-BLK-M']}`, true},
		{`{'sku': ['TEE-BLK-S', 'TEE-BLK-L']}`, false},
		{`{'sku': {'is': 'TEE-BLK-M'}}`, true},
		{`{'sku': {'is not': 'TEE-BLK-M'}}`, false},
		{`{'sku': {'is not': ['X', 'Y']}}`, true},
		{`{'sku': {'starts with': 'TEE'}}`, true},
		{`{'sku': {'starts with': 'BLK'}}`, false},
		{`{'sku': {'ends with': ['-S', '-M']}}`, true},
		{`{'sku': {'ends with': '-S'}}`, false},
		{`{'sku': {'contains': 'BLK'}}`, true},
		{`{'sku': {'does not contain': 'BLK'}}`, false},
		{`{'sku': {'does not contain': ['RED', 'BLU']}}`, true},
		{`{'sku': {'has any value': true}}`, true},
		{`{'sku': {'has no value': true}}`, false},
		{`{'choice': {'has any value': true}}`, false},
		{`{'choice': {'has no value': true}}`, true},
		{`{'choice': {'is not': 'M'}}`, true}, // what has no value is nothing
		{`{'choice': {'does not contain': 'M'}}`, true},
		{`{'sku': {'starts with': 'TEE', 'ends with': '-S'}}`, false}, // both must hold
		{`{'product': '77', 'variant': '4711', 'market': 'eu', 'title': 'Black tee'}`, true},
		{`{'product': '4711'}`, false},
		{`{'variant': '77'}`, false},
		{`{'market': 'us'}`, false},
		{`{'title': 'Black'}`, false},

		{`{'source': 'demo'}`, true},
		{`{'source': 'My Shop'}`, true}, // by its title
		{`{'source': 'Outlet'}`, false},
		{`{'source': {'is not': 'My Shop'}}`, false},
		{`{'source': {'is not': 'Outlet'}}`, true},
		{`{'source': {'contains': 'Sho'}}`, true},
		{`{'source': {'does not contain': 'Sho'}}`, false},
		{`{'source': {'starts with': 'dem'}}`, true},
		{`{'source': {'has any value': true}}`, true},

		{`{'price': '50.00 EUR'}`, true},
		{`{'price': ['49 EUR', '50 EUR']}`, true},
		{`{'price': {'is not': '50 EUR'}}`, false},
		{`{'price': {'less than': '50 EUR'}}`, false},
		{`{'price': {'less than': '50.01 EUR'}}`, true},
		{`{'price': {'at most': '50 EUR'}}`, true},
		{`{'price': {'more than': '50 EUR'}}`, false},
		{`{'price': {'more than': '49.99 EUR'}}`, true},
		{`{'price': {'at least': '50 EUR'}}`, true},
		{`{'price': {'at least': '50.01 EUR'}}`, false},
		{`{'price': {'between': ['10 EUR', '50 EUR']}}`, true},
		{`{'price': {'between': ['50.01 EUR', '60 EUR']}}`, false},
		{`{'price': {'at most': '90 USD'}}`, false}, // no amount in that currency
		{`{'price': {'more than': '1 USD'}}`, false},
		{`{'price': {'is not': '50 USD'}}`, true},
		{`{'price': {'has any value': true}}`, true},
		{`{'price': {'at least': '10 EUR', 'less than': '50 EUR'}}`, false},

		{`{'units': 0}`, true},
		{`{'units': [1, 2]}`, false},
		{`{'units': {'is not': 0}}`, false},
		{`{'units': {'at most': 5}}`, true},
		{`{'units': {'more than': 0}}`, false},
		{`{'units': {'between': [0, 1]}}`, true},
		{`{'units': {'has any value': true}}`, true}, // 0 is a value
		{`{'units': {'has no value': true}}`, false},

		{`{'at': {'in the last': '1 day'}}`, true}, // today in Berlin
		{`{'asked_at': {'in the last': '1 day'}}`, false},
		{`{'asked_at': {'in the last': '2 days'}}`, true},
		{`{'asked_at': {'exactly': '1 day ago'}}`, true},
		{`{'asked_at': {'exactly': '0 days ago'}}`, false},
		{`{'asked_at': {'more than': '0 days ago'}}`, true},
		{`{'asked_at': {'more than': '1 day ago'}}`, false},
		{`{'contact.created_at': {'exactly': '30 days ago'}}`, true},
		{`{'contact.created_at': {'in the last': '30 days'}}`, false},
		{`{'contact.created_at': {'in the last': '31 days'}}`, true},
		{`{'contact.created_at': {'more than': '29 days ago'}}`, true},
		{`{'contact.created_at': {'more than': '30 days ago'}}`, false},
		{`{'asked_at': {'on': '2026-07-13'}}`, true},
		{`{'asked_at': {'before': '2026-07-13'}}`, false},
		{`{'asked_at': {'before': '2026-07-14'}}`, true},
		{`{'asked_at': {'after': '2026-07-12'}}`, true},
		{`{'asked_at': {'after': '2026-07-13'}}`, false},
		{`{'asked_at': {'between': ['2026-07-13', '2026-07-13']}}`, true},
		{`{'asked_at': {'between': ['2026-07-14', '2026-07-20']}}`, false},
		{`{'asked_at': {'after': '2026-07-01', 'in the last': '2 days'}}`, true},
		{`{'at': {'has any value': true}}`, true},
		{`{'at': {'occurs in': '0 days'}}`, true},

		{`{'contact.email': {'ends with': '@example.com'}}`, true},
		{`{'contact.email_domain': 'example.com'}`, true},
		{`{'contact.phone': {'has no value': true}}`, true},
		{`{'contact.locale': {'starts with': 'de'}}`, true},
		{`{'contact.region': ['DE', 'AT']}`, true},
		{`{'contact.first_name': {'has any value': true}}`, false},
		{`{'contact.tags': 'vip'}`, true},
		{`{'contact.tags': {'has': ['new', 'early']}}`, true},
		{`{'contact.tags': {'does not have': ['new', 'early']}}`, false},
		{`{'contact.tags': {'does not have': 'new'}}`, true},
		{`{'contact.tags': {'has any value': true}}`, true},
		{`{'contact.tags': {'has no value': true}}`, false},
		{`{'contact.channels': 'email'}`, true},
		{`{'contact.channels': ['sms', 'push']}`, false},
		{`{'contact.channels': {'has any value': true}}`, true},
		{`{'contact.consent.marketing': 'email'}`, true},
		{`{'contact.consent.marketing': {'does not have': 'sms'}}`, true},
		{`{'contact.consent.stock_alert': {'has any value': true}}`, true},
		{`{'contact.consent.stock_alert': {'has': 'push'}}`, false},

		{`{'contact.fields.size': '42'}`, true},
		{`{'contact.fields.size': {'more than': 41.5}}`, true},
		{`{'contact.fields.size': {'less than': 42}}`, false},
		{`{'contact.fields.height': {'between': [1.7, 1.75]}}`, true},
		{`{'contact.fields.height': {'more than': 1.75}}`, false},
		{`{'contact.fields.debt': {'less than': 0}}`, true},
		{`{'contact.fields.note': {'has any value': true}}`, true}, // an empty text is a value
		{`{'contact.fields.none': {'has any value': true}}`, false},
		{`{'contact.fields.none': {'is not': 'x'}}`, true},
		{`{'contact.fields.note': {'at most': 5}}`, false}, // no number
		{`{'contact.fields.birthday': {'anniversary': true}}`, true},
		{`{'contact.fields.birthday': {'before': '2000-01-01'}}`, true},
		{`{'contact.fields.leap': {'anniversary': true}}`, false},
		{`{'contact.fields.seen': {'in the last': '1 day'}}`, true}, // 01:30 in Berlin
		{`{'contact.fields.size': {'in the last': '1 day'}}`, false},
		{`{'contact.fields.seen': {'more than': '0 days ago'}}`, false},

		{`{'all': [{'sku': 'TEE-BLK-M'}, {'market': 'us'}]}`, false},
		{`{'any': [{'sku': 'X'}, {'market': 'eu'}]}`, true},
		{`{'any': [{'sku': 'X'}, {'market': 'us'}]}`, false},
		{`{'none': [{'sku': 'X'}, {'market': 'us'}]}`, true},
		{`{'none': [{'sku': 'X'}, {'market': 'eu'}]}`, false},
		{`{'none': [{'any': [{'sku': 'X'}]}, {'none': [{'market': 'eu'}]}]}`, true},
		{`{'any': [{'sku': 'X'}, {'market': 'eu', 'contact.tags': 'nobody'}]}`, false},

		{`{'back_in_stock': 'has occurred'}`, true},
		{`{'back_in_stock': 'has not occurred'}`, false},
		{`{'back_in_stock': {'has occurred': 'ever', 'where': {'sku': 'C'}}}`, true},
		{`{'back_in_stock': {'has occurred': 'ever', 'where': {'sku': 'D'}}}`, false},
		{`{'back_in_stock': {'has not occurred': 'ever', 'where': {'sku': 'D'}}}`, true},
		{`{'back_in_stock': {'has occurred': {'in the last': '1 day'}}}`, true},
		{`{'back_in_stock': {'has occurred': {'in the last': '1 day'}, 'where': {'sku': 'B'}}}`, false},
		{`{'back_in_stock': {'has occurred': {'in the last': '7 days'}, 'where': {'sku': 'B'}}}`, true}, // 8 July, 00:00
		{`{'back_in_stock': {'has occurred': {'in the last': '6 days'}, 'where': {'sku': 'B'}}}`, false},
		{`{'back_in_stock': {'has occurred': {'exactly': '7 days ago'}}}`, true}, // 7 July, 23:59
		{`{'back_in_stock': {'has occurred': {'exactly': '8 days ago'}}}`, false},
		{`{'back_in_stock': {'has occurred': {'more than': '29 days ago'}}}`, true},
		{`{'back_in_stock': {'has occurred': {'more than': '30 days ago'}}}`, false},
		{`{'back_in_stock': {'has not occurred': {'more than': '30 days ago'}}}`, true},
		{`{'back_in_stock': {'has occurred': {'in the last': '40 days', 'more than': '20 days ago'}}}`, true},
		{`{'back_in_stock': {'has occurred': {'in the last': '20 days', 'more than': '10 days ago'}}}`, false},
		{`{'back_in_stock': {'has occurred': {'between': ['2026-07-01', '2026-07-07']}}}`, true},
		{`{'back_in_stock': {'has occurred': {'on': '2026-07-09'}}}`, false},
		{`{'back_in_stock': {'first occurred': {'on': '2026-06-14'}}}`, true},
		{`{'back_in_stock': {'first occurred': {'in the last': '7 days'}}}`, false},
		{`{'back_in_stock': {'first occurred': {'exactly': '7 days ago'}, 'where': {'sku': 'B'}}}`, true},
		{`{'back_in_stock': {'last occurred': {'in the last': '1 day'}}}`, true},
		{`{'back_in_stock': {'last occurred': {'more than': '6 days ago'}}}`, false},
		{`{'back_in_stock': {'last occurred': {'more than': '5 days ago'}, 'where': {'sku': 'B'}}}`, true},
		{`{'back_in_stock': {'last occurred': {'more than': '5 days ago'}, 'where': {'price': {'more than': '20 EUR'}}}}`, false},
		{`{'waiting_on_stock': {'first occurred': {'on': '2026-01-05'}}}`, true}, // its details are gone
		{`{'waiting_on_stock': {'has occurred': {'on': '2026-02-05'}}}`, true},
		{`{'waiting_on_stock': {'has occurred': {'on': '2026-02-05'}, 'where': {'sku': 'A'}}}`, false},
		{`{'waiting_on_stock': {'last occurred': {'exactly': '1 day ago'}}}`, true},
	}
	for _, tt := range tests {
		s := Subject{Now: asked, Activity: &shirt, Contact: &ann, History: annsPast}
		if got := compile(t, Entry, tt.filter).Holds(&s); got != tt.want {
			t.Errorf("%s holds: %t", tt.filter, got)
		}
	}
}

// TestDays: occurs in N days, and anniversaries, as days go by.
func TestDays(t *testing.T) {
	tests := []struct {
		filter string
		date   string // of the contact's field
		now    string
		want   bool
	}{
		{`{'occurs in': '7 days'}`, "2026-07-21", "2026-07-14 23:59", true},
		{`{'occurs in': '7 days'}`, "2026-07-21", "2026-07-15 00:00", false},
		{`{'occurs in less than': '7 days'}`, "2026-07-20", "2026-07-14 12:00", true},
		{`{'occurs in less than': '7 days'}`, "2026-07-14", "2026-07-14 12:00", true},
		{`{'occurs in less than': '7 days'}`, "2026-07-13", "2026-07-14 12:00", false},
		{`{'occurs in less than': '7 days'}`, "2026-07-21", "2026-07-14 12:00", false},
		{`{'occurs in more than': '7 days'}`, "2026-07-22", "2026-07-14 12:00", true},
		{`{'occurs in more than': '7 days'}`, "2026-07-21", "2026-07-14 12:00", false},
		{`{'anniversary': true}`, "1990-07-14", "2026-07-14 00:00", true},
		{`{'anniversary': true}`, "1990-07-14", "2026-07-15 00:00", false},
		{`{'anniversary': true}`, "2026-07-14", "2026-07-14 12:00", false}, // the day itself is none
		{`{'anniversary': true}`, "2000-02-29", "2026-02-28 12:00", true},
		{`{'anniversary': true}`, "2000-02-29", "2026-03-01 12:00", false},
		{`{'anniversary': true}`, "2000-02-29", "2028-02-28 12:00", false},
		{`{'anniversary': true}`, "2000-02-29", "2028-02-29 12:00", true},
		{`{'on': '1969-12-31'}`, "1969-12-31", "2026-07-14 12:00", true},
		{`{'before': '1970-01-01'}`, "1969-12-31", "2026-07-14 12:00", true},
	}
	for _, tt := range tests {
		contact := core.Contact{Fields: map[string]string{"date": tt.date}}
		c := compile(t, Audience, `{'contact.fields.date': `+tt.filter+`}`)
		if got := c.Holds(&Subject{Now: local(tt.now), Contact: &contact}); got != tt.want {
			t.Errorf("%s %s on %s: %t", tt.date, tt.filter, tt.now, got)
		}
	}
}

// TestAsk: there is an answer as soon as what was given is enough, and the past is asked for only then.
func TestAsk(t *testing.T) {
	tests := []struct {
		filter                     string
		activity, contact, history Answer // with that and what stands before it
		asks                       int    // of the history
	}{
		{`{'sku': 'TEE-BLK-M'}`, Yes, Yes, Yes, 0},
		{`{'sku': 'X', 'contact.tags': 'vip', 'back_in_stock': 'has occurred'}`, No, No, No, 0},
		{`{'sku': 'TEE-BLK-M', 'contact.tags': 'vip'}`, Maybe, Yes, Yes, 0},
		{`{'contact.tags': 'nobody', 'back_in_stock': 'has occurred'}`, Maybe, No, No, 0},
		{`{'contact.tags': 'vip', 'back_in_stock': 'has occurred'}`, Maybe, Maybe, Yes, 1},
		{`{'any': [{'back_in_stock': 'has occurred'}, {'contact.tags': 'vip'}, {'sku': 'TEE-BLK-M'}]}`, Yes, Yes, Yes, 0},
		{`{'any': [{'back_in_stock': 'has occurred'}, {'contact.tags': 'vip'}]}`, Maybe, Yes, Yes, 0},
		{`{'none': [{'back_in_stock': 'has occurred'}, {'sku': 'TEE-BLK-M'}]}`, No, No, No, 0},
		{`{'none': [{'back_in_stock': 'has occurred'}]}`, Maybe, Maybe, No, 1},
	}
	for _, tt := range tests {
		asks := 0
		past := annsPast
		past.asked = &asks
		c := compile(t, Entry, tt.filter)
		got := [3]Answer{
			c.Ask(&Subject{Now: asked, Activity: &shirt}),
			c.Ask(&Subject{Now: asked, Activity: &shirt, Contact: &ann}),
			c.Ask(&Subject{Now: asked, Activity: &shirt, Contact: &ann, History: past}),
		}
		if want := [3]Answer{tt.activity, tt.contact, tt.history}; got != want || asks != tt.asks {
			t.Errorf("%s answers %v and asks the past %d times, want %v and %d", tt.filter, got, asks, want, tt.asks)
		}
	}
}

// TestManyValues: more values than are looked through one by one.
func TestManyValues(t *testing.T) {
	values := make([]string, MaxValues)
	for i := range values {
		values[i] = fmt.Sprintf("TEE-%04d", (i*7919)%10_000)
	}
	c, err := Compile(core.Filter{Field: "sku", Op: core.OpIs, Texts: values}, Entry, env)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10_000 {
		sku := fmt.Sprintf("TEE-%04d", i)
		if got := c.Holds(&Subject{Activity: &core.Activity{SKU: sku}}); got != slices.Contains(values, sku) {
			t.Fatalf("%s: %t", sku, got)
		}
	}
}

// TestOfMatches: what was stored before there were filters means what it meant.
func TestOfMatches(t *testing.T) {
	is := func(field string, values ...string) core.Match { return core.Match{Field: field, Is: values} }
	for _, tt := range []struct {
		matches []core.Match
		want    bool
	}{
		{nil, true},
		{[]core.Match{is("source", "demo")}, true},
		{[]core.Match{is("source", "outlet")}, false},
		{[]core.Match{is("source", "demo"), is("sku", "TEE-BLK-S", "TEE-BLK-M"), is("market", "eu")}, true},
		{[]core.Match{is("source", "demo"), is("sku", "TEE-BLK-M"), is("market", "us")}, false},
	} {
		c, err := Compile(OfMatches(tt.matches), Entry, env)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Holds(&Subject{Activity: &shirt}); got != tt.want {
			t.Errorf("%v: %t", tt.matches, got)
		}
	}
}

// TestWhatCannotBeCompiled is what another version may have stored.
func TestWhatCannotBeCompiled(t *testing.T) {
	deep := core.Filter{Field: "sku", Op: core.OpIs, Texts: []string{"A"}}
	for range MaxDepth + 2 {
		deep = core.Filter{Group: core.FilterNone, Of: []core.Filter{deep}}
	}
	many := core.Filter{Group: core.FilterAll, Of: slices.Repeat([]core.Filter{{Field: "sku", Op: core.OpIs, Texts: []string{"A"}}}, 5*MaxConditions)}
	for name, f := range map[string]core.Filter{
		"a field":                {Field: "weather", Op: core.OpIs, Texts: []string{"fine"}},
		"an operator":            {Field: "sku", Op: "sounds like", Texts: []string{"A"}},
		"an operator of others":  {Field: "sku", Op: core.OpInTheLast, Numbers: []int64{1}},
		"no value":               {Field: "sku", Op: core.OpIs},
		"too few numbers":        {Field: "units", Op: core.OpBetween, Numbers: []int64{1}},
		"a group":                {Group: "most", Of: []core.Filter{deep}},
		"an activity":            {Occurred: &core.Occurred{Kind: "order_placed"}},
		"which":                  {Occurred: &core.Occurred{Kind: core.BackInStock, Which: "second"}},
		"when":                   {Occurred: &core.Occurred{Kind: core.BackInStock, When: []core.Window{{Op: core.OpIn, Days: []int64{1}}}}},
		"no days":                {Occurred: &core.Occurred{Kind: core.BackInStock, When: []core.Window{{Op: core.OpOn}}}},
		"the contact's in where": {Occurred: &core.Occurred{Kind: core.BackInStock, Where: core.Filter{Field: "contact.tags", Op: core.OpHas, Texts: []string{"a"}}}},
		"the past in the past":   {Occurred: &core.Occurred{Kind: core.BackInStock, Where: core.Filter{Occurred: &core.Occurred{Kind: core.BackInStock}}}},
		"within none":            {Group: core.FilterNone, Of: []core.Filter{{Field: "weather", Op: core.OpIs, Texts: []string{"fine"}}}},
		"too deep":               deep,
		"too many":               many,
	} {
		if _, err := Compile(f, Entry, env); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if _, err := Compile(core.Filter{Field: "sku", Op: core.OpIs, Texts: []string{"A"}}, Audience, env); err == nil {
		t.Error("an audience is asked of an activity")
	}
	s := Subject{Activity: &shirt, Contact: &ann, History: annsPast}
	if Nobody().Holds(&s) {
		t.Error("nobody is somebody")
	}
}

func TestAskingAllocatesNothing(t *testing.T) {
	c := compile(t, Entry, `{'source': 'demo', 'sku': {'starts with': ['X', 'TEE']}, 'price': {'at most': '50 EUR'}, 'at': {'in the last': '7 days'},
		'contact.tags': 'vip', 'contact.channels': 'email', 'contact.fields.size': {'more than': 5}, 'contact.fields.birthday': {'before': '2000-01-01'},
		'none': [{'back_in_stock': {'last occurred': {'more than': '3 days ago'}, 'where': {'sku': ['A', 'B'], 'price': {'less than': '20 EUR'}}}}]}`)
	all := &kept{annsPast.activities[:4]}
	s := Subject{Now: asked, Activity: &shirt, Contact: &ann, History: all}
	if !c.Holds(&s) {
		t.Fatal("it does not hold")
	}
	if n := testing.AllocsPerRun(100, func() { c.Holds(&s) }); n != 0 {
		t.Errorf("it allocates %v times, want 0", n)
	}
}

// kept is a past of one kind, which costs nothing to ask.
type kept struct{ activities []core.Activity }

func (k *kept) Activities(core.ActivityKind) []core.Activity { return k.activities }
func (k *kept) Faded(core.ActivityKind) []core.Occurrences   { return nil }

func BenchmarkHolds(b *testing.B) {
	many := make([]string, 100)
	for i := range many {
		many[i] = fmt.Sprintf("'TEE-%03d'", i)
	}
	past := &kept{annsPast.activities[:4]}
	for _, bm := range []struct{ name, filter string }{
		{"source", `{'source': 'demo'}`},
		{"three matches", `{'source': 'demo', 'sku': 'TEE-BLK-M', 'market': 'eu'}`},
		{"three of several", `{'source': 'demo', 'sku': ['TEE-BLK-L', 'TEE-BLK-M'], 'price': {'at most': '50 EUR'}}`},
		{"100 values", `{'sku': [` + strings.Join(many, ",") + `]}`},
		{"the contact", `{'contact.tags': 'vip', 'contact.consent.marketing': 'email', 'contact.fields.size': {'more than': 40}}`},
		{"a day", `{'at': {'in the last': '7 days'}}`},
		{"a past of four", `{'back_in_stock': {'has occurred': {'exactly': '30 days ago'}, 'where': {'sku': 'C'}}}`},
	} {
		b.Run(bm.name, func(b *testing.B) {
			c := compile(b, Entry, bm.filter)
			s := Subject{Now: asked, Activity: &shirt, Contact: &ann, History: past}
			b.ReportAllocs()
			for b.Loop() {
				c.Holds(&s)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "evaluations/s")
		})
	}
}
