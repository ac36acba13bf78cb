package hook

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"restock/core"
)

var update = flag.Bool("update", false, "write the golden files anew; bytes that are out in the world must not change")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s:\n got %x\nwant %x", name, got, want)
	}
}

// allFields is a condition that reads everything.
func allFields() Manifest {
	return Manifest{
		Kind: KindCondition, Name: "all-fields", Version: "1.2.3", SDK: "c/1", Reads: Fields(),
		Config: []Field{{"deny", Strings}, {"limit", Int}, {"strict", Bool}, {"title", String}},
	}
}

// fullContext is a case that has everything.
func fullContext() *Context {
	return &Context{
		Now: 1_700_000_000_000,
		Contact: core.Contact{
			ID: core.ContactID{0xab, 15: 0xcd}, Email: "ann@shop.example", Phone: "+4915112345678", FirstName: "Ann",
			Locale: "de-DE", Region: "DE", Tags: []string{"vip", "größe-m"}, CreatedAt: 1_600_000_000_000,
			Fields: map[string]string{"tier": "gold"},
		}.Traits(),
		Activity: core.Activity{Kind: core.BackInStock, At: 1_699_999_999_000, AskedAt: 1_699_000_000_000, SKU: "TEE-M",
			Market: "DE-B2C", Price: core.Money{Minor: 2499, Currency: "EUR"}},
		Product: core.Product{ID: "9007199254740993", Title: "Tee", Vendor: "Acme"},
		Variant: core.Variant{ID: "42", SKU: "TEE-M", Title: "M", Price: core.Money{Minor: 1999, Currency: "EUR"}},
		Source:  core.Source{Name: "acme"},
		Restock: core.Restock{ID: core.RestockID{1}, OpenedAt: 1_699_999_990_000, Units: 300},
		Units:   -5,
	}
}

// firstFields is what could be read when the golden files were made: fields that come later change neither file.
func firstFields(t *testing.T) Manifest {
	t.Helper()
	paths := "now contact.id contact.email_domain contact.locale contact.region contact.tags contact.created_at " +
		"activity.kind activity.at activity.asked_at activity.sku product.id product.title product.vendor " +
		"variant.id variant.sku variant.title variant.price variant.currency variant.units source.name restock.opened_at restock.units"
	m := allFields()
	m.Reads = nil
	for _, path := range strings.Fields(paths) {
		f, ok := lookup(path)
		if !ok {
			t.Fatalf("%s is gone; fields must stay", path)
		}
		m.Reads = append(m.Reads, f.Field)
	}
	return m
}

func TestGoldenManifest(t *testing.T) { golden(t, "manifest.msgpack", firstFields(t).Encode()) }

func TestGoldenProjection(t *testing.T) {
	p, err := NewProjection(firstFields(t))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "projection.msgpack", p.Append(nil, fullContext()))
	golden(t, "projection-empty.msgpack", p.Append(nil, &Context{}))
}
