package outbox

import (
	"math"
	"strings"
	"testing"

	"restock/core"
)

// files counts what lies in a log's folder.
func files(t *testing.T, dir string) (logs, spares int) {
	t.Helper()
	for name := range readFolder(t, dir) {
		switch {
		case strings.HasSuffix(name, segmentSuffix):
			logs++
		case strings.HasSuffix(name, spareSuffix):
			spares++
		}
	}
	return logs, spares
}

func everything(core.WorkspaceName) uint64 { return math.MaxUint64 }

// TestTrimKeepsFewFiles lets go of many segments: some are used again, the others are deleted.
func TestTrimKeepsFewFiles(t *testing.T) {
	c := testConfig(t.TempDir())
	o := mustOpen(t, c)
	for round := range 5 {
		addMany(t, o, "a", 8)
		mustAdd(t, o, "a", filler("large", 3*small))
		o.Trim(everything)
		// One segment is written to, one is prepared, and one may be in the making.
		if logs, spares := files(t, c.Dir); logs > 3 || spares > maxSpares+1 {
			t.Fatalf("round %d left %d segments and %d spares", round, logs, spares)
		}
	}
	mustClose(t, o)
	c.Marked = o.Lasts()
	o = mustOpen(t, c)
	mustAdd(t, o, "a", "more")
	if n := len(o.segments); n != 2 {
		t.Errorf("%d segments were found or begun, want 2", n)
	}
}
