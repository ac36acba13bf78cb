package db

import (
	"bytes"
	"encoding/binary"

	"restock/core"
	"restock/core/wire"
)

// Table is a typed part of the key space: how a key is written and what stands there. Tables are descriptions, not
// state; they hold nothing.
type Table[K, V any] struct {
	letter byte
	key    func(b []byte, k K) []byte
}

func (t Table[K, V]) bytes(k K) []byte {
	return t.key(append(make([]byte, 0, 64), t.letter), k)
}

// Get reads what stands at k.
func (t Table[K, V]) Get(tx *Tx, k K) (v V, ok bool) {
	ok = tx.get(t.bytes(k), func(b []byte) error { return wire.Unmarshal(b, &v) })
	return v, ok
}

// Has says whether something stands at k.
func (t Table[K, V]) Has(tx *Tx, k K) bool {
	return tx.get(t.bytes(k), func([]byte) error { return nil })
}

// Set writes v at k.
func (t Table[K, V]) Set(tx *Tx, k K, v V) {
	b, err := wire.Marshal(v)
	tx.fail(err)
	tx.set(t.bytes(k), b)
}

// Delete removes what stands at k.
func (t Table[K, V]) Delete(tx *Tx, k K) { tx.delete(t.bytes(k)) }

// All walks the whole table in order until visit returns false.
func (t Table[K, V]) All(tx *Tx, visit func(V) bool) { t.scan(tx, []byte{t.letter}, nil, visit) }

func (t Table[K, V]) scan(tx *Tx, prefix, after []byte, visit func(V) bool) {
	t.rows(tx, prefix, after, func(_ []byte, v V) bool { return visit(v) })
}

// after walks what stands under the beginning of a key, in order, from behind a row ("": from the first), until visit returns false.
func (t Table[K, V]) after(tx *Tx, prefix []byte, after core.Row, visit func(row core.Row, v V) bool) {
	t.rows(tx, prefix, behind(after), func(key []byte, v V) bool { return visit(core.Row(key), v) })
}

// rows is scan with keys, which hold until visit returns.
func (t Table[K, V]) rows(tx *Tx, prefix, after []byte, visit func(key []byte, v V) bool) {
	tx.scan(prefix, after, true, func(key, b []byte) bool {
		var v V
		if err := wire.Unmarshal(b, &v); err != nil {
			tx.fail(err)
			return false
		}
		return visit(key, v)
	})
}

// Index is a part of the key space whose keys say everything: under a prefix P stand the tails T, which have a fixed
// size, in order.
type Index[P, T any] struct {
	letter byte
	prefix func(b []byte, p P) []byte
	tail   func(b []byte, t T) []byte
	parse  func(b []byte) T // of the tail's bytes
	size   int              // of a tail, in bytes
}

func (x Index[P, T]) start(p P) []byte {
	return x.prefix(append(make([]byte, 0, 96), x.letter), p)
}

// Add writes t under p.
func (x Index[P, T]) Add(tx *Tx, p P, t T) { tx.set(x.tail(x.start(p), t), nil) }

// Note is Add that leaves a note beside t, in the place of the one that stood there; Noted reads it.
func (x Index[P, T]) Note(tx *Tx, p P, t T, note []byte) { tx.set(x.tail(x.start(p), t), note) }

// Remove takes t from under p.
func (x Index[P, T]) Remove(tx *Tx, p P, t T) { tx.delete(x.tail(x.start(p), t)) }

// Has says whether t stands under p.
func (x Index[P, T]) Has(tx *Tx, p P, t T) bool {
	return tx.get(x.tail(x.start(p), t), func([]byte) error { return nil })
}

// Scan walks the tails under p in order, from the first, until visit returns false.
func (x Index[P, T]) Scan(tx *Tx, p P, visit func(T) bool) { x.scan(tx, p, nil, visit) }

// After walks the tails under p that come after t, until visit returns false.
func (x Index[P, T]) After(tx *Tx, p P, t T, visit func(T) bool) {
	x.scan(tx, p, x.tail(x.start(p), t), visit)
}

// Noted is Scan, or After if there is an after, with the notes beside the tails; a note is empty where none was left, and
// holds until visit returns.
func (x Index[P, T]) Noted(tx *Tx, p P, after *T, visit func(t T, note []byte) bool) {
	var from []byte
	if after != nil {
		from = x.tail(x.start(p), *after)
	}
	tx.scan(x.start(p), from, true, func(key, note []byte) bool {
		return visit(x.parse(key[len(key)-x.size:]), note)
	})
}

