package server

import (
	"errors"
	"io"
	"net/http"
	"strings"
)

// reload answers POST /-/reload: 200 with what changed, or 422 with a list of
// mistakes while the old file goes on. `Accept: text/plain` asks for either as
// people read it.
func (s *Server) reload(w http.ResponseWriter, r *http.Request, _ string) {
	if s.from.Reload == nil {
		writeError(w, http.StatusNotImplemented, "this polyhealth cannot reload its file")
		return
	}
	plain := strings.HasPrefix(r.Header.Get("Accept"), "text/plain")
	diff, err := s.from.Reload(r.Context())
	var rejected *Rejected
	switch {
	case err == nil && plain:
		writeText(w, http.StatusOK, diff.String())
	case err == nil:
		writeValue(w, http.StatusOK, diff)
	case plain && errors.As(err, &rejected):
		writeText(w, http.StatusUnprocessableEntity, rejected.Text)
	case plain:
		writeText(w, http.StatusUnprocessableEntity, "error: "+err.Error()+"\n")
	case errors.As(err, &rejected):
		writeJSON(w, http.StatusUnprocessableEntity, rejected.JSON)
	default:
		writeValue(w, http.StatusUnprocessableEntity, s.placeless(err))
	}
}

// placeless is the list of one mistake that stands nowhere in the file: it cannot
// be read, or a port is taken.
func (s *Server) placeless(err error) any {
	type mistake struct {
		File     string `json:"file"`
		Line     int    `json:"line"`
		Column   int    `json:"column"`
		Severity string `json:"severity"`
		Path     string `json:"path"`
		Message  string `json:"message"`
		Hint     string `json:"hint"`
	}
	m := mistake{Line: 1, Column: 1, Severity: "error", Message: err.Error()}
	if plan := s.view.Plan(); plan != nil {
		m.File = plan.File
	}
	return []mistake{m}
}

func writeText(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	_, _ = io.WriteString(w, text)
}
