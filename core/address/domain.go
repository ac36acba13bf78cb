package address

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// normalDomain returns s in lower-case Punycode, or why it is not a mail domain. Plain domains, which nearly all are,
// never reach the IDNA tables and are returned without a copy when they are lower-case already.
func normalDomain(s string) (domain, reason string) {
	switch {
	case s == "":
		return "", ReasonDomainMissing
	case s[0] == '[':
		return "", ReasonDomainLiteral
	}
	foreign, reason := scanDomain(s)
	if reason != "" {
		return "", reason
	}
	domain = strings.ToLower(s)
	if foreign || hasACE(domain) {
		if domain, reason = punycode(s); reason != "" {
			return "", reason
		}
	}
	return domain, checkLabels(domain)
}

// scanDomain refuses characters that no domain has, in any script; foreign is whether one is outside ASCII.
func scanDomain(s string) (foreign bool, reason string) {
	for i := range len(s) {
		c := s[i]
		switch {
		case isLetterDigit(c), c == '-', c == '.':
		case c < utf8.RuneSelf && startsWithSpace(s[i:]):
			return false, ReasonEmailSpace
		case c < utf8.RuneSelf:
			return false, ReasonDomainCharacter
		default:
			foreign = true
		}
	}
	if foreign {
		reason = scanForeign(s)
	}
	return foreign, reason
}

// scanForeign refuses what IDNA would quietly drop or map away although nobody can see it: spaces of any kind, soft
// hyphens, zero-width and direction marks. The joiners stay: some scripts need them, and IDNA checks their place.
func scanForeign(s string) string {
	for _, r := range s {
		switch {
		case isBlank(r):
			return ReasonEmailSpace
		case r == '\u200c', r == '\u200d':
		case r == utf8.RuneError, unicode.Is(unicode.Cf, r), unicode.IsControl(r):
			return ReasonDomainCharacter
		}
	}
	return ""
}

// punycode maps an international domain (UTS 46, non-transitional) and proves that the result maps to itself: a domain
// with two normal forms would be two contacts.
func punycode(s string) (domain, reason string) {
	domain, err := idna.Lookup.ToASCII(s)
	if err != nil {
		return "", ReasonDomainIDN
	}
	if again, err := idna.Lookup.ToASCII(domain); err != nil || again != domain {
		return "", ReasonDomainIDN
	}
	return domain, ""
}

// hasACE says whether a label of the lower-case domain claims to be Punycode.
func hasACE(domain string) bool {
	return strings.HasPrefix(domain, "xn--") || strings.Contains(domain, ".xn--")
}

// checkLabels says why domain, lower-case ASCII, is not a host name of at least two labels, or "" (RFC 1123, 2.1).
func checkLabels(domain string) string {
	count, rest, last, more := 0, domain, "", true
	for more {
		last, rest, more = strings.Cut(rest, ".")
		if reason := checkLabel(last); reason != "" {
			return reason
		}
		count++
	}
	switch {
	case allDigits(last): // no such top-level domain will ever be (RFC 3696, 2): this is an IPv4 address or a slip
		return ReasonDomainLiteral
	case count < 2:
		return ReasonDomainMissing
	}
	return ""
}

// checkLabel says why s is not one label of a host name, or "".
func checkLabel(s string) string {
	switch {
	case s == "":
		return ReasonDomainDots
	case len(s) > MaxLabel:
		return ReasonDomainLabel
	case s[0] == '-', s[len(s)-1] == '-':
		return ReasonDomainHyphen
	}
	for i := range len(s) {
		if !isLetterDigit(s[i]) && s[i] != '-' { // IDNA may map a foreign character to a foreign one of ASCII
			return ReasonDomainCharacter
		}
	}
	return ""
}

func isLetterDigit(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// startsWithSpace says whether the first character of s is a space of any script.
func startsWithSpace(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return isBlank(r)
}

// isBlank says whether r shows as nothing but room: Unicode white space, and the zero-width space and byte order mark
// that come along when an address is copied from a page.
func isBlank(r rune) bool {
	return unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' || r == '\u2060'
}
