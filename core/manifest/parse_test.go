package manifest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"restock/core"
	"restock/core/filter"
)

// A journey's version is that of what it does: the way it is written does not count.
func TestVersion(t *testing.T) {
	const written = `{title: T, enter: {occurs: back_in_stock, where: {sku: A, source: demo}}, shapes: [
		{name: ask, condition: {plugin: gate}},
		{name: wait, delay: {for: 2h}},
		{name: mail, email: {sender: inbox, template: back}}]}`
	tests := []struct {
		name string
		old  string
		new  string
		same bool
	}{
		{"nothing", "", "", true},
		{"defaults written out", "{plugin: gate}}", "{plugin: gate}, yes: wait, no: exit}", true},
		{"a failure policy instead of the plugin's own", "{plugin: gate}", "{plugin: gate, on_failure: hold}", false},
		{"another spelling of the delay", "2h", "120m", true},
		{"another order of the filter", "sku: A, source: demo", "source: [demo], sku: [A]", true},
		{"the template written out", "template: back", "subject: It is back, html: <p>back</p>", true},
		{"title", "title: T", "title: U", false},
		{"activity", "back_in_stock", "waiting_on_stock", false},
		{"filter", "sku: A", "sku: B", false},
		{"a filter in many words", "{sku: A, source: demo}", "{all: [{sku: {is: [A]}}, {source: {is: demo}}]}", true},
		{"the filter's operator", "sku: A", "sku: {starts with: A}", false},
		{"delay", "2h", "3h", false},
		{"path", "{plugin: gate}}", "{plugin: gate}, no: mail}", false},
		{"failure policy", "{plugin: gate}", "{plugin: gate, on_failure: send}", false},
		{"configuration", "{plugin: gate}", "{plugin: gate, config: {a: 1}}", false},
		{"shape's name", "name: mail", "name: post", false},
		{"sender", "sender: inbox", "sender: mail", false},
		{"template", "template: back", "template: waiting", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if !strings.Contains(written, tt.old) {
				t.Fatalf("%q is not in the journey", tt.old)
			}
			before, after := oneJourney(t, written, "on"), oneJourney(t, strings.Replace(written, tt.old, tt.new, 1), "off")
			if (before.Version == after.Version) != tt.same {
				t.Errorf("versions %s and %s, want the same: %v", before.Version, after.Version, tt.same)
			}
		})
	}
}

func oneJourney(t *testing.T, spec, state string) core.Journey {
	t.Helper()
	return parse(t, fmt.Sprintf("kind: Journey\nname: j\nstate: %s\nspec: %s\n", state, strings.ReplaceAll(spec, "\t", " ")))["default"].Journeys[0].Journey
}

