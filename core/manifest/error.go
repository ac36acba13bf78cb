package manifest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Error is one wrong thing in a file.
type Error struct {
	File    string // as it was handed in
	Line    int    // from 1 on; 0: the file as a whole
	Field   string // path within the document, like spec.shapes[2].delay.for; "" for the document as a whole
	Message string // what was expected, and what to do
}

// Error is "file:line: path: message", the form that editors jump to.
func (e *Error) Error() string {
	where := e.File
	if e.Line > 0 {
		where = fmt.Sprintf("%s:%d", e.File, e.Line)
	}
	if e.Field != "" {
		where += ": " + e.Field
	}
	return where + ": " + e.Message
}

// faults gathers what is wrong, so that one reading finds everything.
type faults struct{ all []*Error }

func (f *faults) add(file string, line int, field, format string, args ...any) {
	f.all = append(f.all, &Error{File: file, Line: line, Field: field, Message: fmt.Sprintf(format, args...)})
}

// err joins the faults in the order of the files; nil when there are none.
func (f *faults) err() error {
	slices.SortStableFunc(f.all, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	var joined []error
	for _, e := range f.all[:min(len(f.all), MaxErrors)] {
		joined = append(joined, e)
	}
	if more := len(f.all) - MaxErrors; more > 0 {
		joined = append(joined, fmt.Errorf("and %d more", more))
	}
	return errors.Join(joined...)
}
