package wasm

import (
	"errors"
	"fmt"
	"time"
)

// Config says how guests are bound to this host and what they may consume. The numbers' zero values mean the defaults.
type Config struct {
	// ImportModule is the module name under which guests import log and fail. By convention it carries the major
	// version of the calling convention: a guest for another one is then refused by name.
	ImportModule string
	// Section is the name of the custom section that Module.Section returns.
	Section string
	// BufferExport is the function that every guest must export: (size i32) -> ptr i32, 0 when it has no room.
	BufferExport string
	// ConfigureExport is the function (ptr i32, len i32) -> i32 that takes a configuration; "" when there is none.
	ConfigureExport string

	// BufferSize is what BufferExport is asked for, in bytes: the longest input and configuration.
	// Default DefaultBufferSize, at most MaxBufferSize.
	BufferSize uint32
	// ModuleLimit is the largest module that is loaded, in bytes. Default DefaultModuleLimit.
	ModuleLimit int
	// MemoryLimit is the largest linear memory of an instance, in bytes: a multiple of PageSize up to MaxMemoryLimit.
	// Default DefaultMemoryLimit.
	MemoryLimit int64
	// OutputLimit is the longest output, in bytes. Default DefaultOutputLimit.
	OutputLimit uint32
	// LogLimit is how much text of one call is kept, in bytes; the rest is cut off. Default DefaultLogLimit.
	LogLimit int

	// Fuel is what one call may use: a simple instruction takes 1, opcode.go has the prices. Default DefaultFuel.
	Fuel int64
	// BootFuel is what booting may use, configuration included. Default DefaultBootFuel.
	BootFuel int64
	// StackLimit is how much stack calls within a guest may take, in bytes by an estimate from above: 2 KiB a call, 8 for
	// each local, and the length of the function. Default DefaultStackLimit, which is at most MaxStackLimit.
	StackLimit int64

	// Child is the command, program first, that runs ServeChild on its standard input and output: modules are checked and
	// compiled there, within LoadTime and LoadMemory. Empty: they are in this process, without these limits, and
	// Host.LoadsInProcess says so.
	Child []string
	// LoadTime is the processor time that the child may take for a module, in whole seconds. Default DefaultLoadTime.
	LoadTime time.Duration
	// LoadMemory is the address space that the child may take beyond what it began with, in bytes. Default
	// DefaultLoadMemory.
	LoadMemory int64

	// CacheDir is a folder that keeps compiled code between processes; it must be closed to others and is made if need be.
	// Empty: every process compiles anew.
	CacheDir string
	// CacheKey is the secret that binds the entries of CacheDir to this installation, MinCacheKey bytes or more: an entry
	// that was made under another one is not used.
	CacheKey []byte

	// Profiler hears of the calls within guests; nil: nobody does. It slows them down, changes no fuel, and needs compiled code
	// that is neither a child's nor kept: Child and CacheDir must be empty.
	Profiler Profiler `json:"-"`

	// Interpreter runs guests without compiling them: some 30 times slower, with the same outputs and the same fuel.
	Interpreter bool
	// KeepState leaves an instance as a call left it, instead of resetting it before the next one: to measure what the
	// reset costs, never for guests of strangers. After a Failure it is reset all the same.
	KeepState bool
}

// The defaults of Config, and PageSize, the unit of linear memory (WebAssembly Core 1.0, section 4.2.8), in bytes.
const (
	DefaultBufferSize  = 4 << 10
	MaxBufferSize      = 64 << 10
	DefaultModuleLimit = 4 << 20
	DefaultMemoryLimit = 16 << 20
	MaxMemoryLimit     = 1 << 30
	DefaultOutputLimit = 4 << 10
	DefaultLogLimit    = 4 << 10
	DefaultFuel        = 1_000_000
	DefaultBootFuel    = 20_000_000
	DefaultStackLimit  = 2 << 20
	MaxStackLimit      = 2 << 20
	DefaultLoadTime    = 10 * time.Second
	DefaultLoadMemory  = 1 << 30
	MinCacheKey        = 16
	PageSize           = 64 << 10
)

