package webpush

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"

	"restock/core"
)

// MaxPlain is the longest message in bytes: a push service takes bodies of 4096 (RFC 8291, section 4), of which head, padding
// delimiter and authentication take 103.
const MaxPlain = maxBody - headLen - 1 - tagLen

const (
	maxBody  = 4096
	saltLen  = 16
	pointLen = 65 // uncompressed, on P-256
	authLen  = 16
	tagLen   = 16
	headLen  = saltLen + 4 + 1 + pointLen
)

// browser is whom a message is encrypted for.
type browser struct {
	key  *ecdh.PublicKey
	auth []byte
}

// readBrowser reads a subscription's keys as browsers write them, base64url without padding.
func readBrowser(p core.PushSubscription) (b browser, err error) {
	point, err := base64.RawURLEncoding.DecodeString(p.P256DH)
	if err != nil {
		return b, errors.New("reading the browser's key: it is no base64url")
	}
	if b.key, err = ecdh.P256().NewPublicKey(point); err != nil {
		return b, errors.New("reading the browser's key: it is no point on P-256")
	}
	if b.auth, err = base64.RawURLEncoding.DecodeString(p.Auth); err != nil || len(b.auth) != authLen {
		return b, fmt.Errorf("reading the browser's authentication secret: want %d bytes in base64url", authLen)
	}
	return b, nil
}

// encrypt makes a body that only the browser can read, with a key of its own and a new salt.
func encrypt(b browser, plain []byte) ([]byte, error) {
	own, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	var salt [saltLen]byte
	_, _ = rand.Read(salt[:]) // never fails (crypto/rand)
	return seal(b, own, salt, plain)
}

// seal is RFC 8291, section 3.4, over RFC 8188: one record of aes128gcm, with our public key as its key id.
func seal(b browser, own *ecdh.PrivateKey, salt [saltLen]byte, plain []byte) ([]byte, error) {
	if len(plain) > MaxPlain {
		return nil, fmt.Errorf("the message has %d bytes, and browsers take %d", len(plain), MaxPlain)
	}
	shared, err := own.ECDH(b.key)
	if err != nil {
		return nil, fmt.Errorf("agreeing on a key: %w", err)
	}
	gcm, nonce, err := derive(shared, b, own.PublicKey().Bytes(), salt)
	if err != nil {
		return nil, fmt.Errorf("deriving keys: %w", err)
	}
	out := make([]byte, 0, headLen+len(plain)+1+tagLen)
	out = append(out, salt[:]...)
	out = binary.BigEndian.AppendUint32(out, maxBody)
	out = append(append(out, pointLen), own.PublicKey().Bytes()...)
	return gcm.Seal(out, nonce, append(plain[:len(plain):len(plain)], 2), nil), nil // 2: the last record, without padding
}

// derive makes the cipher and its nonce of what both sides know.
func derive(shared []byte, b browser, own []byte, salt [saltLen]byte) (gcm cipher.AEAD, nonce []byte, err error) {
	info := "WebPush: info\x00" + string(b.key.Bytes()) + string(own)
	material, err := hkdf.Key(sha256.New, shared, b.auth, info, sha256.Size)
	if err != nil {
		return nil, nil, err
	}
	key, err := hkdf.Key(sha256.New, material, salt[:], "Content-Encoding: aes128gcm\x00", 16)
	if err != nil {
		return nil, nil, err
	}
	if nonce, err = hkdf.Key(sha256.New, material, salt[:], "Content-Encoding: nonce\x00", 12); err != nil {
		return nil, nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, nil, err
	}
	gcm, err = cipher.NewGCM(block)
	return gcm, nonce, err
}
