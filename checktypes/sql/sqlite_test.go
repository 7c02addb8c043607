package sql

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"polyhealth/checktypes"
)

// names are what lies in a folder.
func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return strings.Join(all, " ")
}

func TestSQLitePaths(t *testing.T) {
	for _, name := range []string{
		"plain.db", "two words.db", "what?.db", "a#b.db", "100%25.db", "a&mode=rwc.db", "ünï.db", "quo'te\".db", "semi;.db", "plus+.db", "file:x.db", ":x.db",
	} {
		t.Run(name, func(t *testing.T) {
			path := file(t, name, "CREATE TABLE t(n)", "INSERT INTO t VALUES (7)")
			dir := filepath.Dir(path)
			for _, dsn := range []string{path, "file:" + strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)} {
				v, err := once(t, config("sqlite", dsn, "SELECT n FROM t"))
				if err != nil || v.Value != 7 {
					t.Errorf("%s: value %v, error %v", dsn, v.Value, err)
				}
			}
			if got := names(t, dir); got != name {
				t.Errorf("the folder holds %s", got)
			}
		})
	}
}

// TestSQLiteRelative: the file's own folder counts, not the process's.
func TestSQLiteRelative(t *testing.T) {
	dir := filepath.Dir(file(t, "a.db", "CREATE TABLE t(n)", "INSERT INTO t VALUES (7)"))
	for _, dsn := range []string{"a.db", "./a.db", "file:a.db", "file:a.db?mode=rwc", "sqlite:///a.db", "sqlite+aiosqlite:///a.db?x=y", "sqlite:///" + dir + "/a.db"} {
		p, err := Type.Open(config("sqlite", dsn, "SELECT n FROM t"), checktypes.Env{Dir: dir, Timeout: time.Second})
		if err != nil {
			t.Fatal(err)
		}
		if v, _, err := run(t, p, time.Second); err != nil || v.Value != 7 {
			t.Errorf("%s: value %v, error %v", dsn, v.Value, err)
		}
		p.Close()
	}
}

func TestSQLiteMissingFileIsNotCreated(t *testing.T) {
	dir := t.TempDir()
	for _, dsn := range []string{dir + "/a.db", "file:" + dir + "/a.db?mode=rwc", dir + "/a.db?mode=rwc"} {
		if _, err := once(t, config("sqlite", dsn, "SELECT 1")); err == nil || !strings.HasPrefix(err.Error(), "no such file: "+dir+"/a.db") {
			t.Errorf("%s: the error is %v", dsn, err)
		}
	}
	if got := names(t, dir); got != "" {
		t.Errorf("the folder holds %s", got)
	}
}

// TestSQLiteReplaced: what lies at the path now is what counts.
func TestSQLiteReplaced(t *testing.T) {
	path := file(t, "a.db", "CREATE TABLE t(n)", "INSERT INTO t VALUES (1)")
	other := file(t, "b.db", "CREATE TABLE t(n)", "INSERT INTO t VALUES (2)")
	p := opened(t, config("sqlite", path, "SELECT n FROM t"), time.Second, nil)
	expect := func(value any, message string) {
		t.Helper()
		v, _, err := run(t, p, time.Second)
		if v.Value != value || (err != nil) != (message != "") || err != nil && err.Error() != message {
			t.Errorf("value %v, error %v, want %v and %q", v.Value, err, value, message)
		}
	}
	expect(1, "")
	if err := os.Rename(other, path); err != nil {
		t.Fatal(err)
	}
	expect(2, "")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	expect(nil, "no such file: "+path)
}

func TestSQLiteLocked(t *testing.T) {
	const after = 2 * time.Second
	path := file(t, "a.db", "CREATE TABLE t(n)")
	db := writer(t, path)
	if _, err := db.Exec("BEGIN EXCLUSIVE"); err != nil {
		t.Fatal(err)
	}
	p := opened(t, config("sqlite", path, "SELECT count(*) FROM t"), after, nil)
	_, took, err := run(t, p, after)
	if err == nil || err.Error() != "database is locked" || took > after || took < after/2 {
		t.Errorf("after %v the error is %v", took, err)
	}
	time.AfterFunc(after/4, func() { db.Exec("COMMIT") })
	if v, _, err := run(t, p, 10*time.Second); err != nil || v.Value != 0 {
		t.Errorf("once it is free: value %v, error %v", v.Value, err)
	}
}

