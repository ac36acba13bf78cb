package address_test

import (
	"errors"
	"strings"
	"testing"

	"restock/core/address"
)

func TestPhoneNormal(t *testing.T) {
	for _, c := range []struct{ name, in, region, want, country string }{
		{"international", "+49 1512 3456789", "", "+4915123456789", "DE"},
		{"E.164 whatever the region", "+4915123456789", "US", "+4915123456789", "DE"},
		{"national", "01512 3456789", "DE", "+4915123456789", "DE"},
		{"region in small letters", "01512 3456789", "de", "+4915123456789", "DE"},
		{"dialled from abroad", "0049 1512 3456789", "FR", "+4915123456789", "DE"},
		{"dialled from the US", "011 49 1512 3456789", "US", "+4915123456789", "DE"},
		{"trunk zero in brackets", "+49 (0)1512 3456789", "", "+4915123456789", "DE"},
		{"slash", "01512/3456789", "DE", "+4915123456789", "DE"},
		{"US brackets", "(212) 736-5000", "US", "+12127365000", "US"},
		{"US dots", "212.736.5000", "US", "+12127365000", "US"},
		{"US with leading one", "1-212-736-5000", "US", "+12127365000", "US"},
		{"Canada shares the US code", "+1 604 555 0123", "US", "+16045550123", "CA"},
		{"Britain", "07400 123456", "GB", "+447400123456", "GB"},
		{"Italy keeps its zero", "06 1234 5678", "IT", "+390612345678", "IT"},
		{"the Vatican stands in Rome", "06 6982 0000", "IT", "+390669820000", "VA"},
		{"Switzerland", "079 123 45 67", "CH", "+41791234567", "CH"},
		{"Russia by eight", "8 912 345-67-89", "RU", "+79123456789", "RU"},
		{"Kazakhstan shares the Russian code", "+7 701 234 5678", "", "+77012345678", "KZ"},
		{"Arabic digits", "+٩٦٦ ٥٠ ١٢٣ ٤٥٦٧", "", "+966501234567", "SA"},
		{"full-width", "＋８１　９０−１２３４−５６７８", "", "+819012345678", "JP"},
		{"no-break space and dash", "+49\u00a01512\u20133456789", "", "+4915123456789", "DE"},
		{"surrounding spaces", "  +4915123456789\n", "", "+4915123456789", "DE"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, country, err := address.Phone(c.in, c.region)
			if err != nil || got != c.want || country != c.country {
				t.Errorf("Phone(%q, %q) = %q, %q, %v; want %q, %q", c.in, c.region, got, country, err, c.want, c.country)
			}
		})
	}
}

func TestPhoneRefused(t *testing.T) {
	for _, c := range []struct{ name, in, region, want string }{
		{"nothing", "", "DE", address.ReasonPhoneEmpty},
		{"only spaces", " \t", "DE", address.ReasonPhoneEmpty},
		{"41 characters", "+49" + strings.Repeat(" ", 37) + "1", "", address.ReasonPhoneTooLong},
		{"41 wide characters", "+49" + strings.Repeat("\u3000", 37) + "1", "", address.ReasonPhoneTooLong},
		{"far too long", strings.Repeat("1", 5000), "DE", address.ReasonPhoneTooLong},
		{"text around it", "call 01512 3456789", "DE", address.ReasonPhoneCharacter},
		{"letters for digits", "1-800-FLOWERS", "US", address.ReasonPhoneCharacter},
		{"extension", "+1 212 736 5000 x12", "US", address.ReasonPhoneCharacter},
		{"extension by number sign", "+1 212 736 5000 #12", "US", address.ReasonPhoneCharacter},
		{"two numbers", "01512 3456789, 01512 3456780", "DE", address.ReasonPhoneCharacter},
		{"link", "tel:+4915123456789;ext=1", "", address.ReasonPhoneCharacter},
		{"control character", "+4915123\x00456789", "", address.ReasonPhoneCharacter},
		{"not UTF-8", "+49151234\xff56789", "", address.ReasonPhoneCharacter},
		{"national without region", "01512 3456789", "", address.ReasonPhoneCountry},
		{"unknown region", "01512 3456789", "XX", address.ReasonPhoneCountry},
		{"region that is none", "01512 3456789", strings.Repeat("DE", 1000), address.ReasonPhoneCountry},
		{"unknown country code", "+999 123 456 789", "", address.ReasonPhoneCountry},
		{"only a plus", "+", "DE", address.ReasonPhoneInvalid},
		{"no digits", "--", "DE", address.ReasonPhoneInvalid},
		{"emergency", "112", "DE", address.ReasonPhoneShort},
		{"one digit", "5", "DE", address.ReasonPhoneInvalid},
		{"short code", "72727", "US", address.ReasonPhoneShort},
		{"too short for its country", "+49 1512 345 6", "", address.ReasonPhoneInvalid},
		{"too long for its country", "+1 212 736 50001", "", address.ReasonPhoneInvalid},
		{"area code that does not exist", "+1 123 456 7890", "", address.ReasonPhoneInvalid},
		{"premium-rate US", "+1 900 555 0123", "", address.ReasonPhonePremium},
		{"premium-rate Germany", "0900 1 234567", "DE", address.ReasonPhonePremium},
		{"premium-rate Britain", "+44 909 879 0000", "", address.ReasonPhonePremium},
		{"freephone of no country", "+800 1234 5678", "", address.ReasonPhoneInvalid},
		{"premium-rate of no country", "+979 123 456 789", "", address.ReasonPhoneInvalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, country, err := address.Phone(c.in, c.region)
			var refused *address.Error
			if !errors.As(err, &refused) {
				t.Fatalf("Phone(%q, %q) = %q, %v; want an *address.Error", c.in, c.region, got, err)
			}
			if refused.Message != c.want || got != "" || country != "" {
				t.Errorf("Phone(%q, %q) = %q, %q, %q; want %q", c.in, c.region, got, country, refused.Message, c.want)
			}
		})
	}
}

