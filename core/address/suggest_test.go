package address_test

import (
	"testing"

	"restock/core/address"
)

func TestSuggest(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		// slips of the finger
		{"bob@gmial.com", "bob@gmail.com"},
		{"bob@gmail.con", "bob@gmail.com"},
		{"bob@gmail.co", "bob@gmail.com"},
		{"bob@gmail.cm", "bob@gmail.com"},
		{"bob@gmail.comm", "bob@gmail.com"},
		{"bob@gmai.com", "bob@gmail.com"},
		{"bob@gmailc.om", "bob@gmail.com"},
		{"bob@hotmial.com", "bob@hotmail.com"},
		{"bob@hotmal.con", "bob@hotmail.com"},
		{"bob@yaho.com", "bob@yahoo.com"},
		{"bob@yahooo.co.uk", "bob@yahoo.co.uk"},
		{"bob@outlok.com", "bob@outlook.com"},
		{"bob@iclod.com", "bob@icloud.com"},
		{"bob@aol.con", "bob@aol.com"},
		{"bob@gmx.nt", "bob@gmx.net"},
		{"bob@t-onlin.de", "bob@t-online.de"},
		{"Bob+x@GMIAL.com", "Bob+x@gmail.com"},
		// what Email refuses
		{"bob@gmail", "bob@gmail.com"},
		{"bob@gmial", "bob@gmail.com"},
		{"bob@hotmail", "bob@hotmail.com"},
		{"bob@aol", "bob@aol.com"},
		{"bob@gmailcom", "bob@gmail.com"},
		{"bob@gmail,com", "bob@gmail.com"},
		{"bob@gmail..com", "bob@gmail.com"},
		{"bob@gmail.com.", "bob@gmail.com"},
		{"bob@gmail .com", "bob@gmail.com"},
		{" bob@gmail.com\u00a0", "bob@gmail.com"},
		{"\ufeffbob@example.org", "bob@example.org"},
		{"bob@example,org", "bob@example.org"},
		{"bob@bücher,de", "bob@xn--bcher-kva.de"},
		// right as they are
		{"bob@gmail.com", ""},
		{"bob@GMAIL.COM", ""},
		{"bob@mail.com", ""},
		{"bob@email.com", ""},
		{"bob@gmx.de", ""},
		{"bob@ymail.com", ""},
		{"bob@googlemail.com", ""},
		{"bob@hotmail.nl", ""},
		{"bob@cloud.com", ""},
		// another country, or somebody's own domain
		{"bob@hotmail.cz", ""},
		{"bob@outlook.hu", ""},
		{"bob@line.com", ""},
		{"bob@web.be", ""},
		{"bob@me.de", ""},
		{"bob@postmail.com", ""},
		{"bob@example.com", ""},
		{"bob@bücher.de", ""},
		// no address at all
		{"", ""},
		{"@", ""},
		{"bob", ""},
		{"@gmial.com", ""},
		{"b b@gmial.com", ""},
		{"bob@", ""},
		{"bob@localhost", ""},
		{`"bob"@gmial.com`, ""},
	} {
		if got := address.Suggest(c.in); got != c.want {
			t.Errorf("Suggest(%q) = %q; want %q", c.in, got, c.want)
		}
	}
}

func FuzzSuggest(f *testing.F) {
	for _, s := range []string{"bob@gmial.com", "bob@gmail", "bob@gmail,com", "bob@\u00a0.gmx", "@", "a@b@c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		guess := address.Suggest(s)
		if guess == "" {
			return
		}
		if normal, err := address.Email(guess); err != nil || normal != guess {
			t.Errorf("Suggest(%q) = %q, which is not in normal form: %q, %v", s, guess, normal, err)
		}
		if normal, err := address.Email(s); err == nil && normal == guess {
			t.Errorf("Suggest(%q) suggests the same address", s)
		}
		if again := address.Suggest(guess); again != "" {
			t.Errorf("Suggest(%q) = %q, for which it suggests %q", s, guess, again)
		}
	})
}

func BenchmarkSuggest(b *testing.B) {
	for _, c := range []struct{ name, in string }{
		{"known", "bob@gmail.com"},
		{"slip", "bob@hotmial.com"},
		{"unknown", "bob@some-company.example"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = address.Suggest(c.in)
			}
		})
	}
}
