// Package core is the vocabulary of Restock: one noun per file, standard library only.
//
// A shopper's Capture becomes an Entry on the Waitlist of a Variant. A Source tells Levels; when what is available of
// a variant goes from 0 or less to at least the source's minimum, a Restock opens and everybody who waits gets a Back
// in stock Activity. Activities let contacts into Journeys; a contact's passage is a Run of Steps; a step that sends
// writes an Intent into the ledger; a Sender hands the Message to a provider and the Outcome is written down.
//
// The package holds data and the rules that need nothing but data. Whoever decides (the engines), stores (db), moves
// (journal, edge) or sends (sender) imports it; it imports none of them.
package core
