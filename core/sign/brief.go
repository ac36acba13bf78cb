package sign

import "crypto/hmac"

// A brief token is base64url without padding of
//
//	payload | tag 4 bytes
//
// for links in texts, where every character is paid for. It names no key: each of the ring's is tried. It guards nothing but a count:
// who guesses 2^31 times, at an edge that takes so many of one client in a minute, has a click counted for a message whose beginning and
// link he guessed as well, and gets to a page that anybody may see. The tag is HMAC-SHA256 over a label of its own.
const (
	briefTag   = 4
	briefLabel = "restock brief token"
)

// Brief returns a URL-safe token, 4 bytes longer than its payload before base64url makes it a third longer; "" from the zero Ring and
// for a payload that is too long. It never expires.
func (r Ring) Brief(purpose string, payload []byte) string {
	if len(r.keys) == 0 || len(payload) > MaxPayload {
		return ""
	}
	return encoding().EncodeToString(append(append([]byte{}, payload...), tag(r.keys[0], briefLabel, purpose, payload, briefTag)...))
}

// OpenBrief returns the payload of a brief token that this ring made for this purpose; the error is ErrMalformed or ErrForged.
func (r Ring) OpenBrief(purpose, token string) (payload []byte, err error) {
	raw, err := decode(token, briefTag)
	if err != nil {
		return nil, err
	}
	body, given := raw[:len(raw)-briefTag], raw[len(raw)-briefTag:]
	for _, k := range r.keys {
		if hmac.Equal(tag(k, briefLabel, purpose, body, briefTag), given) {
			return body, nil
		}
	}
	return nil, ErrForged
}
