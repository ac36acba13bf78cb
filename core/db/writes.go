package db

import (
	"bytes"
	"slices"
	"sort"
)

// write is what a transaction makes of a key.
type write struct {
	key, value []byte
	gone       bool // the key is deleted
}

// writes are what a transaction has written so far, each key once, in order of the keys. They lie in runs of which none is
// empty or long, so that a write moves few others.
type writes struct {
	runs  [][]write
	walks int // that are under way; what they walk stays as it was when they began
}

// runLength is how many writes a run has at most.
const runLength = 256

// find is where a key stands, or where it would have to be inserted.
func (w *writes) find(key []byte) (run, at int, found bool) {
	run = sort.Search(len(w.runs), func(n int) bool { return bytes.Compare(w.runs[n][0].key, key) > 0 }) - 1
	if run < 0 {
		return 0, 0, false
	}
	at, found = slices.BinarySearchFunc(w.runs[run], key, func(x write, key []byte) int { return bytes.Compare(x.key, key) })
	return run, at, found
}

// get is what was written of a key; nil when nothing was.
func (w *writes) get(key []byte) *write {
	if run, at, found := w.find(key); found {
		return &w.runs[run][at]
	}
	return nil
}

func (w *writes) set(x write) {
	if len(w.runs) == 0 {
		w.runs = [][]write{{x}}
		return
	}
	run, at, found := w.find(x.key)
	if w.walks > 0 {
		w.runs = slices.Clone(w.runs)
		w.runs[run] = slices.Clone(w.runs[run])
	}
	if found {
		w.runs[run][at] = x
		return
	}
	w.runs[run] = slices.Insert(w.runs[run], at, x)
	if all := w.runs[run]; len(all) > runLength {
		half := len(all) / 2
		w.runs[run] = all[:half:half]
		w.runs = slices.Insert(w.runs, run+1, slices.Clone(all[half:]))
	}
}

// each visits all writes in order until one fails.
func (w *writes) each(visit func(write) error) error {
	for _, run := range w.runs {
		for _, x := range run {
			if err := visit(x); err != nil {
				return err
			}
		}
	}
	return nil
}

// walk is a place among writes.
type walk struct {
	runs    [][]write
	prefix  []byte // keys that do not begin with it are behind its end
	run, at int
}

// from is a walk from a key on, of those under a prefix; nil writes have none. The caller ends it.
func (w *writes) from(key, prefix []byte) *walk {
	if w == nil {
		return &walk{}
	}
	w.walks++
	run, at, _ := w.find(key)
	walk := &walk{w.runs, prefix, run, at}
	walk.step(0)
	return walk
}

// end ends a walk.
func (w *writes) end() {
	if w != nil {
		w.walks--
	}
}

// peek is the write at the place; nil at the end.
func (k *walk) peek() *write {
	if k.run < 0 || k.run >= len(k.runs) {
		return nil
	}
	if x := &k.runs[k.run][k.at]; bytes.HasPrefix(x.key, k.prefix) {
		return x
	}
	return nil
}

// step moves by one write, forward or back; by 0 it leaves the end of a run for the beginning of the next.
func (k *walk) step(by int) {
	k.at += by
	switch {
	case k.run < len(k.runs) && k.at >= len(k.runs[k.run]):
		k.run, k.at = k.run+1, 0
	case k.at < 0:
		if k.run--; k.run >= 0 {
			k.at = len(k.runs[k.run]) - 1
		}
	}
}
