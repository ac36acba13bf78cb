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

	Purpose Purpose      `msgpack:"purpose,omitempty" json:",omitempty"` // of its messages; "": StockAlert
	Gates   []PluginCall `msgpack:"gates,omitempty" json:",omitempty"`   // conditions that are asked before each of its messages
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

// The kinds of shape so far.
const (
	ShapeEmail     ShapeKind = "email"
	ShapeSMS       ShapeKind = "sms"
	ShapePush      ShapeKind = "push"
	ShapeWebhook   ShapeKind = "webhook"
	ShapeDelay     ShapeKind = "delay"
	ShapeCondition ShapeKind = "condition"
)

// Exit, as a path's target, is the end of the journey.
const Exit = "exit"

// Shape is a node of a journey's definition. Of Email, Send (for SMS, push and webhook), Delay and Condition the one that Kind
// names is set.
type Shape struct {
	Name      string       `msgpack:"name"` // unique in its journey
	Kind      ShapeKind    `msgpack:"kind"`
	Next      string       `msgpack:"next"` // the path on; a shape's name or Exit
	No        string       `msgpack:"no"`   // condition: the path when it does not hold; a shape's name or Exit
	Email     *EmailShape  `msgpack:"email,omitempty"`
	Send      *SendShape   `msgpack:"send,omitempty" json:",omitempty"`
	Delay     Milliseconds `msgpack:"delay,omitempty"`
	Condition *PluginCall  `msgpack:"condition,omitempty"`
}

// EmailShape sends an e-mail.
type EmailShape struct {
	Sender   Name `msgpack:"sender"`
	Template Hash `msgpack:"template"`
	// Reminder: it goes to those alone who were told and did not buy since, while there is still something to buy.
	Reminder bool `msgpack:"reminder,omitempty"`
}

// SendShape sends an SMS, a push or a webhook.
type SendShape struct {
	Sender   Name `msgpack:"sender"`
	Template Hash `msgpack:"template"` // of an SMS its Text, of a push its Subject and Text; a webhook has none
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
	Due     Time      `msgpack:"due,omitempty"`    // in a delay: when it goes on
	Steps   []Step    `msgpack:"steps"`            // what it did, oldest first, at most MaxSteps and a closing one
	Visits  []Visit   `msgpack:"visits,omitempty"` // of shapes that send, in the order they were first visited
	Ask     *WorkID   `msgpack:"ask,omitempty"`    // while it asks: its place among those who do
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

// A run that is not over stands in a delay or waits for a plugin's verdict.
const (
	RunDelayed RunAt = "delayed"
	RunAsking  RunAt = "asking"
	RunOver    RunAt = "over"
)

// Step is one executed shape of a run.
type Step struct {
	Shape  string `msgpack:"s"`
	At     Time   `msgpack:"at"`
	Reason Reason `msgpack:"r"`
	Detail string `msgpack:"d,omitempty"` // a plugin's own words, a time, a ledger key
	Tries  int    `msgpack:"n,omitempty"` // how often a condition failed here in a row
}
