package hook

import (
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/vmihailenco/msgpack/v5"
	"restock/core"
)

func TestProjection(t *testing.T) {
	tests := []struct {
		path string
		edit func(*Context)
		want any
	}{
		{"now", nil, int64(1_700_000_000_000)},
		{"contact.id", nil, "ab0000000000000000000000000000cd"},
		{"contact.id", func(c *Context) { c.Contact.ID = core.ContactID{} }, nil},
		{"contact.email_domain", nil, "shop.example"},
		{"contact.email_domain", func(c *Context) { c.Contact.EmailDomain = "" }, nil},
		{"contact.email_domain", func(c *Context) { c.Contact = core.Contact{Email: `"a@b"@c.example`}.Traits() }, "c.example"},
		{"contact.locale", nil, "de-DE"},
		{"contact.region", nil, "DE"},
		{"contact.tags", nil, []any{"vip", "größe-m"}},
		{"contact.tags", func(c *Context) { c.Contact.Tags = nil }, []any{}},
		{"contact.created_at", nil, int64(1_600_000_000_000)},
		{"activity.kind", nil, "back_in_stock"},
		{"activity.at", nil, int64(1_699_999_999_000)},
		{"activity.asked_at", nil, int64(1_699_000_000_000)},
		{"activity.asked_at", func(c *Context) { c.Activity.AskedAt = 0 }, nil},
		{"activity.sku", nil, "TEE-M"},
		{"activity.market", nil, "DE-B2C"},
		{"activity.price", nil, int64(2499)},
		{"activity.price", func(c *Context) { c.Activity.Price = core.Money{} }, nil},
		{"activity.currency", nil, "EUR"},
		{"contact.fields.tier", nil, "gold"},
		{"contact.fields.Tier-2", nil, nil},
		{"product.id", nil, "9007199254740993"},
		{"product.title", nil, "Tee"},
		{"product.vendor", func(c *Context) { c.Product.Vendor = "" }, nil},
		{"variant.id", nil, "42"},
		{"variant.sku", nil, "TEE-M"},
		{"variant.title", nil, "M"},
		{"variant.price", nil, int64(1999)},
		{"variant.price", func(c *Context) { c.Variant.Price.Minor = 0 }, int64(0)}, // free of charge is a price
		{"variant.price", func(c *Context) { c.Variant.Price = core.Money{} }, nil},
		{"variant.currency", nil, "EUR"},
		{"variant.units", nil, int64(-5)},
		{"variant.units", func(c *Context) { c.Units = 0 }, int64(0)},
		{"variant.units", func(c *Context) { c.Variant = core.Variant{} }, nil},
		{"source.name", nil, "acme"},
		{"restock.opened_at", nil, int64(1_699_999_990_000)},
		{"restock.units", nil, int64(300)},
		{"restock.units", func(c *Context) { c.Restock = core.Restock{} }, nil},
	}
	seen := make(map[string]bool)
	for _, tt := range tests {
		seen[tt.path] = true
		c := fullContext()
		if tt.edit != nil {
			tt.edit(c)
		}
		if got := project(t, tt.path, c); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s = %#v, want %#v", tt.path, got, tt.want)
		}
	}
	for _, f := range Fields() {
		if !seen[f.Path] {
			t.Errorf("%s has no test", f.Path)
		}
	}
}

// project reads one field back through the library.
func project(t *testing.T, path string, c *Context) any {
	t.Helper()
	f, _ := lookup(path)
	p, err := NewProjection(Manifest{Kind: KindCondition, Name: "one", Version: "1", Reads: []Field{f.Field}})
	if err != nil {
		t.Fatal(err)
	}
	d := msgpack.NewDecoder(strings.NewReader(string(p.Append(nil, c))))
	d.UseLooseInterfaceDecoding(true)
	v, err := d.DecodeSlice()
	if err != nil || len(v) != 1 {
		t.Fatalf("%s: %v, %v", path, v, err)
	}
	if u, ok := v[0].(uint64); ok {
		return int64(u)
	}
	return v[0]
}

// No plugin learns whom it decides about.
func TestProjectionKeepsAddresses(t *testing.T) {
	p, err := NewProjection(allFields())
	if err != nil {
		t.Fatal(err)
	}
	out := string(p.Append(nil, fullContext()))
	for _, secret := range []string{"ann@", "+49", "Ann"} {
		if strings.Contains(out, secret) {
			t.Errorf("the projection of all fields holds %q", secret)
		}
	}
}

func TestProjectionAllocatesNothing(t *testing.T) {
	p, err := NewProjection(allFields())
	if err != nil {
		t.Fatal(err)
	}
	c, dst := fullContext(), make([]byte, 0, 1024)
	if n := testing.AllocsPerRun(100, func() { dst = p.Append(dst[:0], c) }); n != 0 {
		t.Errorf("Append allocates %v times", n)
	}
}

func TestNewProjectionRefuses(t *testing.T) {
	for path, want := range map[string]string{
		"contact.phone": " is not known", "contact.fields": " is not known",
		"contact.fields.": "is no name of a field", "contact.fields.a b": "is no name of a field",
	} {
		_, err := NewProjection(Manifest{Kind: KindCondition, Name: "x", Version: "1", Reads: []Field{{path, String}}})
		if err == nil || !strings.Contains(err.Error(), strconv.Quote(path)) || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v", err)
		}
	}
}

// Prepared for one contact of an activity, the projection of any other is the same as if it were written whole.
func TestPrepared(t *testing.T) {
	for _, reads := range [][]Field{Fields(), nil, {{"contact.fields.tier", String}}, {{"now", Time}}, {{"contact.region", String}}, {{"contact.region", String}, {"now", Time}, {"contact.tags", Strings}}} {
		p, err := NewProjection(Manifest{Kind: KindCondition, Name: "some", Version: "1", Reads: reads})
		if err != nil {
			t.Fatal(err)
		}
		prepared := p.Prepare(fullContext())
		other := fullContext()
		other.Contact = core.Traits{ID: core.ContactID{7}, EmailDomain: "other.example", Region: "FR"}
		other.Activity.AskedAt = 5
		if got, want := prepared.Append(nil, other), p.Append(nil, other); string(got) != string(want) {
			t.Errorf("of %v: %x, want %x", reads, got, want)
		}
	}
}

func BenchmarkPrepared(b *testing.B) {
	p, err := NewProjection(allFields())
	if err != nil {
		b.Fatal(err)
	}
	c, dst := fullContext(), []byte(nil)
	prepared := p.Prepare(c)
	for b.Loop() {
		dst = prepared.Append(dst[:0], c)
	}
}

func BenchmarkProjection(b *testing.B) {
	p, err := NewProjection(allFields())
	if err != nil {
		b.Fatal(err)
	}
	c, dst := fullContext(), []byte(nil)
	for b.Loop() {
		dst = p.Append(dst[:0], c)
	}
}
