package manifest

import (
	"slices"
	"strings"

	"restock/core"
	"restock/core/filter"
)

// AboutOf is what messages to contacts whom a filter finds are about: some activity, where the filter asks what occurred to them, or "".
func AboutOf(where core.Filter) core.ActivityKind {
	if filter.AsksPast(where) {
		return core.BackInStock
	}
	return ""
}

// Lacking are those of the variables that a template needs (Options.Needs) which no message has that is about this activity; "": about
// none.
func Lacking(needs []string, about core.ActivityKind) (missing []string) {
	for _, path := range needs {
		group, _, _ := strings.Cut(path, ".")
		var there bool
		switch {
		case path == "links.confirm":
			there = about == core.ConfirmationAsked
		case path == "links.unsubscribe":
			there = about != core.WaitlistReached
		case group == "waitlist":
			there = about == core.WaitlistReached
		default:
			there = about != ""
		}
		if !there {
			missing = append(missing, path)
		}
	}
	return missing
}

// checkNeeds refuses messages of a journey that show what is never there when it is entered.
func (c *compiler) checkNeeds(occurs core.ActivityKind) {
	for _, d := range c.drafts {
		if _, send, ok := d.Sends(); ok && occurs != "" {
			c.checkWords(d.at, send.Template, occurs)
		}
	}
}

// checkWords refuses at v a template that shows what no message has that is about this activity.
func (c *compiler) checkWords(v value, of core.Hash, about core.ActivityKind) {
	at := slices.IndexFunc(c.templates, func(t core.Template) bool { return core.HashTemplate(t) == of })
	if at < 0 || c.opt.Needs == nil {
		return
	}
	if missing := Lacking(c.opt.Needs(c.templates[at]), about); len(missing) > 0 {
		v.wrong("%s", WhyLacking(missing, about))
	}
}

// WhyLacking says what is missing, and why.
func WhyLacking(missing []string, about core.ActivityKind) string {
	what := "shows " + strings.Join(missing, ", ") + ", which is not there "
	if about == "" {
		return what + "when a message is about nothing that occurred: let the filter ask for it, such as {back_in_stock: {has occurred: {in the last: 7 days}}}, or give a default"
	}
	return what + "when " + string(about) + " occurs; take it out, or give it a default"
}
