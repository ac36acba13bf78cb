package sign

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"slices"

	"restock/core"
)

// MaxSecrets is how many secrets of a source are tried: one, or two while it is being rotated.
const MaxSecrets = 2

// Scheme is how a platform signs its webhooks: HMAC-SHA256 over the raw body, in base64, in one header.
// The zero Scheme verifies nothing. A Scheme may be used by many goroutines.
type Scheme struct {
	header string   // that carries the signature, as the platform writes it
	lookup string   // the same in lower case
	keep   []string // headers that go on to the core, lower case
}

// For returns the scheme of a platform; ok is false for a platform that has none.
func For(p core.Platform) (s Scheme, ok bool) {
	switch p {
	case core.Shopify:
		return shopify(), true
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

// Keep returns the lower-case names of the headers that the edge forwards in a core.Delivery. The signature covers the
// body alone: what these headers say is as true as the transport, never proof.
func (s Scheme) Keep() []string { return slices.Clone(s.keep) }

// Verify says whether body, byte for byte as it was received, was signed with one of the secrets. header looks a header
// up by its lower-case name, whatever the case it came in, and returns "" when there is none. Empty secrets verify
// nothing, and neither do those beyond the first MaxSecrets. How long it takes depends on the length of the body and the
// number of secrets, not on which of them fits.
func (s Scheme) Verify(secrets [][]byte, header func(name string) string, body []byte) bool {
	if s.lookup == "" {
		return false
	}
	given := header(s.lookup)
	if len(given) != signatureLen {
		return false
	}
	good := false
	for _, secret := range secrets[:min(len(secrets), MaxSecrets)] {
		if len(secret) == 0 {
			continue
		}
		want := signature(secret, body)
		if hmac.Equal(want[:], []byte(given)) {
			good = true
		}
	}
	return good
}

// Sign returns the header that makes body verify. The platform does this, so only the demo shop and tests call it.
func (s Scheme) Sign(secret, body []byte) []core.Header {
	if s.header == "" {
		return nil
	}
	text := signature(secret, body)
	return []core.Header{{Name: s.header, Value: string(text[:])}}
}

// signatureLen is the length of a SHA-256 in padded base64.
const signatureLen = 44

// signature is compared as text: base64 has several spellings for the same bytes, and only one of them is signed.
func signature(secret, body []byte) (text [signatureLen]byte) {
	mac := hmac.New(sha256.New, secret)
	mac.Write(body)
	base64.StdEncoding.Encode(text[:], mac.Sum(nil))
	return text
}
