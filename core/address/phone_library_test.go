package address

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

// phoneNumbers may be set to more: go test ./core/address -run TestPhoneRandomNumbers -v -phone.numbers 10000000
var phoneNumbers = flag.Int("phone.numbers", 1_000_000, "how many numbers TestPhoneRandomNumbers reads, a twentieth with the race detector")

// tally counts what was compared with the library.
type tally struct{ numbers, decided, valid, different atomic.Int64 }

func (c *tally) String() string {
	n, d := c.numbers.Load(), c.decided.Load()
	return fmt.Sprintf("%d numbers, %d (%.2f %%) decided by rules, of those %d valid; %d differ from the library", n, d, 100*float64(d)/float64(n), c.valid.Load(), c.different.Load())
}

// compare reads a number by rules; what they decide must be what the library says.
func (c *tally) compare(t testing.TB, s, region string) {
	t.Helper()
	s = strings.TrimSpace(s)
	c.numbers.Add(1)
	e164, country, reason, ok := readPhone(s, region)
	if !ok {
		return
	}
	c.decided.Add(1)
	if reason == "" {
		c.valid.Add(1)
	}
	wantE164, wantCountry, wantReason := askLibrary(s, region)
	if e164 == wantE164 && country == wantCountry && reason == wantReason {
		return
	}
	if c.different.Add(1) <= 20 {
		t.Errorf("Phone(%q, %q): rules say %q, %q, %q; the library says %q, %q, %q", s, region, e164, country, reason, wantE164, wantCountry, wantReason)
	}
}

// example is a number that the library gives as an example of a kind.
type example struct{ region, code, national string }

// examples returns those of all regions and kinds, and of the plans without country.
func examples(t testing.TB) (all []example) {
	t.Helper()
	collection, err := phonenumbers.MetadataCollection()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range collection.GetMetadata() {
		kinds := append(kindsOf(m), m.GetMobile(), m.GetGeneralDesc(), m.GetNoInternationalDialling())
		for _, d := range kinds {
			if n := d.GetExampleNumber(); n != "" {
				all = append(all, example{region: m.GetId(), code: fmt.Sprint(m.GetCountryCode()), national: n})
			}
		}
	}
	if len(all) < 1000 {
		t.Fatalf("the library has %d examples only", len(all))
	}
	return all
}

func TestPhoneExamples(t *testing.T) {
	var count tally
	formats := []phonenumbers.PhoneNumberFormat{phonenumbers.E164, phonenumbers.INTERNATIONAL, phonenumbers.NATIONAL}
	for _, e := range examples(t) {
		number, err := phonenumbers.Parse("+"+e.code+e.national, "")
		if err != nil {
			t.Fatal(err)
		}
		spellings := []string{e.national, e.code + e.national, "00" + e.code + e.national}
		for _, f := range formats {
			spellings = append(spellings, phonenumbers.Format(number, f))
		}
		for _, s := range spellings {
			regions := []string{strings.ToLower(e.region), "", e.region, "US", "DE", "IT"}
			if raceDetector {
				regions = regions[:2]
			}
			for _, region := range regions {
				count.compare(t, s, region)
			}
		}
	}
	t.Log(count.String())
}

// TestPhoneShareOfRules tells when the library decides again on what the rules are for: usual spellings of valid numbers.
func TestPhoneShareOfRules(t *testing.T) {
	var usual, decided int
	for _, e := range examples(t) {
		number, err := phonenumbers.Parse("+"+e.code+e.national, "")
		if err != nil || !phonenumbers.IsValidNumber(number) || e.region == "001" {
			continue
		}
		for _, f := range []phonenumbers.PhoneNumberFormat{phonenumbers.E164, phonenumbers.INTERNATIONAL, phonenumbers.NATIONAL} {
			usual++
			if _, _, _, ok := readPhone(phonenumbers.Format(number, f), e.region); ok {
				decided++
			}
		}
	}
	t.Logf("rules decide %d of %d", decided, usual)
	if 100*decided < 99*usual {
		t.Errorf("rules decide %d of %d usual spellings of valid numbers, want 99 %%", decided, usual)
	}
}

