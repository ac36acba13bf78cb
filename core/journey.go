package core

// Journey is a graph of shapes that contacts enter and leave. Playbooks are journeys that came ready-made.
type Journey struct {
	Name     Name   `msgpack:"name"`
	Title    string `msgpack:"title"`
	Playbook bool   `msgpack:"playbook"`
	On       bool   `msgpack:"on"`
	Version  Hash   `msgpack:"version"` // of its definition
	Enter    Enter  `msgpack:"enter"`
	// Shapes in the order they were written; the first is where a run begins.
	Shapes []Shape `msgpack:"shapes"`

	About   string       `msgpack:"about,omitempty" json:",omitempty"`   // what it does, in its author's words; one line
	Purpose Purpose      `msgpack:"purpose,omitempty" json:",omitempty"` // of its messages; "": StockAlert
	Gates   []PluginCall `msgpack:"gates,omitempty" json:",omitempty"`   // conditions that are asked before each of its messages
	Once    bool         `msgpack:"once,omitempty" json:",omitempty"`    // a contact enters once, and never again
	Rest    Milliseconds `msgpack:"rest,omitempty" json:",omitempty"`    // since a contact entered, before it may enter again
	Alone   bool         `msgpack:"alone,omitempty" json:",omitempty"`   // who is inside does not enter beside
	Leave   *Leave       `msgpack:"leave,omitempty" json:",omitempty"`
	Number  int64        `msgpack:"n,omitempty" json:",omitempty"`      // of its version, counted from 1 on
	Paused  []string     `msgpack:"paused,omitempty" json:",omitempty"` // names of shapes; like On no part of the definition
}

// Shape returns the shape of that name.
func (j Journey) Shape(name string) (Shape, bool) {
	for _, s := range j.Shapes {
		if s.Name == name {
			return s, true
		}
	}
	return Shape{}, false
}

// Enter is when contacts enter: an activity occurs, and the filter holds.
type Enter struct {
	Occurs ActivityKind `msgpack:"occurs"`
	Where  Filter       `msgpack:"filter,omitempty"`
	// Early is the head start of who enters: so long before others Back in stock occurs to them, and who enters no other journey
	// that tells. Of several journeys the longest counts.
	Early Milliseconds `msgpack:"early,omitempty" json:",omitempty"`
	// Matches are how Where was written before there were filters. They are read, and become part of Where.
	Matches []Match `msgpack:"where,omitempty"`
}

// Match is one condition as it was written before there were filters: the field is one of the values.
type Match struct {
	Field string   `msgpack:"f"`
	Is    []string `msgpack:"is"`
}

// ShapeKind is what a shape does.
type ShapeKind string

// The kinds of shape.
const (
	ShapeEmail     ShapeKind = "email"
	ShapeSMS       ShapeKind = "sms"
	ShapePush      ShapeKind = "push"
	ShapeWebhook   ShapeKind = "webhook"
	ShapeDelay     ShapeKind = "delay"
	ShapeFilter    ShapeKind = "filter"
	ShapeCondition ShapeKind = "condition"
	ShapeSplit     ShapeKind = "split"
	ShapePlugin    ShapeKind = "plugin"
	ShapeAction    ShapeKind = "action"
	ShapeExit      ShapeKind = "exit"
)

// Exit, as a path's target, is the end of the journey.
const Exit = "exit"

// Shape is a node of a journey's definition. Of what it does, the one that Kind names is set.
type Shape struct {
	Name      string       `msgpack:"name"` // unique in its journey
	Kind      ShapeKind    `msgpack:"kind"`
	Next      string       `msgpack:"next"` // the path on; a shape's name or Exit; a split has none, nor an exit
	No        string       `msgpack:"no"`   // condition, filter: the path when it does not hold; a shape's name or Exit
	Email     *EmailShape  `msgpack:"email,omitempty"`
	Send      *SendShape   `msgpack:"send,omitempty" json:",omitempty"`
	Delay     Milliseconds `msgpack:"delay,omitempty"` // for so long, unless Until
	Condition *PluginCall  `msgpack:"condition,omitempty"`
	Until     *Until       `msgpack:"until,omitempty" json:",omitempty"`
	Filter    *FilterShape `msgpack:"filter,omitempty" json:",omitempty"`
	Split     []Share      `msgpack:"split,omitempty" json:",omitempty"`
	Plugin    *StepCall    `msgpack:"plugin,omitempty" json:",omitempty"`
	Action    *Action      `msgpack:"action,omitempty" json:",omitempty"`
	Why       string       `msgpack:"why,omitempty" json:",omitempty"` // exit: in the operator's words

	Allowance *Allowance `msgpack:"allow,omitempty" json:",omitempty"`
	Rate      *Rate      `msgpack:"rate,omitempty" json:",omitempty"`
}

// Call is the plugin that the shape asks; nil for one that asks none.
func (s Shape) Call() *PluginCall {
	if s.Plugin != nil {
		return &s.Plugin.PluginCall
	}
	return s.Condition
}

// Ways are where the shape leads, each a shape's name or Exit, in the order of its paths; one may be there twice.
func (s Shape) Ways() (to []string) {
	switch s.Kind {
	case ShapeExit:
		return nil
	case ShapeSplit:
		for _, share := range s.Split {
			to = append(to, share.To)
		}
		return to
	case ShapeFilter, ShapeCondition:
		return []string{s.Next, s.No}
	}
	to = []string{s.Next}
	if s.Plugin != nil {
		for _, b := range s.Plugin.Branches {
			to = append(to, b.To)
		}
	}
	return to
}

