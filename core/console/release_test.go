package console

import (
	"net/http/httptest"
	"slices"
	"testing"
)

// TestReleaseVerbs: approve and drop are never mistaken for each other.
func TestReleaseVerbs(t *testing.T) {
	f := shop()
	h := New(f, Config{})
	for _, path := range []string{"/api/v1/readings/sample/approve", "/api/v1/readings/sample/drop?workspace=outlet", "/api/v1/readings/sample/else",
		"/api/v1/readings/sample/now", "/api/v1/readings/sample/now?workspace=outlet&all=true", "/api/v1/readings/sample/now?all=1"} {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", path, nil))
	}
	if want := []string{"default sample drop=false", "outlet sample drop=true", "default sample all=false", "outlet sample all=true"}; !slices.Equal(f.set, want) {
		t.Errorf("the node was told %q, want %q", f.set, want)
	}
}
