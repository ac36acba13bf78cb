package console

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"restock/core"
)

// TestSteer: each verb is its own word, and what is wrong is said and changes nothing.
func TestSteer(t *testing.T) {
	f := shop()
	h := New(f, Config{})
	id, unknown := theRestock.String(), core.RestockID{1}.String()
	tests := []struct {
		path   string
		status int
		says   string
	}{
		{id + "/pause", 200, `"policy":"2 per unit"`},
		{id + "/resume?workspace=outlet", 200, ""},
		{id + "/now", 200, ""},
		{id + "/now?size=40", 200, ""},
		{id + "/stop", 409, "the restock is over"},
		{id + "/now?size=0", 422, "want a whole number from 1"},
		{id + "/now?size=many", 422, "want a whole number from 1"},
		{id + "/pause?size=3", 422, "goes with now alone"},
		{id + "/hurry", 422, "want pause, resume, now or stop"},
		{"tee/pause", 422, "32 hexadecimal digits"},
		{unknown + "/pause", 404, "There is no restock"},
	}
	for _, tt := range tests {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("POST", "/api/v1/restocks/"+tt.path, nil))
		if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.says) {
			t.Errorf("%s: %d %s", tt.path, w.Code, w.Body)
		}
	}
	want := []string{
		"default " + id + ` "paused" 0`, "outlet " + id + ` "" 0`, "default " + id + ` "next" 0`, "default " + id + ` "next" 40`,
		"default " + unknown + ` "paused" 0`,
	}
	if !slices.Equal(f.set, want) {
		t.Errorf("the node was told %q, want %q", f.set, want)
	}
}

// TestRestockPage shows its waves and who is next, and lets the operator say what can be said.
func TestRestockPage(t *testing.T) {
	f := shop()
	h := New(f, Config{})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/restocks/default/"+theRestock.String(), nil))
	page := w.Body.String()
	for _, text := range []string{"2 per unit", "a***@example.com", "May be about to buy", "/pause", "/now", "/stop", `name="size"`} {
		if w.Code != http.StatusOK || !strings.Contains(page, text) {
			t.Errorf("%d: the page says nothing of %q", w.Code, text)
		}
	}
	if strings.Contains(page, "/resume") {
		t.Error("what is not paused can be resumed")
	}
	w = httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("POST", "/restocks/default/"+theRestock.String()+"/pause", nil))
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/restocks/default/"+theRestock.String() {
		t.Errorf("the button is answered %d to %s", w.Code, w.Header().Get("Location"))
	}
	say := httptest.NewRequest("POST", "/restocks/default/"+theRestock.String()+"/now", strings.NewReader("size=12"))
	say.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w = httptest.NewRecorder()
	h.ServeHTTP(w, say)
	if last := f.set[len(f.set)-1]; w.Code != http.StatusSeeOther || !strings.HasSuffix(last, `"next" 12`) {
		t.Errorf("%d: the node was told %q", w.Code, last)
	}
}
