package core

import (
	"fmt"
	"strings"
)

// FieldError says what is wrong with one field of something that came from outside.
type FieldError struct {
	Field   string `json:"field"` // path with dots, as the sender wrote it
	Message string `json:"message"`
	Suggest string `json:"suggest,omitempty"` // what was probably meant
	Line    int    `json:"-"`                 // within the field's text, from 1 on; 0: the field as a whole
}

// InvalidError is what a strict reader returns: every wrong field at once, and nothing was changed.
type InvalidError struct{ Fields []FieldError }

func (e *InvalidError) Error() string {
	parts := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		parts[i] = fmt.Sprintf("%s: %s", f.Field, f.Message)
		if f.Line > 0 {
			parts[i] = fmt.Sprintf("%s: line %d: %s", f.Field, f.Line, f.Message)
		}
	}
	return strings.Join(parts, "; ")
}

// Add notes one more wrong field.
func (e *InvalidError) Add(field, format string, args ...any) {
	e.Fields = append(e.Fields, FieldError{Field: field, Message: fmt.Sprintf(format, args...)})
}

// OrNil returns e when a field is wrong, else nil.
func (e *InvalidError) OrNil() error {
	if len(e.Fields) == 0 {
		return nil
	}
	return e
}
