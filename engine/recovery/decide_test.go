package recovery

import (
	"testing"
	"time"

	"polyhealth/engine"
)

// noon is when the tables' stories begin; at is so much later.
var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func at(d time.Duration) time.Time { return noon.Add(d) }

// usual is a ladder of two steps: what the file says by default.
func usual() *engine.Recovery {
	return &engine.Recovery{
		On: []engine.Status{engine.Unhealthy}, Steps: make([]engine.RecoveryStep, 2), MaxAttempts: 3,
		Settle: 30 * time.Second, Window: time.Hour, Backoff: 30 * time.Second, ResetAfter: 10 * time.Minute,
	}
}

// quiet is a house in which nothing happens.
func quiet() house {
	return house{limits: engine.RecoveryLimits{MaxActionsPerHour: 20, StopWhenUnhealthyAbove: 50}, others: 9}
}

// TestDecide is the truth table. Each case is a change of one story: unhealthy since
// noon, nothing tried, now is 12:00:10.
func TestDecide(t *testing.T) {
	const m, s = time.Minute, time.Second
	type story struct {
		*engine.Recovery
		ladder
		situation
		now time.Duration
	}
	tried := func(x *story, n int, last time.Duration) { // n actions, a minute apart, each of 5 s
		x.tried = n
		for i := range n {
			x.starts = append(x.starts, at(last-time.Duration(n-1-i)*m))
		}
		x.ended = at(last + 5*s)
	}
	for _, c := range []struct {
		name  string
		set   func(*story)
		verb  verb
		step  int
		phase engine.RecoveryPhase
		until time.Duration // 0: none
	}{
		{"unhealthy", func(*story) {}, act, 0, "acting", 0},
		{"healthy", func(x *story) { x.status = engine.Healthy }, nothing, 0, "idle", 0},
		{"degraded", func(x *story) { x.status = engine.Degraded }, nothing, 0, "idle", 0},
		{"degraded, which is named", func(x *story) { x.status, x.On = engine.Degraded, append(x.On, engine.Degraded) }, act, 0, "acting", 0},
		{"unknown", func(x *story) { x.status = engine.Unknown }, nothing, 0, "held", 0},
		{"unknown, even if named", func(x *story) { x.status, x.On = engine.Unknown, []engine.Status{engine.Unknown} }, nothing, 0, "held", 0},
		{"under way", func(x *story) { x.running = true }, nothing, 0, "acting", 0},
		{"held", func(x *story) { x.held = "in maintenance" }, nothing, 0, "held", 0},

		{"no result since it settled", func(x *story) { tried(x, 1, 0); x.checked, x.now = at(35*s-1), 2*m }, nothing, 0, "settling", 0},
		{"settling, whatever a result says", func(x *story) { tried(x, 1, 0); x.checked, x.now = at(34*s), 34*s }, nothing, 0, "settling", 35 * s},
		{"a result, but the backoff", func(x *story) { tried(x, 2, m); x.checked, x.now = at(m+36*s), m+40*s }, nothing, 0, "waiting", 2*m + 5*s},
		{"the second step", func(x *story) { tried(x, 1, 0); x.checked, x.now = at(36*s), 36*s }, act, 1, "acting", 0},
		{"after the last comes the first", func(x *story) { tried(x, 2, m); x.checked, x.now = at(2*m+6*s), 2*m+6*s }, act, 0, "acting", 0},
		{"used up", func(x *story) { tried(x, 3, 2*m); x.checked, x.now = at(3*m), 3*m }, exhaust, 0, "exhausted", 0},
		{"used up, but held", func(x *story) { tried(x, 3, 2*m); x.checked, x.now, x.held = at(3*m), 3*m, "flapping" }, nothing, 0, "held", 0},
		{"used up, and still settling", func(x *story) { tried(x, 3, 2*m); x.checked, x.now = at(2*m), 2*m+20*s }, nothing, 0, "settling", 2*m + 35*s},
		{"exhausted", func(x *story) { tried(x, 3, 2*m); x.checked, x.now, x.exhausted = at(4*m), 4*m, at(3*m) }, nothing, 0, "exhausted", 0},
		{"exhausted, and the window is over", func(x *story) { tried(x, 3, 2*m); x.checked, x.now, x.exhausted = at(90*m), 90*m, at(3*m) }, nothing, 0, "exhausted", 0},
		{"not exhausted, and the window is over", func(x *story) { tried(x, 3, 2*m); x.checked, x.now = at(62*m+1), 62*m+1 }, act, 1, "acting", 0},
		{"begun anew, but the window is not over", func(x *story) { tried(x, 3, 2*m); x.tried, x.checked, x.now = 0, at(20*m), 20*m }, exhaust, 0, "exhausted", 0},

		{"healthy again", func(x *story) { tried(x, 1, 0); x.status, x.since, x.now = engine.Healthy, at(m), 5*m }, nothing, 0, "idle", 11 * m},
		{"healthy for long", func(x *story) { tried(x, 1, 0); x.status, x.since, x.now = engine.Healthy, at(m), 11*m }, rearm, 0, "idle", 0},
		{"exhausted, healthy for long", func(x *story) {
			tried(x, 3, 0)
			x.status, x.since, x.now, x.exhausted = engine.Healthy, at(m), 11*m, at(m)
		}, rearm, 0, "idle", 0},
		{"exhausted, healthy for a while", func(x *story) {
			tried(x, 3, 0)
			x.status, x.since, x.now, x.exhausted = engine.Healthy, at(m), 11*m-1, at(m)
		}, nothing, 0, "idle", 11 * m},

		{"half of the others", func(x *story) { x.house.others, x.house.unhealthy = 8, 4 }, act, 0, "acting", 0},
		{"more than half", func(x *story) { x.house.others, x.house.unhealthy = 8, 5 }, nothing, 0, "held", 0},
		{"the only other", func(x *story) { x.house.others, x.house.unhealthy = 1, 1 }, act, 0, "acting", 0},
		{"30%", func(x *story) { x.house.limits.StopWhenUnhealthyAbove, x.house.unhealthy = 30, 3 }, nothing, 0, "held", 0},
		{"the house's hour", func(x *story) {
			x.house.limits.MaxActionsPerHour, x.house.starts = 2, []time.Time{at(-2 * time.Hour), at(-40 * m), at(-20 * m)}
		}, nothing, 0, "waiting", 20 * m},
		{"the house's hour is over", func(x *story) {
			x.house.limits.MaxActionsPerHour, x.house.starts = 2, []time.Time{at(-60 * m), at(-20 * m)}
		}, act, 0, "acting", 0},
		{"another one's action", func(x *story) { x.house.busy = true }, act, 0, "acting", 0},
		{"another one's action, one at a time", func(x *story) { x.house.busy, x.house.limits.Serialize = true, true }, nothing, 0, "waiting", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := story{Recovery: usual(), now: 10 * s,
				situation: situation{status: engine.Unhealthy, since: noon, checked: noon, house: quiet()}}
			c.set(&x)
			d := decide(x.Recovery, x.ladder, x.situation, at(x.now))
			if d.verb != c.verb || d.step != c.step || d.phase != c.phase {
				t.Errorf("verb %d, step %d, %s (%s); want %d, %d, %s", d.verb, d.step, d.phase, d.why, c.verb, c.step, c.phase)
			}
			if want := at(c.until); c.until == 0 && !d.until.IsZero() || c.until != 0 && !d.until.Equal(want) {
				t.Errorf("looks again at %v, want %v", d.until, want)
			}
			if !d.until.IsZero() && !d.until.After(at(x.now)) {
				t.Error("it would look again and again")
			}
			if d.why == "" {
				t.Error("it does not say why")
			}
		})
	}
}

func TestBackoff(t *testing.T) {
	r := usual()
	for n, want := range map[int]time.Duration{1: 30 * time.Second, 2: time.Minute, 3: 2 * time.Minute, 8: time.Hour, 1000: time.Hour} {
		if got := backoff(r, n); got != want {
			t.Errorf("after %d actions: %s, want %s", n, got, want)
		}
	}
	r.Window = time.Second // shorter than the backoff
	if got := backoff(r, 5); got != 30*time.Second {
		t.Errorf("it falls below what the file says: %s", got)
	}
}
