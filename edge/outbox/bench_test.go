package outbox

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"restock/core"
	"restock/core/wire"
)

// capture has the size of a usual one.
func capture() wire.Raw { return wire.Raw(strings.Repeat("c", 220)) }

func benchLog(b *testing.B) (*Outbox, Config) {
	b.Helper()
	c := Config{Dir: b.TempDir(), Log: slog.New(slog.DiscardHandler)}
	return mustOpen(b, c), c
}

// fill adds n entries, many at once.
func fill(b *testing.B, o *Outbox, n, writers int) {
	var adding sync.WaitGroup
	for writer := range writers {
		adding.Go(func() {
			raw := capture()
			for i := writer; i < n; i += writers {
				if err := o.Add("shop", raw); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	adding.Wait()
}

func perSecond(b *testing.B, entries int, took time.Duration) {
	b.ReportMetric(float64(entries)/took.Seconds(), "entries/s")
}

// BenchmarkAdd is what a disk with syncs takes; what is marked is let go of, as on an edge that is connected.
func BenchmarkAdd(b *testing.B) {
	for _, writers := range []int{1, 64, 256} {
		b.Run(fmt.Sprintf("%d-writers", writers), func(b *testing.B) {
			o, _ := benchLog(b)
			mustAdd(b, o, "shop", "first")
			b.ResetTimer()
			const page = 100_000
			for left := b.N; left > 0; left -= page {
				fill(b, o, min(left, page), writers)
				o.Trim(func(core.WorkspaceName) uint64 { return 1 << 60 })
			}
			perSecond(b, b.N, b.Elapsed())
			commits, entries := o.Committed()
			b.ReportMetric(float64(entries)/float64(max(1, commits)), "entries/sync")
		})
	}
}

const backlog = 1_000_000

// BenchmarkRead reads a backlog in pages, as an uplink does, and BenchmarkOpen finds it when an edge starts again.
func BenchmarkRead(b *testing.B) {
	o, _ := benchLog(b)
	fill(b, o, backlog, 512)
	b.ResetTimer()
	for range b.N {
		readPages(b, o)
	}
	perSecond(b, b.N*backlog, b.Elapsed())
}

func readPages(b *testing.B, o *Outbox) {
	b.Helper()
	const page = 1000
	for last, before := uint64(0), uint64(1); last != before; {
		before = last
		err := o.Read("shop", last, func(number uint64, _ wire.Raw) bool {
			last = number
			return number-before < page
		})
		if err != nil {
			b.Fatal(err)
		}
		if last == backlog {
			return
		}
	}
	b.Fatal("the backlog is not there")
}

// BenchmarkOpen is how long an edge with a backlog takes to start again.
func BenchmarkOpen(b *testing.B) {
	o, c := benchLog(b)
	fill(b, o, backlog, 512)
	mustClose(b, o)
	b.ResetTimer()
	for range b.N {
		o, err := Open(c)
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if last := o.Lasts()["shop"]; last != backlog {
			b.Fatalf("%d entries are there, want %d", last, backlog)
		}
		mustClose(b, o)
		b.StartTimer()
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/restart")
}
