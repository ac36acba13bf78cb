package core

import "testing"

func TestTraits(t *testing.T) {
	for email, want := range map[string]string{"ann@example.com": "example.com", `"a@b"@example.com`: "example.com", "": "", "ann": ""} {
		if got := (Contact{Email: email}).Traits().EmailDomain; got != want {
			t.Errorf("the domain of %q is %q, want %q", email, got, want)
		}
	}
	a := Contact{ID: ContactID{1}, Email: "ann@example.com", Tags: []string{"vip"}}
	b := a
	b.Email, b.FirstName = "bob@example.com", "Bob"
	if !a.Traits().Equal(b.Traits()) {
		t.Error("traits tell more of an address than its domain, or a name")
	}
	b.Tags = []string{"vip", "new"}
	if a.Traits().Equal(b.Traits()) {
		t.Error("another tag changes nothing")
	}
}
