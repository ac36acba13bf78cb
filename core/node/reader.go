package node

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"time"

	"restock/core"
	"restock/core/db"
	"restock/core/source/api"
	"restock/core/wire"
)

// Bounds of reading shops.
const (
	readOverlap = 10 * core.Minute // that a poll looks back before the last one: clocks differ, and shops' indexes lag
	maxWaited   = 2000             // products that somebody waits for, those of the longest lines, that a poll reads
	unreadFirst = 30 * time.Second // after the first failure; it doubles
	unreadLast  = 15 * time.Minute
)

// unread is why a source's API could not be read the last time.
type unread struct {
	reason core.Reason
	text   string
	at     core.Time
}

// readSources runs one loop per source that has an API, so that a slow shop holds up nobody else's.
func (w *workspace) readSources(ctx context.Context) error {
	running := map[core.SourceName]bool{}
	failed := make(chan error, 1)
	var loops sync.WaitGroup
	defer loops.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for {
		_, changed := w.at()
		for name, s := range w.machine.Sources() {
			if running[name] || s.API.URL == "" {
				continue
			}
			running[name] = true
			loops.Go(func() {
				r := &reader{workspace: w, name: name}
				defer r.close()
				select {
				case failed <- w.whenever(ctx, r.step):
				default: // another loop has failed already
				}
			})
		}
		select {
		case <-changed:
		case err := <-failed:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// reader reads one source's API. What it knows beside the state serves its pace alone: a new leader's reader goes on with
// the catalogue where the state says, and begins a poll anew.
type reader struct {
	*workspace
	name     core.SourceName
	shop     shopAPI
	declared core.Source // that shop was opened with
	wantFull bool        // more changed than a poll reads
	anew     bool        // the catalogue cannot be read on from where it stood
	heard    core.Time   // the last wish to be read at once that was heard
	failures int         // in a row
	retry    time.Time   // not before
	wave     core.Time   // nextWave, as of looked
	looked   time.Time
}

// step reads what is due, a page of the catalogue or a whole poll, and says when it wants to be called again.
func (r *reader) step(ctx context.Context) (time.Time, error) {
	s := r.machine.Sources()[r.name]
	if s.API.URL == "" {
		return time.Time{}, nil
	}
	if s.API != r.declared.API {
		r.failures, r.retry = 0, time.Time{} // what has changed is tried at once
	}
	r.hear()
	kind, at := r.due(s)
	if at = notBefore(at, r.retry); time.Now().Before(at) {
		return at, nil
	}
	err := r.read(ctx, s, kind)
	switch {
	case ctx.Err() != nil:
		return time.Time{}, ctx.Err()
	case err != nil:
		r.fail(s, err)
	default:
		r.failures = 0
		r.note(nil)
	}
	return notBefore(time.Now(), r.retry), nil
}

// hear takes note of an operator's wish: what failed before is tried at once, by a client that remembers nothing.
func (r *reader) hear() {
	poll, full := r.readings()
	if wish := max(poll.Wanted, full.Wanted); wish > r.heard {
		r.heard, r.failures, r.retry = wish, 0, time.Time{}
		r.close()
	}
}

// notBefore is a, or b if that is later.
func notBefore(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// due is what is read next, and when. Polls go first: people wait for what they find, and the catalogue may take hours.
func (r *reader) due(s core.Source) (core.ReadingKind, time.Time) {
	poll, full := r.readings()
	fullAt := full.Covers.Add(cmp.Or(s.API.Full, s.API.Poll))
	if full.Of != s.Of() || full.Running || full.EndedAt == 0 || full.Wanted != 0 || r.wantFull || r.anew {
		fullAt = 0
	}
	if s.API.Full == 0 { // a feed is always read as a whole
		return core.ReadingFull, fullAt.Go()
	}
	pollAt := beforeWave(nextPoll(poll, s.API.Poll), poll.Covers, r.nextWave(s))
	if poll.Of != s.Of() || poll.Running || poll.Wanted != 0 {
		pollAt = 0
	}
	if pollAt <= core.TimeOf(time.Now()) || pollAt < fullAt {
		return core.ReadingPoll, pollAt.Go()
	}
	return core.ReadingFull, fullAt.Go()
}

// nextPoll is when the next poll is due. One that took long leaves as long for the catalogue, which would never be read
// beside polls that last longer than the time between them.
func nextPoll(last core.Reading, every core.Milliseconds) core.Time {
	return max(last.Covers.Add(every), last.EndedAt.Add(last.EndedAt.Since(last.Covers)))
}

// waveLead is how long before a wave its shop is polled, so that the stock which the wave goes by is fresh.
const waveLead = 10 * core.Second

// beforeWave brings a poll forward to shortly before a wave (0: none is planned), unless the last one covers that moment.
func beforeWave(poll, covers, wave core.Time) core.Time {
	if lead := wave.Add(-waveLead); wave > 0 && covers < lead {
		return min(poll, lead)
	}
	return poll
}

// wavesLookedAt is how many of the newest restocks are looked at for the next wave; of a source with more at once, some waves
// go by stock as old as its polls.
const wavesLookedAt = 200

// nextWave is when the source's next wave can begin; 0: none is planned.
func (r *reader) nextWave(s core.Source) (next core.Time) {
	if s.Waves.Every == 0 {
		return 0
	}
	if time.Since(r.looked) < time.Second { // the state may change a hundred times in one
		return r.wave
	}
	defer func() { r.wave, r.looked = next, time.Now() }()
	looked := 0
	_ = r.view(func(tx *db.Tx) { // see readings
		db.NewestRestocks(tx, func(k core.Restock) bool {
			looked++
			planned := k.Variant.Source == s.Name && k.At == core.RestockOpen && k.Waves.Word == core.WordGo && !k.Waves.Ended
			if at := k.Waves.NextAt; planned && at > core.TimeOf(time.Now()) && (next == 0 || at < next) {
				next = at
			}
			return looked < wavesLookedAt
		})
	})
	return next
}

func (r *reader) readings() (poll, full core.Reading) {
	_ = r.view(func(tx *db.Tx) { // what cannot be read is read when the state can be
		poll, _ = db.Readings.Get(tx, db.ReadingKey{Source: r.name, Kind: core.ReadingPoll})
		full, _ = db.Readings.Get(tx, db.ReadingKey{Source: r.name, Kind: core.ReadingFull})
	})
	return poll, full
}

func (r *reader) read(ctx context.Context, s core.Source, kind core.ReadingKind) error {
	if err := r.open(s); err != nil {
		return err
	}
	if err := r.awaitFresh(ctx); err != nil {
		return err
	}
	if kind == core.ReadingPoll {
		return r.poll(ctx, s)
	}
	return r.readPage(ctx, s)
}

// open opens the shop, again when it was declared anew: secrets in files may have changed as well, and a client that
// remembers which file it has read would not read it again.
func (r *reader) open(s core.Source) (err error) {
	if r.shop != nil && s.API == r.declared.API && s.Of() == r.declared.Of() {
		return nil
	}
	r.close()
	r.declared = s
	r.shop, err = openShop(s)
	return err
}

func (r *reader) close() {
	if r.shop != nil {
		r.shop.Close()
		r.shop = nil
	}
}

// readPage reads the next page of the catalogue, or its first.
func (r *reader) readPage(ctx context.Context, s core.Source) error {
	_, full := r.readings()
	e := r.entry(s, core.ReadingFull)
	e.Run, e.From = full.Run, full.Cursor
	if !full.Running || full.Of != s.Of() || r.anew {
		e.Run, e.From = full.Run+1, ""
	}
	page, err := r.shop.Page(ctx, api.Query{From: e.From})
	if errors.Is(err, api.ErrRestart) && e.From != "" {
		r.anew = true
		return nil
	}
	if err != nil {
		return err
	}
	r.anew, r.wantFull = false, r.wantFull && e.From != ""
	e.Next = page.Next
	return r.take(ctx, e, page)
}

// poll reads what may differ from what is known: what changed in the shop, what somebody waits for, whatever the shop says of
// changes, and what webhooks spoke of that nobody knows.
func (r *reader) poll(ctx context.Context, s core.Source) error {
	begin := r.entry(s, core.ReadingPoll)
	poll, full := r.readings()
	ids := r.waited()
	var sought []core.Unknown
	if since := covered(s, poll, full); since > 0 {
		var unknown []core.Unknown
		sought, unknown = r.sought()
		found, err := r.shop.Find(ctx, unknown)
		if err != nil {
			return err
		}
		ids = union(ids, found)
		changed, more, err := r.shop.Changed(ctx, since)
		if err != nil {
			return err
		}
		r.wantFull = r.wantFull || more
		ids = union(ids, changed)
	}
	total := int64(len(ids))
	for i := 0; ; i++ {
		e := r.entry(s, core.ReadingPoll)
		e.Run, e.BegunAt, e.Total = poll.Run+1, begin.BegunAt, total
		if i > 0 {
			e.From = strconv.Itoa(i)
		}
		page, err := r.named(ctx, ids)
		if err != nil {
			return err
		}
		page.Total = total
		if ids = ids[len(page.Asked):]; len(ids) > 0 {
			e.Next = strconv.Itoa(i + 1)
		} else {
			e.Sought = sought
		}
		if err := r.take(ctx, e, page); err != nil || e.Next == "" {
			return err
		}
	}
}

// covered is what a poll asks for changes since: readings cover what changed before they began. 0: nothing was read yet,
// and the catalogue will tell.
func covered(s core.Source, poll, full core.Reading) (since core.Time) {
	for _, r := range []core.Reading{poll, full} {
		if r.Of == s.Of() {
			since = max(since, r.Covers)
		}
	}
	if full.Of != s.Of() || full.EndedAt == 0 || since == 0 {
		return 0
	}
	return max(since.Add(-readOverlap), 1)
}

// named reads the next of the named products; none: an empty page.
func (r *reader) named(ctx context.Context, ids []core.ProductID) (api.Page, error) {
	if len(ids) == 0 {
		return api.Page{}, nil
	}
	page, err := r.shop.Page(ctx, api.Query{IDs: ids})
	if err == nil && len(page.Asked) == 0 {
		err = &api.Error{Reason: api.Nonsense, Text: "it answers nothing that was asked for"}
	}
	return page, err
}

// waited are the products that somebody waits for, those of the longest lines first, at most maxWaited.
func (r *reader) waited() (ids []core.ProductID) {
	waiting := map[core.ProductID]int64{}
	_ = r.view(func(tx *db.Tx) { // as in readings
		db.AllWaiting(tx, func(line core.Waitlist, n int64) {
			if line.Source != r.name {
				return
			}
			id := core.ProductID(line.ID)
			if !line.Product {
				v, _ := db.Variants.Get(tx, core.VariantKey{Source: r.name, Variant: core.VariantID(line.ID)})
				id = v.Product
			}
			if id != "" {
				waiting[id] += n
			}
		})
	})
	ids = slices.SortedFunc(maps.Keys(waiting), func(a, b core.ProductID) int {
		return cmp.Or(cmp.Compare(waiting[b], waiting[a]), cmp.Compare(a, b))
	})
	return ids[:min(len(ids), maxWaited)]
}

// sought is what was noted to be looked up, and what of it is still not known.
func (r *reader) sought() (noted, unknown []core.Unknown) {
	_ = r.view(func(tx *db.Tx) { // as in readings
		noted, _ = db.Sought.Get(tx, r.name)
		for _, u := range noted {
			if !known(tx, r.name, u) {
				unknown = append(unknown, u)
			}
		}
	})
	return noted, unknown
}

// known says whether something has been described by now; a product, whether all of its variants have.
func known(tx *db.Tx, s core.SourceName, u core.Unknown) bool {
	switch {
	case u.Item != "":
		return db.Items.Has(tx, core.ItemKey{Source: s, Item: u.Item})
	case u.Variant != "":
		return db.Variants.Has(tx, core.VariantKey{Source: s, Variant: u.Variant})
	}
	product := core.ProductKey{Source: s, Product: u.Product}
	choices, _ := db.Choices.Get(tx, product)
	return db.Products.Has(tx, product) && !slices.ContainsFunc(choices, func(id core.VariantID) bool {
		return !db.Variants.Has(tx, core.VariantKey{Source: s, Variant: id})
	})
}

// union is a and then what of b is not in it.
func union(a, b []core.ProductID) []core.ProductID {
	there := map[core.ProductID]bool{}
	var all []core.ProductID
	for _, id := range slices.Concat(a, b) {
		if id != "" && !there[id] {
			there[id] = true
			all = append(all, id)
		}
	}
	return all
}

// entry is a page that is about to be asked for: what comes into the journal from now on may know better.
func (r *reader) entry(s core.Source, kind core.ReadingKind) wire.Page {
	now := core.TimeOf(time.Now())
	return wire.Page{Source: r.name, Reading: kind, Of: s.Of(), After: r.position().Sequence, BegunAt: now, AskedAt: now, As: now}
}

var errVoid = errors.New("the page was void, since the source or its reading has changed meanwhile; it is read again")

// take appends a page, and sees that it counted.
func (r *reader) take(ctx context.Context, e wire.Page, page api.Page) error {
	e.Body, e.Missing, e.Read, e.Skipped, e.Total = page.Body, page.Missing, page.Read, page.Skipped, max(page.Total, e.Total)
	if page.As != 0 {
		e.As = page.As
	}
	if !r.news(e) {
		e.Body = nil // known as it is; that it was read is what counts
	}
	if err := r.append(ctx, r.epoch, e); err != nil {
		return err
	}
	reading, full := r.readings()
	if e.Reading == core.ReadingFull {
		reading = full
	}
	if reading.Run != e.Run || reading.Cursor != e.Next {
		return errVoid
	}
	return nil
}

// news says whether a page tells anything; when in doubt it does.
func (r *reader) news(e wire.Page) bool {
	tx := r.db.Begin()
	defer tx.Discard()
	news, err := r.machine.News(tx, e)
	return news || err != nil
}

// fail notes why the source was not read, and waits longer each time, and not as long as every other one.
func (r *reader) fail(s core.Source, err error) {
	wait := min(unreadFirst<<min(r.failures, 10), unreadLast)
	wait += rand.N(wait / 4)
	var failed *api.Error
	if errors.As(err, &failed) {
		wait = max(wait, min(failed.After.Go(), time.Hour))
	}
	r.failures++
	r.retry = time.Now().Add(wait)
	r.close() // secrets in files may be others the next time
	r.declared = s
	r.log.Warn("reading a shop's API failed; it is tried again", "source", r.name, "wait", wait.Round(time.Second), "error", err)
	r.node.metrics.Count("read", api.ReasonOf(err))
	r.note(err)
}

// note keeps why the source was not read, for the status; nil: it was.
func (r *reader) note(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.unread, r.name)
	if err != nil {
		r.unread[r.name] = unread{reason: api.ReasonOf(err), text: err.Error(), at: core.TimeOf(time.Now())}
	}
}
