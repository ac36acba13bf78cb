package sign_test

import (
	"slices"
	"strings"
	"testing"

	"restock/core"
	"restock/core/sign"
)

func schemeOf(t testing.TB, p core.Platform) sign.Scheme {
	t.Helper()
	s, ok := sign.For(p)
	if !ok {
		t.Fatalf("For(%s) has no scheme", p)
	}
	return s
}

func lookup(headers []core.Header) func(string) string {
	return func(asked string) string {
		for _, h := range headers {
			if strings.ToLower(h.Name) == asked {
				return h.Value
			}
		}
		return ""
	}
}

// TestWooCommerceVerify: the signatures were made with openssl as the one above, and key "a&b<c>'\"" for the second.
func TestWooCommerceVerify(t *testing.T) {
	const header, special = "x-wc-webhook-signature", "U8vWWhtDdLPk6XhwdE6jQyVGsAwkV9JGpnIs6xrm8rw="
	for _, c := range []struct {
		name, secret, value string
		want                bool
	}{
		{"its secret", secret, signature, true},
		{"another secret", "other", signature, false},
		{"special characters as they are", `a&b<c>'"`, special, true},
		{"special characters as WordPress keeps them", "a&amp;b&lt;c&gt;&#039;&quot;", special, true},
		{"other entities for them", "a&#038;b&#60;c&#62;&#x27;&#34;", special, true},
		{"entities are read once", "a&amp;amp;b&lt;c&gt;&#039;&quot;", special, false},
		{"an entity of something else", "hush&eacute;", signature, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := schemeOf(t, core.WooCommerce)
			if got := s.Verify(0, secrets(c.secret), only(header, c.value), []byte(body)); got != c.want {
				t.Errorf("Verify = %v; want %v", got, c.want)
			}
			if signed := s.Sign([]byte(c.secret), []byte(body))[0]; (signed.Value == c.value) != c.want || signed.Name != "X-WC-Webhook-Signature" {
				t.Errorf("Sign = %v", signed)
			}
		})
	}
}

func TestPing(t *testing.T) {
	for body, want := range map[string]bool{
		"webhook_id=1": true, "webhook_id=18446744073709551615": true,
		"webhook_id=": false, "webhook_id=1&a=2": false, "webhook_id=-1": false, "webhook_id=x": false, "": false, "{}": false,
		" webhook_id=1": false, "webhook_id=1\n": false, "webhook_id=" + strings.Repeat("1", 21): false,
	} {
		if got := schemeOf(t, core.WooCommerce).Ping([]byte(body)); got != want {
			t.Errorf("Ping(%q) = %v; want %v", body, got, want)
		}
		for _, p := range []core.Platform{core.Shopify, core.Generic} {
			if schemeOf(t, p).Ping([]byte(body)) {
				t.Errorf("%s pings by %q", p, body)
			}
		}
	}
}

// The published example of Standard Webhooks, as its libraries' tests have it.
const (
	standardSecret    = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	standardID        = "msg_p5jXN8AQM9LWM0D4loKWxJek"
	standardBody      = `{"test": 2432232314}`
	standardSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
	standardAt        = core.Time(1614265330_000)
)

func standard(change ...string) []core.Header {
	headers := []core.Header{{Name: "Webhook-Id", Value: standardID}, {Name: "Webhook-Timestamp", Value: "1614265330"}, {Name: "Webhook-Signature", Value: standardSignature}}
	for i := 0; i+1 < len(change); i += 2 {
		for j := range headers {
			if headers[j].Name == change[i] {
				headers[j].Value = change[i+1]
			}
		}
	}
	return headers
}

