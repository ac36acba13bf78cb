package wasm

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// maxChildFile bounds each file that a loading process writes, in bytes: compiled code of the largest module, and what
// wazero writes around it. Beyond it writing fails (EFBIG).
const maxChildFile = maxCode + 1<<20

// limitSelf puts this process under limits that it cannot raise again: processor time, address space beyond what it has
// now (Go reserves some, the race detector very much), the size of files, no core dump. At its end of time the system
// kills it: Go would not hear the milder signal.
func limitSelf(cpu time.Duration, memory int64) error {
	size, err := addressSpace()
	if err != nil {
		return err
	}
	const rlimitCore, rlimitCPU, rlimitFile, rlimitAS = 4, 0, 1, 9
	for _, l := range [...]struct {
		resource int
		limit    uint64
	}{{rlimitCPU, uint64(cpu / time.Second)}, {rlimitAS, size + uint64(memory)}, {rlimitFile, maxChildFile}, {rlimitCore, 0}} {
		if err := syscall.Setrlimit(l.resource, &syscall.Rlimit{Cur: l.limit, Max: l.limit}); err != nil {
			return fmt.Errorf("limiting resource %d to %d: %w", l.resource, l.limit, err)
		}
	}
	return nil
}

// addressSpace is what this process has of it, in bytes.
func addressSpace() (uint64, error) {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, fmt.Errorf("reading the size of this process: %w", err)
	}
	pages, err := strconv.ParseUint(strings.Fields(string(b) + " 0")[0], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("reading the size of this process: %w", err)
	}
	return pages * uint64(os.Getpagesize()), nil
}
