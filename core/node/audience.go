package node

import (
	"cmp"
	"context"
	"errors"
	"time"

	"restock/core"
	"restock/core/console"
	"restock/core/db"
	"restock/core/filter"
	"restock/core/machine"
)

// Bounds of counting an audience.
const (
	audiencePage = 1000        // contacts at a time
	audienceTime = time.Minute // then what was counted so far is the answer
)

// Audience counts who a saved filter holds for now, and shows some of them (console.Backend).
func (n *Node) Audience(ctx context.Context, name core.WorkspaceName, audience core.Name, sample int) (r console.AudienceReport, ok bool, err error) {
	w, err := n.named(name)
	if err != nil {
		return r, false, err
	}
	var failed error
	err = w.view(func(tx *db.Tx) {
		p, _ := db.Positions.Get(tx, struct{}{})
		var a *machine.Audience
		if a, ok = w.machine.Audience(tx, audience, max(p.Now, core.TimeOf(time.Now()))); !ok {
			return
		}
		defer a.Close()
		settings, _ := db.Settings.Get(tx, struct{}{})
		r = console.AudienceReport{
			Workspace: name, Name: a.Name, Title: a.Title, Where: filter.Text(a.Where), Zone: cmp.Or(settings.Zone, "UTC"), At: a.Now.String(),
		}
		failed = count(ctx, a, &r, sample)
	})
	return r, ok, errors.Join(err, failed)
}

// count goes through an audience to its end.
func count(ctx context.Context, a *machine.Audience, r *console.AudienceReport, sample int) error {
	var after machine.AudienceCursor
	begun := time.Now()
	for done := false; !done; {
		if err := ctx.Err(); err != nil {
			return err
		}
		if r.More = time.Since(begun) > audienceTime; r.More {
			return nil
		}
		var found []core.Contact
		var err error
		if found, after, done, err = a.Page(after, audiencePage); err != nil {
			return err
		}
		r.Count += int64(len(found))
		for _, c := range found[:min(len(found), sample-len(r.Sample))] {
			r.Sample = append(r.Sample, console.AudienceContact{Contact: c.ID.String(), Address: masked(c)})
		}
	}
	return nil
}

// masked is a contact's first address as it may be shown.
func masked(c core.Contact) string {
	for _, a := range c.Addresses() {
		return a.Masked()
	}
	return ""
}
