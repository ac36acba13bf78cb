package hook

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/vmihailenco/msgpack/v5"
	"restock/core"
)

func TestEncodeConfig(t *testing.T) {
	got, err := EncodeConfig(map[string]any{"title": "x", "deny": []string{"a", "b"}, "strict": true, "limit": 300, "also": []any{"c"}, "big": int64(-1)})
	want := "\x86\xa4also\x91\xa1c\xa3big\xff\xa4deny\x92\xa1a\xa1b\xa5limit\xcd\x01\x2c\xa6strict\xc3\xa5title\xa1x"
	if err != nil || string(got) != want {
		t.Fatalf("got %q, %v\nwant %q", got, err, want)
	}
	var back map[string]any
	if err := msgpack.Unmarshal(got, &back); err != nil || !reflect.DeepEqual(back["deny"], []any{"a", "b"}) {
		t.Errorf("reads back as %v, %v", back, err)
	}
	if none, err := EncodeConfig(map[string]any{}); none != nil || err != nil {
		t.Errorf("no settings are %x, %v, want nil", none, err)
	}
}

func TestEncodeConfigRefuses(t *testing.T) {
	many := make(map[string]any)
	for i := range MaxFields + 1 {
		many[strings.Repeat("x", i)] = i
	}
	tests := []struct {
		name   string
		values map[string]any
		want   []string // the wrong fields
	}{
		{"float", map[string]any{"limit": 1.5}, []string{"config.limit"}},
		{"nil", map[string]any{"limit": nil}, []string{"config.limit"}},
		{"map", map[string]any{"limit": map[string]any{}}, []string{"config.limit"}},
		{"mixed list", map[string]any{"deny": []any{"a", 1}}, []string{"config.deny"}},
		{"two wrong ones", map[string]any{"z": 1.5, "a": nil, "ok": 1}, []string{"config.a", "config.z"}},
		{"too many", many, []string{"config"}},
		{"too long", map[string]any{"title": strings.Repeat("x", BufferSize)}, []string{"config"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, err := EncodeConfig(tt.values)
			if got := wrongFields(err); b != nil || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("wrong fields are %v (%v), want %v", got, err, tt.want)
			}
		})
	}
}

func TestCheckConfig(t *testing.T) {
	m := allFields()
	tests := []struct {
		name   string
		values map[string]any
		want   []string
	}{
		{"none", nil, nil},
		{"all", map[string]any{"deny": []any{"a"}, "limit": 1, "strict": false, "title": "x"}, nil},
		{"other types", map[string]any{"deny": []string{"a"}, "limit": int64(1)}, nil},
		{"unknown", map[string]any{"allow": []any{"a"}}, []string{"config.allow"}},
		{"wrong", map[string]any{"deny": "a", "limit": "1", "strict": 1, "title": true}, []string{"config.deny", "config.limit", "config.strict", "config.title"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := wrongFields(m.CheckConfig(tt.values)); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("wrong fields are %v, want %v", got, tt.want)
			}
		})
	}
	err := m.CheckConfig(map[string]any{"allow": 1})
	if err == nil || !strings.Contains(err.Error(), "has no such setting; there are: deny, limit, strict, title") {
		t.Errorf("error is %v", err)
	}
}

func wrongFields(err error) (names []string) {
	var invalid *core.InvalidError
	if errors.As(err, &invalid) {
		for _, f := range invalid.Fields {
			names = append(names, f.Field)
		}
	}
	return names
}
