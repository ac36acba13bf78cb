// Package manifest reads what a merchant writes: YAML documents {kind, name, workspace, state, spec} become the
// core.Declaration of each workspace, which is checked here as a whole before anybody turns it into a journal entry.
//
// The flow: read cuts files into documents (bounded, no aliases, no tags); parser.document reads what all kinds share
// and gives the spec to the kind's reader; a value is a node of a document that knows its path, so that every reader
// says where and what is wrong and goes on: all faults come back at once, as *Error values. A journey's spec goes
// through the compiler: shapes, then paths, then the laws of its graph. A source's playbooks are files of this
// package (playbooks/) and go through the very same compiler.
//
// The package touches no disk, no template engine and no plugin: what it needs of them is handed in by Options.
package manifest
