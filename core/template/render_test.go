package template

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"restock/core"
)

var update = flag.Bool("update", false, "write the golden files in testdata anew")

// hostile is data of a shop whose product names are attacks.
func hostile() Data {
	d := Sample()
	d.Product.Title = `<script>alert("x")</script>`
	d.Product.URL = "javascript:alert(1)"
	d.Product.Image = "data:text/html,<script>alert(1)</script>"
	d.Variant = core.Variant{Title: `"><img src=x onerror=alert(1)>`, URL: "javascript:alert(2)", Image: "file:///etc/passwd"}
	d.Activity = core.Activity{Kind: core.BackInStock, Title: d.Product.Title}
	d.Contact.FirstName = "Eve\r\nBcc: all@example.org"
	d.Source.Title = "Shop <b>&"
	d.Source.URL = "vbscript:x"
	d.Links = Links{Unsubscribe: "javascript:void(0)", Buy: "data:,x", Confirm: `https://edge.example/c/"><b>`}
	return d
}

// merchants is data of what tells a merchant.
func merchants() Data {
	d := Sample()
	d.Contact, d.Links = core.Contact{Email: "buyer@shop.example"}, Links{}
	d.Activity.Kind = core.WaitlistReached
	return d
}

// renderOne renders an HTML part and returns what the layout was put around.
func renderOne(t *testing.T, source string, d Data) string {
	t.Helper()
	out, err := New().Render(core.Hash{}, core.Template{Subject: "s", HTML: "<html><body>" + source + "</body></html>"}, d)
	if err != nil {
		t.Fatalf("rendering %q: %v", source, err)
	}
	return strings.TrimSuffix(strings.TrimPrefix(out.HTML, "<html><body>"), "</body></html>")
}

func TestRenderEscapesHTML(t *testing.T) {
	const escaped = "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;"
	tests := []struct{ source, want string }{
		{`{{ product.title }}`, escaped},
		{`{{- product.title -}}`, escaped},
		{`{{ product.title | escape }}`, escaped},
		{`{{ product.title | default: "x" | escape_once }}`, escaped},
		{`{{ product.title | upcase }}`, "&lt;SCRIPT&gt;ALERT(&#34;X&#34;)&lt;/SCRIPT&gt;"},
		{`{{ (product.title) }}`, escaped},
		{`{{ nothing.at_all | default: product.title }}`, ""},
		{`{% capture x %}<b>{{ product.title }}</b>{% endcapture %}{{ x }}{{ x | strip }}`, "<b>" + escaped + "</b><b>" + escaped + "</b>"},
		{`{% assign x = product.title %}{{ x }}`, escaped},
		{`{% assign x = product.title %}{% capture x %}{% endcapture %}{% assign x = product.title %}{{ x }}`, escaped},
		{`{% capture x %}{% endcapture %}{% for x in contact.tags %}{{ x }}{% endfor %}`, "vip"},
		{`{{ contact.first_name | newline_to_br }}`, "Eve<br>Bcc: all@example.org"},
		{`{{ product.title | newline_to_br }}`, escaped},
		{`<a href="{{ product.url | default: "" }}">`, `<a href="">`},
		{`{{ product.title | append: "<i>" }}`, escaped + "&lt;i&gt;"},
	}
	for _, tt := range tests {
		if strings.Contains(tt.source, "nothing") {
			tt.source = strings.Replace(tt.source, "nothing.at_all", "contact.fields.none", 1)
			tt.want = escaped
		}
		if got := renderOne(t, tt.source, hostile()); got != tt.want {
			t.Errorf("%s\ngot  %s\nwant %s", tt.source, got, tt.want)
		}
	}
}

