package hook

import (
	"errors"
	"fmt"

	"restock/core/pack"
)

// Answer is what a condition says about one contact's case.
type Answer struct {
	Pass   bool
	Reason string // the plugin's own words, for people; at most MaxReason bytes of UTF-8, as Line
	Score  int64  // the order of waves, higher first; holds only when Scored
	Scored bool
}

// The bounds of an answer, in bytes.
const (
	MaxAnswer = 4 << 10
	MaxReason = 256
)

// What is wrong with an answer.
var (
	// ErrAnswer is wrapped by every error of DecodeCondition and DecodeStep: the plugin answered nonsense.
	ErrAnswer = errors.New("the plugin's answer is none")
	// ErrTooLarge is an ErrAnswer, of an output over MaxAnswer or MaxStepAnswer.
	ErrTooLarge = fmt.Errorf("%w: it is too large", ErrAnswer)
)

// DecodeCondition reads a condition's output: a msgpack array of a bool, text, and perhaps an int. Anything beside, behind
// or beyond the bounds is an error.
func DecodeCondition(out []byte) (Answer, error) {
	if err := checkSize(out, MaxAnswer); err != nil {
		return Answer{}, err
	}
	a, err := decodeAnswer(pack.NewReader(out))
	if err != nil {
		return Answer{}, fmt.Errorf("decoding answer: %w: it %w; want [bool, reason] or [bool, reason, score]", ErrAnswer, err)
	}
	return a, nil
}

func checkSize(out []byte, limit int) error {
	if len(out) > limit {
		return fmt.Errorf("decoding answer: %w: it has %d bytes, the limit is %d", ErrTooLarge, len(out), limit)
	}
	return nil
}

func decodeAnswer(r *pack.Reader) (a Answer, err error) {
	n := r.Array(3)
	if n < 2 && r.Err() == nil {
		r.Fail(fmt.Errorf("holds %d elements, at least 2 belong there", n))
	}
	a.Pass = r.Bool()
	a.Reason = Line(r.Text(MaxReason))
	if n == 3 {
		a.Score, a.Scored = r.Int(), true
	}
	return a, r.End()
}
