package outbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"restock/core"
)

// ErrDamaged is what Open answers when acknowledged entries cannot be read any more.
var ErrDamaged = errors.New("outbox_damaged")

// ErrKey is what Open answers when the log was made with another key than the one given, or with none.
var ErrKey = errors.New("outbox_key")

// found is a file that bears a segment's name.
type found struct {
	segment *segment
	headed  bool  // it has a header
	begun   bool  // it has a first record, and is headed
	first   begin // what that tells
}

// recover finds the chain of segments on disk, and what they hold. Until all of it is known to be whole nothing in the
// folder is changed; then what does not belong to the chain is taken away.
func (o *Outbox) recover() error {
	all, spares, err := o.findFiles()
	if err == nil {
		err = o.recoverChain(all)
	}
	if err != nil {
		o.segments = nil
		for _, f := range all {
			_ = f.segment.file.Close() // it was only read
		}
		return err
	}
	for _, f := range all {
		if !slices.Contains(o.segments, f.segment) {
			err = errors.Join(err, f.segment.drop())
		}
	}
	for _, path := range spares {
		err = errors.Join(err, os.Remove(path)) // its making may have been cut off
	}
	if err != nil {
		o.config.Log.Warn("deleting segments of the outbox that are not needed failed", "error", err)
	}
	return nil
}

// findFiles opens the segments, in the order of their numbers, and finds the files of spare ones.
func (o *Outbox) findFiles() (all []found, spares []string, err error) {
	files, err := os.ReadDir(o.config.Dir)
	if err != nil {
		return nil, nil, err
	}
	for _, file := range files {
		path := filepath.Join(o.config.Dir, file.Name())
		if number, ok := parseName(file.Name(), spareSuffix); ok {
			o.number = max(o.number, number)
			spares = append(spares, path)
		}
		number, ok := parseName(file.Name(), segmentSuffix)
		if !ok {
			continue
		}
		o.number = max(o.number, number)
		f, err := openSegment(path, number, o.config.Key)
		if f.segment != nil {
			all = append(all, f)
		}
		if err != nil {
			return all, nil, err
		}
	}
	return all, spares, nil
}

// openSegment reads how a segment begins. With an error f.segment may be set: its file is open then.
func openSegment(path string, number uint64, key []byte) (f found, err error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return f, err
	}
	f.segment = newSegment(file, number, [16]byte{}, 0)
	stat, err := file.Stat()
	if err != nil {
		return f, err
	}
	f.segment.size = stat.Size()
	head := make([]byte, headerBytes)
	n, err := file.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return f, err
	}
	var sealed bool
	f.segment.id, sealed, f.headed = parseHeader(head[:n])
	if !f.headed {
		return f, nil
	}
	if sealed != (len(key) > 0) {
		return f, fmt.Errorf("%w: %s was written %s encryption; start with the encryption key that the edge was made with", ErrKey, filepath.Base(path), with(sealed))
	}
	if f.segment.seal, err = newSeal(key, f.segment.id); err != nil {
		return f, err
	}
	return f, f.readFirst()
}

func with(sealed bool) string {
	if sealed {
		return "with"
	}
	return "without"
}

// readFirst reads a segment's first record, if it has one.
func (f *found) readFirst() error {
	_, err := f.segment.scan(headerBytes, f.segment.size, func(_ int64, payload []byte) (bool, error) {
		first, err := parseBegin(payload)
		if err != nil || first.before >= f.segment.number {
			return false, f.segment.damaged(headerBytes)
		}
		f.first, f.begun = first, true
		return false, nil
	})
	if errors.Is(err, errRecord) {
		return nil
	}
	return f.segment.at(headerBytes, err)
}

// recoverChain reads the segments that hold what is not marked, or may.
func (o *Outbox) recoverChain(all []found) error {
	chain, err := linked(all, o.config.Marked)
	if err != nil {
		return err
	}
	var lastRecord int64
	missing := gaps{}
	for i, f := range chain {
		o.supersede(f.first, missing)
		end := f.segment.size
		last := i == len(chain)-1
		if !last {
			end = chain[i+1].first.end
		}
		if lastRecord, err = o.recoverSegment(f.segment, end, last, missing); err != nil {
			return err
		}
		o.segments = append(o.segments, f.segment)
		o.committer.before, o.committer.end = f.segment.number, f.segment.end
	}
	if err := missing.first(); err != nil || len(chain) == 0 {
		return err
	}
	return o.rewrite(chain[len(chain)-1].segment, lastRecord)
}

// linked is the chain that ends with the last segment that was begun, back to the first that has something that is not
// marked. Segments beside it were let go of, or prepared, or abandoned before anything was committed to them.
func linked(all []found, marked map[core.WorkspaceName]uint64) (chain []found, err error) {
	byNumber := map[uint64]found{}
	for _, f := range slices.Backward(all) {
		if byNumber[f.segment.number] = f; f.begun && len(chain) == 0 {
			chain = append(chain, f)
		}
		if len(chain) == 0 {
			if err := f.expectUnused(); err != nil {
				return nil, err
			}
		}
	}
	settled := map[core.WorkspaceName]bool{}
	for len(chain) > 0 && !chain[len(chain)-1].first.below(marked, settled) {
		after := chain[len(chain)-1]
		f, ok := byNumber[after.first.before]
		switch {
		case !ok:
			return nil, fmt.Errorf("%w: %s is missing: %s", ErrDamaged, filepath.Base(segmentName("", after.first.before)), remedy)
		case !f.headed:
			return nil, f.segment.damaged(0)
		case !f.begun:
			return nil, f.segment.damaged(headerBytes)
		}
		chain = append(chain, f)
	}
	slices.Reverse(chain)
	return chain, nil
}

