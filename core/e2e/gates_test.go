package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// gateFiles are a shop whose plugin stands before every message, and whose mails are held for the hours around now.
const gateFiles = `
kind: Workspace
name: default
spec:
  zone: UTC
  quiet_hours: {from: %q, to: %q, channels: [email]}
  gates: [{plugin: domain-gate, config: {deny: [competitor.example]}, on_failure: hold}]
---
{kind: Plugin, name: domain-gate, spec: {file: domain-gate.wasm}}
---
`

// TestGates are told by the built program: a plugin that says no drops, quiet hours hold until their end, both are listed with their
// reasons, and what was dropped is sent again by the operator's word, through all gates.
func TestGates(t *testing.T) {
	i := newInstallation(t)
	now := time.Now().UTC()
	clock := func(d time.Duration) string { return now.Add(d).Format("15:04") }
	i.applyPlugin(fmt.Sprintf(gateFiles, clock(-2*time.Hour), clock(2*time.Hour)) + crashFiles)
	i.ask("my-shop", "71", "ann@example.com")
	i.ask("my-shop", "71", "spy@competitor.example")
	i.awaitMails("ann@example.com", 1) // the reply to who has just asked is not held
	env := []string{"RESTOCK_TOKEN=" + i.token}
	list := func(at, reason string) string {
		out, _ := run(t, env, "message", "list", "--core", "http://"+i.core, "--at", at, "--reason", reason)
		return out
	}
	eventually(t, "the plugin's no is listed", func() bool {
		out := list("dropped", "gate_no")
		return strings.Contains(out, "s***@competitor.example") && strings.Contains(out, "domain-gate")
	})
	i.stock(0, "out")
	i.stock(5, "in")
	eventually(t, "what is held is listed", func() bool {
		out := list("due", "quiet_hours")
		return strings.Contains(out, "a***@example.com") && strings.Contains(out, "until ")
	})
	out, _ := run(t, env, "status", "--core", "http://"+i.core)
	if !strings.Contains(out, "quiet_hours") || !strings.Contains(out, "plugins") || !strings.Contains(out, "dropped, gate_no") {
		t.Errorf("status does not name the gates:\n%s", out)
	}
	if out, code := run(t, env, "message", "resend", "--core", "http://"+i.core, "--at", "dropped", "--reason", "gate_no"); code != 0 || !strings.Contains(out, "1 messages") {
		t.Errorf("resending ended with %d: %s", code, out)
	}
	eventually(t, "it was dropped again, once", func() bool { return strings.Count(list("dropped", "gate_no"), "s***@") == 1 })
	if got := i.mailsTo("ann@example.com"); len(got) != 1 {
		t.Errorf("it is quiet, and ann got %q", got)
	}
}
