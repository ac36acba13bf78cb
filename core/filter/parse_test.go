package filter

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"restock/core"
)

// TestFaults: every fault says where it is and what was expected.
func TestFaults(t *testing.T) {
	const fields = "a filter knows source, sku, product, variant, market, title, choice, price, units, at, asked_at, "
	tests := []struct {
		scope  Scope
		filter string
		want   string // faults, joined
	}{
		{Entry, `[]`, "want a mapping, found a list; filters that must all hold stand under all"},
		{Entry, `'x'`, "want a mapping, found plain text"},
		{Entry, `{'sku': null}`, "sku: has no value; give it one or leave the key out"},
		{Entry, `{'sku': 'A', 'sku': 'B'}`, "sku: is there twice; keep one, or put both into a list under all"},
		{Entry, `{'colour': 'red'}`, "colour: unknown field; " + fields + "contact.email, contact.email_domain, contact.phone, contact.locale, contact.region, " +
			"contact.first_name, contact.created_at, contact.tags, contact.channels, contact.consent.stock_alert, contact.consent.marketing, contact.fields.NAME, " +
			"waiting_on_stock, back_in_stock, running_low, all, any, none here"},
		{Entry, `{'SKU': 'A'}`, `SKU: unknown field; did you mean "sku"`},
		{Entry, `{'tags': 'A'}`, `tags: unknown field; did you mean "contact.tags"`},
		{Entry, `{'prize': '5 EUR'}`, `prize: unknown field; did you mean "price"`},
		{Entry, `{'back-in-stock': 'has occurred'}`, `back-in-stock: unknown field; did you mean "back_in_stock"`},
		{Entry, `{'contact.fields.a b': 'A'}`, "contact.fields.a b: unknown field; such a name has 1 to 64 of a-z, A-Z, 0-9, _ and -"},

		{Entry, `{'sku': []}`, "sku: is an empty list; name at least one or leave the key out"},
		{Entry, `{'sku': {}}`, "sku: is empty; want is, is not, starts with, ends with, contains, does not contain, has no value or has any value"},
		{Entry, `{'sku': ['A', '']}`, `sku[1]: is empty; give it a value, or ask for "has no value: true"`},
		{Entry, `{'sku': ['A', ['B']]}`, "sku[1]: want text, found a list"},
		{Entry, `{'sku': ['A', 'A']}`, "sku[1]: is there twice; keep one"},
		{Entry, `{'sku': 'a\nb'}`, "sku: want one line without control characters"},
		{Entry, `{'sku': {'is': {'a': 'b'}}}`, "sku.is: want text, found a mapping"},
		{Entry, `{'sku': {'begins with': 'A'}}`, "sku.begins with: unknown operator; a text takes is, is not"},
		{Entry, `{'sku': {'start with': 'A'}}`, `sku.start with: unknown operator; did you mean "starts with"`},
		{Entry, `{'sku': {'in the last': '7 days'}}`, "sku.in the last: does not fit a text, which takes is, is not, starts with"},
		{Entry, `{'sku': {'at most': 5}}`, "sku.at most: does not fit a text, which takes is, is not, starts with"},
		{Entry, `{'sku': {'has any value': false}}`, `sku.has any value: want true, found "false"`},
		{Entry, `{'price': {'starts with': '5'}}`, "price.starts with: does not fit an amount of money, which takes is, is not, less than"},
		{Entry, `{'price': 50}`, `price: want an amount with its currency, such as 50.00 EUR, found "50"`},
		{Entry, `{'price': {'at most': '50.001 EUR'}}`, `price.at most: want an amount with its currency, such as 50.00 EUR, found "50.001 EUR"`},
		{Entry, `{'price': {'at most': '50 euro'}}`, `price.at most: want an amount with its currency`},
		{Entry, `{'price': {'between': ['5 EUR', '9 USD']}}`, `price.between[1]: want two amounts of one currency, the lower one first, such as [10.00 EUR, 50.00 EUR], found "9 USD"`},
		{Entry, `{'price': {'between': ['9 EUR', '5 EUR']}}`, `price.between: want the lower one first`},
		{Entry, `{'price': {'between': '5 EUR'}}`, `price.between: want two amounts of one currency`},
		{Entry, `{'units': {'at most': 1.5}}`, `units.at most: want a number, such as 5, found "1.5"`},
		{Entry, `{'units': [1, 2, 1]}`, `units[2]: is there twice; keep one`},
		{Entry, `{'units': '010'}`, `units: want a number, such as 5, found "010"`},
		{Entry, `{'at': '2026-01-01'}`, "at: is a time; want how it compares: in the last, more than, exactly, before, after, on, between, occurs in"},
		{Entry, `{'at': {'in the last': 7}}`, `at.in the last: want a number of days, such as 7 days, found "7"`},
		{Entry, `{'at': {'in the last': '0 days'}}`, `at.in the last: want a number of days`},
		{Entry, `{'at': {'in the last': '36501 days'}}`, `at.in the last: want a number of days`},
		{Entry, `{'at': {'in the last': '24 hours'}}`, `at.in the last: want a number of days`},
		{Entry, `{'at': {'more than': '7 days'}}`, `at.more than: want a number of days ago, such as 30 days ago, found "7 days"`},
		{Entry, `{'at': {'before': '31.1.2026'}}`, `at.before: want a date, such as 2026-01-31, found "31.1.2026"`},
		{Entry, `{'at': {'on': '2026-02-29'}}`, `at.on: want a date, such as 2026-01-31, found "2026-02-29"`},
		{Entry, `{'at': {'between': ['2026-02-02', '2026-02-01']}}`, `at.between: want the lower one first`},
		{Entry, `{'contact.tags': {'is': 'vip'}}`, "contact.tags.is: does not fit a list, which takes has, does not have, has no value or has any value"},
		{Entry, `{'contact.channels': 'fax'}`, `contact.channels: "fax" is no channel; want email, sms or push`},
		{Entry, `{'contact.fields.size': {'more than': 'a lot'}}`, "contact.fields.size.more than: want a number, such as 5, or a number of days ago, such as 30 days ago"},
		{Entry, `{'contact.fields.size': {'at most': 0.1234567}}`, "contact.fields.size.at most: want a number"},

		{Entry, `{'any': {'sku': 'A'}}`, "any: want a list of filters, each a mapping, found a mapping"},
		{Entry, `{'any': []}`, "any: want a list of filters, each a mapping, found an empty list"},
		{Entry, `{'any': [{}, 'x', {'sku': '5', 'any': [{'weather': 'fine'}]}]}`, "any[0]: is empty and would hold for everybody; take it out\n" +
			"any[1]: want a mapping, found plain text\nany[2].any[0].weather: unknown field"},

		{Entry, `{'back_in_stock': 'occurs'}`, "back_in_stock: occurs is said once, as the journey's enter.occurs; here want has occurred, has not occurred, first occurred or last occurred"},
		{Audience, `{'back_in_stock': 'occurs'}`, "back_in_stock: occurs is a moment, at which journeys and playbooks are entered; an audience is asked at any time: " +
			"write what has happened and when, such as {has occurred: {in the last: 7 days}}"},
		{Audience, `{'any': [{'back_in_stock': {'occurs': 'ever', 'where': {'sku': 'A'}}}]}`, "any[0].back_in_stock.occurs: occurs is a moment"},
		{Audience, `{'sku': 'A'}`, "sku: is of an activity, and an audience is of contacts; write which activity, such as back_in_stock: {has occurred: {in the last: 7 days}, where: {sku: …}}"},
		{Audience, `{'back_in_stock': {'has occurred': 'ever', 'where': {'contact.tags': 'vip'}}}`, "back_in_stock.where.contact.tags: is of the contact; within where an activity's own fields can be asked"},
		{Audience, `{'back_in_stock': {'has occurred': 'ever', 'where': {'waiting_on_stock': 'has occurred'}}}`, "back_in_stock.where.waiting_on_stock: unknown field; " + fields + "all, any, none here"},
		{Audience, `{'back_in_stock': {'where': {'sku': 'A'}}}`, "back_in_stock: says 0 times which activities are meant; want one of has occurred, has not occurred, first occurred or last occurred"},
		{Audience, `{'back_in_stock': {'has occurred': 'ever', 'has not occurred': 'ever'}}`, "back_in_stock: says 2 times which activities are meant"},
		{Audience, `{'back_in_stock': {'first occurred': 'ever'}}`, `back_in_stock.first occurred: want when: a mapping with in the last, more than, exactly, before, after, on or between, such as {in the last: 7 days}; found "ever"`},
		{Audience, `{'back_in_stock': {'has occurred': '7 days'}}`, `back_in_stock.has occurred: want when: ever, or a mapping`},
		{Audience, `{'back_in_stock': {'has occurred': {'occurs in': '7 days'}}}`, "back_in_stock.has occurred.occurs in: does not fit when, which takes in the last, more than, exactly, before, after, on or between"},
		{Audience, `{'back_in_stock': {'has occurd': 'ever'}}`, `back_in_stock.has occurd: unknown key; did you mean "has occurred"; want has occurred, has not occurred, first occurred, last occurred or where`},
		{Audience, `{'back_in_stock': ['has occurred']}`, `back_in_stock: want a mapping with has occurred, has not occurred, first occurred or last occurred, and where; found a list`},

		{Entry, strings.Repeat(`{'all':[`, MaxDepth+1) + `{'sku':'A'}` + strings.Repeat(`]}`, MaxDepth+1), "is nested too deep; want at most 8 levels"},
		{Entry, `{'any':[` + strings.Repeat(`{'sku':'A'},`, MaxConditions) + `{'sku':'A'}]}`, "any: is a list of 257; want at most 256"},
		{Entry, `{'any':[` + strings.Repeat(`{'sku':'A','market':'B'},`, MaxConditions/2) + `{'sku':'A'}]}`, "has more than 256 conditions"},
		{Entry, manyKeys(), "has 257 keys; want at most 256"},
		{Entry, `{'sku':[` + strings.Repeat(`'A',`, MaxValues) + `'A']}`, "sku: is a list of 1001; want at most 1000"},
		{Entry, `{'sku':'` + strings.Repeat(`x`, MaxValue+1) + `'}`, "sku: has 257 bytes; want at most 256"},
	}
	for _, tt := range tests {
		d, err := ReadJSON([]byte(strings.ReplaceAll(tt.filter, "'", `"`)))
		if err != nil {
			t.Fatalf("%s: %v", tt.filter, err)
		}
		f, faults := Parse(d, tt.scope)
		var lines []string
		for _, fault := range faults {
			lines = append(lines, fault.Error())
		}
		if got := strings.Join(lines, "\n"); got == "" || !strings.Contains(got, tt.want) || !reflect.DeepEqual(f, core.Filter{}) {
			t.Errorf("%.100s:\n got %s\nwant %s", tt.filter, got, tt.want)
		}
	}
}

