package generic_test

import (
	"testing"

	"restock/core"
	"restock/core/source/generic"
	"restock/core/source/sourcetest"
)

// TestPages: a part of a feed is read as a feed, in the source's format.
func TestPages(t *testing.T) {
	feed := shop
	for format, body := range map[string]string{"csv": "id,available\ntee-m,4\ntee-l,x\n", "json": `[{"id":"tee-m","available":4},{"id":"tee-l","available":"x"}]`} {
		feed.API.Format = format
		line := map[string]string{"csv": "line 3", "json": "line 1"}[format]
		sourcetest.RunPages(t, generic.Adapter{}, []sourcetest.PageCase{{
			Name: format, Source: feed, Page: core.Page{Body: []byte(body), As: 1000},
			Want: levels(core.Level{Item: "tee-m", Available: counted(4), UpdatedAt: 1000}),
			Bad:  []string{line + ": available: want a decimal number of at most 18 digits"},
		}})
	}
}
