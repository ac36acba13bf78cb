package node

import (
	"encoding/json"
	"errors"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"restock/core"
	"restock/core/address"
	"restock/core/db"
	"restock/core/wire"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestExport pins what is handed to whoever asks what is known of them: every table that holds something of a contact.
func TestExport(t *testing.T) {
	d, err := db.Open("", nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	tx := d.Begin()
	defer tx.Discard()
	db.Workspaces.Set(tx, struct{}{}, db.Workspace{Name: "default", Key: []byte("key")})
	contact := core.Contact{
		ID: ann, Email: "ann@example.com", Phone: "+4915112345678", Locale: "de-DE", Region: "DE", FirstName: "Ann", Tags: []string{"vip"},
		Fields: map[string]string{"size": "M"}, CreatedAt: 1_800_000_000_000,
		Pushes:   []core.PushSubscription{{Endpoint: "https://push.example/1", P256DH: "BA", Auth: "AQ"}},
		Consents: []core.Consent{{Channel: core.Email, Purpose: core.StockAlert, Text: "yes", At: 1_800_000_000_000, IP: "192.0.2.1", Page: "https://shop.example/p", Form: "1"}},
	}
	db.Contacts.Set(tx, ann, contact)
	former := core.Address{Channel: core.SMS, Value: "+4915187654321"}
	db.Formers.Set(tx, db.FormerAddress{Contact: ann, Address: former}, former)
	suppressed := core.Address{Channel: core.Email, Value: "ann@example.com"}
	db.Suppressions.Set(tx, suppressed, db.Suppression{Address: suppressed, Reason: core.ReasonUnsubscribed})
	target := core.Target{Source: "shop", Variant: "71"}
	db.Entries.Set(tx, db.EntryKey{Contact: ann, Target: target}, core.Entry{
		Contact: ann, Target: target, CapturedAt: 1_800_000_000_000, Quantity: 2, Market: "eu", Repeats: 1, FirstAt: 1_800_000_000_000, LastAt: 1_800_000_001_000})
	gone := core.Target{Source: "shop", Variant: "72"}
	db.Entries.Set(tx, db.EntryKey{Contact: ann, Target: gone}, core.Entry{
		Contact: ann, Target: gone, ClosedAt: 1_800_000_002_000, Closed: core.ClosedTold, FirstAt: 1_800_000_000_000, LastAt: 1_800_000_000_000})
	a := core.Activity{ID: core.ActivityID{1}, Kind: core.BackInStock, Contact: ann, At: 1_800_000_001_500, Source: "shop", Variant: "72", Product: "7",
		SKU: "TEE-L", Title: "Tee", Choice: "L", URL: "https://shop.example/tee", Asked: gone}
	db.Activities.Set(tx, db.ActivityKey{Contact: ann, ID: a.ID}, a)
	db.RunsOf.Add(tx, ann, core.RunID{2})
	db.Runs.Set(tx, core.RunID{2}, core.Run{ID: core.RunID{2}, Journey: "back", Contact: ann, Entered: a, Shape: "later", At: core.RunDelayed, Due: 1_800_000_009_000,
		Steps: []core.Step{{Shape: "gate", At: 1_800_000_001_500, Reason: core.ReasonConditionYes, Detail: "welcome"}}})
	db.IntentsOf.Add(tx, ann, core.LedgerKey{3})
	db.Intents.Set(tx, core.LedgerKey{3}, core.Intent{Key: core.LedgerKey{3}, Contact: ann, Channel: core.Email, Journey: "back", Shape: "mail", Sender: "post",
		Activity: a, At: core.IntentSent, Reason: core.ReasonAccepted, Detail: "250 ok", Receipt: "r1", Made: 1_800_000_001_500, Ended: 1_800_000_002_000})
	other := back(ben, 9, "71", 5)
	db.Activities.Set(tx, db.ActivityKey{Contact: ben, ID: other.ID}, other)
	got, err := json.MarshalIndent(export(tx, contact), "", "  ")
	if err != nil || tx.Err() != nil {
		t.Fatal(err, tx.Err())
	}
	compareGolden(t, "export.golden", string(got)+"\n")
}

func compareGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
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

// TestErase: all of a contact goes, the inbox's messages too; edges find the order in their bucket; another's stay.
func TestErase(t *testing.T) {
	c := settings(t.TempDir())
	r := start(t, c)
	d := shop(writes("hello", core.InboxName, hello))
	d.Templates = []core.Template{hello}
	r.declare(d)
	r.capture(1, "ann@example.com", "ben@example.com")
	r.awaitMails("ann@example.com You wait", "ben@example.com You wait")
	report, err := r.Erase(t.Context(), "default", " ann@EXAMPLE.com")
	if err != nil || !report.Known || report.Address != "a***@example.com" || report.Workspace != "default" {
		t.Fatalf("erasing gave %+v, %v", report, err)
	}
	eventually(t, "the inbox has forgotten", func() bool { return len(r.mails()) == 1 })
	r.awaitMails("ben@example.com You wait")
	key := wire.ForgetKey("default", core.Address{Channel: core.Email, Value: "ann@example.com"}.Tag())
	eventually(t, "edges are told", func() bool { b, err := r.conn.Get(t.Context(), key); return err == nil && len(b) == 8 })
	if _, known, err := r.Export("default", "ann@example.com"); known || err != nil {
		t.Errorf("after that she is known: %v, %v", known, err)
	}
	if _, known, err := r.Export("default", "ben@example.com"); !known || err != nil {
		t.Errorf("he is not known: %v, %v", known, err)
	}
	if report, err = r.Erase(t.Context(), "default", "+49 1511 2345678"); err != nil || report.Known || report.ErasedAt == "" {
		t.Errorf("erasing what nobody has gave %+v, %v", report, err)
	}
	r.stop()
	again := start(t, c)
	again.capture(3, "ann@example.com")
	again.awaitMails("ann@example.com You wait", "ben@example.com You wait")
}

func TestEraseRefusesWhatIsNoAddress(t *testing.T) {
	r := start(t, settings(t.TempDir()))
	d := shop()
	d.Sources[0].Region = "DE"
	us := d.Sources[0]
	us.Name, us.Region = "us", "US"
	d.Sources = append(d.Sources, us)
	r.declare(d)
	for _, c := range []struct{ workspace, address, want string }{
		{"default", "ann@example", address.ReasonDomainMissing},
		{"default", "@example.com", address.ReasonLocalEmpty},
		{"default", "ann", "want an e-mail address, a phone number or a push endpoint's URL"},
		{"default", "", "want an e-mail address, a phone number or a push endpoint's URL"},
		{"default", "+49 1", "phone number"},
		{"default", "202 4561111", "several countries"}, // Wuppertal, Washington
		{"other", "ann@example.com", "does not run workspace other"},
	} {
		var invalid *core.InvalidError
		_, err := r.Erase(t.Context(), core.WorkspaceName(c.workspace), c.address)
		if !errors.As(err, &invalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q gave %v, want %q", c.address, err, c.want)
		}
		if _, _, err := r.Export(core.WorkspaceName(c.workspace), c.address); !errors.As(err, &invalid) {
			t.Errorf("exporting %q gave %v", c.address, err)
		}
	}
	if report, err := r.Erase(t.Context(), "default", "0151 12345678"); err != nil || report.Known {
		t.Errorf("a number of one country gave %+v, %v", report, err)
	}
}