// TestPhoneAllocatesOnce: for its result. The usual spellings are read in the path of every capture.
func TestPhoneAllocatesOnce(t *testing.T) {
	for _, c := range []struct{ in, region string }{
		{"0151 12345678", "DE"}, {"+49 151 12345678", "DE"}, {"0049 151 12345678", "de"}, {"(212) 736-5000", "US"}, {"1-212-736-5000", "US"},
		{"07400 123456", "GB"}, {"8 912 345-67-89", "RU"}, {"06 1234 5678", "IT"}, {"010-2000-0000", "KR"}, {"(011) 96123-4567", "BR"},
	} {
		allocations := testing.AllocsPerRun(100, func() {
			if _, _, err := address.Phone(c.in, c.region); err != nil {
				t.Errorf("Phone(%q, %q): %v", c.in, c.region, err)
			}
		})
		if allocations > 1 {
			t.Errorf("Phone(%q, %q) allocates %v times, want once", c.in, c.region, allocations)
		}
	}
}

func FuzzPhone(f *testing.F) {
	for _, s := range [][2]string{
		{"+49 1512 3456789", ""}, {"(212) 736-5000", "US"}, {"8 912 345-67-89", "RU"}, {"06 6982 0000", "IT"},
		{"112", "DE"}, {"+1 900 555 0123", ""}, {"0", "AR"}, {"011 15-3456-7890", "AR"}, {"+５２１55", "mx"},
	} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, s, region string) {
		e164, country, err := address.Phone(s, region)
		if err != nil {
			return
		}
		if len(e164) < 5 || len(e164) > 18 || e164[0] != '+' || strings.Trim(e164[1:], "0123456789") != "" || len(country) != 2 {
			t.Fatalf("Phone(%q, %q) = %q, %q: not E.164 with a country", s, region, e164, country)
		}
		for _, other := range []string{"", region, "US", country} {
			again, same, err := address.Phone(e164, other)
			if err != nil || again != e164 || same != country {
				t.Errorf("Phone(%q, %q) = %q, read again %q, %q, %v", s, region, e164, again, same, err)
			}
		}
	})
}

func BenchmarkPhone(b *testing.B) {
	for _, c := range []struct{ name, in, region string }{
		{"international", "+49 151 12345678", "DE"},
		{"national", "0151 12345678", "DE"},
		{"shared code", "(212) 736-5000", "US"},
		{"invalid", "0151 123456", "DE"},
		{"by the library", "+49\u00a0151 12345678", ""},
		{"refused", "1-800-FLOWERS", "US"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _, _ = address.Phone(c.in, c.region)
			}
		})
	}
}
