package wasm

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func cacheConfig(dir string) Config {
	c := testConfig()
	c.CacheDir, c.CacheKey = dir, []byte("a key of this installation")
	return c
}

// loadOnce loads a module in a host of its own, as after a new start, and says where the code came from.
func loadOnce(t *testing.T, c Config, code []byte) string {
	t.Helper()
	h := newHost(t, c)
	defer h.Close(context.Background())
	m, err := h.Load(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	g, err := m.Boot(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := g.Call(t.Context(), "echo", []byte("here")); err != nil || string(out) != "here" {
		t.Errorf("the loaded module answers %q, %v", out, err)
	}
	return m.Cached()
}

func theEntry(t *testing.T, dir string) string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(all) != 1 {
		t.Fatalf("the cache holds %v, %v; want one entry", all, err)
	}
	return all[0]
}

func TestCache(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "code")
	child := childConfig(t)
	child.CacheDir, child.CacheKey = dir, cacheConfig("").CacheKey
	steps := []struct {
		name string
		edit func(*Config)
		code []byte
		want string
	}{
		{"the first time", nil, small(), CacheMiss},
		{"the second time", nil, small(), CacheHit},
		{"another module", nil, withEcho("\x20\x00\xad\x42\x20\x86\x20\x01\xad\x84"), CacheMiss},
		{"another limit, for which it would be checked anew", func(c *Config) { c.MemoryLimit = PageSize }, small(), CacheMiss},
		{"another key", func(c *Config) { c.CacheKey = []byte("the key of another installation") }, small(), CacheRefused},
		{"the old key, after the entry was replaced", nil, small(), CacheRefused},
		{"the old key again", nil, small(), CacheHit},
	}
	for _, tt := range steps {
		c := cacheConfig(dir)
		if tt.edit != nil {
			tt.edit(&c)
		}
		if got := loadOnce(t, c, tt.code); got != tt.want {
			t.Errorf("%s: compiled code came from %s, want %s", tt.name, got, tt.want)
		}
	}
	if got := loadOnce(t, child, hostileModule); got != CacheMiss {
		t.Errorf("a child's first: %s", got)
	}
	if got := loadOnce(t, child, hostileModule); got != CacheHit {
		t.Errorf("a child's second: %s", got)
	}
}

// No change to an entry goes unseen, and neither does an entry under the name of another.
func TestCacheRefusesChangedEntries(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "code")
	c := cacheConfig(dir)
	loadOnce(t, c, small())
	entry := theEntry(t, dir)
	good, err := os.ReadFile(entry)
	if err != nil {
		t.Fatal(err)
	}
	change := func(at int) []byte {
		b := append([]byte(nil), good...)
		b[at] ^= 1
		return b
	}
	for name, bad := range map[string][]byte{
		"empty": nil, "cut off": good[:len(good)-1], "in the sum": change(0), "in the name": change(40),
		"in the code": change(len(good) - 100), "longer": append(append([]byte(nil), good...), 0),
	} {
		if err := os.WriteFile(entry, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if got := loadOnce(t, c, small()); got != CacheRefused {
			t.Errorf("an entry changed (%s): code came from %s", name, got)
		}
	}
	if got := loadOnce(t, c, small()); got != CacheHit {
		t.Errorf("after it was replaced: %s", got)
	}
	other := newHost(t, c)
	if err := os.Rename(entry, filepath.Join(dir, other.cache.name(c.withDefaults(), withEcho("\x42\x00")))); err != nil {
		t.Fatal(err)
	}
	m, err := other.Load(t.Context(), withEcho("\x42\x00"))
	if err != nil || m.Cached() != CacheRefused {
		t.Errorf("under another's name it is taken: %v", err)
	}
}

func TestCacheIsPrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "code")
	c := cacheConfig(dir)
	loadOnce(t, c, small())
	for path, want := range map[string]os.FileMode{dir: 0o700, theEntry(t, dir): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, %v; want %v", path, info.Mode(), err, want)
		}
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := New(t.Context(), c); err == nil || !strings.Contains(err.Error(), "is open to others; change it to 700") {
		t.Errorf("an open folder is taken: %v", err)
	}
	c.CacheKey = []byte("short")
	if _, err := New(t.Context(), c); err == nil || !strings.Contains(err.Error(), "CacheKey has 5 bytes") {
		t.Errorf("a short key is taken: %v", err)
	}
}

// A processor that can do other things makes other code: its entries stand beside, and none is compiled behind the child's
// back.
func TestCacheKnowsTheProcessor(t *testing.T) {
	c := cacheConfig(filepath.Join(t.TempDir(), "code"))
	loadOnce(t, c, small())
	h := newHost(t, c)
	if len(h.cache.processor) != codeName {
		t.Errorf("the processor is called %q", h.cache.processor)
	}
	h.cache.processor = strings.Repeat("0", codeName)
	if m, err := h.Load(t.Context(), small()); err != nil || m.Cached() != CacheMiss {
		t.Errorf("on another processor: %v", err)
	}
	if got := loadOnce(t, c, small()); got != CacheHit {
		t.Errorf("back on the first one code came from %s", got)
	}
}

// Code that wazero does not know as its own must not lie in the way of the loads that follow.
func TestCacheSweepsAll(t *testing.T) {
	c := cacheConfig(filepath.Join(t.TempDir(), "code"))
	loadOnce(t, c, small())
	entry := theEntry(t, c.CacheDir)
	h := newHost(t, c)
	name := filepath.Base(entry)
	content, found := h.cache.fetch(name)
	if found != CacheHit {
		t.Fatal(found)
	}
	strange := append([]byte(strings.Repeat("ab", codeName/2)), content.content...)
	if err := os.WriteFile(entry, append(h.cache.sum(name, strange), strange...), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, code := range [][]byte{small(), withEcho("\x42\x00")} {
		if _, err := h.Load(t.Context(), code); err != nil {
			t.Error(err)
		}
	}
}
