package webpush

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// Tokens are good for a day at most (RFC 8292, section 2). Ours are made for half of that, and anew when little is left: a
// push service whose clock is wrong by an hour takes them still.
const (
	tokenLife = 12 * time.Hour
	tokenLeft = time.Hour
	maxTokens = 64 // kept; there are few push services, but whoever asks to be told may name any host
)

// readKey reads a private key: 32 bytes in base64url, as web push tools write them, or PEM, as openssl does.
func readKey(text string) (*ecdsa.PrivateKey, error) {
	if strings.Contains(text, "-----BEGIN") {
		return readPEM([]byte(text))
	}
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(strings.TrimSpace(text), "="))
	if err != nil {
		return nil, errors.New("want a private key on P-256, 32 bytes in base64url or PEM")
	}
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), raw)
	if err != nil {
		return nil, errors.New("want a private key on P-256, 32 bytes in base64url or PEM")
	}
	return key, nil
}

func readPEM(text []byte) (*ecdsa.PrivateKey, error) {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		var parsed any
		var err error
		switch block.Type {
		case "EC PRIVATE KEY":
			parsed, err = x509.ParseECPrivateKey(block.Bytes)
		case "PRIVATE KEY":
			parsed, err = x509.ParsePKCS8PrivateKey(block.Bytes)
		default:
			continue // openssl writes the curve's parameters first
		}
		if key, ok := parsed.(*ecdsa.PrivateKey); ok && err == nil && key.Curve == elliptic.P256() {
			return key, nil
		}
	}
	return nil, errors.New("the PEM holds no private key on P-256; make one by: restock key vapid FILE")
}

// NewKey makes a key pair: the private half as a sender's secret, the public one as a source's widget has it.
func NewKey() (private, public string, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", "", fmt.Errorf("making a key: %w", err)
	}
	raw, err := key.Bytes()
	if err != nil {
		return "", "", fmt.Errorf("making a key: %w", err)
	}
	public, err = publicOf(key)
	return base64.RawURLEncoding.EncodeToString(raw), public, err
}

// publicOf is the key that browsers are given: an uncompressed point in base64url.
func publicOf(key *ecdsa.PrivateKey) (string, error) {
	point, err := key.PublicKey.Bytes()
	if err != nil {
		return "", fmt.Errorf("writing the public key: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(point), nil
}

// claims are what a token says (RFC 8292, section 2).
type claims struct {
	Audience string `json:"aud"` // origin of the push service
	Expires  int64  `json:"exp"` // seconds since 1970
	Subject  string `json:"sub"` // whom the push service's people may write to
}

// tokenHead is {"typ":"JWT","alg":"ES256"}.
const tokenHead = "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9"

// sign makes a token (RFC 7515; ES256 is RFC 7518, section 3.4: r and s, 32 bytes each).
func sign(key *ecdsa.PrivateKey, c claims) (string, error) {
	said, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("writing a token: %w", err)
	}
	text := tokenHead + "." + base64.RawURLEncoding.EncodeToString(said)
	sum := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
	if err != nil {
		return "", fmt.Errorf("signing a token: %w", err)
	}
	var signature [64]byte
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return text + "." + base64.RawURLEncoding.EncodeToString(signature[:]), nil
}

// tokens makes a token for each push service, and makes it last.
type tokens struct {
	key     *ecdsa.PrivateKey
	public  string
	subject string

	mu   sync.Mutex // guards made
	made map[string]token
}

type token struct {
	text    string
	expires time.Time
}

// authorization is the header for a push service of that origin.
func (t *tokens) authorization(origin string, now time.Time) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	known, ok := t.made[origin]
	if !ok || known.expires.Sub(now) < tokenLeft {
		expires := now.Add(tokenLife)
		text, err := sign(t.key, claims{origin, expires.Unix(), t.subject})
		if err != nil {
			return "", err
		}
		if len(t.made) >= maxTokens {
			clear(t.made)
		}
		known = token{text, expires}
		t.made[origin] = known
	}
	return "vapid t=" + known.text + ", k=" + t.public, nil
}