func (x Index[P, T]) scan(tx *Tx, p P, after []byte, visit func(T) bool) {
	tx.scan(x.start(p), after, false, func(key, _ []byte) bool {
		return visit(x.parse(key[len(key)-x.size:]))
	})
}

// The tables that are scanned by the beginning of their keys.

// ActivitiesOf walks the activities of a contact, in order of their ids.
func ActivitiesOf(tx *Tx, c core.ContactID, visit func(core.Activity) bool) {
	Activities.scan(tx, id([]byte{Activities.letter}, c), nil, visit)
}

// ActivitiesAfter walks all activities from behind a row ("": from the first).
func ActivitiesAfter(tx *Tx, after core.Row, visit func(row core.Row, a core.Activity) bool) {
	Activities.after(tx, []byte{Activities.letter}, after, visit)
}

// OccurrencesOf walks when what occurred of which the details are gone.
func OccurrencesOf(tx *Tx, c core.ContactID, visit func(core.Occurrences) bool) {
	Occurrences.scan(tx, id([]byte{Occurrences.letter}, c), nil, visit)
}

// OccurredBetween walks the activities of a kind that occurred from one moment on and before another, from behind a row ("":
// from the first), in order of time.
func OccurredBetween(tx *Tx, k core.ActivityKind, from, to core.Time, after core.Row, visit func(row core.Row, o Occurred) bool) {
	start := max(after, core.Row(instant(OccurredTo.start(k), from)))
	tx.scan(OccurredTo.start(k), []byte(start), false, func(key, _ []byte) bool {
		o := parseOccurred(key[len(key)-OccurredTo.size:])
		return o.At < to && visit(core.Row(key), o)
	})
}

// CohortsBetween walks the cohorts of a kind whose activities occurred from one moment on and before another, from behind a row
// ("": from the first), in order of time.
func CohortsBetween(tx *Tx, k core.ActivityKind, from, to core.Time, after core.Row, visit func(row core.Row, key OccurredKey, in OccurredIn) bool) {
	prefix := text([]byte{OccurredCohorts.letter}, k)
	start := max(after, core.Row(instant(bytes.Clone(prefix), from)))
	OccurredCohorts.rows(tx, prefix, []byte(start), func(key []byte, in OccurredIn) bool {
		at := parseOccurredIn(key[1:])
		return at.At < to && visit(core.Row(key), at, in)
	})
}

// OccurredBack walks the activities of a kind from the last to the first. Those of cohorts' members are found by CohortsBack.
func OccurredBack(tx *Tx, k core.ActivityKind, visit func(o Occurred) bool) {
	tx.scanBack(OccurredTo.start(k), func(key []byte) bool { return visit(parseOccurred(key[len(key)-OccurredTo.size:])) })
}

// CohortsBack walks the cohorts of a kind from the last to the first.
func CohortsBack(tx *Tx, k core.ActivityKind, visit func(key OccurredKey) bool) {
	tx.scanBack(text([]byte{OccurredCohorts.letter}, k), func(key []byte) bool { return visit(parseOccurredIn(key[1:])) })
}

// CohortsAfter walks all cohorts that OccurredCohorts names, from behind a row ("": from the first).
func CohortsAfter(tx *Tx, after core.Row, visit func(row core.Row, key OccurredKey, in OccurredIn) bool) {
	OccurredCohorts.rows(tx, []byte{OccurredCohorts.letter}, behind(after), func(key []byte, in OccurredIn) bool {
		return visit(core.Row(key), parseOccurredIn(key[1:]), in)
	})
}

// ContactsAfter walks all contacts from behind a row ("": from the first), in order of their ids.
func ContactsAfter(tx *Tx, after core.Row, visit func(row core.Row, c core.Contact) bool) {
	Contacts.after(tx, []byte{Contacts.letter}, after, visit)
}

// AttributionsAfter walks what orders were attributed to from behind a row ("": from the first).
func AttributionsAfter(tx *Tx, after core.Row, visit func(row core.Row, order core.ID, a core.Attribution) bool) {
	Attributions.rows(tx, []byte{Attributions.letter}, behind(after), func(key []byte, a core.Attribution) bool {
		return visit(core.Row(key), parseID[core.ID](key[1:]), a)
	})
}

