package server

import (
	"context"
	"net/http"
	"strconv"
	"time"
)

// What GET /api/v1/alerts tells of at once.
const (
	usualAlerts = 100
	mostAlerts  = 10_000
)

// alerts answers GET /api/v1/alerts?check=NAME&limit=N: what became of alerts, newest
// first.
func (s *Server) alerts(w http.ResponseWriter, r *http.Request, _ string) {
	if s.from.AlertLog == nil {
		writeError(w, http.StatusNotImplemented, "no alerts are kept")
		return
	}
	limit := usualAlerts
	if text := r.URL.Query().Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > mostAlerts {
			writeError(w, http.StatusBadRequest, "limit is a number from 1 to "+strconv.Itoa(mostAlerts))
			return
		}
		limit = n
	}
	ctx, cancel := context.WithTimeout(r.Context(), historyTimeout)
	defer cancel()
	all, err := s.from.AlertLog(ctx, r.URL.Query().Get("check"), limit)
	if err != nil {
		writeError(w, http.StatusServiceUnavailable, "cannot read the alerts: "+err.Error())
		return
	}
	type alert struct {
		At       time.Time `json:"at"`
		Check    string    `json:"check"`
		Route    string    `json:"route"`
		Notifier string    `json:"notifier"`
		Event    string    `json:"event"`
		Status   string    `json:"status"`
		Outcome  string    `json:"outcome"`
		Attempts int       `json:"attempts"`
		Note     string    `json:"note"`
		ID       string    `json:"id"`
	}
	told := make([]alert, len(all))
	for i, a := range all {
		told[i] = alert{a.At.UTC(), a.Component, a.Route, a.Notifier, a.Event, a.Status.String(), a.Outcome, a.Attempts, a.Note, a.ID}
	}
	writeValue(w, http.StatusOK, told)
}