func parse(t *testing.T, text string) Set {
	t.Helper()
	set, err := Parse([]File{{Name: "a.yaml", Data: []byte(text)}}, options())
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// A playbook copied into a Journey document does what the playbook does: there is one engine.
func TestPlaybookIsAJourney(t *testing.T) {
	source := "kind: Source\nname: demo\nspec: {platform: shopify, url: https://s.example, secrets: [env:S], currency: EUR}\n"
	for i, name := range playbookNames() {
		t.Run(name, func(t *testing.T) {
			file, err := playbookFiles.ReadFile("playbooks/" + name + ".yaml")
			if err != nil {
				t.Fatal(err)
			}
			made := parse(t, source)["default"].Journeys[i].Journey
			copied := parse(t, "kind: Journey\nname: copy\n"+string(file))["default"].Journeys[0].Journey
			if want := "demo-" + name; string(made.Name) != want {
				t.Errorf("the playbook is named %s, want %s", made.Name, want)
			}
			if !reflect.DeepEqual(made.Shapes, copied.Shapes) {
				t.Errorf("the playbook has the shapes %+v, its copy %+v", made.Shapes, copied.Shapes)
			}
		})
	}
}

// Two sources share the playbooks' files and nothing else.
func TestPlaybooksOfTwoSources(t *testing.T) {
	source := func(name string) string {
		return "kind: Source\nname: " + name + "\nspec: {platform: shopify, url: https://s.example, secrets: [env:S], currency: EUR, playbooks: {sender: mail-" + name + "}}\n---\n"
	}
	var got []string
	for _, j := range parse(t, source("a")+source("b"))["default"].Journeys {
		j := j.Journey
		got = append(got, fmt.Sprintf("%s %s %s", j.Name, j.Shapes[len(j.Shapes)-1].Email.Sender, filter.Text(j.Enter.Where)))
	}
	want := []string{
		"a-waiting mail-a data source is a", "a-back mail-a data source is a", "a-reminder mail-a data source is a", "a-last-call mail-a data source is a", "a-vip mail-a data source is a and contact's tags has vip", "a-alert mail-a data source is a", "a-confirm mail-a data source is a",
		"b-waiting mail-b data source is b", "b-back mail-b data source is b", "b-reminder mail-b data source is b", "b-last-call mail-b data source is b", "b-vip mail-b data source is b and contact's tags has vip", "b-alert mail-b data source is b", "b-confirm mail-b data source is b",
	}
	if !slices.Equal(got, want) {
		t.Errorf("playbooks:\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

func TestLimits(t *testing.T) {
	sender := func(i int) string { return fmt.Sprintf("kind: Sender\nname: s%d\nspec: {type: inbox}\n---\n", i) }
	many := func(n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(sender(i))
		}
		return b.String()
	}
	list := func(n int) string { return "[" + strings.Repeat("a, ", n) + "]" }
	shapes := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "    - {name: s%d, delay: {for: 1s}}\n", i)
		}
		return "kind: Journey\nname: j\nspec:\n  enter: {occurs: back_in_stock}\n  shapes:\n" + b.String()
	}
	tests := []struct {
		name string
		file string
		want string // part of the error; "" when the file is good
	}{
		{"largest file", "# " + strings.Repeat("x", MaxFile-3) + "\n", ""},
		{"larger file", "# " + strings.Repeat("x", MaxFile-2) + "\n", "a.yaml: has 262145 bytes; want at most 262144 in one file"},
		{"most documents", many(MaxDocuments), ""},
		{"more documents", many(MaxDocuments + 1), "is one document too many; want at most 1000 in all files"},
		{"most shapes", shapes(MaxShapes), ""},
		{"more shapes", shapes(MaxShapes + 1), "a.yaml:6: spec.shapes: has 101 shapes; want at most 100"},
		{"longer list", "kind: Source\nname: s\nspec: {locations: " + list(MaxItems+1) + "}", "is a list of 1001; want at most 1000"},
		{"more faults", strings.Repeat("kind: Nothing\n---\n", MaxErrors+2), "and 2 more"},
		{"billion laughs", "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "a.yaml:2: aliases (*a) are not allowed; write the value out"},
		{"deep", strings.Repeat("[", 20_000), "a.yaml:1: is not YAML: exceeded max depth"},
		{"unknown anchor", "kind: *a", "a.yaml:1: is not YAML: unknown anchor 'a' referenced"},
		{"control bytes", "kind: \x01", "a.yaml:1: is not YAML: control characters are not allowed"},
		{"not UTF-8", "kind: \xff", "a.yaml:1: is not YAML: "},
		{"nothing", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse([]File{{Name: "a.yaml", Data: []byte(tt.file)}}, options())
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is %v, want %q", err, tt.want)
			}
		})
	}
}

// The limit of documents is that of all files, and names are those of all files.
func TestSeveralFiles(t *testing.T) {
	files := []File{
		{Name: "b.yaml", Data: []byte("kind: Sender\nname: mail\nspec: {type: inbox}\n")},
		{Name: "a.yaml", Data: []byte("kind: Sender\nname: mail\nspec: {type: inbox}\n---\nkind: Sender\n")},
	}
	_, err := Parse(files, options())
	const want = "a.yaml:2: name: mail is taken by Sender mail at b.yaml:2; choose another name\n" +
		"a.yaml:5: name: is missing; want 1 to 63 of a-z, 0-9 and -\n" +
		"a.yaml:5: spec: is missing; want a mapping with type inbox, smtp, twilio, webpush or webhook"
	if err == nil || err.Error() != want {
		t.Errorf("error:\n got %v\nwant %s", err, want)
	}
}

func TestReferences(t *testing.T) {
	plugin := func(file string) string { return "kind: Plugin\nname: p\nspec: {file: " + file + "}\n---\n" }
	files := []File{
		{Name: "shop/a.yaml", Data: []byte(plugin("gate.wasm") + plugin("../lib/./gate.wasm") + plugin("/opt/gate.wasm"))},
		{Name: "b.yaml", Data: []byte(plugin("shop/gate.wasm") + plugin("[x]") + plugin("") + "kind: Sender\nspec: {file: no.wasm}\n---\ntext")},
	}
	want := []string{"/opt/gate.wasm", "lib/gate.wasm", "shop/gate.wasm"}
	got, err := References(files)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("References = %q, %v, want %q", got, err, want)
	}
	if _, err := References([]File{{Name: "c.yaml", Data: []byte("a: b: c")}}); err == nil || !strings.HasPrefix(err.Error(), "c.yaml:1: is not YAML") {
		t.Errorf("what is no YAML gives %v", err)
	}
}

func TestOptionsAreNeeded(t *testing.T) {
	tests := map[string]func(*Options){
		"Read":          func(o *Options) { o.Read = nil },
		"CheckTemplate": func(o *Options) { o.CheckTemplate = nil },
		"CheckShort":    func(o *Options) { o.CheckShort = nil },
		"EncodeConfig":  func(o *Options) { o.EncodeConfig = nil },
		"Templates":     func(o *Options) { o.Templates = nil },
	}
	for name, drop := range tests {
		t.Run(name, func(t *testing.T) {
			opt := options()
			drop(&opt)
			if _, err := Parse(nil, opt); err == nil {
				t.Error("Parse does without")
			}
		})
	}
}