func TestRenderLanguage(t *testing.T) {
	empty := Data{Contact: core.Contact{Tags: []string{"a", "b", "c"}}}
	full := Sample()
	tests := []struct {
		source string
		data   Data
		want   string
	}{
		{`Hi {{ contact.first_name | default: "there" }}`, empty, "Hi there"},
		{`Hi {{ contact.first_name | default: "there" }}`, full, "Hi Ada"},
		{`[{% if contact.first_name or product.title or activity.at or variant.price %}x{% endif %}]`, empty, "[]"},
		{`{% if product.image %}yes{% else %}no{% endif %}`, empty, "no"},
		{`{% if product.image %}yes{% else %}no{% endif %}`, full, "yes"},
		{`{{ variant.price }}`, full, "€129.00"},
		{`{{ activity.asked_at }}`, full, "1 January 2026"},
		{`{{ activity.at | date: "%Y-%m-%d" }}`, full, "2026-01-02"},
		{`{{ activity.at | date: "%Y" | default: "never" }}`, empty, "never"},
		{`{{ restock.units | plus: 1 }} {{ 7 | divided_by: 2 }} {{ 1000000 | times: 1000 }}`, full, "13 3 1000000000"},
		{`{% for t in contact.tags %}{{ forloop.index }}{{ t }}{% unless forloop.last %},{% endunless %}{% endfor %}`, empty, "1a,2b,3c"},
		{"{% for t in contact.tags -%}\n  {{ t }}\n{%- endfor %}", empty, "abc"},
		{`{% for t in contact.tags %}{% if t == "b" %}{% continue %}{% endif %}{{ t }}{% endfor %}`, empty, "ac"},
		{`{% for t in contact.tags %}{% cycle "x", "y" %}{% endfor %}`, empty, "xyx"},
		{`{{ contact.tags | join: "/" }} {{ contact.tags | size }} {{ contact.tags.first }}`, empty, "a/b/c 3 a"},
		{`{{ "äöü" | capitalize }} {{ "grüße" | truncate: 4, "…" }} {{ "a b c" | truncatewords: 2 }}`, empty, "Äöü grü… a b..."},
		{`{{ "grüße" | slice: 2, 2 }}|{{ "abc" | slice: 9 }}|{{ "abc" | slice: -2, 9 }}`, empty, "üß||bc"},
		{`{{ contact.fields.size }}{{ contact.fields["none"] | default: "" }}`, full, "42"},
		{`{% raw %}{{ x }}{% endraw %}{% comment %}{{ y }}{% endcomment %}`, empty, "{{ x }}"},
		{`{{ links.buy }} {{ restock.opened_at }}`, full, "https://edge.example/r/t 2 January 2026"},
	}
	for _, tt := range tests {
		if got := renderOne(t, tt.source, tt.data); got != tt.want {
			t.Errorf("%s\ngot  %q\nwant %q", tt.source, got, tt.want)
		}
	}
}

func TestRenderStandsIn(t *testing.T) {
	a := Sample().Activity
	got := renderOne(t, `{{ product.title }}|{{ product.url }}|{{ variant.title }}|{{ variant.price }}|{{ links.buy }}`, Data{Activity: a})
	want := "Trail Runner|" + a.URL + "|Black / 42|€129.00|" + a.URL
	if got != want {
		t.Errorf("with an empty catalogue\ngot  %s\nwant %s", got, want)
	}
}

func TestRenderSubject(t *testing.T) {
	tests := []struct{ source, want string }{
		{"{{ contact.first_name }} & co", "Eve Bcc: all@example.org & co"},
		{"a\u2028b\x00c\n\nd", "a b c d"},
		{strings.Repeat("ä", 300), strings.Repeat("ä", 199) + "…"},
		{strings.Repeat("ä", 200), strings.Repeat("ä", 200)},
	}
	for _, tt := range tests {
		out, err := New().Render(core.Hash{}, core.Template{Subject: tt.source, Preheader: tt.source, HTML: "x"}, hostile())
		if err != nil {
			t.Fatal(err)
		}
		if out.Subject != tt.want {
			t.Errorf("%.20q: got %q, want %q", tt.source, out.Subject, tt.want)
		}
		if strings.ContainsAny(out.Preheader, "\r\n") {
			t.Errorf("the preheader breaks its line: %q", out.Preheader)
		}
	}
}

