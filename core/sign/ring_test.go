package sign_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"

	"restock/core"
	"restock/core/sign"
)

var (
	keyA = sign.Key{ID: 1, Secret: []byte("a secret of thirty-two bytes: A.")}
	keyB = sign.Key{ID: 2, Secret: []byte("a secret of thirty-two bytes: B.")}
	// keyC has the id of A: what an installation with other secrets would make.
	keyC = sign.Key{ID: 1, Secret: []byte("a secret of thirty-two bytes: C.")}
)

func ring(t testing.TB, keys ...sign.Key) sign.Ring {
	t.Helper()
	r, err := sign.NewRing(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestNewRing(t *testing.T) {
	key := func(id uint8, n int) sign.Key { return sign.Key{ID: id, Secret: bytes.Repeat([]byte{1}, n)} }
	for _, c := range []struct {
		name string
		keys []sign.Key
		want string // part of the error; "" : none
	}{
		{"one key", []sign.Key{key(0, 16)}, ""},
		{"four keys", []sign.Key{key(1, 32), key(2, 32), key(3, 32), key(4, 64)}, ""},
		{"no key", nil, "0 keys; give 1 to 4"},
		{"five keys", []sign.Key{key(1, 32), key(2, 32), key(3, 32), key(4, 32), key(5, 32)}, "5 keys; give 1 to 4"},
		{"short secret", []sign.Key{key(1, 32), key(7, 15)}, "secret of key 7 has 15 bytes; give at least 16"},
		{"same id twice", []sign.Key{key(3, 32), key(3, 32)}, "two keys with id 3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := sign.NewRing(c.keys...)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("NewRing = %v; want %q", err, c.want)
			}
		})
	}
}

func TestRingKeepsItsOwnSecrets(t *testing.T) {
	own := sign.Key{ID: 1, Secret: slices.Clone(keyA.Secret)}
	r := ring(t, own)
	token := r.Seal("confirm", nil, 0)
	own.Secret[0] ^= 1
	if _, err := r.Open("confirm", token, 0); err != nil {
		t.Errorf("changing the caller's secret changes the ring: %v", err)
	}
}

func TestOpen(t *testing.T) {
	a, rotated := ring(t, keyA), ring(t, keyB, keyA)
	const never, soon, now = core.Time(0), core.Time(1_001), core.Time(1_000)
	for _, c := range []struct {
		name         string
		seal, open   sign.Ring
		sealed, used string // purposes
		expires, now core.Time
		want         error
	}{
		{"as sealed", a, a, "confirm", "confirm", soon, now, nil},
		{"never expires", a, a, "confirm", "confirm", never, 1 << 60, nil},
		{"empty purpose", a, a, "", "", soon, now, nil},
		{"old key after rotation", a, rotated, "confirm", "confirm", soon, now, nil},
		{"new key sealed", rotated, ring(t, keyB), "confirm", "confirm", soon, now, nil},
		{"the moment it expires", a, a, "confirm", "confirm", now, now, sign.ErrExpired},
		{"later", a, a, "confirm", "confirm", soon, soon + 5, sign.ErrExpired},
		{"expiry before 1970", a, a, "confirm", "confirm", -5, now, sign.ErrExpired},
		{"another purpose", a, a, "confirm", "unsubscribe", soon, now, sign.ErrForged},
		{"part of the purpose", a, a, "confirm", "confir", soon, now, sign.ErrForged},
		{"another purpose, and expired", a, a, "confirm", "click", soon, soon + 5, sign.ErrForged},
		{"key left the ring", a, ring(t, keyB), "confirm", "confirm", soon, now, sign.ErrForged},
		{"same id, other secret", ring(t, keyC), a, "confirm", "confirm", soon, now, sign.ErrForged},
		{"sealed by the new key, opened by the old ring", rotated, a, "confirm", "confirm", soon, now, sign.ErrForged},
		{"zero ring", a, sign.Ring{}, "confirm", "confirm", soon, now, sign.ErrForged},
	} {
		t.Run(c.name, func(t *testing.T) {
			payload := []byte("contact 7")
			got, err := c.open.Open(c.used, c.seal.Seal(c.sealed, payload, c.expires), c.now)
			if !errors.Is(err, c.want) {
				t.Fatalf("Open = %v; want %v", err, c.want)
			}
			if err == nil && !bytes.Equal(got, payload) || err != nil && got != nil {
				t.Errorf("Open = %q together with %v", got, err)
			}
		})
	}
}

func TestOpenMalformed(t *testing.T) {
	r := ring(t, keyA)
	good := r.Seal("confirm", []byte("x"), 0)
	raw, err := base64.RawURLEncoding.DecodeString(good)
	if err != nil {
		t.Fatalf("a token is not base64url: %v", err)
	}
	later := append([]byte{2}, raw[1:]...)
	for name, token := range map[string]string{
		"empty":          "",
		"words":          "hello there",
		"padding":        good + "=",
		"line break":     good[:7] + "\n" + good[7:],
		"return at end":  good + "\r",
		"standard chars": "+/" + good[2:],
		"too short":      base64.RawURLEncoding.EncodeToString(raw[:25]),
		"later version":  base64.RawURLEncoding.EncodeToString(later),
		"too long":       strings.Repeat("A", sign.MaxToken+1),
	} {
		if _, err := r.Open("confirm", token, 0); !errors.Is(err, sign.ErrMalformed) {
			t.Errorf("Open(%s) = %v; want ErrMalformed", name, err)
		}
	}
}

