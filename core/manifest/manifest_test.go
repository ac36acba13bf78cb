package manifest

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"restock/core"
)

var update = flag.Bool("update", false, "write the goldens anew")

// options are those of a core whose modules are two, whose templates are checked for one thing only and whose plugins
// read JSON.
func options() Options {
	modules := map[string][]byte{"gate.wasm": []byte("\x00asm gate"), "testdata/hollow.wasm": {}}
	return Options{
		Read: func(path string) ([]byte, error) {
			if b, ok := modules[path]; ok {
				return b, nil
			}
			return nil, fs.ErrNotExist
		},
		CheckTemplate: checkTemplate,
		CheckShort:    checkTemplate,
		EncodeConfig:  func(m map[string]any) ([]byte, error) { return json.Marshal(m) },
		Applied: func(w core.WorkspaceName) map[core.Name]Contents {
			return map[core.WorkspaceName]map[core.Name]Contents{"second": {"earlier": {core.SMS: {Text: "applied before"}}}}[w]
		},
		Templates: map[string]core.Template{
			"waiting": {Subject: "We will tell you", HTML: "<p>waiting</p>"},
			"back":    {Subject: "It is back", HTML: "<p>back</p>"},

			"reminder":  {Subject: "It still is", HTML: "<p>still</p>"},
			"last-call": {Subject: "Few are left", HTML: "<p>last</p>"},
			"vip":       {Subject: "You first", HTML: "<p>first</p>"},
			"alert":     {Subject: "Many wait", HTML: "<p>alert</p>"},
			"confirm":   {Subject: "Was it you?", HTML: "<p>confirm</p>"},
		},
	}
}

// checkTemplate finds "oops", by part and line, and languages that lack what the template has.
func checkTemplate(t core.Template) error {
	var wrong core.InvalidError
	look := func(field, text string) {
		if at := strings.Index(text, "oops"); at >= 0 {
			f := core.FieldError{Field: field, Message: "unclosed tag"}
			if strings.HasSuffix(field, "html") || strings.HasSuffix(field, "text") {
				f.Line, f.Suggest = 1+strings.Count(text[:at], "\n"), "product.title"
			}
			wrong.Fields = append(wrong.Fields, f)
		}
	}
	look("subject", t.Subject)
	look("html", t.HTML)
	look("text", t.Text)
	look("icon", t.Icon)
	for _, v := range t.Locales {
		look("locales."+v.Locale+".subject", v.Subject)
		look("locales."+v.Locale+".html", v.HTML)
		look("locales."+v.Locale+".text", v.Text)
		if v.Text == "" && v.HTML == "" {
			wrong.Add("locales."+v.Locale, "has no text")
		}
	}
	return wrong.OrNil()
}

// TestGolden reads every testdata/*.yaml; beside it lies what comes of it, the declaration or the faults.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("finding testdata: %v, %d files", err, len(files))
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) { golden(t, file) })
	}
}

func golden(t *testing.T, file string) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	set, err := Parse([]File{{Name: filepath.ToSlash(file), Data: data}}, options())
	got := ""
	if err != nil {
		got = err.Error() + "\n"
	}
	if err != nil && set != nil {
		t.Error("an error came with a Set")
	}
	if strings.Contains(got, "hunter2") || strings.Contains(got, "literal-secret") {
		t.Error("a fault repeats a secret")
	}
	compare(t, strings.TrimSuffix(file, ".yaml")+".golden", got+dump("", reflect.ValueOf(set)))
}

func compare(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("differs from %s (run with -update and read the difference):\n%s", file, got)
	}
}

// dump writes what v holds, a line per value that is not zero.
func dump(path string, v reflect.Value) string {
	var b strings.Builder
	text, isText := v.Interface().(fmt.Stringer)
	bytes, isBytes := v.Interface().([]byte)
	switch {
	case v.IsZero():
	case v.Kind() == reflect.Pointer:
		b.WriteString(dump(path, v.Elem()))
	case isText:
		fmt.Fprintf(&b, "%s = %s\n", path, text)
	case isBytes:
		fmt.Fprintf(&b, "%s = %q\n", path, bytes)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			b.WriteString(dump(path+"."+v.Type().Field(i).Name, v.Field(i)))
		}
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			b.WriteString(dump(fmt.Sprintf("%s[%d]", path, i), v.Index(i)))
		}
	case v.Kind() == reflect.Map:
		for _, k := range sortedKeys(v) {
			b.WriteString(dump(strings.TrimPrefix(path+"."+k.String(), "."), v.MapIndex(k)))
		}
	case v.Type() == reflect.TypeFor[core.Milliseconds]():
		fmt.Fprintf(&b, "%s = %s\n", path, core.Milliseconds(v.Int()))
	default:
		fmt.Fprintf(&b, "%s = %#v\n", path, v.Interface())
	}
	return b.String()
}

// What the faults are made of can be read by programs.
func TestErrorFields(t *testing.T) {
	_, err := Parse([]File{{Name: "a.yaml", Data: []byte("kind: Plugin\nname: gate\nspec:\n  file: x.wasm\n  fuel: 5\n")}}, options())
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || len(joined.Unwrap()) != 2 {
		t.Fatalf("error is %T (%v), want two joined", err, err)
	}
	var second *Error
	if !errors.As(joined.Unwrap()[1], &second) {
		t.Fatalf("fault is %T, want *Error", joined.Unwrap()[1])
	}
	want := Error{File: "a.yaml", Line: 5, Field: "spec.fuel", Message: "unknown key; want file or hash"}
	if *second != want {
		t.Errorf("fault is %+v, want %+v", *second, want)
	}
}

func sortedKeys(m reflect.Value) []reflect.Value {
	return slices.SortedFunc(slices.Values(m.MapKeys()), func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
}
