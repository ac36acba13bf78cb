package generic

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"restock/core"
	"restock/core/source"
)

// Format is how a feed is written.
type Format string

// The formats. CSV is RFC 4180 with a line of column names, cells apart by commas, semicolons or tabs, whichever the first
// line has most of. JSON is a list of flat objects whose fields are the columns.
const (
	CSV  Format = "csv"
	JSON Format = "json"
)

// Feed is a table of what a shop sells, in UTF-8, one row a variant or, with a location, a variant at that location. Its
// columns stand in any order, and those that are not named here are passed over: feeds are made for others as well. In
// parentheses are the names that Google's product feeds have for them.
//
//	id                      required: the variant's
//	available               units, or nothing where nobody counts
//	availability            in_stock, out_of_stock, backorder, preorder or discontinued; schema.org's words and addresses too.
//	                        A row needs this or available; out_of_stock means none whatever is counted
//	location                where these units lie
//	product (item_group_id) the product's id; the variant's own when left out
//	title, url (link)       the product's; both or neither. Without them a row is a level of a variant that is known otherwise
//	choice                  what tells the variant from its siblings
//	sku, vendor (brand), image (image_link)
//	price                   19.90, or 19.90 EUR
//	currency                of the price, if that does not say; else the source's
//	updated_at              RFC 3339; when the feed was read, if left out
type Feed struct {
	Format Format
	Data   []byte
	ReadAt core.Time // when it was fetched
}

// Bounds of a feed.
const (
	MaxFeedBytes = 64 << 20
	MaxRows      = 500_000
	MaxProblems  = 100 // that are told; the rest is counted in the last one
)

// Problem is what is wrong in a line of a feed.
type Problem struct {
	Line  int    // from 1 on
	Field string // the column; source.Body for the line as a whole
	Want  string // what was expected there
}

func (p Problem) Error() string { return fmt.Sprintf("line %d: %s: want %s", p.Line, p.Field, p.Want) }

// ReadFeed returns what the rows say, in the order of the feed, and what is wrong with those that say nothing. A row with a
// problem is left out: the others stand. A feed that is not in its format is refused as a whole, since where it broke nobody
// knows what is missing. What a feed does not mention is left as it is: a feed may be a part, and missing is not sold out.
func ReadFeed(src core.Source, feed Feed) (core.Facts, []Problem) {
	t, refused := readTable(src, feed)
	if refused != nil {
		return core.Facts{}, []Problem{*refused}
	}
	if t.more > 0 {
		t.problems = append(t.problems, Problem{t.last, source.Body, fmt.Sprintf("%d more lines to be right", t.more)})
	}
	return t.facts, t.problems
}

// Refused says why a feed is refused as a whole; nil when its rows stand each for itself.
func Refused(feed Feed) *Problem {
	_, refused := readTable(core.Source{}, feed)
	return refused
}

func readTable(src core.Source, feed Feed) (t *table, refused *Problem) {
	t = &table{src: src, readAt: feed.ReadAt, products: map[core.ProductID]int{}, rows: map[rowKey]int{}, variants: map[core.VariantID]bool{}}
	if p, bad := unreadable(feed.Data); bad {
		return nil, &p
	}
	data := bytes.TrimPrefix(feed.Data, []byte("\xef\xbb\xbf"))
	read := t.readCSV
	if feed.Format == JSON {
		read = t.readJSON
	}
	return t, read(data)
}

// unreadable finds what keeps a feed from being read at all.
func unreadable(data []byte) (p Problem, bad bool) {
	if len(data) > MaxFeedBytes {
		return Problem{1, source.Body, fmt.Sprintf("at most %d MiB", MaxFeedBytes>>20)}, true
	}
	for rest, line := data, 1; len(rest) > 0; line++ {
		one, after, _ := bytes.Cut(rest, []byte("\n"))
		if !utf8.Valid(one) {
			return Problem{line, source.Body, "UTF-8"}, true
		}
		rest = after
	}
	return Problem{}, false
}

// table is a feed while it is read.
type table struct {
	src      core.Source
	readAt   core.Time
	facts    core.Facts
	products map[core.ProductID]int // where each product's fact stands
	rows     map[rowKey]int         // in which line each variant and location was
	variants map[core.VariantID]bool
	problems []Problem
	more     int // problems that are not told
	last     int // line of the last of them
}

// rowKey is what may stand in a feed once.
type rowKey struct {
	variant  core.VariantID
	location core.LocationID
}

func (t *table) problem(line int, field, want string) {
	if len(t.problems) < MaxProblems {
		t.problems = append(t.problems, Problem{line, field, want})
		return
	}
	t.more, t.last = t.more+1, line
}
