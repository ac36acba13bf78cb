package wasm

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sync"

	"github.com/tetratelabs/wazero"
)

// cache keeps compiled code, which is native code: whoever could change it would run anything in this process. So entries
// lie in a folder that is closed to others, under a name that binds them to module and configuration, and with a keyed hash
// of name and content. What holds is copied into a folder of this process alone, from where wazero reads it, and is gone
// from there when it was read.
type cache struct {
	dir  string // of entries; "" when nothing outlives the process
	key  []byte
	live string                  // of this process
	code wazero.CompilationCache // reads and writes live
	kind string                  // wazero's folder below live: its version and the kind of processor
	// processor is what wazero calls the code of a module without anything in it, which changes with what the processor
	// can do. An entry that was made on another one is then not found; wazero would pass it over, and compile the module
	// once more in this process, where nothing limits it.
	processor string

	mu sync.Mutex // one load at a time uses live
}

// How Module.Cached says where compiled code came from.
const (
	CacheNone    = "none"    // there is no cache of Config.CacheDir
	CacheHit     = "hit"     // the entry was good
	CacheMiss    = "miss"    // there was no entry; there is one now
	CacheRefused = "refused" // the entry was damaged or not ours, and was replaced
)

// openCache makes the folders. The entries' folder is made with mode 0700, and refused when others may look into it.
func openCache(c Config) (*cache, error) {
	live, err := os.MkdirTemp("", "wasm-code-") // mode 0700
	if err != nil {
		return nil, fmt.Errorf("making a folder for compiled code: %w", err)
	}
	k := &cache{dir: c.CacheDir, key: c.CacheKey, live: live}
	if err := k.open(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(live))
	}
	return k, nil
}

func (k *cache) open() (err error) {
	if k.code, err = wazero.NewCompilationCacheWithDir(k.live); err != nil {
		return fmt.Errorf("opening the folder for compiled code: %w", err)
	}
	kinds, err := os.ReadDir(k.live)
	if err != nil || len(kinds) != 1 {
		return fmt.Errorf("opening the folder for compiled code: it holds %d folders instead of one: %w", len(kinds), err)
	}
	k.kind = kinds[0].Name()
	if k.dir == "" {
		return nil
	}
	if err := os.MkdirAll(k.dir, 0o700); err != nil {
		return fmt.Errorf("making the cache: %w", err)
	}
	return checkPrivate(k.dir)
}

// knowProcessor finds out cache.processor, once the runtime is there.
func (k *cache) knowProcessor(ctx context.Context, r wazero.Runtime) error {
	m, err := r.CompileModule(ctx, []byte(header))
	if err != nil {
		return fmt.Errorf("compiling an empty module: %w", err)
	}
	defer k.sweep()
	if k.processor, err = k.codeFile(k.live); err != nil {
		return err
	}
	return m.Close(ctx)
}

func checkPrivate(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("opening the cache: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Errorf("opening the cache: %s has mode %o and is open to others; change it to 700 after removing what is in it", dir, mode)
	}
	return nil
}

func (k *cache) close(ctx context.Context) error {
	return errors.Join(k.code.Close(ctx), os.RemoveAll(k.live))
}

// name of the entry for a module: it changes with everything that the compiled code depends on.
func (k *cache) name(c Config, module []byte) string {
	c.Child, c.CacheDir, c.CacheKey = nil, "", nil
	settings, err := json.Marshal(c)
	if err != nil {
		panic(err) // numbers and texts
	}
	h := sha256.New()
	fmt.Fprintf(h, "%d %s %s %d %s", rewriterVersion, k.kind, k.processor, len(settings), settings)
	h.Write(module)
	return hex.EncodeToString(h.Sum(nil))
}

// compiledCode is a file of wazero's.
type compiledCode struct {
	file    string // its name; "" when there is no code
	content []byte
}

