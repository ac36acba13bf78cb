// Package db is the state of one workspace: an ordered key/value store, and the only package of core that touches
// Badger.
//
// Everything in it follows from the journal: replaying a journal from empty gives the same ordered dump (Dump). The
// effects of entries and the position in the journal are written in one transaction (Tx), which is synced to disk
// when Commit returns; so the state is always that of some prefix of the journal. A transaction keeps what it writes in
// memory of its own (writes.go), and one that is larger than Badger takes at once is whole all the same (large.go).
//
// Keys are a table's letter and then the parts of the key. Fixed parts (times, sequences, ids) are big-endian bytes;
// texts are led by one byte of length, so that no text is the beginning of another. The tables and their letters stand
// in tables.go; a letter is never used again for something else. Values are msgpack maps (wire.Marshal) whose
// unknown fields are ignored.
package db