// What the helpers find wrong is told where it was written.
func TestHelpersErrors(t *testing.T) {
	opt := options()
	opt.Templates = map[string]core.Template{"waiting": {Subject: "oops", HTML: "x"}}
	opt.EncodeConfig = func(map[string]any) ([]byte, error) { return nil, errors.New("too deep") }
	opt.CheckTemplate = func(t core.Template) error {
		if t.HTML == "none" {
			return errors.New("cannot be rendered")
		}
		wrong := core.InvalidError{Fields: []core.FieldError{{Field: "html.3", Message: "unknown root", Suggest: "contact"}, {Field: "size", Message: "too large"}}}
		return &wrong
	}
	const file = `kind: Source
name: s
spec: {platform: shopify, url: https://s.example, secrets: [env:S], currency: EUR}
---
kind: Journey
name: j
spec:
  enter: {occurs: back_in_stock}
  shapes:
    - {name: ask, condition: {plugin: gate, config: {a: 1}}}
    - name: mail
      email:
        sender: inbox
        subject: Hi
        html: "{{ contcat }}"
    - {name: other, email: {sender: inbox, subject: Hi, html: none}}
`
	_, err := Parse([]File{{Name: "a.yaml", Data: []byte(file)}}, opt)
	want := []string{
		"a.yaml:10: spec.shapes[0].condition.config: encoding config: too deep",
		"a.yaml:13: spec.shapes[1].email: size: too large",
		`a.yaml:15: spec.shapes[1].email.html: unknown root; did you mean "contact"?`,
		"a.yaml:16: spec.shapes[2].email: cannot be rendered",
		`playbooks/alert.yaml:9: spec.shapes[0].email.template: "alert" is no template for email; want waiting`,
		`playbooks/back.yaml:8: spec.shapes[0].email.template: "back" is no template for email; want waiting`,
		`playbooks/confirm.yaml:8: spec.shapes[0].email.template: "confirm" is no template for email; want waiting`,
		`playbooks/last-call.yaml:9: spec.shapes[0].email.template: "last-call" is no template for email; want waiting`,
		`playbooks/reminder.yaml:10: spec.shapes[1].email.template: "reminder" is no template for email; want waiting`,
		`playbooks/vip.yaml:9: spec.shapes[0].email.template: "vip" is no template for email; want waiting`,
	}
	if err == nil || err.Error() != strings.Join(want, "\n") {
		t.Errorf("error:\n%v\nwant:\n%s", err, strings.Join(want, "\n"))
	}
}

// Whatever the bytes are: no panic, an error or a Set and not both, every fault in its file, and the same twice.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
		for _, document := range strings.Split(string(data), "\n---\n") {
			f.Add([]byte(document))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		files := []File{{Name: "f.yaml", Data: data}}
		set, err := Parse(files, options())
		if (err == nil) == (set == nil) {
			t.Fatalf("Parse gives %v and %v", set, err)
		}
		if err != nil {
			checkFault(t, err, strings.Count(string(data), "\n")+strings.Count(string(data), "\r")+2)
		}
		_, again := Parse(files, options())
		if fmt.Sprint(err) != fmt.Sprint(again) {
			t.Fatalf("two readings differ:\n%v\n%v", err, again)
		}
		if _, refErr := References(files); refErr != nil && err == nil {
			t.Fatalf("References refuses what Parse takes: %v", refErr)
		}
	})
}

func checkFault(t *testing.T, err error, lines int) {
	t.Helper()
	var fault *Error
	if !errors.As(err, &fault) || fault.File != "f.yaml" || fault.Message == "" {
		t.Fatalf("fault %+v of %v", fault, err)
	}
	if fault.Line < 0 || fault.Line > max(lines, 1) {
		t.Fatalf("fault in line %d of %d: %v", fault.Line, lines, err)
	}
}

// TestWidgetGuide: what the guide for shop owners says about a source is taken as it stands there.
func TestWidgetGuide(t *testing.T) {
	guide, err := os.ReadFile("../../widget/integrations/README.md")
	if err != nil {
		t.Fatal(err)
	}
	var text string
	for i, block := range strings.Split(string(guide), "```yaml\n") {
		if yaml, _, _ := strings.Cut(block, "```"); i > 0 {
			text += yaml
		}
	}
	w := parse(t, text)["default"].Sources[0].Widget
	if len(w.Channels) != 2 || !w.Marketing || !w.Quantity || !w.Any || w.Privacy == "" || w.Theme == "" {
		t.Errorf("the guide's source has the widget %+v", w)
	}
}
