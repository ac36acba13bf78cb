package template

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"restock/core"
)

// messages are an error's fields as "field: message" lines.
func messages(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	invalid, ok := errors.AsType[*core.InvalidError](err)
	if !ok {
		t.Fatalf("got %T, want *core.InvalidError: %v", err, err)
	}
	var out []string
	for _, f := range invalid.Fields {
		if f.Line > 0 {
			f.Message = fmt.Sprintf("line %d: %s", f.Line, f.Message)
		}
		out = append(out, f.Field+": "+f.Message)
	}
	return out
}

func TestCheckRefuses(t *testing.T) {
	tests := []struct {
		name string
		t    core.Template
		want []string // each begins the message of its place
	}{
		{"nothing", core.Template{}, []string{"subject: is empty", "html: is empty"}},
		{"misspelt root", core.Template{HTML: "a\nb {{ prodct.title }}"}, []string{
			`html: line 2: unknown variable "prodct"; there are activity, contact, links, plugin, product, restock, source, variant`}},
		{"misspelt field", core.Template{HTML: "{{ product.titel }}"}, []string{
			`html: line 1: product has no field "titel"; it has title, url, image, vendor`}},
		{"misspelt field in brackets", core.Template{HTML: `{{ product["titel"] }}`}, []string{
			`html: line 1: product has no field "titel"`}},
		{"field of a field", core.Template{HTML: "{{ product.title.short }}"}, []string{
			`html: line 1: product.title has no field "short"`}},
		{"other systems' names", core.Template{HTML: "{{ people.first-name }}"}, []string{
			`html: line 1: unknown variable "people"`}},
		{"whole group", core.Template{HTML: "{{ product }}"}, []string{
			"html: line 1: product is a group: name one of its fields title, url, image, vendor"}},
		{"unknown filter", core.Template{HTML: "{{ product.title | shout }}"}, []string{
			`html: line 1: unknown filter "shout"; there are abs, append,`}},
		{"a filter of ours", core.Template{HTML: "{{ product.title | restock_print }}"}, []string{
			`html: line 1: unknown filter "restock_print"`}},
		{"unknown tag", core.Template{HTML: "x\n\n{% embark 'x' %}"}, []string{`html: line 3: unknown tag "embark"; there are assign, back_in_stock,`}},
		{"a file", core.Template{HTML: "{% include '/etc/passwd' %}"}, []string{`html: line 1: unknown tag "include"`}},
		{"a tag of ours", core.Template{HTML: "{% restock_turn 0 %}"}, []string{`html: line 1: unknown tag "restock_turn"`}},
		{"open block", core.Template{HTML: "a\n{% if product.title %}b"}, []string{`html: line 2: unterminated "if" block`}},
		{"open capture", core.Template{HTML: "{% capture x %}b"}, []string{`html: line 1: unterminated "capture" block`}},
		{"stray else", core.Template{HTML: "a{% else %}b"}, []string{"html: line 1: else stands outside case or for or if or unless"}},
		{"stray end", core.Template{HTML: "{% if product.title %}{% endfor %}{% endif %}"}, []string{`html: line 1: endfor closes nothing: the open block here is "if"`}},
		{"open braces", core.Template{HTML: "a\nb {{ product.title\nc"}, []string{"html: line 2: {{ is not closed on its line"}},
		{"open tag", core.Template{HTML: "{% if product.title"}, []string{"html: line 1: {% is not closed on its line"}},
		{"nothing in braces", core.Template{HTML: "{{}}"}, []string{"html: line 1: {{ is not closed on its line, or holds nothing"}},
		{"two variables", core.Template{HTML: "{{ product.title product.url }}"}, []string{
			"html: line 1: cannot read {{ product.title product.url }}: write a variable such as product.title"}},
		{"closing bracket", core.Template{HTML: "{{ product.title) | upcase | default: (1 }}"}, []string{"html: line 1: cannot read"}},
		{"semicolon", core.Template{HTML: "{{ product.title; }}"}, []string{`html: line 1: cannot read {{ product.title; }}: ';' does not belong`}},
		{"NUL", core.Template{HTML: "{{ product.title) ;\x00 (x }}"}, []string{"html: line 1: cannot read"}},
		{"open quote", core.Template{HTML: `{{ contact.first_name | default: "there }}`}, []string{"html: line 1: cannot read"}},
		{"huge number", core.Template{HTML: "{{ 99999999999999999999 }}"}, []string{"html: line 1: cannot read"}},
		{"huge range", core.Template{HTML: "{% for i in (1..100000000) %}{% endfor %}"}, []string{
			"html: line 1: a range is two whole numbers, at most 1000 apart: (1..5)"}},
		{"range by data", core.Template{HTML: "{{ (1..restock.units) | size }}"}, []string{"html: line 1: a range is two whole numbers"}},
		{"hides a root", core.Template{HTML: `{% assign product = "x" %}`}, []string{`html: line 1: the name "product" is taken`}},
		{"bad for", core.Template{HTML: "{% for contact.tags %}{% endfor %}"}, []string{
			"html: line 1: cannot read {% for contact.tags %}: for takes a name and a list: tag in contact.tags"}},
		{"bad if", core.Template{HTML: "{% if %}{% endif %}"}, []string{"html: line 1: cannot read {% if %}: if takes a comparison"}},
		{"bad cycle", core.Template{HTML: "{% for x in contact.tags %}{% cycle 1 %}{% endfor %}"}, []string{"html: line 1: cannot read {% cycle 1 %}"}},
		{"bad capture", core.Template{HTML: "{% capture %}{% endcapture %}"}, []string{"html: line 1: cannot read {% capture %}: capture takes one name"}},
		{"argument of end", core.Template{HTML: "{% if product.title %}{% endif product.title %}"}, []string{"html: line 1: endif takes nothing"}},
		{"block in the subject", core.Template{Subject: "{% back_in_stock %}", HTML: "x"}, []string{
			"subject: the back_in_stock block belongs in an e-mail's body"}},
		{"block in the preheader", core.Template{Preheader: "{% back_in_stock %}", HTML: "x"}, []string{
			"preheader: the back_in_stock block belongs in an e-mail's body"}},
		{"block option", core.Template{HTML: "{% back_in_stock colour: red %}"}, []string{
			`html: line 1: back_in_stock: there is no option "colour"; there are button, image, price`}},
		{"block image", core.Template{HTML: `{% back_in_stock image: "yes" %}`}, []string{"html: line 1: back_in_stock: image takes true or false"}},
		{"block button", core.Template{HTML: `{% back_in_stock button: "" %}`}, []string{"html: line 1: back_in_stock: button takes a text in quotes of 1 to 40"}},
		{"block words", core.Template{HTML: `{% back_in_stock big %}`}, []string{"html: line 1: back_in_stock: options are written as"}},
		{"wrong kind of value", core.Template{HTML: `{{ product.title | plus: 1 }}`}, []string{"html: rendering it with sample data: rendering html: line 1:"}},
		{"every part", core.Template{Subject: "{{ a.b }}", HTML: "{{ c.d }}", Text: "\n{{ e.f }}"}, []string{
			`subject: unknown variable "a"`, `html: line 1: unknown variable "c"`, `text: line 2: unknown variable "e"`}},
		{"too long", core.Template{HTML: strings.Repeat("x", maxSource+1)}, []string{"html: line 1: is longer than 128 KiB"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.t.Subject == "" && tt.name != "nothing" {
				tt.t.Subject = "s"
			}
			got := messages(t, Check(tt.t))
			if len(got) != len(tt.want) {
				t.Fatalf("got %q, want %q", got, tt.want)
			}
			for i := range got {
				if !strings.HasPrefix(got[i], tt.want[i]) {
					t.Errorf("got %q, want %q…", got[i], tt.want[i])
				}
			}
		})
	}
}