func TestRenderLimits(t *testing.T) {
	tests := []struct{ name, source, want string }{
		{"nested loops", nested(5, "{% assign b = a %}"), "the loops take too many turns"},
		{"empty loops", nested(6, ""), "the loops take too many turns"},
		{"output", "{% assign a = 'xxxxxxxxxx' %}" + doubling("a", 12) + "{% for i in (1..20) %}{{ a }}{% endfor %}", "larger than 512 KiB"},
		{"doubling", "{% assign a = 'xxxxxxxxxx' %}" + doubling("a", 40), "append makes too large a value"},
		{"capture", "{% assign a = 'xxxxxxxxxx' %}" + doubling("a", 12) + "{% capture c %}{{ a }}{{ a }}{% endcapture %}", "captured text is larger than 64 KiB"},
		{"replace", "{% assign a = 'xxxxxxxxxx' %}" + doubling("a", 12) + "{{ a | replace: 'x', a }}", "replace"},
		{"join", "{% assign a = 'xxxxxxxxxx' %}" + doubling("a", 6) + "{% assign l = a | split: '' %}{{ l | join: a }}", "join"},
		{"list", "{% assign a = 'xxxxxxxxxx' %}" + doubling("a", 10) + "{{ a | split: '' | size }}", "split makes too large a value"},
		{"padding", `{{ activity.at | date: "%999999999d" }}`, "date"},
		{"wrong type", `a{{ "b" | plus: 1 }}`, "line 1: "},
		{"spoofed loop", `{% assign forlop = 1 %}{% cycle "a" %}`, "cycle must be within a forloop"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := New().Render(core.Hash{}, core.Template{Subject: "s", HTML: tt.source}, Sample())
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want …%s…", err, tt.want)
			}
		})
	}
}

func nested(depth int, body string) string {
	if depth == 0 {
		return body
	}
	return "{% for a in (1..1000) %}" + nested(depth-1, body) + "{% endfor %}"
}

func doubling(name string, times int) string {
	return strings.Repeat(fmt.Sprintf("{%% assign %s = %s | append: %s %%}", name, name, name), times)
}

func TestRenderRefusesWhatCheckRefuses(t *testing.T) {
	_, err := New().Render(core.Hash{}, core.Template{Subject: "s", HTML: "{{ a.b }}"}, Data{})
	if err == nil || err.Error() != `compiling html: line 1: unknown variable "a"; there are activity, contact, links, plugin, product, restock, source, variant, waitlist` {
		t.Errorf("got %v", err)
	}
}

func TestRendererKeepsTheNewest(t *testing.T) {
	r := New()
	for i := range maxCompiled + 10 {
		tmpl := core.Template{Subject: fmt.Sprint(i), HTML: "x"}
		if _, err := r.Render(core.HashTemplate(tmpl), tmpl, Data{}); err != nil {
			t.Fatal(err)
		}
	}
	oldest := core.HashTemplate(core.Template{Subject: "9", HTML: "x"})
	newest := core.HashTemplate(core.Template{Subject: fmt.Sprint(maxCompiled + 9), HTML: "x"})
	if len(r.compiled) != maxCompiled || len(r.order) != maxCompiled || r.compiled[compiledKey{hash: oldest}] != nil || r.compiled[compiledKey{hash: newest}] == nil {
		t.Errorf("kept %d (%d in order), oldest %v, newest %v", len(r.compiled), len(r.order), r.compiled[compiledKey{hash: oldest}], r.compiled[compiledKey{hash: newest}])
	}
}

func TestRenderConcurrently(t *testing.T) {
	r := New()
	waiting, back := Defaults()["waiting"], Defaults()["back"]
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 40 {
				tmpl := []core.Template{waiting, back, {Subject: fmt.Sprint(i % 7), HTML: `{% assign x = "` + fmt.Sprint(g) + `" %}{{ x }}`}}[i%3]
				d := Sample()
				d.Product.Title = fmt.Sprint("Runner ", g)
				out, err := r.Render(core.HashTemplate(tmpl), tmpl, d)
				if err != nil {
					t.Error(err)
				}
				if i%3 == 1 && out.Subject != fmt.Sprintf("Runner %d is back in stock", g) {
					t.Errorf("another rendering's data came in: %q", out.Subject)
				}
			}
		})
	}
	wg.Wait()
}

func TestBindingsMatchFields(t *testing.T) {
	bound := bindings(Sample())
	for root, names := range fields {
		group, _ := bound[root].(map[string]any)
		if len(group) != len(names) {
			t.Errorf("%s has %d bindings and %d fields", root, len(group), len(names))
		}
		for _, name := range names {
			if group[name] == nil {
				t.Errorf("%s.%s has no value in the sample", root, name)
			}
		}
	}
	if len(bound) != len(fields) {
		t.Errorf("%d roots are bound, %d listed", len(bound), len(fields))
	}
}

