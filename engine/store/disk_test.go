package store

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"polyhealth/checktypes/checktest"
	"polyhealth/engine"
)

// smallDisk is a file system of its own, of the given size.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "mode=0700,size="+size); err != nil {
		checktest.Skip(t, "the right to mount a tmpfs: "+err.Error())
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

// logged opens a store that logs into a buffer; read it after Close.
func logged(t *testing.T, path string) (*Store, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	s, err := Open(path, Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	return s, &log
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(15 * time.Second); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

// trial is a way in which a disk fails, and gets well again.
type trial struct {
	name        string
	trouble     string // part of what Health says
	fail, mend  func(t *testing.T, path string)
	needsFolder bool // an own file system
}

func TestDiskFails(t *testing.T) {
	for _, c := range []trial{
		{"full", "no space left on device", fill, empty, true},
		{"locked by another program", "locked", nil, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			if c.needsFolder {
				dir = smallDisk(t, "2m")
			}
			path := filepath.Join(dir, "p.db")
			s, log := logged(t, path)
			f := newFeed(20)
			s.Sync(f.components())
			observe := func(n int) {
				for range n {
					for i := range f.checks {
						s.Observe(f.event(i, engine.Unhealthy, time.Millisecond, time.Now()))
					}
				}
			}
			observe(1)
			flushed(t, s)
			if c.fail == nil {
				c.fail, c.mend = lockOut(t)
			}
			c.fail(t, path)
			observe(500)
			eventually(t, "trouble", func() bool { return s.Health().Trouble != "" })
			h := s.Health()
			if !strings.Contains(h.Trouble, c.trouble) || !strings.Contains(h.Trouble, path) || time.Since(h.Since) > time.Minute {
				t.Errorf("trouble is %+v, want %q", h, c.trouble)
			}
			if h.Queued < 500*20 {
				t.Errorf("%d results wait, want %d", h.Queued, 500*20)
			}
			start := time.Now()
			observe(10)
			if took := time.Since(start); took > 2*time.Second {
				t.Errorf("Observe waited: %s", took)
			}
			if err := s.Flush(t.Context()); err == nil {
				t.Error("Flush reports nothing")
			}
			c.mend(t, path)
			eventually(t, "recovery", func() bool { h := s.Health(); return h.Trouble == "" && h.Queued == 0 })
			results, err := s.History(t.Context(), "check-00007", time.Unix(0, 0), time.Now(), 1<<20)
			if err != nil || len(results) != 511 {
				t.Errorf("%d results are there, want 511 (%v)", len(results), err)
			}
			if h := s.Health(); h.Dropped != 0 {
				t.Errorf("%d results were dropped", h.Dropped)
			}
			closeStore(t, s)
			expect(t, query(t, path, `SELECT DISTINCT consecutive_failures FROM service_health`), "511")
			expect(t, query(t, path, `PRAGMA integrity_check`), "ok")
			if n := strings.Count(log.String(), "level=ERROR"); n != 1 {
				t.Errorf("%d errors were logged, want 1:\n%s", n, log)
			}
			if n := strings.Count(log.String(), "can be written again"); n != 1 {
				t.Errorf("recovery was logged %d times, want once:\n%s", n, log)
			}
		})
	}
}

// fill leaves no room on the disk.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(filepath.Join(filepath.Dir(path), "ballast"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 16; size > 0; size /= 2 {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, size))
		}
	}
}

func empty(t *testing.T, path string) {
	if err := os.Remove(filepath.Join(filepath.Dir(path), "ballast")); err != nil {
		t.Fatal(err)
	}
}

// lockOut holds the database as a careless program would.
func lockOut(t *testing.T) (fail, mend func(*testing.T, string)) {
	release := func() {}
	fail = func(t *testing.T, path string) {
		db := openRaw(t, path)
		if _, err := db.ExecContext(context.Background(), "BEGIN IMMEDIATE"); err != nil {
			t.Fatal(err)
		}
		release = func() {
			_, _ = db.ExecContext(context.Background(), "ROLLBACK")
			db.Close()
		}
	}
	return fail, func(*testing.T, string) { release() }
}

