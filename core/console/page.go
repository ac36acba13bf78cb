package console

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// frame is what every page needs.
type frame struct {
	Title   string
	Here    string // the menu's current page: overview, demand, broadcasts, messages, inbox, why or ""
	SignOut bool   // there is a session to end
	Menu    bool   // whoever looks may use the menu
}

// frame says who looks at which page.
func (s *server) frame(r *http.Request, title, here string) frame {
	in := s.signedIn(r)
	return frame{Title: title, Here: here, SignOut: in && s.tokens != nil, Menu: in}
}

// problemPage is what people see of a problem.
type problemPage struct {
	frame
	Problem *problem
}

// render writes a page, or nothing of it. It says what went wrong itself, for error pages go through it as well.
func (s *server) render(w http.ResponseWriter, code int, name string, page any) error {
	var b bytes.Buffer
	if err := s.pages.ExecuteTemplate(&b, name, page); err != nil {
		s.log.Error("rendering console page", "page", name, "error", err)
		http.Error(w, "The page could not be made; the log says why.", http.StatusInternalServerError)
		return nil
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(code)
	_, _ = w.Write(b.Bytes())
	return nil
}

// file serves one of the embedded files. Their names stand in routes, one by one. Browsers ask again each time and are
// told when nothing changed.
func (s *server) file(w http.ResponseWriter, r *http.Request) error {
	body, err := files.ReadFile("static" + r.URL.Path)
	if err != nil {
		return fmt.Errorf("reading %s: %w", r.URL.Path, err)
	}
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("ETag", etag(body))
	w.Header().Set("Content-Type", fileKind(r.URL.Path))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	return nil
}

// fileKind does not ask the machine's own table of types, which differs between machines.
func fileKind(name string) string {
	switch {
	case strings.HasSuffix(name, ".css"):
		return "text/css; charset=utf-8"
	case strings.HasSuffix(name, ".js"):
		return "text/javascript; charset=utf-8"
	default:
		return "image/svg+xml"
	}
}