// AlertedOf walks the lines of a source of which its merchant was told.
func AlertedOf(tx *Tx, s core.SourceName, visit func(line core.Waitlist, all []core.Alerted) bool) {
	Alerts.rows(tx, text([]byte{Alerts.letter}, s), nil, func(key []byte, all []core.Alerted) bool {
		return visit(parseWaitlist(key[1:]), all)
	})
}

// LinesAfter walks the lines in which somebody stands from behind a row ("": from the first).
func LinesAfter(tx *Tx, after core.Row, visit func(row core.Row, line core.Waitlist) bool) {
	tx.scan([]byte{Waiting.letter}, behind(after), false, func(key, _ []byte) bool {
		return visit(core.Row(key), parseWaitlist(key[1:]))
	})
}

// FormersOf walks the addresses that lead to a contact and that its record names no more, in order.
func FormersOf(tx *Tx, c core.ContactID, visit func(core.Address) bool) {
	Formers.scan(tx, id([]byte{Formers.letter}, c), nil, visit)
}

// TimersOf walks the timers that wake a run at a moment.
func TimersOf(tx *Tx, r core.RunID, due core.Time, visit func(Timer) bool) {
	Timers.scan(tx, id(instant([]byte{Timers.letter}, due), r), nil, visit)
}

// NextDue is when the first timer goes off, or the first run that stands until a moment goes on.
func NextDue(tx *Tx) (due core.Time, ok bool) {
	Timers.All(tx, func(t Timer) bool { due, ok = t.Due, true; return false })
	DelaysAhead(tx, func(d Delay) bool {
		if !ok || d.Due < due {
			due, ok = d.Due, true
		}
		return false
	})
	return due, ok
}

// DelaysAhead walks the runs that stand until a moment, those first that go on first. It begins behind the last that went on:
// what was deleted before it costs nothing, be it a million rows.
func DelaysAhead(tx *Tx, visit func(Delay) bool) {
	var after []byte
	if last, ok := Woken.Get(tx, struct{}{}); ok {
		after = Delays.bytes(last)
	}
	Delays.scan(tx, []byte{Delays.letter}, after, visit)
}

// StandingAfter walks the runs that stand at a shape in the order in which they came, from behind a row ("": from the first).
func StandingAfter(tx *Tx, k ShapeKey, after core.Row, visit func(row core.Row, s Stand) bool) {
	tx.scan(shapeKey([]byte{Standing.letter}, k), behind(after), false, func(key, _ []byte) bool {
		return visit(core.Row(key), parseStand(key[len(key)-Standing.size:]))
	})
}

// ToldsAfter walks who was told of a restock, behind a row (none: from the first on), in the order in which they were.
func ToldsAfter(tx *Tx, r core.RestockID, after core.Row, visit func(row core.Row, t Told) bool) {
	tx.scan(id([]byte{Tolds.letter}, r), behind(after), false, func(key, _ []byte) bool {
		return visit(core.Row(key), parseTold(key[len(key)-Tolds.size:]))
	})
}

// ToldsAt walks who was told of a restock at a moment.
func ToldsAt(tx *Tx, r core.RestockID, at core.Time, visit func(Told) bool) {
	tx.scan(instant(id([]byte{Tolds.letter}, r), at), nil, false, func(key, _ []byte) bool {
		return visit(parseTold(key[len(key)-Tolds.size:]))
	})
}

// CountsOf walks how the shapes of a journey are doing, and under "" the journey.
func CountsOf(tx *Tx, j core.Name, visit func(shape string, c core.ShapeCount) bool) {
	prefix := text([]byte{Counts.letter}, j)
	Counts.rows(tx, prefix, nil, func(key []byte, c core.ShapeCount) bool {
		shape, _ := cutText(key[len(prefix):])
		return visit(shape, c)
	})
}

// ForgetsAfter walks the forget orders that were given after one (zero: all), in order.
func ForgetsAfter(tx *Tx, after core.WorkID, visit func(core.WorkID, core.Forget) bool) {
	Forgets.rows(tx, []byte{Forgets.letter}, Forgets.bytes(after), func(key []byte, f core.Forget) bool {
		return visit(parseWork(key[1:]), f)
	})
}

// CohortHeadsAfter walks the heads of the cohorts that were formed after one (zero: of all), in order.
func CohortHeadsAfter(tx *Tx, after core.WorkID, visit func(core.CohortHead) bool) {
	CohortHeads.scan(tx, []byte{CohortHeads.letter}, CohortHeads.bytes(after), visit)
}

