package hook

import (
	"errors"
	"fmt"
	"slices"

	"restock/core"
	"restock/core/pack"
)

// StepAnswer is what a step says about one contact's case. Variables and tags go with every action.
type StepAnswer struct {
	Action Action
	Delay  core.Milliseconds // from now, MinDelay to MaxDelay; of ActionDelay only
	Branch string            // one of the manifest's; of ActionBranch only
	Reason string            // the plugin's own words, for people; at most MaxReason bytes of UTF-8, as Line
	// Vars are merge variables: only those that the manifest's Sets declare, as string, int64, bool or []string by their
	// types. nil when none are set.
	Vars map[string]any
	Tags []string // that the contact gets: at most MaxTags different ones of 1 to MaxTag bytes, in the plugin's order
}

// Action is what becomes of a contact at a step.
type Action string

// The actions.
const (
	ActionContinue Action = "continue" // on to the next shape, at once
	ActionDelay    Action = "delay"    // on to the next shape, after a while
	ActionBranch   Action = "branch"   // on by a path of the plugin's choice
	ActionExit     Action = "exit"     // out of the journey
)

// The bounds of a step's answer, in bytes where nothing else is said.
const (
	MaxStepAnswer = 16 << 10
	MaxStepDepth  = 16      // containers within each other, counting the answer itself
	MaxVar        = 1 << 10 // a text of a variable; a list holds at most MaxFields of them
	MaxTags       = 16      // in number
	MaxTag        = 64

	// What a plugin may ask for is what a journey's own delay may be.
	MinDelay = core.Second
	MaxDelay = 366 * core.Day
)

// DecodeStep reads a step's output, a msgpack map:
//
//	a       the Action; the only key that must be there
//	for     the delay in ms; with a: delay, and there it must be
//	to      the branch; with a: branch, and there it must be
//	reason  text
//	vars    map of a variable's key to its value
//	tags    array of texts
//
// Keys that it does not know are ignored, as deep as MaxStepDepth: a newer SDK may add some. Anything else, beside, behind or
// beyond the bounds is an error, and nothing of the answer holds.
func (m Manifest) DecodeStep(out []byte) (StepAnswer, error) {
	if err := checkSize(out, MaxStepAnswer); err != nil {
		return StepAnswer{}, err
	}
	d := stepDecoder{r: pack.NewReader(out), manifest: &m}
	if err := d.answer(); err != nil {
		return StepAnswer{}, fmt.Errorf("decoding answer: %w: it %w; want {a: continue | delay | branch | exit, …}", ErrAnswer, err)
	}
	return d.a, nil
}

type stepDecoder struct {
	r         *pack.Reader
	manifest  *Manifest
	a         StepAnswer
	seen      []string // keys so far; few
	timed, to bool     // for and to were there
}

// maxKey is the longest key of an answer, in bytes; there are at most MaxFields.
const maxKey = 64

func (d *stepDecoder) answer() error {
	for n := d.r.Keys(MaxFields); n > 0 && d.r.Err() == nil; n-- {
		key := d.r.Text(maxKey)
		if slices.Contains(d.seen, key) {
			d.r.Fail(fmt.Errorf("says %q twice", key))
		}
		d.seen = append(d.seen, key)
		d.value(key)
	}
	if err := d.r.End(); err != nil {
		return err
	}
	return d.fits()
}

func (d *stepDecoder) value(key string) {
	switch key {
	case "a":
		d.a.Action = Action(d.r.Text(maxKey))
	case "for":
		d.a.Delay, d.timed = core.Milliseconds(d.r.Int()), true
	case "to":
		d.a.Branch, d.to = d.r.Text(maxKey), true
	case "reason":
		d.a.Reason = Line(d.r.Text(MaxReason))
	case "vars":
		d.vars()
	case "tags":
		d.tags()
	default:
		d.r.Skip(MaxStepDepth - 1)
	}
}

// vars reads variables, each by the type that the manifest declares.
func (d *stepDecoder) vars() {
	for n := d.r.Keys(MaxFields); n > 0 && d.r.Err() == nil; n-- {
		key := d.r.Text(maxKey)
		i := slices.IndexFunc(d.manifest.Sets, func(f Field) bool { return f.Path == key })
		_, twice := d.a.Vars[key]
		switch {
		case d.r.Err() != nil:
			return
		case i < 0:
			d.r.Fail(fmt.Errorf("sets %q, which the manifest does not declare; add it to sets", key))
			return
		case twice:
			d.r.Fail(fmt.Errorf("sets %q twice", key))
			return
		case d.a.Vars == nil:
			d.a.Vars = map[string]any{}
		}
		d.a.Vars[key] = readValue(d.r, d.manifest.Sets[i].Type)
	}
}

// readValue reads a value of one of keyTypes.
func readValue(r *pack.Reader, t Type) any {
	switch t {
	case Int:
		return r.Int()
	case Bool:
		return r.Bool()
	case Strings:
		return readTexts(r, MaxFields, MaxVar)
	}
	return r.Text(MaxVar)
}

func (d *stepDecoder) tags() {
	d.a.Tags = readTexts(d.r, MaxTags, MaxTag)
	for i, tag := range d.a.Tags {
		switch {
		case d.r.Err() != nil:
			return
		case tag == "":
			d.r.Fail(errors.New("holds an empty tag"))
		case slices.Index(d.a.Tags, tag) != i:
			d.r.Fail(fmt.Errorf("holds the tag %q twice", tag))
		}
	}
}

// fits holds the action against what came with it.
func (d *stepDecoder) fits() error {
	a := &d.a
	switch a.Action {
	case ActionContinue, ActionDelay, ActionBranch, ActionExit:
	case "":
		return errors.New("has no action a")
	default:
		return fmt.Errorf("has the action %q; there are: %s, %s, %s, %s", a.Action, ActionContinue, ActionDelay, ActionBranch, ActionExit)
	}
	if d.timed != (a.Action == ActionDelay) {
		return fmt.Errorf("has the action %s; for belongs to %s, and only there", a.Action, ActionDelay)
	}
	if d.to != (a.Action == ActionBranch) {
		return fmt.Errorf("has the action %s; to belongs to %s, and only there", a.Action, ActionBranch)
	}
	if d.timed && (a.Delay < MinDelay || a.Delay > MaxDelay) {
		return fmt.Errorf("wants to wait for %d ms; the limits are %d and %d", a.Delay, MinDelay, MaxDelay)
	}
	if d.to && !slices.Contains(d.manifest.Branches, a.Branch) {
		return fmt.Errorf("goes to %q, which the manifest does not declare; add it to branches", a.Branch)
	}
	return nil
}
