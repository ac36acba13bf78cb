package edge

import (
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"

	"restock/core"
	"restock/core/address"
	"restock/core/sign"
	"restock/core/wire"
)

// configuration is what came down from the core: kept on disk, and in memory in the form that requests read.
type configuration struct {
	disk interface {
		SetConfig(key string, value []byte) error
		Config(visit func(key string, value []byte)) error
		Forget(w core.WorkspaceName, f core.Forget) error
	}
	log     *slog.Logger
	mu      sync.Mutex // one change at a time
	current atomic.Pointer[view]
}

// view is the configuration at one moment; it is never changed.
type view struct {
	ready   bool // a core has written the installation's configuration down
	sources map[core.SourceName]wire.EdgeSource
	senders map[core.Name]wire.EdgeSender
	loaders map[core.SourceName]*file // what pages embed, with the source's configuration
	ring    sign.Ring
	links   links
}

// links are where the links in messages lead. There are as many as products, and they come one by one: one map is shared by all
// views, and guarded by itself.
type links struct{ known *sync.Map }

func (l links) get(id core.LinkID) (wire.EdgeLink, bool) {
	known, ok := l.known.Load(id)
	if !ok {
		return wire.EdgeLink{}, false
	}
	return known.(wire.EdgeLink), true
}

// load reads what is on disk: an edge serves before it has reached the journal. A piece that cannot be used, because
// another version kept it, keeps no other from being used: it comes down again.
func (c *configuration) load() error {
	v := view{sources: map[core.SourceName]wire.EdgeSource{}, senders: map[core.Name]wire.EdgeSender{}, loaders: map[core.SourceName]*file{}, links: links{new(sync.Map)}}
	err := c.disk.Config(func(key string, value []byte) {
		if err := v.set(key, value); err != nil {
			c.unusable(key, err)
		}
	})
	c.current.Store(&v)
	if err != nil {
		return fmt.Errorf("loading configuration: %w", err)
	}
	return nil
}

// Configure keeps and uses a piece of configuration (uplink.Sink). One that cannot be used is no error, since trying
// again would not mend it and would hold up the marks and all else that comes down: it is said, and what was known stays.
func (c *configuration) Configure(key string, value []byte) error {
	if wire.IsForgetKey(key) {
		return c.forget(key, value)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	old := c.current.Load()
	v := view{ready: old.ready, ring: old.ring, sources: maps.Clone(old.sources), senders: maps.Clone(old.senders), loaders: maps.Clone(old.loaders), links: old.links}
	if err := v.set(key, value); err != nil {
		c.unusable(key, err)
		return nil
	}
	if err := c.disk.SetConfig(key, value); err != nil {
		return err
	}
	c.current.Store(&v)
	return nil
}

// forget carries out a forget order. One that was taken out of the bucket stays in force here.
func (c *configuration) forget(key string, value []byte) error {
	if value == nil {
		return nil
	}
	w, f, err := wire.ParseForget(key, value)
	if err != nil {
		c.unusable(key, err)
		return nil
	}
	return c.disk.Forget(w, f)
}

func (c *configuration) unusable(key string, err error) {
	c.log.Error("configuration that came down cannot be used; is the core newer than this edge?", "key", key, "error", err)
}

// set changes one piece while the view is made.
func (v *view) set(key string, value []byte) error {
	name, isSource := wire.ParseSourceKey(key)
	sender, isSender := wire.ParseSenderKey(key)
	link, isLink := wire.ParseLinkKey(key)
	switch {
	case isLink:
		return v.setLink(link, value)
	case key == wire.ReadyKey:
		v.ready = value != nil
	case key == wire.RingKey && value != nil:
		return v.setRing(value)
	case isSender && value == nil:
		delete(v.senders, sender)
	case isSender:
		var s wire.EdgeSender
		if err := wire.Unmarshal(value, &s); err != nil {
			return err
		}
		v.senders[sender] = s
	case isSource && value == nil:
		delete(v.sources, name)
		delete(v.loaders, name)
	case isSource:
		var s wire.EdgeSource
		if err := wire.Unmarshal(value, &s); err != nil {
			return err
		}
		loader, err := newLoader(s)
		if err != nil {
			return err
		}
		v.sources[name], v.loaders[name] = s, loader
		_, _, _ = address.Phone("0", s.Region) // builds what the region's first number would have to wait for
	}
	return nil
}

// setLink takes a link's target, which must be a page: whatever else came down would be sent to browsers as it is.
func (v *view) setLink(id core.LinkID, value []byte) error {
	if value == nil {
		v.links.known.Delete(id)
		return nil
	}
	var l wire.EdgeLink
	if err := wire.Unmarshal(value, &l); err != nil {
		return err
	}
	if !core.LeadsToPage(l.URL) {
		return fmt.Errorf("reading link %x: its target is no page", id[:])
	}
	v.links.known.Store(id, l)
	return nil
}

func (v *view) setRing(value []byte) error {
	var keys wire.RingKeys
	if err := wire.Unmarshal(value, &keys); err != nil {
		return err
	}
	ring, err := newRing(keys)
	if err == nil {
		v.ring = ring
	}
	return err
}

// newRing makes the ring that links are opened with.
func newRing(keys wire.RingKeys) (sign.Ring, error) {
	ring := make([]sign.Key, len(keys.Keys))
	for i, k := range keys.Keys {
		ring[i] = sign.Key{ID: k.ID, Secret: k.Key}
	}
	return sign.NewRing(ring...)
}
