package hook

import (
	"errors"
	"fmt"
	"slices"

	"restock/core"
)

// Kind is what a plugin is.
type Kind string

// The kinds.
const (
	KindCondition Kind = "condition"
	KindStep      Kind = "step"
)

// Manifest is what a plugin declares about itself, in a custom section of its module.
type Manifest struct {
	Kind    Kind
	Name    string  // as core.ValidName
	Version string  // the author's, 1 to MaxVersion bytes
	SDK     string  // what it was built with, at most MaxVersion bytes; "" when by hand
	Reads   []Field // what it is handed, in this order
	Sets    []Field // a step's merge variables
	Config  []Field // the settings that it takes
}

// The bounds of a manifest: bytes of its section, bytes of a version, elements of each list.
const (
	MaxManifest = 16 << 10
	MaxVersion  = 64
	MaxFields   = 64
)

// manifestVersion is the format of the section; history:
//
//	1  map: v, kind, name, version, sdk, and reads, sets, config as arrays of [path, type]
//
// Keys that a reader does not know are ignored: newer writers may add some and keep the version.
const manifestVersion = 1

// ErrNoManifest is what ReadManifest returns for a module without the section.
var ErrNoManifest = errors.New("reading manifest: the module has no custom section \"" + Section + "\"; build it with the plugin kit")

// Encode writes the content of the custom section. Equal manifests have equal bytes.
func (m Manifest) Encode() []byte {
	b := appendMap(nil, 8)
	b = appendInt(appendString(b, "v"), manifestVersion)
	b = appendString(appendString(b, "kind"), m.Kind)
	b = appendString(appendString(b, "name"), m.Name)
	b = appendString(appendString(b, "version"), m.Version)
	b = appendString(appendString(b, "sdk"), m.SDK)
	b = appendFields(appendString(b, "reads"), m.Reads)
	b = appendFields(appendString(b, "sets"), m.Sets)
	return appendFields(appendString(b, "config"), m.Config)
}

func appendFields(dst []byte, list []Field) []byte {
	dst = appendArray(dst, len(list))
	for _, f := range list {
		dst = appendArray(dst, 2)
		dst = appendString(dst, f.Path)
		dst = appendString(dst, f.Type)
	}
	return dst
}

// ReadManifest reads and checks the content of a custom section. What the manifest says wrongly comes as a
// *core.InvalidError that names every field and lists what exists.
func ReadManifest(section []byte) (Manifest, error) {
	if section == nil {
		return Manifest{}, ErrNoManifest
	}
	if len(section) > MaxManifest {
		return Manifest{}, fmt.Errorf("reading manifest: it has %d bytes, the limit is %d; declare less", len(section), MaxManifest)
	}
	m, err := decodeManifest(&reader{b: section})
	if err != nil {
		return Manifest{}, fmt.Errorf("reading manifest: it %w; build the plugin with a matching kit", err)
	}
	if err := m.Validate(); err != nil {
		return Manifest{}, fmt.Errorf("reading manifest: %w", err)
	}
	return m, nil
}

func decodeManifest(r *reader) (m Manifest, err error) {
	version := int64(0)
	seen := make(map[string]bool)
	for n := r.keys(MaxFields); n > 0 && r.err == nil; n-- {
		key := r.string(MaxVersion)
		if seen[key] {
			r.fail(fmt.Errorf("says %q twice", key))
		}
		seen[key] = true
		if key == "v" {
			version = r.int()
		} else {
			m.decodeKey(r, key)
		}
	}
	if err := r.end(); err != nil {
		return m, err
	}
	if version != manifestVersion {
		return m, fmt.Errorf("is of version %d, known is %d", version, manifestVersion)
	}
	return m, nil
}

// maxSkipped is how deep the value of an unknown key may nest.
const maxSkipped = 8

