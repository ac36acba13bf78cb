package address

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"
)

// MaxPhone bounds what is read as a phone number, in characters (Japanese spellings take three bytes for each); E.164
// has at most 15 digits.
const MaxPhone = 40

// Phone returns the normal form of a phone number in any usual spelling, E.164 ("+4915123456789"), and the country that
// it belongs to (ISO 3166 alpha-2). region (ISO 3166 alpha-2, any case) is where a number without country code is dialled;
// with "" or a region that nobody knows only the international form is read.
//
// A number must be valid by the numbering plan of its country. Short and premium-rate numbers are refused, and so is what
// no SMS reaches: numbers of no country (+800 …) and extensions, which would otherwise be dropped in silence and leave
// the switchboard's number. The error is always an *Error.
func Phone(s, region string) (e164, country string, err error) {
	s = strings.TrimSpace(s)
	e164, country, reason, ok := readPhone(s, region)
	if !ok {
		e164, country, reason = askLibrary(s, region)
	}
	if reason != "" {
		return "", "", &Error{Message: reason}
	}
	return e164, country, nil
}

// askLibrary is Phone without the rules: it decides what they leave open, and what they must decide in the same way.
func askLibrary(s, region string) (e164, country, reason string) {
	if reason = checkPhone(s); reason != "" {
		return "", "", reason
	}
	number, err := phonenumbers.Parse(s, strings.ToUpper(region))
	if err != nil {
		return "", "", whyNotParsed(err)
	}
	if country, reason = classify(number); reason != "" {
		return "", "", reason
	}
	e164 = phonenumbers.Format(number, phonenumbers.E164)
	if !settled(e164) {
		return "", "", ReasonPhoneInvalid
	}
	return e164, country, ""
}

// checkPhone refuses what is not written like a number. The library would cut a number out of any text around it, and
// read letters as the keys they stand on; from a shopper both are slips.
func checkPhone(s string) string {
	switch {
	case s == "":
		return ReasonPhoneEmpty
	case len(s) > utf8.UTFMax*MaxPhone, utf8.RuneCountInString(s) > MaxPhone:
		return ReasonPhoneTooLong
	}
	for _, r := range s {
		if !isPhoneRune(r) {
			return ReasonPhoneCharacter
		}
	}
	return ""
}

// isPhoneRune says whether r is a digit of any script, a space, a dash or other punctuation that numbers are written with.
func isPhoneRune(r rune) bool {
	switch {
	case '0' <= r && r <= '9', r == ' ', r == '-':
		return true
	case r == '+', r == '＋', r == '(', r == ')', r == '.', r == '/', r == '−':
		return true
	}
	return unicode.IsDigit(r) || unicode.Is(unicode.Zs, r) || unicode.Is(unicode.Pd, r)
}

func whyNotParsed(err error) string {
	switch {
	case errors.Is(err, phonenumbers.ErrInvalidCountryCode):
		return ReasonPhoneCountry
	case errors.Is(err, phonenumbers.ErrTooShortNSN), errors.Is(err, phonenumbers.ErrTooShortAfterIDD):
		return ReasonPhoneShort
	}
	return ReasonPhoneInvalid
}

// classify returns the country of a valid number that a message may reach, or why it is none. It asks for region and
// kind instead of IsValidNumber, which finds out both and keeps neither.
func classify(number *phonenumbers.PhoneNumber) (country, reason string) {
	country = phonenumbers.GetRegionCodeForNumber(number)
	kind := phonenumbers.GetNumberType(number)
	switch {
	case len(country) == 2 && kind == phonenumbers.PREMIUM_RATE:
		return "", ReasonPhonePremium
	case kind == phonenumbers.UNKNOWN && phonenumbers.IsPossibleShortNumber(number):
		return "", ReasonPhoneShort
	case kind == phonenumbers.UNKNOWN, len(country) != 2: // "001" is a number of the world, of no country
		return "", ReasonPhoneInvalid
	}
	return country, ""
}

// settled says whether e164, read again, is the same number. The library strips trunk prefixes by pattern, so nothing in
// it rules out a number that loses digits at each reading; a contact may not depend on how often its number was read.
func settled(e164 string) bool {
	again, err := phonenumbers.Parse(e164, "")
	return err == nil && phonenumbers.Format(again, phonenumbers.E164) == e164
}
