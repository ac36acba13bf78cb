package filter

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"restock/core"
)

var shirt = core.Activity{
	Kind: core.BackInStock, Source: "demo", SKU: "TEE-BLK-M", Product: "77", Variant: "4711", Market: "eu", Title: "Black tee",
}

func is(field string, values ...string) core.Match { return core.Match{Field: field, Is: values} }

func TestHolds(t *testing.T) {
	tests := []struct {
		name   string
		filter []core.Match
		want   bool
	}{
		{"no match lets everything in", nil, true},
		{"source", []core.Match{is("source", "demo")}, true},
		{"another source", []core.Match{is("source", "outlet")}, false},
		{"sku is one of several", []core.Match{is("sku", "TEE-BLK-S", "TEE-BLK-M")}, true},
		{"sku is none of several", []core.Match{is("sku", "TEE-BLK-S", "TEE-BLK-L")}, false},
		{"sku keeps its case", []core.Match{is("sku", "tee-blk-m")}, false},
		{"product", []core.Match{is("product", "77")}, true},
		{"the variant is not the product", []core.Match{is("product", "4711")}, false},
		{"variant", []core.Match{is("variant", "4711")}, true},
		{"the product is not the variant", []core.Match{is("variant", "77")}, false},
		{"market", []core.Match{is("market", "eu")}, true},
		{"another market", []core.Match{is("market", "us")}, false},
		{"title", []core.Match{is("title", "Black tee")}, true},
		{"part of a title", []core.Match{is("title", "Black")}, false},
		{"all hold", []core.Match{is("source", "demo"), is("sku", "TEE-BLK-M"), is("market", "eu")}, true},
		{"all but the last hold", []core.Match{is("source", "demo"), is("sku", "TEE-BLK-M"), is("market", "us")}, false},
		{"all but the first hold", []core.Match{is("source", "outlet"), is("sku", "TEE-BLK-M")}, false},
		{"a field twice must hold twice", []core.Match{is("source", "demo", "outlet"), is("source", "demo")}, true},
		{"a field that cannot hold twice", []core.Match{is("source", "demo"), is("source", "outlet")}, false},
		{"no value", []core.Match{is("sku")}, false},
		{"an unknown field lets nobody in", []core.Match{is("weather", "")}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Holds(tt.filter, &shirt); got != tt.want {
				t.Errorf("Holds(%v) = %v, want %v", tt.filter, got, tt.want)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	const back = core.BackInStock
	tests := []struct {
		name   string
		filter []core.Match
		occurs core.ActivityKind
		want   string // of the error; "" when the filter is good
	}{
		{"nothing", nil, back, ""},
		{"waiting", []core.Match{is("source", "demo")}, core.WaitingOnStock, ""},
		{"every field", []core.Match{
			is("source", "a"), is("sku", "a"), is("product", "a"), is("variant", "a"), is("market", "a"), is("title", "a"),
		}, back, ""},
		{"unknown field", []core.Match{is("colour", "red")}, back,
			"colour: unknown field; a filter knows source, sku, product, variant, market, title"},
		{"unknown activity", nil, "order_placed",
			`occurs: unknown activity "order_placed"; want waiting_on_stock, back_in_stock`},
		{"no value", []core.Match{is("sku")}, back, "sku: names no value; want at least one"},
		{"empty value", []core.Match{is("sku", "A", "")}, back,
			"sku: names an empty value; leave the field out to take every activity"},
		{"longest value", []core.Match{is("sku", strings.Repeat("x", 256))}, back, ""},
		{"too long a value", []core.Match{is("sku", strings.Repeat("x", 257))}, back, "sku: names a value of more than 256 bytes"},
		{"too many values", []core.Match{is("sku", make([]string, 1001)...)}, back, "sku: names 1001 values; want at most 1000"},
		{"most matches", sources(32), back, ""},
		{"too many matches", sources(33), back, "where: has 33 fields; want at most 32"},
		{"everything at once", []core.Match{is("colour", "red"), is("sku")}, back,
			"colour: unknown field; a filter knows source, sku, product, variant, market, title; sku: names no value; want at least one"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { checkError(t, Check(tt.filter, tt.occurs), tt.want) })
	}
}

func sources(n int) []core.Match {
	m := make([]core.Match, n)
	for i := range m {
		m[i] = is("source", fmt.Sprint("s", i))
	}
	return m
}

func checkError(t *testing.T, err error, want string) {
	t.Helper()
	if want == "" {
		if err != nil {
			t.Errorf("refused: %v", err)
		}
		return
	}
	var invalid *core.InvalidError
	if !errors.As(err, &invalid) {
		t.Fatalf("error is %T (%v), want *core.InvalidError", err, err)
	}
	if err.Error() != want {
		t.Errorf("error:\n got %s\nwant %s", err, want)
	}
}

// What Check takes, Holds can read: the two lists of fields are one.
func TestEveryFieldHasAValue(t *testing.T) {
	for _, f := range fields {
		if v, known := value(f, &shirt); !known || v == "" {
			t.Errorf("Check knows the field %q and Holds cannot read it", f)
		}
	}
}

func TestHoldsAllocatesNothing(t *testing.T) {
	m := []core.Match{is("source", "demo"), is("sku", "TEE-BLK-S", "TEE-BLK-M"), is("variant", "4711"), is("title", "Black tee")}
	if n := testing.AllocsPerRun(100, func() { Holds(m, &shirt) }); n != 0 {
		t.Errorf("Holds allocates %v times, want 0", n)
	}
}

func BenchmarkHolds(b *testing.B) {
	many := make([]string, 100)
	for i := range many {
		many[i] = fmt.Sprintf("TEE-%03d", i)
	}
	benchmarks := []struct {
		name   string
		filter []core.Match
	}{
		{"source", []core.Match{is("source", "demo")}},
		{"three fields", []core.Match{is("source", "demo"), is("sku", "TEE-BLK-M"), is("market", "eu")}},
		{"100 values", []core.Match{is("sku", many...)}},
	}
	for _, bm := range benchmarks {
		b.Run(bm.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Holds(bm.filter, &shirt)
			}
		})
	}
}
