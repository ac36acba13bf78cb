package plugin

import (
	"testing"

	"discount-code/restock"
)

func TestCodesDiffer(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range []restock.Input{{ContactID: "a", ActivitySKU: "b"}, {ContactID: "ab"}, {ContactID: "a", ActivitySKU: "c"}, {ContactID: "a", ActivitySKU: "b", Now: 1e12}} {
		a := Step(&c, &restock.Config{Secret: "a secret of the shop"})
		if seen[a.Vars.Code] {
			t.Errorf("%+v has the code %s of another", c, a.Vars.Code)
		}
		seen[a.Vars.Code] = true
	}
}