// EmailShape sends an e-mail.
type EmailShape struct {
	Sender   Name `msgpack:"sender"`
	Template Hash `msgpack:"template"`
	// Named is the template's name, where the journey refers to one; when that changes, so does Template.
	Named Name `msgpack:"named,omitempty" json:"-"`
	// Reminder: it goes to those alone who were told and did not buy since, while there is still something to buy.
	Reminder bool `msgpack:"reminder,omitempty"`
}

// SendShape sends an SMS, a push or a webhook.
type SendShape struct {
	Sender   Name `msgpack:"sender"`
	Template Hash `msgpack:"template"` // of an SMS its Text, of a push its Subject and Text; a webhook has none
	// Named: as of an EmailShape.
	Named Name `msgpack:"named,omitempty" json:"-"`
	// Reminder: as of an EmailShape.
	Reminder bool `msgpack:"reminder,omitempty"`
}

// Sends is what a shape sends; ok is false for one that sends nothing.
func (s Shape) Sends() (ch Channel, send SendShape, ok bool) {
	switch {
	case s.Kind == ShapeEmail && s.Email != nil:
		return Email, SendShape(*s.Email), true
	case s.Send == nil:
	case s.Kind == ShapeSMS:
		return SMS, *s.Send, true
	case s.Kind == ShapePush:
		return Push, *s.Send, true
	case s.Kind == ShapeWebhook:
		return Webhook, *s.Send, true
	}
	return "", send, false
}

// PluginCall names a plugin and what it is configured with.
type PluginCall struct {
	Plugin    Name          `msgpack:"plugin"`
	Config    []byte        `msgpack:"config,omitempty"` // msgpack map, handed to the plugin once at boot
	OnFailure FailurePolicy `msgpack:"on_failure"`
}

// FailurePolicy is what happens to a contact when a condition could not be asked.
type FailurePolicy string

// The failure policies of a condition: leave by the path of "no", go on as if it held, or wait until it can be asked.
const (
	FailSkip FailurePolicy = "skip"
	FailSend FailurePolicy = "send"
	FailHold FailurePolicy = "hold"
)

// Run is one contact's passage through a journey.
type Run struct {
	ID      RunID     `msgpack:"id"`
	Journey Name      `msgpack:"j"`
	Contact ContactID `msgpack:"c"`
	Entered Activity  `msgpack:"a"` // sticky: stays with the run to its end
	Shape   string    `msgpack:"s"` // where it stands; Exit when over
	At      RunAt     `msgpack:"x"`
	Due     Time      `msgpack:"due,omitempty"`    // when what it waits for is over: a delay, a turn, a retry, the time that a filter has
	Steps   []Step    `msgpack:"steps"`            // what it did, oldest first, at most MaxSteps and a closing one
	Visits  []Visit   `msgpack:"visits,omitempty"` // of shapes that send, in the order they were first visited
	Ask     *WorkID   `msgpack:"ask,omitempty"`    // while it asks: its place among those who do

	For     RunWait `msgpack:"for,omitempty"`    // what Due ends, where the shape alone does not say it
	Since   Time    `msgpack:"since,omitempty"`  // when it came to where it stands
	Look    Time    `msgpack:"look,omitempty"`   // when the filter that it waits for may hold without anything having happened
	Until   Time    `msgpack:"until,omitempty"`  // when it has stood there for so long that it leaves the journey
	Passed  bool    `msgpack:"passed,omitempty"` // allowance and rate of the shape let it through
	Order   WorkID  `msgpack:"order"`            // its place among those who stand there
	Version int64   `msgpack:"v,omitempty"`      // number of the journey's version by which it moved last
	Vars    []Var   `msgpack:"vars,omitempty"`   // that plugins set
	Watched bool    `msgpack:"w,omitempty"`      // it is looked at when something about its contact changes
	Wakes   Time    `msgpack:"wakes,omitempty"`  // when its timer goes off
}

// Visit is how often a run came to a shape. (No map: state has no order that is not its own.)
type Visit struct {
	Shape string `msgpack:"s"`
	N     int    `msgpack:"n"`
}

// Visited counts one more visit of the shape and returns how many there are now.
func (r *Run) Visited(shape string) int {
	for i := range r.Visits {
		if r.Visits[i].Shape == shape {
			r.Visits[i].N++
			return r.Visits[i].N
		}
	}
	r.Visits = append(r.Visits, Visit{shape, 1})
	return 1
}

// MaxSteps bounds a run's length: a graph that loops ends there with the reason too_many_steps.
const MaxSteps = 256

// RunAt is what a run does at its shape.
type RunAt string

// A run that is not over stands until a moment, waits for a plugin's verdict or for a filter to hold, or stands at a shape that
// is paused.
const (
	RunDelayed RunAt = "delayed"
	RunAsking  RunAt = "asking"
	RunWaiting RunAt = "waiting"
	RunPaused  RunAt = "paused"
	RunOver    RunAt = "over"
)

// RunWait is what a run that is delayed waits for.
type RunWait string

// At a delay the shape says it, and at a condition that failed; otherwise it is the run's turn at a shape with a rate, or the
// delay that a plugin asked for.
const (
	WaitTurn RunWait = "turn"
	WaitStep RunWait = "step"
)

// Step is one executed shape of a run.
type Step struct {
	Shape  string `msgpack:"s"`
	At     Time   `msgpack:"at"`
	Reason Reason `msgpack:"r"`
	Detail string `msgpack:"d,omitempty"` // a plugin's own words, a time, a ledger key
	Tries  int    `msgpack:"n,omitempty"` // how often a condition failed here in a row
}
