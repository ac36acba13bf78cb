package address_test

import (
	"errors"
	"strings"
	"testing"

	"restock/core/address"
)

// longest is an address of exactly 254 bytes, of which the local part takes 64.
var longest = strings.Repeat("a", 64) + "@" + strings.Repeat("b", 63) + "." + strings.Repeat("c", 63) + "." +
	strings.Repeat("d", 57) + ".com"

func TestEmailNormal(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain", "bob@example.com", "bob@example.com"},
		{"surrounding spaces", " \t\r\nbob@example.com \v\f", "bob@example.com"},
		{"domain in capitals", "bob@EXAMPLE.Com", "bob@example.com"},
		{"local part keeps its case", "Bob.Smith@Example.com", "Bob.Smith@example.com"},
		{"plus tag", "bob+restock=1@example.com", "bob+restock=1@example.com"},
		{"all of atext", "!#$%&'*+-/=?^_`{|}~@example.com", "!#$%&'*+-/=?^_`{|}~@example.com"},
		{"digits", "1234567890@123.com", "1234567890@123.com"},
		{"one letter", "a@b.de", "a@b.de"},
		{"many labels", "a@b.c.d.e.f.example.museum", "a@b.c.d.e.f.example.museum"},
		{"hyphens inside a label", "a@x-y--z.com", "a@x-y--z.com"},
		{"label of hyphens at three and four", "a@r3---sn.example.com", "a@r3---sn.example.com"},
		{"local part of 64", strings.Repeat("a", 64) + "@example.com", strings.Repeat("a", 64) + "@example.com"},
		{"label of 63", "a@" + strings.Repeat("b", 63) + ".com", "a@" + strings.Repeat("b", 63) + ".com"},
		{"254 bytes", longest, longest},
		{"international domain", "bob@bücher.example", "bob@xn--bcher-kva.example"},
		{"international in capitals", "bob@BÜCHER.Example", "bob@xn--bcher-kva.example"},
		{"decomposed", "bob@bu\u0308cher.example", "bob@xn--bcher-kva.example"},
		{"sharp s is kept", "bob@straße.de", "bob@xn--strae-oqa.de"},
		{"Punycode", "bob@XN--BCHER-KVA.example", "bob@xn--bcher-kva.example"},
		{"international top-level domain", "bob@пример.рф", "bob@xn--e1afmkfd.xn--p1ai"},
		{"ideographic full stop", "bob@例え。jp", "bob@xn--r8jz45g.jp"},
		{"full-width letters", "bob@ｅｘａｍｐｌｅ.com", "bob@example.com"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := address.Email(c.in)
			if err != nil || got != c.want {
				t.Errorf("Email(%q) = %q, %v; want %q", c.in, got, err, c.want)
			}
		})
	}
}

