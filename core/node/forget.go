package node

import (
	"context"
	"errors"
	"time"

	"restock/core"
	"restock/core/db"
	"restock/core/wire"
)

// sampleDelay is how long after an erasure was asked for a plugin's failure may still be about the erased contact.
const sampleDelay = core.Minute

// forgetAgain is when orders that could not be carried out are tried again.
const forgetAgain = 5 * time.Second

// orders hands the forget orders to a reader, each once and in order; a new leader begins with the first, since nobody
// wrote down how far the last one came.
type orders struct {
	*workspace
	done core.WorkID
}

// each hands over the orders that are new, until one fails.
func (o *orders) each(carryOut func(core.Forget) error) error {
	type order struct {
		id core.WorkID
		core.Forget
	}
	var news []order
	err := o.view(func(tx *db.Tx) {
		db.ForgetsAfter(tx, o.done, func(id core.WorkID, f core.Forget) bool { news = append(news, order{id, f}); return true })
	})
	if err != nil {
		return err
	}
	for _, n := range news {
		if err := carryOut(n.Forget); err != nil {
			return err
		}
		o.done = n.id
	}
	return nil
}

// tellForgets tells edges whose captures to forget. What was told stays in the bucket, for edges that were cut off.
func (w *workspace) tellForgets(ctx context.Context) error {
	o := orders{workspace: w}
	return w.whenever(ctx, func(ctx context.Context) (time.Time, error) {
		err := o.each(func(f core.Forget) error {
			return w.node.conn.Put(ctx, wire.ForgetKey(w.name, f.Tag), wire.EncodeForget(f))
		})
		if err != nil {
			w.log.Warn("telling edges whom to forget failed; it is tried again", "error", err)
			return time.Now().Add(forgetAgain), ctx.Err()
		}
		return time.Time{}, nil
	})
}

// forgetKept removes what is kept beside the state of addresses that were erased: messages in the inbox that are no line of a
// ledger any more, and inputs on which plugins failed before. It
// waits for erasures that still go on, whose lines are not all gone.
func (w *workspace) forgetKept(ctx context.Context) error {
	o := orders{workspace: w}
	return w.whenever(ctx, func(ctx context.Context) (time.Time, error) {
		if erasing, err := w.erasing(); err != nil || erasing {
			return time.Time{}, err
		}
		err := o.each(func(f core.Forget) error {
			return errors.Join(w.node.forgetMessages(f.Tag), forgetSamples(w.node.config.samples(), f.Before.Add(sampleDelay)))
		})
		if err != nil {
			w.log.Error("removing what was kept of an erased address failed; it is tried again", "error", err)
			return time.Now().Add(forgetAgain), ctx.Err()
		}
		return time.Time{}, nil
	})
}

// forgetErased removes a message that was handed to the inbox while its contact was erased; had it come earlier, forgetKept
// would have found it.
func (w *workspace) forgetErased(key core.LedgerKey, s core.Sender) {
	if s.Kind != core.InboxKind {
		return
	}
	stands, err := w.node.inLedger(key)
	if err == nil && !stands {
		err = w.node.senders.inbox.Forget(key)
	}
	if err != nil {
		w.log.Error("removing a message from the inbox failed; it is tried again at the next start", "error", err)
	}
}

func (w *workspace) erasing() (erasing bool, err error) {
	err = w.view(func(tx *db.Tx) {
		db.Works.All(tx, func(work core.Work) bool { erasing = erasing || work.Kind == core.WorkErase; return !erasing })
	})
	return erasing, err
}

// forgetMessages removes the messages to an address that stand in no workspace's ledger. The inbox is all workspaces': what
// one of them erased may be another's still.
func (n *Node) forgetMessages(tag core.AddressTag) error {
	var gone []core.LedgerKey
	for _, key := range n.senders.inbox.KeysTo(tag) {
		stands, err := n.inLedger(key)
		if err != nil {
			return err
		}
		if !stands {
			gone = append(gone, key)
		}
	}
	return n.senders.inbox.Forget(gone...)
}

func (n *Node) inLedger(key core.LedgerKey) (stands bool, err error) {
	for _, w := range n.workspaces {
		err = errors.Join(err, w.view(func(tx *db.Tx) { stands = stands || db.Intents.Has(tx, key) }))
	}
	return stands, err
}
