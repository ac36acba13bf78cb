// Package plugin is the condition of plugins/testdata/condition.
package plugin

import (
	"strconv"
	"strings"

	"echo-condition/restock"
)

// Condition is asked about one contact.
func Condition(in *restock.Input, config *restock.Config) restock.Answer {
	if config.Loud {
		restock.Log(restock.Warn, "LOUD")
	}
	if in.ContactRegion == "fail" {
		restock.Fail("as it was told")
	}
	reason := strings.Join([]string{
		strconv.FormatInt(int64(in.Now), 10), strings.Join(in.ContactTags, ","), in.ContactRegion, number(in.VariantPrice), number(in.VariantUnits),
		strconv.FormatInt(int64(in.ActivityAskedAt), 10), in.ContactFieldsNote, number(config.Least), config.Name, strings.Join(config.Words, ","),
	}, "|")
	a := restock.No(reason)
	a.Pass = in.VariantPrice.Or(-7) >= config.Least.Or(-1)
	if in.VariantUnits.Known {
		a = a.WithScore(in.VariantUnits.Value)
	}
	return a
}

func number(i restock.Int) string {
	if !i.Known {
		return "?"
	}
	return strconv.FormatInt(i.Value, 10)
}
