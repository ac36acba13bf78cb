// Package waitlist is an edge's disk: the outbox of what the core has not applied yet, the waitlist of what it has,
// and the configuration that came down. It is the edge's only use of Badger.
//
// An edge's promise hangs on one rule: Add returns when the entry is synced to disk, and an entry leaves the outbox only
// when the core has applied and synced it (Mark). One goroutine commits: it takes whatever has queued while the last
// sync ran, writes it in one transaction, syncs once and then answers all. It never waits for more to come.
//
// Entries are numbered per workspace from 1 on without gaps, in the order they were committed. What one commit takes of a
// workspace is one record, under the number of its first entry: a record per entry would cost more than the sync. A
// capture is written once, in its outbox record; its waitlist record is derived from that when the mark comes back.
//
// Keys:
//
//	i                                  this edge's id
//	c <key>                            configuration, as it came down
//	m <workspace>                      the mark: number of the last entry that the core applied
//	b <workspace>                      what numbers here are ahead of the core's since the edge became a new one
//	o <workspace> <number>             a record of entries: length (uvarint) and wire.Raw, again and again
//	w <workspace> <target, address>    a capture that was applied (wire.Raw)
//
// Workspaces are led by one byte of length; numbers are 8 big-endian bytes.
package waitlist
