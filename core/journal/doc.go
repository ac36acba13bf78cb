// Package journal is the ordered log of everything that happened to a workspace, on JetStream: a server in this
// process by default, an external cluster by URL when that is outgrown. We write no replication and no consensus.
//
// What Append returned is on disk: the embedded server syncs every write (JetStream's default, a sync every two
// minutes, loses everything since at a power cut), and whoever appends does so in batches. An entry over
// wire.BlobLimit lies in the object store, put there before the message that names it.
//
// The package also holds the KV bucket by which core nodes tell edges what they must know (Edges).
package journal
