package smtp

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"restock/core"
	"restock/core/sender/sendertest"
)

// keyPEM writes a key as openssl genpkey does.
func keyPEM(t testing.TB, key crypto.PrivateKey) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func rsaKey(t testing.TB, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// record is what stands in the DNS for a key.
func record(t testing.TB, key crypto.Signer) string {
	t.Helper()
	if public, ok := key.Public().(ed25519.PublicKey); ok {
		return "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der)
}

// verify says what a receiver makes of a message; nil is one good signature by example.com.
func verify(t testing.TB, mail, record string) error {
	t.Helper()
	all, err := dkim.VerifyWithOptions(strings.NewReader(mail), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
		if name != "stock._domainkey.example.com" {
			return nil, errors.New("asked for " + name)
		}
		return []string{record}, nil
	}})
	switch {
	case err != nil:
		return err
	case len(all) != 1 || all[0].Domain != "example.com":
		t.Fatalf("the signatures are %+v", all)
	}
	return all[0].Err
}

func (m *mailServer) signing(t testing.TB, key crypto.Signer) *SMTP {
	t.Helper()
	def, _ := m.definition(none)
	def.From = "Shop <hello@mail.example.com>"
	def.Settings[settingSelector], def.Settings[settingDomain] = "stock", "example.com"
	s, err := Open(def, Secrets{DKIM: keyPEM(t, key)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func stockAlert() core.Message {
	m := sendertest.Message(1)
	m.From, m.Subject = "", "Grüße: „Läufer“ ist zurück 👟 "+strings.Repeat("und wieder da ", 12)
	m.Text, m.HTML = "It is back.\n.\n  end  \n\n\n", "<p>"+strings.Repeat("wörd ", 400)+"</p>"
	m.Headers = []core.Header{
		{Name: "List-Unsubscribe", Value: "<https://edge.example/u/" + strings.Repeat("t0k3n", 60) + ">"},
		{Name: "List-Unsubscribe-Post", Value: "List-Unsubscribe=One-Click"},
	}
	return m
}

// TestSignaturesVerify: what a mail server was handed is verified as a receiver does, after what relays are known to do to it.
func TestSignaturesVerify(t *testing.T) {
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string]crypto.Signer{"RSA": rsaKey(t, 2048), "Ed25519": ed} {
		t.Run(name, func(t *testing.T) {
			m := startServer(t, none)
			if o := m.signing(t, key).Send(t.Context(), stockAlert()); o.Kind != core.OutcomeAccepted {
				t.Fatalf("%+v", o)
			}
			mail, public := m.received()[0], record(t, key)
			unsubscribe := "List-Unsubscribe: <https://edge.example/u/"
			good := map[string]string{
				"as it came":                 mail,
				"a header before it":         "Received: from a by b; Fri, 02 Jan 2026 00:00:00 +0000\r\n" + mail,
				"the next hop's own headers": "X-PM-Message-Id: 1\r\nFeedback-ID: x\r\n" + mail,
				"a line that was folded":     strings.Replace(mail, unsubscribe, "List-Unsubscribe:\r\n\t<https://edge.example/u/", 1),
				"lines at the end":           mail + "\r\n\r\n",
			}
			for how, text := range good {
				if err := errors.Join(verify(t, text, public), byHand(text, public)); err != nil {
					t.Errorf("%s: %v", how, err)
				}
			}
			bad := map[string]string{
				"another link":              strings.Replace(mail, unsubscribe, unsubscribe+"x", 1),
				"no One-Click":              strings.Replace(mail, "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", "", 1),
				"one more List-Unsubscribe": "List-Unsubscribe: <https://evil.example/>\r\n" + mail,
				"one more One-Click":        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" + mail,
				"one more From":             "From: <ceo@example.com>\r\n" + mail,
				"one more Subject":          "Subject: win\r\n" + mail,
				"a Reply-To":                "Reply-To: <evil@example.net>\r\n" + mail,
				"another recipient":         strings.Replace(mail, "To: <ada", "To: <eve", 1),
				"another text":              strings.Replace(mail, "It is back", "It is gone", 1),
			}
			for how, text := range bad {
				if text == mail {
					t.Fatalf("%s: nothing was changed", how)
				}
				if verify(t, text, public) == nil || byHand(text, public) == nil {
					t.Errorf("%s: it verifies still", how)
				}
			}
		})
	}
}

// TestSignedIsAsUnsigned: a signature is one header more, and nothing else.
func TestSignedIsAsUnsigned(t *testing.T) {
	m := startServer(t, none)
	sendertest.Run(t, func(t *testing.T) sendertest.Rig {
		m := startServer(t, none)
		s := m.signing(t, rsaKey(t, 2048))
		return sendertest.Rig{Sender: s, Arrived: func(t *testing.T) (out []sendertest.Arrived) {
			for _, raw := range m.received() {
				out = append(out, parse(t, raw))
			}
			return out
		}}
	})
	if o := m.signing(t, rsaKey(t, 2048)).Send(t.Context(), stockAlert()); o.Kind != core.OutcomeAccepted {
		t.Fatalf("%+v", o)
	}
	got := m.received()[0]
	if strings.Count(got, "DKIM-Signature:") != 1 || !strings.HasPrefix(got, "DKIM-Signature:") {
		t.Errorf("it begins\n%.200s", got)
	}
}

func TestDKIMConfiguration(t *testing.T) {
	good := keyPEM(t, rsaKey(t, 2048))
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, selector, domain, key, want string
	}{
		{"all", "stock", "example.com", good, ""},
		{"the domain is From's", "s1.mail", "", good, ""},
		{"a domain in its own script", "stock", "EXAMPLE.com", good, ""},
		{"no key", "stock", "", "", "secrets.dkim_key: want a private key in PEM"},
		{"no selector", "", "", good, "settings.dkim_selector: want the selector"},
		{"a strange selector", "a b", "", good, "settings.dkim_selector: want the selector"},
		{"another domain", "stock", "example.net", good, "settings.dkim_domain: want the domain of from, mail.example.com"},
		{"an end of a name", "stock", "ample.com", good, "settings.dkim_domain: want"},
		{"a short key", "stock", "", keyPEM(t, rsaKey(t, 1024)), "secrets.dkim_key: want"},
		{"a key of another kind", "stock", "", keyPEM(t, ec), "secrets.dkim_key: want"},
		{"no PEM", "stock", "", "MIIE", "secrets.dkim_key: want"},
	} {
		def := core.Sender{From: "shop@mail.example.com", Settings: map[string]string{"host": "h", settingSelector: tt.selector, settingDomain: tt.domain}}
		_, err := Open(def, Secrets{DKIM: tt.key})
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

// TestPostmark is given the ledger key in a header of its own, for it replaces the Message-ID.
func TestPostmark(t *testing.T) {
	m := startServer(t, none)
	def, _ := m.definition(none)
	def.Settings[settingEvents] = postmark
	s, err := Open(def, Secrets{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if o := s.Send(t.Context(), sendertest.Message(0xfe)); o.Kind != core.OutcomeAccepted {
		t.Fatalf("%+v", o)
	}
	if got := head(m.received()[0]); !strings.Contains(got, "X-PM-Metadata-restock: 000000000000000000000000000000fe\r\n") {
		t.Errorf("the header is missing:\n%s", got)
	}
}

// TestNewKey: a key that was made here signs, and its record verifies what it signed.
func TestNewKey(t *testing.T) {
	private, record, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	m := startServer(t, none)
	def, _ := m.definition(none)
	def.Settings[settingSelector], def.Settings[settingDomain] = "stock", "example.com"
	s, err := Open(def, Secrets{DKIM: private})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if o := s.Send(t.Context(), stockAlert()); o.Kind != core.OutcomeAccepted {
		t.Fatalf("%+v", o)
	}
	if err := errors.Join(verify(t, m.received()[0], record), byHand(m.received()[0], record)); err != nil {
		t.Error(err)
	}
}
