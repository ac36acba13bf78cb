package console

import (
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Bounds of sessions.
const (
	sessionLife = 12 * time.Hour
	maxSessions = 1024 // beyond it the one that ends first goes
)

// cookieName is the session's cookie.
const cookieName = "restock_console"

// sessions are the signed-in operators. They live in memory: after a restart operators sign in again.
type sessions struct {
	now func() time.Time

	mu   sync.Mutex // guards what follows
	ends map[[sha256.Size]byte]time.Time
}

func newSessions(now func() time.Time) *sessions {
	return &sessions{now: now, ends: map[[sha256.Size]byte]time.Time{}}
}

// start begins a session and returns its secret; only the hash stays here, so looking it up leaks nothing by its time.
func (s *sessions) start() string {
	secret := rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	s.ends[sha256.Sum256([]byte(secret))] = s.now().Add(sessionLife)
	return secret
}

// sweep drops what has ended, and makes room for one more.
func (s *sessions) sweep() {
	var first [sha256.Size]byte
	var soonest time.Time
	for hash, end := range s.ends {
		if !s.now().Before(end) {
			delete(s.ends, hash)
			continue
		}
		if soonest.IsZero() || end.Before(soonest) {
			first, soonest = hash, end
		}
	}
	if len(s.ends) >= maxSessions {
		delete(s.ends, first)
	}
}

// knows says whether a session of that secret is still on.
func (s *sessions) knows(secret string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	end, ok := s.ends[sha256.Sum256([]byte(secret))]
	return ok && s.now().Before(end)
}

// end ends a session; one that is not there has ended.
func (s *sessions) end(secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.ends, sha256.Sum256([]byte(secret)))
}

// signedIn says whether the request comes from a signed-in operator; without tokens everybody is one.
func (s *server) signedIn(r *http.Request) bool {
	if s.tokens == nil {
		return true
	}
	c, err := r.Cookie(cookieName)
	return err == nil && s.sessions.knows(c.Value)
}

// signInPage asks for a token.
type signInPage struct {
	frame
	Next  string
	Wrong bool
}

// askSignIn shows the form to whoever is not signed in yet.
func (s *server) askSignIn(w http.ResponseWriter, r *http.Request) error {
	next := localPath(r.URL.Query().Get("next"))
	if s.signedIn(r) {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return nil
	}
	return s.render(w, http.StatusOK, "sign-in.html", signInPage{frame: s.frame(r, "Sign in", ""), Next: next})
}

// signIn turns a token into a session, so that the token itself is in no cookie.
func (s *server) signIn(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return newProblem(http.StatusBadRequest, "The form could not be read.")
	}
	next := localPath(r.PostForm.Get("next"))
	if s.tokens != nil {
		if !s.tokens.Knows(strings.TrimSpace(r.PostForm.Get("token"))) {
			page := signInPage{frame: s.frame(r, "Sign in", ""), Next: next, Wrong: true}
			return s.render(w, http.StatusUnauthorized, "sign-in.html", page)
		}
		http.SetCookie(w, sessionCookie(r, s.sessions.start(), sessionLife))
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

// signOut ends the session here and in the browser. Anybody may ask: without a session there is nothing to end.
func (s *server) signOut(w http.ResponseWriter, r *http.Request) error {
	if c, err := r.Cookie(cookieName); err == nil {
		s.sessions.end(c.Value)
	}
	http.SetCookie(w, sessionCookie(r, "", -time.Second))
	http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
	return nil
}

// sessionCookie is Secure whenever the browser came by TLS, to us or to a proxy in front.
func sessionCookie(r *http.Request, value string, life time.Duration) *http.Cookie {
	return &http.Cookie{
		Name: cookieName, Value: value, Path: "/", MaxAge: int(life / time.Second), HttpOnly: true,
		SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https",
	}
}

// signInURL comes back to where a page was asked for; what was posted is lost.
func signInURL(r *http.Request) string {
	next := "/"
	if r.Method == http.MethodGet {
		next = r.URL.RequestURI()
	}
	return "/sign-in?" + url.Values{"next": {next}}.Encode()
}

// localPath keeps a redirect on this console: anything that a browser could read as another host becomes "/".
func localPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(next, "/") ||
		strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return next
}
