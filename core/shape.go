package core

// What shapes are made of, each kind its own.

// Until is a moment that a delay waits for: Date, or else the next time that clocks show Clock on one of Days.
type Until struct {
	// Date is a date and time of day as if clocks showed UTC: whoever knows whose clocks are meant finds the moment. 0: Clock counts.
	Date  Time         `msgpack:"date,omitempty" json:",omitempty"`
	Clock Milliseconds `msgpack:"clock,omitempty" json:",omitempty"` // since midnight, as clocks show it
	Days  Weekdays     `msgpack:"days,omitempty" json:",omitempty"`  // of Clock
	Whose Clocks       `msgpack:"whose"`
}

// Clocks says whose clocks are meant.
type Clocks string

// The clocks of the workspace's zone, and of the contact's (the workspace's where the contact's is not known).
const (
	ClocksOfWorkspace Clocks = "workspace"
	ClocksOfContact   Clocks = "contact"
)

// Weekdays are some days of the week, a bit each: 1 << time.Sunday is 1. Zero stands for all.
type Weekdays uint8

// Has says whether a day, counted as time.Weekday does, is one of them.
func (w Weekdays) Has(day int) bool { return w == 0 || w&(1<<day) != 0 }

// FilterShape asks a filter about the run: the activity that it entered by, its contact, and the contact's past.
type FilterShape struct {
	Where Filter `msgpack:"where"`
	// Within is for how long a run waits for the filter to hold; 0: it is asked once, and at once.
	Within Milliseconds `msgpack:"within,omitempty" json:",omitempty"`
}

// Share is one of a split's paths.
type Share struct {
	To      string `msgpack:"to"` // a shape's name or Exit
	Percent int    `msgpack:"p"`  // all of a split's make 100
}

// MaxShares bounds the paths of a split.
const MaxShares = 20

// StepCall is a journey step plugin, and where the branches lead that it may choose. What cannot be asked goes on, leaves the
// journey or waits, as the call's OnFailure says.
type StepCall struct {
	PluginCall
	Branches []Branch `msgpack:"branches,omitempty"` // by name
}

// Branch is a path that a plugin may choose.
type Branch struct {
	Name string `msgpack:"n"`
	To   string `msgpack:"to"` // a shape's name or Exit
}

// The failure policies of a step, beside FailHold: go on as if it had done nothing, or leave the journey.
const (
	FailContinue FailurePolicy = "continue"
	FailExit     FailurePolicy = "exit"
)

// Action changes what is noted of a contact.
type Action struct {
	AddTags    []string `msgpack:"add,omitempty" json:",omitempty"`
	RemoveTags []string `msgpack:"remove,omitempty" json:",omitempty"`
	Set        []Field  `msgpack:"set,omitempty" json:",omitempty"` // by name
}

// Field is one of a contact's fields; an empty value takes the field away.
type Field struct {
	Name  string `msgpack:"n"`
	Value string `msgpack:"v"`
}

// ZoneField names the field of a contact that says in which time zone it lives, by its IANA name.
const ZoneField = "zone"

// Allowance is how often a contact passes a shape of a journey, in all of its runs together; who does not goes on by the
// shape's path.
type Allowance struct {
	Times  int64        `msgpack:"n"`
	Within Milliseconds `msgpack:"w,omitempty" json:",omitempty"` // 0: ever
}

// Rate is how many contacts pass a shape in a span of time, at even intervals; others wait for their turn, in order.
type Rate struct {
	Contacts int64        `msgpack:"n"`
	Every    Milliseconds `msgpack:"e"`
}

// Leave is when a contact leaves a journey wherever it stands.
type Leave struct {
	Bought       bool         `msgpack:"bought,omitempty" json:",omitempty"`       // what the run is about
	Unsubscribed bool         `msgpack:"unsubscribed,omitempty" json:",omitempty"` // from a channel that the journey sends by
	SoldOut      bool         `msgpack:"sold_out,omitempty" json:",omitempty"`     // the restock that the run is about is over
	Where        Filter       `msgpack:"where,omitempty" json:",omitzero"`         // this holds
	After        Milliseconds `msgpack:"after,omitempty" json:",omitempty"`        // it stands at one shape for so long; 0: never
}

// StepAnswer is what a journey step plugin said of one run.
type StepAnswer struct {
	Action StepAction   `msgpack:"a"`
	Delay  Milliseconds `msgpack:"for,omitempty"` // of StepDelay
	Branch string       `msgpack:"to,omitempty"`  // of StepBranch
	Vars   []Var        `msgpack:"vars,omitempty"`
	Tags   []string     `msgpack:"tags,omitempty"` // that the contact gets
}

// StepAction is what becomes of a run at a step.
type StepAction string

// The actions.
const (
	StepContinue StepAction = "continue"
	StepDelay    StepAction = "delay" // on by the shape's path, after a while
	StepBranch   StepAction = "branch"
	StepExit     StepAction = "exit"
)

// Var is a merge variable that a plugin set: it stays with the run, and templates read it as plugin.PLUGIN.NAME. Of the values
// the one that Kind names is set.
type Var struct {
	Plugin Name     `msgpack:"p"`
	Name   string   `msgpack:"n"`
	Kind   VarKind  `msgpack:"k"`
	Text   string   `msgpack:"t,omitempty"`
	Number int64    `msgpack:"i,omitempty"`
	Flag   bool     `msgpack:"b,omitempty"`
	Texts  []string `msgpack:"l,omitempty"`
}

// VarKind is what a variable's value is.
type VarKind string

// The kinds.
const (
	VarText   VarKind = "string"
	VarNumber VarKind = "int"
	VarFlag   VarKind = "bool"
	VarTexts  VarKind = "strings"
)

// MaxVars bounds the variables of a run; those that a plugin set last stay.
const MaxVars = 128

// ShapeCount is how a shape of a journey is doing; that of a journey as a whole counts its runs.
type ShapeCount struct {
	Came     int64    `msgpack:"n"`              // to the shape; into the journey
	Standing int64    `msgpack:"s"`              // there now; inside
	Ended    []Ending `msgpack:"ends,omitempty"` // a journey's runs that are over, by reason
}

// Ending is how many runs ended for a reason.
type Ending struct {
	Reason Reason `msgpack:"r"`
	N      int64  `msgpack:"n"`
}

// ShapeWord is what an operator says about a shape.
type ShapeWord string

// An operator pauses a shape: who comes stands there, in order, and nobody leaves it. Resumed, they go on. Move sends on who
// stands there, paused or not, without what the shape does.
const (
	ShapePause  ShapeWord = "pause"
	ShapeResume ShapeWord = "resume"
	ShapeMove   ShapeWord = "move"
)

// Branch is where a branch of the plugin leads.
func (c StepCall) Branch(name string) (to string, ok bool) {
	for _, b := range c.Branches {
		if b.Name == name {
			return b.To, true
		}
	}
	return "", false
}