// fetch reads the entry's code. It answers one of the constants above beside it.
func (k *cache) fetch(name string) (compiledCode, string) {
	if k.dir == "" {
		return compiledCode{}, CacheNone
	}
	b, err := os.ReadFile(filepath.Join(k.dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return compiledCode{}, CacheMiss
	}
	if err != nil || len(b) < sha256.Size+codeName {
		return compiledCode{}, CacheRefused
	}
	sum, rest := b[:sha256.Size], b[sha256.Size:]
	if !hmac.Equal(sum, k.sum(name, rest)) {
		return compiledCode{}, CacheRefused
	}
	return compiledCode{string(rest[:codeName]), rest[codeName:]}, CacheHit
}

// lay puts code where wazero looks for it. mu is held.
func (k *cache) lay(c compiledCode) error {
	if c.file == "" {
		return nil
	}
	if err := os.WriteFile(filepath.Join(k.live, k.kind, c.file), c.content, 0o600); err != nil {
		return fmt.Errorf("laying out compiled code: %w", err)
	}
	return nil
}

// codeName is the length of the names that wazero gives its files: SHA-256 in hexadecimal digits.
const codeName = 2 * sha256.Size

// sum is the keyed hash of an entry, whose content may come in pieces.
func (k *cache) sum(name string, content ...[]byte) []byte {
	h := hmac.New(sha256.New, k.key)
	h.Write([]byte(name))
	for _, piece := range content {
		h.Write(piece)
	}
	return h.Sum(nil)
}

// codeFile finds the one file of compiled code below a folder of wazero's; "" when there is none.
func (k *cache) codeFile(folder string) (string, error) {
	all, err := os.ReadDir(filepath.Join(folder, k.kind))
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(all) == 0 {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("looking for compiled code: %w", err)
	}
	file := all[0].Name()
	if ok, _ := regexp.MatchString(`^[0-9a-f]{64}$`, file); !ok || len(all) > 1 || !all[0].Type().IsRegular() {
		return "", fmt.Errorf("looking for compiled code: there are %d files, the first is %q", len(all), file)
	}
	return file, nil
}

// read is the code below a folder of wazero's.
func (k *cache) read(folder string) (compiledCode, error) {
	file, err := k.codeFile(folder)
	if err != nil || file == "" {
		return compiledCode{}, err
	}
	path := filepath.Join(folder, k.kind, file)
	info, err := os.Stat(path)
	if err != nil {
		return compiledCode{}, fmt.Errorf("reading compiled code: %w", err)
	}
	if info.Size() > maxCode {
		return compiledCode{}, errCodeTooLarge
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return compiledCode{}, fmt.Errorf("reading compiled code: %w", err)
	}
	return compiledCode{file, content}, nil
}

// maxCode bounds the compiled code of a module, in bytes: a Go program of 2.7 MB has 13 MB, and what takes it over holds it
// several times for a moment.
const maxCode = 24 << 20

var errCodeTooLarge = fmt.Errorf("compiling it makes more than %d bytes of machine code; make the module smaller", maxCode)

// keep makes an entry of what wazero compiled. mu is held.
func (k *cache) keep(name string) error {
	code, err := k.read(k.live)
	if err != nil || code.file == "" || k.dir == "" {
		return err
	}
	return replaceFile(k.dir, name, k.sum(name, []byte(code.file), code.content), []byte(code.file), code.content)
}

// sweep removes compiled code that was read, and whatever else wazero left: one file too many would be in the way of every
// later load.
func (k *cache) sweep() {
	all, _ := os.ReadDir(filepath.Join(k.live, k.kind))
	for _, file := range all {
		_ = os.Remove(filepath.Join(k.live, k.kind, file.Name())) // Close removes the folder anyway
	}
}

// replaceFile writes a file of these pieces at once or not at all.
func replaceFile(dir, name string, content ...[]byte) error {
	temporary, err := os.CreateTemp(dir, name+".*") // mode 0600
	if err != nil {
		return fmt.Errorf("writing to the cache: %w", err)
	}
	for _, piece := range content {
		if err == nil {
			_, err = temporary.Write(piece)
		}
	}
	if err = errors.Join(err, temporary.Close()); err == nil {
		err = os.Rename(temporary.Name(), filepath.Join(dir, name))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("writing to the cache: %w", err), os.Remove(temporary.Name()))
	}
	return nil
}
