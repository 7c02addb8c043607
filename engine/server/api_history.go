package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// MaxHistory is the longest range that one request for a history may ask for.
const MaxHistory = 400 * 24 * time.Hour

// historyTimeout bounds what a request for a history may cost.
const historyTimeout = 10 * time.Second

// history answers GET /api/v1/checks/{name}/history?from=&to=: times in RFC 3339
// or in seconds since 1970; the last day where they are left out.
func (s *Server) history(w http.ResponseWriter, r *http.Request, name string) {
	if s.from.History == nil {
		writeError(w, http.StatusNotImplemented, "no history is kept")
		return
	}
	if s.view.Component(name) == nil {
		writeError(w, http.StatusNotFound, "Component not found")
		return
	}
	from, to, err := span(r.URL.Query().Get("from"), r.URL.Query().Get("to"), time.Now())
	if err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), historyTimeout)
	defer cancel()
	points, err := s.from.History(ctx, name, from, to)
	if err != nil {
		writeError(w, http.StatusServiceUnavailable, "cannot read the history: "+err.Error())
		return
	}
	writeJSON(w, http.StatusOK, appendHistory(nil, name, from, to, points))
}

// span is the range that a request asks for.
func span(from, to string, now time.Time) (start, end time.Time, err error) {
	if end, err = moment(to, now); err != nil {
		return start, end, fmt.Errorf("to: %w", err)
	}
	if start, err = moment(from, end.Add(-24*time.Hour)); err != nil {
		return start, end, fmt.Errorf("from: %w", err)
	}
	switch length := end.Sub(start); {
	case length <= 0:
		err = errors.New("from must be before to")
	case length > MaxHistory:
		err = fmt.Errorf("at most %d days can be asked for at once", MaxHistory/(24*time.Hour))
	}
	return start, end, err
}

// endOfTime is the year 10000, which RFC 3339 cannot say, in seconds since 1970.
const endOfTime = 253402300800

func moment(text string, otherwise time.Time) (time.Time, error) {
	if text == "" {
		return otherwise, nil
	}
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil && seconds >= 0 && seconds < endOfTime {
		return time.Unix(seconds, 0), nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, fmt.Errorf("%q is neither a time such as 2026-01-31T12:00:00Z nor a number of seconds since 1970", text)
	}
	return t, nil
}

func appendHistory(b []byte, name string, from, to time.Time, points []Point) []byte {
	b = appendString(append(b, `{"name":`...), name)
	b = appendTime(append(b, `,"from":`...), from)
	b = appendTime(append(b, `,"to":`...), to)
	b = append(b, `,"points":[`...)
	for i, p := range points {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendTime(append(b, `{"at":`...), p.At)
		b = appendMillis(append(b, `,"span_ms":`...), p.Span)
		b = strconv.AppendInt(append(b, `,"count":`...), int64(p.Count), 10)
		b = append(append(append(b, `,"worst":"`...), p.Worst.String()...), '"')
		b = appendMillis(append(b, `,"latency_ms":`...), p.Latency)
		b = appendMillis(append(b, `,"max_latency_ms":`...), p.Max)
		b = append(b, '}')
	}
	return append(b, "]}\n"...)
}