// manyKeys is a mapping of more keys than a filter may have.
func manyKeys() string {
	keys := make([]string, MaxConditions+1)
	for i := range keys {
		keys[i] = fmt.Sprintf("'contact.fields.f%d': 'A'", i)
	}
	return "{" + strings.Join(keys, ",") + "}"
}

func TestFaultsHaveLines(t *testing.T) {
	d, err := ReadJSON([]byte("{\n\"sku\": \"A\",\n\"any\": [\n {\"colour\": \"red\"},\n {\"units\":\n {\"at most\": \"x\"}}\n]}"))
	if err != nil {
		t.Fatal(err)
	}
	_, faults := Parse(d, Entry)
	var got []string
	for _, f := range faults {
		got = append(got, fmt.Sprint(f.Line, " ", f.Path))
	}
	if want := []string{"4 any[0].colour", "6 any[1].units.at most"}; !reflect.DeepEqual(got, want) {
		t.Errorf("faults at %q, want %q", got, want)
	}
}

// TestSpellings: what is written in several ways is one filter.
func TestSpellings(t *testing.T) {
	for _, same := range [][]string{
		{`{'sku': 'A'}`, `{'sku': ['A']}`, `{'sku': {'is': 'A'}}`, `{'all': [{'sku': 'A'}]}`, `{'any': [{'sku': 'A'}]}`},
		{`{'sku': 'A', 'market': 'eu'}`, `{'market': {'is': ['eu']}, 'sku': 'A'}`, `{'all': [{'market': 'eu'}, {'sku': 'A'}]}`},
		{`{'price': {'at least': '5 EUR', 'at most': '9.0 EUR'}}`, `{'all': [{'price': {'at least': '5.00 EUR'}}, {'price': {'at most': '9 EUR'}}]}`},
		{`{'back_in_stock': 'has not occurred'}`, `{'none': [{'back_in_stock': {'has occurred': 'ever', 'where': {}}}]}`},
		{`{'contact.fields.size': {'more than': 5}}`, `{'contact.fields.size': {'more than': 5.000000}}`},
		{`{'units': 5}`, `{'units': '5'}`},
		{`{'none': [{'sku': 'A'}]}`, `{'all': [{'none': [{'all': [{'sku': 'A'}]}]}]}`},
	} {
		first := read(t, Entry, same[0])
		for _, other := range same[1:] {
			if got := read(t, Entry, other); !reflect.DeepEqual(got, first) {
				t.Errorf("%s is %+v, and %s is %+v", same[0], first, other, got)
			}
		}
	}
}

