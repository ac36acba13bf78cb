package template

import (
	"fmt"
	"strings"
	"testing"

	"restock/core"
)

var scored = []core.Var{
	{Plugin: "vip-score", Name: "tier", Kind: core.VarText, Text: "gold & silver"},
	{Plugin: "vip-score", Name: "points", Kind: core.VarNumber, Number: 42},
	{Plugin: "vip-score", Name: "known", Kind: core.VarFlag, Flag: true},
	{Plugin: "near", Name: "shops", Kind: core.VarTexts, Texts: []string{"Mitte", "Kreuzberg"}},
}

// TestPluginVariables: what plugins set is read by their names, escaped like anything else, and empty when nobody set it.
func TestPluginVariables(t *testing.T) {
	with := Sample()
	with.Vars = scored
	tests := []struct {
		source string
		data   Data
		want   string
	}{
		{`{{ plugin.vip-score.tier }}`, with, "gold &amp; silver"},
		{`{{ plugin["vip-score"].points | plus: 1 }}`, with, "43"},
		{`{% if plugin.vip-score.known %}yes{% endif %}`, with, "yes"},
		{`{{ plugin.near.shops | join: ", " }} {{ plugin.near.shops.first }} {{ plugin.near.shops.size }}`, with, "Mitte, Kreuzberg Mitte 2"},
		{`[{{ plugin.near.shops | default: "" }}{{ plugin.vip-score.tier | default: "none" }}]`, Sample(), "[none]"},
	}
	for _, tt := range tests {
		if got := renderOne(t, tt.source, tt.data); got != tt.want {
			t.Errorf("%s\ngot  %q\nwant %q", tt.source, got, tt.want)
		}
	}
}

func TestPluginVariablesAreChecked(t *testing.T) {
	for source, want := range map[string]string{
		`{{ plugin.vip-score.tier | default: "none" }}`: "",
		`{{ plugin.vip-score.tier }}`:                   "plugin.vip-score.tier may be missing",
		`{{ plugin }}`:                                  "plugin.NAME.VARIABLE",
		`{{ plugin.vip-score }}`:                        "plugin.NAME.VARIABLE",
		`{{ plugin.vip-score.tier.colour }}`:            `plugin.vip-score.tier has no field "colour"`,
	} {
		err := Check(core.Template{Subject: "s", HTML: source})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", source, err, want)
		}
	}
}

func TestVars(t *testing.T) {
	got := Vars(core.Template{
		Subject: "{{ plugin.b.y }}", HTML: `{% if plugin.a.x %}{{ plugin.a.x }}{% endif %}{{ product.title }}{{ plugin["b"]["x"] }}`, Text: "{{ plugin.b.y }}",
	})
	if want := "[{a x} {b x} {b y}]"; fmt.Sprint(got) != want {
		t.Errorf("read %v, want %s", got, want)
	}
}
