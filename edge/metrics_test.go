package edge

import (
	"os"
	"strings"
	"testing"
	"time"
)

// counts are the values of all that an edge counts, by name and labels.
func counts(t *testing.T, n *Node) map[string]float64 {
	t.Helper()
	families, err := n.Metrics().Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			name := strings.TrimPrefix(f.GetName(), "restock_edge_")
			for _, l := range m.GetLabel() { // in order of their names
				name += " " + l.GetValue()
			}
			all[name] = m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	return all
}

// TestReasonsAreCounted: what shoppers cannot tell apart, operators can.
func TestReasonsAreCounted(t *testing.T) {
	n := newEdge(t)
	capture := func(more string) {
		postCapture(n, "application/json", `{"source":"shop","variant":"1","email":"a@example.com"`+more+`}`)
	}
	capture("")
	capture(`,"website":"x"`)
	capture(`,"elapsed_ms":1`)
	capture(`,"quantity":-1`)
	ask(n, "POST", "/v1/captures", map[string]string{"Content-Type": "text/plain", "Origin": "https://evil.example"}, `{"source":"closed","variant":"1","email":"a@example.com"}`)
	postCapture(n, "application/json", strings.Repeat("x", MaxCaptureBytes+1))
	ask(n, "POST", "/v1/sources/shop/webhooks", nil, "{}")
	n.addresses = newLimiter(1, time.Hour)
	capture("")
	capture("")
	n.clients = newLimiter(1, time.Hour)
	capture("")
	capture("")
	n.clients, n.sources = newLimiter(0, time.Hour), newLimiter(1, time.Hour)
	capture("")
	capture("")
	got := counts(t, n)
	for what, want := range map[string]float64{
		"answers_total 202 capture taken": 2, "answers_total 202 capture honeypot": 1, "answers_total 202 capture too_fast": 1, "answers_total 202 capture address_limit": 3,
		"answers_total 422 capture fields": 1, "answers_total 403 capture origin": 1, "answers_total 413 capture too_large": 1,
		"answers_total 401 webhook signature": 1, "answers_total 429 capture client_limit": 1, "answers_total 429 capture source_limit": 1,
		"outbox_entries": 7, "outbox_commits_total": 7, "outbox_committed_entries_total": 7, "body_bytes": 0,
	} {
		if have, ok := got[what]; !ok || have != want {
			t.Errorf("%s is %v, want %v; all: %v", what, have, want, got)
		}
	}
}

// TestMetricsAreDocumented: README.md has a line for each, and names every reason.
func TestMetricsAreDocumented(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	n := newEdge(t)
	for name := range counts(t, n) {
		name, _, _ = strings.Cut(name, " ")
		if !strings.Contains(string(readme), "`restock_edge_"+name+"`") {
			t.Errorf("README.md does not tell of restock_edge_%s", name)
		}
	}
	for _, why := range []reason{
		reasonTaken, reasonHoneypot, reasonTooFast, reasonAddressLimit, reasonClientLimit, reasonSourceLimit, reasonNotReady, reasonDisk, reasonBusy, reasonMediaType,
		reasonMalformed, reasonFields, reasonUnknownSource, reasonOrigin, reasonSignature, reasonTooLarge, reasonSlow, reasonPanic,
	} {
		if !strings.Contains(string(readme), "`"+string(why)+"`") {
			t.Errorf("README.md does not tell of the reason %s", why)
		}
	}
}