// TestText is what filters say in English.
func TestText(t *testing.T) {
	many := make([]string, 14)
	for i := range many {
		many[i] = fmt.Sprintf("'S%d'", i)
	}
	for _, tt := range []struct{ filter, want string }{
		{`{}`, ""},
		{`{'sku': 'TEE-M'}`, "SKU is TEE-M"},
		{`{'sku': ['TEE-M', 'TEE-L']}`, "SKU is TEE-M or TEE-L"},
		{`{'title': {'contains': 'black, or white'}}`, `product title contains "black, or white"`},
		{`{'sku': [` + strings.Join(many, ",") + `]}`, "SKU is S0, S1, S2, S3, S4, S5, S6, S7, S8, S9 or one of 4 more"},
		{`{'source': {'is not': 'My Shop'}}`, "data source is not My Shop"},
		{`{'price': {'at most': '50 EUR'}, 'sku': {'starts with': 'TEE'}}`, "price is at most 50.00 EUR and SKU starts with TEE"},
		{`{'price': {'between': ['5 EUR', '9 EUR']}}`, "price is between 5.00 EUR and 9.00 EUR"},
		{`{'units': {'has no value': true}}`, "units in stock has no value"},
		{`{'contact.tags': 'vip'}`, "contact's tags has vip"},
		{`{'contact.fields.size': {'more than': 41.5}}`, "contact's size is more than 41.5"},
		{`{'contact.fields.birthday': {'anniversary': true}}`, "contact's birthday has its anniversary"},
		{`{'contact.fields.renewal': {'occurs in less than': '7 days'}}`, "contact's renewal occurs in less than 7 days"},
		{`{'contact.created_at': {'more than': '1 day ago'}}`, "contact's creation is more than 1 day ago"},
		{`{'back_in_stock': 'has occurred'}`, "Back in stock has occurred"},
		{`{'back_in_stock': {'has occurred': {'in the last': '7 days'}, 'where': {'sku': 'TEE-M'}}}`, "Back in stock has occurred in the last 7 days where SKU is TEE-M"},
		{`{'waiting_on_stock': {'last occurred': {'between': ['2026-01-01', '2026-01-31']}}}`, "Waiting on stock last occurred between 2026-01-01 and 2026-01-31"},
		{`{'waiting_on_stock': {'has occurred': {'after': '2026-01-01', 'more than': '7 days ago'}}}`, "Waiting on stock has occurred after 2026-01-01 and more than 7 days ago"},
		{`{'sku': 'A', 'any': [{'market': 'DE', 'product': '7'}, {'none': [{'back_in_stock': 'has occurred'}, {'contact.tags': 'new'}]}]}`,
			"((market is DE and product is 7) or (none of these: Back in stock has occurred; contact's tags has new)) and SKU is A"},
	} {
		if got := Text(read(t, Entry, tt.filter)); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.filter, got, tt.want)
		}
	}
}