func TestGolden(t *testing.T) {
	waiting, back := Defaults()["waiting"], Defaults()["back"]
	bare := Sample()
	bare.Contact.FirstName, bare.Variant.Image, bare.Product.Image, bare.Variant.Title, bare.Activity.Choice = "", "", "", "", ""
	chosen := Sample()
	chosen.Item = &Item{Title: "Wool Beanie", Choice: "Moss", URL: "https://edge.example/r/b", Image: "https://shop.example/i/beanie.jpg",
		Price: core.Money{Minor: 29900, Currency: "SEK"}}
	one := merchants()
	one.Variant, one.Product.Image, one.Activity = core.Variant{}, "", core.Activity{Kind: core.WaitlistReached, Title: "Trail Runner"}
	one.Waitlist = Waitlist{Reached: 1, Waiting: 1, Wanted: 3}
	document := core.Template{
		Subject: "{{ product.title }}", Preheader: "Back & ready",
		HTML: "<!doctype html>\n<html><head><title>x</title></head><body class=\"a\">\n<p>{{ product.title }}</p>\n" +
			"{% back_in_stock image: false, price: false, button: \"Get it\" %}\n</body></html>\n",
		Text: "{{ product.title }} is back.\n\n{% back_in_stock button: \"Get it\" %}\n\n{{ links.unsubscribe }}\n",
	}
	tests := []struct {
		name string
		t    core.Template
		d    Data
	}{
		{"waiting", waiting, Sample()}, {"back", back, Sample()}, {"back_bare", back, bare}, {"back_chosen", back, chosen},
		{"reminder", Defaults()["reminder"], Sample()}, {"vip", Defaults()["vip"], Sample()},
		{"last-call", Defaults()["last-call"], Sample()}, {"last-call_hostile", Defaults()["last-call"], hostile()},
		{"confirm", Defaults()["confirm"], Sample()}, {"confirm_hostile", Defaults()["confirm"], hostile()},
		{"waiting_hostile", waiting, hostile()}, {"back_hostile", back, hostile()}, {"document", document, Sample()},
		{"alert", Defaults()["alert"], merchants()}, {"alert_bare", Defaults()["alert"], one}, {"alert_hostile", Defaults()["alert"], hostile()},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, err := New().Render(core.HashTemplate(tt.t), tt.t, tt.d)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, tt.name+".html", out.HTML)
			golden(t, tt.name+".txt", "Subject: "+out.Subject+"\nPreheader: "+out.Preheader+"\n\n"+out.Text)
			if want := !strings.HasPrefix(tt.name, "waiting") && !strings.HasPrefix(tt.name, "alert") && !strings.HasPrefix(tt.name, "confirm"); out.ShowedBlock != want {
				t.Errorf("ShowedBlock is %v", out.ShowedBlock)
			}
			safe(t, out.HTML)
		})
	}
}

// safe looks for what no mail of ours may hold.
func safe(t *testing.T, html string) {
	t.Helper()
	for _, bad := range []string{"<script", "javascript:", "vbscript:", "data:text", "file:", "onerror=alert(1)>", "ZgotmplZ"} {
		if i := strings.Index(html, bad); i >= 0 {
			t.Errorf("the mail holds %q: …%.60s", bad, html[i:])
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs from its golden file (write it anew with -update):\n%s", name, got)
	}
}

func TestDefaults(t *testing.T) {
	for name, tmpl := range Defaults() {
		if err := Check(tmpl); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	back := Defaults()["back"]
	out, err := New().Render(core.HashTemplate(back), back, Data{Links: Links{Buy: "https://edge.example/r/t"}})
	if err != nil || out.ShowedBlock || !strings.Contains(out.HTML, `<a href="https://edge.example/r/t"`) {
		t.Errorf("without any product: shown %v, %v", out.ShowedBlock, err)
	}
	if _, err := New().Render(core.HashTemplate(back), back, Data{}); err == nil || !strings.Contains(err.Error(), "neither a title nor a page") {
		t.Errorf("without anything: %v", err)
	}
}