// TestSQLiteWAL reads beside a program that writes all the time.
func TestSQLiteWAL(t *testing.T) {
	path := file(t, "a.db", "PRAGMA journal_mode = WAL", "CREATE TABLE t(n)", "INSERT INTO t VALUES (0)")
	db := writer(t, path)
	ctx, cancel := context.WithCancel(t.Context())
	var writing sync.WaitGroup
	writing.Go(func() {
		for ctx.Err() == nil {
			if _, err := db.Exec("UPDATE t SET n = n + 1"); err != nil {
				t.Error(err)
				return
			}
		}
	})
	p := opened(t, config("sqlite", path, "SELECT n FROM t"), 5*time.Second, nil)
	last := -1
	for range 200 {
		v, _, err := run(t, p, 5*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if n := v.Value.(int); n < last {
			t.Fatalf("it went back from %d to %d", last, n)
		} else {
			last = n
		}
	}
	cancel()
	writing.Wait()
	var n int
	if err := db.QueryRow("SELECT n FROM t").Scan(&n); err != nil {
		t.Fatal(err)
	}
	if v, _, err := run(t, p, time.Second); err != nil || v.Value != n || n == 0 {
		t.Errorf("the writer wrote %d, and the check reads %v (%v)", n, v.Value, err)
	}
	if _, err := db.Exec("PRAGMA journal_mode = DELETE"); err != nil {
		t.Errorf("between two probes the writer cannot leave WAL mode: %v", err)
	}
}

// TestSQLiteSimultaneous: checks of one file do not disturb each other, an
// interrupted one least of all.
func TestSQLiteSimultaneous(t *testing.T) {
	path := file(t, "a.db", "CREATE TABLE t(n)", "INSERT INTO t VALUES (7)")
	shared := &checktypes.Shared{}
	var all sync.WaitGroup
	for i := range 16 {
		query, after := "SELECT n FROM t", 10*time.Second
		if i%4 == 0 {
			query, after = endless, 100*time.Millisecond
		}
		p := opened(t, config("sqlite", path, query), after, shared)
		all.Go(func() {
			for range 10 {
				_, _, err := run(t, p, after)
				if i%4 == 0 && !checktypesTimeout(err) || i%4 != 0 && err != nil {
					t.Errorf("%s: %v", query, err)
				}
			}
		})
	}
	all.Wait()
}

func checktypesTimeout(err error) bool {
	return err != nil && strings.HasPrefix(err.Error(), "timed out ")
}

// TestSQLiteWithoutDescriptors: that polyhealth has no file descriptor left is not the
// database's fault. It runs in a process of its own, which has few.
func TestSQLiteWithoutDescriptors(t *testing.T) {
	const inner = "POLYHEALTH_TEST_DESCRIPTORS"
	if os.Getenv(inner) == "" {
		cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v")
		cmd.Env = append(os.Environ(), inner+"=1")
		if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	path := file(t, "a.db", "CREATE TABLE t(n)", "INSERT INTO t VALUES (7)")
	c := config("sqlite", path, "SELECT n FROM t")
	if _, err := once(t, c); err != nil {
		t.Fatal(err)
	}
	var held []*os.File
	for {
		f, err := os.Open(os.DevNull)
		if err != nil {
			break
		}
		if held = append(held, f); len(held) == 1 {
			few := syscall.Rlimit{Cur: uint64(f.Fd()) + 20, Max: uint64(f.Fd()) + 20}
			if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &few); err != nil {
				t.Fatal(err)
			}
		}
	}
	for len(held) > 0 {
		if _, err := once(t, c); err != nil && !checktypes.IsOwnFault(err) {
			t.Errorf("with %d of its descriptors taken the database is blamed: %v", len(held), err)
		}
		held[len(held)-1].Close()
		held = held[:len(held)-1]
	}
}

// TestSQLiteUnprivileged is what a user sees who may read and not write: root is
// never refused anything.
func TestSQLiteUnprivileged(t *testing.T) {
	const inner = "POLYHEALTH_TEST_UNPRIVILEGED"
	if os.Getuid() == 0 && os.Getenv(inner) == "" {
		cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v")
		cmd.Env = []string{inner + "=1", "TMPDIR=/tmp"}
		cmd.Dir = "/"
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
			t.Errorf("as nobody: %v\n%s", err, out)
		}
		return
	}
	walled := "unable to open the database file; in WAL mode its folder must be writable, or -wal and -shm files be there already"
	for _, c := range []struct {
		name       string
		journal    string
		live       bool // a program has it open
		file, dir  os.FileMode
		dsn        string
		want       string // the error
		ownFault   bool
		afterwards string // what the folder holds
	}{
		{"read-only folder", "DELETE", false, 0o400, 0o500, "%s", "", false, "a.db"},
		{"WAL", "WAL", false, 0o400, 0o500, "%s", "query failed: " + walled, false, "a.db"},
		{"WAL in use", "WAL", true, 0o400, 0o500, "%s", "", false, "a.db a.db-shm a.db-wal"},
		{"WAL of a snapshot", "WAL", false, 0o400, 0o500, "file:%s?immutable=1", "", false, "a.db"},
		{"unreadable file", "DELETE", false, 0, 0o500, "%s", "cannot open %s: permission denied", true, "a.db"},
		{"unreadable folder", "DELETE", false, 0o400, 0, "%s", "cannot open %s: permission denied", true, "a.db"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := file(t, "a.db", "PRAGMA journal_mode = "+c.journal, "CREATE TABLE t(n)", "INSERT INTO t VALUES (7)")
			dir := filepath.Dir(path)
			if c.live {
				if _, err := writer(t, path).Exec("INSERT INTO t VALUES (8)"); err != nil {
					t.Fatal(err)
				}
			}
			os.Chmod(path, c.file)
			os.Chmod(dir, c.dir)
			t.Cleanup(func() { os.Chmod(dir, 0o700) })
			_, err := once(t, config("sqlite", fmt.Sprintf(c.dsn, path), "SELECT n FROM t"))
			want := strings.ReplaceAll(c.want, "%s", path)
			if want == "" && err != nil || want != "" && (err == nil || err.Error() != want) {
				t.Errorf("the error is %v, want %s", err, want)
			}
			if checktypes.IsOwnFault(err) != c.ownFault {
				t.Errorf("own fault: %v", !c.ownFault)
			}
			os.Chmod(dir, 0o700)
			if got := names(t, dir); got != c.afterwards {
				t.Errorf("the folder holds %s", got)
			}
		})
	}
}
