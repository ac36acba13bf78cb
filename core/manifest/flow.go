package manifest

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"restock/core"
	"restock/core/filter"
	"restock/core/zone"
)

// Shapes that lead contacts through a journey rather than say anything to them.

// delay reads for how long, or until when.
func (v value) delay(d *draft) {
	o := v.fields("for", "until")
	span, until := o.get("for"), o.get("until")
	switch {
	case !v.isMapping(): // said already
	case span.given() == until.given():
		o.wrong("want for (how long, such as 2h) or until (a date, or a time of day), and not both")
	case span.given():
		d.Delay = span.duration(MinDelay, MaxDelay)
	default:
		d.Until = until.until()
	}
}

const dateForm = "a date such as 2026-12-24, or with a time of day 2026-12-24T09:00"

// until reads a date by the workspace's clocks, or a mapping that says whose clocks are meant.
func (v value) until() *core.Until {
	if !v.isMapping() {
		return &core.Until{Date: v.date(), Whose: core.ClocksOfWorkspace}
	}
	o := v.fields("date", "time", "weekdays", "zone")
	u := &core.Until{Whose: core.ClocksOfWorkspace}
	if z := o.get("zone"); z.given() {
		u.Whose = core.Clocks(z.word(string(core.ClocksOfContact), string(core.ClocksOfWorkspace)))
	}
	date, clock := o.get("date"), o.get("time")
	if date.given() == clock.given() {
		o.wrong("want date (%s) or time (such as \"09:00\"), and not both", dateForm)
		return u
	}
	if date.given() {
		u.Date = date.date()
		if days := o.get("weekdays"); days.given() {
			days.wrong("goes with time; a date is a day already")
		}
		return u
	}
	u.Clock = clock.clock()
	u.Days = o.get("weekdays").weekdays()
	return u
}

func (v value) isMapping() bool { return v.given() && v.doc().Kind == filter.DocMapping }

// date reads a date and time of day, as if clocks showed UTC.
func (v value) date() core.Time {
	s := v.text()
	for _, layout := range []string{"2006-01-02", "2006-01-02T15:04"} {
		if t, err := time.ParseInLocation(layout, s, time.UTC); err == nil && t.Year() >= 2000 && t.Year() < 2200 {
			return core.TimeOf(t)
		}
	}
	if s != "" {
		v.wrong("want %s, found %s", dateForm, quote(s))
	}
	return 0
}

