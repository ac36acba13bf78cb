package outbox

import (
	"bytes"
	"errors"
	"fmt"
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

// found is a segment that is on disk, and what it begins with.
type found struct {
	segment *segment
	before  uint64 // the segment before it, and where that ends
	end     int64
}

// recover finds the chain of segments on disk, and what they hold.
func (o *Outbox) recover() error {
	all, err := o.findSegments()
	if err != nil {
		return err
	}
	chain, beside := linked(all)
	for i, f := range chain {
		last := i == len(chain)-1
		end := f.segment.size
		if !last {
			end = chain[i+1].end
		}
		if err := o.recoverSegment(f.segment, end, last); err != nil {
			return err
		}
		o.segments = append(o.segments, f.segment)
		o.committer.before, o.committer.end = f.segment.number, f.segment.end
	}
	for _, f := range beside {
		_ = f.segment.drop() // what cannot be deleted is found again
	}
	return nil
}

// findSegments opens the segments that were begun. Files that were made and never written to can be used again.
func (o *Outbox) findSegments() (all []found, err error) {
	files, err := os.ReadDir(o.config.Dir)
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		path := filepath.Join(o.config.Dir, file.Name())
		if number, ok := parseName(file.Name(), spareSuffix); ok {
			o.number = max(o.number, number)
			err = errors.Join(err, os.Remove(path)) // its making may have been cut off
			continue
		}
		number, ok := parseName(file.Name(), segmentSuffix)
		if !ok {
			continue
		}
		o.number = max(o.number, number)
		f, begun, opening := openSegment(path, number, o.config.Key)
		switch {
		case opening != nil:
			err = errors.Join(err, opening)
		case !begun:
			err = errors.Join(err, os.Remove(path))
		default:
			all = append(all, f)
		}
	}
	return all, err
}

// openSegment reads how a segment begins; begun is false when nothing was committed to it.
func openSegment(path string, number uint64, key []byte) (f found, begun bool, err error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return f, false, err
	}
	defer func() {
		if !begun {
			err = errors.Join(err, file.Close())
		}
	}()
	stat, err := file.Stat()
	if err != nil {
		return f, false, err
	}
	head := make([]byte, headerBytes)
	n, _ := file.ReadAt(head, 0) // a file that is too short has no header
	id, sealed, ok := parseHeader(head[:n])
	if !ok {
		return f, false, nil
	}
	if sealed != (len(key) > 0) {
		return f, false, fmt.Errorf("%w: %s was written %s encryption; start with the encryption key that the edge was made with", ErrKey, filepath.Base(path), with(sealed))
	}
	f.segment = newSegment(file, number, id, stat.Size())
	if f.segment.seal, err = newSeal(key, id); err != nil {
		return f, false, err
	}
	_, err = f.segment.scan(headerBytes, stat.Size(), func(_ int64, payload []byte) (bool, error) {
		f.before, f.end, err = parseBegin(payload)
		begun = err == nil
		return false, err
	})
	if errors.Is(err, errRecord) {
		err = nil
	}
	return f, begun, err
}

func with(sealed bool) string {
	if sealed {
		return "with"
	}
	return "without"
}

// linked is the chain that ends with the last segment. Those beside it were abandoned before anything was committed to
// them, or let go of; whether too much is beside it shows in the numbers of the chain's entries.
func linked(all []found) (chain, beside []found) {
	byNumber := map[uint64]found{}
	last := uint64(0)
	for _, f := range all {
		byNumber[f.segment.number] = f
		last = max(last, f.segment.number)
	}
	for f, ok := byNumber[last]; ok; f, ok = byNumber[f.before] {
		delete(byNumber, f.segment.number) // a chain that leads back to itself ends
		chain = append(chain, f)
	}
	slices.Reverse(chain)
	return chain, slices.Collect(maps.Values(byNumber))
}

// recoverSegment reads what a segment holds up to end. The last one may end earlier: with a write that was cut off.
func (o *Outbox) recoverSegment(s *segment, end int64, last bool) error {
	at, err := s.scan(headerBytes, end, func(at int64, payload []byte) (bool, error) {
		if at == headerBytes {
			return true, nil // what it begins with
		}
		return true, o.recoverRecord(s, at, payload)
	})
	s.end = at
	if errors.Is(err, errRecord) && last {
		if cut, looking := s.cutOff(at); cut || looking != nil {
			return looking
		}
	}
	if errors.Is(err, errRecord) {
		return fmt.Errorf("%w: %s cannot be read from byte %d on: put the file back from a copy of the disk, or start with a new --data folder (the core keeps what it has; what only this disk held is lost)", ErrDamaged, filepath.Base(s.file.Name()), at)
	}
	if err != nil {
		return fmt.Errorf("%s at byte %d: %w", filepath.Base(s.file.Name()), at, err)
	}
	return nil
}

// recoverRecord notes the entries of a record. Their numbers follow those before, or begin at or below the mark.
func (o *Outbox) recoverRecord(s *segment, at int64, payload []byte) error {
	var gap error
	err := eachBlock(payload, func(b *block) bool {
		w := core.WorkspaceName(bytes.Clone([]byte(b.workspace)))
		last := o.committer.lasts[w]
		if b.first > last+1 {
			gap = fmt.Errorf("%w: entries %d to %d of workspace %s are missing: put the folder back from a copy of the disk, or start with a new --data folder", ErrDamaged, last+1, b.first-1, w)
			return false
		}
		s.note(b, at)
		o.committer.lasts[w] = max(last, b.last())
		return true
	})
	return errors.Join(gap, err)
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
