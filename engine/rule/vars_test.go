package rule

import (
	"math"
	"testing"
	"time"
)

// The variables of the tests: those that every rule sees, and some of each shape
// that a check type may have.

type prevVars struct {
	Status  string        `expr:"status" enum:"healthy,degraded,unhealthy,unknown"`
	Latency time.Duration `expr:"latency" min:"0s"`
}

type commonVars struct {
	Error               string        `expr:"error"`
	Latency             time.Duration `expr:"latency" min:"0s"`
	ConsecutiveFailures int           `expr:"consecutive_failures" min:"0"`
	Prev                prevVars      `expr:"prev"`
	Now                 time.Time     `expr:"now"`
}

// Common is embedded as check types embed theirs: an exported struct.
type Common = commonVars

type state string

type unitVars struct {
	Name      string        `expr:"name"`
	Active    state         `expr:"active" enum:"active,inactive,failed"`
	ActiveFor time.Duration `expr:"active_for"`
	Memory    uint64        `expr:"memory"`
	Restarts  uint32        `expr:"restarts"`
	Last      prevVars      `expr:"last"`
}

type testVars struct {
	Common
	Status    int                `expr:"status" min:"0" max:"999"`
	Body      string             `expr:"body"`
	JSON      any                `expr:"json"`
	Headers   map[string]string  `expr:"headers"`
	Rate      float64            `expr:"rate" min:"0"`
	Row       map[string]any     `expr:"row"`
	Rows      []map[string]any   `expr:"rows"`
	Units     []unitVars         `expr:"units"`
	Running   []string           `expr:"running"`
	Count     int64              `expr:"count"`
	Connected bool               `expr:"connected"`
	Closed    *int               `expr:"close_code"`
	Raw       []byte             `expr:"raw"`
	State     state              `expr:"state"`
	Pairs     map[string]float64 `expr:"perfdata"`
	Ignored   int                `expr:"-"`
	hidden    int
}

func sampleVars() testVars {
	return testVars{
		Common: Common{
			Latency:             1210 * time.Millisecond,
			ConsecutiveFailures: 4,
			Prev:                prevVars{Status: "healthy", Latency: 35 * time.Millisecond},
			Now:                 time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		},
		Status: 200,
		Body:   "héllo wörld",
		JSON: map[string]any{
			"state": "ok", "count": nil, "n": 3.0, "zero": 0.0, "yes": true, "text": "12",
			"items": []any{map[string]any{"state": "up", "n": 1.0}, map[string]any{"state": "down", "n": int64(2)}},
			"mixed": []any{1.0, "a", nil, true},
		},
		Headers: map[string]string{"content-type": "text/html", "server": "x"},
		Rate:    2.5,
		Row:     map[string]any{"id": int64(7), "n": nil, "name": []byte("bob"), "price": "9.5", "at": time.Date(2026, 1, 2, 1, 4, 5, 0, time.UTC)},
		Rows: []map[string]any{
			{"id": int64(7), "n": nil, "name": "bob"},
			{"id": int64(8), "n": 2.5, "name": "eve"},
		},
		Units: []unitVars{
			{Name: "a", Active: "active", ActiveFor: time.Hour, Memory: math.MaxUint64},
			{Name: "b", Active: "failed", ActiveFor: time.Minute, Memory: 512},
		},
		Running:   []string{"a"},
		Count:     2,
		Connected: true,
		Raw:       []byte("raw"),
		State:     "running",
		Pairs:     map[string]float64{"load": 0.5, "bad": math.NaN()},
		hidden:    1,
	}
}

func mustValue(t testing.TB, s *Scope, src string) *Program {
	t.Helper()
	p, mistakes := s.Value(src)
	if len(mistakes) > 0 {
		t.Fatalf("%s: %+v", src, mistakes)
	}
	return p
}

func mustRule(t interface {
	Helper()
	Fatalf(string, ...any)
}, s *Scope, src string) *Program {
	t.Helper()
	p, mistakes := s.Rule(src)
	if len(mistakes) > 0 {
		t.Fatalf("%s: %+v", src, mistakes)
	}
	return p
}
