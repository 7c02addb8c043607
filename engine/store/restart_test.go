package store

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"polyhealth/engine"
)

// copyDB copies a database as it lies on the disk at this moment: what a process
// that was killed now would leave behind.
func copyDB(t testing.TB, path string) string {
	t.Helper()
	to := tempDB(t)
	for _, suffix := range []string{"", "-wal"} {
		b, err := os.ReadFile(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to+suffix, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// Killed at any moment, a process loses at most the last second: what is loaded
// is every component's state after all but the last second's results, whether
// its row was written, swept, or has to be replayed.
func TestKilledAtAnyMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const checks = 3000
		r := rand.New(rand.NewPCG(3, 4))
		path := tempDB(t)
		f := newFeed(checks)
		for _, c := range f.checks {
			c.Thresholds = engine.Thresholds{Degraded: 1 + r.IntN(3), Unhealthy: 2 + r.IntN(9), Healthy: 1 + r.IntN(3)}
		}
		s := openAt(t, path)
		s.Sync(f.components())
		statuses := []engine.Status{engine.Healthy, engine.Healthy, engine.Unhealthy, engine.Degraded, engine.Unknown}
		mood := make([]engine.Status, checks)
		for round := range 40 {
			for i := range checks {
				if r.IntN(20) == 0 {
					mood[i] = statuses[r.IntN(len(statuses))]
				}
				s.Observe(f.event(i, mood[i], time.Duration(r.IntN(900))*time.Millisecond, time.Now()))
				time.Sleep(time.Millisecond)
			}
			if round%13 != 5 {
				continue
			}
			time.Sleep(1100 * time.Millisecond) // what is lost at most
			compare(t, copyDB(t, path), f)
		}
		time.Sleep(1100 * time.Millisecond)
		killed := copyDB(t, path)
		closeStore(t, s)
		compare(t, path, f)
		compare(t, restartedTwice(t, killed, f), f)
	})
}

// restartedTwice has a new process live for a while, in which one check has
// results, and is killed. What it replayed is not lost.
func restartedTwice(t *testing.T, path string, f *feed) string {
	s := openAt(t, path)
	defer closeStore(t, s)
	s.Sync(f.components())
	const newest = `SELECT base > 0 FROM history ORDER BY id DESC LIMIT 1`
	for range 400 {
		s.Observe(f.event(0, engine.Healthy, time.Millisecond, time.Now()))
		time.Sleep(time.Second)
		expect(t, query(t, path, newest), "1") // a start never replays more than it must
	}
	time.Sleep(1100 * time.Millisecond)
	return copyDB(t, path)
}

// compare opens a database and compares what it knows with what was observed.
func compare(t *testing.T, path string, f *feed) {
	t.Helper()
	s := openAt(t, path)
	defer closeStore(t, s)
	saved, wrong := s.Load(), 0
	for name, want := range f.states {
		if got := saved[name].State; rounded(got) != rounded(want) {
			if wrong++; wrong < 5 {
				t.Errorf("%s: got  %+v\nwant %+v", name, rounded(got), rounded(want))
			}
		}
	}
	if wrong > 0 || len(saved) != len(f.states) {
		t.Errorf("%d components of %d are not as they were, %d are known", wrong, len(f.states), len(saved))
	}
}

// rounded is a state as precisely as it is kept: to a millisecond, and three
// digits of latency.
func rounded(s engine.State) engine.State {
	for _, at := range []*time.Time{&s.Since, &s.LastCheck, &s.LastSuccess} {
		if !at.IsZero() {
			*at = time.UnixMilli(at.UnixMilli())
		}
	}
	_, s.LastLatency = decodeResult(encodeResult(engine.Healthy, s.LastLatency))
	return s
}

// A change of status is in the database within 100 ms, another result within a
// second.
func TestHowSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := tempDB(t)
		f := newFeed(2)
		s := openAt(t, path)
		s.Sync(f.components())
		for range 3 {
			s.Observe(f.event(0, engine.Healthy, time.Millisecond, time.Now()))
			time.Sleep(time.Second)
		}
		s.Observe(f.event(0, engine.Unhealthy, time.Millisecond, time.Now()))
		time.Sleep(110 * time.Millisecond)
		expect(t, query(t, path, `SELECT status, consecutive_failures FROM service_health WHERE service_name = 'check-00000'`),
			"degraded|1")
		s.Observe(f.event(0, engine.Unhealthy, time.Millisecond, time.Now()))
		time.Sleep(time.Second)
		expect(t, query(t, path, `SELECT status, consecutive_failures FROM service_health WHERE service_name = 'check-00000'`),
			"degraded|2")
		closeStore(t, s)
	})
}

