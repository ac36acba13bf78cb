package wire

import (
	"fmt"
	"strings"

	"restock/core"
)

// Names under which the parts of an installation are found in JetStream. All begin alike, so that one server can
// serve other programs as well.
const (
	EdgeBucket = "restock_edge" // KV bucket that goes down to edges
	BlobBucket = "restock_blob" // object store of entries over BlobLimit
)

// StreamName is the stream that is a workspace's journal.
func StreamName(w core.WorkspaceName) string { return "RESTOCK_" + string(w) }

// Subject is what a workspace's journal is appended by.
func Subject(w core.WorkspaceName) string { return "restock.journal." + string(w) }

// Keys of EdgeBucket.

// ReadyKey is set once a core node has written the installation's configuration down for edges.
const ReadyKey = "ready"

const sourcePrefix = "source."

// SourceKey is where edges find what they must know of a source.
func SourceKey(s core.SourceName) string { return sourcePrefix + string(s) }

// ParseSourceKey is the source that a key is about.
func ParseSourceKey(key string) (core.SourceName, bool) {
	name, ok := strings.CutPrefix(key, sourcePrefix)
	return core.SourceName(name), ok
}

// RingKey is where edges find the keys that links are sealed with.
const RingKey = "ring"

// MarkKey is where an edge finds how far the core has applied and synced its entries of a workspace.
func MarkKey(e core.EdgeID, w core.WorkspaceName) string { return fmt.Sprintf("mark.%s.%s", e, w) }

// MarkPattern matches the marks of one edge.
func MarkPattern(e core.EdgeID) string { return fmt.Sprintf("mark.%s.*", e) }

// ParseMarkKey is the workspace that a mark is about.
func ParseMarkKey(e core.EdgeID, key string) (core.WorkspaceName, bool) {
	w, ok := strings.CutPrefix(key, fmt.Sprintf("mark.%s.", e))
	return core.WorkspaceName(w), ok
}

// EdgeSource is what an edge must know of a source.
type EdgeSource struct {
	Name      core.SourceName    `msgpack:"name"`
	Workspace core.WorkspaceName `msgpack:"workspace"`
	Platform  core.Platform      `msgpack:"platform"`
	Secrets   [][]byte           `msgpack:"secrets"` // of its webhooks
	Origins   []string           `msgpack:"origins"` // empty: any
	Region    string             `msgpack:"region"`
	Widget    core.Widget        `msgpack:"widget"`
}

// RingKeys are the keys that links are sealed with; the first seals, all open.
type RingKeys struct {
	Keys []RingKeyBytes `msgpack:"keys"`
}

// RingKeyBytes is one key of a ring.
type RingKeyBytes struct {
	ID  uint8  `msgpack:"id"`
	Key []byte `msgpack:"key"`
}
