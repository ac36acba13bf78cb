package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"syscall"
	"text/tabwriter"
	"time"

	"restock/core/hook"
)

// scaleTurn is how long one or two workers ask, per round.
const scaleTurn = 100 * time.Millisecond

// scale compares two workers with one, in contacts per second; native Go beside it shows what the machine itself gives.
func scale(ctx context.Context, ours *plugins, rounds int, out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\ntwo workers\tone /s\ttwo /s\tratio\t")
	native := contender{"native Go on msgpack", func() (func(*hook.Context) (bool, error), func(), error) {
		ask, err := nativeBytes()
		return ask, func() {}, err
	}}
	list := []contender{native}
	for _, p := range ours.list {
		list = append(list, p.contenders(ctx)...)
	}
	for _, c := range list {
		one, two, err := compare(c, rounds)
		if err != nil {
			return fmt.Errorf("scaling %s: %w", c.name, err)
		}
		fmt.Fprintf(table, "%s\t%.0f\t%.0f\t%.2f\t\n", c.name, one, two, two/one)
	}
	return table.Flush()
}

// compare answers the median contacts per second of one worker and of two, which take turns.
func compare(c contender, rounds int) (one, two float64, err error) {
	var speeds [2][]float64
	for range rounds {
		for i := range speeds {
			speed, err := throughput(c, i+1)
			if err != nil {
				return 0, 0, err
			}
			speeds[i] = append(speeds[i], speed)
		}
	}
	for i := range speeds {
		slices.Sort(speeds[i])
	}
	return speeds[0][rounds/2], speeds[1][rounds/2], nil
}

func throughput(c contender, workers int) (float64, error) {
	asked := make([]int, workers)
	errs := make([]error, workers)
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for i := range workers {
		ready.Add(1)
		done.Go(func() {
			ask, end, err := c.begin()
			ready.Done()
			if err != nil {
				errs[i] = err
				return
			}
			defer end()
			cases := contacts()
			<-start
			asked[i], errs[i] = askFor(ask, cases, scaleTurn)
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
	total := 0
	for _, n := range asked {
		total += n
	}
	return float64(total) / scaleTurn.Seconds(), errors.Join(errs...)
}

func askFor(ask func(*hook.Context) (bool, error), cases []hook.Context, turn time.Duration) (asked int, err error) {
	for began := time.Now(); time.Since(began) < turn; {
		for i := range 256 {
			if _, err := ask(&cases[(asked+i)%len(cases)]); err != nil {
				return 0, err
			}
		}
		asked += 256
	}
	return asked, nil
}

// restock asks about a whole waitlist with two workers, each contact isolated, and prints the CPU time that it took: user
// and system, of the whole process.
func restock(ctx context.Context, ours *plugins, million int, out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(table, "\n%d contacts, reset per contact, two workers\tCPU s\twall s\t\n", million)
	for _, p := range ours.list {
		before, began := cpuTime(), time.Now()
		if err := askAll(p.contenders(ctx)[1], million); err != nil {
			return fmt.Errorf("asking %s about a restock: %w", p.language, err)
		}
		fmt.Fprintf(table, "%s\t%.2f\t%.2f\t\n", p.language, (cpuTime() - before).Seconds(), time.Since(began).Seconds())
	}
	return table.Flush()
}

func askAll(c contender, million int) error {
	var errs [2]error
	var done sync.WaitGroup
	for i := range errs {
		done.Go(func() {
			ask, end, err := c.begin()
			if err != nil {
				errs[i] = err
				return
			}
			defer end()
			cases := contacts()
			for n := range million / len(errs) {
				if _, err := ask(&cases[n%len(cases)]); err != nil {
					errs[i] = err
					return
				}
			}
		})
	}
	done.Wait()
	return errors.Join(errs[:]...)
}

// cpuTime is what the process used of the processors so far.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0 // not on any system that Go runs on
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
