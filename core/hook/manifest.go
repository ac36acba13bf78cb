package hook

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"restock/core"
	"restock/core/pack"
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
	// Branches are the paths by which a step may send contacts on, beside the one that every shape has; names as of shapes.
	Branches []string
	// OnFailure is what becomes of a contact when the plugin fails, unless the journey says otherwise. "": Hold.
	OnFailure Policy
}

// Policy is what becomes of a contact about whom a plugin could not be asked.
type Policy string

// The policies: the first is for both kinds of plugins, two are for conditions and two for steps.
const (
	Hold     Policy = "hold"     // asked again later, until the plugin works
	Skip     Policy = "skip"     // as if the condition had said no
	Send     Policy = "send"     // as if the condition had said yes
	Continue Policy = "continue" // as if the step had done nothing
	Exit     Policy = "exit"     // the contact leaves the journey
)

// policies are those that a kind of plugin may declare.
func policies(k Kind) []Policy {
	if k == KindStep {
		return []Policy{Continue, Exit, Hold}
	}
	return []Policy{Skip, Send, Hold}
}

// FailurePolicy is OnFailure with its default.
func (m Manifest) FailurePolicy() Policy {
	if m.OnFailure == "" {
		return Hold
	}
	return m.OnFailure
}

// The bounds of a manifest: bytes of its section, bytes of a version, elements of each list.
const (
	MaxManifest = 16 << 10
	MaxVersion  = 64
	MaxFields   = 64
)

// manifestVersion is the format of the section; history:
//
//	1  map: v, kind, name, version, sdk, and reads, sets, config as arrays of [path, type]; since later, and only when it is
//	   declared, branches (an array of texts) and on_failure
//
// Keys that a reader does not know are ignored: newer writers may add some and keep the version.
const manifestVersion = 1

// ErrNoManifest is what ReadManifest returns for a module without the section.
var ErrNoManifest = errors.New("reading manifest: the module has no custom section \"" + Section + "\"; build it with the plugin kit")

// Encode writes the content of the custom section. Equal manifests have equal bytes.
func (m Manifest) Encode() []byte {
	b := pack.AppendMap(nil, 8+m.laterKeys())
	b = pack.AppendInt(pack.AppendString(b, "v"), manifestVersion)
	b = pack.AppendString(pack.AppendString(b, "kind"), m.Kind)
	b = pack.AppendString(pack.AppendString(b, "name"), m.Name)
	b = pack.AppendString(pack.AppendString(b, "version"), m.Version)
	b = pack.AppendString(pack.AppendString(b, "sdk"), m.SDK)
	b = appendFields(pack.AppendString(b, "reads"), m.Reads)
	b = appendFields(pack.AppendString(b, "sets"), m.Sets)
	b = appendFields(pack.AppendString(b, "config"), m.Config)
	return m.appendLater(b)
}

// laterKeys is how many of the keys are declared that came after the format was: a manifest without them has the same bytes
// as before there were any.
func (m Manifest) laterKeys() (n int) {
	if len(m.Branches) > 0 {
		n++
	}
	if m.OnFailure != "" {
		n++
	}
	return n
}

func (m Manifest) appendLater(b []byte) []byte {
	if len(m.Branches) > 0 {
		b = pack.AppendStrings(pack.AppendString(b, "branches"), m.Branches)
	}
	if m.OnFailure != "" {
		b = pack.AppendString(pack.AppendString(b, "on_failure"), m.OnFailure)
	}
	return b
}

