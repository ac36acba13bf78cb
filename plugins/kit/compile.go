package kit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"restock/plugins/sdk"
)

// language is how plugins in one language are compiled.
type language struct {
	sdk   string   // goes into the manifest: what the plugin was built with
	tools []string // must be in PATH
	get   string   // how to get them
	// compile makes the module file out of the sources in dir; scratch is an empty folder of its own.
	compile func(ctx context.Context, dir, scratch, module string) *exec.Cmd
}

var languages = map[string]language{
	"c": {
		sdk:   "c/1",
		tools: []string{"clang", "wasm-ld"},
		get: "install clang and lld, version 14 or newer: Debian and Ubuntu packages `clang lld` (apt install clang lld), " +
			"Fedora `dnf install clang lld`, macOS `brew install llvm lld` with their bin folders in PATH",
		compile: compileC,
	},
	"go": {
		sdk:     "go/1",
		tools:   []string{"go"},
		get:     "install Go 1.24 or newer from https://go.dev/dl/",
		compile: compileGo,
	},
}

// cFlags make a small module whose bytes depend on nothing but sources and compiler: no library, no paths, no compiler
// version inside. The stack lies below the data, so that overflowing it traps instead of writing over variables.
var cFlags = []string{
	"--target=wasm32", "-std=c11", "-O2", "-ffreestanding", "-nostdlib", "-mbulk-memory",
	"-fvisibility=hidden", "-fno-ident", "-Wall", "-Wextra",
	"-Wl,--no-entry", "-Wl,--stack-first", "-Wl,-z,stack-size=16384", "-Wl,--strip-debug",
}

func compileC(ctx context.Context, dir, scratch, module string) *exec.Cmd {
	args := append(slices.Clone(cFlags), "-I", scratch, "-o", module)
	sources, _ := filepath.Glob(filepath.Join(dir, "*.c")) // sorted; the pattern is well formed
	for _, s := range sources {
		args = append(args, "./"+filepath.Base(s))
	}
	return exec.CommandContext(ctx, "clang", args...)
}

func compileGo(ctx context.Context, _, _, module string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", "build", "-buildmode=c-shared", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", module, ".")
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	return cmd
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
	if err := os.WriteFile(filepath.Join(scratch, "restock.h"), sdk.RestockH(), 0o644); err != nil {
		return nil, fmt.Errorf("writing the SDK: %w", err)
	}
	module := filepath.Join(scratch, "module.wasm")
	if err := run(l.compile(ctx, dir, scratch, module), dir, out); err != nil {
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
			return fmt.Errorf("finding %s: it is not in PATH; %s", tool, l.get)
		}
	}
	return nil
}

func run(cmd *exec.Cmd, dir string, out io.Writer) error {
	var said bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &said, &said
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return fmt.Errorf("compiling %s: %s says:\n%s", dir, filepath.Base(cmd.Path), strings.TrimSpace(said.String()))
	case err != nil:
		return fmt.Errorf("compiling %s: %w", dir, err)
	}
	if _, err := said.WriteTo(out); err != nil {
		return fmt.Errorf("writing the compiler's warnings: %w", err)
	}
	return nil
}

func sortedKeys[V any](m map[string]V) string {
	return strings.Join(slices.Sorted(maps.Keys(m)), ", ")
}
