package manifest

import (
	"go.yaml.in/yaml/v3"

	"restock/core"
)

// Bounds of waves.
const (
	MaxWave       = 1_000_000     // contacts
	MaxPerUnit    = 1000          // contacts per unit
	LeastEvery    = core.Minute   // between waves
	MaxEvery      = 30 * core.Day // between waves, of a turn, and before a restock sold out
	MaxSpread     = 7 * core.Day  // over which a wave is told
	LeastSpread   = 10 * core.Second
	MostReturns   = 10 // times that a contact is put back in line
	DefaultWithin = core.Hour
)

// waves reads how many of those who wait are told at once, in what order, and what becomes of those who could not buy.
func (c *compiler) waves(v value) (p core.WavePolicy) {
	if !v.given() {
		return p
	}
	o := v.fields("size", "per_unit", "every", "turn", "spread", "order", "approve", "return")
	if size := o.get("size"); size.given() {
		p.Size = size.integer(1, MaxWave)
	}
	if units := o.get("per_unit"); units.given() {
		p.PerUnit = units.integer(1, MaxPerUnit)
	}
	if every := o.get("every"); every.given() {
		p.Every = every.duration(LeastEvery, MaxEvery)
	}
	if turn := o.get("turn"); turn.given() {
		p.Turn = turn.duration(core.Minute, MaxEvery)
	}
	if spread := o.get("spread"); spread.given() {
		p.Spread = spread.duration(LeastSpread, MaxSpread)
	}
	p.Order, p.Score = c.order(o.get("order"))
	p.Approve = o.get("approve").flag()
	p.Again, p.Within = returns(o.get("return"))
	checkWaves(v, o, p)
	return p
}

// checkWaves refuses what says something that would mean nothing.
func checkWaves(v value, o object, p core.WavePolicy) {
	switch {
	case p.Size > 0 && p.PerUnit == 0 && p.Every == 0:
		o.get("size").wrong("goes with every, the time from one wave to the next, such as 1h")
	case p.Every > 0 && p.Size == 0 && p.PerUnit == 0:
		o.get("every").wrong("goes with size, per_unit or both: without them one wave takes everybody")
	case p.Turn > 0 && p.PerUnit == 0:
		o.get("turn").wrong("goes with per_unit: it is how long who was told counts as about to buy one of the units")
	case len(o.keys) == 0 && v.node.Kind == yaml.MappingNode:
		v.wrong("says nothing; want size, per_unit, spread, order, approve or return, or leave the key out")
	}
}

// order reads who is told first: a word, or the plugin that scores.
func (c *compiler) order(v value) (core.WaveOrder, *core.PluginCall) {
	if !v.given() {
		return core.OrderOldest, nil
	}
	if v.node.Kind == yaml.MappingNode {
		score := v.fields("score").need("score", "the plugin that scores, such as {plugin: vip}")
		call := c.condition(score)
		if call.OnFailure != "" {
			score.wrong("on_failure goes with a condition of a journey: whom the plugin fails about scores 0")
		}
		return core.OrderScore, call
	}
	words := map[string]core.WaveOrder{"oldest": core.OrderOldest, "newest": core.OrderNewest, "random": core.OrderRandom}
	order, ok := words[v.text()]
	if !ok {
		v.wrong("%s is not known; want oldest, newest, random, or {score: {plugin: NAME}}", quote(v.text()))
	}
	return order, nil
}

// returns reads how often who could not buy is put back in line.
func returns(v value) (times int, within core.Milliseconds) {
	if !v.given() {
		return 0, 0
	}
	o := v.fields("times", "within")
	times, within = int(o.need("times", "how often at most, from 1 to 10").integer(1, MostReturns)), DefaultWithin
	if w := o.get("within"); w.given() {
		within = w.duration(core.Minute, MaxEvery)
	}
	return times, within
}
