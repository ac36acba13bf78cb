package console

import (
	"net/http"
	"strings"
	"testing"
)

// TestTemplates: what a query may ask, and what is refused before a node is asked. An address stands in bodies alone.
func TestTemplates(t *testing.T) {
	h := New(&fake{}, Config{})
	for _, tt := range []struct {
		method, path, body string
		code               int
		want               string
	}{
		{"GET", "/api/v1/templates", "", 200, `[{"name":"back","origin":"ready_made","channels":["email"],"locales":["en","de"],"used_by":[]}]`},
		{"GET", "/api/v1/templates/back", "", 200, `{"name":"back","parts":[{"channel":"email","locale":"en","own":true,"subject":"s"}]}`},
		{"GET", "/api/v1/templates/other", "", 404, `There is no template`},
		{"POST", "/api/v1/templates/preview?workspace=w", `{"template":"back","locale":"de"}`, 200, `"locale":"de","about":"","subject":"w"`},
		{"POST", "/api/v1/templates/preview", `{"journey":"a","shape":"b"}`, 200, `"text":"t"`},
		{"POST", "/api/v1/templates/preview", `{}`, 422, `name exactly one of template, journey and broadcast`},
		{"POST", "/api/v1/templates/preview", `{"template":"back","journey":"a"}`, 422, `name exactly one of`},
		{"POST", "/api/v1/templates/preview", `{"template":"back","locale":"German"}`, 422, `want a language tag`},
		{"POST", "/api/v1/templates/preview", `{"template":"back","to":"ann@example.com"}`, 422, `a preview is not sent`},
		{"POST", "/api/v1/templates/preview", `{"template":"nothing"}`, 422, `there is no template nothing`},
		{"POST", "/api/v1/templates/preview", `{"model":"back"}`, 400, `unknown field`},
		{"POST", "/api/v1/templates/send", `{"template":"back","to":"ann@example.com"}`, 200, `{"outcome":"accepted","reason":"accepted","preview":`},
		{"POST", "/api/v1/templates/send", `{"template":"back"}`, 422, `say which address`},
	} {
		answer := do(h, tt.method, tt.path, tt.body, "Content-Type", "application/json")
		if body := text(t, answer); answer.StatusCode != tt.code || !strings.Contains(body, tt.want) {
			t.Errorf("%s %s %s answered %d %s, want %d with %s", tt.method, tt.path, tt.body, answer.StatusCode, body, tt.code, tt.want)
		}
	}
	closed := New(&fake{}, Config{Tokens: new(Tokens)})
	for path, method := range map[string]string{"": "GET", "/back": "GET", "/preview": "POST", "/send": "POST"} {
		if answer := do(closed, method, "/api/v1/templates"+path, "{}", "Content-Type", "application/json"); answer.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s answers who has no token: %d", path, answer.StatusCode)
		}
	}
}
