package wasm

import (
	"bytes"
	"context"
	_ "embed"
	"strings"
	"testing"
	"time"
)

//go:embed testdata/hostile.wasm
var hostileModule []byte

func testConfig() Config {
	return Config{ImportModule: "host1", Section: "about", BufferExport: "buffer", ConfigureExport: "configure"}
}

func newHost(t testing.TB, c Config) *Host {
	t.Helper()
	h, err := New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close(context.Background()) })
	return h
}

func TestLoadTakes(t *testing.T) {
	tests := []struct {
		name    string
		module  []byte
		section string
		exports []string
	}{
		{"the smallest module", small(), "", []string{"buffer", "echo"}},
		{"a section", append(small(), custom("about", "me")...), "me", nil},
		{"another section", append(small(), custom("other", "me")...), "", nil},
		{"a damaged name section", append(small(), custom("name", "\x01\x05\xff\xff\xff\xff\x0f")...), "", []string{"echo"}},
		{"a good name section", append(small(), custom("name", "\x01\x07\x01\x01\x04echo")...), "", []string{"echo"}},
		{"a table without a largest size", module(smallTypes, smallFunctions, section(tableSection, vector("\x70\x00\x01")), smallMemory, smallExports, smallCode), "", nil},
		{"C with imports", hostileModule, "", []string{"echo", "configure"}},
	}
	h := newHost(t, testConfig())
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := h.Load(t.Context(), tt.module)
			if err != nil {
				t.Fatal(err)
			}
			defer m.Close(t.Context())
			if got := string(m.Section()); got != tt.section {
				t.Errorf("Section() = %q, want %q", got, tt.section)
			}
			for _, name := range tt.exports {
				if !m.Exports(name) {
					t.Errorf("Exports(%q) = false", name)
				}
			}
			if m.Exports("no such function") || m.Exports("memory") {
				t.Error("Exports answers true for what is no function")
			}
		})
	}
}

func TestLoadRefuses(t *testing.T) {
	importing := func(imports ...string) []byte {
		return module(smallTypes, section(importSection, vector(imports...)), smallFunctions, smallMemory, smallExports, smallCode)
	}
	exporting := func(exports ...string) []byte {
		return module(smallTypes, smallFunctions, smallMemory, section(exportSection, vector(exports...)), smallCode)
	}
	memory := func(limits string) []byte {
		return module(smallTypes, smallFunctions, section(memorySection, vector(limits)), smallExports, smallCode)
	}
	table := func(t string) []byte {
		return module(smallTypes, smallFunctions, section(tableSection, vector(t)), smallMemory, smallExports, smallCode)
	}
	bodies := func(functions ...string) []byte {
		return module(smallTypes, smallFunctions, smallMemory, smallExports, section(codeSection, vector(functions...)))
	}
	tests := []struct {
		name   string
		module []byte
		want   string // in the error
	}{
		{"nothing", nil, "not a WebAssembly module"},
		{"garbage", []byte("#!/bin/sh\nexit 0\n"), "not a WebAssembly module"},
		{"a component", []byte("\x00asm\x0d\x00\x01\x00"), "not a WebAssembly module of version 1"},
		{"half a module", small()[:40], "damaged"},
		{"an unknown section", append(small(), section(99, "")...), "section 0x63 is not known"},
		{"too many bytes", append(small(), custom("fat", strings.Repeat("x", 8<<10))...), "the limit is 8192; strip"},
		{"two sections", append(small(), custom("about", "me")+custom("about", "you")...), `"about" is there twice`},
		{"code that is not valid", bodies(bufferCode, code("\x20\x00")), "compiling it: invalid function[1]"},
		{"the decoder bomb of 17 bytes", []byte(header + "\x01\x07\xff\xff\xff\xff\x0f\x60\x00"), "the limit is 4096"},
		{"a function that says it has 4 G locals", bodies(bufferCode, body("\x01\xff\xff\xff\xff\x0f\x7e", "\x20\x00\xad")), "4294967295 locals in function 1"},
		{"a name longer than the file", importing("\xff\xff\xff\x7fenv"), "section import says that"},
		{"a memory of 17 MiB", memory("\x00\x90\x02"), "17825792 bytes, the limit is 16777216; give less"},
		{"a shared memory", memory("\x03\x01\x02"), "without threads"},
		{"a table of 100 M elements", table("\x70\x00\x80\xc2\xd7\x2f"), "a table of 100000000 elements"},
		{"no memory at all", module(smallTypes, smallFunctions, section(exportSection, vector(named("buffer")+"\x00\x00")), smallCode), `exports no memory named "memory"`},
		{"a memory that is not exported", exporting(named("buffer") + "\x00\x00"), `exports no memory named "memory"`},
		{"no buffer export", exporting(named("memory") + "\x02\x00"), `exports no function "buffer"; export one of type (i32) -> (i32)`},
		{"a buffer export of another type", exporting(named("memory")+"\x02\x00", named("buffer")+"\x00\x01"), "buffer as (i32, i32) -> (i64); want (i32) -> (i32)"},
		{"a configure export of another type", exporting(named("memory")+"\x02\x00", named("buffer")+"\x00\x00", named("configure")+"\x00\x00"), "configure as (i32) -> (i32); want (i32, i32) -> (i32)"},
		{"an import from nowhere", importing(named("env") + named("puts") + "\x00\x00"), "imports env.puts; only functions of host1, wasi_snapshot_preview1"},
		{"an import of an unknown function", importing(named("host1") + named("launch") + "\x00\x00"), "imports host1.launch, which this host does not have; there are: fail, log"},
		{"an import of another version", importing(named("host2") + named("log") + "\x00\x02"), "imports host2.log"},
		{"an import by a wrong type", importing(named("host1") + named("log") + "\x00\x01"), "imports host1.log as (i32, i32) -> (i64); its type is (i32, i32, i32) -> ()"},
		{"an import of files", importing(named("wasi_snapshot_preview1") + named("path_open") + "\x00\x00"), "imports wasi_snapshot_preview1.path_open"},
		{"a reference", bodies(bufferCode, code("\xd0\x70\x1a\x42\x00")), "instruction 0xd0, which is not supported; compile without reference types"},
		{"an imported memory", importing(named("env") + named("memory") + "\x02\x00"), "env.memory, which is a memory; only functions"},
	}
	c := testConfig()
	c.ModuleLimit = 8 << 10
	h := newHost(t, c)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := h.Load(t.Context(), tt.module)
			if err == nil || !strings.HasPrefix(err.Error(), "loading module: ") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Load = %v, want an error that says %q", err, tt.want)
			}
		})
	}
}

