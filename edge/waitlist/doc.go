// Package waitlist is an edge's disk: the outbox of what the core has not applied yet, the waitlist of what it has,
// and the configuration that came down. It is the edge's only use of Badger.
//
// An edge's promise hangs on one rule: Add returns when the entry is synced to disk, and an entry leaves the outbox only
// when the core has applied and synced it (Mark). The outbox is a log of its own (package outbox); Badger is written to
// when a mark comes back and when configuration comes down, never while a shopper waits. A capture's waitlist record is
// derived from the log in the transaction that moves the mark; only then the log lets go of it.
//
// Keys:
//
//	i                                  this edge's id
//	c <key>                            configuration, as it came down
//	m <workspace>                      the mark: number of the last entry that the core applied
//	b <workspace>                      what numbers here are ahead of the core's since the edge became a new one
//	t <workspace>                      when the newest capture that is kept was made: what is newer need not be looked for
//	w <workspace> <address> <target>   a capture that was applied (wire.Raw), by 8 bytes of each one's hash
//	f <workspace> <address>            an order to forget what the address captured up to a time: the time, and a byte
//	                                   that is 1 once it was carried out
//
// The address's 8 bytes are core.Address.Tag, of the address that the capture stands under.
//
// Workspaces are led by one byte of length; numbers are 8 big-endian bytes.
package waitlist
