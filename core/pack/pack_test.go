package pack

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/vmihailenco/msgpack/v5"
)

// What the appenders write, the library writes as well; what the library writes, the Reader reads.
func TestPackAgreesWithLibrary(t *testing.T) {
	for _, v := range []int64{0, 1, 127, 128, 255, 256, 65535, 65536, math.MaxUint32, math.MaxUint32 + 1, math.MaxInt64,
		-1, -32, -33, -128, -129, -32768, -32769, math.MinInt32, math.MinInt32 - 1, math.MinInt64} {
		want := library(t, func(e *msgpack.Encoder) error { return e.EncodeInt(v) })
		if got := AppendInt(nil, v); !bytes.Equal(got, want) {
			t.Errorf("AppendInt(%d) = %x, want %x", v, got, want)
		}
		r := NewReader(want)
		if got := r.Int(); got != v || r.End() != nil {
			t.Errorf("reading %d: %d, %v", v, got, r.Err())
		}
	}
	for _, n := range []int{0, 1, 31, 32, 255, 256, 65535, 65536} {
		s := strings.Repeat("x", n)
		want := library(t, func(e *msgpack.Encoder) error { return e.EncodeString(s) })
		if got := AppendString(nil, s); !bytes.Equal(got, want) {
			t.Errorf("AppendString of %d bytes begins %x, want %x", n, got[:5], want[:5])
		}
		r := NewReader(want)
		if got := r.Text(n); got != s || r.End() != nil {
			t.Errorf("reading text of %d bytes: %d, %v", n, len(got), r.Err())
		}
	}
	for _, n := range []int{0, 15, 16, 65535, 65536} {
		want := library(t, func(e *msgpack.Encoder) error { return e.EncodeArrayLen(n) })
		r := NewReader(want)
		if got := AppendArray(nil, n); !bytes.Equal(got, want) || r.Array(n) != n || r.End() != nil {
			t.Errorf("array of %d: %x, want %x, %v", n, got, want, r.Err())
		}
	}
	for _, n := range []int{0, 15, 16, 64} {
		want := library(t, func(e *msgpack.Encoder) error { return e.EncodeMapLen(n) })
		r := NewReader(want)
		if got := AppendMap(nil, n); !bytes.Equal(got, want) || r.Keys(n) != n || r.End() != nil {
			t.Errorf("map of %d: %x, want %x, %v", n, got, want, r.Err())
		}
	}
}

func library(t *testing.T, write func(*msgpack.Encoder) error) []byte {
	t.Helper()
	var b bytes.Buffer
	e := msgpack.NewEncoder(&b)
	e.UseCompactInts(true)
	if err := write(e); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSkip(t *testing.T) {
	values := []any{nil, true, 1, -500, 70000, 1 << 40, int64(-1 << 40), 1.5, float32(2), "x", strings.Repeat("x", 70000), []byte("bin"),
		make([]byte, 300), []any{1, []any{2}}, map[string]any{"a": map[string]any{"b": 1}}, make([]int, 20)}
	for _, v := range values {
		b, err := msgpack.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		r := NewReader(append(b, 0x07))
		r.Skip(3)
		if got := r.Int(); got != 7 || r.End() != nil {
			t.Errorf("skipping %T: %v", v, r.Err())
		}
	}
	for name, b := range map[string][]byte{
		"too deep":        bytes.Repeat([]byte{0x91}, 5),
		"4 G of elements": {0xdd, 0xff, 0xff, 0xff, 0xff, 0x01},
		"4 G of bytes":    {0xc6, 0xff, 0xff, 0xff, 0xff, 0x01},
		"no such code":    {0xc1},
	} {
		r := NewReader(b)
		if r.Skip(3); r.Err() == nil {
			t.Errorf("skipping %s: no error", name)
		}
	}
}