// SuppressedFor says why an address must not be sent to; "" when it may. What an erased address was suppressed for still
// holds when it comes back.
func SuppressedFor(tx *Tx, a core.Address) core.Reason {
	if s, ok := Suppressions.Get(tx, a); ok {
		return s.Reason
	}
	w, _ := Workspaces.Get(tx, struct{}{})
	e, _ := Erasures.Get(tx, core.NewContactID(w.Key, a))
	return e.Suppressed
}

// AllHeld walks the intents that are held, restock by restock.
func AllHeld(tx *Tx, visit func(core.LedgerKey) bool) {
	tx.scan([]byte{Held.letter}, nil, false, func(key, _ []byte) bool { return visit(Held.parse(key[len(key)-Held.size:])) })
}

// DroppedFrom walks the intents that were dropped for a reason ("": any) and are not sent again, the latest first within each reason.
func DroppedFrom(tx *Tx, why core.Reason, visit func(core.LedgerKey) bool) {
	prefix := []byte{Dropped.letter}
	if why != "" {
		prefix = Dropped.start(why)
	}
	tx.scanBack(prefix, func(key []byte) bool { return visit(Dropped.parse(key[len(key)-Dropped.size:]).Key) })
}

// IntentTagged is the first intent whose key begins with a tag, or with what is known of one.
func IntentTagged(tx *Tx, tag []byte) (i core.Intent, ok bool) {
	Intents.scan(tx, append([]byte{Intents.letter}, tag...), nil, func(found core.Intent) bool { i, ok = found, true; return false })
	return i, ok
}

// PendingsOf walks what a contact has yet to confirm.
func PendingsOf(tx *Tx, c core.ContactID, visit func(core.Pending) bool) {
	Pendings.scan(tx, id([]byte{Pendings.letter}, c), nil, visit)
}

// PendingsAfter walks all that is to be confirmed from behind a row ("": from the first).
func PendingsAfter(tx *Tx, after core.Row, visit func(row core.Row, p core.Pending) bool) {
	Pendings.after(tx, []byte{Pendings.letter}, after, visit)
}

// AllEdges walks the edges that ever sent something, with the number of the last entry applied of each.
func AllEdges(tx *Tx, visit func(e core.EdgeID, last uint64)) {
	Edges.rows(tx, []byte{Edges.letter}, nil, func(key []byte, last uint64) bool {
		visit(core.EdgeID(key[1:]), last)
		return true
	})
}

// AllWaiting walks the lines in which somebody stands, with how many do.
func AllWaiting(tx *Tx, visit func(line core.Waitlist, n int64)) {
	waitingUnder(tx, []byte{Waiting.letter}, visit)
}

// WaitingOf walks the lines of a source in which somebody stands, with how many do.
func WaitingOf(tx *Tx, s core.SourceName, visit func(line core.Waitlist, n int64)) {
	waitingUnder(tx, text([]byte{Waiting.letter}, s), visit)
}

func waitingUnder(tx *Tx, prefix []byte, visit func(line core.Waitlist, n int64)) {
	Waiting.rows(tx, prefix, nil, func(key []byte, n int64) bool {
		visit(parseWaitlist(key[1:]), n)
		return true
	})
}

// PlacesOf walks the places in all lines of a source, line by line, from behind a row ("": from the first).
func PlacesOf(tx *Tx, s core.SourceName, after core.Row, visit func(row core.Row, line core.Waitlist, p Place) bool) {
	tx.scan(text([]byte{Waitlists.letter}, s), behind(after), false, func(key, _ []byte) bool {
		return visit(core.Row(key), parseWaitlist(key[1:]), parsePlace(key[len(key)-Waitlists.size:]))
	})
}

// VariantsOf walks the variants of a source in order of their ids, from behind a row ("": from the first).
func VariantsOf(tx *Tx, s core.SourceName, after core.Row, visit func(row core.Row, v core.Variant) bool) {
	Variants.after(tx, text([]byte{Variants.letter}, s), after, visit)
}

// HeldOf walks what is held of a reading, in order of the variants, from behind a row ("": from the first).
func HeldOf(tx *Tx, k ReadingKey, after core.Row, visit func(row core.Row, f core.HeldFacts) bool) {
	HeldFacts.after(tx, readingKey([]byte{HeldFacts.letter}, k), after, visit)
}

