// Package restock is what a plugin in Go is written with: what it is asked about, what it answers, and a line to its host.
// The kit puts it into the plugin's folder, with the types of plugin.yaml beside it. It imports nothing that makes a module
// large, and builds natively as well, so that a plugin can be tested by go test.
package restock

import (
	"time"
	"unicode/utf8"
)

// Time is a moment in ms since 1970 in UTC; 0 when it is missing.
type Time int64

// Std is the moment as the standard library has it, in UTC.
func (t Time) Std() time.Time { return time.UnixMilli(int64(t)).UTC() }

// Milliseconds is a length of time.
type Milliseconds int64

// Lengths of time.
const (
	Second Milliseconds = 1000
	Minute              = 60 * Second
	Hour                = 60 * Minute
	Day                 = 24 * Hour
)

// Int is a whole number that may be missing. Money is in the currency's minor unit.
type Int struct {
	Value int64 // 0 when it is missing
	Known bool
}

// IntOf is a number that is there.
func IntOf(v int64) Int { return Int{v, true} }

// Or is the number, or another one when it is missing.
func (i Int) Or(missing int64) int64 {
	if i.Known {
		return i.Value
	}
	return missing
}

// Level is how much a line of the log matters.
type Level int32

// The levels.
const (
	Debug Level = iota
	Info
	Warn
	Error
)

// Log keeps a line beside the answer: 4 KiB and 64 lines of them per call.
func Log(level Level, line string) { hostLog(level, line) }

// Fail gives up: the call fails with these words, and on_failure says what becomes of the contact. It does not return.
func Fail(words string) {
	hostFail(1, words)
	panic(words) // the host has ended the call; natively this is what a test sees
}

// maxReason is the longest reason in bytes; what is longer is cut off between characters.
const maxReason = 256

// cut is the part of a reason that is kept.
func cut(s string) string {
	if len(s) <= maxReason {
		return s
	}
	n := maxReason
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
