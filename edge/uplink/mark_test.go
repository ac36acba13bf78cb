package uplink_test

import (
	"testing"

	"restock/core"
	"restock/core/journal"
)

// tellMark tells an edge its mark, as a leader that begins does.
func tellMark(t *testing.T, c *journal.Conn, e core.EdgeID, w core.WorkspaceName, number uint64) error {
	marks, err := c.OpenMarks(t.Context(), w)
	if err != nil {
		return err
	}
	return marks.Tell(t.Context(), e, number)
}
