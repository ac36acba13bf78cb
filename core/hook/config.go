package hook

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vmihailenco/msgpack/v5"

	"restock/core"
	"restock/core/pack"
)

// EncodeConfig writes a plugin's settings as a msgpack map with sorted keys, as it is handed to the plugin when it boots;
// nil when there are none. Values are string, bool, int, int64, []string, or []any of strings as YAML readers make them;
// anything else is a *core.InvalidError. Whether the plugin knows the keys is for CheckConfig.
func EncodeConfig(values map[string]any) ([]byte, error) {
	var bad core.InvalidError
	if len(values) > MaxFields {
		bad.Add("config", "holds %d settings, the limit is %d", len(values), MaxFields)
		return nil, &bad
	}
	if len(values) == 0 {
		return nil, nil
	}
	b := pack.AppendMap(nil, len(values))
	for _, key := range slices.Sorted(maps.Keys(values)) {
		b = appendValue(&bad, pack.AppendString(b, key), "config."+key, values[key])
	}
	if len(b) > BufferSize {
		bad.Add("config", "has %d bytes, the limit is %d; use fewer or shorter values", len(b), BufferSize)
	}
	if err := bad.OrNil(); err != nil {
		return nil, err
	}
	return b, nil
}

func appendValue(bad *core.InvalidError, dst []byte, at string, value any) []byte {
	switch v := value.(type) {
	case string:
		return pack.AppendString(dst, v)
	case bool:
		return pack.AppendBool(dst, v)
	case int:
		return pack.AppendInt(dst, int64(v))
	case int64:
		return pack.AppendInt(dst, v)
	}
	list, ok := listOf(value)
	if !ok {
		bad.Add(at, "is %s; use text, a whole number, true or false, or a list of texts", inWords(value))
	}
	return pack.AppendStrings(dst, list)
}

func listOf(value any) (list []string, ok bool) {
	if list, ok := value.([]string); ok {
		return list, true
	}
	elements, ok := value.([]any)
	for _, e := range elements {
		s, isText := e.(string)
		ok = ok && isText
		list = append(list, s)
	}
	return list, ok
}

// CheckConfig holds settings against what the manifest declares: a *core.InvalidError names each unknown key and each
// value of a wrong type. No key is required: plugins have defaults.
func (m Manifest) CheckConfig(values map[string]any) error {
	var bad core.InvalidError
	for _, key := range slices.Sorted(maps.Keys(values)) {
		i := slices.IndexFunc(m.Config, func(f Field) bool { return f.Path == key })
		if i < 0 {
			bad.Add("config."+key, "plugin %s has no such setting; %s", m.Name, m.settings())
			continue
		}
		if want := m.Config[i].Type; !want.holds(values[key]) {
			bad.Add("config."+key, "is %s; want %s", inWords(values[key]), want)
		}
	}
	return bad.OrNil()
}

func (m Manifest) settings() string {
	if len(m.Config) == 0 {
		return "it has none"
	}
	all := make([]string, len(m.Config))
	for i, f := range m.Config {
		all[i] = f.Path
	}
	return "there are: " + strings.Join(all, ", ")
}

func (t Type) holds(value any) (ok bool) {
	switch t {
	case String:
		_, ok = value.(string)
	case Bool:
		_, ok = value.(bool)
	case Strings:
		_, ok = listOf(value)
	case Int:
		if _, ok = value.(int); !ok {
			_, ok = value.(int64)
		}
	}
	return ok
}

// DecodeConfig reads what EncodeConfig wrote, in the form that CheckConfig takes: string, int64, bool and []string.
func DecodeConfig(config []byte) (map[string]any, error) {
	if len(config) == 0 {
		return map[string]any{}, nil
	}
	var values map[string]any
	d := msgpack.NewDecoder(bytes.NewReader(config))
	d.UseLooseInterfaceDecoding(true) // every whole number becomes int64
	if err := d.Decode(&values); err != nil {
		return nil, fmt.Errorf("reading configuration: %w", err)
	}
	for key, value := range values {
		list, ok := value.([]any)
		if !ok {
			continue
		}
		texts := make([]string, len(list))
		for i, item := range list {
			if texts[i], ok = item.(string); !ok {
				return nil, fmt.Errorf("reading configuration: %s holds something else than strings", key)
			}
		}
		values[key] = texts
	}
	return values, nil
}
