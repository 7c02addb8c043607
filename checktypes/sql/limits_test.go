package sql

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"polyhealth/checktypes"
)

// TestEndless ends statements that would never end by themselves, each within half
// a second of the deadline, and for the server too.
func TestEndless(t *testing.T) {
	pg, my := postgres(t), mariadb(t)
	const after = 700 * time.Millisecond
	cases := []*Config{
		config("sqlite", ":memory:", endless),
		// The first row comes at once, the second never.
		config("sqlite", ":memory:", "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c WHERE x = 1 OR x < 0"),
		pg.config("SELECT pg_sleep(3600) AS endless"),
		pg.config(endless),
		pg.config("SELECT x FROM generate_series(1, 2) AS x, LATERAL (SELECT pg_sleep(3600 * (x - 1))) AS endless"),
		my.config("SELECT SLEEP(3600) AS endless"),
		my.config("SELECT count(*) AS endless FROM information_schema.columns a, information_schema.columns b, information_schema.columns c"),
		my.config("SELECT SLEEP(?) AS endless", 3600),
	}
	for _, c := range cases {
		t.Run(c.Driver+" "+c.Query, func(t *testing.T) {
			_, took, err := run(t, opened(t, c, after, nil), after)
			if want := "timed out after 700ms running the query"; err == nil || err.Error() != want {
				t.Errorf("the error is %v, want %s", err, want)
			}
			if took > after+10*time.Second {
				t.Errorf("the probe took %v", took)
			}
			for _, s := range []*server{pg, my} {
				if s.name == c.Driver {
					eventually(t, "the server ends the statement", func() bool { return s.running(t, "endless") == 0 && s.running(t, "RECURSIVE") == 0 })
				}
			}
		})
	}
}

// TestCancelled ends a statement before the deadline, as a stopping daemon does.
func TestCancelled(t *testing.T) {
	s := postgres(t)
	p := opened(t, s.config("SELECT pg_sleep(3600) AS cancelled"), time.Minute, nil)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		eventually(t, "the statement runs", func() bool { return s.running(t, "AS cancelled") == 1 })
		cancel()
	}()
	_, err := p.Run(ctx)
	if err == nil || err.Error() != "cancelled running the query" {
		t.Errorf("the error is %v", err)
	}
	eventually(t, "the server ends the statement", func() bool { return s.running(t, "AS cancelled") == 0 })
}

// TestTooMuch: no answer is judged by a part of it.
func TestTooMuch(t *testing.T) {
	pg, my := postgres(t), mariadb(t)
	series := map[string]string{
		"sqlite":   "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT %d) SELECT x FROM c",
		"postgres": "SELECT generate_series(1, %d) AS x",
		"mysql":    "SELECT seq AS x FROM seq_1_to_%d",
	}
	for driver, dsn := range map[string]string{"sqlite": ":memory:", "postgres": pg.dsn, "mysql": my.dsn} {
		for _, c := range []struct {
			name, query string
			change      func(*Config)
			want        string
			rows        int
		}{
			{"a thousand rows", fmt.Sprintf(series[driver], 1000), func(*Config) {}, "", 1000},
			{"one more", fmt.Sprintf(series[driver], 1001), func(*Config) {}, "more than 1000 rows (max_rows)", 0},
			{"endlessly more", fmt.Sprintf(series[driver], 100_000_000), func(*Config) {}, "more than 1000 rows (max_rows)", 0},
			{"allowed", fmt.Sprintf(series[driver], 100_000), func(c *Config) { c.MaxRows = 100_000 }, "", 100_000},
			{"bytes", "SELECT '" + strings.Repeat("x", 1025) + "' AS x", func(c *Config) { c.MaxBytes = 1024 }, "more than 1KiB of data (max_bytes)", 0},
			{"bytes allowed", "SELECT '" + strings.Repeat("x", 1024) + "' AS x", func(c *Config) { c.MaxBytes = 1024 }, "", 1},
		} {
			t.Run(driver+" "+c.name, func(t *testing.T) {
				config := config(driver, dsn, c.query)
				c.change(config)
				v, took, err := run(t, opened(t, config, 20*time.Second, nil), 20*time.Second)
				if got := fmt.Sprint(err); c.want != "" && got != c.want || c.want == "" && err != nil {
					t.Errorf("the error is %v, want %s", err, c.want)
				}
				if v.Count != c.rows || len(v.Rows) != c.rows {
					t.Errorf("there are %d rows, count %d, want %d", len(v.Rows), v.Count, c.rows)
				}
				if c.want != "" && took > 10*time.Second {
					t.Errorf("it took %v to stop reading", took)
				}
			})
		}
	}
	eventually(t, "postgres ends the statement", func() bool { return pg.running(t, "generate_series") == 0 })
	eventually(t, "mysql ends the statement", func() bool { return my.running(t, "seq_1_to") == 0 })
}

