package hook

import (
	"strings"
	"testing"
)

func TestMeant(t *testing.T) {
	for path, want := range map[string]string{
		"contact.emial_domain": "contact.email_domain", "contact.email": "contact.email_domain", "contact.tag": "contact.tags", "variant.prise": "variant.price",
		"contact.loyalty_tier": "contact.fields.loyalty_tier", "weather": "", "": "", "now.": "now",
	} {
		got := meant(path)
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("by %q it thinks that %q was meant, want %q", path, got, want)
		}
	}
}
