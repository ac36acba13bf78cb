package inbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"restock/core"
)

// The two files, and the name that a new one is made under.
const (
	currentName  = "current.jsonl"
	previousName = "previous.jsonl"
	nextName     = "next.jsonl"
)

// segment is one file of messages.
type segment struct {
	file   *os.File
	size   int64    // bytes of whole, synced lines; what stands behind it does not count
	places []*place // of its messages, oldest first
}

// place is where a message stands.
type place struct {
	key  string
	to   core.AddressTag
	in   *segment
	at   int64 // offset of its line
	size int   // of its line, the line's end included
}

// read reads the message from disk.
func (p *place) read() (m Sent, ok bool) {
	line := make([]byte, p.size)
	if _, err := p.in.file.ReadAt(line, p.at); err != nil {
		return Sent{}, false
	}
	err := json.Unmarshal(line, &m)
	return m, err == nil
}

// openSegment opens a file, finds its messages and cuts off what a crash left behind the last whole one.
func openSegment(path string, flags int) (*segment, error) {
	file, err := os.OpenFile(path, flags, 0o600)
	if err != nil {
		return nil, err
	}
	s := &segment{file: file}
	if err := s.scan(); err != nil {
		return nil, errors.Join(fmt.Errorf("reading %s: %w", path, err), file.Close())
	}
	return s, nil
}

// scan enters every line that is a message. The end of the last one is the segment's: a torn write can only stand
// behind it, because lines are synced before anything is written after them. A bad line in between is a disk's fault;
// it stays where it is and is passed over.
func (s *segment) scan() error {
	data, err := io.ReadAll(io.NewSectionReader(s.file, 0, MaxSegment+maxGroupSize+MaxLine))
	if err != nil {
		return err
	}
	for at := 0; at < len(data); {
		n := bytes.IndexByte(data[at:], '\n') + 1
		if n == 0 {
			break
		}
		if key, to := keyOf(data[at : at+n]); key != "" {
			s.places = append(s.places, &place{key, to, s, int64(at), n})
			s.size = int64(at + n)
		}
		at += n
	}
	return s.cut()
}

// keyOf is the key of a line that holds a message, else "", and whom the message is for.
func keyOf(line []byte) (key string, to core.AddressTag) {
	var m Sent
	if json.Unmarshal(line, &m) != nil {
		return "", to
	}
	return m.Key, core.Address{Channel: m.Channel, Value: m.To}.Tag()
}

// cut removes what stands behind the last whole line.
func (s *segment) cut() error {
	if info, err := s.file.Stat(); err != nil || info.Size() == s.size {
		return err
	}
	if err := s.file.Truncate(s.size); err != nil {
		return err
	}
	return s.file.Sync()
}

// append writes lines and syncs them. After an error the segment is as it was; if even that fails, what was half
// written is cut by the next append or the next Open.
func (s *segment) append(lines []byte) error {
	if err := s.cut(); err != nil {
		return fmt.Errorf("cutting a torn line: %w", err)
	}
	if _, err := s.file.WriteAt(lines, s.size); err != nil {
		return errors.Join(fmt.Errorf("writing: %w", err), s.cut())
	}
	if err := s.file.Sync(); err != nil {
		return errors.Join(fmt.Errorf("syncing: %w", err), s.cut())
	}
	s.size += int64(len(lines))
	return nil
}

func (s *segment) close() error {
	if s == nil {
		return nil
	}
	return s.file.Close()
}

// syncDir makes names in a folder durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
