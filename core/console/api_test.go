package console

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"restock/core"
	"restock/core/manifest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// do sends a request to a console and returns its answer.
func do(h http.Handler, method, path, body string, headers ...string) *http.Response {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func text(t testing.TB, resp *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// golden is an answer as it stands in testdata: code, kind, and the body, JSON indented.
func golden(t testing.TB, resp *http.Response) string {
	t.Helper()
	body := text(t, resp)
	var indented bytes.Buffer
	if strings.Contains(resp.Header.Get("Content-Type"), "json") {
		if err := json.Indent(&indented, []byte(body), "", "  "); err != nil {
			t.Fatalf("%v in %s", err, body)
		}
		body = indented.String()
	}
	return fmt.Sprintf("%d %s\n%s", resp.StatusCode, resp.Header.Get("Content-Type"), body)
}

func compare(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// manifestFault is an error as package manifest joins them.
var manifestFault = errors.Join(
	&manifest.Error{File: "shop.yaml", Line: 12, Field: "spec.stock.minimum", Message: "want at least 1"},
	&manifest.Error{File: "shop.yaml", Line: 20, Message: "unknown kind Shop; did you mean Source?"},
	errors.New("and 3 more"),
)

func TestAPI(t *testing.T) {
	seed := base64.StdEncoding.EncodeToString(make([]byte, 32))
	const files = `{"files":[{"name":"shop.yaml","data":"a2luZDogU291cmNl"}]}`
	for _, c := range []struct {
		name, method, path, body string
		change                   func(*fake)
	}{
		{"status", "GET", "/api/v1/status", "", nil},
		{"status-empty", "GET", "/api/v1/status", "", func(f *fake) { f.reports = nil }},
		{"status-bare", "GET", "/api/v1/status", "", func(f *fake) {
			f.reports = []WorkspaceReport{{Workspace: "new", Journeys: []JourneyReport{{Name: "bare"}}}}
		}},
		{"status-broken", "GET", "/api/v1/status", "", func(f *fake) { f.broken = errAway }},
		{"status-not-ready", "GET", "/api/v1/status", "", func(f *fake) { f.broken, f.notReady = errAway, errors.New("replaying the journal: 12 of 40 entries") }},
		{"messages", "GET", "/api/v1/messages", "", nil},
		{"messages-unknown", "GET", "/api/v1/messages?at=unknown&limit=5", "", nil},
		{"messages-at", "GET", "/api/v1/messages?at=lost", "", nil},
		{"message", "GET", "/api/v1/messages/" + theMessage.String(), "", nil},
		{"message-nobody", "GET", "/api/v1/messages/" + theRestock.String(), "", nil},
		{"message-nonsense", "GET", "/api/v1/messages/1", "", nil},
		{"message-resend", "POST", "/api/v1/messages/" + theMessage.String() + "/resend", "", nil},
		{"message-resend-again", "POST", "/api/v1/messages/" + theMessage.String() + "/resend", "", func(f *fake) { f.resent = true }},
		{"messages-resend", "POST", "/api/v1/messages/resend?at=dropped&reason=gave_up&until=2026-03-01T12:00:00Z", "", nil},
		{"messages-resend-none", "POST", "/api/v1/messages/resend?at=unknown&until=2026-03-01T12:00:00Z", "", nil},
		{"messages-resend-all", "POST", "/api/v1/messages/resend?at=dropped", "", nil},
		{"link-keys", "GET", "/api/v1/links/keys", "", nil},
		{"link-keys-rotate", "POST", "/api/v1/links/rotate?drop=true", "", nil},
		{"link-keys-rotate-soon", "POST", "/api/v1/links/rotate", "", nil},
		{"link-keys-rotate-word", "POST", "/api/v1/links/rotate?drop=all", "", nil},
		{"inbox", "GET", "/api/v1/inbox", "", nil},
		{"inbox-limit", "GET", "/api/v1/inbox?limit=1", "", nil},
		{"inbox-empty", "GET", "/api/v1/inbox?limit=1000", "", func(f *fake) { f.sent = nil }},
		{"inbox-limit-0", "GET", "/api/v1/inbox?limit=0", "", nil},
		{"inbox-limit-1001", "GET", "/api/v1/inbox?limit=1001", "", nil},
		{"inbox-limit-word", "GET", "/api/v1/inbox?limit=all", "", nil},
		{"why", "GET", "/api/v1/why?contact=ada@example.com", "", nil},
		{"why-variant", "GET", "/api/v1/why?contact=+ada@example.com+&variant=1001&workspace=default", "", nil},
		{"why-nobody", "GET", "/api/v1/why?contact=eve@example.com", "", nil},
		{"why-elsewhere", "GET", "/api/v1/why?contact=ada@example.com&workspace=outlet", "", nil},
		{"why-nothing", "GET", "/api/v1/why?variant=1001", "", nil},
		{"why-nonsense", "GET", "/api/v1/why?contact=nonsense", "", nil},
		{"why-bare", "GET", "/api/v1/why?contact=bare", "", func(f *fake) { f.stories["default bare "] = WhyReport{Contact: "c0"} }},
		{"demand", "GET", "/api/v1/demand", "", nil},
		{"demand-few", "GET", "/api/v1/demand?workspace=outlet&source=sample&market=DE&limit=1", "", nil},
		{"demand-empty", "GET", "/api/v1/demand", "", func(f *fake) { f.wanted = DemandReport{} }},
		{"demand-limit", "GET", "/api/v1/demand?limit=1001", "", nil},
		{"demand-unknown", "GET", "/api/v1/demand?source=nothing", "", nil},
		{"demand-broken", "GET", "/api/v1/demand", "", func(f *fake) { f.broken = errAway }},
		{"journeys", "GET", "/api/v1/journeys", "", nil},
		{"journeys-elsewhere", "GET", "/api/v1/journeys?workspace=outlet", "", nil},
		{"reading-now", "POST", "/api/v1/readings/sample/now?all=true", "", nil},
		{"reading-now-unknown", "POST", "/api/v1/readings/nothing/now", "", nil},
		{"reading-now-all", "POST", "/api/v1/readings/sample/now?all=perhaps", "", nil},
		{"reading-approve", "POST", "/api/v1/readings/sample/approve", "", nil},
		{"reading-drop", "POST", "/api/v1/readings/sample/drop?workspace=other", "", nil},
		{"reading-unknown", "POST", "/api/v1/readings/nothing/approve", "", nil},
		{"reading-verb", "POST", "/api/v1/readings/sample/keep", "", nil},
		{"audience", "GET", "/api/v1/audiences/recent?workspace=outlet", "", nil},
		{"audience-count", "GET", "/api/v1/audiences/recent?sample=0", "", nil},
		{"audience-sample", "GET", "/api/v1/audiences/recent?sample=1001", "", nil},
		{"audience-unknown", "GET", "/api/v1/audiences/nothing", "", nil},
		{"audience-broken", "GET", "/api/v1/audiences/recent", "", func(f *fake) { f.broken = errAway }},
		{"journey-on", "POST", "/api/v1/journeys/back/on", "", nil},
		{"journey-off", "POST", "/api/v1/journeys/back/off?workspace=outlet", "", nil},
		{"journey-half", "POST", "/api/v1/journeys/back/half", "", nil},
		{"journey-unknown", "POST", "/api/v1/journeys/nothing/on", "", nil},
		{"journey-get", "GET", "/api/v1/journeys/back/on", "", nil},
		{"apply", "POST", "/api/v1/apply", files, nil},
		{"apply-manifest", "POST", "/api/v1/apply", files, func(f *fake) { f.broken = fmt.Errorf("reading files: %w", manifestFault) }},
		{"apply-invalid", "POST", "/api/v1/apply", files, func(f *fake) {
			f.broken = &core.InvalidError{Fields: []core.FieldError{{Field: "a.b", Message: "want c"}, {Field: "d", Message: "want e", Suggest: "f"}}}
		}},
		{"apply-broken", "POST", "/api/v1/apply", files, func(f *fake) { f.broken = errAway }},
		{"apply-nothing", "POST", "/api/v1/apply", `{"files":[]}`, nil},
		{"apply-names", "POST", "/api/v1/apply", `{"files":[{"name":"a"},{"name":""},{"name":"a"}]}`, nil},
		{"apply-unknown-field", "POST", "/api/v1/apply", `{"file":[]}`, nil},
		{"apply-not-base64", "POST", "/api/v1/apply", `{"files":[{"name":"a","data":"%"}]}`, nil},
		{"apply-not-json", "POST", "/api/v1/apply", `files`, nil},
		{"apply-more", "POST", "/api/v1/apply", files + "{}", nil},
		{"try", "POST", "/api/v1/plugins/try", `{"module":"AGFzbQ==","cases":[{"input":"kA==","now":5,"seed":"` + seed + `"},{"input":"","now":5,"seed":"` + seed + `"}]}`, nil},
		{"try-nothing", "POST", "/api/v1/plugins/try", `{"cases":[{"input":"","now":5,"seed":"AA=="}]}`, nil},
		{"try-broken", "POST", "/api/v1/plugins/try", `{"module":"AGFzbQ==","cases":[]}`, func(f *fake) { f.broken = errAway }},
		{"plugins", "GET", "/api/v1/plugins", "", nil},
		{"plugins-broken", "GET", "/api/v1/plugins", "", func(f *fake) { f.broken = errAway }},
		{"shadow", "POST", "/api/v1/plugins/gate/shadow", `{"module":"AGFzbQ=="}`, nil},
		{"shadow-nothing", "POST", "/api/v1/plugins/gate/shadow", `{"last":5}`, nil},
		{"shadow-both", "POST", "/api/v1/plugins/gate/shadow", `{"module":"AGFzbQ==","hash":"00"}`, nil},
		{"shadow-many", "POST", "/api/v1/plugins/gate/shadow", `{"hash":"00","last":10001}`, nil},
		{"shadow-unknown", "POST", "/api/v1/plugins/nothing/shadow", `{"hash":"00"}`, nil},
		{"shadow-broken", "POST", "/api/v1/plugins/gate/shadow", `{"hash":"00"}`, func(f *fake) { f.broken = errAway }},
		{"replay", "POST", "/api/v1/plugins/gate/replay", `{"module":"AGFzbQ==","run":"` + theRestock.String() + `"}`, nil},
		{"replay-unknown", "POST", "/api/v1/plugins/gate/replay", `{"module":"AGFzbQ==","run":"` + theMessage.String() + `"}`, nil},
		{"replay-nonsense", "POST", "/api/v1/plugins/gate/replay", `{"module":"AGFzbQ==","run":"1"}`, nil},
		{"replay-nothing", "POST", "/api/v1/plugins/gate/replay", `{"run":"` + theRestock.String() + `"}`, nil},
		{"export", "GET", "/api/v1/contacts/export?address=+ada@example.com", "", nil},
		{"export-nobody", "GET", "/api/v1/contacts/export?address=eve@example.com&workspace=outlet", "", nil},
		{"export-nothing", "GET", "/api/v1/contacts/export", "", nil},
		{"export-nonsense", "GET", "/api/v1/contacts/export?address=nonsense", "", nil},
		{"erase", "POST", "/api/v1/contacts/erase", `{"address":" ada@example.com"}`, nil},
		{"erase-nobody", "POST", "/api/v1/contacts/erase?workspace=outlet", `{"address":"eve@example.com"}`, nil},
		{"erase-nothing", "POST", "/api/v1/contacts/erase", `{}`, nil},
		{"erase-nonsense", "POST", "/api/v1/contacts/erase", `{"address":"nonsense"}`, nil},
		{"erase-unknown-field", "POST", "/api/v1/contacts/erase", `{"contact":"ada@example.com"}`, nil},
		{"erase-broken", "POST", "/api/v1/contacts/erase", `{"address":"ada@example.com"}`, func(f *fake) { f.broken = errAway }},
		{"healthz", "GET", "/healthz", "", nil},
		{"readyz", "GET", "/readyz", "", nil},
		{"readyz-not", "GET", "/readyz", "", func(f *fake) { f.notReady = errors.New("replaying the journal: 12 of 40 entries") }},
		{"nothing", "GET", "/api/v1/nothing", "", nil},
		{"panic", "GET", "/api/v1/status", "", func(f *fake) { f.panics = true }},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := shop()
			if c.change != nil {
				c.change(f)
			}
			resp := do(New(f, Config{}), c.method, c.path, c.body, "Content-Type", "application/json")
			compare(t, c.name, golden(t, resp))
			if applied := c.name == "apply"; applied != (len(f.applied) == 1) {
				t.Errorf("applied %d times", len(f.applied))
			}
		})
	}
}

func TestApplyHandsFilesOver(t *testing.T) {
	f := shop()
	body := `{"files":[{"name":"shop.yaml","data":"a2luZDogU291cmNl"},{"name":"p/gate.wasm","data":"AGFzbQ=="}]}`
	do(New(f, Config{}), "POST", "/api/v1/apply", body, "Content-Type", "application/json; charset=utf-8")
	want := [][]File{{{Name: "shop.yaml", Data: []byte("kind: Source")}, {Name: "p/gate.wasm", Data: []byte("\x00asm")}}}
	if !reflect.DeepEqual(f.applied, want) {
		t.Errorf("got %q", f.applied)
	}
}

func TestApplyBounds(t *testing.T) {
	h := New(shop(), Config{})
	large := `{"files":[{"name":"a","data":"` + strings.Repeat("A", MaxApply) + `"}]}`
	if resp := do(h, "POST", "/api/v1/apply", large, "Content-Type", "application/json"); resp.StatusCode != 413 {
		t.Errorf("a body over the limit: %d", resp.StatusCode)
	}
	for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded", ";;"} {
		if resp := do(h, "POST", "/api/v1/apply", `{"files":[]}`, "Content-Type", kind); resp.StatusCode != 415 {
			t.Errorf("a body of kind %q: %d", kind, resp.StatusCode)
		}
	}
}

