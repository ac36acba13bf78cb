package core_test

import (
	"strings"
	"testing"

	"restock/core"
)

var (
	workspaceKey = []byte("0123456789abcdef0123456789abcdef")
	ann          = core.ContactID{0xa}
	ben          = core.ContactID{0xb}
)

// derivations are ids and what they are derived from. The texts are pinned: a journal that is replayed by a later version
// must give the same ids, or everybody is told again.
var derivations = []struct {
	name string
	id   interface{ String() string }
	want string
}{
	{"contact", contact(core.Email, "ann@example.com"), "b4253d26215509e663ac48a9afb6a615"},
	{"waiting", waiting(ann, "71", "", 5), "fc5eeaefee05a39d606655c4607047d2"},
	{"back", core.NewBackID(ann, core.RestockID{1}), "601496c400cfae3fe99371ebbe248e25"},
	{"restock", restock("shop", "71", "eu", 9), "1975bc584ae2d00f6d67b5b06ff18fde"},
	{"run", core.NewRunID("vip", ann, core.ActivityID{2}), "b27bfe6f146505d096b9fa82fd2fdbd9"},
	{"ledger", ledger("default", core.RunID{3}, "mail", 1, ann, core.Email), "141b7db818be8a6d0e0c2563ba96a5be"},
	{"delivery", core.NewDeliveryID("shop", "d1", []byte("{}")), "a661fff63f1da0e6ab8a34bda49a42b0"},
	{"template", core.HashTemplate(core.Template{Subject: "s", HTML: "h"}), "16818ab18961da08894da83ef15d8b702ebac094c772672e853069bba7be6251"},
}

func contact(ch core.Channel, value string) core.ContactID {
	return core.NewContactID(workspaceKey, core.Address{Channel: ch, Value: value})
}

func waiting(c core.ContactID, v core.VariantID, p core.ProductID, at core.Time) core.ActivityID {
	return core.NewWaitingID(c, core.Target{Source: "shop", Variant: v, Product: p}, at)
}

func restock(s core.SourceName, v core.VariantID, m core.Market, seq core.Sequence) core.RestockID {
	return core.NewRestockID(core.VariantKey{Source: s, Variant: v}, m, seq)
}

func ledger(w core.WorkspaceName, r core.RunID, shape string, visit int, c core.ContactID, ch core.Channel) core.LedgerKey {
	return core.NewLedgerKey(w, r, shape, visit, c, ch)
}

func TestIDsAreWhatTheyWere(t *testing.T) {
	for _, d := range derivations {
		if got := d.id.String(); got != d.want {
			t.Errorf("%s is %s, want %s", d.name, got, d.want)
		}
	}
}

// TestEveryPartTellsIDsApart: within a group no two ids may be equal; each differs from the first by one part, or by
// where one part ends and the next begins.
func TestEveryPartTellsIDsApart(t *testing.T) {
	text := func(s interface{ String() string }) string { return s.String() }
	groups := map[string][]string{
		"contact": {
			text(contact(core.Email, "a@b.example")), text(contact(core.SMS, "a@b.example")), text(contact(core.Email, "b@b.example")),
			text(contact(core.Email+"a", "@b.example")),
			text(core.NewContactID([]byte("another key"), core.Address{Channel: core.Email, Value: "a@b.example"})),
		},
		"activity": {
			text(waiting(ann, "71", "", 5)), text(waiting(ben, "71", "", 5)), text(waiting(ann, "72", "", 5)), text(waiting(ann, "", "71", 5)),
			text(waiting(ann, "71", "", 6)), text(waiting(ann, "7", "1", 5)),
			text(core.NewWaitingID(ann, core.Target{Source: "other", Variant: "71"}, 5)),
			text(core.NewBackID(ann, core.RestockID{1})), text(core.NewBackID(ann, core.RestockID{2})), text(core.NewBackID(ben, core.RestockID{1})),
		},
		"restock": {
			text(restock("shop", "71", "", 9)), text(restock("shop2", "71", "", 9)), text(restock("shop", "72", "", 9)),
			text(restock("shop", "71", "eu", 9)), text(restock("shop", "71", "", 10)), text(restock("shop7", "1", "", 9)),
			text(restock("shop", "", "71", 9)),
		},
		"run": {
			text(core.NewRunID("j", ann, core.ActivityID{1})), text(core.NewRunID("k", ann, core.ActivityID{1})),
			text(core.NewRunID("j", ben, core.ActivityID{1})), text(core.NewRunID("j", ann, core.ActivityID{2})),
		},
		"ledger": {
			text(ledger("w", core.RunID{1}, "mail", 1, ann, core.Email)), text(ledger("v", core.RunID{1}, "mail", 1, ann, core.Email)),
			text(ledger("w", core.RunID{2}, "mail", 1, ann, core.Email)), text(ledger("w", core.RunID{1}, "mai", 1, ann, core.Email)),
			text(ledger("w", core.RunID{1}, "mail", 2, ann, core.Email)), text(ledger("w", core.RunID{1}, "mail", 1, ben, core.Email)),
			text(ledger("w", core.RunID{1}, "mail", 1, ann, core.SMS)), text(ledger("w", core.RunID{1}, "mail1", 1, ann, core.Email)),
		},
		"delivery": {
			text(core.NewDeliveryID("s", "d", []byte("x"))), text(core.NewDeliveryID("t", "d", []byte("x"))),
			text(core.NewDeliveryID("s", "e", []byte("x"))), text(core.NewDeliveryID("s", "d", []byte("y"))), text(core.NewDeliveryID("sd", "", []byte("x"))),
		},
		"template": {
			text(core.HashTemplate(core.Template{Subject: "x"})), text(core.HashTemplate(core.Template{Preheader: "x"})),
			text(core.HashTemplate(core.Template{HTML: "x"})), text(core.HashTemplate(core.Template{Text: "x"})),
		},
	}
	for name, ids := range groups {
		seen := map[string]int{}
		for i, id := range ids {
			if first, ok := seen[id]; ok {
				t.Errorf("%s: ids %d and %d are the same", name, first, i)
			}
			seen[id] = i
		}
	}
}

func TestParseID(t *testing.T) {
	whole := "000102030405060708090a0b0c0d0e0f"
	tests := []struct {
		text string
		ok   bool
	}{
		{whole, true}, {strings.ToUpper(whole), true},
		{"", false}, {whole[:30], false}, {whole + "10", false}, {whole[:31], false}, {"g" + whole[1:], false}, {" " + whole[1:], false},
	}
	for _, tt := range tests {
		id, err := core.ParseID(tt.text)
		if (err == nil) != tt.ok {
			t.Errorf("ParseID(%q) gave %v", tt.text, err)
		}
		if tt.ok && id.String() != whole {
			t.Errorf("ParseID(%q) came back as %s", tt.text, id)
		}
	}
}

func TestValidName(t *testing.T) {
	tests := map[string]bool{
		"a": true, "shop-1": true, "0": true, strings.Repeat("a", 63): true,
		"": false, strings.Repeat("a", 64): false, "Shop": false, "a b": false, "a.b": false, "a/b": false, "ä": false, "a\n": false,
	}
	for name, want := range tests {
		if got := core.ValidName(name); got != want {
			t.Errorf("ValidName(%q) is %t", name, got)
		}
	}
}
