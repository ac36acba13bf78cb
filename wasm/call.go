package wasm

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/sys"
)

// call is the state of one call; only the goroutine of the call touches it.
type call struct {
	ctx    context.Context // ends at the deadline; carries the call to host functions and the memory to wazero
	cancel context.CancelFunc
	config Config
	memory memory
	booted bool

	logs    []Log
	logged  int  // bytes in logs
	cut     bool // something was left out of logs
	stopped *Failure
}

type callKey struct{}

func newCall(ctx context.Context, config Config) *call {
	c := &call{config: config, memory: memory{limit: uint64(config.MemoryLimit)}}
	c.ctx, c.cancel = context.WithTimeout(context.WithValue(ctx, callKey{}, c), config.CallTime)
	c.ctx = experimental.WithMemoryAllocator(c.ctx, &c.memory)
	return c
}

func (c *call) end() { c.cancel() }

// invoke writes input into the buffer and calls a function that takes (ptr, len) and answers one number.
func (c *call) invoke(instance api.Module, export string, buffer uint32, input []byte) (uint64, error) {
	if len(input) > int(c.config.BufferSize) {
		return 0, &Failure{Reason: ReasonInputTooLarge, Text: fmt.Sprintf(
			"%s was to be handed %d bytes, the limit is %d; hand it less or raise the buffer's size", export, len(input), c.config.BufferSize)}
	}
	if !instance.Memory().Write(buffer, input) {
		return 0, &Failure{Reason: ReasonNotReady, Text: fmt.Sprintf("there is no buffer at %#x any more", buffer)}
	}
	answer, err := instance.ExportedFunction(export).Call(c.ctx, uint64(buffer), uint64(len(input)))
	if err != nil {
		return 0, err
	}
	return answer[0], nil
}

// explain names the reason of an error. parent is the caller's context: when it ended, the guest is not to blame.
func (c *call) explain(parent context.Context, err error) error {
	if parent.Err() != nil {
		return fmt.Errorf("calling guest: %w", context.Cause(parent))
	}
	f := c.failure(err)
	f.Text = clip(f.Text, maxText)
	f.Logs = c.logs
	return f
}

func (c *call) failure(err error) *Failure {
	var f *Failure
	var exit *sys.ExitError
	exited := errors.As(err, &exit)
	switch {
	case c.stopped != nil:
		return c.stopped
	case errors.As(err, &f):
		return f
	case exited && exit.ExitCode() == sys.ExitCodeDeadlineExceeded && c.ctx.Err() != nil:
		return &Failure{Reason: ReasonOutOfTime, Text: fmt.Sprintf("it ran longer than %s; look for a loop that does not end", c.config.CallTime)}
	case c.memory.refused > 0:
		return &Failure{Reason: ReasonOutOfMemory, Text: fmt.Sprintf("it asked for %d bytes of memory, the limit is %d; then: %s",
			c.memory.refused, c.config.MemoryLimit, c.lastWords(err))}
	case !c.booted:
		return &Failure{Reason: ReasonNotReady, Text: "it could not be booted: " + c.lastWords(err)}
	}
	return &Failure{Reason: ReasonTrapped, Text: c.lastWords(err)}
}

// lastWords is how the guest stopped: what it logged last as an error or wrote to its standard error, as language runtimes
// do when they panic, and then the trap with its stack trace, or the exit.
func (c *call) lastWords(err error) string {
	var exit *sys.ExitError
	text := guestText(err)
	if errors.As(err, &exit) {
		text = fmt.Sprintf("it exited with code %d", exit.ExitCode())
	}
	if n := len(c.logs); n > 0 && c.logs[n-1].Level == LevelError {
		text = strings.TrimSpace(clip(c.logs[n-1].Text, maxText/2)) + "\n" + text
	}
	return text
}
