package sign

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"

	"restock/core"
)

// Bounds of rings and tokens.
const (
	MaxKeys    = 4   // in a ring
	MinSecret  = 16  // bytes of a key's secret; 32 random ones are right
	MaxToken   = 512 // characters of a token
	MaxPayload = 358 // bytes that fit a token: 384 behind base64, less head and tail
)

// Why a token does not open.
var (
	ErrMalformed = errors.New("opening token: not a token of this kind; was the link copied as a whole?")
	ErrForged    = errors.New("opening token: the signature does not fit")
	ErrExpired   = errors.New("opening token: it has expired")
)

// Key is one secret of a ring. Its id stands in every token that it sealed and is not secret.
type Key struct {
	ID     uint8
	Secret []byte // at least MinSecret bytes
}

// Ring is 1 to MaxKeys keys: the first seals, all of them open. Rotation puts a new key in front and drops the old one
// when no link of its time matters any longer. The zero Ring seals and opens nothing. A Ring never changes and may be
// used by many goroutines.
type Ring struct{ keys []Key }

// NewRing makes a ring of copies of the keys. Ids must differ.
func NewRing(keys ...Key) (Ring, error) {
	if len(keys) == 0 || len(keys) > MaxKeys {
		return Ring{}, fmt.Errorf("making key ring: %d keys; give 1 to %d", len(keys), MaxKeys)
	}
	var r Ring
	for _, k := range keys {
		if len(k.Secret) < MinSecret {
			return Ring{}, fmt.Errorf("making key ring: secret of key %d has %d bytes; give at least %d", k.ID, len(k.Secret), MinSecret)
		}
		if _, ok := r.key(k.ID); ok {
			return Ring{}, fmt.Errorf("making key ring: two keys with id %d; give each its own", k.ID)
		}
		r.keys = append(r.keys, Key{ID: k.ID, Secret: bytes.Clone(k.Secret)})
	}
	return r, nil
}

func (r Ring) key(id uint8) (Key, bool) {
	for _, k := range r.keys {
		if k.ID == id {
			return k, true
		}
	}
	return Key{}, false
}

// A token is base64url without padding of
//
//	version 1 byte | key id 1 byte | expiry 8 bytes, big-endian ms | payload | tag 16 bytes
//
// The tag is HMAC-SHA256 over label, length of the purpose, purpose and all that stands before the tag, cut to its first
// 16 bytes (RFC 2104, 5 allows half). Links in mails that were sent stay good, so the form is only ever added to:
//
//	1: as above
const tokenVersion = 1

const (
	headLen = 1 + 1 + 8
	tagLen  = 16
	label   = "restock token"
)

// encoding is strict: unused bits at the end must be zero, so that a token has one spelling.
func encoding() *base64.Encoding { return base64.RawURLEncoding.Strict() }

// Seal returns a URL-safe token that carries payload, readable by everyone, and opens for the same purpose until
// expires (0: for ever). It returns "" for a payload of more than MaxPayload bytes, and from the zero Ring: an empty
// token opens nowhere. Payloads should be built from ids, which are bounded.
func (r Ring) Seal(purpose string, payload []byte, expires core.Time) string {
	if len(r.keys) == 0 || len(payload) > MaxPayload {
		return ""
	}
	key := r.keys[0]
	raw := make([]byte, 0, headLen+len(payload)+tagLen)
	raw = append(raw, tokenVersion, key.ID)
	raw = binary.BigEndian.AppendUint64(raw, uint64(expires))
	raw = append(raw, payload...)
	raw = append(raw, tag(key, label, purpose, raw, tagLen)...)
	return encoding().EncodeToString(raw)
}

// Open returns the payload of a token that this ring sealed for this purpose, in memory of its own. now at or after the
// expiry is too late. The error is ErrMalformed, ErrForged (also for another purpose or a key that left the ring) or
// ErrExpired; only an authentic token is ever called expired.
func (r Ring) Open(purpose, token string, now core.Time) (payload []byte, err error) {
	raw, err := decode(token, headLen+tagLen)
	if err != nil {
		return nil, err
	}
	if raw[0] != tokenVersion {
		return nil, ErrMalformed
	}
	body, given := raw[:len(raw)-tagLen], raw[len(raw)-tagLen:]
	key, ok := r.key(body[1])
	if !ok || !hmac.Equal(tag(key, label, purpose, body, tagLen), given) {
		return nil, ErrForged
	}
	if expires := core.Time(binary.BigEndian.Uint64(body[2:])); expires != 0 && now >= expires {
		return nil, ErrExpired
	}
	return body[headLen:], nil
}

// decode returns the bytes of a token, of which there are at least so many. Go's decoder skips line breaks, which would give a token many
// spellings: the length shows them.
func decode(token string, least int) ([]byte, error) {
	if len(token) > MaxToken {
		return nil, ErrMalformed
	}
	raw, err := encoding().DecodeString(token)
	if err != nil || len(raw) < least || encoding().EncodedLen(len(raw)) != len(token) {
		return nil, ErrMalformed
	}
	return raw, nil
}

// tag authenticates body for a purpose, in so many bytes. A label keeps the forms of tokens apart, and the purpose's length goes in, so that no
// purpose runs into a body.
func tag(k Key, label, purpose string, body []byte, size int) []byte {
	mac := hmac.New(sha256.New, k.Secret)
	mac.Write([]byte(label))
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(purpose))))
	mac.Write([]byte(purpose))
	mac.Write(body)
	return mac.Sum(nil)[:size]
}

// A short token is base64url without padding of
//
//	key id 1 byte | payload | tag 8 bytes
//
// and never expires. Half a tag is enough for what it guards: who guesses 2^63 times, at an edge that counts, follows a link to a page that
// anybody may see. The tag is HMAC-SHA256 over another label than that of long tokens.
const (
	shortTag   = 8
	shortLabel = "restock short token"
)

// Short returns a URL-safe token, 9 bytes longer than its payload before base64url makes it a third longer; "" from the zero Ring and for a payload that is too long.
func (r Ring) Short(purpose string, payload []byte) string {
	if len(r.keys) == 0 || len(payload) > MaxPayload {
		return ""
	}
	key := r.keys[0]
	raw := append([]byte{key.ID}, payload...)
	return encoding().EncodeToString(append(raw, tag(key, shortLabel, purpose, raw, shortTag)...))
}

// OpenShort returns the payload of a short token that this ring made for this purpose; the error is ErrMalformed or ErrForged.
func (r Ring) OpenShort(purpose, token string) (payload []byte, err error) {
	raw, err := decode(token, 1+shortTag)
	if err != nil {
		return nil, err
	}
	body, given := raw[:len(raw)-shortTag], raw[len(raw)-shortTag:]
	key, ok := r.key(body[0])
	if !ok || !hmac.Equal(tag(key, shortLabel, purpose, body, shortTag), given) {
		return nil, ErrForged
	}
	return body[1:], nil
}
