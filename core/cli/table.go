package cli

import (
	"bytes"
	"io"
	"os"
	"text/tabwriter"
)

// newTable writes columns to standard output. What shops and shoppers have written stands in them, so nothing in it moves a cursor.
func newTable() *tabwriter.Writer {
	return tabwriter.NewWriter(plain{os.Stdout}, 0, 0, 2, ' ', 0)
}

// plain passes on what is text, lines and tabs; of what drives a terminal (C0, DEL and C1 of ECMA-48) it makes question marks.
type plain struct{ to io.Writer }

// Write says that it has written all of b where it has.
func (p plain) Write(b []byte) (int, error) {
	if _, err := p.to.Write(harmless(b)); err != nil {
		return 0, err
	}
	return len(b), nil
}

func harmless(b []byte) []byte {
	drives := func(i int) bool {
		switch b[i] {
		case '\n', '\t':
			return false
		case 0xc2: // of C1 in UTF-8
			return i+1 < len(b) && b[i+1] >= 0x80 && b[i+1] <= 0x9f
		default:
			return b[i] < ' ' || b[i] == 0x7f
		}
	}
	var out bytes.Buffer
	for i := 0; i < len(b); i++ {
		switch {
		case !drives(i):
			out.WriteByte(b[i])
		case b[i] == 0xc2:
			i++
			fallthrough
		default:
			out.WriteByte('?')
		}
	}
	return out.Bytes()
}
