package outbox

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"restock/core"
	"restock/core/wire"
)

// readBytes is how much is read at once.
const readBytes = 256 << 10

// Read hands over a workspace's entries behind a number, in order, until visit returns false. What was let go of is
// passed over. The bytes are visit's to keep. It must have returned before Close is called.
func (o *Outbox) Read(w core.WorkspaceName, after uint64, visit func(number uint64, raw wire.Raw) bool) error {
	for more := true; more; {
		s, from, end, last := o.acquire(w, after)
		if s == nil {
			return nil
		}
		_, err := s.scan(from, end, func(_ int64, payload []byte) (bool, error) {
			var broken error
			err := eachBlock(payload, func(b *block) bool {
				if b.workspace == w && b.last() > after {
					broken = b.each(func(number uint64, raw wire.Raw) bool {
						more = number <= after || visit(number, raw)
						return more
					})
					after = b.last()
				}
				return more && broken == nil
			})
			return more && after < last, errors.Join(err, broken)
		})
		o.release(s)
		if err != nil {
			return fmt.Errorf("reading outbox: %s: %w", s.name(), err)
		}
		after = last
	}
	return nil
}

// acquire finds the segment that holds the workspace's first entry behind a number, and keeps it from being used again.
func (o *Outbox) acquire(w core.WorkspaceName, after uint64) (s *segment, from, end int64, last uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, s := range o.segments {
		if last := s.lasts[w]; last > after {
			s.users++
			return s, s.find(w, after+1), s.end, last
		}
	}
	return nil, 0, 0, 0
}

func (o *Outbox) release(s *segment) {
	o.mu.Lock()
	s.users--
	free := s.gone && s.users == 0
	o.mu.Unlock()
	if free {
		o.reuse(s)
	}
}

// Trim lets go of what every workspace has marked; marked is the number of the workspace's last entry that the core has
// applied, and must be on disk elsewhere. The segment that is written to stays. When the log is long because of a little that
// is not marked, that is moved to its end, in a moment; the next call lets go of where it was.
func (o *Outbox) Trim(marked func(core.WorkspaceName) uint64) {
	var free []*segment
	o.mu.Lock()
	for len(o.segments) > 1 && o.segments[0].below(marked) {
		s := o.segments[0]
		o.segments = o.segments[1:]
		if s.gone = true; s.users == 0 {
			free = append(free, s)
		}
	}
	held := o.holders(marked)
	o.mu.Unlock()
	o.requestMove(held)
	for _, s := range free {
		o.reuse(s)
	}
}

// below says whether all that a segment holds is marked.
func (s *segment) below(marked func(core.WorkspaceName) uint64) bool {
	for w, last := range s.lasts {
		if last > marked(w) {
			return false
		}
	}
	return true
}

// reuse keeps a segment's file for later, or deletes it when there are enough, or when it is larger than others. A file
// that stays behind is found, and marked, when the log is opened again.
func (o *Outbox) reuse(s *segment) {
	_ = s.file.Close() // it was synced
	spare := filepath.Join(o.config.Dir, fmt.Sprintf("%016d%s", s.number, spareSuffix))
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.spares) < maxSpares && s.size == o.config.segment && os.Rename(s.path, spare) == nil {
		o.spares = append(o.spares, spare)
		return
	}
	if err := os.Remove(s.path); err != nil {
		o.config.Log.Warn("deleting a segment of the outbox failed", "error", err)
	}
}

// visitRecord gets a record's offset and payload, which is its to keep; false ends the walk.
type visitRecord func(at int64, payload []byte) (bool, error)

// scan walks the records from one offset to another and says where it stopped: at the end, at the record whose visit
// returned false or an error, or at what is no record (errRecord).
func (s *segment) scan(from, end int64, visit visitRecord) (at int64, err error) {
	want := int64(readBytes)
	for at = from; at < end; {
		chunk := make([]byte, min(want, end-at))
		n, err := s.file.ReadAt(chunk, at)
		if err != nil && !errors.Is(err, io.EOF) {
			return at, err
		}
		w := walk{segment: s, at: at, visit: visit}
		more, err := w.over(chunk[:n])
		if !more || err != nil {
			return w.at, err
		}
		want = max(readBytes, w.need)
		if w.at == at && (w.at+w.need > end || n < len(chunk)) {
			return at, errRecord // it would go beyond the end
		}
		at = w.at
	}
	return at, nil
}

// walk goes over the records of one chunk.
type walk struct {
	segment *segment
	visit   visitRecord
	at      int64 // of the next record
	need    int64 // bytes that it has, as far as is known
}

// over visits the whole records that chunk begins with.
func (w *walk) over(chunk []byte) (more bool, err error) {
	for {
		payload, size, err := parseRecord(chunk, w.segment.id, w.at)
		if err != nil {
			return false, err
		}
		if w.need = int64(size); payload == nil {
			return true, nil
		}
		plain, err := w.segment.seal.open(payload, w.at)
		if err != nil {
			return false, err
		}
		if more, err := w.visit(w.at, plain); !more || err != nil {
			return false, err
		}
		chunk, w.at = chunk[size:], w.at+int64(size)
	}
}
