package generic

import (
	"strconv"

	"restock/core"
	"restock/core/source"
)

// Adapter is the source.Adapter of our own pushes. It has no state.
type Adapter struct{}

var _ source.Adapter = Adapter{}

// Bounds of a push; who has more sends several.
const (
	MaxLevels   = 2000
	MaxProducts = 500
	MaxVariants = 2048 // of a product
	MaxOrders   = 100
	maxLines    = 100 // of an order
	maxNumber   = 64  // bytes of an order's number
	maxWord     = 64  // bytes of a region
)

// Facts reads a push as the package comment says. There are no topics: a type that is none of ours is a bad field.
func (Adapter) Facts(src core.Source, d core.Delivery) (core.Facts, error) {
	if d.Header("webhook-id") == "" {
		return core.Facts{}, source.Unhandled("")
	}
	body := source.ParseObject(d.Body)
	if err := body.Err(); err != nil {
		return core.Facts{}, err
	}
	facts := push{src: src, body: body, told: toldAt(d)}.facts()
	if err := body.Err(); err != nil {
		return core.Facts{}, err
	}
	return facts, nil
}

// Dedupe is the id that the shop gave the push, the same for each try.
func (Adapter) Dedupe(d core.Delivery) string {
	id := d.Header("webhook-id")
	return "push\n" + id[:min(len(id), 256)]
}

// toldAt is when the shop signed the push, else when the edge took it.
func toldAt(d core.Delivery) core.Time {
	seconds, err := strconv.ParseInt(d.Header("webhook-timestamp"), 10, 64)
	if err != nil || seconds <= 0 || seconds > 1<<40 {
		return d.ReceivedAt
	}
	return core.Time(seconds * 1000)
}

// push is one payload with what its facts need besides.
type push struct {
	src  core.Source
	body source.Object
	told core.Time // stands in for updated_at
}

func (p push) facts() (f core.Facts) {
	kind := p.body.Word("type", "levels", "products", "orders")
	if kind == "" {
		p.body.Fail("type", "levels, products or orders")
		return f
	}
	p.body.Only("type", kind)
	limit := map[string]int{"levels": MaxLevels, "products": MaxProducts, "orders": MaxOrders}[kind]
	for _, o := range need(p.body, kind, limit) {
		switch kind {
		case "levels":
			f.Levels = append(f.Levels, p.level(o))
		case "products":
			p.product(o, &f)
		case "orders":
			f.Orders = append(f.Orders, p.order(o))
		}
	}
	return f
}

// need reads a list that must be there, may be empty, and has at most limit elements.
func need(o source.Object, name string, limit int) []source.Object {
	if o.Absent(name) {
		o.Fail(name, "a list")
	}
	o.AtMost(name, limit)
	return o.List(name, limit)
}

// updated is when the shop last changed what o describes.
func (p push) updated(o source.Object) core.Time {
	if at := o.Time("updated_at"); at != 0 {
		return at
	}
	return p.told
}

// flag reads true or false; missing and null are the fallback.
func flag(o source.Object, name string, fallback bool) bool {
	if o.Absent(name) {
		return fallback
	}
	return o.Bool(name)
}

// level reads one variant at one location. Variants are their own items.
func (p push) level(o source.Object) core.Level {
	o.Only("variant", "location", "available", "removed", "updated_at")
	l := core.Level{
		Item:      core.ItemID(o.ID("variant")),
		Location:  core.LocationID(o.OptionalID("location")),
		UpdatedAt: p.updated(o),
		Gone:      flag(o, "removed", false),
	}
	switch {
	case l.Gone && l.Location == "":
		o.Fail("location", "where it is not stocked any more; of a variant that is gone, push its product without it")
	case l.Gone:
	default:
		l.Available = available(o)
	}
	return l
}

// available reads units, or null for what nobody counts.
func available(o source.Object) core.Quantity {
	if o.Null("available") {
		return core.Quantity{}
	}
	return core.Quantity{Units: o.Int("available"), Tracked: true}
}
