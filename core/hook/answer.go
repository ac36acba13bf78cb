package hook

import (
	"errors"
	"fmt"

	"restock/core/pack"
)

// Answer is what a condition says about one contact's case.
type Answer struct {
	Pass   bool
	Reason string // the plugin's own words, for people; at most MaxReason bytes of UTF-8
	Score  int64  // the order of waves, higher first; holds only when Scored
	Scored bool
}

// The bounds of an answer, in bytes.
const (
	MaxAnswer = 4 << 10
	MaxReason = 256
)

// ErrAnswer is wrapped by every error of DecodeCondition: the plugin answered nonsense.
var ErrAnswer = errors.New("the plugin's answer is not [bool, reason] or [bool, reason, score]")

// DecodeCondition reads a condition's output: a msgpack array of a bool, text, and perhaps an int. Anything beside, behind
// or beyond the bounds is an error.
func DecodeCondition(out []byte) (Answer, error) {
	if len(out) > MaxAnswer {
		return Answer{}, fmt.Errorf("decoding answer: %w: it has %d bytes, the limit is %d", ErrAnswer, len(out), MaxAnswer)
	}
	a, err := decodeAnswer(pack.NewReader(out))
	if err != nil {
		return Answer{}, fmt.Errorf("decoding answer: %w: it %w", ErrAnswer, err)
	}
	return a, nil
}

func decodeAnswer(r *pack.Reader) (a Answer, err error) {
	n := r.Array(3)
	if n < 2 && r.Err() == nil {
		r.Fail(fmt.Errorf("holds %d elements, at least 2 belong there", n))
	}
	a.Pass = r.Bool()
	a.Reason = r.Text(MaxReason)
	if n == 3 {
		a.Score, a.Scored = r.Int(), true
	}
	return a, r.End()
}
