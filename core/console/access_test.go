package console

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func openTokens(t testing.TB) (*Tokens, string) {
	t.Helper()
	tokens, first, err := OpenTokens(filepath.Join(t.TempDir(), "data", "tokens"))
	if err != nil {
		t.Fatal(err)
	}
	return tokens, first
}

func TestOpenTokens(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", "tokens")
	made, first, err := OpenTokens(path)
	if err != nil || !strings.HasPrefix(first, tokenMark) || !made.Knows(first) {
		t.Fatalf("the first start: %q, %v", first, err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v, %v; want 0600", info.Mode(), err)
	}
	if body, err := os.ReadFile(path); err != nil || strings.Contains(string(body), first) {
		t.Errorf("the file holds the token itself, %v", err)
	}
	again, second, err := OpenTokens(path)
	if err != nil || second != "" || !again.Knows(first) || again.Knows(first+"x") || again.Knows("") {
		t.Errorf("the second start: %q, %v", second, err)
	}
	if others, _ := os.ReadDir(filepath.Dir(path)); len(others) != 1 {
		t.Errorf("the folder holds %v; want the tokens only", others)
	}
}

func TestOpenTokensReads(t *testing.T) {
	const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" // FIPS 180-2: SHA-256 of "abc"
	for _, c := range []struct {
		name, body string
		mode       os.FileMode
		knows      string
		fails      string // part of the error
	}{
		{"one", abc + "\n", 0o600, "abc", ""},
		{"name, comment, blank line, no line end", "# ours\n\n" + strings.Repeat("0", 64) + "\n  " + strings.ToUpper(abc) + " deploy", 0o400, "abc", ""},
		{"none", "# nobody\n", 0o600, "", "holds none"},
		{"empty", "", 0o600, "", "holds none"},
		{"no hash", abc + "\nhello\n", 0o600, "", ":2: want a SHA-256"},
		{"short hash", abc[2:], 0o600, "", ":1: want a SHA-256"},
		{"others read it", abc, 0o640, "", "chmod 600"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "tokens")
			if err := os.WriteFile(path, []byte(c.body), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, c.mode); err != nil {
				t.Fatal(err)
			}
			tokens, first, err := OpenTokens(path)
			if (err == nil) != (c.fails == "") || err != nil && !strings.Contains(err.Error(), c.fails) {
				t.Fatalf("got %v; want %q", err, c.fails)
			}
			if err == nil && (first != "" || !tokens.Knows(c.knows) || tokens.Knows(abc)) {
				t.Errorf("the file's token is not known, or another is")
			}
		})
	}
}

func TestBearer(t *testing.T) {
	tokens, first := openTokens(t)
	h := New(shop(), Config{Tokens: tokens})
	for _, c := range []struct {
		name, path, authorization string
		code                      int
	}{
		{"none", "/api/v1/status", "", 401},
		{"right", "/api/v1/status", "Bearer " + first, 200},
		{"right, lower case", "/api/v1/inbox", "bearer  " + first, 200},
		{"wrong", "/api/v1/status", "Bearer " + first + "x", 401},
		{"empty", "/api/v1/status", "Bearer ", 401},
		{"basic", "/api/v1/status", "Basic " + first, 401},
		{"bare", "/api/v1/status", first, 401},
		{"why", "/api/v1/why?contact=ada@example.com", "", 401},
		{"journeys", "/api/v1/journeys", "", 401},
		{"description", "/api/v1/openapi.yaml", "", 200},
		{"health", "/healthz", "", 200},
		{"readiness", "/readyz", "", 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			var headers []string
			if c.authorization != "" {
				headers = []string{"Authorization", c.authorization}
			}
			resp := do(h, "GET", c.path, "", headers...)
			if resp.StatusCode != c.code {
				t.Fatalf("got %d; want %d", resp.StatusCode, c.code)
			}
			asks := resp.Header.Get("WWW-Authenticate") != "" && resp.Header.Get("Content-Type") == "application/problem+json"
			if asks != (c.code == 401) {
				t.Errorf("headers %v", resp.Header)
			}
		})
	}
	f := shop()
	h = New(f, Config{Tokens: tokens})
	for _, path := range []string{"/api/v1/apply", "/api/v1/journeys/back/on"} {
		if resp := do(h, "POST", path, `{"files":[{"name":"a"}]}`, "Content-Type", "application/json"); resp.StatusCode != 401 {
			t.Errorf("POST %s without a token: %d", path, resp.StatusCode)
		}
	}
	if len(f.applied)+len(f.set) != 0 {
		t.Error("something was changed without a token")
	}
}

