// Package outbox is the edge's log of what the core has not applied yet: the one thing that is synced before a shopper
// or a shop is answered.
//
// One goroutine commits. It takes whatever was added while the last sync ran, writes it as one record, syncs once and
// answers all of it; it never waits for more to come. Entries are numbered per workspace from 1 on without gaps, in the
// order they were committed.
//
// The log is a chain of segments, files of one size whose blocks were written before they are used: a sync then moves
// bytes and no file system's bookkeeping, and a disk without room is an error of the file that is made next, never of a
// commit. A segment whose entries are all marked is used again under a new id; what still stands in it from before is
// not taken for a record, because the id goes into each record's checksum.
//
// A segment (numbers little-endian):
//
//	header   magic (8 bytes), flags (1), 7 zero bytes, id (16 random bytes), CRC-32C of all this (4)
//	record   first 4 bytes of the id, length of the payload (4), CRC-32C over id, offset, length and payload (4), payload
//	record   …
//
// One commit is one record, so a record that is whole was followed by none that was not answered. The first record of a
// segment also tells where the segment before it ends and which entries there were, so that a file that is damaged in the
// middle, or missing, is told from one whose last write was cut off: what was cut off was never acknowledged. Opening
// goes back from the last segment until nothing before is unmarked, and changes nothing in the folder when it refuses.
//
// A workspace whose core stands still would keep the whole log. When the log is long and what is unmarked in its older half is
// little, that is moved: written once more, under its numbers, into a new segment's first record, which tells of those
// workspaces the mark instead of the last number before. What earlier segments hold of them means nothing from there on.
//
// Every opening begins a new segment, and so does every failed write: no byte that may have reached the disk is written
// over by others, and with encryption no nonce is used twice.
//
// A payload begins with its kind:
//
//	0  the segment's first: number of the segment before, its end, workspaces (uvarints), then of each its name (uvarint
//	   length and bytes) and the number of its last entry before (uvarint); then blocks
//	1  blocks: workspace (uvarint length and bytes), number of the first entry, entries, bytes (uvarints), then each
//	   entry with its length (uvarint)
package outbox
