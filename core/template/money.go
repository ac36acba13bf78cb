package template

import (
	"cmp"
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

// numerals are how a language writes an amount: what stands between thousands and before the fraction, and where the currency stands,
// with or without a space (CLDR, numbers, currencyFormats standard).
type numerals struct {
	group, point  string
	before, apart bool // currency before the amount; a space between them even for signs
}

// numeralsOf are a language's; English is what those are read by of whom nothing is known.
func numeralsOf(locale string) numerals {
	const space, narrow = "\u00a0", "\u202f"
	language, _, _ := strings.Cut(locale, "-")
	switch locale {
	case "pt-PT":
		return numerals{space, ",", false, true}
	case "de-CH":
		return numerals{"’", ".", true, true}
	case "de-AT":
		return numerals{space, ",", true, true}
	case "es-MX", "es-US":
		return numerals{",", ".", true, false}
	}
	switch language {
	case "de", "es", "it", "da", "id", "el", "hr", "sl", "ro":
		return numerals{".", ",", false, true}
	case "fr":
		return numerals{narrow, ",", false, true}
	case "cs", "fi", "nb", "pl", "sv", "hu", "sk", "uk", "ru", "bg":
		return numerals{space, ",", false, true}
	case "nl", "pt":
		return numerals{".", ",", true, true}
	case "tr":
		return numerals{".", ",", true, false}
	case "he", "ar":
		return numerals{",", ".", false, true}
	}
	return numerals{",", ".", true, false}
}

// formatMoney writes a price as a shop would that speaks a language: "€1,299.00", "¥2,400", "199.00 kr", "19.99 XYZ" for a currency
// without a common sign; in German "1.299,00 €". A price that nobody stated (the zero Money) is "". The space does not break.
func formatMoney(m core.Money, locale string) string {
	if m == (core.Money{}) {
		return ""
	}
	n := numeralsOf(locale)
	amount, sign := core.Money{Minor: m.Minor, Currency: m.Currency}.String(), ""
	if rest, negative := strings.CutPrefix(amount, "-"); negative {
		amount, sign = rest, "-"
	}
	amount, _, _ = strings.Cut(amount, " ")
	amount = n.write(amount)
	symbol, common := symbols[m.Currency]
	if !common {
		symbol = cmp.Or(behind[m.Currency], m.Currency)
	}
	switch {
	case symbol == "":
		return sign + amount
	case n.before && n.apart:
		return sign + symbol + "\u00a0" + amount
	case n.before && common:
		return sign + symbol + amount
	}
	return sign + amount + "\u00a0" + symbol
}

// write parts an amount's thousands: "1234567.50" becomes "1,234,567.50".
func (n numerals) write(amount string) string {
	whole, fraction, decimal := strings.Cut(amount, ".")
	var b strings.Builder
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(n.group)
		}
		b.WriteRune(r)
	}
	if decimal {
		b.WriteString(n.point + fraction)
	}
	return b.String()
}
