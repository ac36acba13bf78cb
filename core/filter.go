package core

// Filter says whom, or which activities, to take: a group of filters, a condition on a field, or one on what occurred to the
// contact; the zero Filter takes everything. It is data only: package filter reads, checks, prints and evaluates it.
type Filter struct {
	Group FilterGroup `msgpack:"g,omitempty"`
	Of    []Filter    `msgpack:"of,omitempty"` // a group's; empty: all of nothing, which always holds

	Field    string   `msgpack:"f,omitempty"` // "": a group, or what occurred
	Op       FilterOp `msgpack:"op,omitempty"`
	Texts    []string `msgpack:"t,omitempty"`
	Numbers  []int64  `msgpack:"n,omitempty"` // money: minor units; contact.fields: millionths; times: days, of which dates count from 1970-01-01
	Currency string   `msgpack:"c,omitempty"` // money's, ISO 4217

	Occurred *Occurred `msgpack:"o,omitempty"`
}

// FilterGroup is how many of a group's filters must hold.
type FilterGroup string

// The groups.
const (
	FilterAll  FilterGroup = "all"
	FilterAny  FilterGroup = "any"
	FilterNone FilterGroup = "none"
)

// Occurred is a condition on a contact's past: an activity has occurred, at some time, where a filter holds for it.
type Occurred struct {
	Kind  ActivityKind `msgpack:"k"`
	Which Occurrence   `msgpack:"w,omitempty"`
	When  []Window     `msgpack:"t,omitempty"` // all must hold of the same activity; empty: ever
	Where Filter       `msgpack:"f,omitempty"` // on fields of the activity
}

// Occurrence is which of a contact's activities is meant.
type Occurrence string

// Any of them, the first, or the last of those for which Occurred.Where holds.
const (
	OccurredAny   Occurrence = ""
	OccurredFirst Occurrence = "first"
	OccurredLast  Occurrence = "last"
)

// Window is days in the workspace's zone, from midnight to midnight.
type Window struct {
	Op   FilterOp `msgpack:"op"` // one of those for times
	Days []int64  `msgpack:"d"`  // as Filter.Numbers has them
}

// FilterOp is how a field is compared.
type FilterOp string

// For texts; Is and IsNot name one or more.
const (
	OpIs          FilterOp = "is"
	OpIsNot       FilterOp = "is_not"
	OpStarts      FilterOp = "starts"
	OpEnds        FilterOp = "ends"
	OpContains    FilterOp = "contains"
	OpContainsNot FilterOp = "contains_not"
)

// For lists: one of the texts, or none of them, is in it.
const (
	OpHas    FilterOp = "has"
	OpHasNot FilterOp = "has_not"
)

// For every field. 0 and an empty text are values.
const (
	OpEmpty   FilterOp = "empty"
	OpPresent FilterOp = "present"
)

// For numbers and money; Equal and NotEqual name one or more, Between two, both included.
const (
	OpEqual    FilterOp = "eq"
	OpNotEqual FilterOp = "ne"
	OpLess     FilterOp = "lt"
	OpAtMost   FilterOp = "le"
	OpMore     FilterOp = "gt"
	OpAtLeast  FilterOp = "ge"
	OpBetween  FilterOp = "between"
)

// For times. All but the last compare days; "today" is the day of the moment at which the filter is evaluated.
const (
	OpInTheLast   FilterOp = "in_the_last" // N days, of which today is one
	OpMoreAgo     FilterOp = "more_ago"    // before today by more than N days
	OpExactlyAgo  FilterOp = "exactly_ago" // N days before today
	OpBefore      FilterOp = "before"      // a date
	OpAfter       FilterOp = "after"       // a date
	OpOn          FilterOp = "on"          // a date
	OpWithin      FilterOp = "within"      // two dates, both included
	OpIn          FilterOp = "in"          // N days after today
	OpInLess      FilterOp = "in_less"     // fewer than N days after today, today included
	OpInMore      FilterOp = "in_more"     // more than N days after today
	OpAnniversary FilterOp = "anniversary" // today is a later year's day of the same month; 29 February's is 28 February where there is none
)

// Audience is a saved filter over contacts.
type Audience struct {
	Name    Name   `msgpack:"name"`
	Title   string `msgpack:"title"`
	Version Hash   `msgpack:"version"` // of its definition
	Where   Filter `msgpack:"where"`
}

// Settings are what a workspace as a whole is set to.
type Settings struct {
	Zone string `msgpack:"zone,omitempty"` // IANA name: whose days filters count; "": UTC

	Quiet     []QuietHours   `msgpack:"quiet,omitempty"`     // nil: as DefaultQuiet has it
	Frequency []FrequencyCap `msgpack:"frequency,omitempty"` // each holds by itself
	Gates     []PluginCall   `msgpack:"gates,omitempty"`     // conditions that are asked before every message
}
