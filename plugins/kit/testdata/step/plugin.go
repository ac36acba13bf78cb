// Package plugin is the step of plugins/testdata/step.
package plugin

import (
	"strings"

	"echo-step/restock"
)

// Step is asked about one contact.
func Step(in *restock.Input, _ *restock.Config) restock.Answer {
	a := answer(in)
	a.Tags = in.ContactTags
	a.Vars.Word = strings.Join(in.ContactTags, " ")
	a.Vars.Count = in.VariantUnits
	a.Vars.Empty = len(in.ContactTags) == 0
	a.Vars.List = in.ContactTags
	return a
}

func answer(in *restock.Input) restock.Answer {
	switch in.ActivitySKU {
	case "delay":
		return restock.Delay(restock.Milliseconds(in.VariantUnits.Value), "later")
	case "left":
		return restock.ToLeft("")
	case "right":
		return restock.ToRight2("the other way")
	case "exit":
		return restock.Exit("enough")
	}
	return restock.Continue("on: " + in.ActivitySKU)
}
