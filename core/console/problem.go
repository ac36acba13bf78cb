package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"restock/core"
	"restock/core/manifest"
)

// problem is a problem document (RFC 9457) and the error that becomes one. Its type is always about:blank: the title is
// that of the HTTP status, and detail and errors say the rest.
type problem struct {
	Type   string  `json:"type"`
	Title  string  `json:"title"`
	Status int     `json:"status"`
	Detail string  `json:"detail,omitempty"`
	Errors []fault `json:"errors,omitempty"`
}

// fault is one wrong thing of what was sent.
type fault struct {
	File    string `json:"file,omitempty"` // apply: the file as it was handed in
	Line    int    `json:"line,omitempty"` // apply: in the file, from 1 on
	Field   string `json:"field"`          // path with dots; "" when it is about the whole
	Message string `json:"message"`
	Suggest string `json:"suggest,omitempty"`
}

func (p *problem) Error() string { return p.Title + ": " + p.Detail }

// newProblem has the status's own title; detail says what to do about it.
func newProblem(status int, detail string, faults ...fault) *problem {
	return &problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail, Errors: faults}
}

// wrongField is the problem of a request with one bad field.
func wrongField(field, format string, args ...any) *problem {
	message := fmt.Sprintf(format, args...)
	return newProblem(http.StatusUnprocessableEntity, field+": "+message, fault{Field: field, Message: message})
}

// fail answers with an error: the only place where errors become HTTP.
func (s *server) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := s.problemOf(err)
	if p.Status >= 500 && r.URL.Path != "/readyz" { // whoever asks whether we are ready asks often
		s.log.Error("console request failed", "path", r.URL.Path, "status", p.Status, "error", err)
	}
	s.answer(w, r, p)
}

// problemOf decides whose fault an error is: the sender's (4xx), the moment's (503, worth another try), or ours (500).
// Details are not hidden: whoever reads them operates this node.
func (s *server) problemOf(err error) *problem {
	var p *problem
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &tooLarge):
		return newProblem(http.StatusRequestEntityTooLarge, fmt.Sprintf("The body is larger than %d bytes.", tooLarge.Limit))
	}
	if faults, ok := faultsOf(err); ok {
		return newProblem(http.StatusUnprocessableEntity, "What was sent is wrong, as errors says; nothing was changed.", faults...)
	}
	if notReady := s.backend.Ready(); notReady != nil {
		return newProblem(http.StatusServiceUnavailable, notReady.Error())
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return newProblem(http.StatusServiceUnavailable, "It took too long; it may still come into effect. See /api/v1/status.")
	}
	return newProblem(http.StatusInternalServerError, err.Error())
}

// faultsOf takes an error that says what is wrong with the input apart; ok is false for any other error.
func faultsOf(err error) (all []fault, ok bool) {
	switch e := err.(type) {
	case *core.InvalidError:
		for _, f := range e.Fields {
			all = append(all, fault{Field: f.Field, Message: f.Message, Suggest: f.Suggest})
		}
		return all, true
	case *manifest.Error:
		return []fault{{File: e.File, Line: e.Line, Field: e.Field, Message: e.Message}}, true
	case interface{ Unwrap() []error }:
		return joinedFaults(e.Unwrap())
	case interface{ Unwrap() error }:
		return faultsOf(e.Unwrap())
	}
	return nil, false
}

// joinedFaults keeps what stands between the faults as well ("and 7 more"); one fault makes all of it the input's.
func joinedFaults(errs []error) (all []fault, ok bool) {
	for _, err := range errs {
		some, isFault := faultsOf(err)
		if !isFault {
			some = []fault{{Message: err.Error()}}
		}
		all, ok = append(all, some...), ok || isFault
	}
	return all, ok
}

// answer writes a problem: to programs as JSON, to people as a page.
func (s *server) answer(w http.ResponseWriter, r *http.Request, p *problem) {
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="restock"`)
	}
	if !forProgram(r.URL.Path) {
		_ = s.render(w, p.Status, "problem.html", problemPage{frame: s.frame(r, p.Title, ""), Problem: p}) // the answer is on its way already
		return
	}
	body, err := json.Marshal(p)
	if err != nil { // strings and numbers: cannot be
		http.Error(w, p.Title, p.Status)
		return
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_, _ = w.Write(append(body, '\n'))
}

// forProgram says whether programs live at a path.
func forProgram(path string) bool {
	return strings.HasPrefix(path, "/api/") || path == "/healthz" || path == "/readyz"
}
