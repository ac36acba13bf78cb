package manifest

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// readAll cuts files into documents; what cannot be read is a fault and gives no document.
func readAll(files []File, faults *faults) []value {
	var roots []value
	for _, f := range files {
		if len(f.Data) > MaxFile {
			faults.add(f.Name, 0, "", "has %d bytes; want at most %d in one file", len(f.Data), MaxFile)
			continue
		}
		roots = append(roots, read(f, faults, MaxDocuments-len(roots))...)
	}
	return roots
}

// read cuts one file into at most limit documents; empty ones are passed over.
func read(f File, faults *faults, limit int) []value {
	var roots []value
	for d := yaml.NewDecoder(bytes.NewReader(f.Data)); ; {
		var n yaml.Node
		switch err := d.Decode(&n); {
		case errors.Is(err, io.EOF):
			return roots
		case err != nil:
			line, message := syntaxError(err)
			faults.add(f.Name, line, "", "is not YAML: %s", message)
			return roots
		}
		root := value{file: f.Name, faults: faults, node: n.Content[0]}
		if isNull(root.node) {
			continue
		}
		if len(roots) == limit {
			root.wrong("is one document too many; want at most %d in all files", MaxDocuments)
			return roots
		}
		if plain(root) {
			roots = append(roots, root)
		}
	}
}

// plain refuses what would let a document mean more than it shows: aliases (a few lines of them can stand for
// gigabytes) and tags. It stops at the first.
func plain(v value) bool {
	switch {
	case v.node.Kind == yaml.AliasNode:
		v.wrong("aliases (*%s) are not allowed; write the value out", v.node.Value)
		return false
	case v.node.Style&yaml.TaggedStyle != 0:
		v.wrong("tags (%s) are not allowed; quote what shall be text", v.node.Tag)
		return false
	}
	for _, c := range v.node.Content {
		if !plain(value{file: v.file, faults: v.faults, node: c}) {
			return false
		}
	}
	return true
}

var syntax = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// syntaxError takes the library's message apart; it leaves the line out when it is the first.
func syntaxError(err error) (line int, message string) {
	m := syntax.FindStringSubmatch(err.Error())
	if m == nil {
		return 1, err.Error()
	}
	line, _ = strconv.Atoi(m[1])
	return max(line, 1), m[2]
}