func TestStandardWebhooks(t *testing.T) {
	const raw = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	const wrong = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="
	minutes := func(n core.Milliseconds) core.Time { return standardAt.Add(n * core.Minute) }
	for _, c := range []struct {
		name    string
		secret  string
		now     core.Time
		headers []core.Header
		body    string
		want    bool
	}{
		{"published", standardSecret, standardAt, standard(), standardBody, true},
		{"secret without prefix", raw, standardAt, standard(), standardBody, true},
		{"another secret", "whsec_" + strings.Repeat("A", 32), standardAt, standard(), standardBody, false},
		{"prefix alone", "whsec_", standardAt, standard(), standardBody, false},
		{"another body", standardSecret, standardAt, standard(), standardBody + " ", false},
		{"another id", standardSecret, standardAt, standard("Webhook-Id", "msg_2"), standardBody, false},
		{"no id", standardSecret, standardAt, standard("Webhook-Id", ""), standardBody, false},
		{"another time", standardSecret, standardAt, standard("Webhook-Timestamp", "1614265331"), standardBody, false},
		{"no time", standardSecret, standardAt, standard("Webhook-Timestamp", ""), standardBody, false},
		{"time in words", standardSecret, standardAt, standard("Webhook-Timestamp", "now"), standardBody, false},
		{"time with a sign", standardSecret, standardAt, standard("Webhook-Timestamp", "+1614265330"), standardBody, false},
		{"endless time", standardSecret, standardAt, standard("Webhook-Timestamp", strings.Repeat("1", 100)), standardBody, false},
		{"five minutes old", standardSecret, minutes(5), standard(), standardBody, true},
		{"older", standardSecret, minutes(5) + 1, standard(), standardBody, false},
		{"five minutes ahead", standardSecret, minutes(-5), standard(), standardBody, true},
		{"further ahead", standardSecret, minutes(-5) - 1, standard(), standardBody, false},
		{"several signatures", standardSecret, standardAt, standard("Webhook-Signature", wrong+" v1a,xyz "+standardSignature), standardBody, true},
		{"wrong ones only", standardSecret, standardAt, standard("Webhook-Signature", wrong+" "+wrong), standardBody, false},
		{"the ninth signature", standardSecret, standardAt, standard("Webhook-Signature", strings.Repeat(wrong+" ", 8)+standardSignature), standardBody, false},
		{"of another version", standardSecret, standardAt, standard("Webhook-Signature", strings.Replace(standardSignature, "v1,", "v2,", 1)), standardBody, false},
		{"without a version", standardSecret, standardAt, standard("Webhook-Signature", standardSignature[3:]), standardBody, false},
		{"no signature", standardSecret, standardAt, standard("Webhook-Signature", ""), standardBody, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, list := range [][][]byte{secrets(c.secret), secrets("new", c.secret), secrets(c.secret, "old")} {
				if got := schemeOf(t, core.Generic).Verify(c.now, list, lookup(c.headers), []byte(c.body)); got != c.want {
					t.Errorf("Verify with %d secrets = %v; want %v", len(list), got, c.want)
				}
			}
		})
	}
}

func TestSignStandard(t *testing.T) {
	got := sign.SignStandard([]byte(standardSecret), standardID, standardAt+999, []byte(standardBody))
	want := []core.Header{
		{Name: "webhook-id", Value: standardID}, {Name: "webhook-timestamp", Value: "1614265330"},
		{Name: "webhook-signature", Value: standardSignature},
	}
	if !slices.Equal(got, want) {
		t.Errorf("SignStandard = %v; want %v", got, want)
	}
	if schemeOf(t, core.Generic).Sign([]byte("x"), nil) != nil {
		t.Error("Sign signs the body alone where id and time are signed as well")
	}
}

// TestASecretThatIsNoBase64 is taken as it is, on both sides.
func TestASecretThatIsNoBase64(t *testing.T) {
	headers := sign.SignStandard([]byte("not base64!"), "1", standardAt, []byte(body))
	if !schemeOf(t, core.Generic).Verify(standardAt, secrets("not base64!"), lookup(headers), []byte(body)) {
		t.Error("what was signed does not verify")
	}
}

// FuzzStandard: what is signed verifies, whatever it is, and a header that is not what was signed does not.
func FuzzStandard(f *testing.F) {
	f.Add([]byte(standardSecret), standardID, int64(standardAt), []byte(standardBody), standardSignature)
	f.Add([]byte("x"), "a.1614265330", int64(1), []byte(""), "v1, v1,")
	f.Fuzz(func(t *testing.T, secret []byte, id string, at int64, body []byte, given string) {
		s := schemeOf(t, core.Generic)
		now := core.Time(at)
		headers := sign.SignStandard(secret, id, now, body)
		plain := now >= 0 && now < 1e15 && id != "" && len(id) <= 256
		signed := s.Verify(now, [][]byte{[]byte("another"), secret}, lookup(headers), body)
		usable := strings.Trim(strings.TrimPrefix(string(secret), "whsec_"), "\r\n") != "" // base64 passes over line breaks
		if plain && usable && !signed {
			t.Errorf("what was signed does not verify: %v", headers)
		}
		right := headers[2].Value
		headers[2].Value = given
		if s.Verify(now, [][]byte{secret}, lookup(headers), body) && !strings.Contains(" "+given+" ", " "+right+" ") {
			t.Errorf("%q verifies beside %q", given, right)
		}
	})
}
