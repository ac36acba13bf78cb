package kit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	yaml "go.yaml.in/yaml/v3"
	"restock/core/hook"
)

// declarationFile is what every plugin's folder holds: what the plugin is, in the author's hand.
const declarationFile = "plugin.yaml"

// maxDeclaration bounds declarationFile, in bytes.
const maxDeclaration = 64 << 10

// declaration is the content of plugin.yaml.
type declaration struct {
	Kind    hook.Kind            `yaml:"kind"`
	Name    string               `yaml:"name"`
	Version string               `yaml:"version"`
	Lang    string               `yaml:"lang"`
	Reads   []string             `yaml:"reads"`  // paths, in the order in which the plugin reads them
	Sets    map[string]hook.Type `yaml:"sets"`   // a step's merge variables
	Config  map[string]hook.Type `yaml:"config"` // settings

	Branches  []string    `yaml:"branches"`   // the paths that a step may choose
	OnFailure hook.Policy `yaml:"on_failure"` // what becomes of contacts when the plugin fails
}

func readDeclaration(dir string) (declaration, hook.Manifest, error) {
	file := filepath.Join(dir, declarationFile)
	b, err := readFile(file, maxDeclaration)
	if errors.Is(err, os.ErrNotExist) {
		return declaration{}, hook.Manifest{}, fmt.Errorf("reading %s: there is none; name the folder of a plugin", file)
	}
	if err != nil {
		return declaration{}, hook.Manifest{}, fmt.Errorf("reading plugin: %w", err)
	}
	d, m, err := parseDeclaration(b)
	if err != nil {
		return d, m, fmt.Errorf("reading %s: %w", file, err)
	}
	return d, m, nil
}

// parseDeclaration reads one YAML document without unknown keys and makes the manifest of it.
func parseDeclaration(b []byte) (d declaration, m hook.Manifest, err error) {
	decoder := yaml.NewDecoder(bytes.NewReader(b))
	decoder.KnownFields(true)
	if err := decoder.Decode(&d); errors.Is(err, io.EOF) {
		return d, m, errors.New("it is empty; want kind, name, version, lang and reads")
	} else if err != nil {
		return d, m, err
	}
	if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
		return d, m, errors.New("it holds more than one document; a folder is one plugin")
	}
	l, ok := languages[d.Lang]
	if !ok {
		return d, m, fmt.Errorf("lang: %q is not known; there are: %s", d.Lang, sortedKeys(languages))
	}
	m = d.manifest(l.sdk)
	return d, m, m.Validate()
}

func (d declaration) manifest(sdk string) hook.Manifest {
	m := hook.Manifest{Kind: d.Kind, Name: d.Name, Version: d.Version, SDK: sdk, Sets: fieldsOf(d.Sets), Config: fieldsOf(d.Config), Branches: d.Branches, OnFailure: d.OnFailure}
	for _, path := range d.Reads {
		f, ok := hook.FieldOf(path)
		if !ok {
			f.Path = path // for Validate to complain about
		}
		m.Reads = append(m.Reads, f)
	}
	return m
}

func fieldsOf(types map[string]hook.Type) (list []hook.Field) {
	for _, key := range slices.Sorted(maps.Keys(types)) {
		list = append(list, hook.Field{Path: key, Type: types[key]})
	}
	return list
}
