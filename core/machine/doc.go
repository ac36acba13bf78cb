// Package machine is the deterministic state machine of a workspace: it applies journal entries to the state.
//
// Apply takes an entry and the state, and nothing else. The time is the journal's: max(the last entry's, this
// entry's). Ids are derived. There is no wall clock, no goroutine, no randomness and no I/O but the state in it, and
// it never asks a plugin or renders a template: those happen at the leader, which writes what came of them into the
// journal. So replaying a journal gives the same state, byte for byte, and every decision can be explained.
//
// The flow of one entry: a capture becomes a place in line and a Waiting on stock activity; a webhook becomes levels,
// which inventory judges; a restock begins a work, which the leader moves on page by page and which makes Back in
// stock activities; an activity that occurs lets its contact into journeys; a journey that sends writes an intent into
// the ledger; claim and settle say what became of it. An erasure takes a contact out of all of these at once.
//
// Preview runs the same code on a transaction that is thrown away, with live plugins in place of journaled verdicts:
// that is how the leader knows what to ask about the next page.
package machine
