// Package sourcetest is what every source.Adapter must pass: Run over deliveries in the platform's own shapes.
//
// The cases are the platform's; what is asked of them is the same for all. A suite that does not cover the traps that
// shops really set (ids beyond 2^53, stock that is null, stock that is zero, topics that are none of ours) fails for
// that alone. Problems are named, so that a new platform's author can read what is missing.
package sourcetest

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"restock/core"
	"restock/core/source"
)

// Case is one delivery and what an adapter must make of it: facts, ErrUnhandled, or a PayloadError for BadField.
type Case struct {
	Name      string
	Source    core.Source
	Delivery  core.Delivery
	Want      core.Facts // when neither of the next two is set
	Unhandled bool       // the topic is none of ours
	BadField  string     // the field that the PayloadError names; source.Body for the whole
	Strict    bool       // the payload's shape is ours: a field that nobody knows is refused by its name
}

// good cases are those that must be read; they are also rewritten and broken in every way that the suite knows.
func (c Case) good() bool { return !c.Unhandled && c.BadField == "" }

// Run checks the adapter with each case, each in a subtest, and the cases for what they cover.
func Run(t *testing.T, a source.Adapter, cases []Case) {
	t.Helper()
	for _, p := range Uncovered(cases) {
		t.Error(p)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			for _, p := range Problems(a, c) {
				t.Error(p)
			}
		})
	}
}

// Problems is what is wrong with how the adapter reads the case; empty when nothing is.
func Problems(a source.Adapter, c Case) []string {
	checks := []func(source.Adapter, Case) []string{answers, isPure, dedupes}
	if c.good() {
		checks = append(checks, hasSoundFacts, readsAnySpelling, survivesGarbage)
	}
	var problems []string
	for _, check := range checks {
		problems = append(problems, check(a, c)...)
	}
	return problems
}

// Uncovered is which traps no case sets.
func Uncovered(cases []Case) []string {
	var unhandled, bad, null, zero, big bool
	for _, c := range cases {
		unhandled = unhandled || c.Unhandled
		bad = bad || c.BadField != "" && c.BadField != source.Body
		for _, q := range quantities(c.Want) {
			null = null || !q.Tracked
			zero = zero || q == core.Quantity{Tracked: true}
		}
		big = big || slices.ContainsFunc(ids(c.Want), beyondFloat)
	}
	var problems []string
	for _, trap := range []struct {
		set  bool
		name string
	}{
		{unhandled, "a topic that is not handled"},
		{bad, "a bad field"},
		{null, "stock that is not tracked"},
		{zero, "tracked stock of zero"},
		{big, "an id that no float64 holds (odd, beyond 2^53)"},
	} {
		if !trap.set {
			problems = append(problems, "no case has "+trap.name)
		}
	}
	return problems
}

// answers compares facts and error with what the case wants. Facts beside an error are a fault even if nobody looks at
// them today: a payload is read as a whole or not at all.
func answers(a source.Adapter, c Case) []string {
	got, err := facts(a, c.Source, copied(c.Delivery))
	var bad *source.PayloadError
	switch {
	case c.Unhandled && !errors.Is(err, source.ErrUnhandled):
		return problem("Facts = %v; want ErrUnhandled", err)
	case c.BadField != "" && !errors.As(err, &bad):
		return problem("Facts = %v; want a *PayloadError about %s", err, c.BadField)
	case c.BadField != "" && (bad.Field != c.BadField || bad.Want == ""):
		return problem("the PayloadError is %q; want the field %s and what was expected there", err, c.BadField)
	case c.good() && err != nil:
		return problem("Facts = %v; want facts", err)
	case err != nil && !reflect.DeepEqual(got, core.Facts{}):
		return problem("Facts are %+v together with an error", got)
	case c.good() && !same(got, c.Want):
		return problem("Facts =\n%s\nwant\n%s", show(got), show(c.Want))
	}
	return nil
}

// isPure reads the delivery twice, and then destroys its body: what it says may change neither time, and the delivery
// may not change at all.
func isPure(a source.Adapter, c Case) []string {
	d, before := copied(c.Delivery), copied(c.Delivery)
	first, err1 := facts(a, c.Source, d)
	second, err2 := facts(a, c.Source, d)
	if !reflect.DeepEqual(d, before) {
		return problem("reading changes the delivery")
	}
	if !reflect.DeepEqual(first, second) || fmt.Sprint(err1) != fmt.Sprint(err2) {
		return problem("the same delivery read twice gives\n%s %v\nand\n%s %v", show(first), err1, show(second), err2)
	}
	text := show(first)
	for i := range d.Body {
		d.Body[i] = '#'
	}
	if show(first) != text {
		return problem("the facts live in the memory of the body")
	}
	return nil
}

// dedupes checks that a repetition is called the same whenever and wherever it arrives.
func dedupes(a source.Adapter, c Case) []string {
	first, late := copied(c.Delivery), copied(c.Delivery)
	late.ReceivedAt += core.Time(core.Hour)
	slices.Reverse(late.Headers)
	switch key := a.Dedupe(first); {
	case key != a.Dedupe(late):
		return problem("Dedupe = %q, and %q an hour later with its headers in another order", key, a.Dedupe(late))
	case key == "" && c.good():
		return problem("Dedupe is empty; want the topic at least")
	}
	for i := range late.Headers {
		late.Headers[i].Value = string(bytes.Repeat([]byte("x"), 100_000))
	}
	if n := len(a.Dedupe(late)); n > maxDedupe {
		return problem("Dedupe of endless headers has %d bytes; want at most %d", n, maxDedupe)
	}
	return nil
}

// maxDedupe bounds what identifies a delivery, in bytes; it becomes part of a key.
const maxDedupe = 1024

// facts calls the adapter; a panic becomes an error that nobody asks for.
func facts(a source.Adapter, src core.Source, d core.Delivery) (got core.Facts, err error) {
	defer func() {
		if p := recover(); p != nil {
			got, err = core.Facts{}, fmt.Errorf("reading delivery: Facts panicked: %v", p)
		}
	}()
	return a.Facts(src, d)
}

func copied(d core.Delivery) core.Delivery {
	d.Body, d.Headers = bytes.Clone(d.Body), slices.Clone(d.Headers)
	return d
}

func problem(format string, args ...any) []string { return []string{fmt.Sprintf(format, args...)} }
