package wire_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/vmihailenco/msgpack/v5"

	"restock/core"
	"restock/core/wire"
)

var update = flag.Bool("update", false, "write the golden files anew")

// samples is one entry of every kind, with every field set.
var samples = []struct {
	name  string
	entry wire.Entry
}{
	{"opened", wire.Opened{Workspace: "default", Key: []byte("key")}},
	{"lead", wire.Lead{Epoch: 3, Node: "n1"}},
	{"declare", wire.Declare{Declaration: core.Declaration{
		Sources: []core.Source{{Name: "shop", Workspace: "default", Title: "Shop", Platform: core.Shopify, Secrets: []core.Secret{"env:X"},
			URL: "https://shop.example", Currency: "EUR", Region: "DE", Stock: core.DefaultStockPolicy,
			Retention: core.Retention{Period: core.Day, Activities: []core.ActivityKind{core.WaitingOnStock}}}},
		States: []core.DeclaredState{{Journey: "back", On: true}},
	}}},
	{"capture", wire.Capture{Capture: core.Capture{
		Target: core.Target{Source: "shop", Variant: "12345678901234567890"}, Email: "ann@example.com", Phone: "+4915112345678", Region: "DE",
		Locale: "de-DE", Market: "eu", Quantity: 2, CapturedAt: 1_800_000_000_000, Key: "k", Trapped: core.TrapHoneypot,
		Consent: core.Proof{Marketing: true, Text: "yes", IP: "192.0.2.1", Page: "https://shop.example/p", Form: "1"},
	}}},
	{"capture-push", wire.Capture{Capture: core.Capture{Target: core.Target{Source: "shop", Product: "7"}, CapturedAt: 5,
		Push: core.PushSubscription{Endpoint: "https://push.example/1", P256DH: "BA", Auth: "AQ"}}}},
	{"capture-zone", wire.Capture{Capture: core.Capture{Target: core.Target{Source: "shop", Product: "7"}, CapturedAt: 5, Email: "ann@example.com", Zone: "Europe/Berlin"}}},
	{"optout-purpose", wire.OptOut{Contact: core.ContactID{1}, Channel: core.Email, At: 6, Purpose: core.StockAlert}},
	{"confirm", wire.Confirm{Contact: core.ContactID{1}, Channel: core.Email, Tag: core.AddressTag{2}, At: 6}},
	{"click", wire.Click{Message: core.MessageTag{1}, Link: core.LinkID{2}, At: 6}},
	{"resend", wire.Resend{Keys: []core.LedgerKey{{1}, {2}}}},
	{"webhook", wire.Webhook{Source: "shop", Headers: []core.Header{{Name: "x-shopify-topic", Value: "t"}}, Body: []byte("{}"), ReceivedAt: 7}},
	{"posting", wire.Posting{Sender: "text", Query: "key=1", Headers: []core.Header{{Name: "content-type", Value: "t"}}, Body: []byte("a=b"), ReceivedAt: 7}},
	{"continue", wire.Continue{Work: core.WorkID{Sequence: 9, Number: 1}, From: core.Cursor{At: 5, Contact: core.ContactID{1}, Key: core.LedgerKey{2}},
		Line: []byte{3}, Answers: []core.Answers{{Journey: "back", Shape: "gate", Plugin: core.Hash{4}, Of: []byte{0, 1},
			Kinds: []core.Answer{{Pass: true, Reason: "r", Failed: "f"}}}}}},
	{"expand", wire.Expand{Cohort: core.WorkID{Sequence: 9, Number: 1}, From: 7}},
	{"wake", wire.Wake{Verdicts: []core.Verdict{{Shape: "gate"}}}},
	{"ask", wire.Ask{Verdicts: []core.Verdict{{Shape: "gate"}}}},
	{"claim", wire.Claim{Keys: []core.LedgerKey{{1}, {2}}}},
	{"settle", wire.Settle{Outcomes: []core.Outcome{{Key: core.LedgerKey{1}, Kind: core.OutcomeAccepted, Reason: "accepted", Detail: "d",
		Receipt: "r", Retry: 8, Shown: []core.ActivityID{{5}}}}}},
	{"release", wire.Release{Source: "shop", Reading: core.ReadingPoll, Since: 9, Drop: true}},
	{"steer", wire.Steer{Restock: core.RestockID{1, 2, 3}, Word: core.WordNext, Size: 40}},
	{"read", wire.Read{Source: "shop", Reading: core.ReadingFull}},
	{"direct", wire.Direct{Journey: "back", Shape: "buffer", Word: core.ShapeMove}},
	{"page-sought", wire.Page{Source: "shop", Reading: core.ReadingPoll, Sought: []core.Unknown{{Item: "710"}, {Variant: "71"}, {Product: "7"}}}},
	{"blob", wire.Blob{Hash: core.Hash{1}, Size: 300_000}},
	{"page", wire.Page{Source: "shop", Reading: core.ReadingPoll, Of: core.Hash{1}, Run: 3, From: "a", Next: "b", After: 9, BegunAt: 4, AskedAt: 5, As: 6,
		Missing: []core.ProductID{"7"}, Read: 2, Skipped: 1, Total: 8, Body: []byte("{}")}},
	{"optout", wire.OptOut{Contact: core.ContactID{1}, Channel: core.Email, At: 6}},
	{"erase", wire.Erase{Contact: core.ContactID{1}, Address: core.ContactID{2}, Channel: core.SMS, Tag: core.AddressTag{3}, Asked: 7}},
}

