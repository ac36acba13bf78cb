package template

import (
	"strings"

	"restock/core"
)

// symbols are what common currencies are written with, before the amount. Where several countries share a sign, the
// country's letter stands with it, as CLDR's English locale data has it (cldr.unicode.org, currencies.xml).
var symbols = map[string]string{
	"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "CNY": "CN¥", "INR": "₹", "KRW": "₩", "BRL": "R$", "MXN": "MX$",
	"AUD": "A$", "CAD": "CA$", "NZD": "NZ$", "HKD": "HK$", "SGD": "S$", "TWD": "NT$", "ILS": "₪", "TRY": "₺", "UAH": "₴",
	"VND": "₫", "PHP": "₱", "NGN": "₦",
}

// behind are what some currencies are written with, after the amount.
var behind = map[string]string{"SEK": "kr", "NOK": "kr", "DKK": "kr", "PLN": "zł", "CZK": "Kč", "HUF": "Ft"}

// formatMoney writes a price as a shop would: "€1,299.00", "¥2,400", "199.00 kr", and "19.99 XYZ" for a currency
// without a common sign. A price that nobody stated (the zero Money) is "". The space before what stands behind does
// not break.
func formatMoney(m core.Money) string {
	if m == (core.Money{}) {
		return ""
	}
	amount, negative := strings.CutPrefix(core.Money{Minor: m.Minor, Currency: m.Currency}.String(), "-")
	amount, _, _ = strings.Cut(amount, " ")
	amount = group(amount)
	sign := ""
	if negative {
		sign = "-"
	}
	if s, ok := symbols[m.Currency]; ok {
		return sign + s + amount
	}
	s, ok := behind[m.Currency]
	if !ok {
		s = m.Currency
	}
	if s == "" {
		return sign + amount
	}
	return sign + amount + "\u00a0" + s
}

// group puts a comma between thousands: "1234567.50" becomes "1,234,567.50".
func group(amount string) string {
	whole, fraction, decimal := strings.Cut(amount, ".")
	var b strings.Builder
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	if decimal {
		b.WriteString("." + fraction)
	}
	return b.String()
}
