package systemd

import (
	"testing"
	"time"

	"polyhealth/checktypes"
)

const (
	healthy   = checktypes.Healthy
	degraded  = checktypes.Degraded
	unhealthy = checktypes.Unhealthy
	unknown   = checktypes.Unknown
)

var noon = moment{wall: time.Unix(1_000_000, 0), mono: time.Hour}

func wall(d time.Duration) uint64 { return uint64(noon.wall.Add(d).UnixMicro()) }
func mono(d time.Duration) uint64 { return uint64((noon.mono + d).Microseconds()) }

// service is a loaded simple service in a state, with what change does to it.
func service(active, sub string, change func(*facts)) facts {
	f := facts{id: "x.service", kind: "service", load: "loaded", active: active, sub: sub,
		serviceType: "simple", result: "success", memory: noValue, at: noon}
	if change != nil {
		change(&f)
	}
	return f
}

// timer is a loaded timer that fired an hour ago and will again in an hour.
func timer(sub string, change func(*facts)) facts {
	f := facts{id: "x.timer", kind: "timer", load: "loaded", active: "active", sub: sub,
		result: "success", timerUnit: "x.service", starts: peer{"x.service", "inactive", "success"},
		lastTrigger: wall(-time.Hour), nextWall: wall(time.Hour), accuracy: 60e6, at: noon}
	if change != nil {
		change(&f)
	}
	return f
}

func loaded(load, active string) facts {
	return service(active, "dead", func(f *facts) { f.load = load })
}

func with(result string) func(*facts) { return func(f *facts) { f.result = result } }

func oneshot(f *facts) { f.serviceType = "oneshot" }

// idleUnder is idle below a timer in the given state.
func idleUnder(active string) func(*facts) {
	return func(f *facts) {
		f.triggeredBy, f.triggers = []string{"x.timer"}, []peer{{"x.timer", active, ""}}
	}
}

