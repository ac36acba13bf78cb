package kit

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"restock/core/hook"
)

var update = flag.Bool("update", false, "write the golden payloads anew; bytes that are out in the world must not change")

// payloads is where an SDK's author finds what every SDK must do.
const payloads = "../testdata"

// sdkLanguages are those that there is an SDK for.
var sdkLanguages = []string{"c", "go", "rust", "ts"}

// compilers lets AssemblyScript be found where .ci/deps installs it; without that, npm is asked for it.
func compilers(t testing.TB, dir string) {
	t.Helper()
	installed, err := filepath.Abs("../node_modules")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(installed); err != nil {
		return
	}
	if err := os.Symlink(installed, filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
}

// begin makes a new plugin, named mine.
func begin(t testing.TB, lang string, kind hook.Kind) string {
	t.Helper()
	parent := t.TempDir()
	if err := New(parent, "mine", lang, kind, io.Discard); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(parent, "mine")
	if lang == "ts" {
		compilers(t, dir)
	}
	return dir
}

func appendTo(t testing.TB, file, text string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append(b, text...), 0o644); err != nil {
		t.Fatal(err)
	}
}

// echo is the plugin of payloads in a language, in a folder of its own.
func echo(t testing.TB, kind hook.Kind, lang string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(payloads, string(kind)))); err != nil {
		t.Fatal(err)
	}
	declared, err := os.ReadFile(filepath.Join(dir, declarationFile))
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, declarationFile, strings.Replace(string(declared), "lang: LANG", "lang: "+lang, 1))
	if lang == "other" {
		return dir
	}
	source, err := os.ReadFile(filepath.Join("testdata", string(kind), languages[lang].source))
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, languages[lang].source, string(source))
	switch lang {
	case "go":
		write(t, dir, "go.mod", "module echo-"+string(kind)+"\n\ngo 1.24\n")
	case "ts":
		compilers(t, dir)
		write(t, dir, "package.json", `{"private": true, "devDependencies": {"assemblyscript": "0.27.37"}}`)
	}
	return dir
}

// Every SDK answers the golden payloads as plugins/testdata says: each type in each width, each action, cut reasons, failures.
func TestSDKs(t *testing.T) {
	for _, kind := range []hook.Kind{hook.KindCondition, hook.KindStep} {
		for _, lang := range sdkLanguages {
			t.Run(string(kind)+" "+lang, func(t *testing.T) {
				dir := echo(t, kind, lang)
				expectPayloads(t, dir, 8)
				if kind == hook.KindCondition {
					expectRefusals(t, dir)
				}
			})
		}
	}
}

// expectPayloads tests the plugin in dir by its fixtures, of which there are at least so many.
func expectPayloads(t *testing.T, dir string, least int) {
	t.Helper()
	var out bytes.Buffer
	fixtures, err := fixturesIn(dir)
	if err != nil || len(fixtures) < least {
		t.Fatalf("%d fixtures, %v", len(fixtures), err)
	}
	c := testCommand{Tolerance: 0, Unit: true}
	failed, err := newTester(dir, &c, &out).test(t.Context(), loader(t))
	if err != nil || failed > 0 {
		t.Errorf("%d failed, %v\n%s", failed, err, out.String())
	}
}

// The payloads' bytes are what a host hands over: they stay as they are.
func TestPayloads(t *testing.T) {
	for _, kind := range []hook.Kind{hook.KindCondition, hook.KindStep} {
		dir := echo(t, kind, "other")
		_, m, err := readDeclaration(dir)
		if err != nil {
			t.Fatal(err)
		}
		fields, err := hook.NewProjection(m)
		if err != nil {
			t.Fatal(err)
		}
		fixtures, err := fixturesIn(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range fixtures {
			input, err := fields.AppendValues(nil, f.values)
			if err != nil {
				t.Fatal(err)
			}
			at := filepath.Join(payloads, string(kind), fixturesFolder, f.name)
			expectBytes(t, filepath.Join(at, "in.msgpack"), input)
			config, err := hook.EncodeConfig(f.Config)
			if err != nil {
				t.Fatal(err)
			}
			if len(config) > 0 {
				expectBytes(t, filepath.Join(at, "config.msgpack"), config)
			}
		}
	}
}

func expectBytes(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s: got %x, want %x, %v", file, got, want, err)
	}
}

