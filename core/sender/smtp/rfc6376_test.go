package smtp

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// byHand verifies the first DKIM-Signature of a message as RFC 6376 says, with the standard library's cryptography alone: another
// implementation than the one that signed, which would agree with itself also where it is wrong.
func byHand(mail, record string) error {
	head, body, ok := strings.Cut(mail, "\r\n\r\n")
	if !ok {
		return errors.New("there is no body")
	}
	fields := fieldsOf(head)
	signature := ""
	for _, f := range fields {
		if name, _, _ := strings.Cut(f, ":"); strings.EqualFold(name, "DKIM-Signature") {
			signature = f
			break
		}
	}
	tags := tagList(signature[strings.IndexByte(signature, ':')+1:])
	if tags["v"] != "1" || tags["c"] != "relaxed/relaxed" {
		return fmt.Errorf("v=%s c=%s", tags["v"], tags["c"])
	}
	hash := sha256.Sum256([]byte(relaxedBody(body)))
	if base64.StdEncoding.EncodeToString(hash[:]) != tags["bh"] {
		return errors.New("the body's hash does not fit")
	}
	sum := sha256.Sum256([]byte(signedText(fields, signature, tags["h"])))
	given, err := base64.StdEncoding.DecodeString(tags["b"])
	if err != nil {
		return err
	}
	return checkSignature(tags["a"], tagList(record)["p"], sum[:], given)
}

// fieldsOf cuts a head into its fields, each with the lines that it is folded over.
func fieldsOf(head string) (fields []string) {
	for _, line := range strings.Split(head, "\r\n") {
		if n := len(fields) - 1; n >= 0 && (line[0] == ' ' || line[0] == '\t') {
			fields[n] += "\r\n" + line
			continue
		}
		fields = append(fields, line)
	}
	return fields
}

// tagList reads section 3.2's lists; white space within values goes.
func tagList(text string) map[string]string {
	tags := map[string]string{}
	for _, tag := range strings.Split(text, ";") {
		if name, value, ok := strings.Cut(tag, "="); ok {
			tags[strings.TrimSpace(name)] = strings.Join(strings.Fields(value), "")
		}
	}
	return tags
}

var blanks = regexp.MustCompile(`[ \t]+`)

// relaxedBody is section 3.4.4.
func relaxedBody(body string) string {
	lines := strings.Split(body, "\r\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(blanks.ReplaceAllString(line, " "), " ")
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	if len(lines) == 0 {
		return ""
	}
	return strings.Join(lines, "\r\n") + "\r\n"
}

// relaxedField is section 3.4.2, without the line's end.
func relaxedField(field string) string {
	name, value, _ := strings.Cut(field, ":")
	value = blanks.ReplaceAllString(strings.ReplaceAll(value, "\r\n", ""), " ")
	return strings.ToLower(strings.TrimRight(name, " \t")) + ":" + strings.TrimSpace(value)
}

var signatureValue = regexp.MustCompile(`([;\s]b=)[^;]*`)

// signedText is what section 3.7 hashes: of each header named the last one not yet taken, then the signature without its value.
func signedText(fields []string, signature, names string) string {
	var text strings.Builder
	taken := map[int]bool{}
	for _, name := range strings.Split(names, ":") {
		for i := len(fields) - 1; i >= 0; i-- {
			if has, _, _ := strings.Cut(fields[i], ":"); !taken[i] && strings.EqualFold(strings.TrimSpace(has), name) {
				taken[i] = true
				text.WriteString(relaxedField(fields[i]) + "\r\n")
				break
			}
		}
	}
	text.WriteString(relaxedField(signatureValue.ReplaceAllString(signature, "$1")))
	return text.String()
}

func checkSignature(algorithm, public string, sum, signature []byte) error {
	raw, err := base64.StdEncoding.DecodeString(public)
	if err != nil {
		return err
	}
	switch algorithm {
	case "rsa-sha256":
		key, err := x509.ParsePKIXPublicKey(raw)
		if err != nil {
			return err
		}
		return rsa.VerifyPKCS1v15(key.(*rsa.PublicKey), crypto.SHA256, sum, signature)
	case "ed25519-sha256": // RFC 8463, section 3
		if !ed25519.Verify(raw, sum, signature) {
			return errors.New("the signature does not fit")
		}
		return nil
	}
	return errors.New("an algorithm that nobody uses: " + algorithm)
}

// TestTheOtherVerifierVerifies: byHand knows the signature of RFC 8463, appendix A, which none of ours made, and what was changed behind it.
func TestTheOtherVerifierVerifies(t *testing.T) {
	mail := strings.ReplaceAll(rfc8463, "\n", "\r\n")
	const record = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
	if err := byHand(mail, record); err != nil {
		t.Errorf("the RFC's own signature: %v", err)
	}
	for _, change := range [][2]string{{"hungry", "thirsty"}, {"Is dinner ready", "Is dinner read"}, {"From: Joe", "From: Jo"}, {"/gCrinpcQ", "/gCrinpcR"}} {
		if err := byHand(strings.Replace(mail, change[0], change[1], 1), record); err == nil {
			t.Errorf("%s became %s, and it verifies", change[0], change[1])
		}
	}
}

const rfc8463 = `DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
`
