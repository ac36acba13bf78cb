package hook

import (
	"bytes"
	"testing"
)

func TestFindSection(t *testing.T) {
	empty := []byte("\x00asm\x01\x00\x00\x00")
	module := AppendSection(AppendSection(empty, "other", []byte("no")), Section, []byte("yes"))
	if got, ok := FindSection(module, Section); !ok || string(got) != "yes" {
		t.Errorf("it found %q, %v", got, ok)
	}
	for _, none := range [][]byte{nil, empty, empty[:3], module[:len(module)-1], append(bytes.Clone(empty), 0, 0xff)} {
		if got, ok := FindSection(none, Section); ok {
			t.Errorf("in %q it found %q", none, got)
		}
	}
}

func FuzzFindSection(f *testing.F) {
	f.Add([]byte("\x00asm\x01\x00\x00\x00\x00\x09\x07restockx"), Section)
	f.Add([]byte("\x00asm\x01\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), "")
	f.Fuzz(func(t *testing.T, module []byte, name string) {
		if content, ok := FindSection(module, name); ok && !bytes.Contains(module, content) {
			t.Errorf("%q is not in the module", content)
		}
		if found, ok := FindSection(AppendSection([]byte("\x00asm\x01\x00\x00\x00"), name, module), name); !ok || !bytes.Equal(found, module) {
			t.Errorf("what was appended is %q, %v", found, ok)
		}
	})
}
