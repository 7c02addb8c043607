package server

import (
	"net/http"
	"time"

	"polyhealth/engine"
)

// health answers GET /health. Its timestamp is the moment at which the answer
// became known: while nothing changes, the same bytes are sent again.
func (s *Server) health(w http.ResponseWriter, _ *http.Request, _ string) {
	out := http.NewResponseController(w)
	a, done := s.overall.lend(func() { _ = out.SetWriteDeadline(time.Now()) })
	defer done()
	writeJSON(w, a.code, a.body)
}

// renderHealth appends the overall answer; it is called by one goroutine at a
// time, and uses s.components again and again.
func (s *Server) renderHealth(b []byte) ([]byte, int) {
	s.components = s.view.Components(s.components[:0])
	status := engine.Overall(s.components)
	redact := s.redact()
	b = append(append(append(b, `{"status":"`...), status.String()...), '"')
	b = appendTime(append(b, `,"timestamp":`...), time.Now())
	b = append(b, `,"components":[`...)
	for i, c := range s.components {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendComponent(b, c, redact)
	}
	clear(s.components) // hold on to nothing that a reload removes
	return append(b, "]}\n"...), s.code(status)
}

// component answers GET /health/{name}.
func (s *Server) component(w http.ResponseWriter, _ *http.Request, name string) {
	c := s.view.Component(name)
	if c == nil {
		writeError(w, http.StatusNotFound, "Component not found")
		return
	}
	code := http.StatusOK
	if c.Status != engine.Healthy {
		code = http.StatusServiceUnavailable
	}
	writeJSON(w, code, append(appendComponent(nil, c, s.redact()), '\n'))
}

// code is the HTTP status that says the overall one.
func (s *Server) code(status engine.Status) int {
	switch plan := s.view.Plan(); {
	case status == engine.Healthy:
		return http.StatusOK
	case status == engine.Degraded && plan != nil && plan.Server.DegradedStatus != 0:
		return plan.Server.DegradedStatus
	}
	return http.StatusServiceUnavailable
}

// redact takes the secrets of the running plan out of texts that come from the
// file as it is.
func (s *Server) redact() func(string) string {
	if plan := s.view.Plan(); plan != nil {
		return plan.Secrets.Redact
	}
	return func(text string) string { return text }
}
