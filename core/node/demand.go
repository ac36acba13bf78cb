package node

import (
	"cmp"
	"fmt"
	"slices"

	"restock/core"
	"restock/core/console"
	"restock/core/db"
)

// maxChoices bounds how many variants of a product are looked at for what "any variant" costs, and whether one is there.
const maxChoices = 100

// Demand ranks what most people wait for (console.Backend). It reads the lines' counts, and looks closer at those that it
// lists.
func (n *Node) Demand(name core.WorkspaceName, q console.DemandQuery) (r console.DemandReport, err error) {
	w, err := n.named(name)
	if err != nil {
		return r, err
	}
	src, known := w.machine.Sources()[q.Source]
	if q.Source != "" && !known {
		wrong := &core.InvalidError{}
		wrong.Add("source", "there is no source %s in workspace %s", q.Source, name)
		return r, wrong
	}
	if known && q.Market != "" {
		q.Market = src.MarketOf(q.Market)
		if q.Market == "" {
			wrong := &core.InvalidError{}
			wrong.Add("market", "source %s has no such market", q.Source)
			return r, wrong
		}
	}
	err = w.view(func(tx *db.Tx) { r = demand(tx, q) })
	r.Workspace = name
	if err != nil {
		return r, fmt.Errorf("reading what people wait for: %w", err)
	}
	return r, nil
}

// counted is a line with how many stand in it.
type counted struct {
	core.Waitlist
	n int64
}

// more orders lines by how many wait, and those of as many by their keys: always the same.
func more(a, b counted) int {
	return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.Source, b.Source), compareBool(a.Product, b.Product),
		cmp.Compare(a.ID, b.ID), cmp.Compare(a.Market, b.Market))
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// demand ranks lines. It keeps no more of them than twice what is listed.
func demand(tx *db.Tx, q console.DemandQuery) (r console.DemandReport) {
	var top []counted
	take := func(line core.Waitlist, n int64) {
		if q.Market != "" && line.Market != q.Market {
			return
		}
		r.Waiting += n
		r.Lines++
		if top = append(top, counted{line, n}); len(top) >= 2*q.Limit+64 {
			slices.SortFunc(top, more)
			top = top[:q.Limit]
		}
	}
	if q.Source != "" {
		db.WaitingOf(tx, q.Source, take)
	} else {
		db.AllWaiting(tx, take)
	}
	slices.SortFunc(top, more)
	var potential core.Sales
	for i, line := range top[:min(len(top), q.Limit)] {
		d := demandOf(tx, line)
		d.Rank = i + 1
		if p := d.Potential; p != nil {
			potential.Replace(core.Sales{}, core.Sales{Revenue: []core.Money{{Minor: p.Minor, Currency: p.Currency}}})
		}
		r.Ranking = append(r.Ranking, d)
	}
	r.Potential = console.NewMoneyReports(potential.Revenue)
	return r
}

// demandOf looks closer at a line.
func demandOf(tx *db.Tx, line counted) console.DemandLine {
	t := line.Target()
	p, v := catalogue(tx, core.Activity{Source: t.Source, Variant: t.Variant, Product: t.Product})
	d := console.DemandLine{
		Source: t.Source, Variant: t.Variant, Product: t.Product, Market: line.Market, SKU: v.SKU, Title: p.Title, Choice: v.Title, Waiting: line.n,
	}
	surplus, _ := db.Surplus.Get(tx, line.Waitlist)
	d.Wanted = line.n + surplus
	db.Waitlists.Scan(tx, line.Waitlist, func(first db.Place) bool { d.Oldest = first.At.String(); return false })
	price, stock := v.Price, core.Stock{}
	if line.Product {
		price, stock = anyVariant(tx, t, line.Market)
	} else {
		stock, _ = db.Stocks.Get(tx, db.StockKey{Variant: core.VariantKey{Source: t.Source, Variant: t.Variant}, Market: line.Market})
	}
	d.Phase, d.Supply, d.Since = stock.Phase, stock.Supply, exportTime(stock.Since)
	if price.Minor > 0 {
		one, all := console.NewMoneyReport(price), console.NewMoneyReport(price.Times(d.Wanted))
		d.Price, d.Potential = &one, &all
	}
	return d
}

// anyVariant is the least price of a product's variants, and its stock: in stock when one of them is, else sold out since the
// last of them was.
func anyVariant(tx *db.Tx, t core.Target, m core.Market) (price core.Money, stock core.Stock) {
	choices, _ := db.Choices.Get(tx, core.ProductKey{Source: t.Source, Product: t.Product})
	for _, id := range choices[:min(len(choices), maxChoices)] {
		k := core.VariantKey{Source: t.Source, Variant: id}
		v, _ := db.Variants.Get(tx, k)
		if v.Price.Minor > 0 && !v.Removed && (price.Minor == 0 || v.Price.Minor < price.Minor) {
			price = v.Price
		}
		st, _ := db.Stocks.Get(tx, db.StockKey{Variant: k, Market: m})
		there, known := st.Phase == core.InStock, stock.Phase == core.InStock
		if there && (!known || st.Since < stock.Since) || !there && !known && st.Since > stock.Since {
			stock = st
		}
	}
	return price, stock
}
