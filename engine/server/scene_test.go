package server

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"polyhealth/checktypes"
	"polyhealth/engine"
)

// A sight is a check of the scene, and what its last hour was like.
type sight struct {
	name, kind string
	status     engine.Status
	lasted     time.Duration // how long it has been in that status
	latency    time.Duration // of the last result
	message    string
	rule       string // that decided
	tags       string
	bad        string  // its last minutes: u, d or ? for what each was
	slow       float64 // by how much those took longer
}

const day = 24 * time.Hour

// sights are a shop's checks on a bad morning.
var sights = []sight{
	{name: "shop", kind: "http", status: engine.Healthy, lasted: 9*day + 5*time.Hour, latency: 212 * time.Millisecond, message: "200 in 212ms", tags: "web"},
	{name: checkout, kind: "http", status: engine.Unhealthy, lasted: 9 * time.Minute, latency: 1210 * time.Millisecond, message: "503 in 1.21s",
		rule: "unhealthy: status >= 500", tags: "web payments", bad: "duuuuuuuuu", slow: 2.5},
	{name: "payments/ledger", kind: "sql", status: engine.Degraded, lasted: 5 * time.Minute, latency: 58 * time.Millisecond, message: "1184 payments not booked",
		rule: "degraded: row.waiting > 100", tags: "payments", bad: "ddddd", slow: 3},
	{name: "postgres", kind: "sql", status: engine.Healthy, lasted: 41*day + 3*time.Hour, latency: 4 * time.Millisecond, message: "61 of 200 connections", tags: "data"},
	{name: "postgres/replication", kind: "sql", status: engine.Healthy, lasted: 2*day + 4*time.Hour, latency: 3 * time.Millisecond, message: "2 standbys, up to 16384 bytes behind", tags: "data"},
	{name: "price feed", kind: "websocket", status: engine.Healthy, lasted: 6*time.Hour + 12*time.Minute, latency: 8 * time.Millisecond, message: "connected, 48211 messages, last 84ms ago", tags: "data"},
	{name: "workers", kind: "systemd", status: engine.Healthy, lasted: 88 * time.Minute, latency: 2 * time.Millisecond, message: "All 6 services running", tags: "jobs"},
	{name: "backup", kind: "systemd", status: engine.Healthy, lasted: 12 * day, latency: 3 * time.Millisecond, message: "backup.timer active (waiting) for 12d, last triggered 6h12m ago", tags: "jobs"},
	{name: "disk", kind: "command", status: engine.Healthy, lasted: 30 * day, latency: 5 * time.Millisecond, message: "DISK OK - free space: / 41 GiB (52% inode=97%)", tags: "host"},
	{name: "search", kind: "http", status: engine.Healthy, lasted: 21 * time.Minute, latency: 96 * time.Millisecond, message: "200 in 96ms", tags: "web", bad: "dddd.....................", slow: 4},
	{name: "mail relay", kind: "command", status: engine.Healthy, lasted: 49*day + 8*time.Hour, latency: 20 * time.Millisecond, message: "queue: 3", tags: "host"},
	{name: "partner API", kind: "http", status: engine.Unknown, message: "not configured: PARTNER_URL", tags: "web"},
}

// checkout is the check of the scene that is looked at.
const checkout = "checkout"

// scene is the view of the sights at a time, and what there is besides.
func scene(now time.Time) (*fakeView, Sources) {
	var all []*engine.Component
	minutes := map[string][]engine.Minute{}
	for _, s := range sights {
		all = append(all, s.component(now))
		minutes[s.name] = s.minutes(now)
	}
	v := newFakeView(all...)
	v.minutes = minutes
	return v, Sources{Version: "v1.0.0", History: history}
}

func (s sight) component(now time.Time) *engine.Component {
	c := component(s.name, s.status)
	c.Check.Type = &checktypes.Type{Name: s.kind}
	c.Check.Tags, c.Check.Critical = strings.Fields(s.tags), s.status != engine.Unknown
	c.Message, c.Rule, c.Latency = s.message, s.rule, s.latency
	c.Since, c.LastCheck, c.LastSuccess = now.Add(-s.lasted), now.Add(-4*time.Second), now.Add(-4*time.Second)
	switch s.status {
	case engine.Unknown: // it is not configured, so never probed
		c.Since, c.LastCheck, c.LastSuccess = time.Time{}, time.Time{}, time.Time{}
	case engine.Degraded, engine.Unhealthy:
		c.LastSuccess, c.Failures = c.Since.Add(-time.Minute), int(s.lasted/c.Check.Interval)+3
	}
	if s.name == checkout {
		c.Check.Keys.Description = "a customer can pay"
		c.Check.Keys.Rules = engine.Rules{
			Unhealthy: engine.Expressions{{Value: "status >= 500"}},
			Degraded:  engine.Expressions{{Value: `latency > "800ms"`}, {Value: "json.queue > 1000"}},
		}
		c.Check.Routes = []string{"ops", "payments-chat"}
		c.Metadata = []byte(`{"release":"2026.47.2","queue":1184,"first_byte":"1.19s"}`)
	}
	return c
}

// minutes are the last hour: a latency that wanders about the usual, and what was
// bad at its end.
func (s sight) minutes(now time.Time) (all []engine.Minute) {
	if s.status == engine.Unknown {
		return nil
	}
	wander := rand.New(rand.NewPCG(uint64(len(s.name)), uint64(s.latency)))
	letters := map[byte]engine.Status{'u': engine.Unhealthy, 'd': engine.Degraded, '.': engine.Healthy}
	for i := range 60 {
		m := engine.Minute{Start: now.Truncate(time.Minute).Add(time.Duration(i-59) * time.Minute), Worst: engine.Healthy, Count: 2}
		usual := float64(s.latency) / max(1, s.slow)
		if at := i - 60 + len(s.bad); at >= 0 {
			m.Worst = letters[s.bad[at]]
		}
		if m.Worst != engine.Healthy || s.status == engine.Healthy && s.slow > 0 {
			usual *= max(1, s.slow)
		}
		m.Latency = time.Duration(usual * (0.8 + 0.4*wander.Float64()*wander.Float64()))
		all = append(all, m)
	}
	return all
}

// history is a day that had a slow hour at night, and ends as the scene does.
func history(_ context.Context, name string, from, to time.Time) (points []Point, _ error) {
	i := slices.IndexFunc(sights, func(s sight) bool { return s.name == name })
	s := sights[i]
	if s.status == engine.Unknown {
		return nil, nil
	}
	wander := rand.New(rand.NewPCG(7, 7))
	for at := from; at.Before(to); at = at.Add(5 * time.Minute) {
		p := Point{At: at, Span: 5 * time.Minute, Count: 10, Worst: engine.Healthy}
		latency := float64(s.latency) / max(1, s.slow) * (0.8 + 0.5*wander.Float64())
		switch left := to.Sub(at); {
		case left <= s.lasted && s.status != engine.Healthy:
			p.Worst, latency = s.status, latency*max(1, s.slow)
		case left > 8*time.Hour && left < 8*time.Hour+40*time.Minute:
			p.Worst, latency = engine.Degraded, latency*2
		}
		p.Latency, p.Max = time.Duration(latency), time.Duration(latency*1.2)
		points = append(points, p)
	}
	return points, nil
}
