package wasm

import (
	"strings"
	"unicode/utf8"
)

// The reasons of a Failure: fit for a metric's label, and append-only.
const (
	ReasonOutOfFuel      = "out_of_fuel"      // used more than Config.Fuel, or Config.BootFuel while booting
	ReasonTooDeep        = "too_deep"         // its calls took more stack than Config.StackLimit
	ReasonOutOfMemory    = "out_of_memory"    // stopped after it was refused more memory than Config.MemoryLimit
	ReasonTrapped        = "trapped"          // stopped: a trap, an exit, or its own call of fail
	ReasonBadOutput      = "bad_output"       // the output does not lie within the guest's memory
	ReasonOutputTooLarge = "output_too_large" // longer than Config.OutputLimit
	ReasonInputTooLarge  = "input_too_large"  // what it was to be handed is longer than Config.BufferSize
	ReasonHostRefused    = "host_refused"     // called a host function with nonsense
	ReasonNotReady       = "not_ready"        // could not be booted, refused its configuration, or lacks the export
)

// Failure is how a guest failed one call. It says nothing about the next call, which finds the guest as it was booted.
type Failure struct {
	Reason string // one of the reasons above
	Text   string // for the plugin's author: what happened, with the guest's own words; at most maxText bytes of UTF-8
	Fuel   int64  // used until then
	Logs   []Log  // what the guest logged before
	Trace  string // the guest's functions, innermost first, a line each; "" where Text has it, or there is none
}

// maxText bounds Failure.Text, in bytes: a stack trace of 30 frames fits.
const maxText = 2 << 10

func (f *Failure) Error() string { return f.Reason + ": " + f.Text }

// goTrace begins what wazero adds when Go itself panicked in a host function: our stack, none of the guest's business.
const goTrace = "\n\nGo runtime stack trace:"

// guestText is the part of wazero's error that speaks of the guest.
func guestText(err error) string {
	text, _, _ := strings.Cut(err.Error(), goTrace)
	return text
}

// clip cuts s to at most n bytes of valid UTF-8, between runes.
func clip(s string, n int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
