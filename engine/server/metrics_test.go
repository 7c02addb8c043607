package server

import (
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"polyhealth/checktypes/checktest"
	"polyhealth/engine"
)

// scrapedText is one answer of /metrics.
type scrapedText struct {
	t    testing.TB
	body string
}

func scraped(t testing.TB, url string) scrapedText {
	t.Helper()
	r := get(t, url, "/metrics")
	if r.code != 200 || r.header.Get("Content-Type") != "text/plain; version=0.0.4; charset=utf-8" {
		t.Fatalf("/metrics is %d, of the type %q", r.code, r.header.Get("Content-Type"))
	}
	return scrapedText{t, r.body}
}

// value is that of the one series with a name and labels, written as name="value".
func (s scrapedText) value(name string, labels ...string) float64 {
	s.t.Helper()
	found := ""
	for line := range strings.Lines(s.body) {
		series, value, _ := strings.Cut(strings.TrimSpace(line), "} ")
		if len(labels) == 0 {
			series, value, _ = strings.Cut(strings.TrimSpace(line), " ")
			series += "{"
		}
		if strings.HasPrefix(series, name+"{") && !slices.ContainsFunc(labels, func(l string) bool { return !strings.Contains(series, l) }) {
			if found != "" {
				s.t.Errorf("%s %v is there twice", name, labels)
			}
			found = value
		}
	}
	v, err := strconv.ParseFloat(found, 64)
	if err != nil {
		s.t.Errorf("%s %v is %q", name, labels, found)
	}
	return v
}

// hostile are names that try to break out of a label.
var hostile = []string{`a"} 1`, `back\slash`, `\`, `"`, "🚨 zażółć", "a,b={c}", "# HELP x", "%00", "a\u2028b"}

func hostileView() *fakeView {
	var all []*engine.Component
	for i, name := range hostile {
		all = append(all, component(name, engine.Status(i%4)))
	}
	all[0].LastCheck, all[0].LastSuccess = time.Time{}, time.Time{}
	return newFakeView(all...)
}

// everything are sources that tell all there is.
func everything() Sources {
	return Sources{
		Version:    `v1"\`,
		LastReload: func() ReloadState { return ReloadState{OK: true, At: at, Success: at} },
		Storage:    func() StorageState { return StorageState{Trouble: "disk full", Queued: 7, Dropped: 2} },
		Alerts: func() []AlertStat {
			return []AlertStat{{"ops", "sent", 4}, {"ops", "failed", 1}, {`a"\`, "sent", 0}}
		},
	}
}

func TestMetricsPassPromtool(t *testing.T) {
	promtool := checktest.Need(t, "promtool")
	_, url := serve(t, hostileView(), everything(), usualLimits())
	check := exec.Command(promtool, "check", "metrics")
	check.Stdin = strings.NewReader(scraped(t, url).body)
	if out, err := check.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("promtool: %v\n%s", err, out)
	}
}

func TestMetricsOfHostileNames(t *testing.T) {
	_, url := serve(t, hostileView(), everything(), usualLimits())
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(scraped(t, url).body))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range families["polyhealth_health_status"].Metric {
		names = append(names, m.Label[0].GetValue())
	}
	if !slices.Equal(names, hostile) {
		t.Errorf("the names came out as %q, want %q", names, hostile)
	}
	if h := families["polyhealth_check_duration_seconds"].Metric[2].Histogram; len(h.Bucket) != len(engine.Buckets)+1 {
		t.Errorf("a histogram has %d buckets", len(h.Bucket))
	}
}

func TestMetricsSayWhatIsTrue(t *testing.T) {
	down := component("down", engine.Unhealthy)
	down.Failures = 5
	fresh := &engine.Component{Check: &engine.Check{Name: "fresh"}}
	v := newFakeView(component("up", engine.Healthy), component("slow", engine.Degraded), down, fresh)
	v.plan.Server.MetricsPrefix, v.stalls = "polymarket", 6
	_, url := serve(t, v, everything(), usualLimits())
	m := scraped(t, url)
	for _, c := range []struct {
		want   float64
		name   string
		labels []string
	}{
		{1, "polymarket_health_status", []string{`component="up"`}},
		{0.5, "polymarket_health_status", []string{`component="slow"`}},
		{0, "polymarket_health_status", []string{`component="down"`}},
		{-1, "polymarket_health_status", []string{`component="fresh"`}},
		{5, "polymarket_health_failures", []string{`component="down"`}},
		{1, "polyhealth_check_status", []string{`check="slow"`, `status="degraded"`}},
		{0, "polyhealth_check_status", []string{`check="slow"`, `status="healthy"`}},
		{1, "polyhealth_check_status", []string{`check="fresh"`, `status="unknown"`}},
		{0.035123456, "polyhealth_check_last_latency_seconds", []string{`check="up"`}},
		{1795422413.589, "polyhealth_check_last_run_timestamp_seconds", []string{`check="up"`}},
		{0, "polyhealth_check_last_success_timestamp_seconds", []string{`check="fresh"`}},
		{0, "polyhealth_check_runs_total", []string{`check="up"`, `status="unhealthy"`}},
		{0, "polyhealth_check_duration_seconds_bucket", []string{`check="up"`, `le="0.025"`}},
		{3, "polyhealth_probes_running", nil},
		{6, "polyhealth_stalls_total", nil},
		{1, "polyhealth_config_last_reload_successful", nil},
		{1795422413.589, "polyhealth_config_last_reload_success_timestamp_seconds", nil},
		{0, "polyhealth_storage_up", nil},
		{7, "polyhealth_storage_queued_events", nil},
		{2, "polyhealth_storage_dropped_events_total", nil},
		{4, "polyhealth_notifications_total", []string{`route="ops"`, `outcome="sent"`}},
		{1, "polyhealth_build_info", []string{`version="v1\"\\"`, `goversion="go`}},
		{0, "polyhealth_schedule_lateness_seconds_bucket", []string{`le="+Inf"`}},
	} {
		if got := m.value(c.name, c.labels...); got != c.want {
			t.Errorf("%s %v is %v, want %v", c.name, c.labels, got, c.want)
		}
	}
	for _, name := range []string{"go_goroutines", "process_open_fds", "process_resident_memory_bytes"} {
		if m.value(name) < 1 {
			t.Errorf("%s is missing", name)
		}
	}
}
