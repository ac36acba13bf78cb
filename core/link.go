package core

import "net/url"

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

// LeadsToPage says whether a URL is one that shoppers may be led to: http or https, absolute, with a host and without credentials, which
// would make it look like another's. Whatever a browser reads otherwise than we (backslashes, control characters, schemes of its own) is none.
func LeadsToPage(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && u.User == nil && u.Opaque == ""
}
