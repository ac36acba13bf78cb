package wire

import (
	"bytes"
	"fmt"
	"sync"

	"github.com/vmihailenco/msgpack/v5"

	"restock/core"
	"restock/core/pack"
)

// Raw is an encoded entry: a msgpack array [kind, body].
type Raw []byte

// encoders are pooled together with their buffers; an encoder costs more than most entries.
var encoders = sync.Pool{New: func() any {
	e := &encoder{}
	e.msgpack = msgpack.NewEncoder(&e.buffer)
	e.msgpack.UseCompactInts(true)
	e.msgpack.SetSortMapKeys(true)
	e.msgpack.SetOmitEmpty(false)
	return e
}}

type encoder struct {
	buffer  bytes.Buffer
	msgpack *msgpack.Encoder
}

// encode hands a clean encoder to write and returns a copy of what it wrote.
func encode(write func(*msgpack.Encoder) error) ([]byte, error) {
	e := encoders.Get().(*encoder)
	defer encoders.Put(e)
	e.buffer.Reset()
	if err := write(e.msgpack); err != nil {
		return nil, err
	}
	return bytes.Clone(e.buffer.Bytes()), nil
}

// Marshal is the encoding of any value in the form that wire and state share: compact integers, sorted map keys.
func Marshal(v any) ([]byte, error) {
	return encode(func(e *msgpack.Encoder) error { return e.Encode(v) })
}

// Unmarshal reads what Marshal wrote; unknown fields are ignored.
func Unmarshal(b []byte, v any) error { return msgpack.Unmarshal(b, v) }

// Encode writes an entry.
func Encode(entry Entry) (Raw, error) {
	if c, ok := entry.(Capture); ok {
		return AppendCapture(nil, &c.Capture), nil
	}
	raw, err := encode(func(e *msgpack.Encoder) error {
		if err := e.EncodeArrayLen(2); err != nil {
			return err
		}
		if err := e.EncodeUint(uint64(entry.Kind())); err != nil {
			return err
		}
		return e.Encode(entry)
	})
	if err != nil {
		return nil, fmt.Errorf("encoding entry of kind %d: %w", entry.Kind(), err)
	}
	return raw, nil
}

// Decode reads an entry. A kind that this version does not know is ErrNewer: skipping it would make two versions of
// the core disagree about the state.
func (r Raw) Decode() (Entry, error) {
	if r.is(KindCapture) {
		c, err := decodeCapture(pack.NewReader(r[2:]))
		if err != nil {
			return nil, fmt.Errorf("decoding capture: %w", err)
		}
		return Capture{c}, nil
	}
	d := msgpack.NewDecoder(bytes.NewReader(r))
	n, err := d.DecodeArrayLen()
	if err != nil || n < 2 {
		return nil, fmt.Errorf("decoding entry: not an array of kind and body (%d elements, %v)", n, err)
	}
	kind, err := d.DecodeUint8()
	if err != nil {
		return nil, fmt.Errorf("decoding entry's kind: %w", err)
	}
	entry, err := decodeBody(d, Kind(kind))
	if err != nil {
		return nil, fmt.Errorf("decoding entry of kind %d: %w", kind, err)
	}
	return entry, nil
}

// decodeBody reads the body of one kind.
func decodeBody(d *msgpack.Decoder, kind Kind) (Entry, error) {
	switch kind {
	case KindOpened:
		return decodeAs[Opened](d)
	case KindLead:
		return decodeAs[Lead](d)
	case KindDeclare:
		return decodeAs[Declare](d)
	case KindWebhook:
		return decodeAs[Webhook](d)
	case KindContinue:
		return decodeAs[Continue](d)
	case KindWake:
		return decodeAs[Wake](d)
	case KindAsk:
		return decodeAs[Ask](d)
	case KindClaim:
		return decodeAs[Claim](d)
	case KindSettle:
		return decodeAs[Settle](d)
	case KindOptOut:
		return decodeAs[OptOut](d)
	case KindErase:
		return decodeAs[Erase](d)
	case KindPage:
		return decodeAs[Page](d)
	case KindExpand:
		return decodeAs[Expand](d)
	case KindRelease:
		return decodeAs[Release](d)
	case KindSteer:
		return decodeAs[Steer](d)
	case KindRead:
		return decodeAs[Read](d)
	case KindDirect:
		return decodeAs[Direct](d)
	case KindPosting:
		return decodeAs[Posting](d)
	case KindBlob:
		return decodeAs[Blob](d)
	}
	return nil, fmt.Errorf("%w: kind %d is not known to version %d: update this node", ErrNewer, kind, Version)
}

func decodeAs[E Entry](d *msgpack.Decoder) (Entry, error) {
	var e E
	err := d.Decode(&e)
	return e, err
}

// How many elements a capture is written as: new ones go to the end, and those of a push subscription are only there
// when it has one.
const (
	captureFields     = 17
	capturePushFields = captureFields + 3
)

// AppendCapture appends the encoding of a capture entry, without allocating beyond dst.
func AppendCapture(dst []byte, c *core.Capture) []byte {
	dst = pack.AppendInt(pack.AppendArray(dst, 2), int64(KindCapture))
	fields := captureFields
	if c.Push.Endpoint != "" {
		fields = capturePushFields
	}
	dst = pack.AppendArray(dst, fields)
	dst = pack.AppendString(pack.AppendString(pack.AppendString(dst, c.Source), c.Variant), c.Product)
	dst = pack.AppendString(pack.AppendString(dst, c.Email), c.Phone)
	dst = pack.AppendString(pack.AppendString(pack.AppendString(dst, c.Region), c.Locale), c.Market)
	dst = pack.AppendInt(pack.AppendInt(dst, c.Quantity), int64(c.CapturedAt))
	dst = pack.AppendBool(dst, c.Consent.Marketing)
	dst = pack.AppendString(pack.AppendString(dst, c.Consent.Text), c.Consent.IP)
	dst = pack.AppendString(pack.AppendString(dst, c.Consent.Page), c.Consent.Form)
	dst = pack.AppendString(pack.AppendString(dst, c.Key), c.Trapped)
	if c.Push.Endpoint != "" {
		dst = pack.AppendString(pack.AppendString(pack.AppendString(dst, c.Push.Endpoint), c.Push.P256DH), c.Push.Auth)
	}
	return dst
}

// Bounds of what is read of a capture.
const (
	maxText    = 64 << 10 // bytes of one field; edges accept far less
	maxSkipped = 16       // nesting of a field that a later version added
)

func decodeCapture(r *pack.Reader) (c core.Capture, err error) {
	n := r.Array(1 << 10)
	if n < captureFields {
		r.Fail(fmt.Errorf("capture of %d elements, want at least %d", n, captureFields))
	}
	text := func() string { return r.Text(maxText) }
	c.Source, c.Variant, c.Product = core.SourceName(text()), core.VariantID(text()), core.ProductID(text())
	c.Email, c.Phone, c.Region, c.Locale, c.Market = text(), text(), text(), text(), core.Market(text())
	c.Quantity, c.CapturedAt = r.Int(), core.Time(r.Int())
	c.Consent.Marketing = r.Bool()
	c.Consent.Text, c.Consent.IP, c.Consent.Page, c.Consent.Form = text(), text(), text(), text()
	c.Key, c.Trapped = text(), core.TrapName(text())
	known := captureFields
	if n >= capturePushFields {
		c.Push = core.PushSubscription{Endpoint: text(), P256DH: text(), Auth: text()}
		known = capturePushFields
	}
	for i := known; i < n; i++ {
		r.Skip(maxSkipped)
	}
	return c, r.Err()
}
