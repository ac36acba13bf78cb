// Package kit is what plugin authors work with. Build makes an installable module out of a folder: plugin.yaml says what
// the plugin is and in which language, the sources are compiled, the manifest goes into a custom section, and the same
// host that will run the module loads it once to check.
package kit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"restock/core/hook"
	"restock/wasm"
)

// Build compiles the plugin in the folder dir and writes <name>.wasm into it. What it made, and the compiler's warnings, go
// to out as plain lines. The old module stays when anything is wrong; the error says what and how to mend it.
func Build(ctx context.Context, dir string, out io.Writer) error {
	d, manifest, err := readDeclaration(dir)
	if err != nil {
		return err
	}
	compiled, err := languages[d.Lang].compileDir(ctx, dir, out)
	if err != nil {
		return err
	}
	module := hook.AppendSection(compiled, hook.Section, manifest.Encode())
	if err := check(ctx, module); err != nil {
		return fmt.Errorf("checking plugin %s: %w", manifest.Name, err)
	}
	file := filepath.Join(dir, manifest.Name+".wasm")
	if err := replace(file, module); err != nil {
		return fmt.Errorf("writing %s: %w", file, err)
	}
	return describe(out, file, len(module), manifest)
}

// hostConfig binds plugins of ABI version 1.
func hostConfig() wasm.Config {
	return wasm.Config{
		ImportModule:    hook.ImportModule,
		Section:         hook.Section,
		BufferExport:    hook.BufferExport,
		ConfigureExport: hook.ConfigureExport,
		BufferSize:      hook.BufferSize,
		OutputLimit:     hook.MaxStepAnswer,
	}
}

// check loads the module as it will be loaded, and reads its manifest back.
func check(ctx context.Context, module []byte) (err error) {
	host, err := wasm.New(ctx, hostConfig())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, host.Close(ctx)) }()
	m, err := host.Load(ctx, module)
	if err != nil {
		return err
	}
	manifest, err := hook.ReadManifest(m.Section())
	if err != nil {
		return err
	}
	return checkExports(m, manifest)
}

func checkExports(m *wasm.Module, manifest hook.Manifest) error {
	entry := hook.ConditionExport
	if manifest.Kind == hook.KindStep {
		entry = hook.StepExport
	}
	if !m.Exports(entry) {
		return fmt.Errorf("it exports no function %q, which a %s must; define it by the SDK or by hand", entry, manifest.Kind)
	}
	if len(manifest.Config) > 0 && !m.Exports(hook.ConfigureExport) {
		return fmt.Errorf("plugin.yaml declares config, but it exports no function %q to take it; define it or declare none", hook.ConfigureExport)
	}
	return nil
}

// replace writes a file at once or not at all.
func replace(file string, content []byte) error {
	temporary, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*")
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

func describe(out io.Writer, file string, size int, m hook.Manifest) error {
	reads := make([]string, len(m.Reads))
	for i, f := range m.Reads {
		reads[i] = f.Path
	}
	_, err := fmt.Fprintf(out, "%s: %d bytes, %s %s %s, reads %s\n", file, size, m.Kind, m.Name, m.Version, strings.Join(reads, ", "))
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}
