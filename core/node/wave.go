package node

import (
	"context"
	"errors"
	"fmt"

	"restock/core"
	"restock/core/console"
	"restock/core/db"
	"restock/core/wire"
)

// Bounds of a report.
const (
	maxOrder = 1000 // of those who are told next
	maxWaves = 100  // the last of those that there were
)

// Restock is how a restock is doing (console.Backend).
func (n *Node) Restock(name core.WorkspaceName, id core.RestockID, next int) (d console.RestockDetail, ok bool, err error) {
	w, found := n.workspace(name)
	if !found {
		return d, false, nil
	}
	var failed error
	err = w.view(func(tx *db.Tx) {
		var r core.Restock
		if r, ok = db.Restocks.Get(tx, id); ok {
			d, failed = w.restockDetail(tx, r, min(next, maxOrder))
		}
	})
	return d, ok, errors.Join(err, failed)
}

func (w *workspace) restockDetail(tx *db.Tx, r core.Restock, next int) (console.RestockDetail, error) {
	d := console.RestockDetail{RestockReport: restockReport(tx, r), Policy: wavePolicy(w.machine.Sources()[r.Variant.Source].Waves)}
	for n := max(1, r.Waves.N-maxWaves+1); n <= r.Waves.N; n++ {
		v, _ := db.Waves.Get(tx, db.WaveKey{Restock: r.ID, N: n})
		d.Each = append(d.Each, console.WaveReport{N: v.N, BegunAt: v.BegunAt.String(), Size: bounded(v.Size), Units: v.Units, Taken: v.Taken})
	}
	ranks, err := w.machine.Next(tx, r, next)
	for _, k := range ranks {
		d.Next = append(d.Next, nextReport(tx, r, k))
	}
	return d, err
}

func nextReport(tx *db.Tx, r core.Restock, k core.Rank) console.NextReport {
	contact, _ := db.Contacts.Get(tx, k.Contact)
	who := console.NextReport{Contact: k.Contact.String(), AskedAt: k.At.String()}
	if addresses := contact.Addresses(); len(addresses) > 0 {
		who.Address = addresses[0].Masked()
	}
	if r.Waves.Ranked && r.Waves.By == core.OrderScore {
		score := k.Score()
		who.Score = &score
	}
	return who
}

// bounded is a size as reports have it: 0 stands for no bound.
func bounded(n int64) int64 {
	if n > core.Everybody/2 {
		return 0
	}
	return n
}

// wavesReport is how far waves are; nil where all are told at once and no operator said anything.
func wavesReport(v core.Waves, p core.WavePolicy, now core.Time) *console.WavesReport {
	if !p.InWaves() && v.N == 0 && !v.Led && v.Word == core.WordGo {
		return nil
	}
	r := &console.WavesReport{Word: string(v.Word), Begun: v.N, MayBuy: v.Out, Ranked: v.Ranked, Ended: v.Ended}
	r.Approve = v.Word == core.WordPaused && v.N == 0 && p.Approve
	if v.BegunAt != 0 {
		r.BegunAt = v.BegunAt.String()
	}
	if v.Lead > 0 {
		r.Lead = v.Lead.String()
	}
	if !v.Ended && v.NextAt > now { // else it waits for units, or for somebody's turn to end
		r.NextAt = v.NextAt.String()
	}
	return r
}

// wavePolicy says a policy in words.
func wavePolicy(p core.WavePolicy) string {
	if !p.InWaves() {
		return "everybody at once, who asked first before the others"
	}
	text := "everybody"
	switch {
	case p.Size > 0 && p.PerUnit > 0:
		text = fmt.Sprintf("%d at a time, at most %d per unit", p.Size, p.PerUnit)
	case p.Size > 0:
		text = fmt.Sprintf("%d at a time", p.Size)
	case p.PerUnit > 0:
		text = fmt.Sprintf("%d per unit", p.PerUnit)
	}
	if p.Every > 0 {
		text += ", every " + p.Every.String()
	}
	if p.Spread > 0 {
		text += ", spread over " + p.Spread.String()
	}
	switch p.Order {
	case core.OrderNewest:
		text += ", who asked last first"
	case core.OrderRandom:
		text += ", in an order drawn by lot"
	case core.OrderScore:
		text += ", by the score of " + string(p.Score.Plugin)
	}
	if p.Approve {
		text += ", once an operator resumes it"
	}
	return text
}

// Steer says an operator's word about a restock (console.Backend). A word that changes nothing is a *core.InvalidError that
// says why.
func (n *Node) Steer(ctx context.Context, name core.WorkspaceName, id core.RestockID, word core.Word, size int64) (d console.RestockDetail, ok bool, err error) {
	w, found := n.workspace(name)
	if !found {
		return d, false, nil
	}
	var wrong string
	said := wire.Steer{Restock: id, Word: word, Size: size}
	err = w.view(func(tx *db.Tx) {
		var r core.Restock
		if r, ok = db.Restocks.Get(tx, id); ok {
			wrong = w.futile(tx, r, word, size)
			said.Wave = r.Waves.N + 1
		}
	})
	if err != nil || !ok {
		return d, false, err
	}
	if wrong != "" {
		return d, true, &core.InvalidError{Fields: []core.FieldError{{Field: "verb", Message: wrong}}}
	}
	if err := w.append(ctx, 0, said); err != nil {
		return d, true, err
	}
	return n.Restock(name, id, 0)
}

// futile says why a word about a restock would change nothing; "" when it does.
func (w *workspace) futile(tx *db.Tx, r core.Restock, word core.Word, size int64) string {
	p := w.machine.Sources()[r.Variant.Source].Waves
	st, _ := db.Stocks.Get(tx, db.StockKey{Variant: r.Variant, Market: r.Market})
	v := r.Waves
	switch {
	case r.At == core.RestockClosed:
		return "the restock is over: nobody is told of it any more"
	case v.Word == core.WordStopped:
		return "the restock was stopped, which is for good: who was not told is told of the next one"
	case word == v.Word && word == core.WordPaused:
		return "the restock is paused already"
	case word == v.Word:
		return "the restock is not paused"
	case word != core.WordNext:
		return ""
	case v.Word == core.WordPaused:
		return "the restock is paused: resume it first"
	case r.At != core.RestockOpen:
		return "the restock is " + string(r.At) + ": nobody can be told before it is open"
	case !p.InWaves() && v.N == 0 && !v.Led:
		return "everybody is being told: its source has no waves"
	case w.taking(tx, r):
		return fmt.Sprintf("wave %d is being taken: say so again when it has gone out", v.N)
	case v.Ended && !v.Behind && v.Lead == 0:
		return "nobody is left to be told"
	case v.Left == 0 && size == 0 && p.PerUnit > 0 && !st.Buyable && st.Units <= v.Out/p.PerUnit:
		return fmt.Sprintf("%d contacts may be about to buy the %d units that there are: give a size to tell more nevertheless", v.Out, st.Units)
	}
	return ""
}

// taking says whether a wave takes its contacts at this moment.
func (w *workspace) taking(tx *db.Tx, r core.Restock) bool {
	work, _ := db.Works.Get(tx, r.Telling)
	return work.Kind == core.WorkRestock
}
