package hook

import "encoding/binary"

// AppendSection returns module with a custom section behind it (WebAssembly Core 2.0, section 5.5.3). It neither reads nor
// replaces what is there: a second section of the same name is for the loader to refuse. module itself is not changed.
func AppendSection(module []byte, name string, content []byte) []byte {
	const custom = 0
	body := binary.AppendUvarint(nil, uint64(len(name)))
	body = append(append(body, name...), content...)
	out := append(append([]byte{}, module...), custom)
	out = binary.AppendUvarint(out, uint64(len(body)))
	return append(out, body...)
}

// FindSection returns the content of a module's first custom section of a name; ok is false when there is none. It believes no
// length, and holds nothing else of the module to be right.
func FindSection(module []byte, name string) (content []byte, ok bool) {
	const custom, preamble = 0, 8 // magic and version
	for rest := module[min(preamble, len(module)):]; len(rest) > 0; {
		id := rest[0]
		body, behind, ok := cutCounted(rest[1:])
		if !ok {
			return nil, false
		}
		if named, content, ok := cutCounted(body); ok && id == custom && string(named) == name {
			return content, true
		}
		rest = behind
	}
	return nil, false
}

// cutCounted cuts bytes that their number leads, as unsigned LEB128.
func cutCounted(b []byte) (counted, behind []byte, ok bool) {
	n, width := binary.Uvarint(b)
	if width <= 0 || n > uint64(len(b)-width) {
		return nil, nil, false
	}
	return b[width:][:n], b[width:][n:], true
}
