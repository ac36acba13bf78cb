package manifest

import (
	"strings"
	"testing"

	"restock/core"
)

// A plugin is named by its file or by the hash of a version that was applied before, never by both.
func TestPluginByHash(t *testing.T) {
	hash := core.HashOf([]byte("a module"))
	got := parse(t, "kind: Plugin\nname: old-gate\nspec: {hash: "+hash.String()+"}\n")["default"].Plugins
	if len(got) != 1 || got[0].Plugin.Name != "old-gate" || got[0].Plugin.Hash != hash || got[0].Module != nil {
		t.Errorf("parsed %+v", got)
	}
	for spec, want := range map[string]string{
		"{hash: abc}": "spec.hash: want 64 hexadecimal digits",
		"{hash: " + strings.Repeat("a", 66) + "}":     "spec.hash: want 64 hexadecimal digits",
		"{hash: " + hash.String() + ", file: a.wasm}": "spec.file: the module is named by hash; take one of the two out",
		"{}": "spec.file: ",
	} {
		_, err := Parse([]File{{Name: "a.yaml", Data: []byte("kind: Plugin\nname: gate\nspec: " + spec + "\n")}}, options())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", spec, err, want)
		}
	}
}
