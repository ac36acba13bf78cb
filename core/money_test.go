package core_test

import (
	"math"
	"strings"
	"testing"

	"restock/core"
)

func TestParseMoney(t *testing.T) {
	const bad = "bad"
	tests := []struct{ amount, currency, want string }{
		{"19.99", "EUR", "19.99 EUR"},
		{"19.9", "EUR", "19.90 EUR"},
		{"19", "EUR", "19.00 EUR"},
		{"19.", "EUR", "19.00 EUR"},
		{"0.05", "EUR", "0.05 EUR"},
		{"-0.05", "EUR", "-0.05 EUR"},
		{"-12.30", "EUR", "-12.30 EUR"},
		{"0", "EUR", "0.00 EUR"},
		{"007", "EUR", "7.00 EUR"},
		{"19.9900", "EUR", "19.99 EUR"}, // digits beyond the minor unit are zero
		{"1200", "JPY", "1200 JPY"},
		{"1200.00", "JPY", "1200 JPY"},
		{"-3", "JPY", "-3 JPY"},
		{"0", "KRW", "0 KRW"},
		{"1.234", "KWD", "1.234 KWD"},
		{"1.2", "TND", "1.200 TND"},
		{"19.99", "", "19.99"},
		{"92233720368547758.07", "EUR", "92233720368547758.07 EUR"},
		{"-92233720368547758.08", "EUR", "-92233720368547758.08 EUR"},

		{"92233720368547758.08", "EUR", bad},
		{"19.999", "EUR", bad},
		{"1200.5", "JPY", bad},
		{"1.2345", "KWD", bad},
		{"", "EUR", bad}, {".", "EUR", bad}, {"-", "EUR", bad}, {".5", "EUR", bad}, {"--5", "EUR", bad}, {"+5", "EUR", bad},
		{"1,99", "EUR", bad}, {"1.-5", "EUR", bad}, {"1.2.3", "EUR", bad}, {" 1", "EUR", bad}, {"1 ", "EUR", bad}, {"1e3", "EUR", bad},
		{"0x10", "EUR", bad}, {"1_000", "EUR", bad}, {"٣", "EUR", bad}, {"NaN", "EUR", bad},
	}
	for _, tt := range tests {
		m, err := core.ParseMoney(tt.amount, tt.currency)
		got := m.String()
		if err != nil {
			got = bad
		}
		if got != tt.want {
			t.Errorf("ParseMoney(%q, %q) is %s (%v), want %s", tt.amount, tt.currency, got, err, tt.want)
		}
	}
}

func TestMoneyCountsInMinorUnits(t *testing.T) {
	tests := []struct {
		amount, currency string
		want             int64
	}{{"19.99", "EUR", 1999}, {"1200", "JPY", 1200}, {"1.2", "KWD", 1200}, {"-0.01", "USD", -1}}
	for _, tt := range tests {
		if m, err := core.ParseMoney(tt.amount, tt.currency); err != nil || m != (core.Money{Minor: tt.want, Currency: tt.currency}) {
			t.Errorf("%s %s is %+v (%v), want %d minor units", tt.amount, tt.currency, m, err, tt.want)
		}
	}
	if got := (core.Money{Minor: math.MinInt64, Currency: "JPY"}).String(); got != "-9223372036854775808 JPY" {
		t.Errorf("the least amount is written %s", got)
	}
}

// FuzzParseMoney: what is read is written and read again as the same amount; nothing but digits, a sign and a point is read.
func FuzzParseMoney(f *testing.F) {
	currencies := []string{"EUR", "JPY", "KWD", ""}
	for _, amount := range []string{"19.99", "-0.05", "1200", "1.2345", "", ".", "--1", "92233720368547758.08", "1.000000"} {
		for i := range currencies {
			f.Add(amount, uint8(i))
		}
	}
	f.Fuzz(func(t *testing.T, amount string, i uint8) {
		currency := currencies[int(i)%len(currencies)]
		m, err := core.ParseMoney(amount, currency)
		if err != nil {
			if m != (core.Money{}) {
				t.Errorf("%q was refused and gave %+v", amount, m)
			}
			return
		}
		if strings.Trim(amount, "-.0123456789") != "" || m.Currency != currency {
			t.Errorf("%q in %q was read as %+v", amount, currency, m)
		}
		written := strings.TrimSuffix(m.String(), " "+currency)
		if again, err := core.ParseMoney(written, currency); err != nil || again != m {
			t.Errorf("%q is %+v, written %q, read again %+v (%v)", amount, m, written, again, err)
		}
	})
}

func TestTimes(t *testing.T) {
	for _, c := range []struct{ minor, n, want int64 }{
		{1990, 3, 5970}, {1990, 0, 0}, {0, 1 << 62, 0}, {-5, 3, -15}, {math.MaxInt64, 1, math.MaxInt64}, {math.MaxInt64, 2, math.MaxInt64},
		{1 << 40, 1 << 40, math.MaxInt64}, {-1 << 40, 1 << 40, math.MinInt64}, {math.MinInt64, 2, math.MinInt64},
	} {
		if got := (core.Money{Minor: c.minor, Currency: "EUR"}).Times(c.n); got.Minor != c.want || got.Currency != "EUR" {
			t.Errorf("%d × %d is %+v, want %d", c.n, c.minor, got, c.want)
		}
	}
}
