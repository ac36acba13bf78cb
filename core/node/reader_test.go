package node

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"restock/core"
	"restock/core/console"
	"restock/core/db"
	"restock/core/journal"
	"restock/core/source/api"
	"restock/core/source/pretend"
	"restock/core/wire"
)

// readable is the source "shop" with an API at url; full is how often all is read.
func readable(t *testing.T, p core.Platform, url string, poll, full core.Milliseconds) core.Source {
	t.Helper()
	t.Setenv("READ_KEY", "ck_1")
	t.Setenv("READ_SECRET", map[core.Platform]string{core.Shopify: "shpat_hunter2", core.WooCommerce: "cs_hunter2", core.Generic: "token"}[p])
	return core.Source{
		Name: "shop", Workspace: "default", Title: "Shop", Platform: p, Currency: "EUR", URL: "https://shop.example", Stock: core.DefaultStockPolicy,
		Retention: core.Retention{Period: core.DefaultRetention}, API: core.API{URL: url, Key: "env:READ_KEY", Secret: "env:READ_SECRET", Poll: poll, Full: full},
	}
}

// told is a journey that writes to those whose variant is back.
func told() core.DeclaredJourney {
	j := writes("told", core.InboxName, hello)
	j.Journey.Enter.Occurs = core.BackInStock
	return j
}

// stocked is product 7 with variant 71 (item 710), of which so many units lie at a place.
func stocked(units int64) pretend.Product {
	now := time.Now().Add(-time.Second)
	return pretend.Product{ID: 7, Title: "Tee", UpdatedAt: now, Variants: []pretend.Variant{
		{ID: 71, Item: 710, Title: "M", Stock: []pretend.Stock{{Location: 1, Units: units, UpdatedAt: now}}},
	}}
}

// reading is what the status says of a reading of the shop.
func (r *running) reading(kind core.ReadingKind) (found console.ReadingReport) {
	r.t.Helper()
	reports, err := r.Status()
	if err != nil {
		r.t.Fatal(err)
	}
	for _, s := range reports[0].Sources {
		for _, reading := range s.Readings {
			if reading.Kind == kind && s.Name == "shop" {
				found = reading
			}
		}
	}
	return found
}

func (r *running) unread() *console.UnreadReport {
	r.t.Helper()
	reports, err := r.Status()
	if err != nil {
		r.t.Fatal(err)
	}
	return reports[0].Sources[0].Unread
}

func (r *running) awaitImport() {
	r.t.Helper()
	eventually(r.t, "the catalogue is imported", func() bool { return r.reading(core.ReadingFull).EndedAt != "" })
}

// TestAWebhookThatWasLost: on both platforms the catalogue is imported when the source is declared, and a poll finds the
// restock that no webhook told; who waits is told once, and why says how it was found.
func TestAWebhookThatWasLost(t *testing.T) {
	for _, platform := range []core.Platform{core.Shopify, core.WooCommerce} {
		t.Run(string(platform), func(t *testing.T) {
			s := pretend.New()
			handler := map[core.Platform]http.Handler{core.Shopify: s.Shopify(), core.WooCommerce: s.WooCommerce()}[platform]
			server := httptest.NewServer(handler)
			defer server.Close()
			s.Put(stocked(0))
			for i := range int64(50) {
				s.Put(pretend.Product{ID: 100 + i, Title: "Other", UpdatedAt: time.Now().Add(-time.Hour)})
			}
			n := start(t, settings(t.TempDir()))
			n.declare(core.Declaration{
				Sources: []core.Source{readable(t, platform, server.URL, 100, core.Hour)}, Templates: []core.Template{hello},
				Journeys: []core.DeclaredJourney{told()},
			})
			n.awaitImport()
			if r := n.reading(core.ReadingFull); r.Read != 51 || r.Total != 51 || !r.First {
				t.Errorf("the import is %+v", r)
			}
			n.capture(1, "ann@example.com")
			s.Put(stocked(5))
			n.awaitMails("ann@example.com You wait")
			last := n.reading(core.ReadingPoll).EndedAt
			eventually(t, "it was polled again", func() bool { return n.reading(core.ReadingPoll).EndedAt > last })
			if got := n.mails(); len(got) != 1 {
				t.Errorf("the inbox got %q", got)
			}
			why, ok, err := n.Why("default", "ann@example.com", "71")
			if text := fmt.Sprintf("%+v", why); err != nil || !ok || !strings.Contains(text, "no webhook had said so") {
				t.Errorf("why says %s (%v)", text, err)
			}
		})
	}
}

