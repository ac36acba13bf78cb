package edge

import (
	"bytes"
	"encoding/json"
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
	Source  string     `json:"source"`
	Variant externalID `json:"variant"`
	Product externalID `json:"product"`
	Email   string     `json:"email"`
	Phone   string     `json:"phone"`
	Region  string     `json:"region"`
	Locale  string     `json:"locale"`
	Market  string     `json:"market"`
	// Quantity is how many the shopper wants; 0: not said.
	Quantity int64  `json:"quantity"`
	Page     string `json:"page"`
	Form     string `json:"form"` // the form's version
	Consent  struct {
		Marketing bool   `json:"marketing"`
		Text      string `json:"text"`
	} `json:"consent"`
	Key     string `json:"idempotency_key"`
	Website string `json:"website"` // honeypot: no person sees it
	// ElapsedMS is how long the form was open; nil: not said.
	ElapsedMS *int64 `json:"elapsed_ms"`
}

// externalID is a shop's id: a string, or a number as pages often write it. Digits beyond 2^53 stay intact, and a
// Shopify GID loses its prefix.
type externalID string

// UnmarshalJSON takes a string or an integer.
func (id *externalID) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte("null")) {
		return nil
	}
	text := string(b)
	if len(b) > 0 && b[0] == '"' {
		if err := json.Unmarshal(b, &text); err != nil {
			return err
		}
	} else if strings.Trim(text, "0123456789") != "" {
		return errors.New("want a string or a whole number")
	}
	*id = cleanID(text)
	return nil
}

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
	media, _, err := mime.ParseMediaType(contentType)
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
	if first := bytes.TrimLeft(body, " \t\r\n"); len(first) == 0 || first[0] != '{' {
		return f, fmt.Errorf("%w: want a JSON object", errMalformed)
	}
	if err := json.Unmarshal(body, &f); err != nil {
		return f, fmt.Errorf("%w: %s", errMalformed, jsonReason(err))
	}
	return f, nil
}

// jsonReason says what is wrong in the sender's words, without naming our types.
func jsonReason(err error) string {
	var wrongType *json.UnmarshalTypeError
	if errors.As(err, &wrongType) {
		return fmt.Sprintf("%s cannot be a %s", wrongType.Field, wrongType.Value)
	}
	return err.Error()
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
		f.Market, f.Page, f.Form, f.Consent.Text, f.Key, f.Website} {
		if !utf8.ValidString(s) {
			return false
		}
	}
	return true
}

// set takes one field of a form; names that are not ours are passed over.
func (f *form) set(name, value string) (err error) {
	texts := map[string]*string{
		"source": &f.Source, "email": &f.Email, "phone": &f.Phone, "region": &f.Region, "locale": &f.Locale,
		"market": &f.Market, "page": &f.Page, "form": &f.Form, "consent.text": &f.Consent.Text,
		"idempotency_key": &f.Key, "website": &f.Website,
	}
	if field, ok := texts[name]; ok {
		*field = value
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
		var n int64
		n, err = number(value)
		f.ElapsedMS = &n
	case "consent.marketing":
		f.Consent.Marketing = value == "on" || value == "true" || value == "1" || value == "yes"
	}
	return err
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