func appendFields(dst []byte, list []Field) []byte {
	dst = pack.AppendArray(dst, len(list))
	for _, f := range list {
		dst = pack.AppendArray(dst, 2)
		dst = pack.AppendString(dst, f.Path)
		dst = pack.AppendString(dst, f.Type)
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
	m, err := decodeManifest(pack.NewReader(section))
	if err != nil {
		return Manifest{}, fmt.Errorf("reading manifest: it %w; build the plugin with a matching kit", err)
	}
	if err := m.Validate(); err != nil {
		return Manifest{}, fmt.Errorf("reading manifest: %w", err)
	}
	return m, nil
}

func decodeManifest(r *pack.Reader) (m Manifest, err error) {
	version := int64(0)
	seen := make(map[string]bool)
	for n := r.Keys(MaxFields); n > 0 && r.Err() == nil; n-- {
		key := r.Text(MaxVersion)
		if seen[key] {
			r.Fail(fmt.Errorf("says %q twice", key))
		}
		seen[key] = true
		if key == "v" {
			version = r.Int()
		} else {
			m.decodeKey(r, key)
		}
	}
	if err := r.End(); err != nil {
		return m, err
	}
	if version != manifestVersion {
		return m, fmt.Errorf("is of version %d, known is %d", version, manifestVersion)
	}
	return m, nil
}

// maxSkipped is how deep the value of an unknown key may nest.
const maxSkipped = 8

func (m *Manifest) decodeKey(r *pack.Reader, key string) {
	switch key {
	case "kind":
		m.Kind = Kind(r.Text(MaxVersion))
	case "name":
		m.Name = r.Text(MaxVersion)
	case "version":
		m.Version = r.Text(MaxVersion)
	case "sdk":
		m.SDK = r.Text(MaxVersion)
	case "reads":
		m.Reads = readFields(r)
	case "sets":
		m.Sets = readFields(r)
	case "config":
		m.Config = readFields(r)
	case "branches":
		m.Branches = readTexts(r, MaxFields, maxPath)
	case "on_failure":
		m.OnFailure = Policy(r.Text(MaxVersion))
	default:
		r.Skip(maxSkipped)
	}
}

// maxPath is the longest path of a field, in bytes.
const maxPath = 128

func readFields(r *pack.Reader) (list []Field) {
	for n := r.Array(MaxFields); n > 0 && r.Err() == nil; n-- {
		if size := r.Array(MaxFields); size != 2 && r.Err() == nil {
			r.Fail(fmt.Errorf("describes a field by %d values instead of path and type", size))
		}
		list = append(list, Field{r.Text(maxPath), Type(r.Text(MaxVersion))})
	}
	return list
}

// readTexts reads a list of at most n texts of at most size bytes each.
func readTexts(r *pack.Reader, n, size int) (list []string) {
	for left := r.Array(n); left > 0 && r.Err() == nil; left-- {
		list = append(list, r.Text(size))
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
	for _, f := range [...]struct{ name, text string }{{"version", m.Version}, {"sdk", m.SDK}} {
		if Line(f.text) != f.text {
			bad.Add(f.name, "%q has control characters; write it in one line of letters, digits and signs", f.text)
		}
	}
	if len(m.SDK) > MaxVersion {
		bad.Add("sdk", "want at most %d bytes, has %d", MaxVersion, len(m.SDK))
	}
	if m.Kind == KindCondition && len(m.Sets) > 0 {
		bad.Add("sets", "a condition sets nothing; remove it or make the plugin a %s", KindStep)
	}
	if known := policies(m.Kind); m.OnFailure != "" && !slices.Contains(known, m.OnFailure) {
		bad.Add("on_failure", "%q is not known for a %s; there are: %s, %s, %s", m.OnFailure, m.Kind, known[0], known[1], known[2])
	}
	checkReads(&bad, m.Reads)
	checkKeys(&bad, "sets", m.Sets)
	checkKeys(&bad, "config", m.Config)
	m.checkBranches(&bad)
	return bad.OrNil()
}

func checkReads(bad *core.InvalidError, reads []Field) {
	checkCount(bad, "reads", reads)
	for i, f := range reads {
		at := fmt.Sprintf("reads[%d]", i)
		known, ok := lookup(f.Path)
		switch {
		case !ok && strings.HasPrefix(f.Path, fieldsPrefix):
			bad.Add(at, "%q: what follows %s is no name of a field; use 1 to %d of a-z, A-Z, 0-9, _ and -", f.Path, fieldsPrefix, core.MaxFieldName)
		case !ok:
			bad.Add(at, "%q is not known; there are: %s%s", f.Path, paths(), meant(f.Path))
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

func (m Manifest) checkBranches(bad *core.InvalidError) {
	if m.Kind == KindCondition && len(m.Branches) > 0 {
		bad.Add("branches", "a condition has yes and no; remove them or make the plugin a %s", KindStep)
	}
	if len(m.Branches) > MaxFields {
		bad.Add("branches", "holds %d names, the limit is %d", len(m.Branches), MaxFields)
	}
	for i, name := range m.Branches {
		at := fmt.Sprintf("branches[%d]", i)
		if !core.ValidName(name) {
			bad.Add(at, "%q is no name; use 1 to 63 of a-z, 0-9 and -", name)
		}
		if slices.Index(m.Branches, name) != i {
			bad.Add(at, "%s is there twice", name)
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
