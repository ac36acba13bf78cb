package test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"restock/widget"
)

// source is the data source that all fixtures belong to.
const source = "my-shop"

// answer is what the edge says to a capture.
type answer struct {
	code       int // 0: the connection is dropped
	body       string
	retryAfter string
	after      <-chan struct{} // closed: now is the time to answer; nil: at once
}

func accepted() answer { return answer{code: http.StatusAccepted, body: `{"result":"waiting"}`} }

func tooMany() answer {
	return answer{code: http.StatusTooManyRequests, retryAfter: "1", body: `{"type":"about:blank","title":"Too Many Requests","status":429,"detail":"too many captures; try again in a moment"}`}
}

func internal() answer { return answer{code: http.StatusInternalServerError, body: "oops"} }

func dead() answer { return answer{} }

// suggests refuses an address as the edge refuses a typing error (RFC 9457, with the field and what was probably meant).
func suggests(field, suggestion string) answer {
	body, _ := json.Marshal(map[string]any{
		"type": "about:blank", "title": "Unprocessable Entity", "status": 422, "detail": "a field is wrong",
		"errors": []map[string]string{{"field": field, "message": "that domain receives no mail", "suggest": suggestion}},
	})
	return answer{code: http.StatusUnprocessableEntity, body: string(body)}
}

// capture is what the widget posts; a field that is not named here fails the test.
type capture struct {
	Source    string   `json:"source"`
	Variant   string   `json:"variant"`
	Product   string   `json:"product"`
	Email     string   `json:"email"`
	Phone     string   `json:"phone"`
	Region    string   `json:"region"`
	Locale    string   `json:"locale"`
	Market    string   `json:"market"`
	Quantity  int64    `json:"quantity"`
	Page      string   `json:"page"`
	Form      string   `json:"form"`
	Consent   *consent `json:"consent"`
	Key       string   `json:"idempotency_key"`
	Website   string   `json:"website"`
	ElapsedMS int64    `json:"elapsed_ms"`
	Push      *push    `json:"push"`
	AsTyped   bool     `json:"email_as_typed"` // the shopper did not take the suggestion
}

type consent struct {
	Marketing bool   `json:"marketing"`
	Text      string `json:"text"`
}

type push struct {
	Endpoint string `json:"endpoint"`
	P256dh   string `json:"p256dh"`
	Auth     string `json:"auth"`
}

// request is one request that the edge was sent.
type request struct {
	method, path string
	header       http.Header
}

// edge serves the widget as an edge node does, and notes what it is sent.
type edge struct {
	*httptest.Server
	t      *testing.T
	config *widget.Config

	mu       sync.Mutex // guards what follows
	answers  []answer   // to the next captures; none left: accepted
	captures []capture
	requests []request
}

// newEdge serves the widget for source with that configuration; nil: e-mail only.
func newEdge(t *testing.T, config *widget.Config) *edge {
	t.Helper()
	if config == nil {
		config = &widget.Config{}
	}
	config.Source = source
	e := &edge{t: t, config: config}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /widget.js", e.loader(nil))
	mux.HandleFunc("GET /widget/"+source+".js", e.loader(config))
	for _, f := range widget.Files() {
		mux.HandleFunc("GET /widget/"+widget.Version()+"/"+f.Name, serveFile(f))
		if f.Name == "worker.js" {
			mux.HandleFunc("GET /widget-worker.js", serveFile(f))
		}
	}
	mux.HandleFunc("POST /v1/captures", e.capture)
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.note(r)
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(e.Close)
	return e
}

func (e *edge) note(r *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.requests = append(e.requests, request{r.Method, r.URL.Path, r.Header.Clone()})
}

// loader answers GET /widget.js, and GET /widget/{source}.js with the configuration inlined.
func (e *edge) loader(c *widget.Config) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		body, err := widget.Loader(c)
		if err != nil {
			e.t.Errorf("making the loader: %v", err)
		}
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		w.Header().Set("Cache-Control", "public, max-age=300")
		w.Header().Set("Access-Control-Allow-Origin", "*")
		_, _ = w.Write(body)
	}
}

func serveFile(f widget.File) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", f.ContentType)
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		w.Header().Set("Access-Control-Allow-Origin", "*")
		_, _ = w.Write(f.Body)
	}
}

// capture notes what was posted and answers as told. What a browser must not send fails the test.
func (e *edge) capture(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		e.t.Errorf("reading a capture: %v", err)
	}
	var c capture
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		e.t.Errorf("a capture that an edge cannot read: %v in %s", err, body)
	}
	if media := r.Header.Get("Content-Type"); !strings.HasPrefix(media, "text/plain") {
		e.t.Errorf("a capture is sent as %q: want text/plain, which needs no preflight", media)
	}
	if r.Header.Get("Cookie") != "" || r.Header.Get("Authorization") != "" {
		e.t.Errorf("a capture carries credentials: %v", r.Header)
	}
	e.reply(w, r, e.take(c))
}

func (e *edge) take(c capture) answer {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.captures = append(e.captures, c)
	if len(e.answers) == 0 {
		return accepted()
	}
	a := e.answers[0]
	e.answers = e.answers[1:]
	return a
}

func (e *edge) reply(w http.ResponseWriter, r *http.Request, a answer) {
	if a.after != nil {
		select {
		case <-a.after:
		case <-r.Context().Done():
		}
	}
	if a.code == 0 {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
	w.Header().Set("Vary", "Origin")
	w.Header().Set("Content-Type", "application/problem+json")
	if a.code == http.StatusAccepted {
		w.Header().Set("Content-Type", "application/json")
	}
	if a.retryAfter != "" {
		w.Header().Set("Retry-After", a.retryAfter)
	}
	w.WriteHeader(a.code)
	_, _ = io.WriteString(w, a.body)
}

// answer sets what the next captures are told, one after the other.
func (e *edge) answer(all ...answer) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.answers = all
}

// captured is what was posted so far.
func (e *edge) captured() []capture {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.captures)
}

// asked is what was requested so far: "GET /widget.js".
func (e *edge) asked() []request {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.requests)
}
