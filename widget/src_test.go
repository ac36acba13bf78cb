package widget

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

var textLine = regexp.MustCompile(`(?m)^export const (\w+) = '([^'\\]+)';$`)

// readTexts returns a language's texts by name.
func readTexts(t *testing.T, file string) map[string]string {
	t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, m := range textLine.FindAllStringSubmatch(string(source), -1) {
		texts[m[1]] = m[2]
	}
	if got, want := len(texts), strings.Count(string(source), "export "); got != want {
		t.Errorf("%s: %d of %d texts are lines of the form export const name = 'text';", file, got, want)
	}
	return texts
}

// TestTexts holds every language against English: the same names, and {0} where English has it.
func TestTexts(t *testing.T) {
	files, err := filepath.Glob("src/texts/*.ts")
	if err != nil || len(files) < 12 {
		t.Fatalf("there are %d languages, want 12 at least (%v)", len(files), err)
	}
	english := readTexts(t, "src/texts/en.ts")
	for _, file := range files {
		texts := readTexts(t, file)
		for name, want := range english {
			if got := texts[name]; got == "" || strings.Count(got, "{0}") != strings.Count(want, "{0}") {
				t.Errorf("%s: %s is %q, which in English is %q", file, name, got, want)
			}
		}
		if len(texts) != len(english) {
			t.Errorf("%s has %d texts, English has %d", file, len(texts), len(english))
		}
		rtl := strings.Contains("ar.ts he.ts", filepath.Base(file))
		if (texts["dir"] == "rtl") != rtl {
			t.Errorf("%s is written %s", file, texts["dir"])
		}
	}
}

// TestDialCodes holds the form's dial codes against the library that reads phone numbers at the edge.
func TestDialCodes(t *testing.T) {
	source, err := os.ReadFile("src/more.ts")
	if err != nil {
		t.Fatal(err)
	}
	table := regexp.MustCompile(`const table =\s+'(\w+)'`).FindSubmatch(source)
	if table == nil {
		t.Fatal("src/more.ts holds no table of dial codes")
	}
	got, code := map[string]int{}, 0
	for _, m := range regexp.MustCompile(`(\d*)([A-Z]{2})`).FindAllSubmatch(table[1], -1) {
		step := 1
		if len(m[1]) > 0 {
			step, _ = strconv.Atoi(string(m[1])) // digits
		}
		code += step
		got[string(m[2])] = code
	}
	for region := range phonenumbers.GetSupportedRegions() {
		if want := phonenumbers.GetCountryCodeForRegion(region); got[region] != want {
			t.Errorf("%s has the code %d, want %d", region, got[region], want)
		}
		delete(got, region)
	}
	if len(got) > 0 {
		t.Errorf("these are no regions any more: %s", fmt.Sprint(got))
	}
}
