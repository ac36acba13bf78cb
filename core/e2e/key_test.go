package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestKeys: keys are made by commands, for their owner's eyes only and never over another, and what is printed can be applied as it is.
func TestKeys(t *testing.T) {
	dir := t.TempDir()
	i := newInstallation(t)
	var documents []string
	for _, tt := range []struct {
		name, file string
		more       []string
		want       string
	}{
		{"vapid", "vapid", nil, "kind: Sender"},
		{"dkim", "dkim.pem", []string{"--domain", "shop.example"}, `restock._domainkey.shop.example. IN TXT ( "v=DKIM1; k=rsa; p=`},
		{"encryption", "disk.key", nil, "--encryption-key file:"},
	} {
		path := filepath.Join(dir, tt.file)
		args := append([]string{"key", tt.name, path}, tt.more...)
		out, code := run(t, nil, args...)
		if code != 0 || !strings.Contains(out, tt.want) {
			t.Fatalf("key %s ended with %d:\n%s", tt.name, code, out)
		}
		made, err := os.Stat(path)
		if err != nil || made.Mode().Perm() != 0o600 || made.Size() < 43 {
			t.Errorf("key %s wrote %v, %v", tt.name, made, err)
		}
		before, _ := os.ReadFile(path)
		if _, code := run(t, nil, args...); code != 2 {
			t.Errorf("key %s over another ended with %d", tt.name, code)
		}
		if after, _ := os.ReadFile(path); string(after) != string(before) {
			t.Errorf("key %s overwrote a key", tt.name)
		}
		if document := regexp.MustCompile(`(?s)kind: Sender.*?\}\n`).FindString(out); document != "" {
			documents = append(documents, document)
		}
		if dkim := regexp.MustCompile(`dkim: \{.*\}`).FindString(out); dkim != "" {
			documents = append(documents, "kind: Sender\nname: signed\nspec:\n  type: smtp\n  from: news@shop.example\n  host: mail.shop.example\n  "+dkim+"\n")
		}
	}
	if len(documents) != 2 {
		t.Fatalf("printed were %q", documents)
	}
	i.applyFiles(crashFiles, strings.Join(documents, "---\n"))
}
