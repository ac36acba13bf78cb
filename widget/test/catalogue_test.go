package test

import (
	"encoding/json"
	"slices"
	"strings"
)

// product is something that the fixtures' shops sell.
type product struct {
	ID       string
	Handle   string
	Title    string
	Picture  string
	Price    string // with its currency, as themes print it
	Options  []option
	Variants []variant
}

// option is what a shopper chooses from.
type option struct {
	Name   string
	Code   string // as platforms write it into names of fields
	ID     int
	Values []value
}

type value struct {
	Text string
	ID   int // Shopify's option value id, Magento's option id
}

// variant is a buyable choice. A combination without a variant does not exist.
type variant struct {
	ID        string
	SKU       string
	Choice    []string // the values of the product's options, in their order
	Available bool
}

// Title is what themes call the variant.
func (v variant) Title() string { return strings.Join(v.Choice, " / ") }

// number is the id as platforms write it into JSON.
func (v variant) number() json.Number { return json.Number(v.ID) }

// Ids are as long as Shopify's. Black / S and Oat / M can be bought, Oat / L does not exist, the others are sold out.
const (
	blackS = "44012345678901"
	blackM = "44012345678902"
	blackL = "44012345678903"
	oatS   = "44012345678904"
	oatM   = "44012345678905"
	capID  = "44012345678999"
)

func tee() product {
	return product{
		ID: "7001234567001", Handle: "heavyweight-tee", Title: "Heavyweight Tee", Picture: "/tee.svg", Price: "€49.00",
		Options: []option{
			{"Color", "color", 93, []value{{"Black", 9001}, {"Oat", 9002}}},
			{"Size", "size", 144, []value{{"S", 9011}, {"M", 9012}, {"L", 9013}}},
		},
		Variants: []variant{
			{blackS, "TEE-BLK-S", []string{"Black", "S"}, true},
			{blackM, "TEE-BLK-M", []string{"Black", "M"}, false},
			{blackL, "TEE-BLK-L", []string{"Black", "L"}, false},
			{oatS, "TEE-OAT-S", []string{"Oat", "S"}, false},
			{oatM, "TEE-OAT-M", []string{"Oat", "M"}, true},
		},
	}
}

// waxedCap has one variant, which is sold out.
func waxedCap() product {
	return product{ID: "7001234567002", Handle: "waxed-cap", Title: "Waxed Field Cap", Picture: "/cap.svg", Price: "€42.00",
		Variants: []variant{{ID: capID, SKU: "CAP-RST", Choice: []string{}}}}
}

func productBy(handle string) (product, bool) {
	all := []product{tee(), waxedCap()}
	i := slices.IndexFunc(all, func(p product) bool { return p.Handle == handle })
	if i < 0 {
		return product{}, false
	}
	return all[i], true
}

// byID finds a variant; nil when there is none.
func (p product) byID(id string) *variant {
	for i, v := range p.Variants {
		if v.ID == id {
			return &p.Variants[i]
		}
	}
	return nil
}

// byChoice finds the variant of a combination; nil when it does not exist.
func (p product) byChoice(choice []string) *variant {
	for i, v := range p.Variants {
		if slices.Equal(v.Choice, choice) {
			return &p.Variants[i]
		}
	}
	return nil
}

// byValues finds the choice that a theme asks for by ids of option values: "9001,9013".
func (p product) byValues(ids string) (choice []string) {
	for i, id := range strings.Split(ids, ",") {
		if i >= len(p.Options) {
			break
		}
		for _, v := range p.Options[i].Values {
			if id == itoa(v.ID) {
				choice = append(choice, v.Text)
			}
		}
	}
	return choice
}