var stateCases = []struct {
	name   string
	facts  facts
	status checktypes.Status
	reason string
}{
	{"running", service("active", "running", nil), healthy, ""},
	{"exited, remaining", service("active", "exited", nil), healthy, ""},
	{"reloading", service("reloading", "reload", nil), healthy, ""},
	{"refreshing", service("refreshing", "refresh", nil), healthy, ""},
	{"restarted once", service("active", "running", func(f *facts) { f.restartedNow = 1 }), degraded, "restarted 1 time since the last probe"},
	{"restarted twice", service("active", "running", func(f *facts) { f.restartedNow = 2 }), degraded, "restarted 2 times since the last probe"},
	{"restarted and reloading", service("reloading", "reload", func(f *facts) { f.restartedNow = 1 }), degraded, "restarted 1 time since the last probe"},

	{"not found", loaded("not-found", "inactive"), unhealthy, "not found"},
	{"masked", loaded("masked", "inactive"), unhealthy, "is masked"},
	{"bad setting", loaded("bad-setting", "inactive"), unhealthy, "has a bad setting in its unit file"},
	{"load error", loaded("error", "inactive"), unhealthy, "cannot be loaded"},
	{"failed and gone", loaded("not-found", "failed"), unhealthy, "not found"},
	{"runs, file gone", loaded("not-found", "active"), degraded, "runs, but its unit file is gone"},
	{"runs, masked", loaded("masked", "active"), degraded, "runs, but is masked"},
	{"runs, bad setting", loaded("bad-setting", "active"), degraded, "runs, but its unit file has a mistake"},
	{"runs, load error", loaded("error", "reloading"), degraded, "runs, but its unit file has a mistake"},

	{"failed, exit code", service("failed", "failed", func(f *facts) { f.result, f.exitCode, f.exitStatus = "exit-code", 1, 3 }), unhealthy, "failed: exit-code 3"},
	{"failed before its main process", service("failed", "failed", with("exit-code")), unhealthy, "failed: exit-code"},
	{"failed, signal", service("failed", "failed", func(f *facts) { f.result, f.exitCode, f.exitStatus = "signal", 2, 9 }), unhealthy, "failed: signal KILL"},
	{"failed, core dump", service("failed", "failed", func(f *facts) { f.result, f.exitCode, f.exitStatus = "core-dump", 3, 6 }), unhealthy, "failed: core-dump ABRT"},
	{"failed, start limit", service("failed", "failed", with("start-limit-hit")), unhealthy, "failed: start-limit-hit"},
	{"failed, nothing known", service("failed", "failed", with("")), unhealthy, "failed"},
	{"failed oneshot", service("failed", "failed", func(f *facts) { oneshot(f); f.result = "timeout" }), unhealthy, "failed: timeout"},

	{"starting", service("activating", "start-pre", nil), degraded, "is starting (start-pre)"},
	{"starting oneshot", service("activating", "start", oneshot), degraded, "is starting (start)"},
	{"job at work", service("activating", "start", func(f *facts) { oneshot(f); idleUnder("active")(f) }), healthy, ""},
	{"triggered service starting", service("activating", "start", idleUnder("active")), degraded, "is starting (start)"},
	{"auto-restart", service("activating", "auto-restart", with("exit-code")), degraded, "is being restarted after exit-code"},
	{"auto-restart of a clean exit", service("activating", "auto-restart", nil), degraded, "is being restarted"},
	{"auto-restart queued", service("activating", "auto-restart-queued", with("signal")), degraded, "is being restarted after signal"},
	{"auto-restart of a job", service("activating", "auto-restart", func(f *facts) { oneshot(f); idleUnder("active")(f); f.result = "exit-code" }), degraded, "is being restarted after exit-code"},
	{"stopping", service("deactivating", "stop-sigterm", nil), degraded, "is stopping (stop-sigterm)"},
	{"maintenance", service("maintenance", "cleaning", nil), degraded, "is in maintenance (cleaning)"},

	{"stopped", service("inactive", "dead", nil), unhealthy, "inactive (dead)"},
	{"stopped, bad result", service("inactive", "dead", with("exit-code")), unhealthy, "inactive (dead), last result exit-code"},
	{"finished oneshot", service("inactive", "dead", oneshot), healthy, ""},
	{"skipped oneshot", service("inactive", "dead", func(f *facts) { oneshot(f); f.result = "exec-condition" }), healthy, ""},
	{"skipped service", service("inactive", "dead", with("exec-condition")), unhealthy, "inactive (dead)"},
	{"oneshot of an unknown result", service("inactive", "dead", func(f *facts) { oneshot(f); f.result = "" }), unhealthy, "inactive (dead)"},
	{"oneshot, bad result", service("inactive", "dead", func(f *facts) { oneshot(f); f.result = "signal" }), unhealthy, "inactive (dead), last result signal"},
	{"oneshot that should remain", service("inactive", "dead", func(f *facts) { oneshot(f); f.remains = true }), unhealthy, "inactive (dead)"},
	{"waits for its timer", service("inactive", "dead", idleUnder("active")), healthy, ""},
	{"its timer is stopped", service("inactive", "dead", idleUnder("inactive")), unhealthy, "inactive (dead), and so is x.timer"},
	{"waits, but failed", service("inactive", "dead", func(f *facts) { idleUnder("active")(f); f.result = "exit-code" }), unhealthy, "inactive (dead), last result exit-code"},
	{"socket stopped", facts{kind: "socket", load: "loaded", active: "inactive", sub: "dead", result: "success"}, unhealthy, "inactive (dead)"},
	{"socket listens", facts{kind: "socket", load: "loaded", active: "active", sub: "listening"}, healthy, ""},
	{"mount mounted", facts{kind: "mount", load: "loaded", active: "active", sub: "mounted"}, healthy, ""},
	{"mount failed", facts{kind: "mount", load: "loaded", active: "failed", sub: "failed", result: "exit-code"}, unhealthy, "failed: exit-code"},
	{"path stopped", facts{kind: "path", load: "loaded", active: "inactive", sub: "dead"}, unhealthy, "inactive (dead)"},

	{"timer waits", timer("waiting", nil), healthy, ""},
	{"timer waits for its first time", timer("waiting", func(f *facts) { f.lastTrigger = 0 }), healthy, ""},
	{"timer's job runs", timer("running", func(f *facts) { f.nextWall = wall(-time.Hour); f.starts.active = "activating" }), healthy, ""},
	{"timer of one run, done", timer("elapsed", func(f *facts) { f.nextWall = noValue }), healthy, ""},
	{"timer without a run", timer("elapsed", func(f *facts) { f.lastTrigger, f.nextWall, f.nextMono = 0, noValue, noValue }), unhealthy, "never triggered and has no next run"},
	{"timer without a run, waiting", timer("waiting", func(f *facts) { f.lastTrigger, f.nextWall = 0, 0 }), unhealthy, "never triggered and has no next run"},
	{"first run of a timer", timer("running", func(f *facts) { f.lastTrigger, f.nextWall = 0, 0 }), healthy, ""},
	{"timer late, but within its accuracy", timer("waiting", func(f *facts) { f.nextWall = wall(-2 * time.Minute) }), healthy, ""},
	{"timer overdue", timer("waiting", func(f *facts) { f.nextWall = wall(-2 * time.Hour) }), unhealthy, "is overdue by 2h"},
	{"timer overdue by the monotonic clock", timer("waiting", func(f *facts) { f.nextMono = mono(-3 * time.Minute) }), unhealthy, "is overdue by 3m"},
	{"timer overdue, never run", timer("waiting", func(f *facts) { f.lastTrigger, f.nextWall = 0, wall(-2*time.Hour) }), unhealthy, "never triggered and is overdue by 2h"},
	{"timer, its service failed", timer("waiting", func(f *facts) { f.starts = peer{"x.service", "failed", "exit-code"} }), unhealthy, "started x.service, which failed: exit-code"},
	{"timer, its target failed", timer("waiting", func(f *facts) { f.starts = peer{"x.target", "failed", ""} }), unhealthy, "started x.target, which failed: failed"},
	{"timer stopped", timer("dead", func(f *facts) { f.active = "inactive" }), unhealthy, "inactive (dead)"},

	{"a state of the future", service("hibernating", "deep", nil), unknown, "is in a state that polyhealth does not know: hibernating (deep)"},
}

