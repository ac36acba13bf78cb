package sign

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"

	"restock/core"
)

// MaxSecrets is how many secrets of a source are tried: one, or two while it is being rotated.
const MaxSecrets = 2

// Scheme is how a platform signs its webhooks: HMAC-SHA256 in base64, in one header, over the raw body, or by Standard
// Webhooks over id, time and body. The zero Scheme verifies nothing. A Scheme may be used by many goroutines.
type Scheme struct {
	header   string                     // that carries the signature, as the platform writes it
	lookup   string                     // the same in lower case
	keep     []string                   // headers that go on to the core, lower case
	standard bool                       // by Standard Webhooks
	pings    bool                       // announces itself without a signature, see Ping
	key      func(secret []byte) []byte // what is signed with, made of what the merchant has; nil: the same
}

// For returns the scheme of a platform; ok is false for a platform that has none.
func For(p core.Platform) (s Scheme, ok bool) {
	switch p {
	case core.Shopify:
		return shopify(), true
	case core.WooCommerce:
		return wooCommerce(), true
	case core.Generic:
		return standardWebhooks(), true
	}
	return Scheme{}, false
}

// shopify: https://shopify.dev/docs/apps/build/webhooks/subscribe/https, "Verify a webhook".
func shopify() Scheme {
	return Scheme{
		header: "X-Shopify-Hmac-Sha256",
		lookup: "x-shopify-hmac-sha256",
		keep: []string{
			"x-shopify-topic", "x-shopify-webhook-id", "x-shopify-event-id", "x-shopify-triggered-at",
			"x-shopify-shop-domain", "x-shopify-api-version", "x-shopify-test", "x-shopify-product-id",
		},
	}
}

// wooCommerce: https://developer.woocommerce.com/docs/best-practices/urls-and-routing/webhooks/ names headers and
// signature; what it leaves out stands in WC_Webhook::generate_signature.
func wooCommerce() Scheme {
	return Scheme{
		header: "X-WC-Webhook-Signature",
		lookup: "x-wc-webhook-signature",
		keep: []string{
			"x-wc-webhook-topic", "x-wc-webhook-resource", "x-wc-webhook-event", "x-wc-webhook-id", "x-wc-webhook-delivery-id",
			"x-wc-webhook-source",
		},
		pings: true,
		key:   unescapeSecret,
	}
}

// unescapeSecret does to a secret what WordPress does before it signs (wp_specialchars_decode with ENT_QUOTES): entities of
// & < > " and ' become what they stand for, once.
func unescapeSecret(secret []byte) []byte {
	if bytes.IndexByte(secret, '&') < 0 {
		return secret
	}
	return []byte(strings.NewReplacer(
		"&amp;", "&", "&#038;", "&", "&#38;", "&", "&#x26;", "&",
		"&lt;", "<", "&#060;", "<", "&#60;", "<",
		"&gt;", ">", "&#062;", ">", "&#62;", ">",
		"&quot;", `"`, "&#034;", `"`, "&#34;", `"`, "&#x22;", `"`,
		"&#039;", "'", "&#39;", "'", "&#x27;", "'",
	).Replace(string(secret)))
}

// Ping says whether body is what a platform posts to see whether anybody answers: WooCommerce sends "webhook_id=5" when a
// webhook is made, and gives up on one that does not answer 200. It bears no signature and says nothing.
func (s Scheme) Ping(body []byte) bool {
	id, ok := bytes.CutPrefix(body, []byte("webhook_id="))
	return s.pings && ok && len(id) > 0 && len(id) <= maxPingID && len(bytes.Trim(id, "0123456789")) == 0
}

// maxPingID is how many digits a webhook's id may have; WordPress counts to 2^64.
const maxPingID = 20

// Keep returns the lower-case names of the headers that the edge forwards in a core.Delivery. But for Standard Webhooks the
// signature covers the body alone: what these headers say is as true as the transport, never proof.
func (s Scheme) Keep() []string { return slices.Clone(s.keep) }

// Verify says whether body, byte for byte as it was received, was signed with one of the secrets. header looks a header
// up by its lower-case name, whatever the case it came in, and returns "" when there is none. Empty secrets verify
// nothing, and neither do those beyond the first MaxSecrets. now matters to Standard Webhooks alone, see Tolerance. How long
// it takes depends on the length of the body and the number of secrets, not on which of them fits.
func (s Scheme) Verify(now core.Time, secrets [][]byte, header func(name string) string, body []byte) bool {
	if s.lookup == "" {
		return false
	}
	given := []string{header(s.lookup)}
	var head []byte
	if s.standard {
		id, at := header(idHeader), header(timeHeader)
		if !fresh(id, at, now) {
			return false
		}
		given, head = standardSignatures(given[0]), standardHead(id, at)
	}
	good := false
	for _, secret := range secrets[:min(len(secrets), MaxSecrets)] {
		if s.key != nil {
			secret = s.key(secret)
		}
		good = verifies(secret, head, body, given) || good
	}
	return good
}

// verifies compares each given signature, all of them, with the right one.
func verifies(secret, head, body []byte, given []string) (good bool) {
	if len(secret) == 0 || len(given) == 0 {
		return false
	}
	want := signature(secret, head, body)
	for _, g := range given {
		good = len(g) == signatureLen && hmac.Equal(want[:], []byte(g)) || good
	}
	return good
}

// Sign returns the header that makes body verify. The platform does this, so only the demo shop and tests call it. It is
// nil for a scheme that signs more than the body: see SignStandard.
func (s Scheme) Sign(secret, body []byte) []core.Header {
	if s.header == "" || s.standard {
		return nil
	}
	if s.key != nil {
		secret = s.key(secret)
	}
	text := signature(secret, nil, body)
	return []core.Header{{Name: s.header, Value: string(text[:])}}
}

// signatureLen is the length of a SHA-256 in padded base64.
const signatureLen = 44

// signature is that of head and body. It is compared as text: base64 has several spellings for the same bytes, and only one
// of them is signed.
func signature(secret, head, body []byte) (text [signatureLen]byte) {
	mac := hmac.New(sha256.New, secret)
	mac.Write(head)
	mac.Write(body)
	base64.StdEncoding.Encode(text[:], mac.Sum(nil))
	return text
}
