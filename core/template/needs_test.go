package template

import (
	"slices"
	"strings"
	"testing"

	"restock/core"
)

func TestNeeds(t *testing.T) {
	tm := core.Template{
		Subject: "{{ product.title }}", HTML: "{{ waitlist.reached | default: 'many' }} {{ links.buy }}",
		Locales: []core.LocaleVariant{{Locale: "de", HTML: "{% back_in_stock %}{{ product.title }}{{ links.confirm }}"}},
	}
	if got, want := Needs(tm), []string{Block, "links.buy", "links.confirm", "product.title"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestElseOfALoop(t *testing.T) {
	tm := core.Template{Subject: "s", HTML: "x", Text: "{% for t in contact.tags limit:1 %}{{ t }}{% else %}none{%- endfor -%}{%- for t in contact.tags -%} {{t}} {%- else -%} no {%- endfor -%}{% for n in (1..2) %}{{ n }}{% endfor %}"}
	if err := Check(tm); err != nil {
		t.Fatal(err)
	}
	for want, d := range map[string]Data{"vipvip12": Sample(), "noneno12": Least()} {
		if r, err := New().Render(core.HashTemplate(tm), tm, d); err != nil || r.Text != want {
			t.Errorf("got %q, %v; want %q", r.Text, err, want)
		}
	}
}

func TestBlanksAreNoValue(t *testing.T) {
	d := Sample()
	d.Contact.FirstName, d.Product.Vendor = "  ", "\u00a0"
	tm := core.Template{Text: "Hi {{ contact.first_name | default: 'there' }}{% if product.vendor %} by {{ product.vendor }}{% endif %}"}
	if r, err := New().RenderShort(core.HashTemplate(tm), tm, d); err != nil || r.Text != "Hi there" {
		t.Errorf("got %q, %v", r.Text, err)
	}
}

func TestNoLineNoNumber(t *testing.T) {
	d := Sample()
	d.Waitlist = Waitlist{}
	tm := core.Template{Text: "{{ waitlist.waiting }} wait"}
	if r, err := New().RenderShort(core.HashTemplate(tm), tm, d); err == nil || !strings.Contains(err.Error(), "waitlist.waiting is missing") {
		t.Errorf("got %q, %v", r.Text, err)
	}
}
