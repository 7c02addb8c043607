package server

import (
	"encoding/json"
	"net/http"
	"time"

	"polyhealth/engine"
)

// silences answers GET /api/v1/silences: those that have not expired.
func (s *Server) silences(w http.ResponseWriter, _ *http.Request, _ string) {
	all := []engine.Silence{}
	if s.from.Silences != nil {
		all = append(all, s.from.Silences()...)
	}
	writeValue(w, http.StatusOK, all)
}

// silence answers POST /api/v1/silences with the silence that it begins: of checks or
// tags, for seconds, or of one check as an acknowledgement.
func (s *Server) silence(w http.ResponseWriter, r *http.Request, _ string) {
	var asked struct {
		Checks  []string `json:"checks"`
		Tags    []string `json:"tags"`
		Seconds float64  `json:"seconds"`
		Ack     bool     `json:"ack"`
		Author  string   `json:"author"`
		Reason  string   `json:"reason"`
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&asked); err != nil {
		writeError(w, http.StatusBadRequest, "cannot read the silence: "+err.Error())
		return
	}
	if asked.Seconds > 1e9 {
		asked.Seconds = 1e9
	}
	begun, err := s.from.Silence(engine.Silence{
		Checks: asked.Checks, Tags: asked.Tags, Ack: asked.Ack, Author: asked.Author, Reason: asked.Reason,
		Expires: time.Now().Add(time.Duration(asked.Seconds * float64(time.Second))),
	})
	if err != nil {
		writeError(w, http.StatusUnprocessableEntity, err.Error())
		return
	}
	writeValue(w, http.StatusOK, begun)
}

// expire answers POST /api/v1/silences/{id}/expire.
func (s *Server) expire(w http.ResponseWriter, _ *http.Request, id string) {
	if err := s.from.Expire(id); err != nil {
		writeError(w, http.StatusNotFound, err.Error())
		return
	}
	writeValue(w, http.StatusOK, map[string]string{"expired": id})
}
