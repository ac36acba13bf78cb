package cli

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestDiskKey: a new disk has a key of its own, an older one the operator's; and nothing is opened by another key, or by none.
func TestDiskKey(t *testing.T) {
	data := t.TempDir()
	folder := filepath.Join(data, "core")
	operator, other := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 16)
	key, err := DiskKey(folder, operator)
	if err != nil || len(key) != 32 || bytes.Equal(key, operator) {
		t.Fatalf("a new disk has the key %x, %v", key, err)
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if again, err := DiskKey(folder, operator); err != nil || !bytes.Equal(again, key) {
		t.Errorf("at the next start it is %x, %v", again, err)
	}
	for name, wrong := range map[string][]byte{"another": other, "none": nil, "a short one": operator[:5]} {
		if key, err := DiskKey(folder, wrong); !errors.Is(err, ErrSettings) {
			t.Errorf("%s opens it: %x, %v", name, key, err)
		}
	}
	older := filepath.Join(data, "edge")
	if err := os.Mkdir(older, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, want := range [][]byte{operator, nil} {
		if key, err := DiskKey(older, want); err != nil || !bytes.Equal(key, want) {
			t.Errorf("one that was there before has %x, %v", key, err)
		}
	}
	if key, err := DiskKey(filepath.Join(data, "new"), nil); err != nil || key != nil {
		t.Errorf("without a key nothing is encrypted, and it is %x, %v", key, err)
	}
}

// TestResealDisk: the new key opens what the old one did, the old one no more; an interruption in the middle is made up for; damage is
// named and changes nothing.
func TestResealDisk(t *testing.T) {
	data := t.TempDir()
	old, operator := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	keys := map[string][]byte{}
	for _, role := range []string{"core", "edge"} {
		key, err := DiskKey(filepath.Join(data, role), old)
		if err != nil {
			t.Fatal(err)
		}
		keys[role] = key
	}
	if files, err := ResealDisk(data, operator, old); err == nil && len(files) != 2 {
		t.Errorf("keys the wrong way round: %v, %v", files, err)
	}
	if err := sealDiskKey(filepath.Join(data, "core.key"), keys["core"], operator); err != nil { // and then the power went off
		t.Fatal(err)
	}
	if files, err := ResealDisk(data, old, operator); err != nil || len(files) != 2 {
		t.Fatalf("%v, %v", files, err)
	}
	for role, want := range keys {
		if key, err := DiskKey(filepath.Join(data, role), operator); err != nil || !bytes.Equal(key, want) {
			t.Errorf("the new key opens %s as %x, %v", role, key, err)
		}
		if _, err := DiskKey(filepath.Join(data, role), old); !errors.Is(err, ErrSettings) {
			t.Errorf("the old key opens %s still: %v", role, err)
		}
	}
	if _, err := ResealDisk(data, bytes.Repeat([]byte{3}, 32), bytes.Repeat([]byte{4}, 32)); !errors.Is(err, ErrSettings) {
		t.Errorf("a third key seals anew: %v", err)
	}
	if _, err := ResealDisk(t.TempDir(), old, operator); !errors.Is(err, ErrSettings) {
		t.Errorf("where there is none: %v", err)
	}
	file := filepath.Join(data, "core.key")
	good, _ := os.ReadFile(file)
	for n := range good {
		bad := bytes.Clone(good)
		bad[n] ^= 1
		if err := os.WriteFile(file, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if key, err := DiskKey(filepath.Join(data, "core"), operator); err == nil && !bytes.Equal(key, keys["core"]) {
			t.Fatalf("with byte %d changed the key is %x", n, key)
		}
	}
}