// maxPages is the largest memory that WebAssembly knows, in pages.
const maxPages = 1 << 16

// Validate says what is wrong with the configuration, everything at once.
func (c Config) Validate() error {
	c = c.withDefaults()
	var errs []error
	bad := func(wrong bool, format string, args ...any) {
		if wrong {
			errs = append(errs, fmt.Errorf("checking plugin host configuration: "+format, args...))
		}
	}
	bad(c.ImportModule == "", "ImportModule is empty; name the module that guests import from")
	bad(c.ImportModule == wasiModule, "ImportModule is %s, which is taken; choose another name", wasiModule)
	bad(c.Section == "", "Section is empty; name the custom section")
	bad(c.Section == nameSection, "Section is %q, which WebAssembly itself defines; choose another name", nameSection)
	bad(c.BufferExport == "", "BufferExport is empty; name the function that says where inputs are written")
	bad(c.BufferExport == c.ConfigureExport, "BufferExport and ConfigureExport are both %q; they must differ", c.BufferExport)
	bad(c.BufferSize > MaxBufferSize, "BufferSize is %d; want at most %d", c.BufferSize, MaxBufferSize)
	bad(c.ModuleLimit < 0, "ModuleLimit is %d; want bytes, or 0 for %d", c.ModuleLimit, DefaultModuleLimit)
	bad(c.MemoryLimit < 0 || c.MemoryLimit > MaxMemoryLimit || c.MemoryLimit%PageSize != 0,
		"MemoryLimit is %d; want a multiple of %d up to %d", c.MemoryLimit, PageSize, MaxMemoryLimit)
	bad(c.LogLimit < 0, "LogLimit is %d; want bytes, or 0 for %d", c.LogLimit, DefaultLogLimit)
	bad(c.Fuel < 0, "Fuel is %d; want units, or 0 for %d", c.Fuel, DefaultFuel)
	bad(c.BootFuel < 0, "BootFuel is %d; want units, or 0 for %d", c.BootFuel, DefaultBootFuel)
	bad(c.StackLimit < 0 || c.StackLimit > MaxStackLimit, "StackLimit is %d; want at most %d bytes", c.StackLimit, MaxStackLimit)
	bad(c.LoadTime < time.Second, "LoadTime is %s; want a second or more, or 0 for %s", c.LoadTime, DefaultLoadTime)
	bad(c.LoadMemory < 0, "LoadMemory is %d; want bytes, or 0 for %d", c.LoadMemory, int64(DefaultLoadMemory))
	bad(c.CacheDir != "" && len(c.CacheKey) < MinCacheKey, "CacheKey has %d bytes; want at least %d, secret and the same at each start", len(c.CacheKey), MinCacheKey)
	bad(c.Profiler != nil && (len(c.Child) > 0 || c.CacheDir != ""), "Profiler is set beside Child or CacheDir; profile without them")
	return errors.Join(errs...)
}

func (c Config) withDefaults() Config {
	orElse(&c.BufferSize, DefaultBufferSize)
	orElse(&c.ModuleLimit, DefaultModuleLimit)
	orElse(&c.MemoryLimit, DefaultMemoryLimit)
	orElse(&c.OutputLimit, DefaultOutputLimit)
	orElse(&c.LogLimit, DefaultLogLimit)
	orElse(&c.Fuel, DefaultFuel)
	orElse(&c.BootFuel, DefaultBootFuel)
	orElse(&c.StackLimit, DefaultStackLimit)
	orElse(&c.LoadTime, DefaultLoadTime)
	orElse(&c.LoadMemory, DefaultLoadMemory)
	return c
}

func orElse[T comparable](v *T, fallback T) {
	var zero T
	if *v == zero {
		*v = fallback
	}
}
