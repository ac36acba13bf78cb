package kit

import (
	"bytes"
	"errors"
	"fmt"
	"go/format"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"restock/core/hook"
	"restock/plugins/sdk"
)

// sdkFolder is where a plugin's folder holds its SDK. It is the kit's: every build writes it anew.
const sdkFolder = "restock"

// names is what the templates of an SDK are filled with.
type names struct {
	Name   string // the plugin's
	Module string // the Go module's
	Kind   hook.Kind
	Step   bool
	Entry  string // the author's function, where names are in lower case

	Reads, Config, Sets, Branches []name
}

// name is one field, setting, variable or branch, as the languages spell it.
type name struct {
	Path   string // as in plugin.yaml
	Type   hook.Type
	Snake  string // contact_email_domain; never a keyword of C
	Camel  string // contactEmailDomain
	Pascal string // ContactEmailDomain, with initialisms as Go has them
	Rust   string // Snake, or what Rust has for its keywords
}

// sdkFiles are the files of a plugin's SDK, by their paths in sdkFolder.
func sdkFiles(l language, m hook.Manifest, module string) (map[string][]byte, error) {
	n, err := namesOf(m, module)
	if err != nil {
		return nil, err
	}
	made := map[string][]byte{}
	from := sdk.Files(l.folder)
	err = fs.WalkDir(from, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(from, file)
		if err != nil {
			return err
		}
		if target, ok := strings.CutSuffix(file, ".tmpl"); ok {
			made[l.place(target)], err = fill(target, string(b), n)
		} else {
			made[l.place(file)] = b
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("making the SDK: %w", err)
	}
	return made, nil
}

func fill(file, text string, n names) ([]byte, error) {
	t, err := template.New(file).Funcs(spelling()).Option("missingkey=error").Parse(text)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := t.Execute(&out, n); err != nil {
		return nil, err
	}
	if strings.HasSuffix(file, ".go") {
		return format.Source(out.Bytes())
	}
	return out.Bytes(), nil
}

// maxSource bounds a file of an SDK that is there already, in bytes: a larger one is another.
const maxSource = 1 << 20

// writeSDK brings the SDK in a plugin's folder up to date; files that are right already are not touched.
func writeSDK(dir string, l language, m hook.Manifest) error {
	if l.folder == "" {
		return nil // the author writes by the ABI
	}
	module, err := l.module(dir, m)
	if err != nil {
		return err
	}
	files, err := sdkFiles(l, m, module)
	if err != nil {
		return err
	}
	for file, content := range files {
		path := filepath.Join(dir, sdkFolder, filepath.FromSlash(file))
		for _, folder := range []string{filepath.Join(dir, sdkFolder), filepath.Dir(path)} {
			if err := refuseLink(folder); err != nil {
				return fmt.Errorf("writing the SDK: %w", err)
			}
		}
		if old, err := readFile(path, maxSource); err == nil && bytes.Equal(old, content) {
			continue
		}
		err := os.MkdirAll(filepath.Dir(path), 0o755)
		if err == nil {
			err = replace(path, content)
		}
		if err != nil {
			return fmt.Errorf("writing the SDK: %w", err)
		}
	}
	return nil
}

func namesOf(m hook.Manifest, module string) (names, error) {
	n := names{Name: m.Name, Module: module, Kind: m.Kind, Step: m.Kind == hook.KindStep, Entry: string(m.Kind)}
	var errs []error
	spell := func(list string, fields []hook.Field) []name {
		spelled, err := spellAll(list, fields)
		errs = append(errs, err)
		return spelled
	}
	branches := make([]hook.Field, len(m.Branches))
	for i, b := range m.Branches {
		branches[i].Path = b
	}
	n.Reads, n.Config, n.Sets, n.Branches = spell("reads", m.Reads), spell("config", m.Config), spell("sets", m.Sets), spell("branches", branches)
	return n, errors.Join(errs...)
}

func spellAll(list string, fields []hook.Field) ([]name, error) {
	all := make([]name, len(fields))
	seen := map[string]string{}
	for i, f := range fields {
		all[i] = spell(f)
		same := strings.ToLower(all[i].Pascal)
		if other, ok := seen[same]; ok {
			return nil, fmt.Errorf("%s: %s and %s would both be called %s in code; rename one", list, other, f.Path, all[i].Snake)
		}
		seen[same] = f.Path
	}
	return all, nil
}

func spell(f hook.Field) name {
	words := strings.FieldsFunc(f.Path, func(r rune) bool { return r == '.' || r == '_' || r == '-' })
	if len(words) == 0 {
		words = []string{"x"} // a key of underscores
	}
	if c := words[0][0]; c >= '0' && c <= '9' {
		words[0] = "n" + words[0]
	}
	n := name{Path: f.Path, Type: f.Type, Snake: strings.ToLower(strings.Join(words, "_"))}
	for i, w := range words {
		title := strings.ToUpper(w[:1]) + w[1:]
		n.Camel += title
		if i == 0 {
			n.Camel = strings.ToLower(w[:1]) + w[1:]
		}
		if initialism[w] {
			title = strings.ToUpper(w)
		}
		n.Pascal += title
	}
	if n.Camel == "constructor" { // TypeScript's own
		n.Camel += "_"
	}
	n.Rust = n.Snake
	if rustKeywords[n.Snake] {
		n.Rust = n.Snake + "_"
	}
	if cKeywords[n.Snake] {
		n.Snake += "_"
	}
	return n
}
