package kit

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"restock/core/hook"
)

// cFlags make a small module whose bytes depend on nothing but sources and compiler: no library, no paths, no compiler
// version inside. Names stay, for stack traces. The stack lies below the data, so that overflowing it traps instead of
// writing over variables.
var cFlags = []string{
	"--target=wasm32", "-std=c11", "-O2", "-ffreestanding", "-nostdlib", "-mbulk-memory",
	"-fvisibility=hidden", "-fno-ident", "-Wall", "-Wextra",
	"-Wl,--no-entry", "-Wl,--stack-first", "-Wl,-z,stack-size=16384", "-Wl,--strip-debug",
}

func compileC(ctx context.Context, dir, module string, _ io.Writer) (*exec.Cmd, error) {
	args := append(slices.Clone(cFlags), "-o", module)
	found := sources(dir, "*.c", "_test.c")
	if len(found) == 0 {
		return nil, fmt.Errorf("compiling %s: there is no .c file; write plugin.c, or begin anew by `restock plugin new`", dir)
	}
	return exec.CommandContext(ctx, "clang", append(args, found...)...), nil
}

// sources are the files in dir, sorted, without tests.
func sources(dir, pattern, test string) (names []string) {
	found, _ := filepath.Glob(filepath.Join(dir, pattern)) // the pattern is well formed
	for _, f := range found {
		if !strings.HasSuffix(f, test) {
			names = append(names, "./"+filepath.Base(f))
		}
	}
	return names
}

func testC(ctx context.Context, dir, scratch string) []*exec.Cmd {
	tests, _ := filepath.Glob(filepath.Join(dir, "*_test.c"))
	var cmds []*exec.Cmd
	for _, t := range tests {
		program := filepath.Join(scratch, strings.TrimSuffix(filepath.Base(t), ".c"))
		cmds = append(cmds,
			exec.CommandContext(ctx, "clang", "-std=c11", "-g", "-Wall", "-Wextra", "-o", program, "./"+filepath.Base(t)),
			exec.CommandContext(ctx, program))
	}
	return cmds
}

// compileGo leaves out debugging information, and keeps the names of functions for stack traces.
func compileGo(ctx context.Context, _, module string, _ io.Writer) (*exec.Cmd, error) {
	cmd := exec.CommandContext(ctx, "go", "build", "-buildmode=c-shared", "-trimpath", "-buildvcs=false", "-ldflags=-w", "-o", module, "./"+sdkFolder+"/main")
	cmd.Env = environment("GOOS=wasip1", "GOARCH=wasm", "GOFLAGS=-trimpath", "GOEXPERIMENT=", "GOWASM=", "GOWORK=off") // an empty GOFLAGS is that of `go env -w`
	return cmd, nil
}

func testGo(ctx context.Context, dir, _ string) []*exec.Cmd {
	if tests, _ := filepath.Glob(filepath.Join(dir, "*_test.go")); len(tests) == 0 {
		return nil
	}
	cmd := exec.CommandContext(ctx, "go", "test", "-timeout", unitTime.String(), ".")
	cmd.Env = environment("GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH, "GOWORK=off")
	return []*exec.Cmd{cmd}
}

// goModule is the module's name in the folder's go.mod.
func goModule(dir string, m hook.Manifest) (string, error) {
	b, err := readFile(filepath.Join(dir, "go.mod"), maxDeclaration)
	if err != nil {
		return "", fmt.Errorf("reading the plugin's go.mod: %w; run `go mod init %s` in %s", err, m.Name, dir)
	}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "module" {
			return strings.Trim(f[1], `"`), nil
		}
	}
	return "", fmt.Errorf("reading the plugin's go.mod: it names no module; run `go mod init %s` in %s", m.Name, dir)
}

// wasmTarget is what plugins in Rust are compiled for.
const wasmTarget = "wasm32-unknown-unknown"

const getRust = "install Rust with the target " + wasmTarget + ": `rustup target add " + wasmTarget + "` (https://rustup.rs), " +
	"or the Debian and Ubuntu packages `rustc libstd-rust-dev-wasm32 lld`"

func compileRust(ctx context.Context, dir, module string, _ io.Writer) (*exec.Cmd, error) {
	rustc, linker, err := findRust(ctx, dir)
	if err != nil {
		return nil, err
	}
	args := []string{
		"--edition", "2021", "--crate-name", "plugin", "--crate-type", "cdylib", "--target", wasmTarget,
		"-C", "opt-level=3", "-C", "lto", "-C", "codegen-units=1", "-C", "panic=abort", "-C", "strip=debuginfo",
		"-C", "link-arg=-zstack-size=65536", "-C", "link-arg=--stack-first", "-o", module,
	}
	if linker != "" {
		args = append(args, "-C", "linker="+linker)
	}
	return exec.CommandContext(ctx, rustc, append(args, sdkFolder+"/main.rs")...), nil
}

