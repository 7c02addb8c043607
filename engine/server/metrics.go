package server

import (
	"net/http"
	"strings"

	"polyhealth/engine"
)

// scrape is what one request for the metrics works with. It is used again, so
// that a scrape allocates nothing that grows with the number of checks.
type scrape struct {
	series
	rows []row
}

// A row is a check, as it was when the scrape began.
type row struct {
	label string // the check's name, escaped
	comp  *engine.Component
	tally *engine.Tally
}

// metrics answers GET /metrics in the Prometheus text format.
func (s *Server) metrics(w http.ResponseWriter, r *http.Request, _ string) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	if r.Method == http.MethodHead {
		return
	}
	sc := s.scrapes.Get().(*scrape)
	defer s.scrapes.Put(sc)
	sc.pieces = pieces{b: sc.b[:0], w: w}
	defer sc.forget()
	sc.gather(s.view)
	sc.checks(s.metricsPrefix())
	s.ownMetrics(&sc.series)
	sc.flush()
	if sc.err == nil {
		s.writeRuntime(w)
	}
}

// gather notes what every check is like now.
func (sc *scrape) gather(view View) {
	sc.rows = sc.rows[:0]
	view.Each(func(c *engine.Component, t *engine.Tally) {
		name := c.Check.Name
		if strings.ContainsAny(name, "\\\"\n") {
			name = label(name)
		}
		sc.rows = append(sc.rows, row{name, c, t})
	})
}

// forget lets go of the checks and the client.
func (sc *scrape) forget() {
	clear(sc.rows)
	sc.w = nil
}

func (s *Server) metricsPrefix() string {
	if plan := s.view.Plan(); plan != nil && plan.Server.MetricsPrefix != "" {
		return plan.Server.MetricsPrefix
	}
	return "polyhealth"
}
