package kit

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"restock/core/hook"
)

// says fails the test unless an error says all of it.
func says(t *testing.T, err error, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("the error is %v, want one that says %q", err, part)
		}
	}
}

// Each language can have plugins of all names, those of its own packages too.
func TestNewTakesAllNames(t *testing.T) {
	for lang, names := range map[string][]string{
		"go": {"main", "time", "vendor", "com1", "1"}, "rust": {"main", "std", "core", "self"}, "ts": {"restock", "1"}, "c": {"main"},
	} {
		for _, name := range names {
			t.Run(lang+" "+name, func(t *testing.T) {
				dir := t.TempDir()
				err := New(dir, name, lang, hook.KindCondition, io.Discard)
				if err == nil {
					_, err = os.Stat(filepath.Join(dir, name, declarationFile))
				}
				if err == nil {
					err = Build(t.Context(), loader(t), filepath.Join(dir, name), io.Discard)
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
	}
	for _, name := range []string{"", ".", "..", "../x", "a/b", "a b", "a.b", "A", "-é", strings.Repeat("a", 64)} {
		dir := t.TempDir()
		says(t, New(filepath.Join(dir, "in"), name, "c", hook.KindCondition, io.Discard), "is no name; use 1 to 63 of a-z, 0-9 and -")
		if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
			t.Errorf("%q leaves %v, %v", name, left, err)
		}
	}
}

// A source of the other kind than plugin.yaml says is called that.
func TestBuildNamesTheOtherKind(t *testing.T) {
	for lang := range languages {
		if languages[lang].source == "" {
			continue
		}
		for kind, other := range map[hook.Kind]hook.Kind{hook.KindCondition: hook.KindStep, hook.KindStep: hook.KindCondition} {
			t.Run(fmt.Sprint(lang, " ", kind), func(t *testing.T) {
				dir := begin(t, lang, kind)
				file := filepath.Join(dir, declarationFile)
				b, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				text := strings.Replace(string(b), "kind: "+string(kind), "kind: "+string(other), 1)
				text, _, _ = strings.Cut(text, "sets:") // and what follows, which only steps have
				if kind == hook.KindCondition {
					text, _, _ = strings.Cut(text, "on_failure:")
				}
				write(t, dir, declarationFile, text)
				says(t, Build(t.Context(), loader(t), dir, io.Discard), fmt.Sprintf("plugin.yaml says kind: %s, and %s has a %s", other, languages[lang].source, kind))
			})
		}
	}
}

// What is wrong with a fixture is said with its file and line, and what to write there.
func TestFixturesExplain(t *testing.T) {
	module := filepath.Join("..", "examples", "domain-gate", "domain-gate.wasm")
	b, err := readModule(module)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, in, out string
		want          []string
	}{
		{"no JSON", "{\n\"context\": {\nbad", "{}", []string{"one/in.json", "line 3: ", `want {"config"`}},
		{"a list", "[]", "{}", []string{"one/in.json", "line 1: the whole file is no place for a JSON array"}},
		{"an unknown key", "{\n\"contex\": {}}", "{}", []string{`unknown field "contex"`}},
		{"two objects", "{}\n{}", "{}", []string{"line 2: something stands behind"}},
		{"too large", strings.Repeat(" ", maxFixture+1), "{}", []string{"more than 262144 bytes", "one contact's case"}},
		{"another type", `{"context": {"contact.email_domain": 5}}`, "{}", []string{"contact.email_domain: is the number 5; want string"}},
		{"a field that is none", `{"context": {"contact": {"email": "x"}}}`, "{}", []string{"did you mean contact.email_domain?"}},
		{"a setting that is none", `{"config": {"dney": ["x"]}}`, "{}", []string{"config.dney: plugin domain-gate has no such setting; there are: deny"}},
		{"a setting of another type", `{"config": {"deny": "x"}}`, "{}", []string{`config.deny: is the text "x"; want strings`}},
		{"a half answer", "{}", "{\n\"pass\": tru", []string{"one/out.json", "line 2: ", "want what the plugin answers"}},
		{"no in.json", "", "{}", []string{"fixtures/one has no in.json", "{} for nothing"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, "p.wasm", string(b))
			write(t, dir, "fixtures/one/out.json", tt.out)
			if tt.in != "" {
				write(t, dir, "fixtures/one/in.json", tt.in)
			}
			_, err := Test(t.Context(), loader(t), filepath.Join(dir, "p.wasm"), 0, io.Discard)
			says(t, err, tt.want...)
		})
	}
}

// Nothing passes for want of anything to test.
func TestNothingToTest(t *testing.T) {
	dir := begin(t, "c", hook.KindCondition)
	for _, gone := range []string{"fixtures", "plugin_test.c"} {
		if err := os.RemoveAll(filepath.Join(dir, gone)); err != nil {
			t.Fatal(err)
		}
	}
	_, err := Test(t.Context(), loader(t), dir, 0, io.Discard)
	says(t, err, "there is nothing to test it by", "fixtures/NAME/in.json")
	run := runCommand{target: target{dir}}
	says(t, run.once(t.Context(), loader(t), io.Discard), "finding fixtures: there is no", "fixtures/NAME/in.json")
	bench := benchCommand{Time: time.Millisecond}
	says(t, bench.bench(t.Context(), loader(t), target{dir}, io.Discard), "there is no", "to ask it about")
	for _, other := range []string{filepath.Join(dir, "nowhere"), filepath.Join(dir, "plugin.c"), filepath.Join(dir, "x.wasm"), t.TempDir()} {
		run.Path = other
		says(t, run.once(t.Context(), loader(t), io.Discard), other, "name the folder of a plugin")
	}
}

// An author's unit test that does not end is ended, after the fixtures have said what they found.
func TestUnitTestsEnd(t *testing.T) {
	dir := begin(t, "c", hook.KindCondition)
	write(t, dir, "plugin_test.c", "int main(void) { for (volatile int i = 0; i == 0;) {} }\n")
	var out bytes.Buffer
	tester := newTester(dir, &testCommand{Tolerance: 10, Unit: true}, &out)
	tester.unitTime = 500 * time.Millisecond
	failed, err := tester.test(t.Context(), loader(t))
	if err != nil || failed != 1 || !strings.Contains(out.String(), "FAIL unit tests: they did not end within 500ms") {
		t.Errorf("%d failed, %v: %s", failed, err, out.String())
	}
}

// Whatever a core node answers, push says what to do.
func TestPushExplains(t *testing.T) {
	module := filepath.Join("..", "examples", "domain-gate", "domain-gate.wasm")
	answer, code := "", http.StatusOK
	node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		_, _ = io.WriteString(w, answer)
	}))
	defer node.Close()
	away := httptest.NewServer(http.NotFoundHandler())
	away.Close()
	for _, tt := range []struct {
		name, core, token string
		code              int
		answer            string
		want              []string
	}{
		{"no URL", "core.example", "", 200, "", []string{`"core.example" is no URL; give one such as http://127.0.0.1:8081 by --core`}},
		{"nobody listens", away.URL, "", 0, "", []string{"connection refused", "is it running? (--core URL)"}},
		{"no token", node.URL, "", 401, "", []string{"it wants a token; give the one of its first start as RESTOCK_TOKEN"}},
		{"a wrong token", node.URL, "x", 401, "", []string{"it does not know the token"}},
		{"another server", node.URL, "", 404, "<html>", []string{"answered 404, and not as a core node does", "is it the console's URL"}},
		{"another page", node.URL, "", 200, "<html>", []string{"reading the core node's answer", "is http://"}},
		{"a problem", node.URL, "", 422, `{"title":"Unprocessable Entity","detail":"x","errors":[{"field":"journey a.b","message":"no"}]}`, []string{"it refuses, and nothing was changed:\n  journey a.b: no"}},
		{"another", node.URL, "", 503, `{"title":"Service Unavailable","detail":"try later"}`, []string{"it refuses: try later"}},
		{"no results", node.URL, "", 200, `{}`, []string{"it answered 0 results; use the restock of the node's version"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			answer, code = tt.answer, tt.code
			c := pushCommand{target{module}, coreNode{Core: tt.core, Token: tt.token, Workspace: "default"}}
			says(t, c.push(t.Context(), loader(t), io.Discard), tt.want...)
		})
	}
}

// A version is found by the beginning of its hash, and by nothing else.
func TestEarlier(t *testing.T) {
	p := pluginReport{Name: "gate", Versions: []pluginVersion{{Hash: "aa11"}, {Hash: "bb22"}, {Hash: "bc33"}}}
	for hash, want := range map[string]string{"": "bb22", "bb": "bb22", "bc33": "bc33"} {
		if v, err := p.earlier(hash); err != nil || v.Hash != want {
			t.Errorf("%q is %+v, %v", hash, v, err)
		}
	}
	for hash, want := range map[string]string{"b": "2 versions of gate begin with b", "aa": "aa is in use already", "c": "no version of gate begins with c; `restock plugin versions gate` lists them"} {
		_, err := p.earlier(hash)
		says(t, err, want)
	}
	_, err := pluginReport{Name: "gate", Versions: p.Versions[:1]}.earlier("")
	says(t, err, "gate has no version but the one in use")
	_, err = pluginReport{Name: "gate"}.earlier("")
	says(t, err, "the core node has none of that name")
}