// TestPhoneTransitions goes with every digit through every state of every plan, to every answer that is near. So what the
// library refuses or accepts is compared once for each decision that the machines can take.
func TestPhoneTransitions(t *testing.T) {
	var count tally
	var plans []func()
	for _, p := range numbers().plans {
		if p != nil {
			plans = append(plans, func() { compareTransitions(t, p, &count) })
		}
	}
	together(plans)
	t.Log(count.String())
}

func compareTransitions(t *testing.T, p *plan, count *tally) {
	made, err := newRules(p)
	if err != nil {
		t.Error(err)
		return
	}
	for at, word := range made.states.words(made.numbers) {
		for _, s := range made.states.probes(at) {
			count.compare(t, "+"+p.code+word+s, "")
		}
	}
	for _, r := range p.regions {
		by := made.regions[r.place]
		rest := r.meta.GetGeneralDesc().GetExampleNumber() + r.meta.GetFixedLine().GetExampleNumber()
		for _, start := range []uint16{by.abroad, by.trunk, by.national} {
			for _, word := range made.states.words(start) {
				for d := range 10 {
					count.compare(t, fmt.Sprint(word, d), r.name)
					count.compare(t, fmt.Sprint(word, d, rest), r.name)
				}
			}
		}
	}
}

func (a automaton) state(at uint16) []uint16 { return a[at:][:len(state{})] }

// words returns the shortest digits that lead from start to each state, but only a part of the states with the race detector.
func (a automaton) words(start uint16) map[uint16]string {
	words := map[uint16]string{start: ""}
	for line := []uint16{start}; len(line) > 0; line = line[1:] {
		for d, to := range a.state(line[0])[:answer] {
			if _, known := words[to]; !known && to != 0 {
				words[to] = words[line[0]] + fmt.Sprint(d)
				line = append(line, to)
			}
		}
	}
	if raceDetector {
		for at := range words {
			if at%31 != 0 {
				delete(words, at)
			}
		}
	}
	return words
}

// probes returns digits that tell whether the ways from a state lead where they should: each digit, followed by each ending that
// leads to an answer after one of the digits.
func (a automaton) probes(at uint16) (probes []string) {
	endings := map[string]bool{"": true}
	for _, to := range a.state(at)[:answer] {
		if to != 0 {
			endings[a.ending(to)] = true
		}
	}
	probes = append(probes, "")
	for d := range 10 {
		for e := range endings {
			probes = append(probes, fmt.Sprint(d, e))
		}
	}
	return probes
}

// ending returns the shortest digits that lead from a state to an answer.
func (a automaton) ending(at uint16) string {
	endings := map[uint16]string{at: ""}
	for line := []uint16{at}; len(line) > 0; line = line[1:] {
		if a[line[0]+answer] != 0 {
			return endings[line[0]]
		}
		for d, to := range a.state(line[0])[:answer] {
			if _, known := endings[to]; !known && to != 0 {
				endings[to] = endings[line[0]] + fmt.Sprint(d)
				line = append(line, to)
			}
		}
	}
	return ""
}

// TestPhoneRandomNumbers compares numbers that are nearly right, valid ones in odd spellings, and noise.
func TestPhoneRandomNumbers(t *testing.T) {
	const chunk = 5000 // numbers by one seed
	total := *phoneNumbers
	if raceDetector {
		total /= 20
	}
	all := examples(t)
	var count tally
	var chunks []func()
	for seed := range (total + chunk - 1) / chunk {
		chunks = append(chunks, func() {
			r := random{rand.New(rand.NewPCG(1, uint64(seed))), all}
			for range chunk {
				s, region := r.dialled()
				count.compare(t, s, region)
			}
		})
	}
	together(chunks)
	t.Log(count.String())
}

// together runs jobs on all processors.
func together(jobs []func()) {
	var next atomic.Int64
	var running sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		running.Go(func() {
			for i := next.Add(1) - 1; int(i) < len(jobs); i = next.Add(1) - 1 {
				jobs[i]()
			}
		})
	}
	running.Wait()
}

// random makes numbers; what it makes depends on its seed only.
type random struct {
	*rand.Rand
	examples []example
}

