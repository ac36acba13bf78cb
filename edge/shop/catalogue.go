package shop

import "restock/core"

// location is where all of the shop's stock lies.
const location = 1

// product is something the shop sells. Ids are numbers here, because Shopify writes numbers.
type product struct {
	ID       int64
	Handle   string
	Title    string
	Kind     string
	Line     string // one sentence for the front
	About    string
	Facts    []string
	Picture  string // path of its picture
	Alt      string
	Variants []variant
}

// variant is a choice of a product together with the stock that the shop starts with.
type variant struct {
	ID    int64
	Item  int64 // inventory item
	Title string
	SKU   string
	Price core.Money
	Units int64
}

// defaultTitle is what Shopify calls the variant of a product that has only one.
const defaultTitle = "Default Title"

// Choice is what tells the variant from its siblings; "" when it has none.
func (v variant) Choice() string {
	if v.Title == defaultTitle {
		return ""
	}
	return v.Title
}

func euros(minor int64) core.Money { return core.Money{Minor: minor, Currency: "EUR"} }

// products is what the shop sells, in the order of its front.
func products() []product {
	return []product{
		{
			ID: 7001, Handle: "heavyweight-tee", Title: "Heavyweight Tee", Kind: "T-shirt",
			Line:    "280 g organic cotton, cut a little boxy.",
			About:   "A T-shirt with the weight of a sweatshirt. Knitted from long-staple organic cotton, washed once before it is cut, so it fits the same on day one and on day five hundred.",
			Facts:   []string{"280 g/m² organic cotton jersey", "Ribbed collar, taped shoulders", "Made in Guimarães, Portugal"},
			Picture: "/images/tee.svg", Alt: "A black T-shirt with a ribbed collar, laid flat",
			Variants: []variant{
				{ID: 1001, Item: 5001, Title: "Black / M", SKU: "TEE-BLK-M", Price: euros(4900), Units: 0},
				{ID: 1002, Item: 5002, Title: "Black / L", SKU: "TEE-BLK-L", Price: euros(4900), Units: 12},
			},
		},
		{
			ID: 7002, Handle: "merino-crew", Title: "Merino Crew", Kind: "Knitwear",
			Line:    "Fine-gauge merino for three seasons of the year.",
			About:   "A jumper light enough to wear under a jacket and warm enough to wear instead of one. Fully fashioned, with no seam at the side.",
			Facts:   []string{"100 % mulesing-free merino, 12 gauge", "Machine wash at 30 °C", "Made in Biella, Italy"},
			Picture: "/images/crew.svg", Alt: "An oat-coloured knitted jumper with ribbed cuffs",
			Variants: []variant{
				{ID: 1003, Item: 5003, Title: "Oat / S", SKU: "CRW-OAT-S", Price: euros(12900), Units: 6},
				{ID: 1004, Item: 5004, Title: "Oat / M", SKU: "CRW-OAT-M", Price: euros(12900), Units: 9},
			},
		},
		{
			ID: 7003, Handle: "wide-twill-trouser", Title: "Wide Twill Trouser", Kind: "Trousers",
			Line:    "Sits high, falls straight, softens with time.",
			About:   "Dense cotton twill with a wide, straight leg and one deep pleat. It starts out crisp and ends up as the pair you always reach for.",
			Facts:   []string{"340 g/m² cotton twill", "Side adjusters in place of belt loops", "Made in Łódź, Poland"},
			Picture: "/images/trouser.svg", Alt: "Olive trousers with a wide leg and a pleat",
			Variants: []variant{
				{ID: 1005, Item: 5005, Title: "Olive / 32", SKU: "TRS-OLV-32", Price: euros(9800), Units: 4},
				{ID: 1006, Item: 5006, Title: "Olive / 34", SKU: "TRS-OLV-34", Price: euros(9800), Units: 0},
			},
		},
		{
			ID: 7004, Handle: "waxed-field-cap", Title: "Waxed Field Cap", Kind: "Accessories",
			Line:    "Six panels of waxed cotton for rain from the side.",
			About:   "A field cap that keeps its shape in the wet and folds flat in a pocket. Wax it again each autumn and it will outlast its owner.",
			Facts:   []string{"Waxed cotton canvas, cotton lining", "One size, brass buckle at the back", "Made in Galashiels, Scotland"},
			Picture: "/images/cap.svg", Alt: "A rust-coloured cap with a curved brim",
			Variants: []variant{
				{ID: 1007, Item: 5007, Title: defaultTitle, SKU: "CAP-RST", Price: euros(4200), Units: 20},
			},
		},
	}
}
