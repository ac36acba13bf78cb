package wire

import (
	"fmt"

	"restock/core"
)

// Purposes of sealed links; a link of one purpose never opens as another.
const PurposeUnsubscribe = "unsubscribe"

// Link is what a link in a message is about. It names no address.
type Link struct {
	Workspace core.WorkspaceName
	Contact   core.ContactID
	Channel   core.Channel
}

// Encode writes the link's payload: channel's letter, contact id, workspace.
func (l Link) Encode() []byte {
	b := append([]byte{l.Channel[0]}, l.Contact[:]...)
	return append(b, l.Workspace...)
}

// DecodeLink reads a link's payload.
func DecodeLink(b []byte) (Link, error) {
	const head = 1 + len(core.ContactID{})
	if len(b) <= head || !core.ValidName(string(b[head:])) {
		return Link{}, fmt.Errorf("decoding link: %d bytes of no known form", len(b))
	}
	l := Link{Contact: core.ContactID(b[1:head]), Workspace: core.WorkspaceName(b[head:])}
	for _, ch := range []core.Channel{core.Email, core.SMS, core.Push} {
		if ch[0] == b[0] {
			l.Channel = ch
			return l, nil
		}
	}
	return Link{}, fmt.Errorf("decoding link: no channel %q", b[0])
}