// level appends a webhook that tells of stock.
func (r *running) level(number uint64, units int64, at time.Time) {
	r.t.Helper()
	r.webhook(number, "inventory_levels/update", fmt.Sprintf(`{"inventory_item_id":710,"location_id":1,"available":%d,"updated_at":%q}`,
		units, at.UTC().Format(time.RFC3339)))
}

// webhook appends one, as an edge took it.
func (r *running) webhook(number uint64, topic, body string) {
	r.t.Helper()
	raw, err := wire.Encode(wire.Webhook{Source: "shop", ReceivedAt: core.TimeOf(time.Now()), Headers: []core.Header{
		{Name: "x-shopify-topic", Value: topic}, {Name: "x-shopify-webhook-id", Value: fmt.Sprint(number)},
	}, Body: []byte(body)})
	if err != nil {
		r.t.Fatal(err)
	}
	seq, err := r.workspaces[0].journal.Append(r.t.Context(), wire.Batch{Origin: wire.Origin{Edge: core.EdgeID{8}, First: number}, Entries: []wire.Raw{raw}})
	if err == nil {
		err = r.workspaces[0].await(r.t.Context(), seq)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *running) units() (st core.Stock) {
	r.t.Helper()
	err := r.workspaces[0].view(func(tx *db.Tx) {
		st, _ = db.Stocks.Get(tx, db.StockKey{Variant: core.VariantKey{Source: "shop", Variant: "71"}})
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return st
}

// TestAPollThatIsOvertaken: the shop has answered with five, and before that is written down a webhook tells that they are
// sold. Nobody is told of stock that is gone, and the next poll finds nothing to correct.
func TestAPollThatIsOvertaken(t *testing.T) {
	s := pretend.New()
	var held atomic.Bool
	arrived, release := make(chan struct{}), make(chan struct{})
	shopify := s.Shopify()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		shopify.ServeHTTP(answer, r) // what it says is settled here
		calls := s.Calls()
		if calls[len(calls)-1] == "LevelsOfItems" && strings.Contains(answer.Body.String(), `"quantity":5`) && held.CompareAndSwap(true, false) {
			close(arrived)
			<-release
		}
		_, _ = w.Write(answer.Body.Bytes())
	}))
	defer server.Close()
	s.Put(stocked(0))
	n := start(t, settings(t.TempDir()))
	n.declare(core.Declaration{
		Sources:   []core.Source{readable(t, core.Shopify, server.URL, 100, core.Hour)},
		Templates: []core.Template{hello}, Journeys: []core.DeclaredJourney{told()},
	})
	n.awaitImport()
	n.capture(1, "ann@example.com")
	held.Store(true)
	five := stocked(5)
	s.Put(five)
	select {
	case <-arrived:
	case <-time.After(patience):
		t.Fatal("the shop is not polled")
	}
	n.level(1, 0, five.UpdatedAt) // in the same second
	sold := five
	sold.Variants = stocked(0).Variants
	sold.Variants[0].Stock[0].UpdatedAt = five.UpdatedAt
	s.Put(sold)
	close(release)
	last := n.reading(core.ReadingPoll).EndedAt
	eventually(t, "it was polled again", func() bool { return n.reading(core.ReadingPoll).EndedAt > last })
	last = n.reading(core.ReadingPoll).EndedAt
	eventually(t, "and once more", func() bool { return n.reading(core.ReadingPoll).EndedAt > last })
	if got, stock, r := n.mails(), n.units(), n.reading(core.ReadingPoll); len(got) != 0 || stock.Units != 0 || r.Corrected != (console.CorrectionsReport{}) {
		t.Errorf("the inbox got %q, there are %d units, and the poll is %+v", got, stock.Units, r)
	}
}

// TestANewLeaderGoesOn: the catalogue is read on from where the leader before it stood, not from the beginning.
func TestANewLeaderGoesOn(t *testing.T) {
	s := pretend.New()
	for i := range int64(30) {
		s.Put(pretend.Product{ID: 100 + i, Title: "Tee", UpdatedAt: time.Now().Add(-time.Hour)})
	}
	var pages atomic.Int64
	s.Fail(func(call string) http.HandlerFunc {
		if call == "AllProducts" && pages.Add(1) > 4 {
			return func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
		}
		return nil
	})
	server := httptest.NewServer(s.Shopify())
	defer server.Close()
	c := settings(t.TempDir())
	first := start(t, c)
	first.declare(core.Declaration{Sources: []core.Source{readable(t, core.Shopify, server.URL, core.Hour, core.Hour)}})
	eventually(t, "some pages were read", func() bool { return first.reading(core.ReadingFull).Read == 12 && pages.Load() == 5 })
	first.stop()
	s.Fail(nil)
	before := len(s.Calls())
	second := start(t, c)
	second.awaitImport()
	more := 0
	for _, call := range s.Calls()[before:] {
		if call == "AllProducts" {
			more++
		}
	}
	if r := second.reading(core.ReadingFull); r.Read != 30 || r.Running || more != 6 {
		t.Errorf("after %d more pages the import is %+v, want 30 products after 6", more, r)
	}
}