// signIn posts a token and returns the session's cookie as a header value.
func signIn(t testing.TB, h http.Handler, token string) string {
	t.Helper()
	form := url.Values{"token": {" " + token + "\n"}, "next": {"/why?contact=a%40b.example"}}
	resp := do(h, "POST", "/sign-in", form.Encode(), "Content-Type", "application/x-www-form-urlencoded", "X-Forwarded-Proto", "https")
	if resp.StatusCode != 303 || resp.Header.Get("Location") != "/why?contact=a%40b.example" {
		t.Fatalf("signing in: %d to %q", resp.StatusCode, resp.Header.Get("Location"))
	}
	c := resp.Cookies()[0]
	if !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.MaxAge != 12*3600 || strings.Contains(c.Value, token) {
		t.Errorf("the cookie is %v", c)
	}
	return c.Name + "=" + c.Value
}

func TestSession(t *testing.T) {
	tokens, first := openTokens(t)
	now := noon
	h := newServer(shop(), Config{Tokens: tokens}, func() time.Time { return now }).handler()

	resp := do(h, "GET", "/why?contact=a%40b.example", "")
	if to := resp.Header.Get("Location"); resp.StatusCode != 303 || to != "/sign-in?next=%2Fwhy%3Fcontact%3Da%2540b.example" {
		t.Errorf("a page without session: %d to %q", resp.StatusCode, to)
	}
	if resp := do(h, "POST", "/journeys/default/back/on", ""); resp.StatusCode != 303 || resp.Header.Get("Location") != "/sign-in?next=%2F" {
		t.Errorf("a switch without session: %d to %q", resp.StatusCode, resp.Header.Get("Location"))
	}
	cookie := signIn(t, h, first)
	for _, path := range []string{"/", "/inbox", "/inbox/0000000000000000000000000000000b", "/inbox/0000000000000000000000000000000b/mail", "/why", "/demand", "/broadcasts", "/broadcasts/default/sale"} {
		if resp := do(h, "GET", path, "", "Cookie", cookie); resp.StatusCode != 200 {
			t.Errorf("%s in a session: %d", path, resp.StatusCode)
		}
		if resp := do(h, "GET", path, "", "Cookie", cookieName+"=guess"); resp.StatusCode != 303 {
			t.Errorf("%s with a made-up session: %d", path, resp.StatusCode)
		}
	}
	if resp := do(h, "GET", "/api/v1/status", "", "Cookie", cookie); resp.StatusCode != 401 {
		t.Errorf("the API with a cookie: %d; it takes tokens only", resp.StatusCode)
	}
	now = noon.Add(sessionLife - time.Second)
	if resp := do(h, "GET", "/", "", "Cookie", cookie); resp.StatusCode != 200 {
		t.Errorf("just before the end: %d", resp.StatusCode)
	}
	now = noon.Add(sessionLife)
	if resp := do(h, "GET", "/", "", "Cookie", cookie); resp.StatusCode != 303 {
		t.Errorf("at the end: %d", resp.StatusCode)
	}
}

func TestSignOut(t *testing.T) {
	tokens, first := openTokens(t)
	h := New(shop(), Config{Tokens: tokens})
	cookie := signIn(t, h, first)
	if resp := do(h, "POST", "/sign-out", "", "Cookie", cookie); resp.StatusCode != 303 || resp.Cookies()[0].MaxAge >= 0 {
		t.Errorf("signing out: %d, %v", resp.StatusCode, resp.Cookies())
	}
	if resp := do(h, "GET", "/", "", "Cookie", cookie); resp.StatusCode != 303 {
		t.Errorf("the old cookie afterwards: %d", resp.StatusCode)
	}
}

