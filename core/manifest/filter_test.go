package manifest

import (
	"reflect"
	"strings"
	"testing"

	"restock/core"
	"restock/core/filter"
)

// TestFormatFilter: what is written in YAML is read again as the same, whatever its texts look like.
func TestFormatFilter(t *testing.T) {
	journeys := parse(t, `kind: Journey
name: j
spec:
  enter:
    occurs: back_in_stock
    where:
      sku: ["0012", "true", "null", "1e3", "~", "a: b", "# c", "- d", "2026-01-31", " padded ", "it's", "\"quoted\"", "*x", "&y", "!z", "ä"]
      title: {is not: "on"}
      units: [1, 2]
      any: [{price: {more than: 10 EUR}}, {back_in_stock: has not occurred}, {all: [{market: DE}, {market: {is not: AT}}]}]
      contact.fields.size: {has any value: true, more than: -0.5}
  shapes: [{name: mail, email: {sender: inbox, template: back}}]
`)
	where := journeys["default"].Journeys[0].Journey.Enter.Where
	written := FormatFilter(where)
	indented := "      " + strings.ReplaceAll(strings.TrimSpace(written), "\n", "\n      ")
	again := parse(t, "kind: Journey\nname: j\nspec:\n  enter:\n    occurs: back_in_stock\n    where:\n"+indented+
		"\n  shapes: [{name: mail, email: {sender: inbox, template: back}}]\n")["default"].Journeys[0].Journey.Enter.Where
	if !reflect.DeepEqual(again, where) {
		t.Errorf("%s\nis read as\n%s", written, FormatFilter(again))
	}
	if got := FormatFilter(core.Filter{Field: "price", Op: core.OpAtMost, Numbers: []int64{5000}, Currency: "EUR"}); got != "price:\n    at most: 50.00 EUR\n" {
		t.Errorf("a condition is written as %q", got)
	}
}

// FuzzFilter: a filter in YAML is refused with a line, or is written so that it is read again as the same.
func FuzzFilter(f *testing.F) {
	f.Add("sku: [A, 0012]\nprice: {at most: 50 EUR}")
	f.Add("any:\n  - back_in_stock: {has occurred: {in the last: 7 days}, where: {sku: A}}\n  - contact.tags: vip")
	f.Add("none: [{contact.fields.a: {more than: 30 days ago}}]\n? [a]\n: b")
	f.Fuzz(func(t *testing.T, text string) {
		where, ok := readFilter(t, text)
		if !ok {
			return
		}
		written := FormatFilter(where)
		if again, ok := readFilter(t, written); !ok || !reflect.DeepEqual(again, where) {
			t.Errorf("%q is written as %q, which is read as %+v", text, written, again)
		}
	})
}

func readFilter(t *testing.T, text string) (core.Filter, bool) {
	faults := new(faults)
	roots := read(File{Name: "a.yaml", Data: []byte(text)}, faults, 1)
	if len(roots) != 1 || len(faults.all) > 0 {
		return core.Filter{}, false
	}
	where := roots[0].filter(filter.Entry)
	for _, fault := range faults.all {
		if fault.Line < 1 || fault.Message == "" {
			t.Errorf("%q is refused without line or words: %v", text, fault)
		}
	}
	return where, len(faults.all) == 0
}
