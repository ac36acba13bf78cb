package wire

import (
	"bytes"
	"fmt"
	"sync"

	"github.com/vmihailenco/msgpack/v5"

	"restock/core"
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
	raw, err := encode(func(e *msgpack.Encoder) error {
		if err := e.EncodeArrayLen(2); err != nil {
			return err
		}
		if err := e.EncodeUint(uint64(entry.Kind())); err != nil {
			return err
		}
		if c, ok := entry.(Capture); ok {
			return encodeCapture(e, &c.Capture)
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
	case KindCapture:
		c, err := decodeCapture(d)
		return Capture{c}, err
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

// captureFields is how many elements a capture is written as; new ones go to the end.
const captureFields = 17

func encodeCapture(e *msgpack.Encoder, c *core.Capture) error {
	if err := e.EncodeArrayLen(captureFields); err != nil {
		return err
	}
	texts := func(values ...string) error {
		for _, v := range values {
			if err := e.EncodeString(v); err != nil {
				return err
			}
		}
		return nil
	}
	if err := texts(string(c.Source), string(c.Variant), string(c.Product), c.Email, c.Phone, c.Region, c.Locale, string(c.Market)); err != nil {
		return err
	}
	if err := e.EncodeInt(c.Quantity); err != nil {
		return err
	}
	if err := e.EncodeInt(int64(c.CapturedAt)); err != nil {
		return err
	}
	if err := e.EncodeBool(c.Consent.Marketing); err != nil {
		return err
	}
	return texts(c.Consent.Text, c.Consent.IP, c.Consent.Page, c.Consent.Form, c.Key, string(c.Trapped))
}

func decodeCapture(d *msgpack.Decoder) (c core.Capture, err error) {
	n, err := d.DecodeArrayLen()
	if err != nil {
		return c, err
	}
	if n < captureFields {
		return c, fmt.Errorf("capture of %d elements, want at least %d", n, captureFields)
	}
	text := func() (s string) {
		if err == nil {
			s, err = d.DecodeString()
		}
		return s
	}
	number := func() (i int64) {
		if err == nil {
			i, err = d.DecodeInt64()
		}
		return i
	}
	c.Source, c.Variant, c.Product = core.SourceName(text()), core.VariantID(text()), core.ProductID(text())
	c.Email, c.Phone, c.Region, c.Locale, c.Market = text(), text(), text(), text(), core.Market(text())
	c.Quantity, c.CapturedAt = number(), core.Time(number())
	if err == nil {
		c.Consent.Marketing, err = d.DecodeBool()
	}
	c.Consent.Text, c.Consent.IP, c.Consent.Page, c.Consent.Form = text(), text(), text(), text()
	c.Key, c.Trapped = text(), core.TrapName(text())
	for i := captureFields; i < n && err == nil; i++ {
		err = d.Skip()
	}
	return c, err
}
