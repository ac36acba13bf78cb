package core

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"regexp"
)

// ID is a derived or random identity of 16 bytes; its text form is 32 hexadecimal digits.
type ID [16]byte

// The kinds of ID; each is what its derivation below says, so the same facts always give the same id.
type (
	ContactID   ID // HMAC(workspace key, channel and normal address) of the contact's first address; see NewContactIDAfter
	ActivityID  ID // H(kind, contact, what the activity is about)
	RestockID   ID // H(source, variant, market, journal sequence of the opening entry)
	RunID       ID // H(journey, contact, entry activity): free of the journey's version
	LedgerKey   ID // H(workspace, run or broadcast, shape, visit, contact, channel)
	BroadcastID ID // H(workspace, broadcast)
	EdgeID      ID // random, made together with the edge's database
)

// Hash is a SHA-256; plugins, templates and blobs are known by it.
type Hash [32]byte

func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// HashOf is the SHA-256 of b.
func HashOf(b []byte) Hash { return sha256.Sum256(b) }

func (id ID) String() string          { return hex.EncodeToString(id[:]) }
func (id ContactID) String() string   { return ID(id).String() }
func (id ActivityID) String() string  { return ID(id).String() }
func (id RestockID) String() string   { return ID(id).String() }
func (id RunID) String() string       { return ID(id).String() }
func (id LedgerKey) String() string   { return ID(id).String() }
func (id BroadcastID) String() string { return ID(id).String() }
func (id EdgeID) String() string      { return ID(id).String() }

// ParseID reads 32 hexadecimal digits.
func ParseID(s string) (ID, error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(ID{}) {
		return ID{}, fmt.Errorf("parsing id %q: want 32 hexadecimal digits", s)
	}
	return ID(b), nil
}

// derive hashes parts, each led by its length, so that ("ab","c") and ("a","bc") differ.
func derive(parts ...string) ID {
	h := sha256.New()
	writeParts(h, parts)
	return ID(h.Sum(nil)[:16])
}

func writeParts(w interface{ Write([]byte) (int, error) }, parts []string) {
	var n [8]byte
	for _, p := range parts {
		binary.BigEndian.PutUint64(n[:], uint64(len(p)))
		_, _ = w.Write(n[:])
		_, _ = w.Write([]byte(p))
	}
}

// NewContactID derives the id of a contact from its first address in normal form.
func NewContactID(workspaceKey []byte, a Address) ContactID {
	h := hmac.New(sha256.New, workspaceKey)
	writeParts(h, []string{"contact", string(a.Channel), a.Value})
	return ContactID(h.Sum(nil)[:16])
}

// NewContactIDAfter derives the id of the contact that an address makes once its person was erased: another than before,
// so that nothing which is still on its way for the one who is gone can meet the one who came.
func NewContactIDAfter(workspaceKey []byte, a Address, erased Time) ContactID {
	h := hmac.New(sha256.New, workspaceKey)
	writeParts(h, []string{"contact", string(a.Channel), a.Value, fmt.Sprint(int64(erased))})
	return ContactID(h.Sum(nil)[:16])
}

// NewBroadcastID derives the id of a broadcast: free of its version, so that it goes to each contact once.
func NewBroadcastID(w WorkspaceName, n Name) BroadcastID {
	return BroadcastID(derive("broadcast", string(w), string(n)))
}

// NewRestockID derives the id of the restock that the journal entry seq opened.
func NewRestockID(v VariantKey, m Market, seq Sequence) RestockID {
	return RestockID(derive("restock", string(v.Source), string(v.Variant), string(m), fmt.Sprint(uint64(seq))))
}

// NewWaitingID derives the id of the Waiting on stock activity of an entry: one per place in line.
func NewWaitingID(c ContactID, t Target, captured Time) ActivityID {
	return ActivityID(derive(string(WaitingOnStock), string(c[:]), string(t.Source), string(t.Variant), string(t.Product), fmt.Sprint(int64(captured))))
}

// NewConfirmationID derives the id of the activity of being asked to confirm a capture.
func NewConfirmationID(c ContactID, t Target, captured Time) ActivityID {
	return ActivityID(derive(string(ConfirmationAsked), string(c[:]), string(t.Source), string(t.Variant), string(t.Product), fmt.Sprint(int64(captured))))
}

