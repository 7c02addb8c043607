package server

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polyhealth/engine"
)

func TestStatusTellsOfTheDaemon(t *testing.T) {
	v := newFakeView(component("a", engine.Healthy), component("b", engine.Degraded), &engine.Component{Check: &engine.Check{Name: "c"}})
	v.stalls = 2
	from := everything()
	from.LastReload = func() ReloadState {
		return ReloadState{At: at, Success: at.Add(-time.Hour), Error: "checks.yaml:3:1: error: no"}
	}
	_, base := serve(t, v, from, usualLimits())
	var got map[string]any
	get(t, base, "/api/v1/status").into(t, &got)
	for key, want := range map[string]any{
		"version": `v1"\`, "file": "checks.yaml", "status": "degraded", "ready": false, "checks": 3.0, "stalls": 2.0,
		"counts":      map[string]any{"healthy": 1.0, "degraded": 1.0, "unhealthy": 0.0, "unknown": 1.0},
		"last_reload": map[string]any{"ok": false, "at": "2026-11-23T08:26:53.589Z", "last_success": "2026-11-23T07:26:53.589Z", "error": "checks.yaml:3:1: error: no"},
		"storage":     map[string]any{"ok": false, "trouble": "disk full", "queued": 7.0, "dropped": 2.0},
	} {
		if diff := cmp.Diff(want, got[key]); diff != "" {
			t.Errorf("%s: %s", key, diff)
		}
	}
	if n := len(got["notifications"].([]any)); n != 3 || got["pid"].(float64) < 1 || got["uptime_seconds"].(float64) < 0 {
		t.Errorf("got %v", got)
	}
}

func TestChecksForTheDashboard(t *testing.T) {
	cron := component("nightly", engine.Unknown)
	cron.Check.Cron, cron.Check.Keys.Schedule, cron.Check.Keys.Timezone, cron.Check.Interval = &engine.Cron{}, "5 4 * * *", "Europe/Madrid", 0
	v := newFakeView(component("a/b c", engine.Healthy), cron, component("z", engine.Degraded))
	now := time.Now()
	v.minutes["a/b c"] = []engine.Minute{
		{Start: now.Add(-90 * time.Minute).Truncate(time.Minute), Latency: time.Second, Worst: engine.Unhealthy, Count: 1},
		{Start: now.Add(-2 * time.Minute).Truncate(time.Minute), Latency: 30 * time.Millisecond, Worst: engine.Degraded, Count: 2},
		{Start: now.Truncate(time.Minute), Latency: 20 * time.Millisecond, Worst: engine.Healthy, Count: 1},
	}
	_, base := serve(t, v, Sources{}, usualLimits())
	type check struct {
		Name, Type, Schedule, Timezone string
		Interval                       float64 `json:"interval_ms"`
		Timeout                        float64 `json:"timeout_ms"`
		Sparkline                      []*int
		Statuses                       string `json:"sparkline_status"`
	}
	var got struct {
		Status    string
		Timestamp time.Time
		Counts    map[string]int
		Checks    []check
	}
	get(t, base, "/api/v1/checks").into(t, &got)
	if len(got.Checks) != 3 || got.Status != "degraded" || got.Counts["unknown"] != 1 {
		t.Fatalf("got %+v", got)
	}
	a, n := got.Checks[0], got.Checks[1]
	if a.Type != "http" || a.Interval != 30000 || a.Timeout != 10000 || n.Schedule != "5 4 * * *" || n.Timezone != "Europe/Madrid" || n.Interval != 0 {
		t.Errorf("got %+v and %+v", a, n)
	}
	last := 59 - int(got.Timestamp.Unix()/60-now.Unix()/60) // the minute may have turned since
	if want := strings.Repeat(".", last-2) + "d.h" + strings.Repeat(".", 59-last); len(a.Sparkline) != 60 || a.Statuses != want {
		t.Errorf("the sparkline is %d long, %q, want %q", len(a.Sparkline), a.Statuses, want)
	}
	if p := a.Sparkline[last]; p == nil || *p != 20 || a.Sparkline[last-1] != nil || *a.Sparkline[last-2] != 30 {
		t.Errorf("the sparkline is %v", a.Sparkline)
	}

	got.Checks = nil
	get(t, base, "/api/v1/checks?name=z&name=missing&name="+url.QueryEscape("a/b c")).into(t, &got)
	if len(got.Checks) != 2 || got.Checks[0].Name != "z" || got.Checks[1].Name != "a/b c" || got.Counts["unknown"] != 1 {
		t.Errorf("by name: %+v", got)
	}
	if body := get(t, base, "/api/v1/checks?sparkline=false").body; strings.Contains(body, "sparkline") {
		t.Error("sparklines that nobody wants")
	}

	var one struct {
		check
		Minutes    []map[string]any
		Thresholds map[string]int
		Rules      map[string][]string
		History    bool
	}
	get(t, base, "/api/v1/checks/a%2Fb%20c").into(t, &one)
	if one.Name != "a/b c" || len(one.Minutes) != 3 || one.Minutes[1]["worst"] != "degraded" || one.Thresholds["unhealthy"] != 3 || one.History {
		t.Errorf("one check is %+v", one)
	}
}

func TestRulesAreShown(t *testing.T) {
	e := running(t, &said{value: map[string]int{}}, saidFile)
	_, base := serve(t, e, Sources{}, usualLimits())
	var got struct{ Rules map[string][]string }
	get(t, base, "/api/v1/checks/low").into(t, &got)
	want := map[string][]string{"unhealthy": {"value > 9", `error == "[redacted]"`}, "degraded": {"value > 5"}}
	if diff := cmp.Diff(want, got.Rules); diff != "" {
		t.Error(diff)
	}
}

func TestHistory(t *testing.T) {
	var asked struct {
		name     string
		from, to time.Time
	}
	failure := error(nil)
	_, base := serve(t, newFakeView(component("a/history", engine.Healthy)), Sources{
		History: func(_ context.Context, name string, from, to time.Time) ([]Point, error) {
			asked.name, asked.from, asked.to = name, from, to
			return []Point{{At: at, Span: time.Minute, Count: 2, Worst: engine.Degraded, Latency: 1500 * time.Microsecond, Max: 2 * time.Millisecond}}, failure
		},
	}, usualLimits())
	const path = "/api/v1/checks/a%2Fhistory/history"
	r := get(t, base, path+"?from=2026-11-01T00:00:00Z&to=1795422413")
	var got struct {
		Name, From, To string
		Points         []map[string]any
	}
	r.into(t, &got)
	point := map[string]any{
		"at": "2026-11-23T08:26:53.589Z", "span_ms": 60000.0, "count": 2.0, "worst": "degraded", "latency_ms": 1.5, "max_latency_ms": 2.0,
	}
	if diff := cmp.Diff([]map[string]any{point}, got.Points); diff != "" || got.From != "2026-11-01T00:00:00.000Z" || got.To != "2026-11-23T08:26:53.000Z" || asked.name != "a/history" {
		t.Errorf("%+v %s", got, diff)
	}
	get(t, base, path)
	if length := asked.to.Sub(asked.from); length != 24*time.Hour || time.Since(asked.to) > time.Minute {
		t.Errorf("without a range, from %v to %v is asked for", asked.from, asked.to)
	}
	for _, query := range []string{
		"?from=yesterday", "?to=2026-13-01T00:00:00Z", "?from=1795422413&to=1795422413", "?from=1795422414&to=1795422413",
		"?from=0", "?from=-5", "?to=99999999999999", "?to=253402300800",
	} {
		if r := get(t, base, path+query); r.code != 400 || !strings.Contains(r.body, `"error"`) {
			t.Errorf("%s is %d %s", query, r.code, r.body)
		}
	}
	failure = errors.New("disk I/O error")
	if r := get(t, base, path); r.code != 503 || !strings.Contains(r.body, "disk I/O error") {
		t.Errorf("a database in trouble is %d %s", r.code, r.body)
	}
}
