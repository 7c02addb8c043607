package store

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"polyhealth/engine"
)

// A feed plays the engine: it turns results into events, as engine.report does.
type feed struct {
	checks []*engine.Check
	states map[string]engine.State
	seq    uint64
}

var defaults = engine.Thresholds{Degraded: 1, Unhealthy: 3, Healthy: 1}

// newFeed has n checks: check-00000 and so on.
func newFeed(n int) *feed {
	f := &feed{states: map[string]engine.State{}}
	for i := range n {
		f.checks = append(f.checks, &engine.Check{Name: fmt.Sprintf("check-%05d", i), Thresholds: defaults})
	}
	return f
}

// event is the next result of the i-th check.
func (f *feed) event(i int, status engine.Status, latency time.Duration, at time.Time) engine.Event {
	c := f.checks[i]
	before := f.states[c.Name]
	after := engine.Advance(before, status, c.Thresholds, at)
	after.LastLatency = latency
	f.states[c.Name] = after
	ev := engine.Event{
		Check: c, State: after, Component: f.component(i, message(status, latency)),
		Result: engine.Result{At: at, Status: status, Latency: latency},
	}
	if before.Reported != after.Reported {
		ev.Transition = &engine.Transition{From: before.Reported, To: after.Reported, At: at}
	}
	return ev
}

func message(status engine.Status, latency time.Duration) string {
	if status == engine.Healthy {
		return fmt.Sprintf("200 in %dms", latency.Milliseconds())
	}
	return "connect to 10.1.2.3:8080: connection refused"
}

func (f *feed) component(i int, text string) *engine.Component {
	s := f.states[f.checks[i].Name]
	f.seq++
	return &engine.Component{
		Check: f.checks[i], Status: s.Reported, Message: text, Since: s.Since, LastCheck: s.LastCheck,
		LastSuccess: s.LastSuccess, Latency: s.LastLatency, Result: s.LastStatus, Failures: s.Failures, Seq: f.seq,
	}
}

// components are those of all checks, as after a start.
func (f *feed) components() []*engine.Component {
	var all []*engine.Component
	for i, c := range f.checks {
		text := "not probed yet"
		if !f.states[c.Name].LastCheck.IsZero() {
			text = "restored"
		}
		all = append(all, f.component(i, text))
	}
	return all
}

// openAt opens a store that closes with the test.
func openAt(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(path, Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeStore(t, s) })
	return s
}

func closeStore(t testing.TB, s *Store) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := s.Close(ctx); err != nil {
		t.Error(err)
	}
}

func flushed(t testing.TB, s *Store) {
	t.Helper()
	if err := s.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func tempDB(t testing.TB) string { return filepath.Join(t.TempDir(), "polyhealth.db") }
