package kit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"restock/core/hook"
)

// language is how plugins in one language are compiled.
type language struct {
	sdk    string   // goes into the manifest: what the plugin was built with
	folder string   // of package sdk
	source string   // the author's file, which new begins
	tools  []string // must be in PATH
	get    string   // how to get them
	// command makes the module file out of the sources in dir; what it has to say or to install first goes to out. nil: the
	// author has compiled it, to otherModule.
	command func(ctx context.Context, dir, module string, out io.Writer) (*exec.Cmd, error)
	// unit runs the author's unit tests, which are native; nil when there are none in dir, or none in the language.
	unit func(ctx context.Context, dir, scratch string) []*exec.Cmd
}

var languages = map[string]language{
	"c": {
		sdk: "c/2", folder: "c", source: "plugin.c",
		tools: []string{"clang", "wasm-ld"},
		get: "install clang and lld, version 14 or newer: Debian and Ubuntu packages `clang lld` (apt install clang lld), " +
			"Fedora `dnf install clang lld`, macOS `brew install llvm lld` with their bin folders in PATH",
		command: compileC,
		unit:    testC,
	},
	"go": {
		sdk: "go/2", folder: "go", source: "plugin.go",
		tools:   []string{"go"},
		get:     "install Go 1.24 or newer from https://go.dev/dl/",
		command: compileGo,
		unit:    testGo,
	},
	"other": {
		command: compileOther,
	},
	"rust": {
		sdk: "rust/1", folder: "rust", source: "plugin.rs",
		tools:   []string{"rustc"},
		get:     getRust,
		command: compileRust,
		unit:    testRust,
	},
	"ts": {
		sdk: "ts/1", folder: "assemblyscript", source: "plugin.ts",
		tools:   []string{"node"},
		get:     getNode,
		command: compileTS,
	},
}

// otherModule is what the author of a plugin in any other language compiles to; build puts the manifest in.
const otherModule = "module.wasm"

func compileOther(_ context.Context, dir, _ string, _ io.Writer) (*exec.Cmd, error) {
	if _, err := os.Stat(filepath.Join(dir, otherModule)); err != nil {
		return nil, fmt.Errorf("finding %s in %s: %w; compile the plugin to it by ABI version 1, which plugins/README.md describes", otherModule, dir, errors.Unwrap(err))
	}
	return nil, nil
}

// place is where a file of an SDK stands in a plugin's SDK folder: Go's command needs a folder of its own.
func (l language) place(file string) string {
	if l.folder == "go" && file == "main.go" {
		return "main/main.go"
	}
	return file
}

// module is the name that a plugin's sources import their SDK by; "" where that is a path in the folder.
func (l language) module(dir string, m hook.Manifest) (string, error) {
	if l.folder != "go" {
		return "", nil
	}
	return goModule(dir, m)
}

// compileDir returns the compiled module. The compiler's warnings go to out, its errors into the error.
func (l language) compileDir(ctx context.Context, dir string, out io.Writer) ([]byte, error) {
	if err := l.findTools(); err != nil {
		return nil, err
	}
	scratch, err := os.MkdirTemp("", "restock-kit-")
	if err != nil {
		return nil, fmt.Errorf("making a folder to compile in: %w", err)
	}
	defer func() { _ = os.RemoveAll(scratch) }() // a temporary folder
	module := filepath.Join(scratch, "module.wasm")
	cmd, err := l.command(ctx, dir, module, out)
	if err != nil {
		return nil, err
	}
	if cmd == nil {
		return readModule(filepath.Join(dir, otherModule))
	}
	if err := run(cmd, dir, out); err != nil {
		return nil, err
	}
	b, err := os.ReadFile(module)
	if err != nil {
		return nil, fmt.Errorf("reading what the compiler made: %w", err)
	}
	return b, nil
}

func (l language) findTools() error {
	for _, tool := range l.tools {
		if _, err := exec.LookPath(tool); err != nil {
			return missing(tool, l.get)
		}
	}
	return nil
}

func missing(tool, get string) error {
	return fmt.Errorf("finding %s: it is not in PATH; %s", tool, get)
}

func run(cmd *exec.Cmd, dir string, out io.Writer) error {
	var said words
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &said, &said
	if cmd.Env == nil {
		cmd.Env = environment()
	}
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return fmt.Errorf("compiling %s: %s says:\n%s", dir, filepath.Base(cmd.Path), strings.TrimSpace(said.String()))
	case err != nil:
		return fmt.Errorf("compiling %s: %w", dir, err)
	}
	if _, err := io.WriteString(out, said.String()); err != nil {
		return fmt.Errorf("writing the compiler's warnings: %w", err)
	}
	return nil
}

func sortedKeys[V any](m map[string]V) string {
	return strings.Join(slices.Sorted(maps.Keys(m)), ", ")
}

// otherKind adds to a compiler's error that the source is of another kind than plugin.yaml says, where it is.
func (l language) otherKind(dir string, kind hook.Kind, err error) error {
	source, cannot := os.ReadFile(filepath.Join(dir, l.source))
	other := hook.KindCondition
	if kind == hook.KindCondition {
		other = hook.KindStep
	}
	defines := func(k hook.Kind) bool {
		form := `(?im)^(export |pub |)(fn|func|function|restock_\w+) ` + string(k) + `\(`
		return regexp.MustCompile(form).Match(source)
	}
	if cannot != nil || defines(kind) || !defines(other) {
		return err
	}
	return fmt.Errorf("%w\nto do: plugin.yaml says kind: %s, and %s has a %s; change one of them (`restock plugin new NAME --kind %s` begins one)",
		err, kind, l.source, other, kind)
}
