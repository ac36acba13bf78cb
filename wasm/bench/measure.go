package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"restock/core/hook"
)

// figure is what was measured of one contender, in ns per contact.
type figure struct {
	name          string
	least, median float64
}

// runner is a contender under way.
type runner struct {
	figure
	ask   func(*hook.Context) (bool, error)
	turns []float64
	next  int // the contact that is asked about next
	batch int // contacts between two looks at the clock
}

// measureAll lets the contenders take turns: each round every one has one turn, so that a slow moment of the machine
// hits all of them.
func measureAll(contenders []contender, rounds int, turn time.Duration) ([]figure, error) {
	cases := contacts()
	var runners []*runner
	for _, c := range contenders {
		ask, end, err := c.begin()
		if err != nil {
			return nil, fmt.Errorf("preparing %s: %w", c.name, err)
		}
		defer end()
		r := &runner{figure: figure{name: c.name}, ask: ask, batch: 1}
		if err := r.prove(cases); err != nil {
			return nil, err
		}
		runners = append(runners, r)
	}
	for range rounds {
		for _, r := range runners {
			if err := r.take(cases, turn); err != nil {
				return nil, err
			}
		}
	}
	return settle(runners), nil
}

// prove wants the verdicts of native Go, for each contact. It warms up as well.
func (r *runner) prove(cases []hook.Context) error {
	native, err := nativeStruct()
	if err != nil {
		return err
	}
	for i := range cases {
		want, _ := native(&cases[i])
		got, err := r.ask(&cases[i])
		if err != nil {
			return fmt.Errorf("asking %s about contact %d: %w", r.name, i, err)
		}
		if got != want {
			return fmt.Errorf("%s answers %t about contact %d, native Go %t", r.name, got, i, want)
		}
	}
	return nil
}

// take is one turn.
func (r *runner) take(cases []hook.Context, turn time.Duration) error {
	asked, began := 0, time.Now()
	for time.Since(began) < turn {
		for range r.batch {
			if _, err := r.ask(&cases[r.next]); err != nil {
				return fmt.Errorf("asking %s: %w", r.name, err)
			}
			r.next = (r.next + 1) % len(cases)
		}
		asked += r.batch
		if asked < 1000*r.batch && time.Since(began) < turn/1000 {
			r.batch *= 2 // until looking at the clock no longer counts
		}
	}
	r.turns = append(r.turns, float64(time.Since(began).Nanoseconds())/float64(asked))
	return nil
}

func settle(runners []*runner) []figure {
	var all []figure
	for _, r := range runners {
		slices.Sort(r.turns)
		r.least, r.median = r.turns[0], r.turns[len(r.turns)/2]
		all = append(all, r.figure)
	}
	return all
}

// The contenders whose figures the others' are divided by.
const (
	baseNative = "native Go on the struct"
	baseExtism = "Extism, C, one instance kept"
)

func printFigures(out io.Writer, figures []figure) error {
	native, kept := figureOf(figures, baseNative), figureOf(figures, baseExtism)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "ns per contact\tleast\tmedian\t× native Go\tExtism kept ÷\t")
	for _, f := range figures {
		fmt.Fprintf(table, "%s\t%.0f\t%.0f\t%.1f\t%.1f\t\n", f.name, f.least, f.median, f.least/native.least, kept.least/f.least)
	}
	return table.Flush()
}

func figureOf(figures []figure, name string) figure {
	return figures[slices.IndexFunc(figures, func(f figure) bool { return f.name == name })]
}
