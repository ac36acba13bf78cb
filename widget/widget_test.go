package widget

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestLoaderInlines checks that whatever a configuration says stays data: it ends neither the script nor a line of it.
func TestLoaderInlines(t *testing.T) {
	hostile := "</script><!-- \u2028\u2029 \"'`${x}\\"
	script, err := Loader(&Config{Source: "my-shop", Privacy: hostile, Channels: []string{"email", "phone"}})
	if err != nil {
		t.Fatal(err)
	}
	text := string(script)
	for _, never := range []string{"</script", "<!--", "\u2028", "\u2029"} {
		if strings.Contains(text, never) {
			t.Errorf("the loader holds %q as it was said", never)
		}
	}
	_, config, found := strings.Cut(text, "})({")
	var got inlined
	if err := json.Unmarshal([]byte("{"+strings.TrimSuffix(config, ");\n")), &got); err != nil || !found {
		t.Fatalf("the configuration is not readable: %v", err)
	}
	if got.Privacy != hostile || got.Version != Version() || len(got.Channels) != 2 {
		t.Errorf("the loader is told %+v", got)
	}
}

// TestLoaderWithoutConfig leaves everything but the version to the tag.
func TestLoaderWithoutConfig(t *testing.T) {
	script, err := Loader(nil)
	if err != nil || !strings.HasSuffix(string(script), `})({"source":"","version":"`+Version()+"\"});\n") {
		t.Errorf("the loader ends with %q, %v", script[max(0, len(script)-80):], err)
	}
}

// TestFiles are what the edge serves under the version.
func TestFiles(t *testing.T) {
	if len(Version()) != 16 || strings.Trim(Version(), "0123456789abcdef") != "" {
		t.Errorf("the version is %q, want 16 hex characters", Version())
	}
	for _, f := range Files() {
		if strings.HasPrefix(f.Name, "loader") || strings.Contains(f.Name, "/") || f.ContentType == "application/octet-stream" {
			t.Errorf("%s is served as %s", f.Name, f.ContentType)
		}
		if !strings.HasPrefix(Integrity(f.Name), "sha384-") {
			t.Errorf("%s has no hash", f.Name)
		}
	}
	if Integrity("none.js") != "" {
		t.Error("a file that is not there has a hash")
	}
}