// NewBackID derives the id of a Back in stock activity: at most one per contact and restock.
func NewBackID(c ContactID, r RestockID) ActivityID {
	return ActivityID(derive(string(BackInStock), string(c[:]), string(r[:])))
}

// NewLowID derives the id of a Running low activity: at most one per contact and restock.
func NewLowID(c ContactID, r RestockID) ActivityID {
	return ActivityID(derive(string(RunningLow), string(c[:]), string(r[:])))
}

// NewFadedID derives what stands for a contact's first or last activity of a kind and source among activities, once its
// details are gone.
func NewFadedID(c ContactID, s SourceName, k ActivityKind, last bool) ActivityID {
	return ActivityID(derive("faded", string(c[:]), string(s), string(k), fmt.Sprint(last)))
}

// NewReachedID derives the id of the activity of a line that has reached n.
func NewReachedID(w Waitlist, n int64, at Time) ActivityID {
	return ActivityID(derive(string(WaitlistReached), string(w.Source), fmt.Sprint(w.Product), w.ID, string(w.Market), fmt.Sprint(n), fmt.Sprint(int64(at))))
}

// NewRunID derives the id of a contact's passage through a journey.
func NewRunID(j Name, c ContactID, a ActivityID) RunID {
	return RunID(derive("run", string(j), string(c[:]), string(a[:])))
}

// NewLedgerKey derives the key under which one message to one contact stands in the ledger.
func NewLedgerKey(w WorkspaceName, run RunID, shape string, visit int, c ContactID, ch Channel) LedgerKey {
	return LedgerKey(derive("send", string(w), string(run[:]), shape, fmt.Sprint(visit), string(c[:]), string(ch)))
}

// NewResendKey derives the key of a message by which another one is sent again that no run has made.
func NewResendKey(k LedgerKey) LedgerKey { return LedgerKey(derive("resend", string(k[:]))) }

// NewOrderKey derives what an order is known by where it must not be named: only who has the key can tell which it is.
func NewOrderKey(workspaceKey []byte, s SourceName, o OrderID) ID {
	h := hmac.New(sha256.New, workspaceKey)
	writeParts(h, []string{"order", string(s), string(o)})
	return ID(h.Sum(nil)[:16])
}

// NewAlertKey derives the key under which the message to a merchant stands in the ledger that tells of a line which has
// reached n: the shape of the journey that sends it, and which of the journal's works it was.
func NewAlertKey(w WorkspaceName, line Waitlist, n int64, at WorkID, j Name, shape string) LedgerKey {
	return LedgerKey(derive("alert", string(w), string(line.Source), fmt.Sprint(line.Product), line.ID, string(line.Market),
		fmt.Sprint(n), fmt.Sprint(uint64(at.Sequence)), fmt.Sprint(at.Number), string(j), shape))
}

// Sequence is the place of a message in a workspace's journal, from 1 on.
type Sequence uint64

// Epoch counts the leaders of a workspace, from 1 on; what an older leader wrote after a newer one took over is void.
type Epoch uint64

// Name is how files and the command line call a thing of a workspace: [a-z0-9-]{1,63}.
type Name string

// WorkspaceName names one merchant's separate world.
type WorkspaceName string

// SourceName names a data source; unique per installation, since edge URLs carry no workspace.
type SourceName string

var namePattern = regexp.MustCompile(`^[a-z0-9-]{1,63}$`)

// ValidName says whether s can name a source, journey, plugin, sender or workspace.
func ValidName(s string) bool { return namePattern.MatchString(s) }

// MaxExternalID is the longest external id we keep, in bytes; shops' own are far shorter.
const MaxExternalID = 128

// NewDeliveryID derives what tells a webhook delivery from every other: the source, what the platform says identifies
// it, and the body (some platforms' delivery ids collide).
func NewDeliveryID(s SourceName, dedupe string, body []byte) ID {
	h := HashOf(body)
	return derive("delivery", string(s), dedupe, string(h[:]))
}

// NewPostingID derives what a provider's posting is recognised by when it comes again.
func NewPostingID(sender Name, query string, body []byte) ID {
	h := HashOf(body)
	return derive("posting", string(sender), query, string(h[:]))
}
