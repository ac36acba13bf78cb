package node

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"restock/core"
	"restock/core/sign"
	"restock/core/wire"
)

// links are those that a message carries. What edges must know of them they are told before the message goes out.
func (w *workspace) links(ctx context.Context, a *about) error {
	i := a.subject.Intent
	l := &a.data.Links
	ring := w.node.linkKeys.current(ctx)
	l.Unsubscribe = w.unsubscribe(ring, i)
	if i.Activity.Kind == core.ConfirmationAsked {
		l.Confirm = w.confirmation(ring, a)
	}
	var err error
	if l.Buy, err = w.click(ctx, ring, i, a.data.Link()); err != nil {
		return err
	}
	if a.data.Item != nil {
		item := *a.data.Item
		if item.URL, err = w.click(ctx, ring, i, cmp.Or(item.URL, a.data.Link())); err != nil {
			return err
		}
		a.data.Item = &item
	}
	return nil
}

func (w *workspace) public(path string) string {
	return strings.TrimRight(w.node.config.PublicURL, "/") + path
}

// unsubscribe is the link that ends messages of the same purpose to an intent's contact, by the same channel.
func (w *workspace) unsubscribe(ring sign.Ring, i core.Intent) string {
	link := wire.Link{Workspace: w.name, Contact: i.Contact, Channel: i.Channel, Purpose: i.Purpose}
	if link.Purpose == "" {
		link.Purpose = core.StockAlert
	}
	return w.public("/u/" + ring.Seal(wire.PurposeUnsubscribe, link.Encode(), 0))
}

// confirmation is the link that confirms the address that a message goes to, for as long as what was asked for can be confirmed.
func (w *workspace) confirmation(ring sign.Ring, a *about) string {
	i := a.subject.Intent
	link := wire.Link{Workspace: w.name, Contact: i.Contact, Channel: i.Channel, Tag: a.subject.To.Tag()}
	until := i.Activity.AskedAt.Add(a.data.Source.DoubleOptIn.Period())
	return w.public("/c/" + ring.Seal(wire.PurposeConfirm, link.EncodeConfirm(), until))
}

// click is the short link of a message that leads to a URL of the catalogue, which edges know it by; "" for none, and for what
// edges would not lead to.
func (w *workspace) click(ctx context.Context, ring sign.Ring, i core.Intent, url string) (string, error) {
	if !core.LeadsToPage(url) {
		return "", nil
	}
	id := core.NewLinkID(w.name, url)
	b, err := wire.Marshal(wire.EdgeLink{Workspace: w.name, URL: url})
	if err != nil {
		return "", err
	}
	if err := w.node.tell(ctx, wire.LinkKey(id), b); err != nil {
		return "", fmt.Errorf("telling edges where a link leads: %w", err)
	}
	return w.clickTo(ring, i, id), nil
}

// clickTo is the link itself; in texts it is as short as can be.
func (w *workspace) clickTo(ring sign.Ring, i core.Intent, id core.LinkID) string {
	if i.Channel == core.SMS {
		base := strings.TrimRight(cmp.Or(w.node.config.TextURL, w.node.config.PublicURL), "/")
		return base + "/r/" + ring.Brief(wire.PurposeClick, wire.EncodeBrief(id, i.Key.Tag()))
	}
	return w.public("/r/" + ring.Short(wire.PurposeClick, wire.EncodeClick(id, i.Key.Tag())))
}
