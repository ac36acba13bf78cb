package hook

import (
	"errors"
	"reflect"
	"testing"

	"restock/core"
)

// What Append wrote is read and written anew as the same bytes.
func TestValues(t *testing.T) {
	m := allFields()
	m.Reads = append(m.Reads, Field{"contact.fields.tier", String})
	p, err := NewProjection(m)
	if err != nil {
		t.Fatal(err)
	}
	free := fullContext()
	free.Variant.Price.Minor, free.Units = 0, 0
	for _, c := range []*Context{{}, fullContext(), free} {
		input := p.Append(nil, c)
		v, err := p.Values(input)
		if err != nil {
			t.Fatal(err)
		}
		again, err := p.AppendValues(nil, v)
		if err != nil || string(again) != string(input) {
			t.Errorf("%v: %x, %v, want %x", v, again, err, input)
		}
	}
	v, _ := p.Values(p.Append(nil, fullContext()))
	want := map[string]any{"contact.region": "DE", "variant.units": int64(-5), "now": int64(1_700_000_000_000), "contact.fields.tier": "gold"}
	for path, value := range want {
		if !reflect.DeepEqual(v[path], value) {
			t.Errorf("%s is %#v, want %#v", path, v[path], value)
		}
	}
}

func TestAppendValuesRefuses(t *testing.T) {
	p, err := NewProjection(Manifest{Kind: KindCondition, Name: "x", Version: "1"})
	if err != nil {
		t.Fatal(err)
	}
	for path, value := range map[string]any{"contact.email": "ann@shop.example", "now": "today", "contact.tags": "vip", "variant.price": true} {
		_, err := p.AppendValues(nil, Values{path: value})
		var bad *core.InvalidError
		if !errors.As(err, &bad) {
			t.Errorf("%s: %v: %v", path, value, err)
		}
	}
}

func FuzzValues(f *testing.F) {
	p, err := NewProjection(allFields())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(p.Append(nil, fullContext()))
	f.Add(p.Append(nil, &Context{}))
	f.Add([]byte{0x91, 0xc0})
	f.Fuzz(func(t *testing.T, input []byte) {
		v, err := p.Values(input)
		if err != nil {
			return
		}
		out, err := p.AppendValues(nil, v)
		if err != nil {
			t.Fatalf("what was read is not taken: %v", err)
		}
		if again, err := p.Values(out); err != nil || !reflect.DeepEqual(again, v) {
			t.Errorf("%v, %v, want %v", again, err, v)
		}
	})
}
