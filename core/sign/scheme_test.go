package sign_test

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"restock/core"
	"restock/core/sign"
)

// The signature was made with: printf '{"id":1}' | openssl dgst -sha256 -hmac hush -binary | base64
const (
	body      = `{"id":1}`
	secret    = "hush"
	signature = "VnKUjZsLuN5iZWjn5EntcBVCF9kMN43LglzCE1/GSeY="
)

func shopify(t testing.TB) sign.Scheme {
	t.Helper()
	s, ok := sign.For(core.Shopify)
	if !ok {
		t.Fatal("For(shopify) has no scheme")
	}
	return s
}

// only returns a lookup that knows one header.
func only(name, value string) func(string) string {
	return func(asked string) string {
		if asked == name {
			return value
		}
		return ""
	}
}

func secrets(list ...string) (out [][]byte) {
	for _, s := range list {
		out = append(out, []byte(s))
	}
	return out
}

func TestVerify(t *testing.T) {
	const header = "x-shopify-hmac-sha256"
	for _, c := range []struct {
		name          string
		secrets       [][]byte
		header, value string
		body          string
		want          bool
	}{
		{"its secret", secrets(secret), header, signature, body, true},
		{"rotation, the old one", secrets("new", secret), header, signature, body, true},
		{"rotation, the new one", secrets(secret, "old"), header, signature, body, true},
		{"an empty secret beside it", secrets("", secret), header, signature, body, true},
		{"another secret", secrets("other"), header, signature, body, false},
		{"a third secret", secrets("a", "b", secret), header, signature, body, false},
		{"no secrets", nil, header, signature, body, false},
		{"no header", secrets(secret), "", "", body, false},
		{"another header", secrets(secret), "x-hmac", signature, body, false},
		{"empty signature", secrets(secret), header, "", body, false},
		{"another body", secrets(secret), header, signature, `{"id":2}`, false},
		{"body marshalled again", secrets(secret), header, signature, `{"id": 1}`, false},
		{"empty body", secrets(secret), header, signature, "", false},
		{"without padding", secrets(secret), header, strings.TrimRight(signature, "="), body, false},
		{"space behind it", secrets(secret), header, signature + " ", body, false},
		{"line break in it", secrets(secret), header, signature[:4] + "\n" + signature[4:], body, false},
		{"other unused bits", secrets(secret), header, sameBytes(signature), body, false},
		{"cut", secrets(secret), header, signature[:10], body, false},
		{"endless", secrets(secret), header, strings.Repeat(signature, 100_000), body, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := shopify(t).Verify(0, c.secrets, only(c.header, c.value), []byte(c.body)); got != c.want {
				t.Errorf("Verify = %v; want %v", got, c.want)
			}
		})
	}
}

// sameBytes spells a padded base64 text differently: the lax decoder reads the same bytes from it.
func sameBytes(text string) string {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	last := strings.IndexByte(digits, text[len(text)-2])
	return text[:len(text)-2] + string(digits[last^1]) + "="
}

func TestSameBytesIsAnotherSpelling(t *testing.T) {
	a, err1 := base64.StdEncoding.DecodeString(signature)
	b, err2 := base64.StdEncoding.DecodeString(sameBytes(signature))
	if err1 != nil || err2 != nil || !bytes.Equal(a, b) || signature == sameBytes(signature) {
		t.Errorf("sameBytes(%q) = %q does not decode to the same bytes", signature, sameBytes(signature))
	}
}

func TestVerifyEmptySecretNever(t *testing.T) {
	s := shopify(t)
	forged := s.Sign(nil, []byte(body))[0].Value
	for _, list := range [][][]byte{{nil}, {{}}, {nil, {}}} {
		if s.Verify(0, list, only("x-shopify-hmac-sha256", forged), []byte(body)) {
			t.Errorf("Verify with the empty secrets %q accepts a signature by the empty secret", list)
		}
	}
}

func TestVerifyTampered(t *testing.T) {
	s := shopify(t)
	for i := range len(signature) {
		bad := []byte(signature)
		bad[i] ^= 1
		if s.Verify(0, secrets(secret), only("x-shopify-hmac-sha256", string(bad)), []byte(body)) {
			t.Errorf("Verify accepts the signature with byte %d changed", i)
		}
	}
	for i := range len(body) {
		bad := []byte(body)
		bad[i] ^= 1
		if s.Verify(0, secrets(secret), only("x-shopify-hmac-sha256", signature), bad) {
			t.Errorf("Verify accepts the body with byte %d changed", i)
		}
	}
}

func TestSign(t *testing.T) {
	got := shopify(t).Sign([]byte(secret), []byte(body))
	want := []core.Header{{Name: "X-Shopify-Hmac-Sha256", Value: signature}}
	if !slices.Equal(got, want) {
		t.Errorf("Sign = %v; want %v", got, want)
	}
}

func TestKeepIsACopyInLowerCase(t *testing.T) {
	s := shopify(t)
	kept := s.Keep()
	for _, name := range []string{"x-shopify-topic", "x-shopify-webhook-id", "x-shopify-event-id", "x-shopify-triggered-at"} {
		if !slices.Contains(kept, name) {
			t.Errorf("Keep() = %v; want %s in it", kept, name)
		}
	}
	for i, name := range kept {
		if name != strings.ToLower(name) || strings.Contains(name, "hmac") {
			t.Errorf("Keep() has %q; want lower case and no signature", name)
		}
		kept[i] = "changed"
	}
	if slices.Contains(s.Keep(), "changed") {
		t.Error("changing what Keep returned changes the scheme")
	}
}

func TestUnknownPlatform(t *testing.T) {
	s, ok := sign.For("corner shop")
	if ok {
		t.Error("For(corner shop) has a scheme")
	}
	if s.Verify(0, secrets(secret), func(string) string { return signature }, []byte(body)) || s.Sign([]byte(secret), []byte(body)) != nil {
		t.Error("the zero Scheme signs or verifies")
	}
}

func FuzzVerify(f *testing.F) {
	f.Add([]byte(secret), signature, []byte(body))
	f.Add([]byte{}, "", []byte{})
	f.Add([]byte(secret), sameBytes(signature), []byte(body))
	f.Fuzz(func(t *testing.T, secret []byte, value string, body []byte) {
		s := shopify(t)
		right := s.Sign(secret, body)[0].Value
		list := [][]byte{[]byte("another"), secret}
		if !s.Verify(0, list, only("x-shopify-hmac-sha256", right), body) && len(secret) > 0 {
			t.Error("what was signed does not verify")
		}
		if value != right && s.Verify(0, [][]byte{secret}, only("x-shopify-hmac-sha256", value), body) {
			t.Errorf("%q verifies beside %q", value, right)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	s := shopify(b)
	payload := bytes.Repeat([]byte("x"), 4096)
	lookup := only("x-shopify-hmac-sha256", s.Sign([]byte(secret), payload)[0].Value)
	list := secrets("new", secret)
	b.ReportAllocs()
	for b.Loop() {
		if !s.Verify(0, list, lookup, payload) {
			b.Fatal("does not verify")
		}
	}
}