func (m *Manifest) decodeKey(r *reader, key string) {
	switch key {
	case "kind":
		m.Kind = Kind(r.string(MaxVersion))
	case "name":
		m.Name = r.string(MaxVersion)
	case "version":
		m.Version = r.string(MaxVersion)
	case "sdk":
		m.SDK = r.string(MaxVersion)
	case "reads":
		m.Reads = r.fields()
	case "sets":
		m.Sets = r.fields()
	case "config":
		m.Config = r.fields()
	default:
		r.skip(maxSkipped)
	}
}

// maxPath is the longest path of a field, in bytes.
const maxPath = 128

func (r *reader) fields() (list []Field) {
	for n := r.array(MaxFields); n > 0 && r.err == nil; n-- {
		if size := r.array(MaxFields); size != 2 && r.err == nil {
			r.fail(fmt.Errorf("describes a field by %d values instead of path and type", size))
		}
		list = append(list, Field{r.string(maxPath), Type(r.string(MaxVersion))})
	}
	return list
}

// Validate checks what the manifest says; it returns a *core.InvalidError with every wrong field, or nil.
func (m Manifest) Validate() error {
	var bad core.InvalidError
	if m.Kind != KindCondition && m.Kind != KindStep {
		bad.Add("kind", "%q is not known; there are: %s, %s", m.Kind, KindCondition, KindStep)
	}
	if !core.ValidName(m.Name) {
		bad.Add("name", "%q is no name; use 1 to 63 of a-z, 0-9 and -", m.Name)
	}
	if m.Version == "" || len(m.Version) > MaxVersion {
		bad.Add("version", "want 1 to %d bytes, has %d", MaxVersion, len(m.Version))
	}
	if len(m.SDK) > MaxVersion {
		bad.Add("sdk", "want at most %d bytes, has %d", MaxVersion, len(m.SDK))
	}
	if m.Kind == KindCondition && len(m.Sets) > 0 {
		bad.Add("sets", "a condition sets nothing; remove it or make the plugin a %s", KindStep)
	}
	checkReads(&bad, m.Reads)
	checkKeys(&bad, "sets", m.Sets)
	checkKeys(&bad, "config", m.Config)
	return bad.OrNil()
}

func checkReads(bad *core.InvalidError, reads []Field) {
	checkCount(bad, "reads", reads)
	for i, f := range reads {
		at := fmt.Sprintf("reads[%d]", i)
		known, ok := lookup(f.Path)
		switch {
		case !ok:
			bad.Add(at, "%q is not known; there are: %s", f.Path, paths())
		case known.Type != f.Type:
			bad.Add(at, "%s is of type %s, not %q", f.Path, known.Type, f.Type)
		case slices.Index(reads, f) != i:
			bad.Add(at, "%s is there twice", f.Path)
		}
	}
}

// checkKeys checks names that the author invents, for settings and merge variables.
func checkKeys(bad *core.InvalidError, list string, keys []Field) {
	checkCount(bad, list, keys)
	for i, f := range keys {
		at := fmt.Sprintf("%s[%d]", list, i)
		if !validKey(f.Path) {
			bad.Add(at, "%q is no key; use 1 to 63 of a-z, 0-9 and _", f.Path)
		}
		if !slices.Contains(keyTypes, f.Type) {
			bad.Add(at, "%s is of type %q; there are: %s, %s, %s, %s", f.Path, f.Type, String, Int, Bool, Strings)
		}
		if slices.IndexFunc(keys, func(g Field) bool { return g.Path == f.Path }) != i {
			bad.Add(at, "%s is there twice", f.Path)
		}
	}
}

var keyTypes = []Type{String, Int, Bool, Strings}

func validKey(s string) bool {
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return len(s) >= 1 && len(s) <= 63
}

func checkCount(bad *core.InvalidError, list string, fields []Field) {
	if len(fields) > MaxFields {
		bad.Add(list, "holds %d fields, the limit is %d", len(fields), MaxFields)
	}
}
