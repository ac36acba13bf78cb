package smtp

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/emersion/go-msgauth/dkim"

	"restock/core"
	"restock/core/address"
)

// minRSA is the shortest RSA key that we sign with, in bits: receivers take 1024 (RFC 8301, 3.2), and call it weak.
const minRSA = 2048

// signer signs messages with DKIM (RFC 6376), for who has no mail server that does.
type signer struct{ options dkim.SignOptions }

// signedHeaders are those that a signature covers, whether a message has them or not: a header that is covered and not there
// cannot be added by whoever passes the message on. From and Subject are covered once more for the same reason. RFC 8058
// (section 4) wants both List-Unsubscribe headers covered; Feedback-ID and X-PM-… are for the next hop alone.
func signedHeaders() []string {
	return []string{
		"From", "From", "To", "Cc", "Subject", "Subject", "Date", "Message-ID", "Reply-To", "In-Reply-To", "References",
		"MIME-Version", "Content-Type", "Content-Transfer-Encoding", "List-Unsubscribe", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Unsubscribe-Post",
	}
}

var selectorForm = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9.-]{0,61}[a-zA-Z0-9])?$`)

// readDKIM reads a key and the names of its DNS record: both or neither.
func (c *config) readDKIM(bad *core.InvalidError, settings map[string]string, text string) {
	selector, domain := settings[settingSelector], settings[settingDomain]
	if selector == "" && domain == "" && text == "" {
		return
	}
	if !selectorForm.MatchString(selector) {
		bad.Add("settings.dkim_selector", "want the selector of the key's DNS record: <selector>._domainkey.<domain>")
	}
	if domain == "" {
		domain = c.domain
	}
	normal, err := address.Email("x@" + domain)
	if domain = strings.TrimPrefix(normal, "x@"); err != nil || c.domain != domain && !strings.HasSuffix(c.domain, "."+domain) {
		bad.Add("settings.dkim_domain", "want the domain of from, %s, or one above it: receivers compare them (DMARC)", c.domain)
	}
	key, err := readPrivateKey([]byte(text))
	if err != nil {
		bad.Add("secrets.dkim_key", "%s", err)
	}
	c.dkim = &signer{dkim.SignOptions{
		Domain: domain, Selector: selector, Signer: key, HeaderKeys: signedHeaders(),
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
	}}
}

var errNoKey = errors.New("want a private key in PEM, RSA of 2048 bits or more or Ed25519, by file:PATH or env:NAME; make one by: restock key dkim FILE")

// readPrivateKey reads the first private key of a PEM text.
func readPrivateKey(text []byte) (crypto.Signer, error) {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		var parsed any
		var err error
		switch block.Type {
		case "RSA PRIVATE KEY":
			parsed, err = x509.ParsePKCS1PrivateKey(block.Bytes)
		case "PRIVATE KEY":
			parsed, err = x509.ParsePKCS8PrivateKey(block.Bytes)
		default:
			continue
		}
		switch key := parsed.(type) {
		case *rsa.PrivateKey:
			if err == nil && key.N.BitLen() >= minRSA {
				return key, nil
			}
		case ed25519.PrivateKey:
			return key, nil
		}
		return nil, errNoKey
	}
	return nil, errNoKey
}

// NewKey makes a key pair: the private half as the secret of a sender's dkim, in PEM, and what the DNS says of it under
// <selector>._domainkey.<domain> (RFC 6376, 3.6.1). RSA, since not every receiver takes Ed25519 yet.
func NewKey() (private, record string, err error) {
	key, err := rsa.GenerateKey(rand.Reader, minRSA)
	if err != nil {
		return "", "", fmt.Errorf("making a key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", "", fmt.Errorf("making a key: %w", err)
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return "", "", fmt.Errorf("making a key: %w", err)
	}
	private = string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	return private, "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(public), nil
}

// sign puts the signature before the message.
func (s *signer) sign(message []byte) ([]byte, error) {
	var signed bytes.Buffer
	signed.Grow(len(message) + 1<<10)
	if err := dkim.Sign(&signed, bytes.NewReader(message), &s.options); err != nil {
		return nil, fmt.Errorf("signing message: %w", err)
	}
	return signed.Bytes(), nil
}