// dialled returns a number as somebody may type it, and the region where they are.
func (r random) dialled() (s, region string) {
	e := r.examples[r.IntN(len(r.examples))]
	digits := e.national
	switch r.IntN(8) {
	case 0: // valid
	case 1:
		digits = r.digits(r.IntN(19))
	case 2:
		digits = r.digits(len(digits))
	case 3, 4:
		digits = r.walk(e.code, digits)
	default:
		digits = r.mutated(digits)
	}
	s = r.prefix(e) + digits
	if r.IntN(4) > 0 {
		s = r.spelled(s)
	}
	if region = e.region; r.IntN(8) == 0 {
		region = r.examples[r.IntN(len(r.examples))].region
	}
	return s, region
}

// prefix returns what may stand before a national number.
func (r random) prefix(e example) string {
	switch r.IntN(8) {
	case 0, 1:
		return "+" + e.code
	case 2:
		return "00" + e.code
	case 3:
		return e.code
	case 4, 5:
		return []string{"0", "1", "8", "06", "0" + r.digits(2), "011" + e.code, "810" + e.code, "+" + e.code + "0", e.code + "0"}[r.IntN(9)]
	}
	return ""
}

func (r random) digits(n int) string {
	digits := make([]byte, n)
	for i := range digits {
		digits[i] = byte('0' + r.IntN(10))
	}
	return string(digits)
}

// mutated returns digits after one to three slips.
func (r random) mutated(digits string) string {
	b := []byte(digits)
	for range 1 + r.IntN(3) {
		at := r.IntN(len(b) + 1)
		switch {
		case r.IntN(4) == 0 || at == len(b):
			b = append(b[:at], append([]byte{byte('0' + r.IntN(10))}, b[at:]...)...)
		case r.IntN(4) == 0:
			b = append(b[:at], b[at+1:]...)
		default:
			b[at] = byte('0' + r.IntN(10))
		}
	}
	return string(b)
}

// walk returns digits that some region of a plan may accept: it goes where an answer is still possible. Plans without country have
// no rules; for them it returns the digits given.
func (r random) walk(code, otherwise string) string {
	var p *plan
	for _, known := range numbers().plans {
		if known != nil && known.code == code {
			p = known
		}
	}
	if p == nil {
		return otherwise
	}
	made := p.rules()
	var digits []byte
	for at := made.numbers; ; {
		next := made.states.state(at)
		if next[answer] != 0 && r.IntN(2) == 0 || [answer]uint16(next) == [answer]uint16{} {
			return string(digits)
		}
		for d := r.IntN(10); ; d = (d + 1) % 10 {
			if next[d] != 0 {
				digits, at = append(digits, byte('0'+d)), next[d]
				break
			}
		}
	}
}

// spelled puts characters between digits; most of them are usual.
func (r random) spelled(s string) string {
	usual := []string{" ", " ", " ", "-", "-", ".", "/", "(", ")", " (", ") ", "(0)"}
	odd := []string{"+", "  ", "\t", "\u00a0", "\u2013", "x", "#", "*", ",", "٣", "ext 1", "--"}
	var b strings.Builder
	for i := range len(s) {
		switch {
		case r.IntN(6) == 0:
			b.WriteString(usual[r.IntN(len(usual))])
		case r.IntN(400) == 0:
			b.WriteString(odd[r.IntN(len(odd))])
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func FuzzPhoneAutomaton(f *testing.F) {
	for i, e := range examples(f) {
		switch i % 4 {
		case 0:
			f.Add("+"+e.code+e.national, "")
		case 1:
			f.Add("0"+e.national, e.region)
		case 2:
			f.Add("00"+e.code+e.national, e.region)
		default:
			f.Add(e.code+" "+e.national, e.region)
		}
	}
	f.Fuzz(func(t *testing.T, s, region string) {
		var count tally
		count.compare(t, s, region)
	})
}

// TestPhoneConcurrently makes rules and reads them at the same time; the race detector looks on.
func TestPhoneConcurrently(t *testing.T) {
	n := newNumbering()
	var readers sync.WaitGroup
	for range 8 {
		readers.Go(func() {
			for _, region := range []string{"US", "DE", "GB", "VA"} {
				if call, ok := n.domestic([]byte("2127365000"), region); ok {
					call.decide()
				}
			}
			call, ok := n.international([]byte("4915112345678"))
			if e164, country, _, _ := call.decide(); !ok || e164 != "+4915112345678" || country != "DE" {
				t.Errorf("+49 151 12345678 is %q, %q", e164, country)
			}
		})
	}
	readers.Wait()
}
