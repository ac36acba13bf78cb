// Command bench measures what one condition costs per contact: as a plugin of this host in four languages, with and
// without resetting its instance after each contact, beside native Go, the expression languages CEL and expr, and Extism's
// Go SDK. All are asked about the same contacts in the same process, taking turns, so the ratios hold on a busy machine
// where the figures themselves do not.
//
// It has a module of its own, so that the peers stay out of the program's go.mod. Run it by `make bench-wasm`.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

func main() {
	rounds := flag.Int("rounds", 9, "how often each contender has its turn")
	turn := flag.Duration("turn", 40*time.Millisecond, "how long a turn is")
	million := flag.Int("contacts", 1_000_000, "contacts of the restock whose CPU time is measured; 0 for none")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *rounds, *turn, *million); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, rounds int, turn time.Duration, million int) error {
	ours, err := newPlugins(ctx)
	if err != nil {
		return err
	}
	defer ours.close()
	contenders := peers(ctx)
	for _, p := range ours.list {
		contenders = append(contenders, p.contenders(ctx)...)
	}
	figures, err := measureAll(contenders, rounds, turn)
	if err != nil {
		return err
	}
	if err := printFigures(os.Stdout, figures); err != nil {
		return err
	}
	if err := scale(ctx, ours, rounds, os.Stdout); err != nil || million == 0 {
		return err
	}
	return restock(ctx, ours, million, os.Stdout)
}
