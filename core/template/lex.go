package template

import (
	"fmt"
	"strings"
)

// tokenKind is what a token of an expression is.
type tokenKind int

const (
	tokenName     tokenKind = iota // product, and, true
	tokenKeyword                   // truncate: (text is without the colon)
	tokenProperty                  // .title (text is without the dot)
	tokenString                    // "…" or '…' (text is what is inside)
	tokenNumber                    // 12, -3, 1.5
	tokenOperator                  // | , ( ) [ ] = == != < > <= >= ..
)

// token is one word of a Liquid expression.
type token struct {
	kind tokenKind
	text string
}

func (t token) is(operator string) bool { return t.kind == tokenOperator && t.text == operator }

// maxDigits bounds number literals: the library panics where an int64 overflows.
const maxDigits = 15

// lex cuts the inside of {{ … }} or of a tag into tokens, by the library's own lexical rules (its
// expressions/scanner.rl). It is stricter in that a character no rule knows is an error: the library would take a NUL
// for the end, and what stands behind it would never be escaped.
func lex(s string) ([]token, error) {
	var tokens []token
	for {
		s = strings.TrimLeft(s, " \t\r\n")
		if s == "" {
			return tokens, nil
		}
		t, n, err := next(s)
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
		s = s[n:]
	}
}

// next reads the token that s begins with and how many bytes it took.
func next(s string) (token, int, error) {
	c := s[0]
	switch {
	case isLetter(c):
		return lexName(s)
	case c == '.' && len(s) > 1 && isLetter(s[1]):
		n := 1 + nameLength(s[1:])
		return token{tokenProperty, s[1:n]}, n, nil
	case c == '"' || c == '\'':
		return lexString(s)
	case isDigit(c) || c == '-' && len(s) > 1 && isDigit(s[1]):
		return lexNumber(s)
	}
	return lexOperator(s)
}

func lexName(s string) (token, int, error) {
	n := nameLength(s)
	if n < len(s) && s[n] == ':' {
		return token{tokenKeyword, s[:n]}, n + 1, nil
	}
	return token{tokenName, s[:n]}, n, nil
}

func lexString(s string) (token, int, error) {
	end := strings.IndexByte(s[1:], s[0])
	if end < 0 {
		return token{}, 0, fmt.Errorf("the string %s has no closing quote", s)
	}
	return token{tokenString, s[1 : end+1]}, end + 2, nil
}

func lexNumber(s string) (token, int, error) {
	n := 1
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	if n+1 < len(s) && s[n] == '.' && isDigit(s[n+1]) {
		for n++; n < len(s) && isDigit(s[n]); n++ {
		}
	}
	if n > maxDigits {
		return token{}, 0, fmt.Errorf("the number %s has more than %d digits", s[:n], maxDigits)
	}
	return token{tokenNumber, s[:n]}, n, nil
}

func lexOperator(s string) (token, int, error) {
	for _, op := range []string{"==", "!=", ">=", "<=", ".."} {
		if strings.HasPrefix(s, op) {
			return token{tokenOperator, op}, len(op), nil
		}
	}
	if strings.IndexByte("|,()[]=<>:", s[0]) >= 0 {
		return token{tokenOperator, s[:1]}, 1, nil
	}
	return token{}, 0, fmt.Errorf("%q does not belong in an expression", []rune(s)[0])
}

// nameLength is how long the name at the start of s is: letters, digits, _ and -, then at most one question mark.
func nameLength(s string) int {
	n := 0
	for n < len(s) && (isLetter(s[n]) || isDigit(s[n]) || s[n] == '-') {
		n++
	}
	if n < len(s) && s[n] == '?' {
		n++
	}
	return n
}

func isLetter(c byte) bool { return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
