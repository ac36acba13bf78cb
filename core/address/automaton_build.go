package address

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
)

// maxDepth bounds the digits that a machine reads, which no pattern for phone numbers comes near.
const maxDepth = MaxPhone

var errAutomaton = errors.New("building automaton: a pattern has no end, or there are more than 5,957 states")

// pool collects the states of an automaton. States with the same future are one state, so what it holds is minimal.
type pool struct {
	states automaton
	index  map[state]uint16 // where each state is
	err    error
}

func newPool() *pool {
	var dead state
	return &pool{states: dead[:], index: map[state]uint16{dead: 0}}
}

// place returns where s is in the pool.
func (p *pool) place(s state) uint16 {
	if at, ok := p.index[s]; ok {
		return at
	}
	if len(p.states)+len(s) > math.MaxUint16 {
		p.err = errAutomaton
		return 0
	}
	at := uint16(len(p.states))
	p.states = append(p.states, s[:]...)
	p.index[s] = at
	return at
}

// machine makes a network deterministic: a state of the machine is the threads that could be alive after the same digits.
type machine struct {
	net    *network
	pool   *pool
	settle func([]thread) []thread // the one form of threads that mean the same
	answer func([]thread) uint16   // what holds when the digits end here
	known  map[string]uint16       // the bytes of threads to the state
	ahead  [maxDepth + 1][]thread  // by depth: the threads of the state that is being made there
	key    []byte                  // of the threads that are being looked up
}

// judging returns a machine that answers for whole numbers.
func (p *pool) judging(n *network, answer func([]thread) uint16) *machine {
	return &machine{net: n, pool: p, settle: sorted, answer: answer, known: map[string]uint16{}}
}

func sorted(threads []thread) []thread {
	slices.Sort(threads)
	return slices.Compact(threads)
}

// prefixing returns a machine that looks for a prefix as the regular expression in n does. Its answers are ends.
func (p *pool) prefixing(n *network) *machine {
	return &machine{net: n, pool: p, settle: n.preferred, answer: n.ends, known: map[string]uint16{}}
}

// preferred leaves the order of threads, which is the order of preference, and drops what nothing can come of: a thread that
// stands there twice, and everything after one that has come to its end.
func (n *network) preferred(threads []thread) []thread {
	kept := threads[:0]
	for _, t := range threads {
		if slices.Contains(kept, t) {
			continue
		}
		kept = append(kept, t)
		if s := &n.steps[t]; s.digits == 0 && !s.atEnd {
			break
		}
	}
	return kept
}

// ended answers 1 if one of the threads has come to the end of its pattern.
func (n *network) ended(threads []thread) uint16 {
	for _, t := range threads {
		if n.steps[t].digits == 0 {
			return 1
		}
	}
	return 0
}

// ends says which prefixes end at threads that are in order of preference.
func (n *network) ends(threads []thread) uint16 {
	var here, last ends
	for _, t := range threads {
		s := &n.steps[t]
		if s.digits != 0 {
			continue
		}
		found := endsPlain
		if s.captured {
			found = endsCaptured
		}
		if last == 0 {
			last = found
		}
		if !s.atEnd {
			here = found // the last of preferred threads
		}
	}
	return uint16(here | last<<2)
}

// start makes the states for a network that begins with threads, and returns the first.
func (m *machine) start(threads []thread) uint16 {
	m.ahead[0] = threads
	return m.state(0)
}

// state returns the state for the threads ahead at depth, and puts it and all that follow it into the pool.
func (m *machine) state(depth int) uint16 {
	threads := m.settle(m.ahead[depth])
	if len(threads) == 0 {
		return 0
	}
	m.key = appendKey(m.key[:0], threads)
	if at, ok := m.known[string(m.key)]; ok {
		return at
	}
	if depth == maxDepth {
		m.pool.err = errAutomaton
	}
	if m.pool.err != nil {
		return 0
	}
	key := string(m.key)
	s := state{answer: m.answer(threads)}
	for _, digits := range m.branches(threads) {
		m.ahead[depth+1] = m.read(m.ahead[depth+1][:0], threads, digits)
		to := m.state(depth + 1)
		for d := range answer {
			if digits>>d&1 == 1 {
				s[d] = to
			}
		}
	}
	at := m.pool.place(s)
	m.known[key] = at
	return at
}

// branches divides the ten digits (bit n for n) into sets that each thread reads as a whole or not at all: the digits of a set
// lead to the same state.
func (m *machine) branches(threads []thread) []uint16 {
	sets := make([]uint16, 1, 10)
	sets[0] = 1<<10 - 1
	for _, t := range threads {
		digits := m.net.steps[t].digits
		for i, set := range sets {
			if in, out := set&digits, set&^digits; in != 0 && out != 0 {
				sets[i] = in
				sets = append(sets, out)
			}
		}
	}
	return sets
}

// read appends the threads that are alive after any of digits, which the threads do not tell apart.
func (m *machine) read(next, threads []thread, digits uint16) []thread {
	for _, t := range threads {
		if s := &m.net.steps[t]; s.digits&digits != 0 {
			next = append(next, s.next...)
		}
	}
	return next
}

func appendKey(key []byte, threads []thread) []byte {
	for _, t := range threads {
		key = binary.LittleEndian.AppendUint16(key, t)
	}
	return key
}
