package wire

import (
	"errors"
	"fmt"

	"restock/core"
)

// Purposes of sealed links; a link of one purpose never opens as another.
const (
	PurposeUnsubscribe = "unsubscribe"
	PurposeConfirm     = "confirm"
	PurposeClick       = "click"
)

// Link is what a link in a message is about. It names no address.
type Link struct {
	Workspace core.WorkspaceName
	Contact   core.ContactID
	Channel   core.Channel
	Purpose   core.Purpose    // of the messages that it ends; "": of all
	Tag       core.AddressTag // of the address that it confirms
}

// The forms of a link's payload. Links in mails that were sent stay good, so that the first has no number: it begins with the letter of a
// channel.
//
//	        channel's letter, contact id, workspace
//	1:      channel's letter, purpose's letter, contact id, workspace
//	2:      channel's letter, address tag, contact id, workspace
const (
	formPurpose = 1
	formTag     = 2
)

// Encode writes the payload of a link that ends messages.
func (l Link) Encode() []byte {
	if l.Purpose == "" {
		return l.end([]byte{l.Channel[0]})
	}
	return l.end([]byte{formPurpose, l.Channel[0], l.Purpose[0]})
}

// EncodeConfirm writes the payload of a link that confirms an address.
func (l Link) EncodeConfirm() []byte {
	return l.end(append([]byte{formTag, l.Channel[0]}, l.Tag[:]...))
}

func (l Link) end(b []byte) []byte {
	return append(append(b, l.Contact[:]...), l.Workspace...)
}

// errForm means a payload that no link has.
var errForm = errors.New("decoding link: no known form")

// DecodeLink reads the payload of a link that ends messages.
func DecodeLink(b []byte) (l Link, err error) {
	if len(b) > 2 && b[0] == formPurpose {
		for _, p := range []core.Purpose{core.StockAlert, core.Marketing} {
			if p[0] == b[2] {
				l.Purpose = p
			}
		}
		if l.Purpose == "" {
			return Link{}, fmt.Errorf("decoding link: no purpose %q", b[2])
		}
		return l.decode(b[1], b[3:])
	}
	if len(b) == 0 {
		return l, errForm
	}
	return l.decode(b[0], b[1:])
}

// DecodeConfirm reads the payload of a link that confirms an address.
func DecodeConfirm(b []byte) (l Link, err error) {
	const head = 2 + len(core.AddressTag{})
	if len(b) < head || b[0] != formTag {
		return l, errForm
	}
	l.Tag = core.AddressTag(b[2:head])
	return l.decode(b[1], b[head:])
}

func (l Link) decode(channel byte, b []byte) (Link, error) {
	const id = len(core.ContactID{})
	if len(b) <= id || !core.ValidName(string(b[id:])) {
		return Link{}, errForm
	}
	l.Contact, l.Workspace = core.ContactID(b[:id]), core.WorkspaceName(b[id:])
	for _, ch := range []core.Channel{core.Email, core.SMS, core.Push} {
		if ch[0] == channel {
			l.Channel = ch
			return l, nil
		}
	}
	return Link{}, fmt.Errorf("decoding link: no channel %q", channel)
}

// ClickBytes is the size of the payload of a link that leads somewhere: short, since texts carry it.
const ClickBytes = len(core.LinkID{}) + len(core.MessageTag{})

// EncodeClick writes the payload of a link in a message that leads to a target.
func EncodeClick(l core.LinkID, m core.MessageTag) []byte { return append(l[:], m[:]...) }

// DecodeClick reads it.
func DecodeClick(b []byte) (l core.LinkID, m core.MessageTag, err error) {
	if len(b) != ClickBytes {
		return l, m, errForm
	}
	return core.LinkID(b[:len(l)]), core.MessageTag(b[len(l):]), nil
}

// BriefTag is how much of a message's tag a link in a text has: of ten million messages of a workspace, about one in five million
// shares it with another, whose click it may then count as.
const BriefTag = 6

// BriefClick is the length in characters of the sealed link in a text: base64url of BriefTag, a link's id and a tag of four bytes.
const BriefClick = 22

// EncodeBrief writes the payload of a link in a text that leads to a target.
func EncodeBrief(l core.LinkID, m core.MessageTag) []byte { return append(l[:], m[:BriefTag]...) }

// DecodeBrief reads it; of the message's tag only the first BriefTag bytes are known.
func DecodeBrief(b []byte) (l core.LinkID, m core.MessageTag, err error) {
	if len(b) != len(l)+BriefTag {
		return l, m, errForm
	}
	copy(m[:], b[len(l):])
	return core.LinkID(b[:len(l)]), m, nil
}

// EdgeLink is where a link leads, as edges know it.
type EdgeLink struct {
	Workspace core.WorkspaceName `msgpack:"w"`
	URL       string             `msgpack:"url"`
}
