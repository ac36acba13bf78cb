package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"restock/core/console"
)

const audienceFile = `kind: Audience
name: told
spec: {where: {back_in_stock: {has occurred: {in the last: 7 days}, where: {source: demo}}}}
---
kind: Audience
name: moment
spec: {where: {back_in_stock: occurs}}
`

// TestAudienceByCommand: what an audience may not ask is refused by file and line; what it has is found from the moment that
// it has occurred.
func TestAudienceByCommand(t *testing.T) {
	p := startDemo(t)
	core := "http://" + p.core
	file := filepath.Join(t.TempDir(), "audience.yaml")
	apply := func(text string) (string, int) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return run(t, nil, "apply", "--core", core, "-f", file)
	}
	if out, code := apply(audienceFile); code == 0 || !strings.Contains(out, "audience.yaml:7: spec.where.back_in_stock: occurs is a moment") {
		t.Errorf("apply ended with %d:\n%s", code, out)
	}
	good, _, _ := strings.Cut(audienceFile, "---")
	if out, code := apply(good); code != 0 || !strings.Contains(out, "audience told applied") {
		t.Fatalf("apply ended with %d:\n%s", code, out)
	}
	for _, email := range []string{"ann@example.com", "bob@example.com"} {
		p.ask("demo", "1001", email)
		p.awaitMails(email, 1)
	}
	if out, code := run(t, nil, "audience", "told", "--core", core); code != 0 || !strings.Contains(out, "0 contacts, at ") {
		t.Errorf("before the restock, audience ended with %d:\n%s", code, out)
	}
	p.level("demo", 5001, 5, "in")
	p.awaitMails("bob@example.com", 2)
	out, code := run(t, nil, "audience", "told", "--core", core, "--sample", "1", "--json")
	var r console.AudienceReport
	if err := json.Unmarshal([]byte(out), &r); err != nil || code != 0 || r.Count != 2 || len(r.Sample) != 1 {
		t.Errorf("audience ended with %d (%v):\n%s", code, err, out)
	}
	if out, code := run(t, nil, "audience", "nobody", "--core", core); code == 0 || !strings.Contains(out, `no audience "nobody"`) {
		t.Errorf("an audience that is not there ended with %d:\n%s", code, out)
	}
}