// TestRestart: the kept connections of a server that was restarted are replaced
// within the first probe after it.
func TestRestart(t *testing.T) {
	for _, start := range []func(*testing.T) *server{postgres, mariadb} {
		s := start(t)
		t.Run(s.name, func(t *testing.T) {
			shared := &checktypes.Shared{}
			var checks []checktypes.Probe
			for range 3 {
				checks = append(checks, opened(t, s.config("SELECT 1"), 10*time.Second, shared))
			}
			if shared.Len() != 1 {
				t.Errorf("three checks of a DSN have %d pools, want 1", shared.Len())
			}
			expect := func(want string) {
				t.Helper()
				for _, p := range checks {
					if _, _, err := run(t, p, 10*time.Second); (err == nil) != (want == "") || err != nil && !strings.HasSuffix(err.Error(), want) {
						t.Errorf("the error is %v, want %q", err, want)
					}
				}
			}
			expect("")
			s.stop()
			expect(fmt.Sprintf("cannot connect to 127.0.0.1:%d: connection refused", s.port))
			s.start(t)
			expect("")
			s.stop()
			s.start(t)
			expect("")
		})
	}
}

// TestFrozen: a server that keeps its connections and answers nothing delays a
// probe to its deadline, and another check of another server not at all.
func TestFrozen(t *testing.T) {
	for _, start := range []func(*testing.T) *server{postgres, mariadb} {
		s := start(t)
		t.Run(s.name, func(t *testing.T) {
			const after = 500 * time.Millisecond
			shared := &checktypes.Shared{}
			warm := opened(t, s.config("SELECT 1"), after, shared)
			if _, _, err := run(t, warm, 10*time.Second); err != nil {
				t.Fatal(err)
			}
			s.freeze(t)
			for range 2 { // over the kept connection, and over a new one
				_, took, err := run(t, warm, after)
				if err == nil || !strings.HasPrefix(err.Error(), "timed out after 500ms ") {
					t.Errorf("the error is %v", err)
				}
				if took > after+10*time.Second {
					t.Errorf("the probe took %v", took)
				}
			}
			s.thaw(t)
			if _, _, err := run(t, warm, 10*time.Second); err != nil {
				t.Errorf("after it goes on: %v", err)
			}
		})
	}
}

// TestSharedPool: a check whose statement hangs holds no other up.
func TestSharedPool(t *testing.T) {
	s := postgres(t)
	shared := &checktypes.Shared{}
	quick := opened(t, s.config("SELECT 1"), time.Minute, shared)
	ctx, cancel := context.WithCancel(t.Context())
	const hanging = 12
	ended := make(chan error)
	for range hanging {
		p := opened(t, s.config("SELECT pg_sleep(3600) AS hanging"), time.Minute, shared)
		go func() { _, err := p.Run(ctx); ended <- err }()
	}
	eventually(t, "all hang", func() bool { return s.running(t, "AS hanging") == hanging })
	if _, took, err := run(t, quick, time.Minute); err != nil || took > 20*time.Second {
		t.Errorf("the quick check took %v: %v", took, err)
	}
	cancel()
	for range hanging {
		if err := <-ended; err == nil {
			t.Error("a hanging check worked")
		}
	}
	eventually(t, "none is left", func() bool { return s.running(t, "AS hanging") == 0 })
}
