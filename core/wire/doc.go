// Package wire is what edge and core say to each other: journal entries and their encoding, and the names under
// which the parts of the journal are found.
//
// One journal message is a Batch: who speaks, and the encoded entries in order. An entry is a msgpack array
// [kind, body]; bodies are maps whose unknown keys are ignored, except that of a capture, which is an array whose
// surplus elements are ignored (it is written and read millions of times).
//
// History of Version:
//
//	1  first
package wire

// Version is written at the head of every batch. A reader refuses what is newer than itself.
const Version = 1
