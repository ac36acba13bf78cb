package wasm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/tetratelabs/wazero"
)

// childRequest is what the parent asks of its child, in JSON on one line; the module's bytes follow.
type childRequest struct {
	Config Config // with defaults filled in, without Child and keys
	Size   int    // of the module, in bytes
	Cache  string // folder for wazero's compiled code; "" when guests are interpreted
}

// childAnswer is what the child found, in JSON.
type childAnswer struct {
	Refused string // why the module is not taken, for its author; "" when it is
}

// maxChildRequest bounds the line, in bytes.
const maxChildRequest = 64 << 10

// ServeChild checks and compiles one module, which comes on in, answers on out, and is to be the only work of its process:
// it puts the process under Config.LoadTime and Config.LoadMemory for good. The program whose command Config.Child names
// calls it with its standard input and output. The error is for that program to end with.
func ServeChild(in io.Reader, out io.Writer) error {
	request, module, err := readRequest(in)
	if err != nil {
		return fmt.Errorf("loading a module for another process: %w", err)
	}
	if err := limitSelf(request.Config.LoadTime, request.Config.LoadMemory); err != nil {
		return fmt.Errorf("loading a module for another process: %w", err)
	}
	debug.SetMemoryLimit(request.Config.LoadMemory / 4 * 3)
	answer := childAnswer{}
	if err := childWork(request, module); err != nil {
		answer.Refused = short(err).Error()
	}
	if err := json.NewEncoder(out).Encode(answer); err != nil {
		return fmt.Errorf("loading a module for another process: answering: %w", err)
	}
	return nil
}

func readRequest(in io.Reader) (r childRequest, module []byte, err error) {
	var line []byte
	for one := make([]byte, 1); len(line) < maxChildRequest && !bytes.HasSuffix(line, []byte("\n")); {
		if _, err := io.ReadFull(in, one); err != nil {
			return r, nil, fmt.Errorf("reading what is asked: %w; this command is for the plugin host to run", err)
		}
		line = append(line, one...)
	}
	if err := json.Unmarshal(line, &r); err != nil {
		return r, nil, fmt.Errorf("reading what is asked: %w", err)
	}
	if err := r.Config.Validate(); err != nil {
		return r, nil, fmt.Errorf("reading what is asked: %w", err)
	}
	if r.Size < 0 || r.Size > r.Config.ModuleLimit {
		return r, nil, fmt.Errorf("reading what is asked: a module of %d bytes, the limit is %d", r.Size, r.Config.ModuleLimit)
	}
	module = make([]byte, r.Size)
	if _, err := io.ReadFull(in, module); err != nil {
		return r, nil, fmt.Errorf("reading the module: %w", err)
	}
	return r, module, nil
}

// childWork does what the parent will do again, when it is known to stay within limits.
func childWork(r childRequest, module []byte) error {
	ctx := context.Background()
	_, metered, err := prepare(ctx, r.Config, module)
	if err != nil || r.Cache == "" {
		return err
	}
	cache, err := wazero.NewCompilationCacheWithDir(r.Cache)
	if err != nil {
		return fmt.Errorf("opening the folder for compiled code: %w", err)
	}
	h := &Host{runtime: wazero.NewRuntimeWithConfig(ctx, runtimeConfig(false).WithCompilationCache(cache))}
	if _, err = h.compile(ctx, metered.core); errors.Is(err, syscall.EFBIG) {
		return errCodeTooLarge // see maxChildFile
	}
	return err
}

// maxLastWords bounds what is read of a child's standard error, in bytes.
const maxLastWords = 4 << 10

// child has a module checked and compiled by the child, whose compiled code goes into the folder cache. An error is for
// the module's author, unless the child could not do its work at all.
func (h *Host) child(ctx context.Context, module []byte, cache string) error {
	request := childRequest{Config: h.config, Size: len(module), Cache: cache}
	request.Config.Child, request.Config.CacheDir, request.Config.CacheKey = nil, "", nil
	line, err := json.Marshal(request)
	if err != nil {
		return fmt.Errorf("asking the loading process: %w", err)
	}
	// By the clock it may wait its turn on a busy machine; this is for a child that sleeps.
	ctx, cancel := context.WithTimeout(ctx, 20*h.config.LoadTime)
	defer cancel()
	var out, said bytes.Buffer
	cmd := exec.CommandContext(ctx, h.config.Child[0], h.config.Child[1:]...)
	cmd.Env = []string{"GOTRACEBACK=none"} // the parent's may hold secrets
	cmd.Stdin = io.MultiReader(bytes.NewReader(append(line, '\n')), bytes.NewReader(module))
	cmd.Stdout, cmd.Stderr = &limitedWriter{&out, maxChildAnswer}, &limitedWriter{&said, maxLastWords}
	if err := cmd.Run(); err != nil {
		return h.childFailed(ctx, cmd.ProcessState, err, said.String())
	}
	return readAnswer(out.Bytes())
}

// maxChildAnswer bounds what a child answers, in bytes.
const maxChildAnswer = 64 << 10

func readAnswer(b []byte) error {
	var answer childAnswer
	if err := json.Unmarshal(b, &answer); err != nil {
		return fmt.Errorf("asking the loading process: it answered %q: %w; Config.Child must be a command that runs ServeChild", clip(string(b), 80), err)
	}
	if answer.Refused != "" {
		return errors.New(answer.Refused)
	}
	return nil
}

// childFailed says why the child ended without an answer.
func (h *Host) childFailed(ctx context.Context, state *os.ProcessState, err error, said string) error {
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("asking the loading process: %w", context.Cause(ctx))
	case state == nil:
		return fmt.Errorf("starting the loading process: %w", err)
	case state.UserTime()+state.SystemTime() >= h.config.LoadTime-time.Second/2:
		return fmt.Errorf("compiling it takes more than %s of processor time; make its functions smaller", h.config.LoadTime)
	case wantedMemory(said):
		return fmt.Errorf("compiling it takes more than %d bytes of memory; make its functions smaller", h.config.LoadMemory)
	}
	return fmt.Errorf("compiling it ended the loading process: %w: %s", err, clip(strings.TrimSpace(said), maxText))
}

// wantedMemory knows what Go's runtime says when the system gives it no more memory, for its heap or for a thread.
func wantedMemory(said string) bool {
	for _, words := range []string{"out of memory", "cannot allocate memory", "failed to allocate", "failed to reserve", "pthread_create failed", "failed to create new OS thread"} {
		if strings.Contains(said, words) {
			return true
		}
	}
	return false
}

// limitedWriter keeps the first bytes and takes the rest without a word, so that the writer goes on.
type limitedWriter struct {
	b    *bytes.Buffer
	room int
}

// Write never fails.
func (w *limitedWriter) Write(p []byte) (int, error) {
	n := min(len(p), w.room)
	w.room -= n
	w.b.Write(p[:n])
	return len(p), nil
}
