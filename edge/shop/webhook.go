package shop

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"time"
)

// How webhooks are sent.
const (
	webhookTimeout = 5 * time.Second        // Shopify waits this long for an answer as well
	firstPause     = 100 * time.Millisecond // between the first attempts of Seed; doubles
	longestPause   = 2 * time.Second
	maxAttempts    = 20 // of one webhook of Seed
	maxAnswer      = 64 << 10
	apiVersion     = "2025-10"
	shopDomain     = "sample-shop.myshopify.com"
)

// webhook is one call of the platform. Attempts of the same webhook have the same id.
type webhook struct {
	topic string
	id    string
	at    time.Time
	body  []byte
}

func newWebhook(topic string, at time.Time, body []byte) webhook {
	return webhook{topic: topic, id: newUUID(), at: at, body: body}
}

// newUUID is a random UUID (RFC 9562, version 4).
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // crypto/rand never fails since Go 1.24
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// courier carries webhooks to the edge.
type courier struct {
	config Config
	client *http.Client
	pause  time.Duration // before the second attempt
}

// newCourier never goes by a proxy: the edge is the shop's own origin.
func newCourier(c Config) *courier {
	return &courier{config: c, client: &http.Client{Timeout: webhookTimeout, Transport: &http.Transport{}}, pause: firstPause}
}

// send posts a webhook once and returns the HTTP code of the answer; err when there was none.
func (c *courier) send(ctx context.Context, w webhook) (code int, err error) {
	to := c.config.EdgeURL + "/v1/sources/" + string(c.config.Source) + "/webhooks"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(w.body))
	if err != nil {
		return 0, fmt.Errorf("making webhook %s: %w", w.topic, err)
	}
	c.address(req.Header, w)
	resp, err := c.client.Do(req)
	if err != nil {
		return 0, fmt.Errorf("sending webhook %s: %w", w.topic, err)
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, maxAnswer) // so that the connection can be used again
	return resp.StatusCode, nil
}

// address writes the headers that Shopify writes.
func (c *courier) address(h http.Header, w webhook) {
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", "Shopify-Captain-Hook")
	h.Set("X-Shopify-Topic", w.topic)
	h.Set("X-Shopify-Webhook-Id", w.id)
	h.Set("X-Shopify-Event-Id", w.id)
	h.Set("X-Shopify-Triggered-At", w.at.UTC().Format(time.RFC3339Nano))
	h.Set("X-Shopify-Shop-Domain", shopDomain)
	h.Set("X-Shopify-Api-Version", apiVersion)
	for _, s := range c.config.Sign(c.config.Secret, w.body) {
		h.Set(s.Name, s.Value)
	}
}

// deliver sends a webhook until the edge takes it. It gives up when the edge says no for good, when ctx ends, and after
// maxAttempts.
func (c *courier) deliver(ctx context.Context, w webhook) error {
	pause := c.pause
	for attempt := 1; ; attempt++ {
		code, err := c.send(ctx, w)
		switch {
		case taken(code):
			return nil
		case err == nil:
			err = fmt.Errorf("sending webhook %s: the edge answered %d", w.topic, code)
		}
		if !worthRetrying(code) || attempt == maxAttempts {
			return err
		}
		if waitErr := wait(ctx, pause); waitErr != nil {
			return fmt.Errorf("%w; last: %w", waitErr, err)
		}
		pause = min(2*pause, longestPause)
	}
}

// taken says whether the edge has the webhook on its disk.
func taken(code int) bool { return code >= 200 && code < 300 }

// worthRetrying: no answer at all, an edge that is not ready, or one that has not heard of the source yet.
func worthRetrying(code int) bool {
	return code == 0 || code == http.StatusNotFound || code == http.StatusTooManyRequests || code >= 500
}

// wait returns early, with an error, when ctx ends.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return fmt.Errorf("waiting for the edge: %w", ctx.Err())
	case <-timer.C:
		return nil
	}
}

// Seed tells the edge of every product and of the stock that the shop starts with, as a platform does when it is
// connected. It waits for an edge that is not ready yet until ctx ends; it returns at the first webhook that is refused.
func Seed(ctx context.Context, c Config) error {
	c, err := c.normal()
	if err != nil {
		return err
	}
	at := openingDay
	if c.Again {
		at = time.Now()
	}
	return newCourier(c).seed(ctx, products(), at)
}

// openingDay is when the shop says that its opening stock was counted: long ago, so that whatever is told later is newer.
var openingDay = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// seed delivers the opening webhooks one after the other: a level finds its product there already.
func (c *courier) seed(ctx context.Context, all []product, now time.Time) error {
	for _, w := range opening(all, c.config.EdgeURL, now) {
		if err := c.deliver(ctx, w); err != nil {
			return fmt.Errorf("seeding the sample shop: %w", err)
		}
	}
	return nil
}

// opening is what a shop tells at the start: products first, so that every level finds its variant.
func opening(all []product, edgeURL string, now time.Time) []webhook {
	var first, then []webhook
	for _, p := range all {
		first = append(first, newWebhook(topicProduct, now, describe(p, edgeURL, now)))
		for _, v := range p.Variants {
			body := report(level{Item: v.Item, Units: v.Units, At: now})
			then = append(then, newWebhook(topicLevel, now, body))
		}
	}
	return append(first, then...)
}
