package store

import (
	"database/sql"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"polyhealth/engine"
)

// TestAfter: what was observed before After is in the file, for others to read, by
// the time its function is called.
func TestAfter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.db")
	s, _ := logged(t, path)
	defer s.Close(t.Context())
	other, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	f := newFeed(3)
	s.Sync(f.components())
	for i, status := range []engine.Status{engine.Degraded, engine.Unhealthy, engine.Unhealthy} {
		s.Observe(f.event(i, status, time.Millisecond, time.Now()))
		seen := make(chan string, 1)
		s.After(func() {
			var text string
			if err := other.QueryRow("SELECT status FROM service_health WHERE service_name = ?", f.checks[i].Name).Scan(&text); err != nil {
				text = err.Error()
			}
			seen <- text
		})
		if got := <-seen; got != "degraded" {
			t.Errorf("another program reads %q", got)
		}
	}
}

// TestAfterOnADiskThatFails: nobody waits for a disk that takes nothing, neither who
// asked before that was known nor who asks later.
func TestAfterOnADiskThatFails(t *testing.T) {
	dir := smallDisk(t, "2m")
	path := filepath.Join(dir, "p.db")
	s, _ := logged(t, path)
	defer s.Close(t.Context())
	f := newFeed(20)
	s.Sync(f.components())
	flushed(t, s)
	fill(t, path)
	var called atomic.Int32
	for range 500 {
		for i := range f.checks {
			s.Observe(f.event(i, engine.Unhealthy, time.Millisecond, time.Now()))
		}
	}
	s.After(func() { called.Add(1) })
	eventually(t, "it is called", func() bool { return called.Load() == 1 })
	if s.Health().Trouble == "" {
		t.Fatal("the disk took it")
	}
	s.After(func() { called.Add(1) })
	eventually(t, "it is called at once", func() bool { return called.Load() == 2 })
	empty(t, path)
}
