package sign_test

import (
	"encoding/base64"
	"net/url"
	"strings"
	"testing"

	"restock/core/sign"
)

func providerOf(t testing.TB, kind string) sign.Provider {
	t.Helper()
	p, ok := sign.ForSender(kind)
	if !ok {
		t.Fatalf("ForSender(%s) has no scheme", kind)
	}
	return p
}

// Twilio's published example, and those of its libraries for names with several values.
const (
	twilioToken      = "12345"
	twilioURL        = "https://mycompany.com/myapp.php?foo=1&bar=2"
	twilioForm       = "Digits=1234&To=%2B18005551212&From=%2B14158675309&Caller=%2B14158675309&CallSid=CA1234567890ABCDE"
	twilioSignature  = "RSOYDt4T1cUTdK1PDd93/VVr8B8="
	twilioSeveral    = "Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234"
	severalSignature = "IK+Dwps556ElfBT0I3Rgjkr1wJU="
)

func TestTwilioSignature(t *testing.T) {
	for _, c := range []struct {
		name, url, body, secret, given string
		want                           bool
	}{
		{"published", twilioURL, twilioForm, twilioToken, twilioSignature, true},
		{"several values", twilioURL, twilioSeveral, twilioToken, severalSignature, true},
		{"another order", twilioURL, "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212", twilioToken, twilioSignature, true},
		{"another token", twilioURL, twilioForm, "12346", twilioSignature, false},
		{"no token", twilioURL, twilioForm, "", twilioSignature, false},
		{"another URL", twilioURL + "&baz=3", twilioForm, twilioToken, twilioSignature, false},
		{"no query", "https://mycompany.com/myapp.php", twilioForm, twilioToken, twilioSignature, false},
		{"another value", twilioURL, strings.Replace(twilioForm, "1234&", "1235&", 1), twilioToken, twilioSignature, false},
		{"one parameter more", twilioURL, twilioForm + "&X=", twilioToken, twilioSignature, false},
		{"a value in a name", twilioURL, "A=b&C=d", twilioToken, sign.SignTwilio(twilioURL, []byte(twilioToken), []byte("AbC=d")), true}, // as Twilio signs: what it joins could be cut elsewhere
		{"no form", twilioURL, "%zz", twilioToken, twilioSignature, false},
		{"too many parameters", twilioURL, strings.Repeat("a=b&", 200), twilioToken, sign.SignTwilio(twilioURL, []byte(twilioToken), []byte("a=b")), false},
		{"no signature", twilioURL, twilioForm, twilioToken, "", false},
		{"another spelling", twilioURL, twilioForm, twilioToken, strings.TrimRight(twilioSignature, "="), false},
	} {
		header := only("x-twilio-signature", c.given)
		for n, list := range [][][]byte{secrets(c.secret), secrets("new", c.secret), secrets(c.secret, "old")} {
			if got := providerOf(t, "twilio").Verify(c.url, list, header, []byte(c.body)); got != c.want {
				t.Errorf("%s, secrets %d: %t, want %t", c.name, n, got, c.want)
			}
		}
	}
	if providerOf(t, "twilio").Verify(twilioURL, secrets("a", "b", twilioToken), only("x-twilio-signature", twilioSignature), []byte(twilioForm)) {
		t.Error("a third secret counts")
	}
}

func TestBasic(t *testing.T) {
	encode := base64.StdEncoding.EncodeToString
	for given, want := range map[string]bool{
		"Basic " + encode([]byte("hook:s3cret:x")): true, "basic  " + encode([]byte("hook:s3cret:x")): true,
		"Basic " + encode([]byte("hook:s3cret")): false, "Basic hook:s3cret:x": false, "Bearer " + encode([]byte("hook:s3cret:x")): false,
		"Basic": false, "Basic ": false, "": false,
	} {
		if got := providerOf(t, "smtp").Verify("", secrets("hook:s3cret:x"), only("authorization", given), nil); got != want {
			t.Errorf("%q: %t, want %t", given, got, want)
		}
	}
	if providerOf(t, "smtp").Verify("", secrets(""), only("authorization", "Basic "), nil) || providerOf(t, "smtp").Verify("", nil, only("authorization", "Basic "), nil) {
		t.Error("no secret verifies")
	}
}

func TestWhomNobodyPostsTo(t *testing.T) {
	for _, kind := range []string{"inbox", "webpush", "webhook", ""} {
		p, ok := sign.ForSender(kind)
		if ok || p.Verify("", secrets("x"), only("x-twilio-signature", "x"), nil) || p.Keep() != nil {
			t.Errorf("senders of the kind %q are posted to", kind)
		}
	}
}

// FuzzTwilioSignature: what is signed verifies, and nothing else under the same signature but what joins to the same text.
func FuzzTwilioSignature(f *testing.F) {
	f.Add(twilioURL, []byte(twilioToken), []byte(twilioForm), []byte(twilioSeveral))
	f.Fuzz(func(t *testing.T, to string, secret, body, other []byte) {
		p := providerOf(t, "twilio")
		signature := sign.SignTwilio(to, secret, body)
		form, err := url.ParseQuery(string(body))
		few := strings.Count(string(body), "&") < 200
		good := p.Verify(to, [][]byte{secret}, only("x-twilio-signature", signature), body)
		if good != (err == nil && len(secret) > 0 && few && signature != "") {
			t.Errorf("%q verifies: %t (%d names, %v)", body, good, len(form), err)
		}
		if len(secret) > 0 && p.Verify(to+"x", [][]byte{secret}, only("x-twilio-signature", signature), body) {
			t.Error("another URL verifies")
		}
		_ = p.Verify(to, [][]byte{secret}, only("x-twilio-signature", signature), other)
	})
}
