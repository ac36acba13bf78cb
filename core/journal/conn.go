package journal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"restock/core"
	"restock/core/wire"
)

// InProcess is an embedded server as seen by a client in the same process.
type InProcess interface {
	InProcessConn() (net.Conn, error)
}

// Conn is a connection to the server or cluster that holds the journals of an installation.
type Conn struct {
	nats     *nats.Conn
	js       jetstream.JetStream
	blobs    jetstream.ObjectStore
	edges    jetstream.KeyValue
	replicas int
}

// Connect connects to the cluster at url, or to the embedded server when that is given, with its token. The buckets
// are made with the number of replicas (1 embedded, 3 on a cluster). A cluster that is away, or refuses us, is tried again
// until ctx ends, and what is wrong is said: its settings may be what is being mended.
func Connect(ctx context.Context, url string, embedded InProcess, token string, replicas int, log *slog.Logger) (*Conn, error) {
	n, err := dial(ctx, url, embedded, token, log)
	if err != nil {
		return nil, fmt.Errorf("connecting to journal: %w", err)
	}
	c := &Conn{nats: n, replicas: replicas}
	if err := c.open(ctx); err != nil {
		n.Close()
		return nil, err
	}
	return c, nil
}

func (c *Conn) open(ctx context.Context) (err error) {
	if c.js, err = jetstream.New(c.nats); err != nil {
		return fmt.Errorf("opening journal: %w", err)
	}
	c.blobs, err = c.js.CreateOrUpdateObjectStore(ctx, jetstream.ObjectStoreConfig{Bucket: wire.BlobBucket, Replicas: c.replicas})
	if err != nil {
		return fmt.Errorf("opening blobs: %w", err)
	}
	c.edges, err = c.js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: wire.EdgeBucket, Replicas: c.replicas})
	if err != nil {
		return fmt.Errorf("opening edges' bucket: %w", err)
	}
	return nil
}

// Close ends the connection.
func (c *Conn) Close() { c.nats.Close() }

// Put tells edges something; what stands there already is not written again.
func (c *Conn) Put(ctx context.Context, key string, value []byte) error {
	known, err := c.edges.Get(ctx, key)
	if err == nil && string(known.Value()) == string(value) {
		return nil
	}
	if _, err := c.edges.Put(ctx, key, value); err != nil {
		return fmt.Errorf("telling edges %s: %w", key, err)
	}
	return nil
}

// Get is what edges were told; nil when nothing.
func (c *Conn) Get(ctx context.Context, key string) ([]byte, error) {
	known, err := c.edges.Get(ctx, key)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading what edges were told of %s: %w", key, err)
	}
	return known.Value(), nil
}

func (c *Conn) putBlob(ctx context.Context) func(core.Hash, []byte) error {
	return func(h core.Hash, b []byte) error {
		if info, err := c.blobs.GetInfo(ctx, h.String()); err == nil && info.Size == uint64(len(b)) {
			return nil
		}
		_, err := c.blobs.PutBytes(ctx, h.String(), b)
		return err
	}
}

func (c *Conn) getBlob(ctx context.Context) func(core.Hash) ([]byte, error) {
	return func(h core.Hash) ([]byte, error) { return c.blobs.GetBytes(ctx, h.String()) }
}
