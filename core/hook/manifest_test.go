package hook

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/vmihailenco/msgpack/v5"
	"restock/core"
)

func TestManifestRoundTrip(t *testing.T) {
	for _, m := range []Manifest{
		allFields(),
		{Kind: KindCondition, Name: "bare", Version: "0"},
		{Kind: KindStep, Name: "step", Version: "1", Reads: []Field{{"now", Time}}, Sets: []Field{{"coupon", String}}, OnFailure: Continue},
		{Kind: KindStep, Name: "fork", Version: "1", Branches: []string{"vip", "rest-2"}},
		{Kind: KindStep, Name: "all", Version: "1", Sets: []Field{{"coupon", String}}, Branches: []string{"vip"}, OnFailure: Exit},
		{Kind: KindCondition, Name: "strict", Version: "1", OnFailure: Skip},
	} {
		got, err := ReadManifest(m.Encode())
		if err != nil || !reflect.DeepEqual(got, m) {
			t.Errorf("%s: got %+v, %v", m.Name, got, err)
		}
	}
}

// A newer kit may say more; what it adds is not ours to refuse.
func TestManifestIgnoresUnknownKeys(t *testing.T) {
	b, err := msgpack.Marshal(map[string]any{"v": 1, "kind": "condition", "name": "new", "version": "2", "future": []any{map[string]any{"x": 1.5}}})
	if err != nil {
		t.Fatal(err)
	}
	if m, err := ReadManifest(b); err != nil || m.Name != "new" {
		t.Errorf("got %+v, %v", m, err)
	}
}