// The newest state of every component outlives any queue, and what was dropped
// is counted.
func TestQueueIsBounded(t *testing.T) {
	path := tempDB(t)
	s := openAt(t, path)
	f := newFeed(100)
	s.Sync(f.components())
	flushed(t, s)
	fail, mend := lockOut(t)
	fail(t, path)
	const rounds = 1500
	for range rounds {
		for i := range f.checks {
			s.Observe(f.event(i, engine.Unhealthy, time.Millisecond, time.Now()))
		}
	}
	eventually(t, "trouble", func() bool { return s.Health().Trouble != "" })
	if h := s.Health(); h.Queued > maxSamples+maxTransitions || h.Dropped < 50_000 {
		t.Errorf("%+v after %d results", h, rounds*100)
	}
	mend(t, path)
	eventually(t, "recovery", func() bool { h := s.Health(); return h.Trouble == "" && h.Queued == 0 })
	dropped := int(s.Health().Dropped)
	n := 0
	if err := s.Recent(t.Context(), time.Unix(0, 0), func(string, engine.Result) { n++ }); err != nil {
		t.Fatal(err)
	}
	if n+dropped != rounds*100 {
		t.Errorf("%d kept and %d dropped, of %d", n, dropped, rounds*100)
	}
	closeStore(t, s)
	expect(t, query(t, path, `SELECT DISTINCT consecutive_failures FROM service_health`), "1500")
	s = openAt(t, path)
	if got := s.Load()["check-00042"].State.Failures; got != rounds {
		t.Errorf("%d failures after a restart, want %d", got, rounds)
	}
}

// A file that is removed while it is open is begun anew, and what is written is
// found where the path says.
func TestFileRemoved(t *testing.T) {
	path := tempDB(t)
	s, log := logged(t, path)
	f := newFeed(3)
	s.Sync(f.components())
	for i := range f.checks {
		s.Observe(f.event(i, engine.Unhealthy, time.Millisecond, time.Now()))
	}
	flushed(t, s)
	backup := copyDB(t, path)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil {
			t.Fatal(err)
		}
	}
	s.Observe(f.event(1, engine.Unhealthy, time.Millisecond, time.Now()))
	flushed(t, s)
	statuses := `SELECT service_name, consecutive_failures FROM service_health`
	expect(t, query(t, path, statuses), "check-00000|1", "check-00001|2", "check-00002|1")

	f.checks[0], f.checks[2] = f.checks[2], f.checks[0] // another order, so other ids
	if err := os.Rename(backup+"-wal", path+"-wal"); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(backup, path); err != nil {
		t.Fatal(err)
	}
	s.Observe(f.event(1, engine.Unhealthy, time.Millisecond, time.Now()))
	flushed(t, s)
	closeStore(t, s)
	expect(t, query(t, path, statuses), "check-00000|1", "check-00001|3", "check-00002|1")
	expect(t, query(t, path, "PRAGMA integrity_check"), "ok")
	if n := strings.Count(log.String(), "removed or replaced"); n != 2 {
		t.Errorf("said so %d times, want 2:\n%s", n, log)
	}
}

// Closing a store whose disk is broken says what is lost, and does not hang.
func TestCloseOnABrokenDisk(t *testing.T) {
	path := tempDB(t)
	s, _ := logged(t, path)
	f := newFeed(1)
	s.Sync(f.components())
	flushed(t, s)
	fail, mend := lockOut(t)
	fail(t, path)
	defer mend(t, path)
	s.Observe(f.event(0, engine.Healthy, time.Millisecond, time.Now()))
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	err := s.Close(ctx)
	if err == nil || !strings.Contains(err.Error(), "2 results and transitions are lost") {
		t.Errorf("Close says %v", err)
	}
	if err := s.Close(ctx); err != nil && !strings.Contains(err.Error(), "lost") {
		t.Errorf("the second Close says %v", err)
	}
}
