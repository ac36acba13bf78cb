package examples

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"restock/plugins/kit"
)

// folders are the examples.
func folders(t *testing.T) (names []string) {
	t.Helper()
	all, err := filepath.Glob("*/plugin.yaml")
	if err != nil || len(all) < 11 {
		t.Fatalf("there are %d examples, %v; there were more", len(all), err)
	}
	for _, f := range all {
		names = append(names, filepath.Dir(f))
	}
	return names
}

// Each example that is kept as a module answers its fixtures, with the fuel that is written down.
func TestExamples(t *testing.T) {
	kept := 0
	for _, name := range folders(t) {
		module := filepath.Join(name, name+".wasm")
		if _, err := os.Stat(filepath.Join(name, "go.mod")); err == nil {
			continue // TestExamplesAreBuilt has it
		}
		kept++
		t.Run(name, func(t *testing.T) { expectTests(t, module, 0) })
	}
	if kept < 8 {
		t.Errorf("%d modules are kept; there were more", kept)
	}
}

// Each example's sources, built by the compilers that are there, answer the same and pass their unit tests. Other compilers may
// need more fuel.
func TestExamplesAreBuilt(t *testing.T) {
	compiler, err := filepath.Abs("../node_modules")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range folders(t) {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), name)
			if err := os.CopyFS(dir, os.DirFS(name)); err != nil {
				t.Fatal(err)
			}
			if err := os.RemoveAll(filepath.Join(dir, name+".wasm")); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(filepath.Join(dir, "package.json")); err == nil {
				if err := os.Symlink(compiler, filepath.Join(dir, "node_modules")); err != nil {
					t.Fatal(err)
				}
			}
			expectTests(t, dir, 200)
		})
	}
}

// The table of what the examples cost is of these examples: it has each, with the fuel of its dearest fixture.
func TestMeasured(t *testing.T) {
	table, err := os.ReadFile("MEASURED.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range folders(t) {
		fixtures, err := filepath.Glob(filepath.Join(name, "fixtures", "*", "out.json"))
		if err != nil || len(fixtures) == 0 {
			t.Fatalf("%s has no fixtures, %v", name, err)
		}
		most := int64(0)
		for _, file := range fixtures {
			var out struct {
				Fails string
				Fuel  int64
			}
			b, err := os.ReadFile(file)
			if err != nil || json.Unmarshal(b, &out) != nil {
				t.Fatalf("%s: %s, %v", file, b, err)
			}
			if out.Fails == "" {
				most = max(most, out.Fuel)
			}
		}
		row := regexp.MustCompile(fmt.Sprintf(`(?m)^\| \[%s\]\(%s\) \|([^|]*\|){4} %d \|`, name, name, most))
		if !row.Match(table) {
			t.Errorf("MEASURED.md has no row of %s with %d units of fuel; run `make plugins`", name, most)
		}
	}
}

func expectTests(t *testing.T, path string, tolerance int) {
	t.Helper()
	var out bytes.Buffer
	if failed, err := kit.Test(t.Context(), nil, path, tolerance, &out); err != nil || failed > 0 {
		t.Errorf("%d failed, %v\n%s", failed, err, out.String())
	}
}
