package sign

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
)

// Provider is how those whom a sender hands messages to sign what they post to us. The zero Provider verifies nothing. A
// Provider may be used by many goroutines.
type Provider struct {
	verify func(url string, secret []byte, header func(name string) string, body []byte) bool
	keep   []string
}

// ForSender returns the scheme for senders of a kind (core.Sender.Kind); ok is false where nobody posts anything.
//
// A sender of the kind twilio is posted to with X-Twilio-Signature, by its auth token. To one of the kind smtp, Postmark and
// whoever empties a bounce mailbox post with HTTP Basic authentication (RFC 7617), by "user:password".
func ForSender(kind string) (p Provider, ok bool) {
	switch kind {
	case "twilio":
		return Provider{verify: verifyTwilio}, true
	case "smtp":
		return Provider{verify: verifyBasic, keep: []string{"content-type"}}, true
	}
	return Provider{}, false
}

// Keep returns the lower-case names of the headers that the edge forwards in a core.Posting.
func (p Provider) Keep() []string { return slices.Clone(p.keep) }

// Verify says whether a post to url, with its query as it was called, was made by who knows one of the secrets, of which the
// first MaxSecrets count. header looks a header up by its lower-case name; "" when there is none.
func (p Provider) Verify(url string, secrets [][]byte, header func(name string) string, body []byte) (good bool) {
	if p.verify == nil {
		return false
	}
	for _, secret := range secrets[:min(len(secrets), MaxSecrets)] {
		good = len(secret) > 0 && p.verify(url, secret, header, body) || good
	}
	return good
}

// maxParameters is how many parameters of a form are looked at; Twilio posts about thirty.
const maxParameters = 200

// verifyTwilio: https://www.twilio.com/docs/usage/security#validating-requests. HMAC-SHA1 in base64 over the URL and, of the form,
// every name with its value, sorted by name. Of a name with several values, each different one counts, sorted.
func verifyTwilio(to string, secret []byte, header func(string) string, body []byte) bool {
	if strings.Count(string(body), "&") >= maxParameters {
		return false
	}
	want, err := signTwilio(to, secret, body)
	return err == nil && hmac.Equal([]byte(want), []byte(header("x-twilio-signature")))
}

func signTwilio(to string, secret, body []byte) (string, error) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha1.New, secret)
	mac.Write([]byte(to))
	for _, p := range pairs(form) {
		mac.Write([]byte(p.name + p.value))
	}
	return base64.StdEncoding.EncodeToString(mac.Sum(nil)), nil
}

type pair struct{ name, value string }

// pairs are a form's, each once, sorted.
func pairs(form url.Values) (all []pair) {
	for name, values := range form {
		for _, v := range values {
			all = append(all, pair{name, v})
		}
	}
	slices.SortFunc(all, func(a, b pair) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.value, b.value)) })
	return slices.Compact(all)
}

// verifyBasic compares hashes, so that the time it takes does not tell how long the secret is.
func verifyBasic(_ string, secret []byte, header func(string) string, _ []byte) bool {
	scheme, credentials, ok := strings.Cut(header("authorization"), " ")
	given, err := base64.StdEncoding.DecodeString(strings.TrimSpace(credentials))
	if !ok || err != nil || !strings.EqualFold(scheme, "Basic") {
		return false
	}
	a, b := sha256.Sum256(given), sha256.Sum256(secret)
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// SignTwilio returns the value of X-Twilio-Signature for a form posted to a URL; "" for what is no form. Twilio does this, so
// only tests call it.
func SignTwilio(to string, secret, body []byte) string {
	text, _ := signTwilio(to, secret, body)
	return text
}