// expectRefusals wants that what an SDK cannot read is refused in words, not misread: another manifest's input and settings.
func expectRefusals(t *testing.T, dir string) {
	t.Helper()
	p, err := target{dir}.load(t.Context(), loader(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = p.close(t.Context()) }()
	for _, bad := range []string{"\x97\xa1x", "\x97", "", "\x97\x01\x01", "\x97\xc0\xdd\xff\xff\xff\xff", "\x97\xc0\x91\xdb\xff\xff\xff\xff"} {
		expectFailure(t, p, nil, bad, "the input is not that of plugin.yaml's reads")
	}
	for _, bad := range []string{"\x81\xa5least\xa1x", "\x81\xa5words\x92\xa1x", "\x01", "\xdf\xff\xff\xff\xff", "\x81\xa4name\x01", "\x81\xa4loud\x05"} {
		expectFailure(t, p, []byte(bad), "", "the settings are not those of plugin.yaml's config")
	}
}

func expectFailure(t *testing.T, p *plugin, config []byte, input, want string) {
	t.Helper()
	g, err := p.module.Boot(t.Context(), config)
	if err == nil {
		_, err = g.Call(t.Context(), hook.ConditionExport, []byte(input))
	}
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("settings %x, input %x: error is %v, want one that says %q", config, input, err, want)
	}
}

// A name that a language keeps for itself, and any other that the manifest takes, makes an SDK that compiles.
func TestSDKSpelling(t *testing.T) {
	for _, lang := range sdkLanguages {
		t.Run(lang, func(t *testing.T) {
			dir := begin(t, lang, hook.KindCondition)
			file := filepath.Join(dir, declarationFile)
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			more := "  type: int\n  default: string\n  match: bool\n  self: strings\n  2x: int\n  _: string\n  a_b: int\n  class: int\n  nothing: bool\n  constructor: string\n"
			write(t, dir, declarationFile, strings.Replace(string(b), "  regions: strings\n", "  regions: strings\n"+more, 1))
			if err := Build(t.Context(), loader(t), dir, io.Discard); err != nil {
				t.Error(err)
			}
		})
	}
}

// A measure says the same in JSON.
func TestMeasureJSON(t *testing.T) {
	b, err := json.Marshal(measure{Fixture: "x", Fuel: usage{5, 10}})
	if err != nil || !strings.Contains(string(b), `"fuel":{"used":5,"limit":10}`) {
		t.Errorf("%s, %v", b, err)
	}
}

// sample is a step that has everything that an SDK's templates know.
func sample() hook.Manifest {
	all := []hook.Field{{Path: "flag", Type: hook.Bool}, {Path: "list", Type: hook.Strings}, {Path: "number", Type: hook.Int}, {Path: "word", Type: hook.String}}
	m := hook.Manifest{Kind: hook.KindStep, Name: "sample", Version: "1", Sets: all, Config: all, Branches: []string{"vip"}}
	for _, path := range []string{"now", "contact.tags", "contact.region", "variant.price"} {
		f, _ := hook.FieldOf(path)
		m.Reads = append(m.Reads, f)
	}
	return m
}

// plugins/sdk/go holds what is generated for a sample, so that the package can be read, checked and fuzzed as a whole.
func TestSampleSDK(t *testing.T) {
	files, err := sdkFiles(languages["go"], sample(), "sample")
	if err != nil {
		t.Fatal(err)
	}
	expectBytes(t, "../sdk/go/plugin.go", files["plugin.go"])
}
