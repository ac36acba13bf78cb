package edge

import (
	"errors"
	"fmt"
	"mime"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/valyala/fasthttp"
)

// form is a capture as it is posted: JSON, or a form with dotted names.
type form struct {
	Source    string     // source
	Variant   externalID // variant
	Product   externalID // product
	Email     string     // email
	Phone     string     // phone
	Region    string     // region
	Locale    string     // locale
	Zone      string     // zone
	Market    string     // market
	Quantity  int64      // quantity: how many the shopper wants; 0: not said
	Page      string     // page
	Form      string     // form: its version
	Endpoint  string     // push.endpoint
	P256DH    string     // push.p256dh
	Auth      string     // push.auth
	AsTyped   bool       // email_as_typed: the shopper has seen what was probably meant, and means what is here
	Marketing bool       // consent.marketing
	Text      string     // consent.text
	Key       string     // idempotency_key
	Website   string     // website: the honeypot, which no person sees
	ElapsedMS int64      // elapsed_ms: how long the form was open
	Elapsed   bool       // elapsed_ms was said
}

// externalID is a shop's id: a string, or a number as pages often write it. Digits beyond 2^53 stay intact, and a
// Shopify GID loses its prefix.
type externalID string

func cleanID(s string) externalID {
	if rest, ok := strings.CutPrefix(s, "gid://"); ok {
		rest, _, _ = strings.Cut(rest, "?")
		s = rest[strings.LastIndexByte(rest, '/')+1:]
	}
	return externalID(s)
}

// Reasons why a body cannot be read; they become 400 and 415.
var (
	errMalformed = errors.New("malformed")
	errMediaType = errors.New("media type")
)

// parseForm reads a capture's body. What it says is not checked yet.
func parseForm(contentType string, body []byte) (f form, err error) {
	media := contentType
	if media != "application/json" { // what nearly everybody sends needs no parsing
		media, _, err = mime.ParseMediaType(contentType)
	}
	if err != nil {
		return f, fmt.Errorf("%w %q: want application/json, text/plain (holding JSON) or application/x-www-form-urlencoded", errMediaType, contentType)
	}
	if !utf8.Valid(body) {
		return f, fmt.Errorf("%w: the body is not UTF-8", errMalformed)
	}
	switch media {
	case "application/json", "text/plain":
		return parseJSON(body)
	case "application/x-www-form-urlencoded":
		return parseFields(body)
	}
	return f, fmt.Errorf("%w %q: want application/json, text/plain (holding JSON) or application/x-www-form-urlencoded", errMediaType, media)
}

func parseJSON(body []byte) (f form, err error) {
	r := jsonReader{s: string(body)}
	r.object(func(key string) { f.read(&r, key) })
	r.end()
	if r.err != nil {
		return form{}, fmt.Errorf("%w: %w", errMalformed, r.err)
	}
	return f, nil
}

// read takes one field; those that are not ours are passed over.
func (f *form) read(r *jsonReader, key string) {
	if into := f.text(key); into != nil && !strings.HasPrefix(key, pushPrefix) {
		r.textField(key, into)
		return
	}
	switch key {
	case "variant":
		r.idField(key, &f.Variant)
	case "product":
		r.idField(key, &f.Product)
	case "quantity":
		r.intField(key, &f.Quantity)
	case "elapsed_ms":
		f.Elapsed = r.intField(key, &f.ElapsedMS)
	case "email_as_typed":
		r.boolField(key, &f.AsTyped)
	case "consent":
		f.readConsent(r)
	case "push":
		f.readPush(r)
	default:
		r.skip(maxJSONDepth)
	}
}

func (f *form) readConsent(r *jsonReader) {
	if r.literal("null") {
		return
	}
	if r.peek() != '{' {
		r.fail(errors.New("consent must be an object"))
		return
	}
	r.object(func(key string) {
		switch key {
		case "marketing":
			r.boolField("consent.marketing", &f.Marketing)
		case "text":
			r.textField("consent.text", &f.Text)
		default:
			r.skip(maxJSONDepth)
		}
	})
}

// readPush takes a browser's subscription: endpoint, p256dh and auth.
func (f *form) readPush(r *jsonReader) {
	if r.literal("null") {
		return
	}
	if r.peek() != '{' {
		r.fail(errors.New("push must be an object"))
		return
	}
	r.object(func(key string) {
		if into := f.text(pushPrefix + key); into != nil {
			r.textField(pushPrefix+key, into)
			return
		}
		r.skip(maxJSONDepth)
	})
}

// pushPrefix leads the names of a subscription's fields, where they are not in an object of their own.
const pushPrefix = "push."

// text is the text field of that name; nil when there is none.
func (f *form) text(name string) *string {
	switch name {
	case "source":
		return &f.Source
	case "email":
		return &f.Email
	case "phone":
		return &f.Phone
	case "region":
		return &f.Region
	case "locale":
		return &f.Locale
	case "zone":
		return &f.Zone
	case "market":
		return &f.Market
	case "page":
		return &f.Page
	case "form":
		return &f.Form
	case "idempotency_key":
		return &f.Key
	case "website":
		return &f.Website
	case "push.endpoint":
		return &f.Endpoint
	case "push.p256dh":
		return &f.P256DH
	case "push.auth":
		return &f.Auth
	}
	return nil
}

// parseFields reads a form as a page without scripts posts it. A name that stands twice counts with its last value.
func parseFields(body []byte) (f form, err error) {
	var args fasthttp.Args
	args.ParseBytes(body)
	for name, value := range args.All() {
		if bad := f.set(string(name), string(value)); bad != nil && err == nil {
			err = fmt.Errorf("%w: %s: %w", errMalformed, name, bad)
		}
	}
	if err == nil && !f.utf8() {
		err = fmt.Errorf("%w: a field is not UTF-8", errMalformed)
	}
	return f, err
}

func (f *form) utf8() bool {
	for _, s := range []string{f.Source, string(f.Variant), string(f.Product), f.Email, f.Phone, f.Region, f.Locale,
		f.Market, f.Page, f.Form, f.Text, f.Key, f.Website, f.Endpoint, f.P256DH, f.Auth} {
		if !utf8.ValidString(s) {
			return false
		}
	}
	return true
}

// set takes one field of a form; names that are not ours are passed over.
func (f *form) set(name, value string) (err error) {
	if into := f.text(name); into != nil {
		*into = value
		return nil
	}
	switch name {
	case "variant":
		f.Variant = cleanID(value)
	case "product":
		f.Product = cleanID(value)
	case "quantity":
		f.Quantity, err = number(value)
	case "elapsed_ms":
		f.ElapsedMS, err = number(value)
		f.Elapsed = value != ""
	case "consent.text":
		f.Text = value
	case "consent.marketing":
		f.Marketing = ticked(value)
	case "email_as_typed":
		f.AsTyped = ticked(value)
	}
	return err
}

func ticked(value string) bool {
	return value == "on" || value == "true" || value == "1" || value == "yes"
}

func number(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, errors.New("want a whole number")
	}
	return n, nil
}