func TestOpenTampered(t *testing.T) {
	r := ring(t, keyB, keyA)
	token := r.Seal("confirm", []byte("contact 7, variant 9"), 5_000)
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for i := range len(token) {
		for _, c := range []byte(digits) {
			if c == token[i] {
				continue
			}
			bad := token[:i] + string(c) + token[i+1:]
			if _, err := r.Open("confirm", bad, 1_000); !errors.Is(err, sign.ErrForged) && !errors.Is(err, sign.ErrMalformed) {
				t.Fatalf("Open with %q at %d = %v; want forged or malformed", c, i, err)
			}
		}
		if _, err := r.Open("confirm", token[:i], 1_000); err == nil {
			t.Errorf("Open accepts the first %d characters", i)
		}
	}
}

func TestSealBounds(t *testing.T) {
	r := ring(t, keyA)
	longest := bytes.Repeat([]byte{0xff}, sign.MaxPayload)
	token := r.Seal("click", longest, 1<<62)
	if len(token) != sign.MaxToken {
		t.Errorf("the longest token has %d characters; want %d", len(token), sign.MaxToken)
	}
	if got, err := r.Open("click", token, 1); err != nil || !bytes.Equal(got, longest) {
		t.Errorf("the longest token does not open: %v", err)
	}
	if got := r.Seal("click", append(longest, 0), 0); got != "" {
		t.Errorf("Seal of a longer payload = %q; want nothing", got)
	}
	if got := (sign.Ring{}).Seal("click", nil, 0); got != "" {
		t.Errorf("Seal by the zero Ring = %q; want nothing", got)
	}
}

// Links in mails that were sent must open for ever: these bytes may not change.
func TestTokenGolden(t *testing.T) {
	const golden = "AQEAAAGLz-VoAGNvbnRhY3QgN8BER-h_lTfngqEL5q-IDUc"
	r := ring(t, keyA)
	if got := r.Seal("confirm", []byte("contact 7"), 1_700_000_000_000); got != golden {
		t.Errorf("Seal = %q; want %q", got, golden)
	}
	if got, err := r.Open("confirm", golden, 1_600_000_000_000); err != nil || string(got) != "contact 7" {
		t.Errorf("Open = %q, %v", got, err)
	}
}

func FuzzOpen(f *testing.F) {
	f.Add("confirm", ring(f, keyA).Seal("confirm", []byte("contact 7"), 0))
	f.Add("", ring(f, keyB).Seal("click", nil, 5))
	f.Add("confirm", "")
	f.Add("confirm", strings.Repeat("_", 513))
	f.Fuzz(func(t *testing.T, purpose, token string) {
		r := ring(t, keyB, keyA)
		payload, err := r.Open(purpose, token, 1)
		if err != nil {
			return
		}
		// What opens was sealed by one of the keys with an expiry that is not past: seal it again and compare.
		for _, key := range []sign.Key{keyA, keyB} {
			for _, expires := range []core.Time{0, 5} {
				if ring(t, key).Seal(purpose, payload, expires) == token {
					return
				}
			}
		}
		t.Errorf("Open(%q, %q) = %q, which no key sealed", purpose, token, payload)
	})
}

func BenchmarkOpen(b *testing.B) {
	r := ring(b, keyB, keyA)
	token := r.Seal("click", []byte("link 1234, contact 5678"), 0)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Open("click", token, 1); err != nil {
			b.Fatal(err)
		}
	}
}

// TestShort: a short token opens for its purpose, with any key that is still in the ring, and as it was written only.
func TestShort(t *testing.T) {
	first := sign.Key{ID: 1, Secret: bytes.Repeat([]byte{1}, 32)}
	second := sign.Key{ID: 2, Secret: bytes.Repeat([]byte{2}, 32)}
	ring, err := sign.NewRing(first)
	if err != nil {
		t.Fatal(err)
	}
	token := ring.Short("click", []byte("fourteen bytes"))
	if len(token) != 31 {
		t.Errorf("%s has %d characters, want 31", token, len(token))
	}
	rotated, err := sign.NewRing(second, first)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []sign.Ring{ring, rotated} {
		if got, err := r.OpenShort("click", token); err != nil || string(got) != "fourteen bytes" {
			t.Errorf("got %q, %v", got, err)
		}
	}
	without, err := sign.NewRing(second)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := without.OpenShort("click", token); !errors.Is(err, sign.ErrForged) {
		t.Errorf("a key that left the ring opened it: %v", err)
	}
	if _, err := ring.OpenShort("confirm", token); !errors.Is(err, sign.ErrForged) {
		t.Errorf("it opened for another purpose: %v", err)
	}
	for i := range token {
		bad := []byte(token)
		bad[i] ^= 1
		if _, err := ring.OpenShort("click", string(bad)); err == nil {
			t.Errorf("it opened as %s", bad)
		}
	}
	for _, bad := range []string{"", "AA", token + "A", token[:30], token + "\n", strings.Repeat("A", sign.MaxToken+1)} {
		if _, err := ring.OpenShort("click", bad); err == nil {
			t.Errorf("%q opened", bad)
		}
	}
	if (sign.Ring{}).Short("click", nil) != "" || ring.Short("click", make([]byte, sign.MaxPayload+1)) != "" {
		t.Error("a token was made without a key, or of too much")
	}
}

func FuzzOpenShort(f *testing.F) {
	ring, err := sign.NewRing(sign.Key{ID: 1, Secret: bytes.Repeat([]byte{1}, 32)})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(ring.Short("click", []byte("fourteen bytes")))
	f.Add("")
	f.Fuzz(func(t *testing.T, token string) {
		if payload, err := ring.OpenShort("click", token); err == nil && ring.Short("click", payload) != token {
			t.Errorf("%q opens, and is not as it was written", token)
		}
	})
}
