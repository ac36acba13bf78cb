package node

import (
	"errors"
	"strings"
	"testing"

	"restock/core"
)

const broadcasts = `
kind: Audience
name: askers
spec: {where: {waiting_on_stock: {has occurred: {in the last: 2 days}}}}
---
kind: Broadcast
name: news
spec:
  audience: askers
  purpose: stock_alert
  email: {sender: inbox, subject: "News for {{ contact.first_name | default: 'you' }}", html: "<p>{{ product.title | default: 'Soon' }}</p>"}
---
kind: Broadcast
name: offer
spec:
  audience: askers
  email: {sender: inbox, subject: Offer, html: "<p>Buy.</p>"}
`

// TestBroadcast: from the file by a dry run to the mails, each once, and what is said of it.
func TestBroadcast(t *testing.T) {
	r := start(t, settings(t.TempDir()))
	r.declare(shop())
	if report, err := r.apply(broadcasts); err != nil || len(report.Broadcasts) != 2 {
		t.Fatalf("applied %+v (%v)", report, err)
	}
	r.capture(1, "ann@example.com", "bob@example.com")
	trial, ok, err := r.TryBroadcast(t.Context(), "default", "news", 1)
	if err != nil || !ok || trial.Audience != 2 || trial.Messages != 2 || len(trial.Sample) != 1 {
		t.Errorf("trying gave %+v, %t (%v)", trial, ok, err)
	}
	trial, _, err = r.TryBroadcast(t.Context(), "default", "offer", 1)
	if err != nil || trial.Messages != 0 || trial.Passed[core.ReasonNoConsent] != 2 {
		t.Errorf("trying without consent gave %+v (%v)", trial, err)
	}
	if got, ok, err := r.SetBroadcast(t.Context(), "default", "news", core.TurnOn); err != nil || !ok || !got.Phase.Begun() {
		t.Fatalf("turned on it is %+v, %t (%v)", got, ok, err)
	}
	r.awaitMails("ann@example.com News for you", "bob@example.com News for you")
	var futile *core.InvalidError
	if _, ok, err := r.SetBroadcast(t.Context(), "default", "news", core.TurnOn); !ok || !errors.As(err, &futile) {
		t.Errorf("turned on again: %t, %v", ok, err)
	}
	if _, ok, err := r.SetBroadcast(t.Context(), "default", "nothing", core.TurnOn); ok || err != nil {
		t.Errorf("one that is not there: %t, %v", ok, err)
	}
	if _, err := r.apply(strings.Replace(broadcasts, "News for", "More for", 1)); !errors.As(err, &futile) || !strings.Contains(err.Error(), "give it another name") {
		t.Errorf("another text was applied with %v", err)
	}
	if _, err := r.apply(broadcasts); err != nil {
		t.Errorf("the same once more was applied with %v", err)
	}
	if _, err := r.apply(strings.ReplaceAll(strings.Replace(broadcasts, "name: news", "name: other", 1), "audience: askers", "audience: missing")); !errors.As(err, &futile) {
		t.Errorf("an audience that is not there was applied with %v", err)
	}
}

// TestNothingIsShownThatIsNeverThere: whether the message, its template or its audience is what changes.
func TestNothingIsShownThatIsNeverThere(t *testing.T) {
	r := start(t, settings(t.TempDir()))
	r.declare(shop())
	const audience = "kind: Audience\nname: some\nspec: {where: {WHERE}}\n"
	const words = "kind: Template\nname: words\nspec: {subject: Hello, html: \"<p>WORDS</p>\"}\n"
	const uses = `kind: Broadcast
name: late
spec: {audience: some, at: "2099-01-01T09:00", email: {sender: inbox, template: words}}
---
kind: Journey
name: back
spec: {enter: {occurs: back_in_stock}, shapes: [{name: mail, email: {sender: inbox, template: words}}]}
`
	asked := strings.Replace(audience, "WHERE", "waiting_on_stock: {has occurred: {in the last: 2 days}}", 1)
	tagged := strings.Replace(audience, "WHERE", "contact.tags: vip", 1)
	shows := func(path string) string { return strings.Replace(words, "WORDS", "{{ "+path+" }}", 1) }
	for _, test := range []struct{ files, want string }{
		{asked + "---\n" + shows("product.title") + "---\n" + uses, ""},
		{shows("links.confirm"), "journey back.mail: shows links.confirm"},
		{shows("waitlist.waiting"), "broadcast late.email: shows waitlist.waiting"},
		{tagged + "---\n" + uses, "broadcast late.email: shows product.title, which is not there when a message is about nothing that occurred"},
		{tagged + "---\n" + shows("contact.email | default: 'you'") + "---\n" + uses, ""},
	} {
		if _, err := r.apply(test.files); (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s\nwas applied with %v, want %q", test.files, err, test.want)
		}
	}
}
