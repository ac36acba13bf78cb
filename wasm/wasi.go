package wasm

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"

	"github.com/tetratelabs/wazero/api"
)

const wasiModule = "wasi_snapshot_preview1"

// The numbers by which WASI's functions answer (errno).
const (
	wasiSuccess = 0
	wasiBadFile = 8
	wasiFault   = 21
	wasiInvalid = 28
	wasiNoSeek  = 70
)

// wasiFunctions are the functions of WASI preview 1 that are offered: those that language runtimes want in order to start
// and to die, with the same answer on every machine. No answer depends on a call before, so there is nothing to reset: the
// three standard files cannot be closed, and there are no others.
// https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md
func wasiFunctions() []hostFunction {
	const n, l = i32, i64 // a number or pointer; a long one
	f := func(name string, call func(w *machine, stack []uint64) uint64, params ...api.ValueType) hostFunction {
		return hostFunction{name, params, []api.ValueType{n}, func(w *machine, stack []uint64) { stack[0] = call(w, stack) }}
	}
	return []hostFunction{
		f("args_get", succeed, n, n),
		f("args_sizes_get", noStrings, n, n),
		f("environ_get", succeed, n, n),
		f("environ_sizes_get", noStrings, n, n),
		f("clock_time_get", clockTime, n, l, n),
		f("random_get", random, n, n),
		f("fd_close", standardFile(succeed), n),
		f("fd_fdstat_get", standardFile(fileStat), n, n),
		f("fd_fdstat_set_flags", standardFile(succeed), n, n),
		f("fd_prestat_get", badFile, n, n),
		f("fd_prestat_dir_name", badFile, n, n, n),
		f("fd_read", standardFile(readNothing), n, n, n, n),
		f("fd_seek", standardFile(noSeek), n, l, n, n),
		f("fd_write", standardFile(write), n, n, n, n),
		f("poll_oneoff", poll, n, n, n, n),
		f("sched_yield", succeed),
		{"proc_exit", []api.ValueType{n}, nil, exit},
	}
}

func succeed(*machine, []uint64) uint64 { return wasiSuccess }
func badFile(*machine, []uint64) uint64 { return wasiBadFile }
func noSeek(*machine, []uint64) uint64  { return wasiNoSeek }

// standardFile answers for descriptors 0 to 2 only: others are not open.
func standardFile(call func(*machine, []uint64) uint64) func(*machine, []uint64) uint64 {
	return func(w *machine, stack []uint64) uint64 {
		if uint32(stack[0]) > 2 {
			return wasiBadFile
		}
		return call(w, stack)
	}
}

// exit is proc_exit(code). It does not return.
func exit(w *machine, stack []uint64) {
	w.stop(w.ownFault(), w.withLog(fmt.Sprintf("it exited with code %d", uint32(stack[0]))))
}

// store writes a number where the guest wants it.
func (w *machine) store(ptr uint64, v uint64, size uint32) (ok bool) {
	b, ok := w.view(uint32(ptr), size)
	if !ok {
		return false
	}
	for i := range b {
		b[i] = byte(v >> (8 * i))
	}
	return true
}

func errno(ok bool) uint64 {
	if !ok {
		return wasiFault
	}
	return wasiSuccess
}

// noStrings says that there are no arguments, and no variables.
func noStrings(w *machine, stack []uint64) uint64 {
	return errno(w.store(stack[0], 0, 4) && w.store(stack[1], 0, 4))
}

// The clocks that guests see: the moment of the call, and ns since about its beginning; not 0, which Go's runtime takes for
// a broken clock. Both stand still, but for the time that the guest says it waits.
const (
	clockRealtime  = 0
	clockMonotonic = 1
	monotonicStart = 1
)

// clockTime is clock_time_get(id, precision, *time).
func clockTime(w *machine, stack []uint64) uint64 {
	now := w.slept
	switch uint32(stack[0]) {
	case clockRealtime:
		now += w.moment.Now * 1_000_000
	case clockMonotonic:
		now += monotonicStart
	default:
		return wasiInvalid
	}
	return errno(w.store(stack[2], uint64(now), 8))
}

