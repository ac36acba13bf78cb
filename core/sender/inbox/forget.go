package inbox

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"restock/core"
)

// enter makes a place findable; callers hold mu, or are alone.
func (in *Inbox) enter(p *place) {
	in.index[p.key] = p
	in.to[p.to] = append(in.to[p.to], p)
}

// leave is the reverse of enter.
func (in *Inbox) leave(p *place) {
	delete(in.index, p.key)
	in.to[p.to] = slices.DeleteFunc(in.to[p.to], func(other *place) bool { return other == p })
	if len(in.to[p.to]) == 0 {
		delete(in.to, p.to)
	}
}

// KeysTo are the ledger keys of the messages that are kept for an address.
func (in *Inbox) KeysTo(to core.AddressTag) (keys []core.LedgerKey) {
	in.mu.RLock()
	defer in.mu.RUnlock()
	for _, p := range in.to[to] {
		if id, err := core.ParseID(p.key); err == nil { // a line that was written by hand may have any key
			keys = append(keys, core.LedgerKey(id))
		}
	}
	return keys
}

// Forget removes messages: their lines are written over with blanks, which a reader passes over, and synced. Keys that are
// not kept are passed over as well.
func (in *Inbox) Forget(keys ...core.LedgerKey) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	var gone []*place
	for _, key := range keys {
		if p := in.index[key.String()]; p != nil && !slices.Contains(gone, p) {
			gone = append(gone, p)
		}
	}
	if err := blank(gone); err != nil {
		return fmt.Errorf("forgetting messages: %w", err)
	}
	for _, p := range gone {
		in.leave(p)
		p.in.places = slices.DeleteFunc(p.in.places, func(other *place) bool { return other == p })
	}
	return nil
}

// blank writes over the places' lines, all but their ends, and syncs their files once each. The writer appends elsewhere in
// the same file meanwhile.
func blank(places []*place) error {
	segments := map[*segment]bool{}
	for _, p := range places {
		if _, err := p.in.file.WriteAt(bytes.Repeat([]byte{' '}, p.size-1), p.at); err != nil {
			return err
		}
		segments[p.in] = true
	}
	var all []error
	for s := range segments {
		all = append(all, s.file.Sync())
	}
	return errors.Join(all...)
}