func TestReadManifestRefuses(t *testing.T) {
	many := func(n int) []Field {
		list := make([]Field, n)
		for i := range list {
			list[i] = Field{"k" + strings.Repeat("x", i%60), String}
		}
		return list
	}
	edit := func(change func(*Manifest)) []byte {
		m := allFields()
		change(&m)
		return m.Encode()
	}
	tests := []struct {
		name    string
		section []byte
		want    string
	}{
		{"none", nil, "build it with the plugin kit"},
		{"empty", []byte{}, "ends early"},
		{"too long", make([]byte, MaxManifest+1), "the limit is 16384"},
		{"no map", []byte{0x01}, "where a map belongs"},
		{"something behind it", append(allFields().Encode(), 0), "goes on for 1 bytes"},
		{"cut off", allFields().Encode()[:100], "ends early"},
		{"no version", []byte{0x80}, "of version 0, known is 1"},
		{"another version", []byte{0x81, 0xa1, 'v', 0x02}, "of version 2, known is 1"},
		{"a key twice", []byte{0x82, 0xa1, 'v', 0x01, 0xa1, 'v', 0x01}, `"v" twice`},
		{"a field of three", []byte{0x81, 0xa5, 'r', 'e', 'a', 'd', 's', 0x91, 0x93, 0xa1, 'a', 0xa1, 'b', 0xa1, 'c'}, "3 values instead of path and type"},
		{"a list of 65", edit(func(m *Manifest) { m.Config = many(65) }), "65 elements, the limit is 64"},
		{"kind", edit(func(m *Manifest) { m.Kind = "widget" }), `kind: "widget" is not known; there are: condition, step`},
		{"name", edit(func(m *Manifest) { m.Name = "Domain Gate" }), `name: "Domain Gate" is no name`},
		{"two lines as version", edit(func(m *Manifest) { m.Version = "1\nin use" }), `version: "1\nin use" has control characters`},
		{"a terminal's words", edit(func(m *Manifest) { m.SDK = "go\x1b[2J" }), `sdk: "go\x1b[2J" has control characters`},
		{"version", edit(func(m *Manifest) { m.Version = "" }), "version: want 1 to 64 bytes"},
		{"no name of a field", edit(func(m *Manifest) { m.Reads[2].Path = "contact.fields.größe" }), `reads[2]: "contact.fields.größe": what follows contact.fields. is no name of a field; use 1 to 64 of a-z, A-Z, 0-9, _ and -`},
		{"unknown path", edit(func(m *Manifest) { m.Reads[2].Path = "contact.email" }), `reads[2]: "contact.email" is not known; there are: now, contact.id, contact.email_domain`},
		{"wrong type", edit(func(m *Manifest) { m.Reads[0].Type = String }), `reads[0]: now is of type time, not "string"`},
		{"a path twice", edit(func(m *Manifest) { m.Reads[1] = m.Reads[0] }), "reads[1]: now is there twice"},
		{"a condition that fails as steps do", edit(func(m *Manifest) { m.OnFailure = Exit }), `on_failure: "exit" is not known for a condition; there are: skip, send, hold`},
		{"a step that fails as conditions do", edit(func(m *Manifest) { m.Kind, m.OnFailure = KindStep, Send }), `on_failure: "send" is not known for a step; there are: continue, exit, hold`},
		{"a condition that sets", edit(func(m *Manifest) { m.Sets = []Field{{"coupon", String}} }), "sets: a condition sets nothing"},
		{"a condition that branches", edit(func(m *Manifest) { m.Branches = []string{"vip"} }), "branches: a condition has yes and no"},
		{"a branch's name", edit(func(m *Manifest) { m.Kind, m.Branches = KindStep, []string{"ok", "V I P"} }), `branches[1]: "V I P" is no name`},
		{"a branch twice", edit(func(m *Manifest) { m.Kind, m.Branches = KindStep, []string{"vip", "vip"} }), "branches[1]: vip is there twice"},
		{"65 branches", edit(func(m *Manifest) { m.Kind, m.Branches = KindStep, slices.Repeat([]string{"vip"}, 65) }), "65 elements, the limit is 64"},
		{"a bad key", edit(func(m *Manifest) { m.Config[0].Path = "De-ny" }), `config[0]: "De-ny" is no key`},
		{"a key's type", edit(func(m *Manifest) { m.Config[0].Type = "float" }), `config[0]: deny is of type "float"; there are: string, int, bool, strings`},
		{"a key twice", edit(func(m *Manifest) { m.Config[1].Path = "deny" }), "config[1]: deny is there twice"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ReadManifest(tt.section)
			if err == nil || !strings.HasPrefix(err.Error(), "reading manifest: ") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is %v, want one that says %q", err, tt.want)
			}
		})
	}
}

func TestManifestNamesEveryWrongField(t *testing.T) {
	_, err := ReadManifest(Manifest{Kind: "x", Name: "X", Reads: []Field{{"y", String}}}.Encode())
	var invalid *core.InvalidError
	if !errors.As(err, &invalid) || len(invalid.Fields) != 4 {
		t.Errorf("error is %v, want four wrong fields", err)
	}
}

func TestAppendSection(t *testing.T) {
	module := []byte("\x00asm\x01\x00\x00\x00")
	content := bytes.Repeat([]byte("x"), 200)
	got := AppendSection(module, "restock", content)
	want := "\x00asm\x01\x00\x00\x00" + "\x00\xd0\x01\x07restock" + string(content)
	if string(got) != want || len(module) != 8 {
		t.Errorf("got %x\nwant %x", got, want)
	}
}

func FuzzReadManifest(f *testing.F) {
	f.Add(allFields().Encode())
	f.Add(Manifest{Kind: KindStep, Name: "s", Version: "1", Sets: []Field{{"a", Int}}, Branches: []string{"b"}}.Encode())
	f.Add([]byte{0x81, 0xa1, 'v', 0x01})
	f.Add([]byte{0xdf, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ReadManifest(b)
		if err != nil {
			return
		}
		again, err := ReadManifest(m.Encode())
		if err != nil || !bytes.Equal(again.Encode(), m.Encode()) {
			t.Errorf("%+v reads back as %+v, %v", m, again, err)
		}
	})
}
