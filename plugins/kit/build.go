// Package kit is what plugin authors work with: from `restock plugin new`, which begins a folder, to push, which hands the
// module to a core node. A plugin's folder holds plugin.yaml, which says what the plugin is, the author's source, fixtures, and
// in the folder restock its SDK, which every build generates from plugin.yaml. The same host that runs plugins in
// production runs them here, with the same limits and the same count of fuel.
package kit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"restock/core/hook"
)

// Build compiles the plugin in the folder dir and writes <name>.wasm into it. What it made, and the compiler's warnings, go
// to out as plain lines. The old module stays when anything is wrong; the error says what and how to mend it.
func Build(ctx context.Context, loader Loader, dir string, out io.Writer) error {
	d, manifest, err := readDeclaration(dir)
	if err != nil {
		return err
	}
	l := languages[d.Lang]
	if err := writeSDK(dir, l, manifest); err != nil {
		return err
	}
	began := time.Now()
	compiled, err := l.compileDir(ctx, dir, out)
	if err != nil {
		return l.otherKind(dir, manifest.Kind, explained(err))
	}
	module := hook.AppendSection(compiled, hook.Section, manifest.Encode())
	p, err := load(ctx, hostConfig(loader), module)
	if err != nil {
		return fmt.Errorf("checking plugin %s: %w", manifest.Name, explained(err))
	}
	file := filepath.Join(dir, manifest.Name+".wasm")
	if err = replace(file, module); err == nil {
		err = os.Chtimes(file, began, began) // a source that was saved meanwhile is newer
	}
	if err = errors.Join(err, p.close(ctx)); err != nil {
		return fmt.Errorf("writing %s: %w", file, err)
	}
	return describe(out, file, module, manifest)
}

// replace writes a file at once or not at all.
func replace(file string, content []byte) error {
	temporary, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*")
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("you may not write into the folder %s; change its owner or mode, or work on a copy: %w", filepath.Dir(file), fs.ErrPermission)
	}
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temporary.Name()) }() // what remains is overwritten by the next build
	_, err = temporary.Write(content)
	err = errors.Join(err, temporary.Chmod(0o644), temporary.Close())
	if err != nil {
		return err
	}
	return os.Rename(temporary.Name(), file)
}

// describe reports what was built: the manifest's essence and where the bytes are.
func describe(out io.Writer, file string, module []byte, m hook.Manifest) error {
	reads := make([]string, len(m.Reads))
	for i, f := range m.Reads {
		reads[i] = f.Path
	}
	_, err := fmt.Fprintf(out, "%s: %s %s %s, reads %s\n%s", file, m.Kind, m.Name, m.Version, orNothing(reads), sizes(module))
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

func orNothing(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}

// isStale says whether a folder's module is missing or older than anything that it is made of.
func isStale(dir, module string) (bool, error) {
	built, err := os.Stat(module)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	newest, err := newestSource(dir)
	return newest.After(built.ModTime()), err
}
