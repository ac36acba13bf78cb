package outbox

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"restock/core"
)

// Sizes, in bytes.
const (
	segmentBytes = 8 << 20 // of a segment; one that must hold a larger record is larger
	headerBytes  = 36
	indexEvery   = 4 << 10 // a workspace's places in a segment are kept this far from each other
)

var magic = [8]byte{'r', 's', 't', 'k', 'o', 'u', 't', 1}

// flagSealed says that payloads are encrypted.
const flagSealed = 1

// segment is one file of the log. What it holds up to end is committed; the fields below mu's comment in Outbox are
// guarded by that lock.
type segment struct {
	number uint64
	id     [16]byte
	path   string
	file   *os.File // may have been opened under another name
	size   int64
	seal   *seal

	end    int64                          // where the next record goes
	places map[core.WorkspaceName][]place // sparse, ascending
	lasts  map[core.WorkspaceName]uint64  // number of each workspace's last entry here
	sizes  map[core.WorkspaceName]int64   // bytes of each workspace's entries here
	users  int                            // readers at work
	gone   bool                           // all of it is marked: it is used again when the last reader has left
}

// place is where a record with entries of a workspace lies.
type place struct {
	first  uint64
	offset int64
}

// newSegment is the segment of a number in a file that lies, or will lie, in its place beside where it was opened.
func newSegment(f *os.File, number uint64, id [16]byte, size int64) *segment {
	path := segmentName(filepath.Dir(f.Name()), number)
	return &segment{number: number, id: id, path: path, file: f, size: size, end: headerBytes,
		places: map[core.WorkspaceName][]place{}, lasts: map[core.WorkspaceName]uint64{}, sizes: map[core.WorkspaceName]int64{}}
}

// note remembers what a block that lies in the record at offset holds.
func (s *segment) note(b *block, offset int64) {
	known := s.places[b.workspace]
	if len(known) == 0 || offset-known[len(known)-1].offset >= indexEvery {
		s.places[b.workspace] = append(known, place{b.first, offset})
	}
	s.lasts[b.workspace] = b.last()
	s.sizes[b.workspace] += int64(len(b.entries))
}

// unnote forgets a workspace's entries: they are told of in a later segment, or marked.
func (s *segment) unnote(w core.WorkspaceName) {
	delete(s.places, w)
	delete(s.lasts, w)
	delete(s.sizes, w)
}

// find is where to begin reading for a workspace's entry of a number.
func (s *segment) find(w core.WorkspaceName, number uint64) int64 {
	known := s.places[w]
	i := sort.Search(len(known), func(i int) bool { return known[i].first > number })
	if i == 0 {
		return headerBytes
	}
	return known[i-1].offset
}

// header is what a segment's file begins with.
func header(id [16]byte, sealed bool) []byte {
	h := make([]byte, 16, headerBytes)
	copy(h, magic[:])
	if sealed {
		h[8] = flagSealed
	}
	h = append(h, id[:]...)
	return binary.LittleEndian.AppendUint32(h, crc32.Checksum(h, castagnoli))
}

// parseHeader reads a header; ok is false when there is none, as in a file whose making was cut off.
func parseHeader(h []byte) (id [16]byte, sealed, ok bool) {
	if len(h) < headerBytes || !bytes.Equal(h[:8], magic[:]) {
		return id, false, false
	}
	copy(id[:], h[16:32])
	return id, h[8]&flagSealed != 0, crc32.Checksum(h[:32], castagnoli) == binary.LittleEndian.Uint32(h[32:])
}

const (
	segmentSuffix = ".log"
	spareSuffix   = ".spare"
)

func segmentName(dir string, number uint64) string {
	return filepath.Join(dir, fmt.Sprintf("%016d%s", number, segmentSuffix))
}

// parseName is the number of a file of the log. Other files may lie there: a name that is not exactly as ours is none.
func parseName(name, suffix string) (number uint64, ok bool) {
	digits, ok := strings.CutSuffix(name, suffix)
	number, err := strconv.ParseUint(digits, 10, 64)
	return number, ok && err == nil && len(digits) == 16 && number > 0
}

// writeSegment makes spare (or, when that is "", a new file) the segment of a number, with every block of it on disk.
func writeSegment(dir, spare string, number uint64, size int64, key []byte) (*segment, error) {
	path := spare
	if path == "" {
		path = filepath.Join(dir, fmt.Sprintf("%016d%s", number, spareSuffix))
	}
	s, err := fillSegment(path, number, size, key, spare == "")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("making a segment of the outbox: %w", err), os.Remove(path))
	}
	err = os.Rename(path, s.path)
	if err == nil {
		path, err = s.path, syncDir(dir)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("making a segment of the outbox: %w", err), s.file.Close(), os.Remove(path))
	}
	return s, nil
}

func fillSegment(path string, number uint64, size int64, key []byte, fresh bool) (s *segment, err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = f.Close() // the first error is what matters
		}
	}()
	if fresh {
		err = writeZeros(f, 0, size)
	} else {
		_, err = io.Copy(io.Discard, f) // its blocks come into memory here, not while a shopper waits
	}
	if err != nil {
		return nil, err
	}
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails (crypto/rand)
	if _, err := f.WriteAt(header(id, len(key) > 0), 0); err != nil {
		return nil, err
	}
	if err := f.Sync(); err != nil {
		return nil, err
	}
	s = newSegment(f, number, id, size)
	s.seal, err = newSeal(key, id)
	return s, err
}

func writeZeros(f *os.File, from, size int64) error {
	zeros := make([]byte, 256<<10)
	for at := from; at < size; at += int64(len(zeros)) {
		if _, err := f.WriteAt(zeros[:min(int64(len(zeros)), size-at)], at); err != nil {
			return err
		}
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// write puts bytes into the file and syncs them. The blocks are there already, so this needs no metadata.
func (s *segment) write(b []byte, offset int64) error {
	if _, err := s.file.WriteAt(b, offset); err != nil {
		return err
	}
	return syncData(s.file)
}

func (s *segment) name() string { return filepath.Base(s.path) }
