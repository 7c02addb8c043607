package server

import (
	"fmt"
	"net/http"
	"time"
)

// fresh is how long ago the scheduling loop may last have gone around. It does so
// twice a second.
const fresh = 10 * time.Second

// alive answers GET /-/healthy: whether the scheduling loop goes around.
func (s *Server) alive(w http.ResponseWriter, _ *http.Request, _ string) {
	switch pulse := s.view.Pulse(); {
	case pulse.IsZero():
		writeError(w, http.StatusServiceUnavailable, "the scheduling loop has not begun")
	case time.Since(pulse) > fresh:
		writeError(w, http.StatusServiceUnavailable,
			fmt.Sprintf("the scheduling loop has not gone around for %s", time.Since(pulse).Round(time.Second)))
	default:
		writeValue(w, http.StatusOK, map[string]string{"status": "alive"})
	}
}

// ready answers GET /-/ready: whether every check has been probed.
func (s *Server) ready(w http.ResponseWriter, _ *http.Request, _ string) {
	if s.view.Ready() {
		writeValue(w, http.StatusOK, map[string]string{"status": "ready"})
		return
	}
	c := s.count()
	writeValue(w, http.StatusServiceUnavailable, struct {
		Error   string `json:"error"`
		Missing int    `json:"missing"`
		Checks  int    `json:"checks"`
	}{fmt.Sprintf("%d of %d checks have not been probed yet", c.missing, c.total), c.missing, c.total})
}
