package address

// automaton is a pool of deterministic states over the digits '0' to '9' that several machines share: a machine is the place of
// its first state. State 0 is dead. An automaton is never written to once built, so any goroutine may run it.
//
// The states lie one after the other, and a place is where a state begins: so following a digit is an addition and a load.
type automaton []uint16

// state says at n where digit n leads, and behind those what holds if the digits end here: 0 is no, what else there is, is the
// machine's own, an answer of a plan or ends.
type state [11]uint16

// answer is where a state has its answer.
const answer = 10

// Answers of the machine that judges the national numbers of a plan.
const (
	answerNone    uint16 = iota // nobody's number
	answerPremium               // somebody's, at the caller's great expense
	answerRegion                // valid in the plan's first region; the other regions follow
)

// ends is the answer of a machine that looks for a prefix: whether one ends here though digits follow (the lower two bits),
// and whether one ends here if none do (the upper two bits), which a "$" in its pattern makes another question.
type ends uint16

const (
	endsPlain    ends = 1 // a prefix ends here
	endsCaptured ends = 2 // one that the pattern's last group took part in
)

// judge returns the answer of the machine at start for digits as a whole.
func (a automaton) judge(start uint16, digits []byte) uint16 {
	at := start
	for _, d := range digits {
		if at = a[at+uint16(d-'0')]; at == 0 {
			return 0
		}
	}
	return a[at+answer]
}

// prefix returns how many of the first digits the machine's regular expression matches, with its preferences among several
// lengths. found is 0 if it does not match there at all.
func (a automaton) prefix(start uint16, digits []byte) (length int, found ends) {
	at := start
	for i, d := range digits {
		if here := ends(a[at+answer]) & (endsPlain | endsCaptured); here != 0 {
			length, found = i, here
		}
		if at = a[at+uint16(d-'0')]; at == 0 {
			return length, found
		}
	}
	if last := ends(a[at+answer]) >> 2; last != 0 {
		return len(digits), last
	}
	return length, found
}
