// Package api is how the APIs of shops are called: politely, with bounds, and without telling secrets.
//
// A platform's client folder says what is asked; a Caller asks it. It tries again what may go better the next time (429,
// 5xx, a network that fails) and nothing else, waits as long as the shop says, and takes no more than it was told to. What
// went wrong is an *Error: its reason is one of few, its text names neither secrets nor addresses.
//
// What a client reads becomes a Page, which the leader of a workspace appends to the journal. Nothing here is pure, so
// the state machine never comes here.
package api

import (
	"errors"
	"fmt"

	"restock/core"
)

// Query asks for a page: of the products that are named, or of all of them.
type Query struct {
	From string           // where the page begins, as the page before said; "": at the beginning
	IDs  []core.ProductID // only these; From is "" then
}

// Page is what a shop says about some of its products.
type Page struct {
	Body    []byte           // for the platform's adapter
	Next    string           // where the next page begins; "": this was the last one
	Asked   []core.ProductID // those of Query.IDs that this page answers: the first of them, at least one
	Missing []core.ProductID // those of Asked that the shop does not have any more
	Read    int64            // products (rows of a feed) in it
	Skipped int64            // products that do not fit a page and are left out
	Total   int64            // products that the shop has; 0: it does not say
	As      core.Time        // as of when it holds, for pages that do not say it themselves; 0: when they were asked for
}

// Limits of a page.
const (
	MaxPage    = 4 << 20 // bytes of a body: what edges take of a webhook, which fits a transaction
	MaxAnswer  = 8 << 20 // bytes of one answer of an API that pages are made of
	MaxChanged = 5_000   // ids of products that changed; where there are more, reading all is as good
)

// Reasons of an Error.
const (
	Unauthorized core.Reason = "api_unauthorized" // the key is wrong, has expired, or may not read what is asked for
	Throttled    core.Reason = "api_throttled"    // too many calls, or too costly ones
	Unavailable  core.Reason = "api_unavailable"  // nobody answered, not in time, or with a 5xx
	Refused      core.Reason = "api_refused"      // any other answer that is none of 2xx
	Nonsense     core.Reason = "api_nonsense"     // not what the platform documents
	TooLarge     core.Reason = "api_too_large"    // more bytes than are taken
)

// Error is why an API gave no answer that can be used.
type Error struct {
	Reason core.Reason
	Status int    // of HTTP; 0: none came
	Text   string // what to do, or the shop's own words, cut; no secrets
	After  core.Milliseconds
}

func (e *Error) Error() string {
	if e.Status != 0 {
		return fmt.Sprintf("calling shop's API: %s (HTTP %d): %s", e.Reason, e.Status, e.Text)
	}
	return fmt.Sprintf("calling shop's API: %s: %s", e.Reason, e.Text)
}

// ErrRestart means that a reading cannot go on where it stood: it begins again.
var ErrRestart = errors.New("reading the catalogue cannot go on where it stood; it begins again")

// ReasonOf is the reason of an error of this package; Unavailable for any other.
func ReasonOf(err error) core.Reason {
	var e *Error
	if errors.As(err, &e) {
		return e.Reason
	}
	return Unavailable
}
