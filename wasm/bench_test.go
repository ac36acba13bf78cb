package wasm

import (
	"fmt"
	"path/filepath"
	"testing"
)

// One call of a guest that does next to nothing: what the host adds, with the instance kept and reset in each way.
func BenchmarkWorker(b *testing.B) {
	for _, guest := range []struct {
		name, export string
		code         []byte
	}{{"C", "echo", hostileModule}, {"Go", "upper", buildGoGuest(b)}} {
		for _, keep := range []bool{true, false} {
			for name, kind := range kinds(b) {
				if keep && kind != memoryAuto {
					continue
				}
				c := testConfig()
				c.KeepState = keep
				w := workerOn(b, hostWith(b, c, kind), guest.code)
				b.Run(fmt.Sprintf("%s/kept=%v/%s", guest.name, keep, name), func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						if _, err := w.Call(guest.export, []byte("hello"), Moment{}); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
	}
}

// What loading consists of, for a guest in Go.
func BenchmarkLoad(b *testing.B) {
	code := buildGoGuest(b)
	c := testConfig().withDefaults()
	b.Run("parse", func(b *testing.B) {
		for b.Loop() {
			if _, err := outlineOf(code, c.Section, c.MemoryLimit); err != nil {
				b.Fatal(err)
			}
		}
	})
	o, err := outlineOf(code, c.Section, c.MemoryLimit)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("validate", func(b *testing.B) {
		for b.Loop() {
			if err := validate(b.Context(), o); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("meter", func(b *testing.B) {
		for b.Loop() {
			if _, err := meterModule(o, c.MemoryLimit); err != nil {
				b.Fatal(err)
			}
		}
	})
	cached := testConfig()
	cached.CacheDir, cached.CacheKey = filepath.Join(b.TempDir(), "code"), make([]byte, MinCacheKey)
	load := func(b *testing.B, c Config) {
		h, err := New(b.Context(), c)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := h.Load(b.Context(), code); err != nil {
			b.Fatal(err)
		}
		if err := h.Close(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	load(b, cached)
	for name, c := range map[string]Config{"in process": testConfig(), "by a child": childConfig(b), "from the cache": cached} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				load(b, c)
			}
		})
	}
}