func encode(t testing.TB, e wire.Entry) wire.Raw {
	t.Helper()
	raw, err := wire.Encode(e)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestGolden pins the bytes: a journal outlives the program that wrote it.
func TestGolden(t *testing.T) {
	for _, s := range samples {
		path := filepath.Join("testdata", "v1", s.name+".hex")
		got := hex.EncodeToString(encode(t, s.entry)) + "\n"
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
			t.Errorf("%s is written as\n%swant\n%s", s.name, got, want)
		}
	}
}

func TestEntriesComeBackAsTheyWere(t *testing.T) {
	for _, s := range samples {
		got, err := encode(t, s.entry).Decode()
		if err != nil || !reflect.DeepEqual(got, s.entry) {
			t.Errorf("%s came back as %+v (%v), want %+v", s.name, got, err, s.entry)
		}
	}
}

func TestBatchComesBackAsItWas(t *testing.T) {
	b := wire.Batch{Origin: wire.Origin{Edge: core.EdgeID{7}, First: 42, Epoch: 3}}
	for _, s := range samples {
		b.Entries = append(b.Entries, encode(t, s.entry))
	}
	data, err := b.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := wire.DecodeBatch(data)
	if err != nil || !reflect.DeepEqual(got, b) {
		t.Errorf("the batch came back as %+v (%v)", got, err)
	}
}