func TestCheckAccepts(t *testing.T) {
	tests := map[string]string{
		"default":         `{{ contact.first_name | default: "there" }}`,
		"own field":       `{{ contact.fields.size | default: 42 }} {% if contact.fields["shoe size"] %}{{ contact.fields["shoe size"] }}{% endif %} {{ contact.fields.size.size | default: 0 }}`,
		"tags":            `{% if contact.tags %}{{ contact.tags.first }} {{ contact.tags[0] }} {{ contact.tags.size }} {{ contact.tags | join: ", " }}{% endif %}`,
		"if":              `{% if product.vendor == "Acme" and restock.units > 3 %}a{% elsif variant.sku contains "TR" %}b{% else %}c{% endif %}`,
		"unless, case":    `{% unless product.image %}a{% endunless %}{% case contact.locale %}{% when "de", "fr" %}b{% else %}c{% endcase %}`,
		"for":             `{% for tag in contact.tags reversed limit: 2 %}{{ forloop.index }} {{ tag }}{% cycle "a", "b" %}{% else %}none{% endfor %}`,
		"range":           `{% for i in (1..3) %}{{ i }}{% endfor %}`,
		"assign, capture": `{% assign who = contact.first_name | default: "you" %}{% capture hi %}Hi {{ who }}{% endcapture %}{{ hi }}`,
		"comment, raw":    `{% comment %}{{ nonsense | {% endcomment %}{% raw %}{{ left alone }}{% endraw %}`,
		"trim":            "{%- if product.title -%} x {%- else -%} y {%- endif -%} {{- product.title -}}{% back_in_stock -%}",
		"date":            `{{ activity.asked_at | date: "%-d %b" }} {{ "now" | date: "%Y" }}`,
		"comparison":      `{{ restock.units > 3 }}`,
		"block":           `{% back_in_stock button: "Buy now", image: true, price: false %}{% back_in_stock image: false price: true %}{% back_in_stock %}`,
		"css":             `<html><head><style>@media print{a{color:red}}</style></head><body>{{ product.title }}</body></html>`,
	}
	for name, source := range tests {
		t.Run(name, func(t *testing.T) {
			if err := Check(core.Template{Subject: "s", HTML: source, Text: source}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestCheckText(t *testing.T) {
	tests := []struct{ text, want string }{
		{"{{ product.title }} is back: {{ links.buy }}", ""},
		{"{% back_in_stock %}", "text: line 1: the back_in_stock block is for e-mail only; use merge tags such as " +
			"{{ product.title }} and {{ product.url }}"},
		{"{{ product.name }}", `text: line 1: product has no field "name"; it has title, url, image, vendor`},
		{" ", "text: is empty: say what the message says"},
	}
	for _, tt := range tests {
		if got := strings.Join(messages(t, CheckText(tt.text)), "\n"); got != tt.want {
			t.Errorf("CheckText(%q)\ngot  %q\nwant %q", tt.text, got, tt.want)
		}
	}
}

func TestCheckIsBoundedByProblems(t *testing.T) {
	got := messages(t, CheckText(strings.Repeat("{{ a.b }}\n", 1000)))
	if len(got) != maxProblems {
		t.Errorf("got %d problems, want %d", len(got), maxProblems)
	}
}

// FuzzCheck: no source makes Check panic, and what it accepts can be rendered without a panic and never lets the
// data's markup into the HTML part.
func FuzzCheck(f *testing.F) {
	for _, s := range []string{
		"{{ product.title }}", `{% for i in (1..3) %}{{ i }}{% endfor %}`, "{% if a %}", "{{ x | default: 'y' }}",
		`{% capture x %}{{ product.title }}{% endcapture %}{{ x | strip }}`, `{% back_in_stock button: "x" %}`,
		"{% raw %}{{{% endraw %}", "{{ (product.title | escape) | upcase }}", "{%- assign a = 'b' | append: a -%}",
		`{{ contact.tags | sort | map: "x" | uniq | first }}`, "{% case 1 %}{% when 1, 2 %}{% endcase %}",
	} {
		f.Add(s)
	}
	data, least := hostile(), Least()
	f.Fuzz(func(t *testing.T, source string) {
		tmpl := core.Template{Subject: "s", HTML: source, Text: source}
		_ = CheckText(source)
		if Check(tmpl) != nil {
			return
		}
		if _, err := New().Render(core.Hash{}, tmpl, least); err != nil {
			t.Errorf("what was found to be good cannot be rendered: %q: %v", source, err)
		}
		out, err := New().Render(core.Hash{}, tmpl, data)
		if err == nil && strings.Contains(out.HTML, "<script>alert") && !strings.Contains(source, "<") {
			t.Errorf("markup of the data came through: %q", source)
		}
	})
}
