package uplink_test

import (
	"slices"
	"testing"

	"restock/core/wire"
	"restock/edge/uplink/uplinktest"
)

// through is the place at the other end of a cable.
func (p place) through(t testing.TB) (place, *uplinktest.Cable) {
	c := uplinktest.NewCable(t, p.listen)
	return place{p.dir, c.Addr()}, c
}

// TestLanes: full batches do not wait for the acknowledgement of those before them. Nothing comes down while they go up.
func TestLanes(t *testing.T) {
	const lanes = 8
	p := newPlace(t)
	_, c := p.serve(t, "a")
	far, cable := p.through(t)
	s := newStore()
	s.batch = wire.MaxBatchEntries
	k := &sink{}
	far.run(t, s, k)
	a := apply(t, open(t, c, "a"))
	s.add("a", entries(t, 1, 1)...)
	a.await(t, 1)
	if err := c.Put(t.Context(), wire.SourceKey("shop"), []byte("1")); err != nil {
		t.Fatal(err)
	}
	k.awaitLast(t, "source.shop=1") // behind the acknowledgement of the first, for which all others would wait
	cable.Hold()
	last := 1 + lanes/2*wire.MaxBatchEntries
	s.add("a", entries(t, 2, last)...)
	if got := a.await(t, last); !slices.Equal(got, numbers(1, last)) {
		t.Error("what came up is not in order")
	}
	cable.Release()
	s.add("a", entries(t, last+1, last+1)...)
	a.await(t, last+1)
	if a.repeated+a.void > 0 {
		t.Errorf("%d entries came twice, %d batches came too early", a.repeated, a.void)
	}
}

// TestACableThatIsCutAgainAndAgain: whatever was on its way, all comes up once and in order.
func TestACableThatIsCutAgainAndAgain(t *testing.T) {
	p := newPlace(t)
	_, c := p.serve(t, "a")
	far, cable := p.through(t)
	s := newStore()
	s.batch = wire.MaxBatchEntries
	far.run(t, s, &sink{})
	a := apply(t, open(t, c, "a"))
	const rounds, each = 5, 3000
	for round := range rounds {
		s.add("a", entries(t, round*each+1, (round+1)*each)...)
		a.await(t, round*each+each/2) // somewhere in the middle
		cable.Cut()
		cable.Mend()
	}
	if got := a.await(t, rounds*each); !slices.Equal(got, numbers(1, rounds*each)) {
		t.Error("what came up has gaps or is not in order")
	}
	t.Logf("%d entries came twice, %d batches behind a gap", a.repeated, a.void)
}
