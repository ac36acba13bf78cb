package outbox

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// seal encrypts the payloads of one segment with AES-GCM under a key of its own, derived from the edge's key and the
// segment's id (HKDF, RFC 5869); the nonce is the record's offset, which is written once in the life of an id. A nil
// seal leaves payloads as they are.
type seal struct{ aead cipher.AEAD }

func newSeal(key []byte, id [16]byte) (*seal, error) {
	if len(key) == 0 {
		return nil, nil
	}
	own, err := hkdf.Key(sha256.New, key, id[:], "restock outbox segment", 32)
	if err != nil {
		return nil, fmt.Errorf("deriving a segment's key: %w", err)
	}
	b, err := aes.NewCipher(own)
	if err != nil {
		return nil, fmt.Errorf("deriving a segment's key: %w", err)
	}
	aead, err := cipher.NewGCM(b)
	if err != nil {
		return nil, fmt.Errorf("deriving a segment's key: %w", err)
	}
	return &seal{aead}, nil
}

func nonce(offset int64) []byte {
	return binary.LittleEndian.AppendUint64(make([]byte, 4, 12), uint64(offset))
}

func (s *seal) close(payload []byte, offset int64) []byte {
	if s == nil {
		return payload
	}
	return s.aead.Seal(nil, nonce(offset), payload, nil)
}

func (s *seal) open(payload []byte, offset int64) ([]byte, error) {
	if s == nil {
		return payload, nil
	}
	plain, err := s.aead.Open(nil, nonce(offset), payload, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: decrypting a record: %w; start with the encryption key that the edge was made with", ErrKey, err)
	}
	return plain, nil
}
