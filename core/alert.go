package core

// WaitlistReached is the activity of a line that has grown to a number at which its merchant wants to be told. It belongs to
// no contact; its Units are how many wait.
const WaitlistReached ActivityKind = "waitlist_reached"

// Alert is when a source's merchant is told of a line, and where. The zero Alert: never.
type Alert struct {
	At     []int64 `msgpack:"at,omitempty"`     // how many wait, from the least on; at most MaxAlerts
	Email  string  `msgpack:"email,omitempty"`  // as the file has it
	Sender Name    `msgpack:"sender,omitempty"` // "": the one that the playbook's shape names
}

// AlertPlaybook is the playbook that tells the source's merchant.
func (s Source) AlertPlaybook() Name { return Name(s.Name) + "-alert" }

// MaxAlerts bounds at how many numbers a merchant is told of a line.
const MaxAlerts = 10

// Rearmed says whether a line of n has fallen so far that its merchant is told again when it reaches at: under half.
func Rearmed(n, at int64) bool { return n < at-n }

// Alerted is a number that a line has reached, of which its merchant was told.
type Alerted struct {
	At   int64       `msgpack:"at"`
	Time Time        `msgpack:"t"`
	Keys []LedgerKey `msgpack:"k,omitempty"` // of the messages; none: no journey that was on told it
}
