package cli

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"
)

// sqlFaults are of SQLite, which every machine has.
func sqlFaults(t *testing.T, dir string) []fault {
	t.Helper()
	const count = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c"
	twoRows(t, filepath.Join(dir, "victim.db"))
	twoRows(t, filepath.Join(dir, "locked.db"))
	lock(t, filepath.Join(dir, "locked.db"))
	asks := func(dsn, query, more string) string {
		return "sql: {driver: sqlite, dsn: '" + dsn + "', query: '" + query + "'" + more + "}"
	}
	return []fault{
		{"sql-endless", asks(":memory:", count+") SELECT max(n) FROM c", "") + ", timeout: 900ms", "unhealthy", "timed out after 900ms running the query"},
		{"sql-locked", asks("locked.db", "SELECT n FROM t", "") + ", timeout: 900ms", "unhealthy", ""}, // locked, or out of time: a race where much is going on
		{"sql-many", asks(":memory:", count+" LIMIT 100000) SELECT n FROM c", ""), "unhealthy", "more than 1000 rows (max_rows)"},
		{"sql-many-asked-for", asks(":memory:", count+" LIMIT 100000) SELECT n FROM c", ", max_rows: 100000") +
			", timeout: 1m, rules: {unhealthy: count != 100000}", "healthy", "100000"},
		{"sql-deletes", asks("victim.db", "WITH old AS (SELECT 1) DELETE FROM t", ""), "unhealthy", "query failed: "},
		{"sql-absent", asks("absent.db", "SELECT 1", ""), "unhealthy", "no such file"},
	}
}

// sqlUntouched looks whether the probes have changed what they must not.
func sqlUntouched(t *testing.T, dir string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(dir, "absent.db")); err == nil {
		t.Error("a probe made a database")
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "victim.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var n int
	if err := db.QueryRow("SELECT count(*) FROM t").Scan(&n); n != 2 {
		t.Errorf("%d rows of 2 are left (%v)", n, err)
	}
}

// twoRows makes a database with two rows.
func twoRows(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("CREATE TABLE t(n); INSERT INTO t VALUES (1), (2)"); err != nil {
		t.Fatal(err)
	}
}

// lock locks a database as a program in the middle of a long transaction does,
// until the test ends.
func lock(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1) // which BEGIN and what follows share
	if _, err := db.Exec("BEGIN EXCLUSIVE"); err != nil {
		t.Fatal(err)
	}
}