// TestAShopThatCannotBeRead: the status says why, no log has the token, and another source is read all the same. A source
// that is declared anew is tried at once.
func TestAShopThatCannotBeRead(t *testing.T) {
	bad, good := pretend.New(), pretend.New()
	bad.Token = "another"
	bad.Put(stocked(1))
	good.Put(stocked(3))
	badServer, goodServer := httptest.NewServer(bad.Shopify()), httptest.NewServer(good.Shopify())
	defer badServer.Close()
	defer goodServer.Close()
	var log bytes.Buffer
	c := settings(t.TempDir())
	c.Log = slog.New(slog.NewTextHandler(&log, nil))
	n := start(t, c)
	source := readable(t, core.Shopify, badServer.URL+"/", core.Hour, core.Hour)
	other := readable(t, core.Shopify, goodServer.URL, core.Hour, core.Hour)
	other.Name = "zother"
	n.declare(core.Declaration{Sources: []core.Source{source, other}})
	eventually(t, "the status says why", func() bool { return n.unread() != nil })
	if u := n.unread(); u.Reason != api.Unauthorized || !strings.Contains(u.Detail, "key") {
		t.Errorf("the status says %+v", u)
	}
	eventually(t, "the other source is read", func() bool {
		reports, err := n.Status()
		return err == nil && len(reports[0].Sources[1].Readings) > 0 && reports[0].Sources[1].Readings[0].EndedAt != ""
	})
	source.API.URL = goodServer.URL
	n.declare(core.Declaration{Sources: []core.Source{source}})
	n.awaitImport()
	eventually(t, "the status says nothing more", func() bool { return n.unread() == nil })
	if stock := n.units(); stock.Units != 3 {
		t.Errorf("there are %+v", stock)
	}
	n.stop()
	if text := log.String(); strings.Contains(text, "hunter2") || !strings.Contains(text, "api_unauthorized") {
		t.Errorf("the log says %s", text)
	}
}

// TestAProductThatIsGone: somebody waits for it, the shop has it no more, and no webhook told.
func TestAProductThatIsGone(t *testing.T) {
	s := pretend.New()
	s.Put(stocked(0))
	server := httptest.NewServer(s.WooCommerce())
	defer server.Close()
	n := start(t, settings(t.TempDir()))
	n.declare(core.Declaration{Sources: []core.Source{readable(t, core.WooCommerce, server.URL, 100, core.Hour)}})
	n.awaitImport()
	n.capture(1, "ann@example.com")
	s.Remove(7)
	eventually(t, "the product is known to be gone", func() bool {
		var p core.Product
		_ = n.workspaces[0].view(func(tx *db.Tx) { p, _ = db.Products.Get(tx, core.ProductKey{Source: "shop", Product: "7"}) })
		return p.Removed
	})
}

// file is a feed on a web server that answers 304 to who has it.
func file(t *testing.T, body string) (url string, sent *atomic.Int64) {
	t.Helper()
	sent = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"1"`)
		if r.Header.Get("If-None-Match") == `"1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		sent.Add(1)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	return server.URL + "/feed.csv", sent
}

