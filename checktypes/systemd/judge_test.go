package systemd

import (
	"testing"
	"time"

	"polyhealth/checktypes"
)

// told is a unit as probes tell of it.
func told(id, active, sub string, status checktypes.Status, reason string) Unit {
	return Unit{ID: id, Active: active, Sub: sub, Type: "simple", Status: status.String(), Reason: reason}
}

var (
	runs      = told("polymarket-trader.service", "active", "running", healthy, "")
	failed    = told("polymarket-monitor.service", "failed", "failed", unhealthy, "failed: exit-code 1")
	starting  = told("polymarket-dashboard.service", "activating", "start-pre", degraded, "is starting (start-pre)")
	restarted = told("polymarket-health.service", "active", "running", degraded, "restarted 2 times since the last probe")
	idle1     = told("backup.service", "inactive", "dead", healthy, "")
	waiting   = told("backup.timer", "active", "waiting", healthy, "")
	strange   = told("odd.service", "new", "new", unknown, "is in a state that polyhealth does not know: new (new)")
)

func TestJudge(t *testing.T) {
	old := runs
	old.ActiveFor = 75*time.Hour + 4*time.Minute
	job := idle1
	job.Type, job.Result = "oneshot", "success"
	fired, unfired := waiting, waiting
	fired.LastTriggerAge = new(3*time.Hour + 20*time.Minute)
	unfired.LastTriggerAge = new(never)

	for _, c := range []struct {
		units   []Unit
		status  checktypes.Status
		summary string
	}{
		{[]Unit{old}, healthy, "polymarket-trader.service active (running) for 3d3h"},
		{[]Unit{failed}, unhealthy, "polymarket-monitor.service failed: exit-code 1"},
		{[]Unit{starting}, degraded, "polymarket-dashboard.service is starting (start-pre)"},
		{[]Unit{restarted}, degraded, "polymarket-health.service restarted 2 times since the last probe"},
		{[]Unit{job}, healthy, "backup.service inactive (dead), last result success"},
		{[]Unit{fired}, healthy, "backup.timer active (waiting), last triggered 3h20m ago"},
		{[]Unit{unfired}, healthy, "backup.timer active (waiting), not triggered yet"},
		{[]Unit{strange}, unknown, "odd.service is in a state that polyhealth does not know: new (new)"},

		{[]Unit{runs, runs, idle1}, healthy, "All 3 services running"},
		{[]Unit{runs, waiting}, healthy, "All 2 units running"},
		{[]Unit{runs, failed, idle1}, degraded, "1 services down: polymarket-monitor"},
		{[]Unit{runs, failed, starting}, degraded, "2 services down: polymarket-monitor, polymarket-dashboard"},
		{[]Unit{waiting, failed}, degraded, "1 units down: polymarket-monitor"},
		{[]Unit{failed, starting}, unhealthy, "2 services down: polymarket-monitor, polymarket-dashboard"},
		{[]Unit{starting, starting}, unhealthy, "2 services down: polymarket-dashboard, polymarket-dashboard"},
		{[]Unit{runs, restarted}, degraded, "All 2 services running; polymarket-health restarted 2 times since the last probe"},
		{[]Unit{restarted, restarted}, degraded, "All 2 services running; polymarket-health restarted 2 times since the last probe; polymarket-health restarted 2 times since the last probe"},
		{[]Unit{restarted, failed}, degraded, "1 services down: polymarket-monitor"},
		{[]Unit{runs, strange}, degraded, "1 services down: odd"},
	} {
		if got := judge(c.units); got != c.status {
			t.Errorf("%s: judged %v, want %v", c.summary, got, c.status)
		}
		if got := summary(c.units); got != c.summary {
			t.Errorf("the summary is %q, want %q", got, c.summary)
		}
	}
}