// StocksOf walks what is remembered of a variant's stock, market by market.
func StocksOf(tx *Tx, k core.VariantKey, visit func(k StockKey, s core.Stock) bool) {
	StocksBetween(tx, k, k, visit)
}

// StocksBetween walks what is remembered of the stock of a source's variants, from one to another in the order of their rows
// (VariantsOf), both included.
func StocksBetween(tx *Tx, from, to core.VariantKey, visit func(k StockKey, s core.Stock) bool) {
	first, last := variantKey([]byte{Stocks.letter}, from), variantKey([]byte{Stocks.letter}, to)
	last = append(last, 0xff) // behind the length of any market's name
	tx.scan(text([]byte{Stocks.letter}, from.Source), first, true, func(key, value []byte) bool {
		if bytes.Compare(key, last) > 0 {
			return false
		}
		var s core.Stock
		tx.fail(wire.Unmarshal(value, &s))
		return visit(parseStockKey(key[1:]), s)
	})
}

// WavesOf walks the waves of a restock, the first before the others.
func WavesOf(tx *Tx, r core.RestockID, visit func(core.Wave) bool) {
	Waves.scan(tx, id([]byte{Waves.letter}, r), nil, visit)
}

// TurnsAfter walks who was told of a restock and may be about to buy, from behind a contact (zero: from the first).
func TurnsAfter(tx *Tx, r core.RestockID, after core.ContactID, visit func(c core.ContactID) bool) {
	tx.scan(id([]byte{Turns.letter}, r), Turns.bytes(TurnKey{r, after}), false, func(key, _ []byte) bool {
		return visit(core.ContactID(key[17:33]))
	})
}

// behind is where a walk goes on.
func behind(row core.Row) []byte {
	if row == "" {
		return nil
	}
	return []byte(row)
}

// CountDue counts the intents that are due, now or later, of all senders.
func CountDue(tx *Tx) int { return tx.count(Due.letter) }

// CountHeld counts the intents that are held, of all restocks.
func CountHeld(tx *Tx) int { return tx.count(Held.letter) }

// CountDropped counts the intents that were dropped and are not sent again, by reason.
func CountDropped(tx *Tx) map[core.Reason]int {
	counts := map[core.Reason]int{}
	tx.scan([]byte{Dropped.letter}, nil, false, func(key, _ []byte) bool {
		reason, _ := cutText(key[1:])
		counts[core.Reason(reason)]++
		return true
	})
	return counts
}

// CountUnknown counts the intents of which nobody knows whether the provider took them.
func CountUnknown(tx *Tx) int { return tx.count(Unknown.letter) }

func (tx *Tx) count(letter byte) (n int) {
	tx.scan([]byte{letter}, nil, false, func(_, _ []byte) bool { n++; return true })
	return n
}

// NewestRestocks walks restocks from the newest on.
func NewestRestocks(tx *Tx, visit func(core.Restock) bool) {
	tx.scanBack([]byte{Opened.letter}, func(key []byte) bool {
		r, ok := Restocks.Get(tx, parseOpened(key[1:]).ID)
		return !ok || visit(r)
	})
}

// EntriesOf walks the places in line of a contact.
func EntriesOf(tx *Tx, c core.ContactID, visit func(core.Entry) bool) {
	Entries.scan(tx, id([]byte{Entries.letter}, c), nil, visit)
}

// The parts of keys.

// text is for names and external ids, whose lengths are bounded where they come in (core.MaxExternalID).
func text[S ~string](b []byte, s S) []byte {
	s = s[:min(len(s), 255)]
	return append(append(b, byte(len(s))), s...)
}

// cutText reads what text wrote, and returns the rest.
func cutText(b []byte) (string, []byte) {
	n := 1 + int(b[0])
	return string(b[1:n]), b[n:]
}

func id[I ~[16]byte](b []byte, i I) []byte { return append(b, i[:]...) }

func number[N ~uint64](b []byte, n N) []byte { return binary.BigEndian.AppendUint64(b, uint64(n)) }

// instant flips the sign bit, so that times before 1970 sort before those after.
func instant(b []byte, t core.Time) []byte {
	return binary.BigEndian.AppendUint64(b, uint64(t)^(1<<63))
}

func parseInstant(b []byte) core.Time {
	return core.Time(binary.BigEndian.Uint64(b) ^ (1 << 63))
}

func hash(b []byte, h core.Hash) []byte { return append(b, h[:]...) }

func single(b []byte, _ struct{}) []byte { return b }
