package core

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Money is an amount in the minor unit of its currency (cents, yen).
type Money struct {
	Minor    int64  `msgpack:"m"`
	Currency string `msgpack:"c"` // ISO 4217; "" when the source names none
}

// decimals of currencies that do not have two (ISO 4217, table A.1).
var decimals = map[string]int{
	"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0, "UGX": 0, "UYI": 0,
	"VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
	"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
}

// Decimals is how many digits the currency's minor unit takes: 2 unless ISO 4217 says otherwise.
func Decimals(currency string) int {
	if n, ok := decimals[currency]; ok {
		return n
	}
	return 2
}

// ParseMoney reads a plain decimal ("19.99", "1200") as shops write prices; digits beyond the minor unit must be zero.
func ParseMoney(amount, currency string) (Money, error) {
	bad := func(why string) (Money, error) {
		return Money{}, fmt.Errorf("parsing amount %q: %s", amount, why)
	}
	whole, fraction, _ := strings.Cut(amount, ".")
	digits := Decimals(currency)
	for len(fraction) > digits && fraction[len(fraction)-1] == '0' {
		fraction = fraction[:len(fraction)-1]
	}
	if len(fraction) > digits {
		return bad("more decimals than the currency has")
	}
	fraction += strings.Repeat("0", digits-len(fraction))
	if !digitsOnly(strings.TrimPrefix(whole, "-")) || (fraction != "" && !digitsOnly(fraction)) {
		return bad("want a decimal number")
	}
	minor, err := strconv.ParseInt(whole+fraction, 10, 64)
	if err != nil {
		return bad("want a decimal number")
	}
	return Money{Minor: minor, Currency: currency}, nil
}

// Times is the price of n, which is not negative; it stays at the bound where a product would pass it.
func (m Money) Times(n int64) Money {
	switch {
	case m.Minor > 0 && n > math.MaxInt64/m.Minor:
		m.Minor = math.MaxInt64
	case m.Minor < 0 && n > math.MaxInt64/-max(m.Minor, -math.MaxInt64):
		m.Minor = math.MinInt64
	default:
		m.Minor *= n
	}
	return m
}

func digitsOnly(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// String writes the amount with its currency behind it: "19.99 EUR".
func (m Money) String() string {
	sign, minor := "", uint64(m.Minor)
	if m.Minor < 0 {
		sign, minor = "-", uint64(-m.Minor)
	}
	n := Decimals(m.Currency)
	text := strconv.FormatUint(minor, 10)
	if n > 0 {
		text = strings.Repeat("0", max(0, n+1-len(text))) + text
		text = text[:len(text)-n] + "." + text[len(text)-n:]
	}
	return strings.TrimSuffix(sign+text+" "+m.Currency, " ")
}
