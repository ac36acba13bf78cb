package address

import (
	"regexp"
	"strconv"
	"testing"
)

// endingPatterns have what the metadata's patterns for prefixes have: preferences, groups, optional parts and "$".
var endingPatterns = []string{
	`0`, `0|12`, `[02]`, `0|10?`, `10|1`, `1|10`, `01?`, `01??`, `(?:0|10)(?:(1[12])(\d{2,3}))?`, `0?(?:(11|2(?:0|[12]2))12)?`,
	`([12]\d{2})$|1`, `(1[02])|0`, `(000[12]\d{1,2})$|(?:(?:002)0?)|0`, `0(8(?:[12]|1\d))?`, `(0)|(1)`, `0$`, `()`, `NA`, `0(?:NA)?`,
	`(?:1(2))?1?`, `1(0)?$|10`,
}

func TestPrefixIsThatOfRegexp(t *testing.T) {
	for _, pattern := range endingPatterns {
		p, n := newPool(), &network{}
		threads, err := n.add(pattern, 0)
		if err != nil {
			t.Fatal(err)
		}
		start := p.prefixing(n).start(threads)
		expr := regexp.MustCompile("^(?:" + pattern + ")")
		for digits := range wordsOf("0128", 5) {
			length, found := p.states.prefix(start, digits)
			wantLength, want := 0, ends(0)
			if at := expr.FindSubmatchIndex(digits); at != nil {
				wantLength, want = at[1], endsPlain
				if at[len(at)-2] >= 0 {
					want = endsCaptured
				}
			}
			if length != wantLength || found != want {
				t.Errorf("%s on %s ends at %d as %d, want %d as %d", pattern, digits, length, found, wantLength, want)
			}
		}
	}
}

func TestJudgingIsMatchingAsAWhole(t *testing.T) {
	for _, pattern := range append([]string{`[12]\d{2}|0(?:1|2\d{1,3})`, `(?:0[12]|1\d)2?`, `\d\d?`, ``}, endingPatterns...) {
		p, n := newPool(), &network{}
		threads, err := n.add(pattern, 0)
		if err != nil {
			t.Fatal(err)
		}
		start := p.judging(n, n.ended).start(threads)
		expr := regexp.MustCompile("^(?:" + pattern + ")$")
		for digits := range wordsOf("0128", 5) {
			if got, want := p.states.judge(start, digits) == 1, expr.Match(digits); got != want {
				t.Errorf("%s matches %s: %v, want %v", pattern, digits, got, want)
			}
		}
	}
}

// wordsOf yields all words of up to n letters.
func wordsOf(letters string, n int) func(yield func([]byte) bool) {
	return func(yield func([]byte) bool) {
		var longer func(word []byte) bool
		longer = func(word []byte) bool {
			if !yield(word) {
				return false
			}
			for i := 0; i < len(letters) && len(word) < n; i++ {
				if !longer(append(word, letters[i])) {
					return false
				}
			}
			return true
		}
		longer(nil)
	}
}

// TestStatesAreMinimal: what has the same future is the same state, whoever asks.
func TestStatesAreMinimal(t *testing.T) {
	b := rulesBuilder{pool: newPool(), prefixes: map[string]uint16{}, forms: map[string]uint16{}}
	if one, other := b.form(`0[12]|1[12]`), b.form(`[01](?:1|2)`); one != other || len(b.pool.states) != 4*len(state{}) || b.err != nil {
		t.Errorf("the same language is at %d and at %d in %d states, want one place in 4: %v", one, other, len(b.pool.states)/len(state{}), b.err)
	}
}

func TestPatternRefused(t *testing.T) {
	for _, pattern := range []string{`(`, `^0`, `0\b`, `\B1`, `(?m:1$)`, `\d*`, `0+`, `1{41}`} {
		b := rulesBuilder{pool: newPool(), prefixes: map[string]uint16{}, forms: map[string]uint16{}}
		if b.form(pattern); b.err == nil && b.pool.err == nil {
			t.Errorf("%s became a machine", pattern)
		}
	}
}

// TestLibraryDecidesWithoutRules: a plan whose metadata machines do not know stays the library's.
func TestLibraryDecidesWithoutRules(t *testing.T) {
	n := newNumbering()
	n.region("de").plan.rules = func() *rules { return nil }
	if _, ok := n.international([]byte("4915112345678")); ok {
		t.Error("the international form was read without rules")
	}
	if _, ok := n.domestic([]byte("015112345678"), "DE"); ok {
		t.Error("the national form was read without rules")
	}
}

func TestEveryPlanHasRules(t *testing.T) {
	var states int
	for code, p := range numbers().plans {
		if p == nil {
			continue
		}
		made, err := newRules(p)
		if err != nil {
			t.Error(err)
			continue
		}
		states += len(made.states) / len(state{})
		if strconv.Itoa(code) != p.code || len(made.regions) != len(p.regions) {
			t.Errorf("the plan of +%d is that of +%s and has rules for %d of %d regions", code, p.code, len(made.regions), len(p.regions))
		}
	}
	if states < 5000 || states > 20_000 {
		t.Errorf("all plans have %d states, want about 13,000 of 22 bytes", states)
	}
}

func BenchmarkRules(b *testing.B) {
	for _, region := range []string{"US", "GB", "DE"} {
		p := newNumbering().region(region).plan
		b.Run("+"+p.code, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = newRules(p)
			}
		})
	}
}
