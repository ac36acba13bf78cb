package node

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"restock/core"
	"restock/core/address"
	"restock/core/console"
	"restock/core/db"
	"restock/core/wire"
)

// meant are the addresses that a text may mean: an e-mail address, a phone number in any usual spelling (one without
// country code in each of the regions of the workspace's sources), or a push endpoint's URL. An error says what is wrong
// with a text that means none.
func (w *workspace) meant(raw string) ([]core.Address, error) {
	raw = strings.TrimSpace(raw)
	if strings.HasPrefix(raw, "https://") {
		return []core.Address{{Channel: core.Push, Value: raw}}, nil
	}
	if strings.Contains(raw, "@") {
		e, err := address.Email(raw)
		if err != nil {
			return nil, badAddress(err)
		}
		return []core.Address{{Channel: core.Email, Value: e}}, nil
	}
	return w.meantPhones(raw)
}

func (w *workspace) meantPhones(raw string) ([]core.Address, error) {
	regions := map[string]bool{"": true}
	for _, s := range w.machine.Sources() {
		regions[s.Region] = true
	}
	var all []core.Address
	var wrong error
	for _, region := range slices.Sorted(maps.Keys(regions)) {
		p, _, err := address.Phone(raw, region)
		a := core.Address{Channel: core.SMS, Value: p}
		switch {
		case err != nil:
			wrong = err // a region's own says more than that of none, which comes first
		case !slices.Contains(all, a):
			all = append(all, a)
		}
	}
	if len(all) == 0 {
		return nil, badAddress(wrong)
	}
	return all, nil
}

// badAddress says what is wrong with an address, in the words of package address.
func badAddress(err error) error {
	wrong := &core.InvalidError{}
	var bad *address.Error
	switch {
	case !errors.As(err, &bad):
		return err
	case bad.Message == address.ReasonPhoneEmpty || bad.Message == address.ReasonPhoneCharacter:
		wrong.Add("address", "want an e-mail address, a phone number or a push endpoint's URL")
	default:
		wrong.Fields = append(wrong.Fields, core.FieldError{Field: "address", Message: bad.Message, Suggest: bad.Suggest})
	}
	return wrong
}

func contactAt(tx *db.Tx, a core.Address) (core.Contact, bool) {
	id, ok := db.Addresses.Get(tx, a)
	if !ok {
		return core.Contact{}, false
	}
	return db.Contacts.Get(tx, id)
}

// person finds out which one address a text means, and whose it is; known is false when it is nobody's. A phone number
// that may be several people's, or several numbers, is refused: this is no place to guess.
func (w *workspace) person(tx *db.Tx, raw string) (contact core.Contact, a core.Address, known bool, err error) {
	candidates, err := w.meant(raw)
	if err != nil {
		return contact, a, false, err
	}
	var owned []core.Address
	for _, c := range candidates {
		if _, ok := contactAt(tx, c); ok {
			owned = append(owned, c)
		}
	}
	if len(owned) > 0 {
		candidates = owned
	}
	if len(candidates) > 1 {
		wrong := &core.InvalidError{}
		wrong.Add("address", "this is a phone number in several countries; start it with + and the country code")
		return contact, a, false, wrong
	}
	a = candidates[0]
	contact, known = contactAt(tx, a)
	return contact, a, known, nil
}

// named is the workspace of that name; the error is the asker's.
func (n *Node) named(name core.WorkspaceName) (*workspace, error) {
	if w, ok := n.workspace(name); ok {
		return w, nil
	}
	wrong := &core.InvalidError{}
	wrong.Add("workspace", "this node does not run workspace %s", name)
	return nil, wrong
}

// eraseTries is how often an erasure is asked for when the address changes hands meanwhile.
const eraseTries = 5

// Erase lets go of all that is known of a person (console.Backend). What came of the address between the look at the state
// and the entry's place in the journal is erased by another entry.
func (n *Node) Erase(ctx context.Context, name core.WorkspaceName, raw string) (r console.EraseReport, err error) {
	w, err := n.named(name)
	if err != nil {
		return r, err
	}
	asked := core.TimeOf(time.Now())
	for try := range core.Time(eraseTries) {
		done, again, err := w.eraseOnce(ctx, raw, asked+try)
		done.Known = done.Known || r.Known
		if r = done; err != nil || !again {
			return r, err
		}
	}
	return r, fmt.Errorf("erasing: captures of the address keep coming; try again")
}

// eraseOnce appends one erasure and waits until it is done; again says that the address is somebody's still.
func (w *workspace) eraseOnce(ctx context.Context, raw string, asked core.Time) (r console.EraseReport, again bool, err error) {
	var e wire.Erase
	var a core.Address
	var failed error
	err = w.view(func(tx *db.Tx) {
		var contact core.Contact
		contact, a, r.Known, failed = w.person(tx, raw)
		workspace, _ := db.Workspaces.Get(tx, struct{}{})
		e = wire.Erase{Contact: contact.ID, Address: core.NewContactID(workspace.Key, a), Channel: a.Channel, Tag: a.Tag(), Asked: asked}
	})
	if err = errors.Join(err, failed); err != nil {
		return r, false, err
	}
	if err := w.append(ctx, 0, e); err != nil {
		return r, false, fmt.Errorf("erasing a contact: %w", err)
	}
	if err := w.awaitErased(ctx, e.Contact); err != nil {
		return r, false, fmt.Errorf("erasing a contact: its record is gone, the rest follows: %w", err)
	}
	err = w.view(func(tx *db.Tx) {
		erasure, _ := db.Erasures.Get(tx, e.Address)
		owner, owned := contactAt(tx, a)
		again = owned && owner.CreatedAt <= erasure.At
		r.Workspace, r.Address, r.ErasedAt = w.name, a.Masked(), erasure.At.String()
	})
	return r, again, err
}

// awaitErased waits until no work is left of a contact's erasure.
func (w *workspace) awaitErased(ctx context.Context, id core.ContactID) error {
	for {
		_, changed := w.at()
		working := false
		err := w.view(func(tx *db.Tx) {
			db.Works.All(tx, func(work core.Work) bool {
				working = working || work.Kind == core.WorkErase && work.Contact == id
				return true
			})
		})
		if err != nil || !working {
			return err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
