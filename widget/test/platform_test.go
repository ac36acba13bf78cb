package test

import (
	"net/http"
	"strings"
)

// variation answers WooCommerce's form above 30 variations: the match, or false.
func (s *shop) variation(w http.ResponseWriter, r *http.Request) {
	if !s.fare(w, r) {
		return
	}
	p := tee()
	found := p.byChoice(chosenIn(r, p, "attribute_"))
	if found == nil {
		writeJSON(w, false)
		return
	}
	writeJSON(w, map[string]any{
		"variation_id": found.number(), "sku": found.SKU, "is_in_stock": found.Available, "is_purchasable": true, "backorders_allowed": false,
	})
}

// attributes answers BigCommerce's product options. What does not exist cannot be purchased and has no variant.
func (s *shop) attributes(w http.ResponseWriter, r *http.Request) {
	if !s.fare(w, r) {
		return
	}
	data := map[string]any{"sku": nil, "variantId": nil, "instock": false, "purchasable": false, "available_to_sell": 0,
		"purchasing_message": "The selected product combination is currently unavailable."}
	p := tee()
	var choice []string
	for _, o := range p.Options {
		choice = append(choice, r.FormValue("attribute["+itoa(o.ID)+"]"))
	}
	if found := p.byChoice(choice); found != nil {
		data = map[string]any{"sku": found.SKU, "variantId": found.number(), "instock": found.Available, "purchasable": true, "available_to_sell": found.units(), "purchasing_message": nil}
	}
	writeJSON(w, map[string]any{"data": data})
}

// chosenIn reads the choice from a posted form whose fields have that prefix before the option's code.
func chosenIn(r *http.Request, p product, prefix string) (choice []string) {
	for _, o := range p.Options {
		choice = append(choice, strings.TrimSpace(r.FormValue(prefix+o.Code)))
	}
	return choice
}

func (v variant) units() int {
	if v.Available {
		return 12
	}
	return 0
}