// random is random_get(*buf, len): bytes of a stream that begins anew with each call's seed.
func random(w *machine, stack []uint64) uint64 {
	b, ok := w.view(uint32(stack[0]), uint32(stack[1]))
	if !ok {
		return wasiFault
	}
	w.charge(priceHostByte * int64(len(b)))
	if !w.seeded {
		w.seeded = true
		w.chance = rand.NewChaCha8(w.moment.Seed)
	}
	_, _ = w.chance.Read(b) // never fails
	return wasiSuccess
}

// fileStat is fd_fdstat_get(fd, *stat): a terminal without any right, which runtimes write to all the same.
func fileStat(w *machine, stack []uint64) uint64 {
	const characterDevice = 2
	b, ok := w.view(uint32(stack[1]), 24)
	if !ok {
		return wasiFault
	}
	clear(b)
	b[0] = characterDevice
	return wasiSuccess
}

// readNothing is fd_read(fd, *iovs, n, *nread): every file is at its end.
func readNothing(w *machine, stack []uint64) uint64 { return errno(w.store(stack[3], 0, 4)) }

// write is fd_write(fd, *iovs, n, *nwritten): standard error is logged, all else discarded; it always takes everything.
func write(w *machine, stack []uint64) uint64 {
	const standardError, vecSize = 2, 8
	vecs, ok := w.view(uint32(stack[1]), min(uint32(stack[2]), maxVecs+1)*vecSize)
	if !ok {
		return wasiFault
	}
	if len(vecs) > maxVecs*vecSize {
		return wasiInvalid
	}
	var written uint64
	for ; len(vecs) > 0; vecs = vecs[vecSize:] {
		p, ok := w.view(binary.LittleEndian.Uint32(vecs), binary.LittleEndian.Uint32(vecs[4:]))
		if !ok {
			return wasiFault
		}
		written += uint64(len(p))
		p = p[:min(len(p), 1+w.guest.module.host.config.LogLimit)]
		if uint32(stack[0]) == standardError {
			w.charge(priceHostByte * int64(len(p)))
			w.errorOutput(p)
		}
	}
	return errno(w.store(stack[3], written, 4))
}

// What guests may ask for at once: pieces of one write, subscriptions of one poll.
const (
	maxVecs          = 64
	maxSubscriptions = 64
)

// poll is poll_oneoff(*in, *out, n, *nevents). Waiting moves the guest's clocks on and takes no time; whatever else is
// polled is answered as not open.
func poll(w *machine, stack []uint64) uint64 {
	const subscriptionSize, eventSize = 48, 32
	n := uint32(stack[2])
	if n == 0 || n > maxSubscriptions {
		return wasiInvalid
	}
	in, okIn := w.view(uint32(stack[0]), n*subscriptionSize)
	out, okOut := w.view(uint32(stack[1]), n*eventSize)
	if !okIn || !okOut {
		return wasiFault
	}
	subscriptions := append([]byte(nil), in...) // in and out may overlap
	for i := range n {
		w.event(subscriptions[i*subscriptionSize:], out[i*eventSize:(i+1)*eventSize])
	}
	return errno(w.store(stack[3], uint64(n), 4))
}

// event answers one subscription.
func (w *machine) event(subscription, out []byte) {
	const clock, absolute = 0, 1
	kind := subscription[8]
	clear(out)
	copy(out, subscription[:8]) // the guest's own number for it
	out[10] = kind
	if kind != clock {
		out[8] = wasiBadFile
		return
	}
	id, timeout := binary.LittleEndian.Uint32(subscription[16:]), int64(binary.LittleEndian.Uint64(subscription[24:]))
	if subscription[40]&absolute != 0 {
		timeout -= w.slept + monotonicStart
		if id == clockRealtime {
			timeout -= w.moment.Now*1_000_000 - monotonicStart
		}
	}
	w.slept += min(max(timeout, 0), maxSleep-w.slept)
}

// maxSleep is how far a guest's clocks can run ahead in one call, in ns: a year.
const maxSleep = 365 * 24 * 3600 * 1_000_000_000
