package node

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"restock/core"
	"restock/core/console"
)

const audiences = `
kind: Workspace
name: default
spec: {zone: Europe/Berlin}
---
kind: Audience
name: askers
spec:
  title: Who asked today or yesterday
  where: {waiting_on_stock: {has occurred: {in the last: 2 days}, where: {source: Shop}}}
---
kind: Journey
name: welcome
state: on
spec:
  enter: {occurs: waiting_on_stock, where: {contact.email: {starts with: ann}, source: shop}}
  shapes: [{name: mail, email: {sender: inbox, subject: Welcome, html: "<p>You wait.</p>"}}]
`

func (r *running) apply(text string) (console.ApplyReport, error) {
	return r.Apply(r.t.Context(), []console.File{{Name: "a.yaml", Data: []byte(text)}})
}

// TestAudience: from the file to the answer, and a journey with a filter beside it.
func TestAudience(t *testing.T) {
	r := start(t, settings(t.TempDir()))
	r.declare(shop())
	report, err := r.apply(audiences)
	if err != nil || !slices.Equal(report.Audiences, []core.Name{"askers"}) || !slices.Equal(report.Settings, []core.WorkspaceName{"default"}) {
		t.Fatalf("applied %+v (%v)", report, err)
	}
	r.capture(1, "ann@example.com", "bob@example.com", "cid@example.com")
	r.awaitMails("ann@example.com Welcome")
	got, ok, err := r.Audience(t.Context(), "default", "askers", 2)
	if err != nil || !ok || got.Count != 3 || got.More || len(got.Sample) != 2 || got.Zone != "Europe/Berlin" || got.Title != "Who asked today or yesterday" {
		t.Errorf("the audience is %+v, %t (%v)", got, ok, err)
	}
	if want := "Waiting on stock has occurred in the last 2 days where data source is Shop"; got.Where != want {
		t.Errorf("it says %q, want %q", got.Where, want)
	}
	for _, c := range got.Sample {
		if !strings.HasSuffix(c.Address, "***@example.com") || len(c.Contact) != 32 {
			t.Errorf("it shows %+v", c)
		}
	}
	if _, ok, err := r.Audience(t.Context(), "default", "nobody", 2); ok || err != nil {
		t.Errorf("an audience that is not there: %t, %v", ok, err)
	}
	if _, _, err := r.Audience(t.Context(), "other", "askers", 2); err == nil {
		t.Error("a workspace that is not there has audiences")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := r.Audience(ctx, "default", "askers", 2); !errors.Is(err, context.Canceled) {
		t.Errorf("whoever does not wait any more gets %v", err)
	}
	status, err := r.Status()
	if err != nil || status[0].Journeys[0].Where != "contact's e-mail starts with ann and data source is shop" {
		t.Errorf("the journey's filter is shown as %+v (%v)", status, err)
	}
}

// TestAFilterThatNamesNoSource is refused: it would hold for nobody, in silence.
func TestAFilterThatNamesNoSource(t *testing.T) {
	r := start(t, settings(t.TempDir()))
	r.declare(shop())
	_, err := r.apply(strings.NewReplacer("source: Shop", "source: My Shop", "source: shop", "source: [shop, outlet]").Replace(audiences))
	var invalid *core.InvalidError
	if !errors.As(err, &invalid) || err.Error() != `audience askers.where: there is no data source "My Shop"; there are shop; `+
		`journey welcome.enter.where: there is no data source "outlet"; there are shop` {
		t.Errorf("it was applied with %v", err)
	}
}
