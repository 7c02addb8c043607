package store

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"polyhealth/engine"
)

// TestOlderFormats: a database of each earlier format is taken over with all that it
// holds.
func TestOlderFormats(t *testing.T) {
	for have := 1; have < len(formats); have++ {
		path := filepath.Join(t.TempDir(), "p.db")
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range formats[:have] {
			do(t, db, text)
		}
		do(t, db, fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, have))
		do(t, db, `INSERT INTO checks (id, name, reported, level, failures, worst, since, last_check, last_status,
			degraded_after, unhealthy_after, healthy_after, message) VALUES (1, 'a', 2, 2, 2, 2, 1000, 2000, 3, 1, 3, 1, 'down')`)
		db.Close()

		s, _ := logged(t, path)
		saved := s.Load()["a"]
		if saved.State.Failures != 2 || saved.State.Reported != engine.Degraded || saved.Message != "down" {
			t.Errorf("format %d: it was %+v", have, saved)
		}
		f := newFeed(1)
		s.Sync(f.components())
		s.Observe(f.event(0, engine.Healthy, time.Millisecond, time.Now()))
		flushed(t, s)
		if err := s.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func do(t *testing.T, db *sql.DB, text string) {
	t.Helper()
	if _, err := db.Exec(text); err != nil {
		t.Fatal(err)
	}
}

// TestFlapsOutliveARestart: what flaps goes on flapping.
func TestFlapsOutliveARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.db")
	s, _ := logged(t, path)
	f := newFeed(1)
	s.Sync(f.components())
	for i := range 8 {
		status := engine.Healthy
		if i%2 == 1 {
			status = engine.Unhealthy
		}
		s.Observe(f.event(0, status, time.Millisecond, time.Now()))
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	s, _ = logged(t, path)
	defer s.Close(t.Context())
	if got, want := s.Load()[f.checks[0].Name].State.Flaps, f.states[f.checks[0].Name].Flaps; got != want || !got.Flapping() {
		t.Errorf("after a restart it is %b, was %b", got, want)
	}
}
