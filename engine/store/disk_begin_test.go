package store

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"polyhealth/engine"
)

// A disk that takes nothing when a daemon starts is trouble, as it is later: what
// was known is known, and what happens meanwhile is written once it can be.
func TestBeginOnABadDisk(t *testing.T) {
	remount := func(flag uintptr) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			t.Helper()
			if err := syscall.Mount("", filepath.Dir(path), "", syscall.MS_REMOUNT|flag, ""); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct {
		name, trouble string
		had           string // what was there: a database that was closed or killed, or nothing
		fail, mend    func(t *testing.T, path string)
	}{
		{"read-only, closed", "read-only file system", "closed", remount(syscall.MS_RDONLY), remount(0)},
		{"read-only, killed", "read-only file system", "killed", remount(syscall.MS_RDONLY), remount(0)},
		{"read-only, nothing", "read-only file system", "", remount(syscall.MS_RDONLY), remount(0)},
		{"full, closed", "no space left on device", "closed", fill, empty},
		{"full, killed", "no space left on device", "killed", fill, empty},
		{"full, nothing", "no space left on device", "", fill, empty},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(smallDisk(t, "2m"), "p.db")
			f := newFeed(4)
			known := 0
			if c.had != "" {
				known = 3
				had(t, path, c.had, f)
			}
			c.fail(t, path)
			s, log := logged(t, path)
			expectKnown(t, s, f, known)

			gone := f.checks[3].Name
			f.checks = f.checks[:3] // another file, meanwhile
			s.Sync(f.components())
			for i := range f.checks {
				s.Observe(f.event(i, engine.Unhealthy, time.Millisecond, time.Now()))
			}
			eventually(t, "trouble", func() bool { return s.Health().Trouble != "" })
			if got, want := s.Health().Trouble, "cannot write to the database "+path+": "+c.trouble; got != want {
				t.Errorf("trouble is %s, want %s", got, want)
			}
			c.mend(t, path)
			eventually(t, "recovery", func() bool { h := s.Health(); return h.Trouble == "" && h.Queued == 0 })
			if _, err := Open(path, Options{}); err == nil || !strings.Contains(err.Error(), "in use by another polyhealth") {
				t.Errorf("a second one is told %v", err)
			}
			closeStore(t, s)
			expect(t, query(t, path, `SELECT DISTINCT consecutive_failures FROM service_health`), string(rune('1'+known)))
			expect(t, query(t, path, `SELECT count(*) FROM service_health WHERE service_name = ?`, gone), "0")
			expect(t, query(t, path, "PRAGMA integrity_check"), "ok")
			if strings.Count(log.String(), "cannot write to the database") != 1 || strings.Contains(log.String(), "all begins anew") {
				t.Errorf("the log says\n%s", log)
			}
			s = openAt(t, path)
			expectKnown(t, s, f, known+1)
			closeStore(t, s)
		})
	}
}

// had leaves a database in which each component failed three times, and one alert
// was sent.
func had(t *testing.T, path, end string, f *feed) {
	t.Helper()
	s := openAt(t, path)
	s.Sync(f.components())
	for range 3 {
		for i := range f.checks {
			s.Observe(f.event(i, engine.Unhealthy, time.Millisecond, time.Now()))
		}
	}
	s.SaveNotified(engine.Notified{Component: f.checks[0].Name, Route: "ops", Notifier: "webhook", Status: engine.Unhealthy, Firing: true, At: time.Now()})
	flushed(t, s)
	if end == "closed" {
		closeStore(t, s)
		return
	}
	left := map[string][]byte{}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		b, err := os.ReadFile(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		left[path+suffix] = b
	}
	closeStore(t, s)
	for name, b := range left {
		if err := os.WriteFile(name, b, 0o640); err != nil {
			t.Fatal(err)
		}
	}
}

// expectKnown wants every component of f known to have failed so many times, and
// the alert that had sent.
func expectKnown(t *testing.T, s *Store, f *feed, failures int) {
	t.Helper()
	all := s.Load()
	for _, c := range f.checks {
		if got := all[c.Name].State.Failures; got != failures {
			t.Errorf("%s is known to have failed %d times, want %d", c.Name, got, failures)
		}
	}
	told, err := s.LoadNotified(t.Context())
	if failures >= 3 && (err != nil || len(told) != 1 || told[0].Component != f.checks[0].Name || !told[0].Firing) {
		t.Errorf("the alerts that are known to be sent are %+v (%v)", told, err)
	}
}
