package core

import "testing"

// TestPluginAfter: what a version takes the place of comes first of those before, nothing is there twice, and the same version
// changes nothing.
func TestPluginAfter(t *testing.T) {
	v := func(n int) Plugin { return Plugin{Name: "gate", Hash: Hash{byte(n)}, Size: n} }
	p := v(1)
	p.Since = 1
	for _, n := range []int{2, 2, 3, 1} {
		p = v(n).After(p, Time(10*n))
	}
	want := []PluginVersion{{Hash{3}, 3, 30}, {Hash{2}, 2, 20}}
	if p.Hash != (Hash{1}) || p.Since != 10 || len(p.Earlier) != 2 || p.Earlier[0] != want[0] || p.Earlier[1] != want[1] {
		t.Errorf("it is %+v", p)
	}
	for n := 4; n < 50; n++ {
		p = v(n).After(p, Time(n))
	}
	if len(p.Earlier) != MaxEarlier || p.Earlier[0].Hash != (Hash{48}) {
		t.Errorf("%d are listed, the first %+v", len(p.Earlier), p.Earlier[0])
	}
}