// findRust is the first rustc in PATH that has the standard library for the target, and the linker to hand to it; "" when it
// has one of its own. Several may be there: a distribution's beside rustup's.
func findRust(ctx context.Context, dir string) (rustc, linker string, err error) {
	for _, folder := range filepath.SplitList(os.Getenv("PATH")) {
		rustc = filepath.Join(folder, "rustc")
		if _, err := exec.LookPath(rustc); err != nil {
			continue
		}
		libraries := ask(ctx, dir, rustc, "--print", "target-libdir", "--target", wasmTarget)
		if found, _ := filepath.Glob(filepath.Join(libraries, "libstd-*.rlib")); libraries == "" || len(found) == 0 {
			continue
		}
		own, _ := filepath.Glob(filepath.Join(ask(ctx, dir, rustc, "--print", "sysroot"), "lib", "rustlib", "*", "bin", "rust-lld"))
		if len(own) > 0 {
			return rustc, "", nil
		}
		if _, err := exec.LookPath("wasm-ld"); err != nil {
			return "", "", missing("wasm-ld", getRust)
		}
		return rustc, "wasm-ld", nil
	}
	return "", "", fmt.Errorf("finding rustc: none in PATH can compile for %s; %s", wasmTarget, getRust)
}

// ask is what a tool prints; "" when it fails.
func ask(ctx context.Context, dir, tool string, args ...string) string {
	cmd := exec.CommandContext(ctx, tool, args...)
	cmd.Dir, cmd.Env = dir, environment()
	out, err := cmd.Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

func testRust(ctx context.Context, dir, scratch string) []*exec.Cmd {
	b, err := os.ReadFile(filepath.Join(dir, "plugin.rs"))
	if err != nil || !strings.Contains(string(b), "#[test]") {
		return nil
	}
	rustc, _, err := findRust(ctx, dir)
	if err != nil {
		rustc = "rustc" // it says itself what is wrong
	}
	program := filepath.Join(scratch, "unit")
	return []*exec.Cmd{
		exec.CommandContext(ctx, rustc, "--edition", "2021", "--test", "--crate-name", "plugin", "-o", program, sdkFolder+"/main.rs"),
		exec.CommandContext(ctx, program, "--quiet"),
	}
}

const getNode = "install Node.js 18 or newer with npm: https://nodejs.org, Debian and Ubuntu packages `nodejs npm`, macOS `brew install node`"

// compileTS uses a runtime that never frees: the host resets after each contact, which costs less than collecting garbage. The compiler is
// shown no asconfig.json: one would change the module, and could name programs to be run.
func compileTS(ctx context.Context, dir, module string, out io.Writer) (*exec.Cmd, error) {
	compiler, err := findCompiler(ctx, dir, out)
	if err != nil {
		return nil, err
	}
	return exec.CommandContext(ctx, "node", compiler, sdkFolder+"/main.ts", "-O3", "--runtime", "stub", "--exportStart", "_initialize",
		"--debug", "--use", "abort="+sdkFolder+"/sdk/abort", "--config", filepath.Join(filepath.Dir(module), "none.json"), "-o", module), nil
}

// findCompiler finds AssemblyScript in dir or a folder above, as Node does, or has npm install what package.json says.
func findCompiler(ctx context.Context, dir string, out io.Writer) (string, error) {
	if found := lookForCompiler(dir); found != "" {
		return found, nil
	}
	if _, err := exec.LookPath("npm"); err != nil {
		return "", missing("npm", getNode)
	}
	if _, err := os.Stat(filepath.Join(dir, "package.json")); err != nil {
		return "", fmt.Errorf("finding AssemblyScript: %s has neither node_modules nor a package.json; run `npm install --save-dev assemblyscript` there", dir)
	}
	if _, err := fmt.Fprintf(out, "installing the AssemblyScript compiler into %s by npm, once\n", filepath.Join(dir, "node_modules")); err != nil {
		return "", err
	}
	how := "install"
	if _, err := os.Stat(filepath.Join(dir, "package-lock.json")); err == nil {
		how = "ci"
	}
	if err := run(exec.CommandContext(ctx, "npm", how, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--prefer-offline"), dir, out); err != nil {
		return "", err
	}
	if found := lookForCompiler(dir); found != "" {
		return found, nil
	}
	return "", fmt.Errorf("finding AssemblyScript: npm did not install it; add it to devDependencies in %s", filepath.Join(dir, "package.json"))
}

func lookForCompiler(dir string) string {
	at, err := filepath.Abs(dir)
	for ; err == nil; at = filepath.Dir(at) {
		compiler := filepath.Join(at, "node_modules", "assemblyscript", "bin", "asc.js")
		if _, err := os.Stat(compiler); err == nil {
			return compiler
		}
		if at == filepath.Dir(at) {
			break
		}
	}
	return ""
}
