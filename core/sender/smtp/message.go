package smtp

import (
	"bytes"
	"cmp"
	"fmt"
	"mime"
	"net/mail"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"restock/core"
	"restock/core/address"
)

// maxHeaderLine is the longest line a header may have (RFC 5322, 2.1.1), without its end.
const maxHeaderLine = 998

// envelope is a message ready to be handed over.
type envelope struct {
	from, to string // addresses alone, ASCII
	data     []byte // header and body, lines ending in CRLF
}

// seal makes the envelope. An error means that no server will ever take the message.
func (c config) seal(m core.Message) (envelope, error) {
	from := c.from
	if m.From != "" {
		var why string
		if from, why = readFrom(m.From); why != "" {
			return envelope{}, fmt.Errorf("reading the message's sender: %s", why)
		}
	}
	to, err := address.Email(m.To.Value)
	if err != nil {
		return envelope{}, fmt.Errorf("reading the message's recipient: %w", err)
	}
	var b bytes.Buffer
	headers := m.Headers
	if c.postmark {
		headers = append(headers[:len(headers):len(headers)], core.Header{Name: metadataHeader, Value: m.Key.String()})
	}
	if err := writeHeaders(&b, headers); err != nil {
		return envelope{}, err
	}
	if _, err := compose(m, from, to).WriteTo(&b); err != nil {
		return envelope{}, fmt.Errorf("composing message: %w", err)
	}
	data := b.Bytes()
	if c.dkim != nil {
		if data, err = c.dkim.sign(data); err != nil {
			return envelope{}, err
		}
	}
	return envelope{cmp.Or(c.bounces, from.Address), to, data}, nil
}

// metadataHeader is how Postmark's SMTP service is given what it hands back with a message's events.
const metadataHeader = "X-PM-Metadata-restock"

// compose makes the message without the headers it brought: alternatives in rising order of richness (RFC 2046,
// 5.1.4), the ledger's key as Message-ID, so that a bounce or a provider's event leads back to it.
func compose(m core.Message, from mail.Address, to string) *gomail.Msg {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithEncoding(gomail.EncodingQP))
	msg.FromMailAddress(&from)
	msg.ToMailAddress(&mail.Address{Address: to})
	msg.Subject(oneLine(m.Subject))
	msg.SetDateWithValue(m.At.Go())
	domain := from.Address[strings.LastIndexByte(from.Address, '@')+1:]
	msg.SetMessageIDWithValue(m.Key.String() + "@" + domain)
	switch {
	case m.HTML == "":
		msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	case m.Text == "":
		msg.SetBodyString(gomail.TypeTextHTML, m.HTML)
	default:
		msg.SetBodyString(gomail.TypeTextPlain, m.Text)
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	return msg
}

// writeHeaders writes the headers the message brought, in their order and each on one line: folding List-Unsubscribe
// has broken signatures before. What this package writes itself is left out, so that nothing stands there twice.
func writeHeaders(b *bytes.Buffer, headers []core.Header) error {
	for _, h := range headers {
		if ours(h.Name) {
			continue
		}
		if !validName(h.Name) || strings.ContainsAny(h.Value, "\r\n\x00") {
			return fmt.Errorf("writing header %q: a name has only printable ASCII without a colon, a value no line end", h.Name)
		}
		line := h.Name + ": " + mime.QEncoding.Encode("utf-8", h.Value)
		if len(line) > maxHeaderLine {
			return fmt.Errorf("writing header %q: it is longer than %d bytes", h.Name, maxHeaderLine)
		}
		b.WriteString(line + "\r\n")
	}
	return nil
}

// ours says whether this package writes that header.
func ours(name string) bool {
	switch strings.ToLower(name) {
	case "from", "to", "cc", "bcc", "subject", "date", "message-id", "mime-version":
		return true
	}
	return len(name) >= 8 && strings.EqualFold(name[:8], "content-")
}

// validName holds for RFC 5322's field names (3.6.8).
func validName(name string) bool {
	for i := range len(name) {
		if name[i] <= ' ' || name[i] >= 0x7f || name[i] == ':' {
			return false
		}
	}
	return name != ""
}

// oneLine keeps a subject from beginning another header.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\r' || r == '\n' || r == 0 }), " ")
}
