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
	// MemoryLimit is the largest linear memory of an instance, in bytes: a multiple of PageSize up to 4 GiB.
	// Default DefaultMemoryLimit.
	MemoryLimit int64
	// OutputLimit is the longest output, in bytes. Default DefaultOutputLimit.
	OutputLimit uint32
	// LogLimit is how much text of one call is kept, in bytes; the rest is cut off. Default DefaultLogLimit.
	LogLimit int
	// CallTime is how long one call, booting included, may take by the clock. Default DefaultCallTime.
	CallTime time.Duration
}

// The defaults of Config, and PageSize, the unit of linear memory (WebAssembly Core 1.0, section 4.2.8), in bytes.
const (
	DefaultBufferSize  = 4 << 10
	MaxBufferSize      = 64 << 10
	DefaultModuleLimit = 4 << 20
	DefaultMemoryLimit = 16 << 20
	DefaultOutputLimit = 4 << 10
	DefaultLogLimit    = 4 << 10
	DefaultCallTime    = 250 * time.Millisecond
	PageSize           = 64 << 10
)

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
	bad(c.MemoryLimit < 0 || c.MemoryLimit > 4<<30 || c.MemoryLimit%PageSize != 0,
		"MemoryLimit is %d; want a multiple of %d up to 4 GiB", c.MemoryLimit, PageSize)
	bad(c.LogLimit < 0, "LogLimit is %d; want bytes, or 0 for %d", c.LogLimit, DefaultLogLimit)
	bad(c.CallTime < 0, "CallTime is %s; want more than nothing, or 0 for %s", c.CallTime, DefaultCallTime)
	return errors.Join(errs...)
}

func (c Config) withDefaults() Config {
	orElse(&c.BufferSize, DefaultBufferSize)
	orElse(&c.ModuleLimit, DefaultModuleLimit)
	orElse(&c.MemoryLimit, DefaultMemoryLimit)
	orElse(&c.OutputLimit, DefaultOutputLimit)
	orElse(&c.LogLimit, DefaultLogLimit)
	orElse(&c.CallTime, DefaultCallTime)
	return c
}

func orElse[T comparable](v *T, fallback T) {
	var zero T
	if *v == zero {
		*v = fallback
	}
}
