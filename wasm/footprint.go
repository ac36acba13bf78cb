package wasm

import "bytes"

// systemPage is the unit in which a reset copies memory back, in bytes.
const systemPage = 4 << 10

// Footprint is what the last call did to the instance's memory.
type Footprint struct {
	Memory int // bytes that the guest has
	Dirty  int // pages of 4 KiB whose content is another than when the guest was booted: what a reset brings back
}

// Footprint looks at the memory as the last call left it, all of it: for tools of authors, not for production.
func (w *Worker) Footprint() Footprint {
	if w.machine == nil {
		return Footprint{}
	}
	now, then := w.memory.b, w.guest.image.bytes
	f := Footprint{Memory: len(now)}
	zero := make([]byte, systemPage)
	for at := 0; at < len(now); at += systemPage {
		before := zero
		if at < len(then) {
			before = then[at : at+systemPage]
		}
		if !bytes.Equal(now[at:at+systemPage], before) {
			f.Dirty++
		}
	}
	return f
}
