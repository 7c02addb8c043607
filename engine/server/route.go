package server

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
)

// maxBody bounds what a request may send.
const maxBody = 64 << 10

// A place is a path and what answers there.
type place struct {
	method string // GET stands for HEAD too
	path   string
	// named places go on with a percent-encoded name after path, and end in tail.
	named   bool
	tail    string
	command bool // changes something: for the admin socket, or the token's holder
	serve   func(w http.ResponseWriter, r *http.Request, name string)
}

// places lists every path there is; the first that fits answers.
func (s *Server) places() []place {
	return []place{
		{method: "GET", path: "/health", serve: s.health},
		{method: "GET", path: "/health/", named: true, serve: s.component},
		{method: "GET", path: "/metrics", serve: s.metrics},
		{method: "GET", path: "/-/healthy", serve: s.alive},
		{method: "GET", path: "/-/ready", serve: s.ready},
		{method: "POST", path: "/-/reload", command: true, serve: s.reload},
		{method: "GET", path: "/api/v1/status", serve: s.status},
		{method: "GET", path: "/api/v1/checks", serve: s.checks},
		{method: "GET", path: "/api/v1/checks/", named: true, tail: "/history", serve: s.history},
		{method: "GET", path: "/api/v1/checks/", named: true, serve: s.check},
		{method: "GET", path: "/api/v1/alerts", serve: s.alerts},
		{method: "GET", path: "/api/v1/silences", serve: s.silences},
		{method: "POST", path: "/api/v1/silences", command: true, serve: s.silence},
		{method: "POST", path: "/api/v1/silences/", named: true, tail: "/expire", command: true, serve: s.expire},
		{method: "GET", path: "/api/v1/recovery", serve: s.recovery},
		{method: "GET", path: "/api/v1/recovery/", named: true, serve: s.recoveryOf},
		{method: "POST", path: "/-/recover/", named: true, command: true, serve: s.recover},
		{method: "GET", path: "/api/v1/events", serve: s.stream},
		{method: "GET", path: "/", serve: s.index},
		{method: "GET", path: "/assets/", named: true, serve: s.asset},
		{method: "GET", path: "/favicon.ico", serve: s.favicon},
	}
}

// fits reports whether the escaped path leads to p, and with which escaped name.
// Paths are taken as they came: a name may hold what looks like a path.
func (p *place) fits(path string) (name string, ok bool) {
	if !p.named {
		return "", path == p.path
	}
	if len(path) <= len(p.path)+len(p.tail) || !strings.HasPrefix(path, p.path) || !strings.HasSuffix(path, p.tail) {
		return "", false
	}
	return path[len(p.path) : len(path)-len(p.tail)], true
}

// entrance answers the requests of the admin socket, or those over TCP.
func (s *Server) entrance(admin bool) http.Handler {
	places := s.places()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer s.contain(w, r)
		secure(w.Header())
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		var here []*place // of this path, one a method
		var name string
		for i := range places {
			if n, ok := places[i].fits(r.URL.EscapedPath()); ok && (here == nil || places[i].path == here[0].path && places[i].tail == here[0].tail) {
				here, name = append(here, &places[i]), n
			}
		}
		if here == nil {
			writeError(w, http.StatusNotFound, "there is nothing at this path")
			return
		}
		s.enter(w, r, here, name, admin)
	})
}

func (p *place) takes(method string) bool {
	return method == p.method || method == http.MethodHead && p.method == http.MethodGet
}

func (s *Server) enter(w http.ResponseWriter, r *http.Request, here []*place, escaped string, admin bool) {
	name, err := url.PathUnescape(escaped)
	p := here[0]
	if i := slices.IndexFunc(here, func(p *place) bool { return p.takes(r.Method) }); i > 0 {
		p = here[i]
	}
	switch {
	case err != nil:
		writeError(w, http.StatusBadRequest, "the path is not percent-encoded as it should be")
	case !p.takes(r.Method):
		var methods []string
		for _, p := range here {
			methods = append(methods, strings.Replace(p.method, http.MethodGet, "GET, HEAD", 1))
		}
		allow := strings.Join(methods, ", ")
		w.Header().Set("Allow", allow)
		writeError(w, http.StatusMethodNotAllowed, "this path takes "+allow+" only")
	case p.command && !admin && !s.holdsToken(r):
		writeError(w, http.StatusForbidden, s.forbidden())
	default:
		p.serve(w, r, name)
	}
}

// holdsToken reports whether the request proves to know server.token, in a time
// that tells nothing of how nearly.
func (s *Server) holdsToken(r *http.Request) bool {
	token := s.token()
	scheme, given, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if token == "" || !strings.EqualFold(scheme, "Bearer") {
		return false
	}
	want, got := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(given))
	return subtle.ConstantTimeCompare(want[:], got[:]) == 1
}

func (s *Server) token() string {
	if plan := s.view.Plan(); plan != nil {
		return string(plan.Server.Token)
	}
	return ""
}

// forbidden says how to be let in.
func (s *Server) forbidden() string {
	if s.token() == "" {
		return "commands are taken on the admin socket only; set server.token to take them here too, with the header Authorization: Bearer TOKEN"
	}
	return "send the server.token of the file in the header Authorization: Bearer TOKEN, or use the admin socket"
}

// contain keeps a panic to the request that met it.
func (s *Server) contain(w http.ResponseWriter, r *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler {
		panic(p) // net/http's own way to give a connection up
	}
	s.log.Error("answering a request panicked", "path", r.URL.Path, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	writeError(w, http.StatusInternalServerError, "polyhealth failed to answer; its log says more")
}

// secure sets what every answer says to a browser. The dashboard sets a policy
// of its own.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// writeJSON sends a body of JSON.
func writeJSON(w http.ResponseWriter, code int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(code)
	_, _ = w.Write(body) // a client that is gone is not our trouble
}

// writeValue sends a value as JSON.
func writeValue(w http.ResponseWriter, code int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // contained; only values of our own come here
	}
	writeJSON(w, code, append(body, '\n'))
}

// writeError sends the JSON of an error.
func writeError(w http.ResponseWriter, code int, message string) {
	writeJSON(w, code, append(appendString([]byte(`{"error": `), message), "}\n"...))
}