func TestEmailRefused(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"nothing", "", address.ReasonEmailEmpty},
		{"only spaces", " \t\n ", address.ReasonEmailEmpty},
		{"no at", "bob.example.com", address.ReasonEmailNoAt},
		{"two ats", "bob@home@example.com", address.ReasonEmailManyAts},
		{"no local part", "@example.com", address.ReasonLocalEmpty},
		{"no domain", "bob@", address.ReasonDomainMissing},
		{"one label", "a@b", address.ReasonDomainMissing},
		{"localhost", "root@localhost", address.ReasonDomainMissing},
		{"quoted local part", `"bob smith"@example.com`, address.ReasonLocalQuoted},
		{"quote inside", `bob"x"@example.com`, address.ReasonLocalCharacter},
		{"backslash", `bob\@example.com`, address.ReasonLocalCharacter},
		{"comment", "bob(work)@example.com", address.ReasonLocalCharacter},
		{"display name", "Bob <bob@example.com>", address.ReasonEmailSpace},
		{"two addresses", "a@example.com,b@example.com", address.ReasonEmailManyAts},
		{"leading dot", ".bob@example.com", address.ReasonLocalDots},
		{"trailing dot of local part", "bob.@example.com", address.ReasonLocalDots},
		{"double dot", "bob..smith@example.com", address.ReasonLocalDots},
		{"local part of 65", strings.Repeat("a", 65) + "@example.com", address.ReasonLocalTooLong},
		{"international local part", "bøb@example.com", address.ReasonLocalCharacter},
		{"Cyrillic look-alike", "b\u043eb@example.com", address.ReasonLocalCharacter},
		{"space in local part", "bob smith@example.com", address.ReasonEmailSpace},
		{"no-break space in local part", "bob\u00a0smith@example.com", address.ReasonEmailSpace},
		{"no-break space at the end", "bob@example.com\u00a0", address.ReasonEmailSpace},
		{"ideographic space", "bob@exa\u3000mple.com", address.ReasonEmailSpace},
		{"zero-width space", "bob@exa\u200bmple.com", address.ReasonEmailSpace},
		{"byte order mark", "\ufeffbob@example.com", address.ReasonEmailSpace},
		{"soft hyphen", "bob@exa\u00admple.com", address.ReasonDomainCharacter},
		{"direction mark", "bob@example\u202e.com", address.ReasonDomainCharacter},
		{"space before the domain", "bob@ example.com", address.ReasonEmailSpace},
		{"line break and header", "bob@example.com\r\nBcc: eve@example.org", address.ReasonEmailManyAts},
		{"line break in the domain", "bob@example\n.com", address.ReasonEmailSpace},
		{"NUL", "bob\x00@example.com", address.ReasonLocalCharacter},
		{"DEL in the domain", "bob@exam\x7fple.com", address.ReasonDomainCharacter},
		{"C1 control in the domain", "bob@exam\u0081ple.com", address.ReasonDomainCharacter},
		{"not UTF-8", "bob@exam\xffple.com", address.ReasonDomainCharacter},
		{"trailing dot", "bob@example.com.", address.ReasonDomainDots},
		{"leading dot of domain", "bob@.example.com", address.ReasonDomainDots},
		{"double dot of domain", "bob@example..com", address.ReasonDomainDots},
		{"only a dot", "bob@.", address.ReasonDomainDots},
		{"comma for dot", "bob@example,com", address.ReasonDomainCharacter},
		{"underscore", "bob@exam_ple.com", address.ReasonDomainCharacter},
		{"leading hyphen", "bob@-example.com", address.ReasonDomainHyphen},
		{"trailing hyphen", "bob@example-.com", address.ReasonDomainHyphen},
		{"label of 64", "a@" + strings.Repeat("b", 64) + ".com", address.ReasonDomainLabel},
		{"255 bytes", longest[:len(longest)-4] + "d.com", address.ReasonEmailTooLong},
		{"far too long", strings.Repeat("a", 5000) + "@example.com", address.ReasonEmailTooLong},
		{"IPv4 literal", "bob@[192.0.2.1]", address.ReasonDomainLiteral},
		{"IPv6 literal", "bob@[IPv6:2001:db8::1]", address.ReasonDomainLiteral},
		{"IPv4 address", "bob@192.0.2.1", address.ReasonDomainLiteral},
		{"number as top-level domain", "bob@example.123", address.ReasonDomainLiteral},
		{"broken Punycode", "bob@xn--0.com", address.ReasonDomainIDN},
		{"Punycode of plain letters", "bob@xn--abc-.com", address.ReasonDomainIDN},
		{"Punycode of a capital", "bob@xn--bcher-2pa.com", address.ReasonDomainIDN},
		{"emoji that IDNA refuses", "bob@\U0001f3f4\U000e0067.com", address.ReasonDomainCharacter},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := address.Email(c.in)
			var refused *address.Error
			if !errors.As(err, &refused) {
				t.Fatalf("Email(%q) = %q, %v; want an *address.Error", c.in, got, err)
			}
			if refused.Message != c.want || got != "" {
				t.Errorf("Email(%q) = %q, %q; want %q", c.in, got, refused.Message, c.want)
			}
		})
	}
}

func TestEmailErrorCarriesSuggestion(t *testing.T) {
	_, err := address.Email("bob@gmail,com")
	var refused *address.Error
	if !errors.As(err, &refused) || refused.Suggest != "bob@gmail.com" {
		t.Errorf("Email error = %#v; want the suggestion bob@gmail.com", err)
	}
}

func TestEmailAllocatesNothingWhenNormal(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { _, _ = address.Email(" bob.smith+x@example.com ") }); n != 0 {
		t.Errorf("Email of a normal address allocates %v times; want 0", n)
	}
}

func FuzzEmail(f *testing.F) {
	for _, s := range []string{
		"bob@example.com", "Bob+x@EXAMPLE.com", "bob@bücher.example", "bob@xn--bcher-kva.example", "bob@例え。jp",
		"a@b", `"a b"@c.de`, "bob@[::1]", "bob@gmail,com", "bob@faß.de", "bob@\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.ir", "a@\u2488com.de",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		normal, err := address.Email(s)
		if err != nil {
			if normal != "" {
				t.Errorf("Email(%q) = %q together with an error", s, normal)
			}
			return
		}
		if again, err := address.Email(normal); err != nil || again != normal {
			t.Errorf("Email(%q) = %q, read again %q, %v", s, normal, again, err)
		}
		checkNormal(t, normal)
	})
}

// checkNormal fails unless s has the shape that everybody downstream may rely on.
func checkNormal(t *testing.T, s string) {
	t.Helper()
	local, domain, _ := strings.Cut(s, "@")
	if len(s) > address.MaxEmail || len(local) > address.MaxLocal || local == "" {
		t.Errorf("%q is outside its bounds", s)
	}
	if strings.ToLower(domain) != domain || !strings.Contains(domain, ".") || strings.Contains(domain, "@") {
		t.Errorf("domain of %q is not normal", s)
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			t.Errorf("%q has the byte %#x", s, s[i])
		}
	}
}

func BenchmarkEmail(b *testing.B) {
	for _, c := range []struct{ name, in string }{
		{"normal", "bob.smith@example.com"},
		{"capitals", "Bob.Smith@Example.COM"},
		{"international", "bob@bücher.example"},
		{"refused", "bob@gmail,com"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = address.Email(c.in)
			}
		})
	}
}
