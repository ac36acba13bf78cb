package sign

import (
	"bytes"
	"encoding/base64"
	"strconv"
	"strings"

	"restock/core"
)

// Standard Webhooks (https://www.standardwebhooks.com, specification 1.0): HMAC-SHA256 over "id.timestamp.body", in base64
// behind "v1,". Three headers carry id, time (seconds since 1970) and one or more signatures, apart by spaces.
const (
	idHeader        = "webhook-id"
	timeHeader      = "webhook-timestamp"
	signatureHeader = "webhook-signature"
)

// Tolerance is how far a delivery's time may be from the clock of who verifies, either way: the specification's libraries
// all have five minutes. Whoever tries again later signs anew, under the same id.
const Tolerance = 5 * core.Minute

// Bounds of what is looked at.
const (
	maxStandardID = 256 // bytes
	maxSignatures = 8   // of one delivery; a sender has one, or two during a rotation
)

func standardWebhooks() Scheme {
	return Scheme{
		header: "webhook-signature", lookup: signatureHeader, standard: true, key: standardKey,
		keep: []string{idHeader, timeHeader},
	}
}

// standardKey reads a secret as its owner has it: base64, with or without "whsec_" before it. What is no base64 is taken
// byte for byte.
func standardKey(secret []byte) []byte {
	text := bytes.TrimPrefix(secret, []byte("whsec_"))
	if key, err := base64.StdEncoding.DecodeString(string(text)); err == nil {
		return key
	}
	return secret
}

// SignStandard returns the headers that make body verify by Standard Webhooks, as its senders do. id must be the same for
// each try, at is now, cut to seconds.
func SignStandard(secret []byte, id string, at core.Time, body []byte) []core.Header {
	seconds := strconv.FormatInt(int64(at)/1000, 10)
	text := signature(standardKey(secret), standardHead(id, seconds), body)
	return []core.Header{
		{Name: idHeader, Value: id},
		{Name: timeHeader, Value: seconds},
		{Name: signatureHeader, Value: "v1," + string(text[:])},
	}
}

// standardHead is what is signed before the body. An id with a dot in it could be cut in two ways, but the second time would
// be the beginning of the body, which fresh refuses unless it is a time of now.
func standardHead(id, seconds string) []byte {
	return []byte(id + "." + seconds + ".")
}

// fresh says whether id and time are there and the time is near. The time is plain digits: other spellings of a number
// would be signed as well.
func fresh(id, seconds string, now core.Time) bool {
	if id == "" || len(id) > maxStandardID || strings.Trim(seconds, "0123456789") != "" || len(seconds) > 12 {
		return false
	}
	n, err := strconv.ParseInt(seconds, 10, 64)
	age := now.Since(core.Time(n * 1000))
	return err == nil && age <= Tolerance && age >= -Tolerance
}

// standardSignatures are those of version 1, at most maxSignatures; others (v1a is of public keys) are passed over.
func standardSignatures(header string) (texts []string) {
	for range maxSignatures {
		word, rest, more := strings.Cut(header, " ")
		if text, ok := strings.CutPrefix(word, "v1,"); ok {
			texts = append(texts, text)
		}
		if header = rest; !more {
			break
		}
	}
	return texts
}
