// Package plugin is the step discount-code: it sets a code of the contact's own, which nobody can guess, as a merge variable.
package plugin

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"time"

	"discount-code/restock"
)

// letters leaves out those that people mistake for others: Crockford's base 32.
const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// Step sets {{ plugin.discount-code.code }}, which is the same whenever it is asked about the same contact, SKU and last day of the code.
func Step(in *restock.Input, config *restock.Config) restock.Answer {
	if config.Secret == "" {
		restock.Fail("config.secret is missing; give one of 20 characters or more that the shop knows as well")
	}
	prefix := config.Prefix
	if prefix == "" {
		prefix = "BACK"
	}
	until := in.Now.Std().Add(time.Duration(config.Hours.Or(48)) * time.Hour).Format(time.DateOnly)
	a := restock.Continue("a code for " + in.ActivitySKU + " until " + until)
	a.Vars.Code = prefix + "-" + Code(config.Secret, in.ContactID, in.ActivitySKU, until)
	a.Vars.CodeUntil = until
	return a
}

// Code is 8 letters of HMAC-SHA256 under the secret of contact, SKU and last day, with a zero byte between them.
func Code(secret, contact, sku, until string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(contact + "\x00" + sku + "\x00" + until))
	return base32.NewEncoding(letters).EncodeToString(mac.Sum(nil)[:5])
}
