package manifest

import (
	"errors"
	"path"
	"slices"

	"go.yaml.in/yaml/v3"

	"restock/core"
)

// Bounds of what is read; more is refused before it is looked at.
const (
	MaxFile      = 256 << 10 // bytes of one file
	MaxDocuments = 1000      // documents in all files together
	MaxErrors    = 100       // faults that are reported one by one
)

// DefaultWorkspace is where a document belongs that names no workspace.
const DefaultWorkspace core.WorkspaceName = "default"

// File is one YAML file; it may hold several documents.
type File struct {
	Name string // path with slashes, as errors name it and as plugin modules are found from it
	Data []byte
}

// Set is what the files declare, by workspace. Within a declaration everything is in the order it was written.
type Set map[core.WorkspaceName]core.Declaration

// Options are what Parse needs of others; all but Applied must be set.
type Options struct {
	// Read returns the plugin module at path, which is one of those that References names.
	Read func(path string) ([]byte, error)
	// CheckTemplate says whether a template can be rendered. A *core.InvalidError is reported field by field, with
	// the fields subject, preheader, html and text.
	CheckTemplate func(core.Template) error
	// CheckShort says the same of the template of an SMS or a push, with the fields subject and text.
	CheckShort func(core.Template) error
	// EncodeConfig writes a condition's configuration as the plugin reads it. Values are string, int64, bool and
	// []string. The same map must give the same bytes: they are part of the journey's version.
	EncodeConfig func(map[string]any) ([]byte, error)
	// Templates are the ready-made e-mails (`template: back`). The playbooks need those that they name.
	Templates map[string]core.Template
	// Applied are the templates that a workspace has by name; nil: none. Those of the files come before them.
	Applied func(core.WorkspaceName) map[core.Name]Contents
}

func (o Options) check() error {
	if o.Read == nil || o.CheckTemplate == nil || o.CheckShort == nil || o.EncodeConfig == nil || o.Templates == nil {
		return errors.New("checking options: Read, CheckTemplate, CheckShort, EncodeConfig and Templates must all be set")
	}
	return nil
}

// Parse reads files, which hold what is to be applied together, strictly: unknown keys, duplicate names and references
// that lead nowhere are refused. The error joins one *Error per fault, sorted by file and line, at most MaxErrors; with
// an error there is no Set.
func Parse(files []File, opt Options) (Set, error) {
	if err := opt.check(); err != nil {
		return nil, err
	}
	p := newParser(opt)
	roots := readAll(files, p.faults)
	named := func(root value) bool { return scalar(child(root.node, "kind")) == "Template" }
	for _, root := range roots { // others refer to them, wherever they stand
		if named(root) {
			p.document(root)
		}
	}
	for _, root := range roots {
		if !named(root) {
			p.document(root)
		}
	}
	p.finish()
	if err := p.faults.err(); err != nil {
		return nil, err
	}
	return p.set(), nil
}

// References names the plugin modules that files need, sorted, each once: what a document's spec.file says, seen from
// the folder of the YAML file. Documents that Parse would refuse are passed over; the error, in the form that Parse's
// has, is about files that cannot be read as YAML at all.
func References(files []File) ([]string, error) {
	var all []string
	faults := new(faults)
	for _, root := range readAll(files, faults) {
		file := scalar(child(child(root.node, "spec"), "file"))
		if scalar(child(root.node, "kind")) == "Plugin" && file != "" {
			all = append(all, modulePath(root.file, file))
		}
	}
	slices.Sort(all)
	return slices.Compact(all), faults.err()
}

// child is the value of a key of a mapping; nil when n is no mapping or has no such key.
func child(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// scalar is the text of n; "" when there is none.
func scalar(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode || isNull(n) {
		return ""
	}
	return n.Value
}

// modulePath is where a module lies that a YAML file names: relative to that file.
func modulePath(file, module string) string {
	if path.IsAbs(module) {
		return path.Clean(module)
	}
	return path.Join(path.Dir(file), module)
}
