package journal_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"restock/core/journal"
	"restock/core/wire"
)

// TestEncryption: with a key nothing lies on disk in the clear; another key or none is refused, and does no harm.
func TestEncryption(t *testing.T) {
	dir, key := t.TempDir(), bytes.Repeat([]byte{7}, 32)
	secret := "ann@example.com asked"
	blob := string(bytes.Repeat([]byte(secret), wire.BlobLimit/len(secret)+1))
	try := func(key []byte, use func(*journal.Journal)) error {
		s, err := journal.Serve(journal.ServerConfig{Dir: dir, Key: key}, quiet)
		if err != nil {
			return err
		}
		defer s.Close()
		c, err := journal.Connect(t.Context(), "", s, "", 1, quiet)
		if err != nil {
			return err
		}
		defer c.Close()
		j, err := c.Open(t.Context(), "default")
		if err == nil {
			use(j)
		}
		return err
	}
	if err := try(key, func(j *journal.Journal) { insist(t, j, batch(t, secret)); insist(t, j, batch(t, blob)) }); err != nil {
		t.Fatal(err)
	}
	for _, wrong := range [][]byte{nil, bytes.Repeat([]byte{8}, 32)} {
		if err := try(wrong, func(*journal.Journal) {}); err == nil {
			t.Errorf("it was opened with the key %x", wrong)
		}
	}
	err := try(key, func(j *journal.Journal) {
		if got := startReading(t, j, 1).take(t, 1, 2); !slices.Equal(got, []string{secret, blob}) {
			t.Errorf("with its key it holds %.40q", got)
		}
	})
	if err != nil {
		t.Errorf("after wrong keys its own is refused: %v", err)
	}
	files := 0
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		if b, err := os.ReadFile(path); err != nil || bytes.Contains(b, []byte(secret)) {
			t.Errorf("%s holds it in the clear (%v)", filepath.Base(path), err)
		}
		return nil
	})
	if files == 0 {
		t.Error("nothing lies on disk")
	}
}