// FuzzParse: whatever is written is refused with faults that have a message, or is a filter that can be compiled, evaluated,
// said in words, and written so that it is read again as the same.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"sku":["A","B"],"price":{"at most":"50.00 EUR","more than":"1 EUR"}}`,
		`{"any":[{"contact.tags":"vip"},{"none":[{"contact.fields.x":{"more than":"30 days ago"}}]}]}`,
		`{"back_in_stock":{"has not occurred":{"in the last":"7 days"},"where":{"units":{"between":[1,5]}}}}`,
		`{"contact.fields.birthday":{"anniversary":true},"at":{"between":["2026-01-01","2026-12-31"]}}`,
		`{"source":{"does not contain":["a","o"]},"contact.consent.marketing":{"has any value":"true"}}`,
	} {
		f.Add([]byte(seed), true)
		f.Add([]byte(seed), false)
	}
	f.Fuzz(func(t *testing.T, b []byte, audience bool) {
		d, err := ReadJSON(b)
		if err != nil {
			return
		}
		s := Entry
		if audience {
			s = Audience
		}
		tree, faults := Parse(d, s)
		for _, fault := range faults {
			if fault.Message == "" || fault.Line < 1 {
				t.Errorf("a fault without words or line: %+v", fault)
			}
		}
		if len(faults) > 0 {
			return
		}
		c, err := Compile(tree, s, env)
		if err != nil {
			t.Fatalf("%s is read and cannot be compiled: %v", b, err)
		}
		if (Text(tree) == "") != Everything(tree) {
			t.Errorf("%s says %q", b, Text(tree))
		}
		c.Holds(&Subject{Now: asked, Activity: &shirt, Contact: &ann, History: annsPast})
		c.Spans(asked)
		once := Format(tree).JSON()
		again, err := ReadJSON(once)
		if err != nil {
			t.Fatal(err)
		}
		same, faults := Parse(again, s)
		if len(faults) > 0 || !reflect.DeepEqual(same, tree) || !bytes.Equal(Format(same).JSON(), once) {
			t.Errorf("%s is written as %s, which is read as %+v with %v", b, once, same, faults)
		}
	})
}

func TestReadJSON(t *testing.T) {
	for written, want := range map[string]string{
		`{"a": [1, "b", true, null, 1e3]}`: `{"a":["1","b","true",null,"1e3"]}`,
		` "x" `:                            `"x"`,
		`{`:                                "reading JSON, line 1",
		"{\n\n\"a\" 1}":                    "reading JSON, line 3",
		`{} {}`:                            "something follows behind its end",
		strings.Repeat("[", 100):           "nested deeper than 64",
	} {
		d, err := ReadJSON([]byte(written))
		got := string(d.JSON())
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s is read as %s, want %s", written, got, want)
		}
	}
}
