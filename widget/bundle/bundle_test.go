package bundle

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestDist holds what is committed in dist against a fresh bundle of src: whoever changes one and forgets the other
// fails here.
func TestDist(t *testing.T) {
	fresh, err := Build("../src")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range fresh {
		got, err := os.ReadFile(filepath.Join("../dist", name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("dist/%s is not what src gives (%v): run make widget", name, err)
		}
	}
	committed, err := os.ReadDir("../dist")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range committed {
		if fresh[e.Name()] == nil {
			t.Errorf("dist/%s is built from nothing: run make widget", e.Name())
		}
	}
}

// TestBuildIsDeterministic bundles a copy in another place: no path may enter a bundle.
func TestBuildIsDeterministic(t *testing.T) {
	elsewhere := filepath.Join(t.TempDir(), "a copy")
	if err := os.CopyFS(elsewhere, os.DirFS("../src")); err != nil {
		t.Fatal(err)
	}
	here, err := Build("../src")
	if err != nil {
		t.Fatal(err)
	}
	there, err := Build(elsewhere)
	if err != nil {
		t.Fatal(err)
	}
	for name := range here {
		if !bytes.Equal(here[name], there[name]) {
			t.Errorf("%s differs by where it is built", name)
		}
	}
}

// TestBuildSaysWhatIsWrong points to file and line.
func TestBuildSaysWhatIsWrong(t *testing.T) {
	if _, err := Build(t.TempDir()); err == nil {
		t.Error("an empty folder was bundled")
	}
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS("../src")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "worker.ts"), []byte("const a = 1\nconst = 2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Build(folder)
	if err == nil || !bytes.Contains([]byte(err.Error()), []byte("worker.ts:2")) {
		t.Errorf("the error is %v, want it to name worker.ts:2", err)
	}
}
