package shop

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestSeedTellsEverything(t *testing.T) {
	e := newEdge(t, 200)
	if err := Seed(t.Context(), config(e.URL)); err != nil {
		t.Fatal(err)
	}
	var topics []string
	ids := map[string]bool{}
	for _, h := range e.all() {
		topics = append(topics, h.header.Get("X-Shopify-Topic"))
		ids[h.header.Get("X-Shopify-Webhook-Id")] = true
	}
	want := strings.Repeat(topicProduct+" ", 4) + strings.Repeat(topicLevel+" ", 7)
	if got := strings.Join(topics, " ") + " "; got != want || len(ids) != 11 {
		t.Errorf("got %d ids of %s\nwant 11 of %s", len(ids), got, want)
	}
}

func TestProductPayload(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 5e6, time.FixedZone("", 3600))
	var p map[string]any
	if err := json.Unmarshal(describe(products()[0], "http://127.0.0.1:8080", at), &p); err != nil {
		t.Fatal(err)
	}
	v := p["variants"].([]any)[0].(map[string]any)
	image := p["image"].(map[string]any)
	for _, c := range []struct {
		name      string
		got, want any
	}{
		{"id", p["id"], 7001.0},
		{"title", p["title"], "Heavyweight Tee"},
		{"handle", p["handle"], "heavyweight-tee"},
		{"status", p["status"], "active"},
		{"vendor", p["vendor"], shopName},
		{"published_at", p["published_at"], "2026-03-01T11:00:00.005Z"},
		{"updated_at", p["updated_at"], "2026-03-01T11:00:00.005Z"},
		{"variant id", v["id"], 1001.0},
		{"sku", v["sku"], "TEE-BLK-M"},
		{"price", v["price"], "49.00"},
		{"inventory_policy", v["inventory_policy"], "deny"},
		{"inventory_item_id", v["inventory_item_id"], 5001.0},
		{"inventory_quantity", v["inventory_quantity"], 0.0},
		{"image_id", v["image_id"], image["id"]},
		{"image src", image["src"], "http://127.0.0.1:8080/images/tee.svg"},
		{"images", len(p["images"].([]any)), 1},
	} {
		if c.got != c.want {
			t.Errorf("%s is %v; want %v", c.name, c.got, c.want)
		}
	}
}

func TestDeliver(t *testing.T) {
	const ok, unready, unknown, forged = 200, 503, 404, 401
	for _, c := range []struct {
		name  string
		codes []int
		calls int
		fails string // part of the error
	}{
		{"at once", []int{ok}, 1, ""},
		{"not ready at first", []int{unready, unready, ok}, 3, ""},
		{"source comes later", []int{unknown, ok}, 2, ""},
		{"no for good", []int{unready, forged}, 2, "answered 401"},
		{"never ready", []int{unready}, maxAttempts, "answered 503"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := newEdge(t, c.codes...)
			courier := newCourier(config(e.URL))
			courier.pause = 0
			err := courier.deliver(t.Context(), newWebhook(topicLevel, time.Now(), []byte("{}")))
			if (err == nil) != (c.fails == "") || err != nil && !strings.Contains(err.Error(), c.fails) {
				t.Errorf("got %v; want %q", err, c.fails)
			}
			ids := map[string]bool{}
			for _, h := range e.all() {
				ids[h.header.Get("X-Shopify-Webhook-Id")] = true
			}
			if n := len(e.all()); n != c.calls || len(ids) != 1 {
				t.Errorf("%d calls with %d ids; want %d with 1", n, len(ids), c.calls)
			}
		})
	}
}

func TestDeliverEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	e := newEdge(t, http.StatusServiceUnavailable)
	e.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
		cancel()
	})
	courier := newCourier(config(e.URL))
	courier.pause = time.Hour
	err := courier.seed(ctx, products(), time.Now())
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v; want context.Canceled", err)
	}
}

func TestStockChangesAreInOrder(t *testing.T) {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	v := products()[0].Variants[0]
	s := newStock(products(), func() time.Time { return noon })
	for i, c := range []struct{ add, units int64 }{
		{5, 5}, {-2, 3}, {-99, 0}, {maxUnits, maxUnits}, {maxUnits, maxUnits}, {-maxUnits, 0},
	} {
		l := s.change(v, c.add)
		if at := noon.Add(time.Duration(i) * time.Millisecond); l.Units != c.units || !l.At.Equal(at) || l.Item != 5001 {
			t.Errorf("change %d by %d: got %+v; want %d units at %v", i, c.add, l, c.units, at)
		}
	}
}

// Two changes never carry the same time, whoever makes them.
func TestStockHammer(t *testing.T) {
	const hands, deeds = 8, 200
	v := products()[0].Variants[0]
	s := newStock(products(), time.Now)
	times := make(chan time.Time, hands*deeds)
	var all sync.WaitGroup
	for range hands {
		all.Go(func() {
			for range deeds {
				times <- s.change(v, 1).At
			}
		})
	}
	all.Wait()
	close(times)
	seen := map[time.Time]bool{}
	for at := range times {
		seen[at] = true
	}
	if len(seen) != hands*deeds || s.of(v.ID) != hands*deeds {
		t.Errorf("%d times and %d units of %d changes", len(seen), s.of(v.ID), hands*deeds)
	}
}
