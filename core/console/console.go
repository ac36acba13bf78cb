package console

import (
	"embed"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"restock/core"
)

// Bounds of requests. Server timeouts are the caller's.
const (
	MaxApply   = 32 << 20 // bytes of an apply's JSON
	maxForm    = 64 << 10 // bytes of any other body
	MaxInbox   = 1000     // messages that one call of the API may ask for
	usualInbox = 200      // messages when it does not say
)

// usualWorkspace is meant when a request names none.
const usualWorkspace core.WorkspaceName = "default"

//go:embed page
var pages embed.FS

//go:embed static openapi.yaml
var files embed.FS

// Config is what the console must know besides its Backend.
type Config struct {
	Tokens *Tokens      // who may come in; nil: everybody, as in the demo
	Log    *slog.Logger // nil: nothing is logged
}

// server is the console. Only its sessions change.
type server struct {
	backend  Backend
	tokens   *Tokens
	sessions *sessions
	pages    *template.Template
	log      *slog.Logger
	mux      *http.ServeMux
}

// New makes the console: a handler for all paths, to be used by many goroutines. Backend must be safe for that as well.
func New(b Backend, c Config) http.Handler {
	return newServer(b, c, time.Now).handler()
}

func newServer(b Backend, c Config, now func() time.Time) *server {
	s := &server{backend: b, tokens: c.Tokens, sessions: newSessions(now), log: c.Log, mux: http.NewServeMux()}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.pages = template.Must(template.New("").Funcs(words()).ParseFS(pages, "page/*.html"))
	for _, r := range s.routes() {
		s.mux.Handle(r.pattern, s.serve(r))
	}
	return s
}

// handler wraps the routes into what holds for all of them.
func (s *server) handler() http.Handler {
	origin := http.NewCrossOriginProtection()
	origin.SetDenyHandler(http.HandlerFunc(s.forged))
	return s.guard(origin.Handler(http.HandlerFunc(s.route)))
}

// access is who may call a route.
type access int

const (
	open    access = iota // everybody
	program               // a bearer token
	person                // a signed-in operator
)

// handle answers a request, or returns why it could not; then it has not written anything.
type handle func(w http.ResponseWriter, r *http.Request) error

type route struct {
	pattern string // of http.ServeMux
	access  access
	handle  handle
}

// routes lists all there is. Those under /api/ stand in openapi.yaml too.
func (s *server) routes() []route {
	return []route{
		{"GET /healthz", open, s.healthz},
		{"GET /readyz", open, s.readyz},
		{"GET /api/v1/openapi.yaml", open, s.openapi},
		{"GET /api/v1/status", program, s.apiStatus},
		{"GET /api/v1/inbox", program, s.apiInbox},
		{"GET /api/v1/why", program, s.apiWhy},
		{"GET /api/v1/demand", program, s.apiDemand},
		{"GET /api/v1/journeys", program, s.apiJourneys},
		{"GET /api/v1/journeys/{name}", program, s.apiJourney},
		{"POST /api/v1/journeys/{name}/{state}", program, s.apiSetJourney},
		{"GET /api/v1/audiences/{name}", program, s.apiAudience},
		{"GET /api/v1/broadcasts", program, s.apiBroadcasts},
		{"GET /api/v1/broadcasts/{name}/try", program, s.apiTryBroadcast},
		{"POST /api/v1/broadcasts/{name}/{verb}", program, s.apiSetBroadcast},
		{"GET /api/v1/templates", program, s.apiTemplates},
		{"GET /api/v1/templates/{name}", program, s.apiTemplate},
		{"POST /api/v1/templates/preview", program, s.apiPreview},
		{"POST /api/v1/templates/send", program, s.apiSendTest},
		{"POST /api/v1/journeys/{name}/shapes/{shape}/{verb}", program, s.apiDirect},
		{"POST /api/v1/readings/{source}/now", program, s.apiReadNow},
		{"POST /api/v1/readings/{source}/{verb}", program, s.apiRelease},
		{"GET /api/v1/restocks/{id}", program, s.apiRestock},
		{"POST /api/v1/restocks/{id}/{verb}", program, s.apiSteer},
		{"GET /api/v1/messages", program, s.apiMessages},
		{"POST /api/v1/messages/resend", program, s.apiResendAll},
		{"GET /api/v1/messages/{key}", program, s.apiMessage},
		{"POST /api/v1/messages/{key}/resend", program, s.apiResend},
		{"GET /api/v1/links/keys", program, s.apiLinkKeys},
		{"POST /api/v1/links/rotate", program, s.apiRotateLinks},
		{"POST /api/v1/apply", program, s.apiApply},
		{"GET /api/v1/plugins", program, s.apiPlugins},
		{"POST /api/v1/plugins/try", program, s.apiTrial},
		{"POST /api/v1/plugins/{name}/shadow", program, s.apiShadow},
		{"POST /api/v1/plugins/{name}/replay", program, s.apiReplay},
		{"GET /api/v1/contacts/export", program, s.apiExport},
		{"POST /api/v1/contacts/erase", program, s.apiErase},

		{"GET /console.css", open, s.file},
		{"GET /console.js", open, s.file},
		{"GET /icon.svg", open, s.file},
		{"GET /sign-in", open, s.askSignIn},
		{"POST /sign-in", open, s.signIn},
		{"POST /sign-out", open, s.signOut},
		{"GET /{$}", person, s.overview},
		{"GET /journeys/{workspace}/{name}", person, s.journey},
		{"POST /journeys/{workspace}/{name}/{state}", person, s.switchJourney},
		{"POST /journeys/{workspace}/{name}/shapes/{shape}/{verb}", person, s.directJourney},
		{"GET /broadcasts", person, s.broadcasts},
		{"GET /broadcasts/{workspace}/{name}", person, s.broadcast},
		{"POST /broadcasts/{workspace}/{name}/{verb}", person, s.setBroadcast},
		{"GET /restocks/{workspace}/{id}", person, s.restock},
		{"POST /restocks/{workspace}/{id}/{verb}", person, s.steerRestock},
		{"GET /messages", person, s.messages},
		{"POST /messages/{workspace}/resend", person, s.resendMessages},
		{"GET /inbox", person, s.inbox},
		{"GET /inbox/{key}", person, s.inbox},
		{"GET /inbox/{key}/mail", person, s.mail},
		{"GET /why", person, s.why},
		{"GET /demand", person, s.demand},
	}
}

// serve lets in whom the route lets in, and turns what its handler returns into an answer.
func (s *server) serve(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if rt.access == person && !s.signedIn(r) {
			http.Redirect(w, r, signInURL(r), http.StatusSeeOther)
			return
		}
		if rt.access == program {
			if err := s.authorize(r); err != nil {
				s.fail(w, r, err)
				return
			}
		}
		if err := rt.handle(w, r); err != nil {
			s.fail(w, r, err)
		}
	})
}
