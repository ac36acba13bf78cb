package wasm

import (
	"context"
	"math/rand/v2"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"github.com/tetratelabs/wazero/sys"
)

const wasiModule = wasi_snapshot_preview1.ModuleName

// The functions of WASI preview 1 that are offered: those that language runtimes want in order to start and to die, and
// that have the same answer on every machine.
// https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md
var deterministicWASI = [...]string{
	"args_get", "args_sizes_get", "environ_get", "environ_sizes_get", // empty
	"clock_time_get",                                                                                                              // stands still
	"random_get",                                                                                                                  // the same bytes in every instance
	"fd_close", "fd_fdstat_get", "fd_fdstat_set_flags", "fd_prestat_get", "fd_prestat_dir_name", "fd_read", "fd_seek", "fd_write", // no files; standard input is empty
	"poll_oneoff", "sched_yield", // return at once
	"proc_exit",
}

// instantiateWASI makes the whole module; checkImport lets guests have only the deterministic part.
func (h *Host) instantiateWASI(ctx context.Context) (api.Module, error) {
	b := h.runtime.NewHostModuleBuilder(wasiModule)
	wasi_snapshot_preview1.NewFunctionExporter().ExportFunctions(b)
	return b.Instantiate(ctx)
}

func deterministic(all map[string]api.FunctionDefinition) map[string]api.FunctionDefinition {
	some := make(map[string]api.FunctionDefinition, len(deterministicWASI))
	for _, name := range deterministicWASI {
		some[name] = all[name]
	}
	return some
}

// The clock that guests see: both stand still, one at 1970-01-01T00:00:00Z; the other, in ns, not at 0, which Go's
// runtime takes for a broken clock.
const (
	wallSeconds   = 0
	monotonicTime = 1
)

// moduleConfig is a world without names, arguments, environment, files, time and chance. Standard output is discarded.
func (c *call) moduleConfig() wazero.ModuleConfig {
	return wazero.NewModuleConfig().
		WithName("").
		WithStartFunctions("_initialize").
		WithStderr(errorWriter{c}).
		WithWalltime(func() (int64, int32) { return wallSeconds, 0 }, sys.ClockResolution(1)).
		WithNanotime(func() int64 { return monotonicTime }, sys.ClockResolution(1)).
		WithRandSource(rand.NewChaCha8([32]byte{}))
}