func (r *running) price() (m core.Money) {
	r.t.Helper()
	err := r.workspaces[0].view(func(tx *db.Tx) {
		v, _ := db.Variants.Get(tx, core.VariantKey{Source: "shop", Variant: "71"})
		m = v.Price
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return m
}

// TestAnotherCurrency: a source whose prices mean something else is read anew, also where its feed is the same file.
func TestAnotherCurrency(t *testing.T) {
	url, sent := file(t, "id,title,url,price,available\n71,Tee,https://shop.example/tee,19.90,0\n")
	n := start(t, settings(t.TempDir()))
	source := readable(t, core.Generic, url, core.Hour, 0)
	source.API.Format = "csv"
	n.declare(core.Declaration{Sources: []core.Source{source}})
	n.awaitImport()
	if got := n.price(); got != (core.Money{Minor: 1990, Currency: "EUR"}) {
		t.Errorf("the price is %+v", got)
	}
	source.Currency = "SEK"
	n.declare(core.Declaration{Sources: []core.Source{source}})
	eventually(t, "the feed is read anew", func() bool { return sent.Load() == 2 && n.price() == core.Money{Minor: 1990, Currency: "SEK"} })
}

// TestReadNow: a shop is asked at once, also after failures, and a feed is fetched though it is the same file.
func TestReadNow(t *testing.T) {
	s := pretend.New()
	s.Put(stocked(0))
	server := httptest.NewServer(s.Shopify())
	defer server.Close()
	n := start(t, settings(t.TempDir()))
	shop := readable(t, core.Shopify, server.URL, core.Hour, core.Hour)
	url, sent := file(t, "id,available\nx,0\n")
	feed := shop
	feed.Name, feed.Platform, feed.API = "zfeed", core.Generic, core.API{URL: url, Format: "csv", Poll: core.Hour}
	n.declare(core.Declaration{Sources: []core.Source{shop, feed}, Templates: []core.Template{hello}, Journeys: []core.DeclaredJourney{told()}})
	n.awaitImport()
	n.capture(1, "ann@example.com")
	eventually(t, "the first poll has ended", func() bool { return n.reading(core.ReadingPoll).EndedAt != "" })
	now := func(source core.SourceName, all, want bool) {
		t.Helper()
		if ok, err := n.ReadNow(t.Context(), "default", source, all); ok != want || err != nil {
			t.Errorf("reading %s now: %t, %v", source, ok, err)
		}
	}
	s.Fail(func(string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }
	})
	now("shop", false, true)
	eventually(t, "the status says why not", func() bool { return n.unread() != nil })
	s.Fail(nil)
	s.Put(stocked(5))
	now("shop", false, true)
	n.awaitMails("ann@example.com You wait")
	before := len(s.Calls())
	now("shop", true, true)
	eventually(t, "all is read", func() bool { return slices.Contains(s.Calls()[before:], "AllProducts") })
	eventually(t, "the feed was read", func() bool { return sent.Load() == 1 })
	now("zfeed", false, true)
	eventually(t, "the feed is read again", func() bool { return sent.Load() == 2 })
	now("nothing", false, false)
}

// TestWhatWebhooksSpokeOfIsLookedUp: a product that the shop keeps out of its list of changes is found by its item.
func TestWhatWebhooksSpokeOfIsLookedUp(t *testing.T) {
	s := pretend.New()
	server := httptest.NewServer(s.Shopify())
	defer server.Close()
	n := start(t, settings(t.TempDir()))
	n.declare(core.Declaration{
		Sources:   []core.Source{readable(t, core.Shopify, server.URL, 100, core.Hour)},
		Templates: []core.Template{hello}, Journeys: []core.DeclaredJourney{told()},
	})
	n.awaitImport()
	p := stocked(5)
	p.UpdatedAt = time.Now().Add(-core.Day.Go())
	s.Put(p)
	n.capture(1, "ann@example.com")
	n.level(1, 5, time.Now())
	n.awaitMails("ann@example.com You wait")
	finds := func() (n int) {
		for _, call := range s.Calls() {
			if call == "FindProducts" {
				n++
			}
		}
		return n
	}
	n.level(2, 4, time.Now())
	last := n.reading(core.ReadingPoll).EndedAt
	eventually(t, "it was polled again", func() bool { return n.reading(core.ReadingPoll).EndedAt > last })
	if got := finds(); got != 1 {
		t.Errorf("the shop was asked %d times for what it had told", got)
	}
}

// TestWhatIsAskedFor: what most wait for comes first, ids come once, and what nobody knows the product of is left out.
func TestWhatIsAskedFor(t *testing.T) {
	if got := union([]core.ProductID{"2", "1"}, []core.ProductID{"3", "", "2"}); !slices.Equal(got, []core.ProductID{"2", "1", "3"}) {
		t.Errorf("asked for %v", got)
	}
	n := start(t, settings(t.TempDir()))
	err := n.workspaces[0].append(t.Context(), 0, wire.Declare{Declaration: shop()})
	if err != nil {
		t.Fatal(err)
	}
	n.capture(1, "ann@example.com")
	r := &reader{workspace: n.workspaces[0], name: "shop"}
	if got := r.waited(); len(got) != 0 {
		t.Errorf("asked for %v, and nobody knows what 71 is", got)
	}
}

// TestQuietShopsCostNothing: polls that find nothing are journaled without the pages that they read.
func TestQuietShopsCostNothing(t *testing.T) {
	s := pretend.New()
	s.Put(stocked(0))
	server := httptest.NewServer(s.Shopify())
	defer server.Close()
	n := start(t, settings(t.TempDir()))
	n.declare(core.Declaration{Sources: []core.Source{readable(t, core.Shopify, server.URL, 50, core.Hour)}})
	n.awaitImport()
	n.capture(1, "ann@example.com")
	begin, _ := n.workspaces[0].at()
	for range 4 {
		last := n.reading(core.ReadingPoll).EndedAt
		eventually(t, "it was polled again", func() bool { r := n.reading(core.ReadingPoll); return r.EndedAt > last && r.Read == 1 })
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	messages := make(chan journal.Message)
	go func() { _ = n.workspaces[0].journal.Read(ctx, begin+1, messages) }()
	for polls := 0; polls < 4; {
		m := <-messages
		for _, raw := range m.Batch.Entries {
			if e, err := raw.Decode(); err != nil || e.Kind() == wire.KindPage && len(raw) > 500 {
				t.Fatalf("an entry of %d bytes (%v)", len(raw), err)
			} else if e.Kind() == wire.KindPage {
				polls++
			}
		}
	}
}

func TestPollsLeaveTimeForTheCatalogue(t *testing.T) {
	for took, want := range map[core.Milliseconds]core.Milliseconds{core.Second: 60_000, 30 * core.Second: 60_000, 5 * core.Minute: 600_000} {
		last := core.Reading{Covers: 1_000_000, EndedAt: core.Time(1_000_000).Add(took)}
		if got := nextPoll(last, core.Minute).Since(last.Covers); got != want {
			t.Errorf("after a poll of %d ms the next begins %d ms after it began, want %d", took, got, want)
		}
	}
}

// TestApplyWithoutTheKey: a source whose key is not there is refused before anything changes, and the fault names the variable.
func TestApplyWithoutTheKey(t *testing.T) {
	n := start(t, settings(t.TempDir()))
	t.Setenv("READ_HOOK", "x")
	_, err := n.Apply(t.Context(), []console.File{{Name: "shop.yaml", Data: []byte(`{kind: Source, name: shop, spec: {platform: shopify, url: https://shop.example,
		secrets: [env:READ_HOOK], currency: EUR, api: {url: https://shop.myshopify.com, token: env:READ_NOTHING}}}`)}})
	if err == nil || !strings.Contains(err.Error(), "READ_NOTHING") || len(n.workspaces[0].machine.Sources()) != 0 {
		t.Errorf("applied with %v", err)
	}
}

// BenchmarkImport reads a shop of 5,000 products on this machine into the state, by way of the journal.
func BenchmarkImport(b *testing.B) {
	s := pretend.New()
	for i := range int64(5000) {
		s.Put(pretend.Product{ID: 100 + i, Title: "Tee", UpdatedAt: time.Now().Add(-time.Hour)})
	}
	server := httptest.NewServer(s.WooCommerce())
	defer server.Close()
	b.Setenv("READ_KEY", "ck_1")
	b.Setenv("READ_SECRET", "cs_hunter2")
	n := start(b, settings(b.TempDir()))
	source := core.Source{
		Name: "shop", Workspace: "default", Platform: core.WooCommerce, URL: "https://shop.example", Stock: core.DefaultStockPolicy,
		API: core.API{URL: server.URL, Key: "env:READ_KEY", Secret: "env:READ_SECRET", Poll: core.Hour, Full: core.Hour},
	}
	for i := 0; b.Loop(); i++ {
		source.Currency = [2]string{"EUR", "USD"}[i%2] // every price is another: nothing is known
		n.declare(core.Declaration{Sources: []core.Source{source}})
		of := source.Of()
		eventually(b, "the catalogue is imported", func() bool {
			var r core.Reading
			_ = n.workspaces[0].view(func(tx *db.Tx) { r, _ = db.Readings.Get(tx, db.ReadingKey{Source: "shop", Kind: core.ReadingFull}) })
			return r.Of == of && r.EndedAt != 0 && !r.Running
		})
	}
	b.ReportMetric(5000*float64(b.N)/b.Elapsed().Seconds(), "products/s")
}

// TestShopsArePolledBeforeAWave: not sooner than planned otherwise, nor twice.
func TestShopsArePolledBeforeAWave(t *testing.T) {
	for _, tt := range []struct {
		name                     string
		poll, covers, wave, want core.Time
	}{
		{"no wave is planned", 900_000, 0, 0, 900_000},
		{"the poll comes first", 300_000, 0, 600_000, 300_000},
		{"the wave comes first", 900_000, 0, 600_000, 590_000},
		{"it was polled for the wave", 1_490_000, 590_000, 600_000, 1_490_000},
	} {
		if got := beforeWave(tt.poll, tt.covers, tt.wave); got != tt.want {
			t.Errorf("%s: polled at %d, want %d", tt.name, got, tt.want)
		}
	}
}