func TestSignInRefuses(t *testing.T) {
	tokens, _ := openTokens(t)
	h := New(shop(), Config{Tokens: tokens})
	resp := do(h, "POST", "/sign-in", "token=guess&next=%2Finbox", "Content-Type", "application/x-www-form-urlencoded")
	body := text(t, resp)
	if resp.StatusCode != 401 || len(resp.Cookies()) != 0 || !strings.Contains(body, "not known") || !strings.Contains(body, `name="next" value="/inbox"`) {
		t.Errorf("a wrong token: %d, %v", resp.StatusCode, resp.Cookies())
	}
	if strings.Contains(body, "guess") {
		t.Error("the page repeats the token")
	}
	if body := text(t, do(h, "GET", "/sign-in?next=%2F%22%3E%3Cscript%3E", "")); strings.Contains(body, "<script>") || !strings.Contains(body, "</html>") {
		t.Error("the page does not escape where it goes next")
	}
	large := "token=" + strings.Repeat("x", maxForm)
	if resp := do(h, "POST", "/sign-in", large, "Content-Type", "application/x-www-form-urlencoded"); resp.StatusCode != 400 {
		t.Errorf("a huge form: %d", resp.StatusCode)
	}
}

func TestLocalPath(t *testing.T) {
	for next, want := range map[string]string{
		"/": "/", "/inbox?view=text": "/inbox?view=text", "/why?contact=a%40b": "/why?contact=a%40b",
		"": "/", "inbox": "/", "//evil.example": "/", "https://evil.example/": "/", "javascript:alert(1)": "/",
		`/\evil.example`: "/", "/\t/evil.example": "/", "/\r\nX: y": "/", `\\evil.example`: "/",
	} {
		if got := localPath(next); got != want {
			t.Errorf("localPath(%q) = %q; want %q", next, got, want)
		}
	}
}

func TestSessionsAreBounded(t *testing.T) {
	now := noon
	s := newSessions(func() time.Time { return now })
	oldest := s.start()
	now = now.Add(time.Second)
	for range maxSessions {
		s.start()
	}
	if s.knows(oldest) || len(s.ends) != maxSessions {
		t.Errorf("%d sessions, the oldest known: %t", len(s.ends), s.knows(oldest))
	}
	now = now.Add(sessionLife)
	if last := s.start(); !s.knows(last) || len(s.ends) != 1 {
		t.Errorf("%d sessions after all but one ended", len(s.ends))
	}
}

// What another site makes a browser send changes nothing, with or without tokens; programs and own pages may.
func TestForgedRequests(t *testing.T) {
	for _, c := range []struct {
		name    string
		headers []string
		code    int
	}{
		{"a program", nil, 303},
		{"own page", []string{"Sec-Fetch-Site", "same-origin", "Origin", "http://example.com"}, 303},
		{"own page, plain http", []string{"Origin", "http://example.com"}, 303},
		{"another site", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, 403},
		{"another port", []string{"Sec-Fetch-Site", "same-site", "Origin", "http://example.com:8080"}, 403},
		{"another site, plain http", []string{"Origin", "http://evil.example"}, 403},
		{"a hidden origin", []string{"Origin", "null"}, 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := shop()
			h := New(f, Config{})
			resp := do(h, "POST", "/journeys/default/back/off", "", c.headers...)
			if resp.StatusCode != c.code || len(f.set) != map[bool]int{true: 1, false: 0}[c.code == 303] {
				t.Errorf("the switch: %d, set %v; want %d", resp.StatusCode, f.set, c.code)
			}
			apply := append([]string{"Content-Type", "application/json"}, c.headers...)
			resp = do(h, "POST", "/api/v1/apply", `{"files":[{"name":"a"}]}`, apply...)
			if forged := c.code == 403; forged != (resp.StatusCode == 403) || forged != (len(f.applied) == 0) {
				t.Errorf("apply: %d, applied %d times", resp.StatusCode, len(f.applied))
			}
		})
	}
}
