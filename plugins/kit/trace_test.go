package kit

import "testing"

func TestDemangled(t *testing.T) {
	for in, want := range map[string]string{
		"condition(i32,i32,i32)": "condition(i32,i32,i32)",
		"_ZN6plugin7restock3sdk4host4fail17h7484df52d18185fbE(i32,i32)":                         "plugin::restock::sdk::host::fail(i32,i32)",
		"_ZN6plugin7restock3sdk11panics_fail28_$u7b$$u7b$closure$u7d$$u7d$17hf2c9f67e66e6b628E": "plugin::restock::sdk::panics_fail::_{closure}",
		"_ZN": "_ZN", "_ZN9x": "_ZN9x", "_ZN99999999999999999999xE": "_ZN99999999999999999999xE", "_ZN1xF": "_ZN1xF", "_ZN0E": "",
	} {
		if got := demangled(in); got != want {
			t.Errorf("%s is %q, want %q", in, got, want)
		}
	}
}

func FuzzDemangled(f *testing.F) {
	f.Add("_ZN6plugin4fail17h7484df52d18185fbE(i32)")
	f.Fuzz(func(_ *testing.T, s string) { demangled(s) })
}
