package template

import (
	"strings"
	"testing"

	"restock/core"
)

func TestCheckShort(t *testing.T) {
	for _, tt := range []struct {
		name string
		t    core.Template
		want string
	}{
		{"an SMS", core.Template{Text: "{{ product.title }} is back: {{ links.buy }}"}, ""},
		{"a push", core.Template{Subject: "{{ product.title }}", Text: "Back{% if variant.price %}, from {{ variant.price }}{% endif %}"}, ""},
		{"the block", core.Template{Text: "{% back_in_stock %}"}, "text: line 1: the back_in_stock block is for e-mail only; use merge tags such as"},
		{"the block as a title", core.Template{Subject: "{% back_in_stock %}", Text: "x"}, "subject: the back_in_stock block belongs in an e-mail's body"},
		{"nothing", core.Template{}, "text: is empty"},
		{"no Liquid", core.Template{Text: "a\n{{ product.title"}, "text: line 2"},
		{"a wrong value", core.Template{Text: "{{ product.title | divided_by: 0 }}"}, "text: "},
	} {
		err := CheckShort(tt.t)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

// TestRenderShort: nothing is escaped, a title stays in its line, and no layout comes around it.
func TestRenderShort(t *testing.T) {
	d := Sample()
	d.Product.Title = "Salt & Pepper\n<set>"
	tpl := core.Template{Subject: "{{ product.title }}!", Text: "\n  {{ product.title }}: {{ product.url }}\n\n"}
	got, err := New().RenderShort(core.HashTemplate(tpl), tpl, d)
	want := Rendered{Locale: "en", Subject: "Salt & Pepper <set>!", Text: "Salt & Pepper\n<set>: https://shop.example/p/trail-runner"}
	if err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestLinkAndPicture: what a push shows and where it leads, of what there is.
func TestLinkAndPicture(t *testing.T) {
	d := Sample()
	if d.Link() != "https://edge.example/r/t" || d.Picture() != "https://shop.example/i/trail-runner-black.jpg" {
		t.Errorf("%s, %s", d.Link(), d.Picture())
	}
	d.Links.Buy, d.Variant.Image = "", "javascript:alert(1)"
	if d.Link() != "https://shop.example/p/trail-runner?variant=42" || d.Picture() != "" {
		t.Errorf("%s, %s", d.Link(), d.Picture())
	}
	d.Variant.URL, d.Product.URL, d.Activity.URL = "", "", ""
	if d.Link() != "https://shop.example" {
		t.Errorf("with no page of its own: %s", d.Link())
	}
}
