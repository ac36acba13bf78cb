package wasm

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// assembleHex makes bytes of the notation in which modules are written that no assembler would make:
//
//	00 7f      bytes
//	"text"     the bytes of a text without spaces
//	u:300      an unsigned LEB128 number
//	[ … ]      what stands between, after its length as a LEB128 number
//	{ 9 … }    what stands between, 9 times
//	# …        a comment to the end of the line
func assembleHex(source string) ([]byte, error) {
	a := hexAssembler{}
	for line := range strings.Lines(source) {
		line, _, _ = strings.Cut(line, "#")
		for _, bracket := range []string{"[", "]", "{", "}"} {
			line = strings.ReplaceAll(line, bracket, " "+bracket+" ")
		}
		a.tokens = append(a.tokens, strings.Fields(line)...)
	}
	out, err := a.until("")
	if err == nil && len(a.tokens) > 0 {
		err = fmt.Errorf("assembling: %q closes nothing", a.tokens[0])
	}
	return out, err
}

type hexAssembler struct{ tokens []string }

// until assembles up to the bracket end, or to the end of the source.
func (a *hexAssembler) until(end string) (out []byte, err error) {
	for len(a.tokens) > 0 && err == nil {
		token := a.tokens[0]
		if token == "]" || token == "}" {
			break
		}
		a.tokens = a.tokens[1:]
		out, err = a.one(out, token)
	}
	if err != nil || end == "" {
		return out, err
	}
	if len(a.tokens) == 0 || a.tokens[0] != end {
		return nil, fmt.Errorf("assembling: %q is missing", end)
	}
	a.tokens = a.tokens[1:]
	return out, nil
}

func (a *hexAssembler) one(out []byte, token string) ([]byte, error) {
	switch {
	case token == "[":
		content, err := a.until("]")
		return append(appendU32(out, uint32(len(content))), content...), err
	case token == "{":
		return a.repeat(out)
	case strings.HasPrefix(token, "u:"):
		n, err := strconv.ParseUint(token[2:], 10, 32)
		return appendU32(out, uint32(n)), err
	case strings.HasPrefix(token, `"`):
		return append(out, strings.Trim(token, `"`)...), nil
	}
	b, err := hex.DecodeString(token)
	return append(out, b...), err
}

func (a *hexAssembler) repeat(out []byte) ([]byte, error) {
	if len(a.tokens) == 0 {
		return nil, fmt.Errorf("assembling: a number is missing after {")
	}
	times, err := strconv.Atoi(a.tokens[0])
	if err != nil {
		return nil, err
	}
	a.tokens = a.tokens[1:]
	content, err := a.until("}")
	for range times {
		out = append(out, content...)
	}
	return out, err
}

func TestAssembleHex(t *testing.T) {
	got, err := assembleHex("00 \"asm\" # a comment\n[ 01 { 3 [ ] } u:300 ] ff")
	if want := "\x00asm\x06\x01\x00\x00\x00\xac\x02\xff"; err != nil || string(got) != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	for _, bad := range []string{"[", "{ 2", "{", "]", "{ x }", "0", "u:-1", "[ }"} {
		if got, err := assembleHex(bad); err == nil {
			t.Errorf("%q assembles to %x", bad, got)
		}
	}
}
