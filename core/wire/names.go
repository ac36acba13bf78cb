package wire

import (
	"encoding/binary"
	"encoding/hex"
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

const senderPrefix = "sender."

// SenderKey is where edges find what they must know of a sender whose provider posts to them.
func SenderKey(s core.Name) string { return senderPrefix + string(s) }

// ParseSenderKey is the sender that a key is about.
func ParseSenderKey(key string) (core.Name, bool) {
	name, ok := strings.CutPrefix(key, senderPrefix)
	return core.Name(name), ok
}

const linkPrefix = "link."

// LinkPattern matches where links lead.
const LinkPattern = linkPrefix + "*"

// LinkKey is where edges find where a link leads.
func LinkKey(id core.LinkID) string { return fmt.Sprintf("%s%x", linkPrefix, id[:]) }

// ParseLinkKey is the link that a key is about.
func ParseLinkKey(key string) (id core.LinkID, ok bool) {
	text, ok := strings.CutPrefix(key, linkPrefix)
	b, err := hex.DecodeString(text)
	if !ok || err != nil || len(b) != len(id) {
		return id, false
	}
	return core.LinkID(b), true
}

// RingKey is where edges find the keys that links are sealed with.
const RingKey = "ring"

// MarkKey is where an edge finds how far the core has applied and synced its entries of a workspace.
func MarkKey(e core.EdgeID, w core.WorkspaceName) string { return fmt.Sprintf("mark.%s.%s", e, w) }

// MarkPattern matches the marks of one edge.
func MarkPattern(e core.EdgeID) string { return fmt.Sprintf("mark.%s.*", e) }

// WorkspaceMarks matches the marks of all edges that are about one workspace.
func WorkspaceMarks(w core.WorkspaceName) string { return fmt.Sprintf("mark.*.%s", w) }

// ParseMarkKey is the workspace that a mark is about.
func ParseMarkKey(e core.EdgeID, key string) (core.WorkspaceName, bool) {
	w, ok := strings.CutPrefix(key, fmt.Sprintf("mark.%s.", e))
	return core.WorkspaceName(w), ok
}

const forgetPrefix = "forget."

// ForgetKey is where edges find the order to forget what an address captured; the value is a core.Time (EncodeForget).
func ForgetKey(w core.WorkspaceName, tag core.AddressTag) string {
	return fmt.Sprintf("%s%s.%x", forgetPrefix, w, tag[:])
}

// ForgetPattern matches the forget orders of all workspaces.
const ForgetPattern = forgetPrefix + "*.*"

// IsForgetKey says whether a key is a forget order's, well-formed or not.
func IsForgetKey(key string) bool { return strings.HasPrefix(key, forgetPrefix) }

// ParseForget reads a forget order as it came down.
func ParseForget(key string, value []byte) (w core.WorkspaceName, f core.Forget, err error) {
	rest, ok := strings.CutPrefix(key, forgetPrefix)
	name, tag, _ := strings.Cut(rest, ".")
	b, err := hex.DecodeString(tag)
	if !ok || err != nil || len(b) != len(f.Tag) || !core.ValidName(name) {
		return "", f, fmt.Errorf("reading forget order %q: want %s<workspace>.<16 hexadecimal digits>", key, forgetPrefix)
	}
	if len(value) != 8 {
		return "", f, fmt.Errorf("reading forget order %q: %d bytes, want 8", key, len(value))
	}
	return core.WorkspaceName(name), core.Forget{Tag: core.AddressTag(b), Before: core.Time(binary.BigEndian.Uint64(value))}, nil
}

// EncodeForget is the value of a forget order: its time, as 8 big-endian bytes.
func EncodeForget(f core.Forget) []byte { return binary.BigEndian.AppendUint64(nil, uint64(f.Before)) }

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

// EdgeSender is what an edge must know of a sender whose provider posts to it.
type EdgeSender struct {
	Name      core.Name          `msgpack:"name"`
	Workspace core.WorkspaceName `msgpack:"workspace"`
	Kind      string             `msgpack:"kind"`
	Secrets   [][]byte           `msgpack:"secrets"` // that its provider signs with
	URL       string             `msgpack:"url"`     // where its provider posts, as it was told: some sign it
}

// PostingURL is where a sender's provider posts, at an installation with that public URL.
func PostingURL(public string, s core.Name) string {
	return strings.TrimRight(public, "/") + "/v1/providers/" + string(s) + "/events"
}

// RingKeys are the keys that links are sealed with, the oldest first. All open; which of them seals, core nodes know.
type RingKeys struct {
	Keys []RingKeyBytes `msgpack:"keys"`
}

// RingKeyBytes is one key of a ring.
type RingKeyBytes struct {
	ID    uint8     `msgpack:"id"`
	Key   []byte    `msgpack:"key"`
	Since core.Time `msgpack:"since,omitempty"` // when it was made; 0: with the installation
}
