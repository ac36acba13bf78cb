package wasm

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tetratelabs/wazero/sys"
)

// explain names the reason why a call ended early. budget is what it had of fuel. The guest is reset before the next call
// in any case.
func (w *machine) explain(err error, budget int64) *Failure {
	f := w.failure(err, budget)
	if !strings.Contains(f.Text, traceHead) {
		f.Trace = clip(traceOf(err), maxText)
	}
	f.Text = clip(f.Text, maxText)
	f.Fuel = min(budget, budget-int64(w.fuel.Get()))
	f.Logs = slices.Clone(w.logs)
	w.used = w.booted
	w.spoiled = f.Reason == ReasonTooDeep
	return f
}

// traceHead is what wazero puts between an error and the guest's functions.
const traceHead = "wasm stack trace:\n"

// traceOf is where the guest was when it ended.
func traceOf(err error) string {
	if err == nil {
		return ""
	}
	_, trace, _ := strings.Cut(guestText(err), traceHead)
	lines := strings.Split(trace, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimPrefix(strings.TrimSpace(line), ".")
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

func (w *machine) failure(err error, budget int64) *Failure {
	var f *Failure
	limit := w.guest.module.host.config.StackLimit
	switch {
	case w.stopped != nil:
		return w.stopped
	case errors.As(err, &f):
		return f
	case int64(w.fuel.Get()) < 0:
		return outOfFuel(budget)
	case int64(w.stack.Get()) < 0 || isOverflow(err):
		return &Failure{Reason: ReasonTooDeep, Text: fmt.Sprintf(
			"its calls took more than %d bytes of stack; look for a recursion that does not end", limit)}
	case w.memory.refused > 0:
		return &Failure{Reason: ReasonOutOfMemory, Text: fmt.Sprintf("it asked for %d bytes of memory, the limit is %d; then: %s",
			w.memory.refused, w.memory.limit, w.lastWords(err))}
	case !w.booted:
		return &Failure{Reason: ReasonNotReady, Text: "it could not be booted: " + w.lastWords(err)}
	}
	return &Failure{Reason: ReasonTrapped, Text: w.lastWords(err)}
}

// isOverflow knows wazero's own limit of the stack, which StackLimit is to keep out of reach.
func isOverflow(err error) bool {
	return err != nil && strings.HasPrefix(err.Error(), "wasm error: stack overflow")
}

func outOfFuel(budget int64) *Failure {
	return &Failure{Reason: ReasonOutOfFuel, Text: fmt.Sprintf("it used more than %d units of fuel; look for a loop that does not end", budget)}
}

// lastWords is how the guest stopped: what it logged last as an error or wrote to its standard error, as language runtimes
// do when they panic, and then the trap with its stack trace, or the exit.
func (w *machine) lastWords(err error) string {
	var exit *sys.ExitError
	text := guestText(err)
	if errors.As(err, &exit) {
		text = fmt.Sprintf("it exited with code %d", exit.ExitCode())
	}
	return w.withLog(text)
}

// withLog puts what was logged last as an error before text.
func (w *machine) withLog(text string) string {
	if n := len(w.logs); n > 0 && w.logs[n-1].Level == LevelError {
		return strings.TrimSpace(clip(w.logs[n-1].Text, maxText/2)) + "\n" + text
	}
	return text
}
