package kit

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"text/template"

	"restock/core"
	"restock/core/hook"
)

// beginnings are the files of new plugins; gitignore gets its dot when it is written.
//
//go:embed template
var beginnings embed.FS

// beginning is what the files of a new plugin are filled with.
type beginning struct {
	Name    string
	Kind    hook.Kind
	Lang    string
	Source  string // the author's file
	Fixture string // one of those that are there
	Unit    bool   // there are unit tests
}

// New makes a folder named like the plugin, within parent, that builds and passes its tests. It never writes into one that is
// there.
func New(parent, name, lang string, kind hook.Kind, out io.Writer) error {
	l, ok := languages[lang]
	if !ok || l.source == "" {
		return fmt.Errorf("making plugin %s: language %q is not known; there are: %s", name, lang, sortedKeys(languages))
	}
	if !core.ValidName(name) {
		return fmt.Errorf("making plugin: %q is no name; use 1 to 63 of a-z, 0-9 and -", name)
	}
	dir := filepath.Join(parent, name)
	if err := os.Mkdir(dir, 0o755); errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("making plugin %s: %s is there already; choose another name or remove it", name, dir)
	} else if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("making plugin %s: you may not write into the folder %s; go to one of your own", name, filepath.Dir(dir))
	} else if err != nil {
		return fmt.Errorf("making plugin %s: %w", name, err)
	}
	b := beginning{Name: name, Kind: kind, Lang: lang, Source: l.source, Fixture: "served", Unit: l.unit != nil}
	if kind == hook.KindStep {
		b.Fixture = "vip"
	}
	if err := b.write(dir); err != nil {
		return fmt.Errorf("making plugin %s: %w", name, err)
	}
	_, m, err := readDeclaration(dir)
	if err == nil {
		err = writeSDK(dir, l, m)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "made %s; now: restock plugin test %s\n", dir, dir)
	return err
}

// write copies the files that all plugins, those of a kind, those in a language, and those of both have.
func (b beginning) write(dir string) error {
	kind := string(b.Kind)
	for _, from := range []string{"common", b.Lang, path.Join(kind, "common"), path.Join(kind, b.Lang)} {
		from = path.Join("template", from)
		if _, err := fs.Stat(beginnings, from); errors.Is(err, fs.ErrNotExist) {
			continue // a language may need no more than its source
		}
		err := fs.WalkDir(beginnings, from, func(file string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			target := strings.TrimPrefix(file, from+"/")
			return b.writeFile(file, filepath.Join(dir, filepath.FromSlash(target)))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (b beginning) writeFile(from, target string) error {
	content, err := beginnings.ReadFile(from)
	if err != nil {
		return err
	}
	if path.Base(from) == "gitignore.tmpl" {
		target = filepath.Join(filepath.Dir(target), ".gitignore.tmpl")
	}
	if filled, ok := strings.CutSuffix(target, ".tmpl"); ok {
		t, err := template.New(from).Parse(string(content))
		if err != nil {
			return err
		}
		var out bytes.Buffer
		if err := t.Execute(&out, b); err != nil {
			return err
		}
		target, content = filled, out.Bytes()
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	return os.WriteFile(target, content, 0o644)
}
