package core_test

import (
	"testing"

	"restock/core"
)

func TestMarkets(t *testing.T) {
	s := core.Source{URL: "https://shop.example", Locations: []core.LocationID{"1"}, Markets: []core.ServedMarket{
		{Name: "AT", Locations: []core.LocationID{"2"}}, {Name: "DE", URL: "https://shop.example/de"},
	}}
	for said, want := range map[core.Market]core.Market{"DE": "DE", "de": "DE", "AT": "AT", "": "", "FR": "", "D": ""} {
		if got := s.MarketOf(said); got != want {
			t.Errorf("who asks in %q is served in %q, want %q", said, got, want)
		}
	}
	if all := s.Served(); len(all) != 3 || all[0].Name != "" || all[0].Locations[0] != "1" || all[2].Name != "DE" {
		t.Errorf("served are %+v", all)
	}
	if len(s.Markets) != 2 {
		t.Error("asking for those who are served changed the source")
	}
}

// TestLinkIn: only what lies below the shop's own address moves, and only where the market has another.
func TestLinkIn(t *testing.T) {
	s := core.Source{URL: "https://shop.example", Markets: []core.ServedMarket{{Name: "AT"}, {Name: "DE", URL: "https://shop.example/de"}}}
	for _, c := range []struct {
		in        core.Market
		url, want string
	}{
		{"DE", "https://shop.example/products/tee?variant=1", "https://shop.example/de/products/tee?variant=1"},
		{"de", "https://shop.example", "https://shop.example/de"},
		{"DE", "https://shop.example.org/products/tee", "https://shop.example.org/products/tee"},
		{"DE", "https://other.example/tee", "https://other.example/tee"},
		{"DE", "", ""},
		{"AT", "https://shop.example/products/tee", "https://shop.example/products/tee"},
		{"FR", "https://shop.example/products/tee", "https://shop.example/products/tee"},
		{"", "https://shop.example/products/tee", "https://shop.example/products/tee"},
	} {
		if got := s.LinkIn(c.in, c.url); got != c.want {
			t.Errorf("in %q %q is at %q, want %q", c.in, c.url, got, c.want)
		}
	}
}

func TestSoldIn(t *testing.T) {
	everywhere, some := core.Product{}, core.Product{Markets: []core.Market{"de"}}
	if !everywhere.SoldIn("DE") || !some.SoldIn("DE") || some.SoldIn("AT") || !some.SoldIn("") {
		t.Error("a product is sold where it is said to be, and everywhere if nothing is said")
	}
}
