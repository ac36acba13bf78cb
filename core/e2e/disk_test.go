package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// TestAnEdgesDiskThatWasPutBack: the core has seen numbers that this disk does not know it gave.
func TestAnEdgesDiskThatWasPutBack(t *testing.T) {
	i := newInstallation(t)
	i.applyFiles(crashFiles, "")
	told := func(n int) string {
		email := fmt.Sprintf("c%d@example.com", n)
		if !i.ask("my-shop", "71", email) {
			t.Fatal("not taken")
		}
		i.awaitMails(email, 1)
		return email
	}
	told(1)
	i.e.stop()
	dir, copied := filepath.Join(i.data, "edge"), filepath.Join(t.TempDir(), "edge")
	if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	i.startEdge()
	eventually(t, "the edge is back", func() bool { return i.ask("my-shop", "71", "back@example.com") })
	for n := range 5 {
		told(10 + n)
	}
	i.e.stop()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir, os.DirFS(copied)); err != nil {
		t.Fatal(err)
	}
	i.startEdge()
	eventually(t, "the edge is back", func() bool { return i.ask("my-shop", "71", "again@example.com") })
	for n := range 8 {
		told(20 + n) // each waits until the core has applied it
	}
}

// TestACoreThatLostItsMemory: an edge that the core has marked before meets a new one.
func TestACoreThatLostItsMemory(t *testing.T) {
	i := newInstallation(t)
	i.applyFiles(crashFiles, "")
	i.ask("my-shop", "71", "before@example.com")
	i.awaitMails("before@example.com", 1)
	i.c.stop()
	if err := os.RemoveAll(filepath.Join(i.data, "core")); err != nil {
		t.Fatal(err)
	}
	i.startCore()
	i.token = tokenOf(t, i.c)
	i.ready()
	i.applyFiles(crashFiles, "")
	i.ask("my-shop", "71", "after@example.com")
	i.awaitMails("after@example.com", 1)
}
