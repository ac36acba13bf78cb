package console

import (
	"fmt"
	"net/http"
	"runtime/debug"
)

// Content policies. Pages use their own files only. A mail may show pictures and its own styles and can do nothing: the
// sandbox holds as well when somebody opens the mail's address outside the frame. Its links may open a window that is
// not sandboxed any more, because a shop cannot sell in a sandbox.
const (
	pagePolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
		"frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	mailPolicy = "default-src 'none'; script-src 'none'; style-src 'unsafe-inline'; img-src http: https: data:; " +
		"form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)

// guard sets the headers that every answer has, and keeps a panic from being more than one failed request.
func (s *server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secure(w.Header())
		defer s.rescue(w, r)
		next.ServeHTTP(w, r)
	})
}

// secure: the referrer policy is not no-referrer, which would make browsers send "Origin: null" with the console's own
// forms, and those would look forged where Sec-Fetch-Site is missing (plain http that is not loopback).
func secure(h http.Header) {
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// rescue answers for a handler that panicked, and logs where. Handlers write once, as the last thing they do, so nothing
// has been written before.
func (s *server) rescue(w http.ResponseWriter, r *http.Request) {
	switch p := recover(); p {
	case nil:
	case http.ErrAbortHandler:
		panic(p) // net/http's own way to give up a connection
	default:
		s.log.Error("console handler panicked", "path", r.URL.Path, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		s.answer(w, r, newProblem(http.StatusInternalServerError, "The console failed here; its log says why."))
	}
}

// forged answers what another site's page made the operator's browser send.
func (s *server) forged(w http.ResponseWriter, r *http.Request) {
	s.answer(w, r, newProblem(http.StatusForbidden, "This request came from another site's page. Use the console's own pages, or the API without a browser."))
}

// route answers in the console's own form also when there is no such path or method.
func (s *server) route(w http.ResponseWriter, r *http.Request) {
	if h, pattern := s.mux.Handler(r); pattern == "" {
		verdict := &codeOnly{header: http.Header{}}
		h.ServeHTTP(verdict, r)
		switch verdict.code {
		case http.StatusNotFound:
			s.answer(w, r, newProblem(verdict.code, "There is nothing at this address."))
			return
		case http.StatusMethodNotAllowed:
			allow := verdict.header.Get("Allow")
			w.Header().Set("Allow", allow)
			s.answer(w, r, newProblem(verdict.code, "This address takes "+allow+"."))
			return
		}
	}
	s.mux.ServeHTTP(w, r)
}

// codeOnly is a ResponseWriter that keeps code and headers, to learn what http.ServeMux would say.
type codeOnly struct {
	header http.Header
	code   int
}

func (c *codeOnly) Header() http.Header { return c.header }

func (c *codeOnly) WriteHeader(code int) { c.code = code }

func (c *codeOnly) Write(b []byte) (int, error) { return len(b), nil }
