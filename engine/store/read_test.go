package store

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"polyhealth/engine"
)

// openRaw is a connection as another program has it.
func openRaw(t testing.TB, path string) *sql.Conn {
	t.Helper()
	db, err := sql.Open("sqlite", source(path, "rw", nil))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	c, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestHistory(t *testing.T) {
	s := openAt(t, tempDB(t))
	f := newFeed(30)
	start := time.UnixMilli(1_700_000_000_000)
	for n := range 100 {
		for i := range f.checks {
			status := engine.Status(n % 4)
			s.Observe(f.event(i, status, time.Duration(i+n)*time.Millisecond, start.Add(time.Duration(n)*time.Second)))
		}
		if n%10 == 0 {
			flushed(t, s)
		}
	}
	flushed(t, s)
	at := func(n int) time.Time { return start.Add(time.Duration(n) * time.Second) }
	for _, c := range []struct {
		name           string
		from, to       time.Time
		limit          int
		first, last, n int
	}{
		{"check-00007", at(0), at(99), 1000, 0, 99, 100},
		{"check-00007", at(-100), at(1000), 10, 90, 99, 10},
		{"check-00000", at(20), at(29), 1000, 20, 29, 10},
		{"check-00029", at(20), at(29), 3, 27, 29, 3},
		{"check-00029", at(20).Add(1), at(21).Add(-1), 3, 20, 20, 1}, // times are kept to a millisecond
		{"check-00029", at(200), at(300), 3, 0, 0, 0},
		{"check-00029", at(0), at(99), 0, 0, 0, 0},
		{"nobody", at(0), at(99), 10, 0, 0, 0},
	} {
		got, err := s.History(t.Context(), c.name, c.from, c.to, c.limit)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != c.n {
			t.Errorf("%+v: %d results, want %d", c, len(got), c.n)
			continue
		}
		for k, r := range got {
			n := c.first + k
			var i int
			fmt.Sscanf(c.name, "check-%d", &i)
			want := engine.Result{At: at(n), Status: engine.Status(n % 4), Latency: time.Duration(i+n) * time.Millisecond}
			if r != want {
				t.Errorf("%+v: result %d is %+v, want %+v", c, k, r, want)
			}
		}
	}
	var seen []time.Time
	err := s.Recent(t.Context(), at(50), func(name string, r engine.Result) {
		if name == "check-00011" {
			seen = append(seen, r.At)
		}
	})
	if err != nil || len(seen) != 50 || !seen[0].Equal(at(50)) || !slices.IsSortedFunc(seen, time.Time.Compare) {
		t.Errorf("%d recent results, want 50 in order (%v)", len(seen), err)
	}
}

// The clock may jump back: nothing is lost by it.
func TestClockJumps(t *testing.T) {
	s := openAt(t, tempDB(t))
	f := newFeed(2)
	now := time.UnixMilli(1_700_000_000_000)
	for range 3 {
		for range 50 {
			s.Observe(f.event(0, engine.Healthy, time.Millisecond, now))
			now = now.Add(time.Second)
			flushed(t, s)
		}
		now = now.Add(-time.Hour)
	}
	got, err := s.History(t.Context(), "check-00000", time.UnixMilli(0), now.Add(1000*time.Hour), 1000)
	if err != nil || len(got) != 150 {
		t.Errorf("%d results, want 150 (%v)", len(got), err)
	}
}

func TestTransitions(t *testing.T) {
	s := openAt(t, tempDB(t))
	f := newFeed(2)
	start := time.UnixMilli(1_700_000_000_000)
	for n, status := range []engine.Status{engine.Healthy, engine.Unhealthy, engine.Unhealthy, engine.Unhealthy, engine.Healthy} {
		for i := range f.checks {
			s.Observe(f.event(i, status, time.Millisecond, start.Add(time.Duration(n)*time.Minute)))
		}
	}
	flushed(t, s)
	all, err := s.Transitions(t.Context(), "check-00001", 100)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, x := range all {
		got = append(got, fmt.Sprintf("%s %s→%s %s %s", x.Component, x.From, x.To, x.At.Sub(start), x.Message))
	}
	expect(t, got,
		"check-00001 unhealthy→healthy 4m0s 200 in 1ms",
		"check-00001 degraded→unhealthy 3m0s connect to 10.1.2.3:8080: connection refused",
		"check-00001 healthy→degraded 1m0s connect to 10.1.2.3:8080: connection refused",
		"check-00001 unknown→healthy 0s 200 in 1ms")
	if all, err := s.Transitions(t.Context(), "", 5); err != nil || len(all) != 5 || all[0].Component == all[1].Component {
		t.Errorf("of all: %+v (%v)", all, err)
	}
	if all, err := s.Transitions(t.Context(), "nobody", 5); err != nil || len(all) != 0 {
		t.Errorf("of nobody: %+v (%v)", all, err)
	}
}

func TestNotified(t *testing.T) {
	path := tempDB(t)
	s := openAt(t, path)
	at := time.UnixMilli(1_700_000_000_123)
	a := engine.Notified{Component: "a", Route: "ops", Notifier: "telegram", Firing: true, Status: engine.Unhealthy, At: at}
	b := a
	b.Notifier, b.Went = "email", true
	s.SaveNotified(a)
	s.SaveNotified(b)
	flushed(t, s)
	a.Firing, a.Status = false, engine.Healthy
	s.SaveNotified(a)
	closeStore(t, s)
	s = openAt(t, path)
	got, err := s.LoadNotified(t.Context())
	if err != nil || !slices.Equal(got, []engine.Notified{b, a}) {
		t.Errorf("got %+v (%v)\nwant %+v", got, err, []engine.Notified{b, a})
	}
	b.At = time.Time{}
	s.SaveNotified(b)
	flushed(t, s)
	if got, err := s.LoadNotified(t.Context()); err != nil || !slices.Equal(got, []engine.Notified{a}) {
		t.Errorf("after forgetting one: %+v (%v)", got, err)
	}
}

func TestRetention(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := tempDB(t)
		s := openAt(t, path)
		f := newFeed(900)
		s.Sync(f.components())
		for n := range 360 { // six hours
			for i := range f.checks {
				status := engine.Healthy
				if i == 5 && n%2 == 0 {
					status = engine.Unhealthy
				}
				s.Observe(f.event(i, status, time.Millisecond, time.Now()))
			}
			if n == 100 {
				f.checks = f.checks[:700]
				s.Sync(f.components())
			}
			time.Sleep(time.Minute)
		}
		flushed(t, s)
		before := query(t, path, "PRAGMA page_count")[0]
		s.SetRetention(time.Hour)
		time.Sleep(90 * time.Second) // a minute until it looks, then a batch a second
		oldest := time.Now()
		n := 0
		err := s.Recent(t.Context(), time.Unix(0, 0), func(_ string, r engine.Result) {
			n++
			if r.At.Before(oldest) {
				oldest = r.At
			}
		})
		if kept := time.Since(oldest); err != nil || kept < 55*time.Minute || kept > 85*time.Minute {
			t.Errorf("results of the last %s are kept, want about an hour (%v)", kept, err)
		}
		if n < 700*55 || n > 700*85 {
			t.Errorf("%d results are kept", n)
		}
		expect(t, query(t, path, `SELECT count(*) FROM checks`), "700")
		expect(t, query(t, path, `SELECT count(*) FROM transitions WHERE at < ?`, time.Now().Add(-66*time.Minute).UnixMilli()), "0")
		if after := query(t, path, "PRAGMA page_count")[0]; after > before {
			t.Errorf("the file grew from %s to %s pages", before, after)
		}
		closeStore(t, s)
	})
}

// Reading an hour of 1,000 results a second takes well under a second.
func BenchmarkRecent(b *testing.B) {
	path := filepath.Join(b.TempDir(), "p.db")
	s, err := Open(path, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer closeStore(b, s)
	f := newFeed(10_000)
	start := time.UnixMilli(1_700_000_000_000)
	for n := range 400_000 {
		s.Observe(f.event(n*7%10_000, engine.Healthy, 35*time.Millisecond, start.Add(time.Duration(n)*time.Millisecond)))
		if n%50_000 == 49_999 {
			flushed(b, s)
		}
	}
	flushed(b, s)
	b.ResetTimer()
	n := 0
	for b.Loop() {
		if err := s.Recent(context.Background(), start, func(string, engine.Result) { n++ }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "results/s")
}

// BenchmarkObserve is what a probe pays.
func BenchmarkObserve(b *testing.B) {
	s, err := Open(filepath.Join(b.TempDir(), "p.db"), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer closeStore(b, s)
	f := newFeed(10_000)
	s.Sync(f.components())
	events := make([]engine.Event, 10_000)
	for i := range events {
		events[i] = f.event(i, engine.Healthy, 35*time.Millisecond, time.Now())
	}
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		s.Observe(events[n%len(events)])
	}
}
