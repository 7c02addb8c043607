package server

import (
	"net/http"
	"os"
	"runtime"
	"time"

	"polyhealth/engine"
)

// counts is how many checks there are, and how many report each status.
type counts struct {
	overall  engine.Status
	total    int
	missing  int // not probed yet
	byStatus [4]int
}

// countOf counts components.
func countOf(components []*engine.Component) counts {
	c := counts{overall: engine.Overall(components), total: len(components)}
	for _, comp := range components {
		c.byStatus[comp.Status]++
		if !comp.Probed() {
			c.missing++
		}
	}
	return c
}

func (s *Server) count() counts { return countOf(s.view.Components(nil)) }

// statusCounts is the JSON form of counts by status.
type statusCounts struct {
	Healthy   int `json:"healthy"`
	Degraded  int `json:"degraded"`
	Unhealthy int `json:"unhealthy"`
	Unknown   int `json:"unknown"`
}

func (c counts) json() statusCounts {
	return statusCounts{
		c.byStatus[engine.Healthy], c.byStatus[engine.Degraded],
		c.byStatus[engine.Unhealthy], c.byStatus[engine.Unknown],
	}
}

// daemonStatus is the answer of GET /api/v1/status.
type daemonStatus struct {
	Version   string    `json:"version"`
	Go        string    `json:"go_version"`
	PID       int       `json:"pid"`
	Started   time.Time `json:"started"`
	Uptime    float64   `json:"uptime_seconds"`
	File      string    `json:"file"`
	Timestamp time.Time `json:"timestamp"`

	Status string       `json:"status"`
	Ready  bool         `json:"ready"`
	Checks int          `json:"checks"`
	Counts statusCounts `json:"counts"`

	Running  int64   `json:"probes_running"`
	Stalls   int64   `json:"stalls"`
	Lateness float64 `json:"max_lateness_ms"`

	Reload  *reloadStatus  `json:"last_reload,omitempty"`
	Storage *storageStatus `json:"storage,omitempty"`
	Alerts  []alertStatus  `json:"notifications,omitempty"`
}

type reloadStatus struct {
	OK      bool       `json:"ok"`
	At      *time.Time `json:"at"`
	Success *time.Time `json:"last_success"`
	Error   string     `json:"error"`
}

type storageStatus struct {
	OK      bool   `json:"ok"`
	Trouble string `json:"trouble"`
	Queued  int    `json:"queued"`
	Dropped int    `json:"dropped"`
}

type alertStatus struct {
	Route   string `json:"route"`
	Outcome string `json:"outcome"`
	Count   uint64 `json:"count"`
}

// status answers GET /api/v1/status: the daemon, rather than what it watches.
func (s *Server) status(w http.ResponseWriter, _ *http.Request, _ string) {
	now, c := time.Now(), s.count()
	d := daemonStatus{
		Version: s.from.Version, Go: runtime.Version(), PID: os.Getpid(),
		Started: utc(s.started), Uptime: now.Sub(s.started).Round(time.Millisecond).Seconds(), Timestamp: utc(now),
		Status: c.overall.String(), Ready: s.view.Ready(), Checks: c.total, Counts: c.json(),
		Running: s.view.Running(), Stalls: s.view.Stalls(),
		Lateness: float64(s.view.Lateness().Max().Microseconds()) / 1000,
	}
	if plan := s.view.Plan(); plan != nil {
		d.File = plan.File
	}
	if s.from.LastReload != nil {
		r := s.from.LastReload()
		d.Reload = &reloadStatus{r.OK, instant(r.At), instant(r.Success), r.Error}
	}
	if s.from.Storage != nil {
		st := s.from.Storage()
		d.Storage = &storageStatus{st.Trouble == "", st.Trouble, st.Queued, st.Dropped}
	}
	if s.from.Alerts != nil {
		for _, a := range s.from.Alerts() {
			d.Alerts = append(d.Alerts, alertStatus(a))
		}
	}
	writeValue(w, http.StatusOK, d)
}

// utc is a time as answers show it.
func utc(t time.Time) time.Time { return t.UTC().Round(time.Millisecond) }

// instant is utc, or nil for the zero time.
func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = utc(t)
	return &t
}
