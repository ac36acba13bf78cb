package core

// MessageTag is the beginning of a message's ledger key: what its links are short by, and enough to tell it from others of its
// workspace.
type MessageTag [8]byte

// Tag is the beginning of the key.
func (k LedgerKey) Tag() MessageTag { return MessageTag(k[:8]) }

// LinkID is what a link's target is known by at edges, which is the only place where links lead to: a URL of the catalogue.
type LinkID [6]byte

// NewLinkID derives the id of a link's target.
func NewLinkID(w WorkspaceName, url string) LinkID {
	id := derive("link", string(w), url)
	return LinkID(id[:6])
}
