package kit

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"restock/wasm"
)

// sizes says what a module's bytes are for, in one line: sections by WebAssembly Core 2.0, section 5.5.
func sizes(module []byte) string {
	const code, data = 10, 11
	of := map[string]int{}
	total := len(module)
	rest := module[min(8, total):]
	for len(rest) > 0 {
		id := rest[0]
		n, width := binary.Uvarint(rest[1:])
		if width <= 0 || n > uint64(len(rest)-1-width) {
			break // load has found it sound; a report needs not complain
		}
		content := rest[1+width:][:n]
		rest = rest[1+width+int(n):]
		switch {
		case id == code:
			of["code"] += len(content)
		case id == data:
			of["data"] += len(content)
		case id == 0 && customName(content) == "name":
			of["names"] += len(content)
		}
	}
	other := total - of["code"] - of["data"] - of["names"]
	return fmt.Sprintf("%d bytes (%s of the limit): code %d, data %d, function names %d, other %d\n",
		total, percent(int64(total), wasm.DefaultModuleLimit), of["code"], of["data"], of["names"], other)
}

func customName(content []byte) string {
	n, width := binary.Uvarint(content)
	if width <= 0 || n > uint64(len(content)-width) {
		return ""
	}
	return string(content[width:][:n])
}

// percent is a share of a limit: whole, or with a decimal below 10.
func percent(part, limit int64) string {
	p := float64(part) * 100 / float64(limit)
	if p < 10 {
		return fmt.Sprintf("%.1f %%", p)
	}
	return fmt.Sprintf("%.0f %%", p)
}

// newestSource is when anything in a plugin's folder was changed that its module is made of.
func newestSource(dir string) (time.Time, error) {
	return newest(dir, func(folder string) bool { return folder == fixturesFolder || foreignFolder(folder) })
}

// newestOf is when anything in a plugin's folder was changed by its author that tells how it runs: sources and fixtures.
func newestOf(dir string) (time.Time, error) {
	return newest(dir, func(folder string) bool { return folder == sdkFolder || foreignFolder(folder) })
}

func foreignFolder(name string) bool {
	return name == "node_modules" || name == "target" || strings.HasPrefix(name, ".")
}

func newest(dir string, skip func(folder string) bool) (last time.Time, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if path != dir && errors.Is(err, fs.ErrNotExist) {
			return nil // a folder that went meanwhile
		}
		if err != nil {
			return err
		}
		if d.IsDir() {
			if path != dir && skip(d.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		ext := filepath.Ext(path)
		if ext == ".wasm" && d.Name() != otherModule || ext == ".md" || strings.HasPrefix(d.Name(), ".") || strings.Contains(d.Name(), ".wasm.") {
			return nil
		}
		info, err := os.Stat(path) // of a link, what it leads to
		if errors.Is(err, fs.ErrNotExist) {
			return nil // an editor's file that went meanwhile
		}
		if err == nil && info.ModTime().After(last) {
			last = info.ModTime()
		}
		return err
	})
	return last, err
}