func TestStates(t *testing.T) {
	hit := map[int]bool{}
	for _, c := range stateCases {
		status, reason := verdict(&c.facts)
		if status != c.status || reason != c.reason {
			t.Errorf("%s: is %v %q, want %v %q", c.name, status, reason, c.status, c.reason)
		}
		if (reason == "") != (status == healthy) {
			t.Errorf("%s: is %v because %q", c.name, status, reason)
		}
		for i := range states {
			if states[i].matches(&c.facts) {
				hit[i] = true
				break
			}
		}
	}
	for i := range states {
		if !hit[i] {
			t.Errorf("no case reaches row %d: %+v", i, states[i])
		}
	}
}

// TestNothingKnownIsNotHealthy tries a unit of which only the active state is
// known, as where systemd answers no property: but for an active one it never
// amounts to healthy.
func TestNothingKnownIsNotHealthy(t *testing.T) {
	for _, kind := range append([]string{""}, kinds...) {
		for _, active := range []string{"", "inactive", "failed", "activating", "deactivating", "maintenance", "new"} {
			f := facts{kind: kind, load: "loaded", active: active}
			if status, _ := verdict(&f); status == healthy {
				t.Errorf("a %s that is %q is healthy", kind, active)
			}
		}
	}
}

func TestAges(t *testing.T) {
	up := service("active", "running", func(f *facts) { f.activeSince = mono(-10 * time.Minute) })
	future := service("active", "running", func(f *facts) { f.activeSince = mono(time.Minute) })
	down := service("failed", "failed", func(f *facts) { f.activeSince = mono(-10 * time.Minute) })
	fired := timer("waiting", nil)
	huge := timer("waiting", func(f *facts) { f.lastTrigger = noValue })
	for _, c := range []struct {
		what      string
		got, want time.Duration
	}{
		{"active for", up.activeFor(), 10 * time.Minute},
		{"active since the future", future.activeFor(), 0},
		{"active while failed", down.activeFor(), 0},
		{"timer's age", fired.lastTriggerAge(), time.Hour},
		{"age of no trigger", up.lastTriggerAge(), never},
		{"age of an unset trigger", huge.lastTriggerAge(), never},
	} {
		if c.got != c.want {
			t.Errorf("%s is %v, want %v", c.what, c.got, c.want)
		}
	}
}