// TestAReaderPassesOverWhatALaterWriterAdded: elements at the end of arrays, keys of maps.
func TestAReaderPassesOverWhatALaterWriterAdded(t *testing.T) {
	later := map[string]any{"epoch": 3, "node": "n1", "mood": []string{"new"}}
	raw := rawOf(t, wire.KindLead, later)
	got, err := raw.Decode()
	if err != nil || got != (wire.Lead{Epoch: 3, Node: "n1"}) {
		t.Errorf("got %+v, %v", got, err)
	}
	capture := []any{"shop", "1", "", "a@b.example", "", "", "", "", 0, 5, false, "", "", "", "", "", "", map[string]int{"new": 1}, "newer"}
	got, err = rawOf(t, wire.KindCapture, capture).Decode()
	c, _ := got.(wire.Capture)
	if err != nil || c.Capture.Email != "a@b.example" || c.Capture.CapturedAt != 5 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func rawOf(t *testing.T, kind wire.Kind, body any) wire.Raw {
	t.Helper()
	var b bytes.Buffer
	e := msgpack.NewEncoder(&b)
	e.UseCompactInts(true)
	if err := e.Encode([]any{kind, body}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWhatANewerVersionWroteIsRefused(t *testing.T) {
	if _, err := rawOf(t, 200, map[string]any{}).Decode(); !errors.Is(err, wire.ErrNewer) {
		t.Errorf("an unknown kind gave %v", err)
	}
	var b bytes.Buffer
	e := msgpack.NewEncoder(&b)
	e.UseCompactInts(true)
	if err := e.Encode([]any{wire.Version + 1, make([]byte, 16), 0, 0, []any{}}); err != nil {
		t.Fatal(err)
	}
	if _, err := wire.DecodeBatch(b.Bytes()); !errors.Is(err, wire.ErrNewer) {
		t.Errorf("a newer batch gave %v", err)
	}
}

func TestBlobs(t *testing.T) {
	store := map[core.Hash][]byte{}
	put := func(h core.Hash, b []byte) error { store[h] = b; return nil }
	get := func(h core.Hash) ([]byte, error) {
		if b, ok := store[h]; ok {
			return b, nil
		}
		return nil, errors.New("no such blob")
	}
	small, big := encode(t, wire.Webhook{Body: []byte("{}")}), encode(t, wire.Webhook{Body: make([]byte, wire.BlobLimit)})
	for _, raw := range []wire.Raw{small, big} {
		swapped, err := wire.Swap(raw, put)
		if err != nil || len(swapped) > wire.BlobLimit {
			t.Fatalf("swapping gave %d bytes, %v", len(swapped), err)
		}
		back, err := wire.Fill(swapped, get)
		if err != nil || !bytes.Equal(back, raw) {
			t.Errorf("filling gave %d bytes, %v; want %d", len(back), err, len(raw))
		}
	}
	if len(store) != 1 {
		t.Errorf("%d blobs were put, want 1", len(store))
	}
	swapped, _ := wire.Swap(big, put)
	store[core.HashOf(big)] = []byte("rotten")
	if _, err := wire.Fill(swapped, get); err == nil {
		t.Error("a blob that does not match its hash was taken")
	}
}

func TestLinks(t *testing.T) {
	for _, l := range []wire.Link{
		{Workspace: "default", Contact: core.ContactID{1, 2, 3}, Channel: core.Push},
		{Workspace: "default", Contact: core.ContactID{1, 2, 3}, Channel: core.Email, Purpose: core.StockAlert},
		{Workspace: "default", Contact: core.ContactID{1, 2, 3}, Channel: core.SMS, Purpose: core.Marketing},
	} {
		if got, err := wire.DecodeLink(l.Encode()); err != nil || got != l {
			t.Errorf("got %+v, %v", got, err)
		}
		if _, err := wire.DecodeConfirm(l.Encode()); err == nil {
			t.Errorf("%+v confirms something", l)
		}
	}
	c := wire.Link{Workspace: "default", Contact: core.ContactID{1}, Channel: core.SMS, Tag: core.AddressTag{7}}
	if got, err := wire.DecodeConfirm(c.EncodeConfirm()); err != nil || got != c {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := wire.DecodeLink(c.EncodeConfirm()); err == nil {
		t.Error("a link that confirms ends messages")
	}
	link, message := core.NewLinkID("default", "https://shop.example/tee"), core.LedgerKey{1, 2, 3}.Tag()
	if l, m, err := wire.DecodeClick(wire.EncodeClick(link, message)); err != nil || l != link || m != message {
		t.Errorf("got %x %x, %v", l, m, err)
	}
	brief := core.MessageTag{1, 2, 3, 4, 5, 6}
	if l, m, err := wire.DecodeBrief(wire.EncodeBrief(link, core.MessageTag{1, 2, 3, 4, 5, 6, 7, 8})); err != nil || l != link || m != brief {
		t.Errorf("got %x %x, %v", l, m, err)
	}
	if _, _, err := wire.DecodeBrief(wire.EncodeClick(link, message)); err == nil {
		t.Error("a link of one form was read as of the other")
	}
	for known, want := range map[int]int{0: 8, 6: 6, 9: 8, -1: 8} {
		if got := len((wire.Click{Known: known}).Tag()); got != want {
			t.Errorf("of a tag of which %d bytes are known %d are looked for", known, got)
		}
	}
	if id, ok := wire.ParseLinkKey(wire.LinkKey(link)); !ok || id != link {
		t.Errorf("the key of %x is that of %x", link, id)
	}
	for _, bad := range []string{"link.", "link.00", "link.zz1122334455", "source.shop", "link.00112233445566"} {
		if _, ok := wire.ParseLinkKey(bad); ok {
			t.Errorf("%s is a link's", bad)
		}
	}
}

func TestForgetOrders(t *testing.T) {
	f := core.Forget{Tag: core.Address{Channel: core.Email, Value: "ann@example.com"}.Tag(), Before: 1_800_000_000_000}
	key := wire.ForgetKey("default", f.Tag)
	if key != "forget.default.71d4f55f72fa128d" {
		t.Errorf("the key is %s", key)
	}
	if w, got, err := wire.ParseForget(key, wire.EncodeForget(f)); w != "default" || got != f || err != nil {
		t.Errorf("got %s, %+v, %v", w, got, err)
	}
	for _, bad := range []string{"forget.default", "forget.default.00", "forget.A.0011223344556677", "forget.a.b.0011223344556677", "forget.a.zz11223344556677", "ready"} {
		if _, _, err := wire.ParseForget(bad, wire.EncodeForget(f)); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
	if _, _, err := wire.ParseForget(key, nil); err == nil {
		t.Error("an order without time was read")
	}
}

func FuzzParseForget(f *testing.F) {
	f.Add("forget.default.0011223344556677", []byte{0, 0, 0, 0, 0, 0, 0, 1})
	f.Add("forget..", []byte{})
	f.Fuzz(func(t *testing.T, key string, value []byte) {
		w, order, err := wire.ParseForget(key, value)
		if err != nil {
			return
		}
		again, same, err := wire.ParseForget(wire.ForgetKey(w, order.Tag), wire.EncodeForget(order))
		if err != nil || again != w || same != order {
			t.Errorf("%q %x reads as %s %+v, which comes back as %s %+v (%v)", key, value, w, order, again, same, err)
		}
	})
}

func FuzzDecodeBatch(f *testing.F) {
	for _, s := range samples {
		data, err := wire.Batch{Entries: []wire.Raw{encode(f, s.entry)}}.Encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(_ *testing.T, data []byte) {
		b, err := wire.DecodeBatch(data)
		if err != nil {
			return
		}
		for _, raw := range b.Entries {
			_, _ = raw.Decode() // must not panic
		}
	})
}

func FuzzDecodeLink(f *testing.F) {
	f.Add(wire.Link{Workspace: "default", Channel: core.Email}.Encode())
	f.Add(wire.Link{Workspace: "default", Channel: core.Email, Purpose: core.Marketing}.Encode())
	f.Fuzz(func(t *testing.T, data []byte) {
		if l, err := wire.DecodeLink(data); err == nil && !bytes.Equal(l.Encode(), data) {
			t.Errorf("%x reads as %+v, which is written otherwise", data, l)
		}
	})
}

func FuzzDecodeConfirm(f *testing.F) {
	f.Add(wire.Link{Workspace: "default", Channel: core.Email}.EncodeConfirm())
	f.Fuzz(func(t *testing.T, data []byte) {
		if l, err := wire.DecodeConfirm(data); err == nil && !bytes.Equal(l.EncodeConfirm(), data) {
			t.Errorf("%x reads as %+v, which is written otherwise", data, l)
		}
	})
}

func BenchmarkCapture(b *testing.B) {
	e := samples[3].entry
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = encode(b, e)
		}
	})
	raw := encode(b, e)
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := raw.Decode(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// TestAnEdgeIDOfAnotherLength is refused in words.
func TestAnEdgeIDOfAnotherLength(t *testing.T) {
	_, err := wire.DecodeBatch([]byte{0x95, wire.Version, 0xc4, 2, 1, 2, 0, 0, 0x90})
	if err == nil || strings.Contains(err.Error(), "%!") || !strings.Contains(err.Error(), "2 bytes, want 16") {
		t.Errorf("refused with %v", err)
	}
}
