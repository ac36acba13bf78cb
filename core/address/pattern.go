package address

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"slices"
)

// network is a nondeterministic automaton over digits, made of regular expressions.
type network struct {
	steps []step
	marks []walkMark // room for those of the pattern that is being added
}

// thread is the step of a network that one way of reading the digits has come to.
type thread = uint16

// step reads one digit, or is the end of a pattern.
type step struct {
	place
	pattern int      // whose step it is, as told to add
	digits  uint16   // bit n: the digit n is read here; 0 at the end of the pattern
	next    []thread // where reading leads, the preferred first
}

// place is where a thread stands in a compiled pattern, and what it met on its way.
type place struct {
	instruction uint32
	captured    bool // the pattern's last group takes part
	atEnd       bool // "$" was passed: no digit may follow
}

// maxSteps bounds a network, so that a thread fits 16 bits. The patterns of the largest plan, that of +1, take 3,000.
const maxSteps = 1 << 16

var errPattern = errors.New("it has more than digits, groups and $, or is too large")

// add puts a regular expression with the syntax of package regexp into the network, and returns the threads that it begins
// with, the preferred first. Steps for anything but digits are left out: the machines read nothing else. An error means
// that the pattern asks for what a network does not know, such as a word boundary.
func (n *network) add(expr string, pattern int) ([]thread, error) {
	parsed, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("parsing pattern %q: %w", expr, err)
	}
	prog, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil, fmt.Errorf("compiling pattern %q: %w", expr, err)
	}
	w := newWalk(n, prog, pattern, parsed.MaxCap())
	unread := len(n.steps)
	start := w.from(place{instruction: uint32(prog.Start), captured: parsed.MaxCap() == 0})
	for ; unread < len(n.steps) && w.err == nil; unread++ { // reading on may add steps
		if s := n.steps[unread]; s.digits != 0 {
			s.instruction = prog.Inst[s.instruction].Out
			n.steps[unread].next = w.from(s.place)
		}
	}
	if w.err != nil {
		return nil, fmt.Errorf("reading pattern %q: %w", expr, w.err)
	}
	return start, nil
}

// walk goes through a compiled pattern and makes a step of each place where a digit is read or the pattern ends.
type walk struct {
	net     *network
	prog    *syntax.Prog
	pattern int
	opens   uint32     // the argument of the instruction that opens the last group
	marks   []walkMark // by place
	round   int32      // counts calls of from
	found   []thread   // by the call that is under way
	err     error
}

// walkMark is what a walk knows of a place.
type walkMark struct {
	round  int32 // when it was last passed
	made   bool
	thread thread
}

func newWalk(n *network, prog *syntax.Prog, pattern, groups int) *walk {
	places := 4 * len(prog.Inst)
	n.marks = slices.Grow(n.marks[:0], places)[:places]
	clear(n.marks)
	return &walk{net: n, prog: prog, pattern: pattern, opens: uint32(2 * groups), marks: n.marks}
}

func (w *walk) mark(p place) *walkMark {
	at := 4 * p.instruction
	if p.captured {
		at++
	}
	if p.atEnd {
		at += 2
	}
	return &w.marks[at]
}

// from returns the threads that are reached from a place without reading, the preferred first.
func (w *walk) from(p place) []thread {
	w.round++
	w.found = nil
	w.follow(p)
	return w.found
}

// follow passes a place and what can be reached from there, unless this round was there before: by a preferred way, then.
func (w *walk) follow(p place) {
	m := w.mark(p)
	if m.round == w.round {
		return
	}
	m.round = w.round
	if m.made {
		w.found = append(w.found, m.thread)
		return
	}
	inst, here := &w.prog.Inst[p.instruction], p
	p.instruction = inst.Out
	switch inst.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		w.follow(p)
		p.instruction = inst.Arg
		w.follow(p)
	case syntax.InstNop:
		w.follow(p)
	case syntax.InstCapture:
		p.captured = p.captured || inst.Arg == w.opens
		w.follow(p)
	case syntax.InstEmptyWidth:
		if syntax.EmptyOp(inst.Arg) != syntax.EmptyEndText {
			w.err = errPattern
		}
		p.atEnd = true
		w.follow(p)
	case syntax.InstMatch:
		w.step(m, here, 0)
	case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
		if digits := digitsOf(inst); digits != 0 && !here.atEnd {
			w.step(m, here, digits)
		}
	case syntax.InstFail:
	}
}

// step makes the step of a place where digits are read or, with none, the pattern ends.
func (w *walk) step(m *walkMark, p place, digits uint16) {
	if len(w.net.steps) == maxSteps {
		w.err = errPattern
		return
	}
	m.made, m.thread = true, thread(len(w.net.steps))
	w.net.steps = append(w.net.steps, step{place: p, pattern: w.pattern, digits: digits})
	w.found = append(w.found, m.thread)
}

func digitsOf(inst *syntax.Inst) (digits uint16) {
	for d := range 10 {
		if inst.MatchRune(rune('0' + d)) {
			digits |= 1 << d
		}
	}
	return digits
}
