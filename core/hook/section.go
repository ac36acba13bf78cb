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
