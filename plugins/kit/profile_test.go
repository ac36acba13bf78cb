package kit

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"restock/core/hook"
)

// A profile's functions are closed as they were opened, and its end is the call's fuel.
func TestProfile(t *testing.T) {
	dir := begin(t, "c", hook.KindStep)
	target := target{dir}
	f, err := findFixture(dir, "vip")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "profile.json")
	if err := target.profile(t.Context(), loader(t), f, file); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Shared   struct{ Frames []frame }
		Profiles []struct {
			EndValue int64
			Events   []event
		}
	}
	if err := json.Unmarshal(b, &got); err != nil || len(got.Profiles) != 1 || len(got.Shared.Frames) == 0 || got.Shared.Frames[0].Name == "" {
		t.Fatalf("%s, %v", b, err)
	}
	var open []int
	for _, e := range got.Profiles[0].Events {
		switch n := len(open); {
		case e.Type == "O":
			open = append(open, e.Frame)
		case n == 0 || open[n-1] != e.Frame:
			t.Fatalf("%+v closes another than %v", e, open)
		default:
			open = open[:n-1]
		}
	}
	p, err := target.load(t.Context(), loader(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = p.close(t.Context()) }()
	m, err := p.run(t.Context(), f, 0)
	if err != nil || len(open) > 0 || m.Fuel.Used != got.Profiles[0].EndValue {
		t.Errorf("%v: the profile ends at %d, the call used %d; open are %v", err, got.Profiles[0].EndValue, m.Fuel.Used, open)
	}
}