// With up to 200 results a second every row is current within a second, however
// many components there are; beyond that within as many seconds as it takes to
// go around.
func TestSweep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := tempDB(t)
		const checks = 2000
		f := newFeed(checks)
		s := openAt(t, path)
		s.Sync(f.components())
		for i := range checks {
			s.Observe(f.event(i, engine.Healthy, time.Millisecond, time.Now()))
		}
		time.Sleep(11 * time.Second)
		stale := `SELECT count(*) FROM service_health WHERE last_check IS NOT ?`
		expect(t, query(t, path, stale, stamp(time.Now().Add(-11*time.Second))), "0")
		for i := range 200 {
			s.Observe(f.event(i*10, engine.Healthy, time.Millisecond, time.Now()))
			time.Sleep(5 * time.Millisecond)
		}
		time.Sleep(1100 * time.Millisecond)
		expect(t, query(t, path, `SELECT count(*) FROM service_health WHERE last_check >= ?`,
			stamp(time.Now().Add(-3*time.Second))), "200")

		for i := range checks {
			s.Observe(f.event(i, engine.Healthy, time.Millisecond, time.Now()))
		}
		time.Sleep(3 * time.Second)
		s.Observe(f.event(1999, engine.Unhealthy, time.Millisecond, time.Now()))
		time.Sleep(110 * time.Millisecond)
		expect(t, query(t, path, `SELECT status FROM service_health WHERE service_name = 'check-01999'`), "degraded")
		closeStore(t, s)
	})
}

// child is a process that observes as fast as it can, says how far it is known
// to have come, and waits to be killed.
func child(path string) {
	s, err := Open(path, Options{})
	if err != nil {
		fmt.Println("error", err)
		return
	}
	f := newFeed(500)
	s.Sync(f.components())
	for n := 1; ; n++ {
		for i := range f.checks {
			s.Observe(f.event(i, engine.Unhealthy, time.Millisecond, time.Now()))
		}
		if n%5 == 0 {
			if err := s.Flush(context.Background()); err != nil {
				fmt.Println("error", err)
				return
			}
			fmt.Println("flushed", n)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func TestKill9(t *testing.T) {
	path := tempDB(t)
	atLeast := 0
	for range 4 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "STORE_TEST_CHILD="+path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		n := 0
		for lines := bufio.NewScanner(out); n < 40 && lines.Scan(); {
			if _, err := fmt.Sscanf(lines.Text(), "flushed %d", &n); err != nil {
				t.Error(lines.Text())
				break
			}
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		atLeast = n
		s := openAt(t, path) // the lock is free again
		expect(t, query(t, path, "PRAGMA integrity_check"), "ok")
		for name, saved := range s.Load() {
			// The child's feed begins anew, so its failures do too; they never get less
			// than what was flushed, nor inconsistent.
			if saved.State.Failures < atLeast || saved.State.Reported != engine.Unhealthy || saved.State.Worst != saved.State.Failures {
				t.Fatalf("%s: %d failures were flushed, loaded is %+v", name, atLeast, saved.State)
			}
		}
		results, err := s.History(t.Context(), "check-00007", time.Unix(0, 0), time.Now(), 1<<20)
		if err != nil || len(results) < atLeast {
			t.Errorf("%d results, of at least %d (%v)", len(results), atLeast, err)
		}
		closeStore(t, s)
	}
}

// Another program may read all the time, by another library.
func TestReaderBeside(t *testing.T) {
	path := tempDB(t)
	s := openAt(t, path)
	f := newFeed(50)
	s.Sync(f.components())
	flushed(t, s)
	sqlite3, err := exec.LookPath("sqlite3")
	if err != nil {
		t.Skip("needs sqlite3, which is not installed")
	}
	for n := range 20 {
		for i := range f.checks {
			s.Observe(f.event(i, engine.Healthy, time.Millisecond, time.Now()))
		}
		out, err := exec.Command(sqlite3, "-readonly", path, "SELECT count(*) FROM service_health; PRAGMA integrity_check").CombinedOutput()
		if got := strings.Fields(string(out)); err != nil || strings.Join(got, " ") != "50 ok" {
			t.Fatalf("round %d: %s (%v)", n, out, err)
		}
		flushed(t, s)
	}
	if files, _ := filepath.Glob(path + "*"); len(files) < 2 {
		t.Errorf("the reader closed the database: %s", files)
	}
}