// below says whether all that was before is marked, or moved behind it. Whose workspace was found to be so by a later segment
// is settled: its entries before that one mean nothing, though the segments there tell of more.
func (b *begin) below(marked map[core.WorkspaceName]uint64, settled map[core.WorkspaceName]bool) bool {
	all := true
	for w, last := range b.lasts {
		if last <= marked[w] {
			settled[w] = true
		}
		all = all && settled[w]
	}
	return all
}

// expectUnused is an error when something may have been committed to a segment whose first record, or header, cannot be
// read. A header is synced before a file gets its segment's name.
func (f *found) expectUnused() error {
	at, unused := int64(headerBytes), false
	var err error
	if f.headed {
		unused, err = f.segment.cutOff(headerBytes)
	} else {
		at = 0
		unused, err = f.segment.blank()
	}
	if err == nil && !unused {
		err = f.segment.damaged(at)
	}
	return err
}

// remedy is what an operator can do about damage.
const remedy = "put it back from a copy of the disk, or start with a new --data folder (the core keeps what it has; what only this disk held is lost)"

// damaged is the error of a segment with something acknowledged that cannot be read.
func (s *segment) damaged(at int64) error {
	return fmt.Errorf("%w: %s cannot be read from byte %d on: %s", ErrDamaged, s.name(), at, remedy)
}

// at says where an error occurred, if it does not yet.
func (s *segment) at(offset int64, err error) error {
	if err == nil || errors.Is(err, ErrDamaged) {
		return err
	}
	return fmt.Errorf("%s at byte %d: %w", s.name(), offset, err)
}

// recoverSegment reads what a segment holds up to end, and says where its last record is. The last segment may end
// earlier: with a write that was cut off.
func (o *Outbox) recoverSegment(s *segment, end int64, last bool, missing gaps) (lastRecord int64, err error) {
	s.end, err = s.scan(headerBytes, end, func(at int64, payload []byte) (bool, error) {
		err := o.recoverRecord(s, at, payload, missing)
		if errors.Is(err, errRecord) {
			return false, s.damaged(at) // its checksum is right: no write that was cut off
		}
		lastRecord = at
		return true, err
	})
	if !errors.Is(err, errRecord) {
		return lastRecord, s.at(s.end, err)
	}
	if last {
		if cut, err := s.cutOff(s.end); cut || err != nil {
			return lastRecord, err
		}
	}
	return lastRecord, s.damaged(s.end)
}

// recoverRecord notes the entries of a record. Their numbers follow those before, or begin at or below the mark, unless a
// later segment tells what is missing here.
func (o *Outbox) recoverRecord(s *segment, at int64, payload []byte, missing gaps) error {
	lasts := o.committer.lasts
	return eachBlock(payload, func(b *block) bool {
		if last := lasts[b.workspace]; b.first > last+1 && missing[b.workspace] == nil {
			missing[b.workspace] = fmt.Errorf("%w: entries %d to %d of workspace %s are missing before byte %d of %s: %s", ErrDamaged, last+1, b.first-1, b.workspace, at, s.name(), remedy)
		}
		s.note(b, at)
		lasts[b.workspace] = max(lasts[b.workspace], b.last())
		return true
	})
}

// gaps are workspaces whose entries do not follow each other, as far as the chain was read.
type gaps map[core.WorkspaceName]error

// first is the error of one of them; nil when there are none.
func (g gaps) first() error {
	for _, w := range slices.Sorted(maps.Keys(g)) {
		return g[w]
	}
	return nil
}

// supersede forgets the entries of workspaces that a segment moved: it tells a lower number of them than was seen before it,
// and has what follows that number itself.
func (o *Outbox) supersede(first begin, missing gaps) {
	for w, last := range first.lasts {
		if last >= o.committer.lasts[w] {
			continue
		}
		for _, s := range o.segments {
			s.unnote(w)
		}
		o.committer.lasts[w] = max(last, o.config.Marked[w])
		delete(missing, w)
	}
}

// rewrite writes a segment's last record once more, as it is. The process may have ended, or the disk failed, before it
// was synced: then it is read from memory, and an outage of power would take away what was handed on meanwhile.
func (o *Outbox) rewrite(s *segment, record int64) error {
	b := make([]byte, s.end-record)
	if _, err := s.file.ReadAt(b, record); err != nil {
		return s.at(record, err)
	}
	return s.at(record, o.config.write(s, b, record))
}

// blank says whether there are only zeros in a file.
func (s *segment) blank() (bool, error) {
	b := make([]byte, readBytes)
	for at := int64(0); at < s.size; at += int64(len(b)) {
		n, err := s.file.ReadAt(b, at)
		if err != nil && !errors.Is(err, io.EOF) {
			return false, err
		}
		if len(bytes.Trim(b[:n], "\x00")) > 0 {
			return false, nil
		}
	}
	return true, nil
}

// cutOff says whether nothing that was committed follows behind at: then the record there is a write that never ended.
// What lies there from before bears other ids.
func (s *segment) cutOff(at int64) (bool, error) {
	rest := make([]byte, max(0, s.size-at))
	n, err := s.file.ReadAt(rest, at)
	if int64(n) < s.size-at && err != nil {
		return false, err
	}
	for i := 1; i < n; i++ {
		next := bytes.Index(rest[i:n], s.id[:4])
		if next < 0 {
			return true, nil
		}
		i += next
		if payload, _, err := parseRecord(rest[i:n], s.id, at+int64(i)); err == nil && payload != nil {
			return false, nil
		}
	}
	return true, nil
}
