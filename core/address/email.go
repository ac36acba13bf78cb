package address

import "strings"

// Bounds of an e-mail address, in bytes of its normal form.
const (
	MaxEmail = 254 // RFC 5321, 4.5.3.1.3: a path has 256 octets, two of which are the angle brackets
	MaxLocal = 64  // RFC 5321, 4.5.3.1.1
	MaxLabel = 63  // RFC 1035, 2.3.4
)

// maxRawEmail bounds what is looked at, in bytes: an international domain shrinks to at most a quarter in Punycode.
const maxRawEmail = 4 * MaxEmail

// asciiSpace is what may surround an address that was pasted; any other space inside or around it is refused.
const asciiSpace = " \t\r\n\v\f"

// Email returns the normal form of s: surrounding ASCII spaces cut off, the domain in lower-case Punycode, the local
// part as it was typed. RFC 5321 (2.4) leaves the meaning of its case to the domain, so two spellings stay two addresses.
//
// Accepted is what people have: an ASCII dot-atom of 1 to 64 bytes, "@", and a domain of at least two labels of letters,
// digits and hyphens (UTS 46 for international ones), together at most 254 bytes. Refused are quoted local parts,
// internationalised local parts (RFC 6531), address literals and trailing dots. The error is always an *Error.
//
// The result may share the memory of s: whoever reuses the buffer behind s clones it first.
func Email(s string) (string, error) {
	normal, reason := normalEmail(s)
	if reason != "" {
		return "", &Error{Message: reason, Suggest: Suggest(s)}
	}
	return normal, nil
}

// normalEmail is Email without the guess at what was meant; reason is "" when s is an address.
func normalEmail(s string) (normal, reason string) {
	s = strings.Trim(s, asciiSpace)
	at := strings.LastIndexByte(s, '@')
	switch {
	case s == "":
		return "", ReasonEmailEmpty
	case len(s) > maxRawEmail:
		return "", ReasonEmailTooLong
	case at < 0:
		return "", ReasonEmailNoAt
	}
	if reason := checkLocal(s[:at]); reason != "" {
		return "", reason
	}
	domain, reason := normalDomain(s[at+1:])
	switch {
	case reason != "":
		return "", reason
	case at+1+len(domain) > MaxEmail:
		return "", ReasonEmailTooLong
	case domain == s[at+1:]:
		return s, "" // already normal: nothing is allocated
	}
	return s[:at+1] + domain, ""
}

// checkLocal says why s is not a dot-atom (RFC 5322, 3.2.3) of at most MaxLocal bytes, or "".
func checkLocal(s string) string {
	switch {
	case s == "":
		return ReasonLocalEmpty
	case s[0] == '"':
		return ReasonLocalQuoted
	}
	for i := range len(s) {
		if !isAtom(s[i]) && s[i] != '.' {
			return whyNotAtom(s, i)
		}
		if s[i] == '.' && (i == 0 || i == len(s)-1 || s[i-1] == '.') {
			return ReasonLocalDots
		}
	}
	if len(s) > MaxLocal {
		return ReasonLocalTooLong
	}
	return ""
}

// isAtom says whether c is atext (RFC 5322, 3.2.3).
func isAtom(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	switch c {
	case '!', '#', '$', '%', '&', '\'', '*', '+', '-', '/', '=', '?', '^', '_', '`', '{', '|', '}', '~':
		return true
	}
	return false
}

// whyNotAtom names what is wrong with the byte at i of the local part s.
func whyNotAtom(s string, i int) string {
	switch {
	case s[i] == '@':
		return ReasonEmailManyAts
	case startsWithSpace(s[i:]):
		return ReasonEmailSpace
	}
	return ReasonLocalCharacter
}
