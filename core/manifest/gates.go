package manifest

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"restock/core"
)

// Bounds of what gates and senders are set to.
const (
	MaxGates       = 10             // plugins that are asked before a message, of a workspace or of a journey
	MaxCaps        = 10             // frequency caps of a workspace
	MaxCapMessages = 1000           // that one allows
	MaxCapWithin   = 366 * core.Day // that one looks back
	MaxRate        = 1_000_000      // messages within a rate's time
	MinRateEvery   = core.Second
	MaxRateEvery   = core.Day
	MinUnconfirmed = core.Hour // that a capture can be confirmed
	MaxUnconfirmed = 60 * core.Day
)

// channel reads a channel by which contacts are reached.
func (v value) channel() core.Channel {
	return core.Channel(v.word(string(core.Email), string(core.SMS), string(core.Push)))
}

// oneOrMore reads one mapping, or a list of them.
func oneOrMore[T any](v value, most int, read func(value) T) (all []T) {
	if !v.given() {
		return nil
	}
	some := []value{v}
	if v.node.Kind == yaml.SequenceNode {
		some = v.items()
	}
	if len(some) > most {
		v.wrong("is a list of %d; want at most %d", len(some), most)
		return nil
	}
	for _, item := range some {
		all = append(all, read(item))
	}
	return all
}

// quiet reads when messages by some channels are held: off, or from when to when.
func (v value) quiet() (q core.QuietHours) {
	o := v.fields("from", "to", "channels", "state")
	q.Channels = distinct(o.need("channels", "a list of email, sms and push"), value.channel)
	return v.hours(o, q)
}

// leavesOpen refuses hours that together leave a channel no minute of the day: all its messages would be dropped.
func (v value) leavesOpen(all []core.QuietHours) []core.QuietHours {
	for _, ch := range []core.Channel{core.Email, core.SMS, core.Push} {
		var quiet [core.MinutesOfDay]bool
		for _, q := range all {
			if !slices.Contains(q.Channels, ch) {
				continue
			}
			for m := q.From % core.MinutesOfDay; m != q.To%core.MinutesOfDay; m = (m + 1) % core.MinutesOfDay {
				quiet[m] = true
			}
		}
		if !slices.Contains(quiet[:], false) {
			v.wrong("leaves no minute of the day in which %s may go out; leave some", ch)
		}
	}
	return all
}

// senderQuiet reads the same of a sender, whose channel is its own.
func (v value) senderQuiet() *core.QuietHours {
	if !v.given() {
		return nil
	}
	q := v.hours(v.fields("from", "to", "state"), core.QuietHours{})
	return &q
}

func (v value) hours(o object, q core.QuietHours) core.QuietHours {
	if o.get("state").word("on", "off") == "off" {
		q.Off = true
		return q
	}
	from, to := o.need("from", `when it becomes quiet, like "20:00", or state: off`), o.need("to", `when that ends, like "09:00"`)
	before := len(v.faults.all)
	q.From, q.To = int(from.clock()/core.Minute), int(to.clock()/core.Minute)
	if from.given() && to.given() && q.From == q.To && len(v.faults.all) == before {
		to.wrong("is when it becomes quiet as well; for no quiet hours write state: off")
	}
	return q
}

// frequency reads how many messages a contact gets at most.
func (v value) frequency() (f core.FrequencyCap) {
	o := v.fields("messages", "within", "channels", "over")
	f.Messages = o.need("messages", "how many, such as 3").integer(1, MaxCapMessages)
	f.Within = o.need("within", "within how long, such as 1d").duration(core.Minute, MaxCapWithin)
	f.Channels = distinct(o.get("channels"), value.channel)
	f.Drop = o.get("over").word("hold", "drop") == "drop"
	return f
}

// gates reads the conditions that are asked before messages.
func (c *compiler) gates(v value) []core.PluginCall {
	return oneOrMore(v, MaxGates, func(item value) core.PluginCall { return *c.condition(item) })
}

// purpose reads what messages are for.
func (v value) purpose() core.Purpose {
	p := core.Purpose(v.word(string(core.StockAlert), string(core.Marketing)))
	if p == core.StockAlert {
		return "" // what holds without a word
	}
	return p
}

// sendRate reads how many messages a sender hands over.
func (v value) sendRate() (r core.SendRate) {
	if !v.given() {
		return r
	}
	o := v.fields("messages", "every")
	r.Messages = o.need("messages", "how many, such as 10").integer(1, MaxRate)
	r.Every = o.need("every", "within how long, such as 1s").duration(MinRateEvery, MaxRateEvery)
	return r
}

// doubleOptIn reads by which channels shoppers have to confirm that it was they who asked.
func (v value) doubleOptIn() (d core.DoubleOptIn) {
	if !v.given() {
		return d
	}
	d.Channels = []core.Channel{core.Email}
	if v.node.Kind == yaml.ScalarNode {
		if !v.flag() {
			return core.DoubleOptIn{}
		}
		return d
	}
	o := v.fields("channels", "expires")
	if ch := o.get("channels"); ch.given() {
		d.Channels = distinct(ch, value.confirmable)
	}
	if e := o.get("expires"); e.given() {
		d.Expires = e.duration(MinUnconfirmed, MaxUnconfirmed)
	}
	return d
}

// confirmable reads a channel whose addresses anybody can type; a browser asks its own user.
func (v value) confirmable() core.Channel {
	return core.Channel(v.word(string(core.Email), string(core.SMS)))
}
