package store

import (
	"bytes"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"polyhealth/engine"
)

// The target: 10,000 checks every 10 s are 1,000 results a second, and each
// result costs at most 100 bytes written and 12 bytes kept, with the write-ahead
// log, the tables and everything counted.
//
// Measured over ten simulated minutes, the start included: 85 bytes written and
// 10.2 kept, 8.5 once closed; with 1% of the checks failing all the time 96 and
// the same. After the first minute it is 75 written, in about nine pages a second
// that are each written to the log and most once more to the file: five for the
// sweep over service_health, one for that over checks, three or four for the
// history. The history itself is 5.3 bytes a result; the two tables of 10,000 rows
// are 1.6 MB that do not grow. One row a result, in a transaction a second, is
// 2,579 written and 131 kept.
const (
	targetWritten = 100.0
	targetKept    = 12.0
)

func TestDiskBudget(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	for _, c := range []struct {
		name    string
		failing int // of 10,000 checks, always
		flaky   int // of 10,000 results
	}{
		{"all healthy", 0, 0},
		{"1% failing", 100, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := tempDB(t)
			written, n := measure(t, path, c.failing, c.flaky)
			kept := float64(sizeOf(t, path)) / float64(n)
			t.Logf("%d results: %.1f bytes written and %.1f bytes kept a result", n, written, kept)
			if written > targetWritten || kept > targetKept {
				t.Errorf("%.1f bytes written and %.1f kept a result, want at most %.0f and %.0f",
					written, kept, targetWritten, targetKept)
			}
		})
	}
	t.Run("reference", func(t *testing.T) {
		path := tempDB(t)
		written, n := reference(t, path)
		t.Logf("one row a result: %.1f bytes written and %.1f bytes kept a result",
			written, float64(sizeOf(t, path))/float64(n))
	})
}

// simulated is how long the checks run, by the bubble's clock.
const simulated = 10*time.Minute + 5*time.Second

// measure runs 10,000 checks in simulated time on a real file, and returns the
// bytes that were written for each result, before Close tidies up.
func measure(t *testing.T, path string, failing, flaky int) (written float64, results int) {
	synctest.Test(t, func(t *testing.T) {
		const checks, interval = 10_000, 10 * time.Second
		r := rand.New(rand.NewPCG(1, 2))
		f := newFeed(checks)
		s, err := Open(path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		before := bytesWritten(t)
		s.Sync(f.components())
		order := r.Perm(checks)
		start := time.Now()
		for time.Since(start) < simulated {
			for i := range checks {
				time.Sleep(interval / checks)
				check := order[i]
				status := engine.Healthy
				if check < failing || r.IntN(10_000) < flaky {
					status = engine.Unhealthy
				}
				latency := time.Duration(20e6 + r.ExpFloat64()*30e6)
				s.Observe(f.event(check, status, latency, time.Now()))
				results++
			}
		}
		time.Sleep(2 * time.Second)
		written = float64(bytesWritten(t)-before) / float64(results)
		if h := s.Health(); h.Queued+int(h.Dropped) > 0 || h.Trouble != "" {
			t.Errorf("the store is behind: %+v", h)
		}
		t.Logf("before Close: %.1f bytes kept a result", float64(sizeOf(t, path))/float64(results))
		closeStore(t, s)
	})
	return written, results
}

// reference is what one does at first: a row a result, and an update of the
// component's row, in a transaction a second.
func reference(t *testing.T, path string) (written float64, results int) {
	db, err := sql.Open("sqlite", source(path, "rwc", []string{"journal_mode(WAL)", "synchronous(NORMAL)"}))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, q := range []string{
		`CREATE TABLE service_health (service_name TEXT PRIMARY KEY, status TEXT, last_check TEXT, last_success TEXT,
			consecutive_failures INTEGER, error_message TEXT, metadata TEXT)`,
		`CREATE TABLE history (service_name TEXT, at TEXT, status TEXT, latency_ms REAL, message TEXT)`,
		`CREATE INDEX history_of ON history (service_name, at)`,
	} {
		if _, err := db.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	before := bytesWritten(t)
	order := rand.New(rand.NewPCG(1, 2)).Perm(10_000)
	now := time.Unix(1_700_000_000, 0)
	for second := range 60 {
		tx, err := db.Begin()
		if err != nil {
			t.Fatal(err)
		}
		for i := range 1000 {
			name := fmt.Sprintf("check-%05d", order[(second*1000+i)%10_000])
			at := stamp(now.Add(time.Duration(i) * time.Millisecond))
			if _, err := tx.Exec(`INSERT INTO history VALUES (?, ?, 'healthy', 35.21, '200 in 35ms')`, name, at); err != nil {
				t.Fatal(err)
			}
			if _, err := tx.Exec(`INSERT OR REPLACE INTO service_health VALUES (?, 'healthy', ?, ?, 0, NULL, '{}')`, name, at, at); err != nil {
				t.Fatal(err)
			}
			results++
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Second)
	}
	return float64(bytesWritten(t)-before) / float64(results), results
}

// bytesWritten is what this process has handed to write calls. The shared
// memory of the write-ahead log is not in it: it is mapped, and never synced.
func bytesWritten(t *testing.T) int64 {
	b, err := os.ReadFile("/proc/self/io")
	if err != nil {
		t.Skip("needs /proc/self/io")
	}
	var n int64
	for line := range bytes.Lines(b) {
		if _, err := fmt.Sscanf(string(line), "wchar: %d", &n); err == nil {
			return n
		}
	}
	t.Skip("needs wchar in /proc/self/io")
	return 0
}

// sizeOf is the size of a database with all files beside it.
func sizeOf(t *testing.T, path string) (n int64) {
	files, _ := filepath.Glob(path + "*")
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		n += info.Size()
	}
	return n
}
