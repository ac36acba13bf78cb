package console

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// TestDirect: each verb is its own word, and what is wrong is said and changes nothing.
func TestDirect(t *testing.T) {
	f := shop()
	h := New(f, Config{})
	tests := []struct {
		path   string
		status int
		says   string
	}{
		{"back/shapes/mail/pause", 200, `"paused":true`},
		{"back/shapes/mail/resume?workspace=outlet", 200, ""},
		{"back/shapes/buffer/move", 200, `"standing":40`},
		{"back/shapes/mail/stop", 422, "want pause, resume or move"},
		{"back/shapes/gone/pause", 404, "There is no shape"},
		{"none/shapes/mail/pause", 404, "There is no shape"},
	}
	for _, tt := range tests {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("POST", "/api/v1/journeys/"+tt.path, nil))
		if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.says) {
			t.Errorf("%s: %d %s", tt.path, w.Code, w.Body)
		}
	}
	want := []string{"default back mail pause", "outlet back mail resume", "default back buffer move"}
	if !slices.Equal(f.set, want) {
		t.Errorf("the node was told %q, want %q", f.set, want)
	}
}

// TestJourneyPage shows who stands where and lets the operator say what can be said.
func TestJourneyPage(t *testing.T) {
	f := shop()
	h := New(f, Config{})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/journeys/default/back", nil))
	page := w.Body.String()
	for _, text := range []string{
		"version 3", "where SKU starts with TEE", "A contact enters once.", "1 per contact in 30d", `href="#shape-half"`, "75 %", count(int64(1250)),
		"shapes/buffer/pause", "shapes/buffer/move", "shapes/mail/resume", "shapes/mail/move",
	} {
		if w.Code != http.StatusOK || !strings.Contains(page, text) {
			t.Errorf("%d: the page says nothing of %q", w.Code, text)
		}
	}
	for _, text := range []string{"shapes/half/move", "shapes/mail/pause", "shapes/buffer/resume"} {
		if strings.Contains(page, text) {
			t.Errorf("the page offers %s, which would do nothing", text)
		}
	}
	w = httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("POST", "/journeys/default/back/shapes/mail/resume", nil))
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/journeys/default/back#shape-mail" {
		t.Errorf("the button is answered %d to %s", w.Code, w.Header().Get("Location"))
	}
	w = httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/journeys/default/none", nil))
	if w.Code != http.StatusNotFound {
		t.Errorf("a journey that there is not: %d", w.Code)
	}
}