func TestAllowNamesTheMethods(t *testing.T) {
	h := New(shop(), Config{})
	for path, want := range map[string]string{"/api/v1/apply": "POST", "/api/v1/status": "GET, HEAD", "/inbox": "GET, HEAD"} {
		resp := do(h, "DELETE", path, "")
		if got := resp.Header.Get("Allow"); resp.StatusCode != 405 || got != want {
			t.Errorf("DELETE %s: %d, Allow %q; want %q", path, resp.StatusCode, got, want)
		}
	}
}

// The description names exactly the routes that programs have.
func TestOpenAPIIsComplete(t *testing.T) {
	f := shop()
	var api struct {
		Paths map[string]map[string]struct {
			Security  *[]map[string][]string `yaml:"security"`
			Responses map[string]any         `yaml:"responses"`
		} `yaml:"paths"`
	}
	described := text(t, do(New(f, Config{}), "GET", "/api/v1/openapi.yaml", ""))
	if err := yaml.Unmarshal([]byte(described), &api); err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for path, methods := range api.Paths {
		for method, op := range methods {
			got = append(got, fmt.Sprintf("%s %s open=%t", strings.ToUpper(method), path, op.Security != nil))
			if _, ok := op.Responses["200"]; !ok {
				t.Errorf("%s %s has no 200", method, path)
			}
		}
	}
	for _, r := range newServer(f, Config{}, nil).routes() {
		if _, path, _ := strings.Cut(r.pattern, " "); forProgram(path) {
			want = append(want, fmt.Sprintf("%s open=%t", r.pattern, r.access == open))
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("described\n%s\nserved\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// What Go writes is what the description says: every JSON name of a report stands in its schema, and none besides.
func TestOpenAPISchemasMatch(t *testing.T) {
	body, err := files.ReadFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var api struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]any `yaml:"properties"`
			} `yaml:"schemas"`
		} `yaml:"components"`
	}
	if err := yaml.Unmarshal(body, &api); err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]any{
		"TrialRequest": TrialRequest{}, "TrialCase": TrialCase{}, "TrialReport": TrialReport{}, "TrialResult": TrialResult{},
		"PluginReport": PluginReport{}, "PluginVersion": PluginVersionEntry{}, "ShadowRequest": ShadowRequest{}, "ShadowReport": ShadowReport{},
		"ShadowPlace": ShadowPlace{}, "ShadowDifference": ShadowDifference{}, "PluginAnswer": PluginAnswer{},
		"ReplayRequest": ReplayRequest{}, "ReplayReport": ReplayReport{}, "ReplayCase": ReplayCase{},
		"Problem": problem{}, "ApplyReport": ApplyReport{}, "WorkspaceReport": WorkspaceReport{}, "SourceReport": SourceReport{}, "ReadingReport": ReadingReport{},
		"CorrectionsReport": CorrectionsReport{}, "HeldReport": HeldReport{}, "UnreadReport": UnreadReport{}, "LinkKeyReport": LinkKeyReport{},
		"JourneyReport": JourneyReport{}, "WaitlistReport": WaitlistReport{}, "RestockReport": RestockReport{},
		"DemandReport": DemandReport{}, "DemandLine": DemandLine{}, "MoneyReport": MoneyReport{}, "AlertReport": AlertReport{}, "ExportedOrder": ExportedOrder{},
		"EraseReport": EraseReport{}, "ContactExport": ContactExport{}, "ExportedPush": ExportedPush{}, "ExportedAddress": ExportedAddress{},
		"ExportedConsent": ExportedConsent{}, "ExportedSuppression": ExportedSuppression{}, "ExportedEntry": ExportedEntry{},
		"ExportedActivity": ExportedActivity{}, "ExportedOccurrences": ExportedOccurrences{}, "ExportedRun": ExportedRun{}, "ExportedStep": ExportedStep{}, "ExportedMessage": ExportedMessage{},
		"ExportedWithdrawal": ExportedWithdrawal{}, "ExportedConfirmation": ExportedConfirmation{},
		"MessageReport": MessageReport{}, "GateReport": GateReport{}, "SenderReport": SenderReport{},
		"WhyReport": WhyReport{}, "WhyEntry": WhyEntry{}, "WhyLine": WhyLine{}, "Sent": shop().sent[0],
		"TemplateReport": TemplateReport{}, "TemplateSource": TemplateSource{}, "TemplateSourceLocale": TemplateSourceLocale{},
		"TemplateQuery": TemplateQuery{}, "Preview": Preview{}, "TestReport": TestReport{},
		"AudienceReport": AudienceReport{}, "AudienceContact": AudienceContact{}, "BroadcastReport": BroadcastReport{}, "BroadcastTrial": BroadcastTrial{},
	} {
		var written, described []string
		for field := range reflect.TypeOf(v).Fields() {
			tag, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			written = append(written, tag)
		}
		for property := range api.Components.Schemas[name].Properties {
			described = append(described, property)
		}
		slices.Sort(written)
		slices.Sort(described)
		if !slices.Equal(written, described) {
			t.Errorf("%s: written %v, described %v", name, written, described)
		}
	}
}
