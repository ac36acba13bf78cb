package kit

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// errLarge is of a file that has more bytes than it may have.
var errLarge = errors.New("the file is too large")

// readFile reads a file of a plugin's folder of at most limit bytes; a larger one is errLarge. The folder may be a stranger's: what is
// no regular file, whose end may never come, is not opened.
func readFile(file string, limit int64) ([]byte, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file; put one in its place", file)
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("%s has more than %d bytes: %w", file, limit, errLarge)
	}
	return b, err
}

// refuseLink is an error when a folder that the kit writes into is a link: in a stranger's plugin it may lead anywhere.
func refuseLink(folder string) error {
	info, err := os.Lstat(folder)
	if err == nil && info.Mode()&os.ModeSymlink != 0 {
		return fmt.Errorf("%s is a link, and what the kit writes there would overwrite what it leads to; remove it", folder)
	}
	return nil // what is not there is made
}

// environment is what compilers and unit tests are started with: ours without restock's own variables, which hold tokens and
// secrets, and with more.
func environment(more ...string) []string {
	ours := func(v string) bool { return strings.HasPrefix(v, "RESTOCK_") }
	return append(slices.DeleteFunc(os.Environ(), ours), more...)
}

// maxSaid is how much is kept of what a compiler or a unit test says, in bytes.
const maxSaid = 64 << 10

// words keeps the first maxSaid bytes that a program says, and lets it go on.
type words struct {
	kept []byte
	cut  bool
}

// Write never fails.
func (w *words) Write(p []byte) (int, error) {
	n := min(len(p), maxSaid-len(w.kept))
	w.kept, w.cut = append(w.kept, p[:n]...), w.cut || n < len(p)
	return len(p), nil
}

// String is what was said.
func (w *words) String() string {
	if w.cut {
		return fmt.Sprintf("%s\n… and more than these %d bytes\n", w.kept, maxSaid)
	}
	return string(w.kept)
}
