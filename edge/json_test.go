package edge

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestJSONErrorsSayWhere(t *testing.T) {
	for body, want := range map[string]string{
		`{"source":"shop",}`:              "byte 18",
		`{"source":"sh` + "\x01" + `op"}`: "control character",
		`{"source":5}`:                    "source must be a text",
		`{"variant":1.5}`:                 "variant must be a text or a whole number",
		`{"quantity":"2"}`:                "quantity must be a whole number",
		`{"quantity":01}`:                 "a value",
		`{"consent":true}`:                "consent must be an object",
		`{"consent":{"marketing":"yes"}}`: "consent.marketing must be true or false",
		`{"a":"\q"}`:                      "an escape",
		`{} x`:                            "nothing after the object",
		"{}\x00":                          "nothing after the object",
		`{"a":` + strings.Repeat("[", 40): "nested too deep",
		`{"source":"shop"`:                "ends early",
		``:                                "ends early",
	} {
		if _, err := parseJSON([]byte(body)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s gave %v, want %q", body, err, want)
		}
	}
}

func TestJSONEscapes(t *testing.T) {
	f, err := parseJSON([]byte(`{"page":"a\"\\\/\b\f\n\r\t\u00e4\ud83d\ude00\ud83dx","source":null,"x":[1,{"y":[]},-1.5e+3,true,false,null]}`))
	want := "a\"\\/\b\f\n\r\tä😀\ufffdx"
	if err != nil || f.Page != want {
		t.Errorf("read %q (%v), want %q", f.Page, err, want)
	}
}

// FuzzJSON holds the reader against encoding/json: what one takes the other takes, and they read the same.
func FuzzJSON(f *testing.F) {
	for _, seed := range []string{
		`{"source":"shop","variant":123,"email":"a@b.example","consent":{"marketing":true,"text":"\u00e4"},"quantity":-2}`,
		`{"a":[1,2.5e-7,{"b":null}],"page":"\ud83d\ude00"}`, `{"email":"x","email":"y"}`, "{}\x00x", `{`, `[]`, `{"a":0123}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if !utf8.Valid(body) {
			return
		}
		got, err := parseJSON(body)
		var theirs map[string]any
		d := json.NewDecoder(strings.NewReader(string(body)))
		d.UseNumber()
		valid := json.Valid(body) && d.Decode(&theirs) == nil && theirs != nil
		if err == nil && !valid {
			t.Fatalf("took %q, which is no JSON object", body)
		}
		if err != nil {
			refusesForms := strings.Contains(err.Error(), "must be") || strings.Contains(err.Error(), "too deep")
			if valid && !refusesForms {
				t.Fatalf("refused %q: %v", body, err)
			}
			return
		}
		for name, text := range map[string]string{"source": got.Source, "email": got.Email, "page": got.Page, "website": got.Website} {
			if want, ok := theirs[name].(string); ok && want != text {
				t.Errorf("%s of %q is %q, want %q", name, body, text, want)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	body := []byte(`{"source":"shop","variant":"1001","email":"ann@example.com","locale":"de-DE","page":"https://shop.example/products/tee","elapsed_ms":4200,"consent":{"marketing":false,"text":"Tell me"}}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := parseForm("application/json", body); err != nil {
			b.Fatal(err)
		}
	}
}