func TestConfigValidate(t *testing.T) {
	tests := []struct {
		name string
		edit func(*Config)
		want string // "" : valid
	}{
		{"defaults", func(*Config) {}, ""},
		{"no configure function", func(c *Config) { c.ConfigureExport = "" }, ""},
		{"no import module", func(c *Config) { c.ImportModule = "" }, "ImportModule is empty"},
		{"WASI's name", func(c *Config) { c.ImportModule = "wasi_snapshot_preview1" }, "which is taken"},
		{"no section", func(c *Config) { c.Section = "" }, "Section is empty"},
		{"the name section", func(c *Config) { c.Section = "name" }, "WebAssembly itself"},
		{"no buffer", func(c *Config) { c.BufferExport = "" }, "BufferExport is empty"},
		{"one export for two", func(c *Config) { c.ConfigureExport = "buffer" }, "must differ"},
		{"a huge buffer", func(c *Config) { c.BufferSize = MaxBufferSize + 1 }, "at most 65536"},
		{"half a page", func(c *Config) { c.MemoryLimit = 100_000 }, "multiple of 65536"},
		{"8 GiB", func(c *Config) { c.MemoryLimit = 8 << 30 }, "up to 1073741824"},
		{"half a second", func(c *Config) { c.LoadTime = time.Second / 2 }, "LoadTime is 500ms"},
		{"no fuel", func(c *Config) { c.Fuel, c.BootFuel = -1, -1 }, "BootFuel is -1"},
		{"a deep stack", func(c *Config) { c.StackLimit = MaxStackLimit + 1 }, "StackLimit is 2097153"},
		{"negative sizes", func(c *Config) { c.ModuleLimit, c.LogLimit = -1, -1 }, "LogLimit is -1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := testConfig()
			tt.edit(&c)
			_, err := New(t.Context(), c)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("New = %v, want %q", err, tt.want)
			}
		})
	}
}

func FuzzLoad(f *testing.F) {
	addGallery(f, 4<<10)
	f.Add(small())
	f.Add(hostileModule)
	f.Add([]byte(header + "\x01\x07\xff\xff\xff\xff\x0f\x60\x00"))
	f.Add(append(small(), custom("name", "\x01\x07\x01\x01\x04echo")...))
	f.Add(module(smallTypes, smallFunctions, section(tableSection, vector("\x70\x00\x02")), smallMemory, section(globalSection, vector("\x7f\x01\x41\x00\x0b")),
		smallExports, section(elementSection, vector("\x00\x41\x00\x0b\x01\x00")), section(dataCountSection, "\x01"), smallCode, section(dataSection, vector("\x00\x41\x00\x0b\x01x"))))
	c := testConfig()
	c.ModuleLimit = 4 << 10
	h, err := New(context.Background(), c)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		before := bytes.Clone(b)
		m, err := h.Load(t.Context(), b)
		if !bytes.Equal(b, before) {
			t.Fatal("Load changed the module")
		}
		if err != nil {
			return
		}
		defer m.Close(t.Context())
		if !m.Exports("buffer") {
			t.Error("a module without buffer export was loaded")
		}
		if g, err := m.Boot(t.Context(), nil); err == nil {
			_, _ = g.Call(t.Context(), "echo", []byte("input"))
		}
	})
}
