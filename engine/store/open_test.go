package store

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"polyhealth/engine"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if path := os.Getenv("STORE_TEST_CHILD"); path != "" {
		child(path)
		return
	}
	goleak.VerifyTestMain(m)
}

// query is the rows of a query as text, by a connection of its own, as another
// program would read them.
func query(t testing.TB, path, text string, args ...any) (all []string) {
	t.Helper()
	db, err := sql.Open("sqlite", source(path, "ro", nil))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(text, args...)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer rows.Close()
	columns, _ := rows.Columns()
	for rows.Next() {
		values, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		texts := make([]string, len(columns))
		for i, v := range values {
			if texts[i] = v.String; !v.Valid {
				texts[i] = "NULL"
			}
		}
		all = append(all, strings.Join(texts, "|"))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func execute(t testing.TB, path, text string) {
	t.Helper()
	db, err := sql.Open("sqlite", source(path, "rwc", nil))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(text); err != nil {
		t.Fatal(err)
	}
}

func TestOpenMakesAPrivateFile(t *testing.T) {
	for _, name := range []string{"polyhealth.db", "with space.db", "100%.db", "what?mode=memory.db", "a#b.db", "ü.db"} {
		path := filepath.Join(t.TempDir(), name)
		s := openAt(t, path)
		s.Sync(newFeed(1).components())
		flushed(t, s)
		for _, suffix := range []string{"", "-wal", ".lock"} {
			info, err := os.Stat(path + suffix)
			if err != nil {
				t.Fatal(err)
			}
			if info.Mode().Perm() != 0o640 {
				t.Errorf("%s%s has mode %o, want 640", name, suffix, info.Mode().Perm())
			}
		}
		if n := len(query(t, path, "SELECT * FROM service_health")); n != 1 {
			t.Errorf("%s: another program finds %d components, want 1", name, n)
		}
		if _, err := s.LoadNotified(t.Context()); err != nil { // opens a connection to read
			t.Error(err)
		}
		closeStore(t, s)
		if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*-wal")); len(left) > 0 {
			t.Errorf("Close leaves %s", left)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	other := filepath.Join(dir, "other.db")
	execute(t, other, "CREATE TABLE markets (id)")
	newer := filepath.Join(dir, "newer.db")
	if s, err := Open(newer, Options{}); err != nil {
		t.Fatal(err)
	} else {
		closeStore(t, s)
	}
	whole, _ := os.ReadFile(newer)
	execute(t, newer, "PRAGMA user_version = 99")
	damaged := append([]byte{}, whole...)
	for i := 200; i < 4096; i++ {
		damaged[i] = 0x55
	}
	for _, c := range []struct{ path, want string }{
		{filepath.Join(dir, "nowhere", "p.db"), "there is no folder " + filepath.Join(dir, "nowhere")},
		{dir, "it is not a file"},
		{other, "it is the database of another program"},
		{newer, "it was written by a newer polyhealth (format 99, this one knows "},
		{file("text.db", []byte(strings.Repeat("no database\n", 1000))), "file is not a database"},
		{file("damaged.db", damaged), "malformed"},
		{file("cut.db", whole[:5000]), "malformed"},
		{filepath.Join("/proc", "p.db"), ""},
	} {
		before, _ := os.ReadFile(c.path)
		s, err := Open(c.path, Options{})
		if err == nil {
			closeStore(t, s)
			t.Errorf("%s was opened", c.path)
			continue
		}
		if want := "cannot open the database " + c.path + ": "; !strings.HasPrefix(err.Error(), want) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s… %s", c.path, err, want, c.want)
		}
		if after, _ := os.ReadFile(c.path); string(after) != string(before) {
			t.Errorf("%s was changed", c.path)
		}
	}
}

func TestOneDaemonADatabase(t *testing.T) {
	path := tempDB(t)
	s := openAt(t, path)
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	for _, by := range []string{path, link, filepath.Join(filepath.Dir(path), ".", "x", "..", filepath.Base(path))} {
		_, err := Open(by, Options{})
		want := fmt.Sprintf("is in use by another polyhealth (pid %d)", os.Getpid())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the second to open %s is told %v, want %q", by, err, want)
		}
	}
	closeStore(t, s)
	closeStore(t, openAt(t, path)) // free again
}

func TestServiceHealth(t *testing.T) {
	path := tempDB(t)
	s := openAt(t, path)
	f := newFeed(4)
	f.checks[3].Thresholds = engine.Thresholds{Degraded: 1, Unhealthy: 1, Healthy: 1}
	s.Sync(f.components())
	at := time.Date(2026, 7, 1, 14, 30, 0, 999, time.FixedZone("", 2*3600))
	s.Observe(f.event(1, engine.Healthy, 35*time.Millisecond, at))
	s.Observe(f.event(2, engine.Healthy, time.Millisecond, at))
	ev := f.event(2, engine.Unhealthy, time.Millisecond, at.Add(time.Second))
	ev.Component.Metadata = []byte(`{"n":1}`)
	s.Observe(ev)
	s.Observe(f.event(3, engine.Unhealthy, time.Millisecond, at))
	flushed(t, s)
	const refused = "connect to 10.1.2.3:8080: connection refused"
	expect(t, query(t, path, `SELECT service_name, status, last_check, last_success, consecutive_failures,
		error_message, metadata FROM service_health ORDER BY service_name`),
		"check-00000|unknown|NULL|NULL|0|not probed yet|{}",
		"check-00001|healthy|2026-07-01T12:30:00Z|2026-07-01T12:30:00Z|0|NULL|{}",
		"check-00002|degraded|2026-07-01T12:30:01Z|2026-07-01T12:30:00Z|1|"+refused+`|{"n":1}`,
		"check-00003|unhealthy|2026-07-01T12:30:00Z|NULL|1|"+refused+"|{}")

	f.checks = f.checks[1:3] // a reload
	s.Sync(f.components())
	s.Observe(engine.Event{Check: &engine.Check{Name: "check-00003"}, Component: ev.Component}) // came late
	flushed(t, s)
	expect(t, query(t, path, `SELECT service_name FROM service_health ORDER BY 1`), "check-00001", "check-00002")

	closeStore(t, s)
	s = openAt(t, path) // with a file that names others
	expectKeys(t, s.Load(), "check-00001", "check-00002")
	other := newFeed(1)
	s.Sync(other.components())
	flushed(t, s)
	expect(t, query(t, path, `SELECT service_name FROM service_health`), "check-00000")
	closeStore(t, s)
	s = openAt(t, path)
	expectKeys(t, s.Load()) // what came back would begin anew, and is not known before its first result
}

func expect(t testing.TB, got []string, want ...string) {
	t.Helper()
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("got\n%s\nwant\n%s", g, w)
	}
}

func expectKeys(t testing.TB, got map[string]engine.Saved, want ...string) {
	t.Helper()
	for _, name := range want {
		if _, ok := got[name]; !ok {
			t.Errorf("%s is not known", name)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d components are known, want %d", len(got), len(want))
	}
}
