package sign_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"restock/core/sign"
)

// TestBrief: a brief token opens for its purpose, by any key of the ring, as it was written and in no other way.
func TestBrief(t *testing.T) {
	first, second := sign.Key{ID: 1, Secret: bytes.Repeat([]byte{1}, 32)}, sign.Key{ID: 2, Secret: bytes.Repeat([]byte{2}, 32)}
	rings := make([]sign.Ring, 3)
	for i, keys := range [][]sign.Key{{first}, {second, first}, {second}} {
		var err error
		if rings[i], err = sign.NewRing(keys...); err != nil {
			t.Fatal(err)
		}
	}
	token := rings[0].Brief("click", []byte("twelve bytes"))
	if len(token) != 22 {
		t.Errorf("it has %d characters", len(token))
	}
	for _, r := range rings[:2] {
		if got, err := r.OpenBrief("click", token); err != nil || string(got) != "twelve bytes" {
			t.Errorf("got %q, %v", got, err)
		}
	}
	if _, err := rings[2].OpenBrief("click", token); !errors.Is(err, sign.ErrForged) {
		t.Errorf("a key that left the ring opened it: %v", err)
	}
	if _, err := rings[0].OpenBrief("confirm", token); !errors.Is(err, sign.ErrForged) {
		t.Errorf("it opened for another purpose: %v", err)
	}
	if short, err := rings[0].OpenShort("click", token); err == nil {
		t.Errorf("it opened as a short one: %q", short)
	}
	for i := range token {
		bad := []byte(token)
		bad[i] ^= 1
		if _, err := rings[0].OpenBrief("click", string(bad)); err == nil {
			t.Errorf("it opened as %s", bad)
		}
	}
	for _, bad := range []string{"", "AA", token + "A", token[:21], token + "\n", strings.Repeat("A", sign.MaxToken+1)} {
		if _, err := rings[0].OpenBrief("click", bad); err == nil {
			t.Errorf("%q opened", bad)
		}
	}
	if (sign.Ring{}).Brief("click", nil) != "" || rings[0].Brief("click", make([]byte, sign.MaxPayload+1)) != "" {
		t.Error("a token was made without a key, or of too much")
	}
}

func FuzzOpenBrief(f *testing.F) {
	ring, err := sign.NewRing(sign.Key{ID: 1, Secret: bytes.Repeat([]byte{1}, 32)})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(ring.Brief("click", []byte("twelve bytes")))
	f.Add("")
	f.Fuzz(func(t *testing.T, token string) {
		if payload, err := ring.OpenBrief("click", token); err == nil && ring.Brief("click", payload) != token {
			t.Errorf("%q opens, and is not as it was written", token)
		}
	})
}
