package server

import (
	"io"
	"runtime"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/common/expfmt"

	"polyhealth/engine"
)

// ownMetrics writes what the daemon tells of itself.
func (s *Server) ownMetrics(out *series) {
	lateness(out, s.view.Lateness())
	out.gauge("polyhealth_probes_running", "Probes that run now.", s.view.Running())
	out.counter("polyhealth_stalls_total", "How often this process was found to have been held up.", s.view.Stalls())
	if s.from.LastReload != nil {
		reloads(out, s.from.LastReload())
	}
	if s.from.Storage != nil {
		storage(out, s.from.Storage())
	}
	if s.from.Alerts != nil {
		alerts(out, s.from.Alerts())
	}
	if s.from.Recovery != nil {
		recoveryMetrics(out, s.from.Recovery())
		exhaustedMetrics(out, s.view.Components(nil))
	}
	out.family("polyhealth_build_info", "gauge", "1, labelled with what this build is.")
	out.text(`polyhealth_build_info{version="`, label(s.from.Version), `",goversion="`, label(runtime.Version()),
		`",goos="`, runtime.GOOS, `",goarch="`, runtime.GOARCH, "\"} 1\n")
}

func lateness(out *series, l *engine.Lateness) {
	const name = "polyhealth_schedule_lateness_seconds"
	out.family(name, "histogram", "How late probes start after they are due.")
	cumulative, count, sum := l.Histogram()
	for i, bound := range engine.LateBounds {
		out.text(name, `_bucket{le="`)
		out.b = appendSeconds(out.b, bound)
		out.text(`"} `)
		out.int(int64(cumulative[i]))
	}
	out.text(name, `_bucket{le="+Inf"} `)
	out.int(int64(count))
	out.text(name, "_sum ")
	out.seconds(max(sum, 0))
	out.text(name, "_count ")
	out.int(int64(count))
	out.family("polyhealth_schedule_lateness_max_seconds", "gauge", "The greatest lateness since the start.")
	out.text("polyhealth_schedule_lateness_max_seconds ")
	out.seconds(l.Max())
}

func reloads(out *series, r ReloadState) {
	out.gauge("polyhealth_config_last_reload_successful", "1 when the last reload of the file was applied, else 0.", one(r.OK))
	if !r.Success.IsZero() {
		out.family("polyhealth_config_last_reload_success_timestamp_seconds", "gauge", "When a reload was last applied.")
		out.text("polyhealth_config_last_reload_success_timestamp_seconds ")
		out.instant(r.Success)
	}
}

func storage(out *series, st StorageState) {
	out.gauge("polyhealth_storage_up", "1 while the database can be written, else 0.", one(st.Trouble == ""))
	out.gauge("polyhealth_storage_queued_events", "Events that wait to be written to the database.", int64(st.Queued))
	out.counter("polyhealth_storage_dropped_events_total", "Events that were given up rather than written.", int64(st.Dropped))
}

func alerts(out *series, stats []AlertStat) {
	out.family("polyhealth_notifications_total", "counter", "Notifications by route and by what became of them.")
	for _, a := range stats {
		out.text(`polyhealth_notifications_total{route="`, label(a.Route), `",outcome="`, label(a.Outcome), `"} `)
		out.int(int64(a.Count))
	}
}

func one(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// runtimeMetrics are those of Go and of this process.
func runtimeMetrics() prometheus.Gatherer {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// writeRuntime appends the metrics of Go and of this process; what cannot be
// gathered is left out.
func (s *Server) writeRuntime(w io.Writer) {
	families, err := s.runtime.Gather()
	if err != nil {
		s.log.Debug("gathering the process's metrics", "error", err)
	}
	enc := expfmt.NewEncoder(w, expfmt.NewFormat(expfmt.TypeTextPlain))
	for _, f := range families {
		if enc.Encode(f) != nil {
			return
		}
	}
}