var clockForm = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`)

func (v value) clock() core.Milliseconds {
	s := v.match(clockForm, `a time of day from "00:00" to "23:59"`)
	t, err := time.ParseInLocation("15:04", s, time.UTC)
	if err != nil {
		return 0 // said already
	}
	return core.Milliseconds(t.Hour())*core.Hour + core.Milliseconds(t.Minute())*core.Minute
}

// dayNames are in the order of a week.
func dayNames() []string { return []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} }

// weekdays reads days, or spans of them: [mon..fri, sun].
func (v value) weekdays() (days core.Weekdays) {
	if !v.given() {
		return 0
	}
	for _, item := range v.items() {
		first, last, span := strings.Cut(item.text(), "..")
		if !span {
			last = first
		}
		from, to := slices.Index(dayNames(), first), slices.Index(dayNames(), last)
		if from < 0 || to < 0 {
			item.wrong("want %s, or a span such as mon..fri", either(dayNames()))
			continue
		}
		for day := from; ; day = (day + 1) % 7 {
			days |= 1 << ((day + 1) % 7) // time.Weekday begins with Sunday
			if day == to {
				break
			}
		}
	}
	return days
}

// filterShape reads a filter about the run, and for how long a run waits for it to hold.
func (v value) filterShape() *core.FilterShape {
	o := v.fields("where", "within")
	f := &core.FilterShape{Where: o.need("where", "a filter, such as {contact.tags: vip}").filter(filter.Entry)}
	if within := o.get("within"); within.given() {
		f.Within = within.duration(MinDelay, MaxDelay)
	}
	return f
}

// split reads the paths of a split, each with its percentage.
func (v value) split(d *draft) {
	o := v.fields()
	sum := int64(0)
	for _, to := range o.keys {
		share := o.get(to)
		n := share.integer(1, 99)
		sum += n
		d.Split = append(d.Split, core.Share{To: to, Percent: int(n)})
		d.ways = append(d.ways, share)
	}
	switch {
	case !v.isMapping(): // said already
	case len(d.Split) < 2 || len(d.Split) > core.MaxShares:
		v.wrong("has %d paths; want 2 to %d, each a shape's name (or exit) with its percentage, such as {mail-a: 75, mail-b: 25}", len(d.Split), core.MaxShares)
	case sum != 100:
		v.wrong("the percentages make %d; want 100", sum)
	}
}

// step reads a shape that asks a journey step plugin. Without on_failure the plugin's own word holds, which the node knows.
func (c *compiler) step(v value, d *draft) *core.StepCall {
	o := v.fields("plugin", "config", "on_failure", "branches")
	call := &core.StepCall{PluginCall: c.call(o, core.FailContinue, core.FailExit, core.FailHold)}
	branches := o.get("branches").fields()
	for _, name := range slices.Sorted(slices.Values(branches.keys)) {
		to := branches.get(name)
		call.Branches = append(call.Branches, core.Branch{Name: name, To: to.text()})
		d.ways = append(d.ways, to)
	}
	return call
}

// action reads what a shape notes of contacts.
func (v value) action() *core.Action {
	o := v.fields("add_tags", "remove_tags", "set")
	a := &core.Action{AddTags: distinct(o.get("add_tags"), value.tag), RemoveTags: distinct(o.get("remove_tags"), value.tag)}
	for i, tag := range a.AddTags {
		if slices.Contains(a.RemoveTags, tag) {
			o.get("add_tags").items()[i].wrong("is taken away as well; keep one")
		}
	}
	set := o.get("set").fields()
	for _, name := range slices.Sorted(slices.Values(set.keys)) {
		a.Set = append(a.Set, set.get(name).field(name))
	}
	if o.given() && len(o.keys) == 0 && v.isMapping() {
		o.wrong("does nothing; want add_tags, remove_tags or set")
	}
	return a
}

func (v value) tag() string {
	s := v.line()
	if len(s) > core.MaxTag {
		v.wrong("has %d bytes; a tag has at most %d", len(s), core.MaxTag)
	}
	return s
}

// field reads what one of a contact's fields is set to; "" takes it away.
func (v value) field(name string) core.Field {
	f := core.Field{Name: name}
	if !v.given() || !v.is(yaml.ScalarNode, "text") {
		return f
	}
	f.Value = v.node.Value
	switch {
	case !core.ValidFieldName(name):
		v.wrong("a field's name has 1 to %d of a-z, A-Z, 0-9, _ and -", core.MaxFieldName)
	case len(f.Value) > core.MaxFieldValue:
		v.wrong("has %d bytes; want at most %d", len(f.Value), core.MaxFieldValue)
	case name == core.ZoneField && f.Value != "":
		if _, err := zone.Load(f.Value); err != nil {
			v.wrong("%v", err)
		}
	}
	return f
}

// controls reads what holds contacts up at a shape.
func (d *draft) controls(o object) {
	if p := o.get("pause"); p.given() {
		is := p.flag()
		d.pause = &is
	}
	d.Allowance, d.Rate = o.get("per_contact").allowance(), o.get("rate").rate()
	switch d.Kind {
	case core.ShapeDelay, core.ShapeFilter, core.ShapeCondition, core.ShapeSplit, core.ShapeExit:
		for _, key := range []string{"per_contact", "rate"} {
			if v := o.get(key); v.given() {
				v.wrong("is for shapes that send, ask a plugin's step or change a contact; %s does neither: put it there", d.Kind)
			}
		}
	}
}

func (v value) allowance() *core.Allowance {
	if !v.given() {
		return nil
	}
	o := v.fields("times", "within")
	a := &core.Allowance{Times: o.need("times", "how often, such as 1").integer(1, 100)}
	if within := o.get("within"); within.given() {
		a.Within = within.duration(MinDelay, MaxDuration)
	}
	return a
}

func (v value) rate() *core.Rate {
	if !v.given() {
		return nil
	}
	o := v.fields("contacts", "every")
	return &core.Rate{
		Contacts: max(1, o.need("contacts", "how many, such as 100").integer(1, 1_000_000)),
		Every:    max(1, o.need("every", "in what time, such as 1h").duration(core.Second, 30*core.Day)),
	}
}

// rules reads how often contacts enter, and when they leave.
func (o object) rules(j *core.Journey) {
	again := o.get("again")
	switch {
	case again.isMapping():
		j.Rest = again.fields("after").need("after", "how long since a contact entered, such as 30d").duration(MinDelay, MaxDuration)
	case again.given():
		j.Once = again.word("always", "never") == "never"
	}
	if a := o.get("alongside"); a.given() {
		j.Alone = a.denied()
	}
	if l := o.get("exit"); l.given() {
		j.Leave = l.leave(j.Enter.Occurs)
	}
}

// The exit criteria that have names.
const (
	leftBought       = "bought"
	leftUnsubscribed = "unsubscribed"
	leftSoldOut      = "sold_out"
)

func (v value) leave(occurs core.ActivityKind) *core.Leave {
	o := v.fields("when", "where", "after")
	l := &core.Leave{Where: o.get("where").filter(filter.Entry)}
	for _, item := range o.get("when").items() {
		switch item.word(leftBought, leftUnsubscribed, leftSoldOut) {
		case leftBought:
			l.Bought = true
		case leftUnsubscribed:
			l.Unsubscribed = true
		case leftSoldOut:
			l.SoldOut = true
			if occurs == core.WaitingOnStock {
				item.wrong("who enters by %s waits for what is sold out; take it out", core.WaitingOnStock)
			}
		}
	}
	if after := o.get("after"); after.given() {
		l.After = after.duration(core.Minute, MaxDuration)
	}
	if o.given() && len(o.keys) == 0 && v.isMapping() {
		o.wrong("says nothing; want when, where or after")
	}
	return l
}
