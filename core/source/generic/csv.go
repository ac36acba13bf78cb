package generic

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"restock/core/source"
)

// readCSV reads all rows; it returns what keeps the table from being one.
func (t *table) readCSV(data []byte) *Problem {
	r := csv.NewReader(bytes.NewReader(data))
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = Delimiter(data), -1, true
	first, err := r.Read()
	if err != nil {
		return csvProblem(err)
	}
	names := make([]string, len(first))
	for i, name := range first {
		names[i] = strings.ToLower(strings.TrimSpace(name))
	}
	if p := badHeader(names); p != nil {
		return p
	}
	for n := 0; ; n++ {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return csvProblem(err)
		}
		line, _ := r.FieldPos(0)
		if n == MaxRows {
			return tooMany(line)
		}
		t.cells(line, names, cells)
	}
}

func tooMany(line int) *Problem {
	return &Problem{line, source.Body, fmt.Sprintf("at most %d rows", MaxRows)}
}

// cells takes one row of texts.
func (t *table) cells(line int, names, cells []string) {
	if len(cells) != len(names) {
		t.problem(line, source.Body, fmt.Sprintf("%d cells, as the first line has", len(names)))
		return
	}
	trimmed := make([]string, len(cells))
	for i, c := range cells {
		trimmed[i] = strings.TrimSpace(c)
	}
	t.take(line, source.Record(names, trimmed))
}

// badHeader finds what the column names lack.
func badHeader(names []string) *Problem {
	for i, name := range names {
		if name != "" && slices.Contains(names[:i], name) {
			return &Problem{1, source.Body, fmt.Sprintf("each column once; %.64q is there twice", name)}
		}
	}
	if !slices.Contains(names, "id") {
		return &Problem{1, "id", "a column of that name"}
	}
	if !slices.Contains(names, "available") && !slices.Contains(names, "availability") {
		return &Problem{1, "available", "a column of that name, or availability"}
	}
	return nil
}

// Delimiter is what the first line has most of: commas, semicolons or tabs.
func Delimiter(data []byte) rune {
	first, _, _ := bytes.Cut(data, []byte("\n"))
	best, most := ',', bytes.Count(first, []byte(","))
	for _, d := range ";\t" {
		if n := bytes.Count(first, []byte(string(d))); n > most {
			best, most = d, n
		}
	}
	return best
}

// csvProblem says where a table is broken.
func csvProblem(err error) *Problem {
	var bad *csv.ParseError
	switch {
	case errors.Is(err, io.EOF):
		return &Problem{1, source.Body, "a line of column names"}
	case errors.As(err, &bad):
		return &Problem{bad.Line, source.Body, "cells as in RFC 4180: " + bad.Err.Error()}
	}
	return &Problem{1, source.Body, "CSV"}
}

// readJSON reads all rows of a list of objects; it returns what keeps it from being one.
func (t *table) readJSON(data []byte) *Problem {
	d := json.NewDecoder(bytes.NewReader(data))
	at := lines{data: data, line: 1}
	if open, err := d.Token(); err != nil || open != json.Delim('[') {
		return &Problem{1, source.Body, "a JSON list of objects"}
	}
	for n := 0; d.More(); n++ {
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return &Problem{at.of(d.InputOffset()), source.Body, "well-formed JSON"}
		}
		line := at.of(d.InputOffset() - int64(len(raw)))
		if n == MaxRows {
			return tooMany(line)
		}
		t.take(line, source.ParseObject(raw))
	}
	if _, err := d.Token(); err != nil || len(bytes.TrimSpace(data[d.InputOffset():])) > 0 {
		return &Problem{at.of(d.InputOffset()), source.Body, "the list to end, and nothing behind it"}
	}
	return nil
}

// lines counts lines up to offsets that only grow.
type lines struct {
	data []byte
	from int64
	line int
}

func (l *lines) of(offset int64) int {
	offset = min(offset, int64(len(l.data)))
	if offset > l.from {
		l.line += bytes.Count(l.data[l.from:offset], []byte("\n"))
		l.from = offset
	}
	return l.line
}
