package sql

import (
	"context"
	stdsql "database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"polyhealth/checktypes"
	"polyhealth/checktypes/checktest"
)

// config is a check of driver as the file would make it.
func config(driver, dsn, query string, args ...any) *Config {
	c := Type.NewConfig().(*Config)
	c.Driver, c.DSN, c.Query, c.Args = driver, Address(dsn), query, args
	return c
}

func (s *server) config(query string, args ...any) *Config {
	return config(s.name, s.dsn, query, args...)
}

// open is an opened check, closed at the test's end.
func opened(t *testing.T, c *Config, timeout time.Duration, shared *checktypes.Shared) checktypes.Probe {
	t.Helper()
	p, err := Type.Open(c, checktypes.Env{Name: t.Name(), Dir: t.TempDir(), Timeout: timeout, Shared: shared})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// run probes once, and says how long it took.
func run(t *testing.T, p checktypes.Probe, timeout time.Duration) (Vars, time.Duration, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	start := time.Now()
	facts, err := p.Run(ctx)
	return facts.Env().(Vars), time.Since(start), err
}

// once opens, probes and closes.
func once(t *testing.T, c *Config) (Vars, error) {
	t.Helper()
	v, _, err := run(t, opened(t, c, 20*time.Second, nil), 20*time.Second)
	return v, err
}

// file is an SQLite database made by statements.
func file(t *testing.T, name string, statements ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	db := writer(t, path)
	defer db.Close()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	return path
}

// writer is a program that writes to an SQLite file, over one connection.
func writer(t *testing.T, path string) *stdsql.DB {
	t.Helper()
	db, err := stdsql.Open("sqlite", sqliteFile{path: path}.uri()[:strings.Index(sqliteFile{path: path}.uri(), "?")])
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return db
}

// eventually waits for what another process does.
func eventually(t *testing.T, what string, true func() bool) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); !true(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within 5s: %s", what)
		}
	}
}

const endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"

func TestConformSQLite(t *testing.T) {
	checktest.Conform(t, Type, checktest.Cases{
		Good: func(t *testing.T) any {
			return config("sqlite", file(t, "a.db", "CREATE TABLE t(n)", "INSERT INTO t VALUES (42)"), "SELECT n FROM t")
		},
		Hanging: func(t *testing.T) any { return config("sqlite", ":memory:", endless) },
		Dead:    func(t *testing.T) any { return config("sqlite", "missing.db", "SELECT 1") },
	})
}

func TestConformPostgres(t *testing.T) {
	s := postgres(t)
	checktest.Conform(t, Type, checktest.Cases{
		Good:    func(t *testing.T) any { return s.config("SELECT $1::int", "42") },
		Hanging: func(t *testing.T) any { return s.config("SELECT pg_sleep(3600)") },
		Dead: func(t *testing.T) any {
			return config("postgres", fmt.Sprintf("postgres://probe@127.0.0.1:%d/x", freePort(t)), "SELECT 1")
		},
	})
}

func TestConformMySQL(t *testing.T) {
	s := mariadb(t)
	checktest.Conform(t, Type, checktest.Cases{
		Good:    func(t *testing.T) any { return s.config("SELECT ?", 42) },
		Hanging: func(t *testing.T) any { return s.config("SELECT SLEEP(3600)") },
		Dead: func(t *testing.T) any {
			return config("mysql", fmt.Sprintf("probe@tcp(127.0.0.1:%d)/x", freePort(t)), "SELECT 1")
		},
	})
}

// TestErrors is what a person reads when a query fails.
func TestErrors(t *testing.T) {
	path := file(t, "a.db", "CREATE TABLE markets(id INTEGER, name TEXT)", "INSERT INTO markets VALUES (1, 'x')")
	garbage := filepath.Join(t.TempDir(), "garbage")
	os.WriteFile(garbage, []byte(strings.Repeat("not a database ", 100)), 0o600)
	port := freePort(t)
	cases := []struct {
		name string
		c    *Config
		want string // %s is the file
	}{
		{"no table", config("sqlite", path, "SELECT * FROM trades"), "query failed: no such table: trades"},
		{"syntax", config("sqlite", path, "SELEC 1"), `query failed: near "SELEC": syntax error`},
		{"delete", config("sqlite", path, "DELETE FROM markets"), "query failed: a check cannot write: attempt to write a readonly database"},
		{"insert returning", config("sqlite", path, "INSERT INTO markets VALUES (2, 'y') RETURNING id"), "query failed: a check cannot write: attempt to write a readonly database"},
		{"ddl", config("sqlite", path, "CREATE TABLE x(y)"), "query failed: a check cannot write: attempt to write a readonly database"},
		{"in memory too", config("sqlite", ":memory:", "CREATE TABLE x(y)"), "query failed: a check cannot write: attempt to write a readonly database"},
		{"attach", config("sqlite", path, "ATTACH 'other.db' AS other"), "query failed: too many attached databases - max 0"},
		{"vacuum into", config("sqlite", path, "VACUUM INTO 'other.db'"), "query failed: cannot VACUUM from within a transaction"},
		{"argument missing", config("sqlite", path, "SELECT ? , ?", 1), "query failed: missing argument with index 2"},
		{"not a database", config("sqlite", garbage, "SELECT 1 FROM x"), "query failed: file is not a database"},
		{"a folder", config("sqlite", filepath.Dir(path), "SELECT 1"), filepath.Dir(path) + " is a folder"},
		{"missing", config("sqlite", path+"x", "SELECT 1"), "no such file: " + path + "x"},
		{"missing folder", config("sqlite", path+"x/y", "SELECT 1"), "no such file: " + path + "x/y"},
		{"two of a name", config("sqlite", path, "SELECT id, name AS id FROM markets"), "the query returns two columns named id: rename one with AS"},
		{"no columns", config("sqlite", path, "PRAGMA foreign_keys = 1"), "the query returns no columns"},
		{"postgres refused", config("postgres", fmt.Sprintf("postgres://127.0.0.1:%d/x", port), "SELECT 1"), fmt.Sprintf("cannot connect to 127.0.0.1:%d: connection refused", port)},
		{"postgres sockets", config("postgres", "host=/nowhere", "SELECT 1"), "cannot connect to /nowhere/.s.PGSQL.5432: no such file or directory"},
		{"mysql refused", config("mysql", fmt.Sprintf("mysql://127.0.0.1:%d/x", port), "SELECT 1"), fmt.Sprintf("cannot connect to 127.0.0.1:%d: connection refused", port)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := once(t, c.c)
			if err == nil || err.Error() != c.want {
				t.Errorf("the error is  %v\nwant          %s", err, c.want)
			}
		})
	}
}

// TestServerErrors is TestErrors for what only a server can say.
func TestServerErrors(t *testing.T) {
	pg, my := postgres(t), mariadb(t)
	pg.exec(t, "CREATE TABLE IF NOT EXISTS errors(n int)")
	my.exec(t, "CREATE TABLE IF NOT EXISTS markets.errors(n int)",
		"CREATE OR REPLACE PROCEDURE markets.sly() BEGIN COMMIT; INSERT INTO errors VALUES (1); END")
	cases := []struct {
		c    *Config
		want []string // parts of the message
	}{
		{pg.config("SELECT * FROM trades"), []string{`query failed: relation "trades" does not exist`}},
		{pg.config("DELETE FROM errors"), []string{"query failed: cannot execute DELETE in a read-only transaction"}},
		{pg.config("CREATE TABLE x(y int)"), []string{"query failed: cannot execute CREATE TABLE in a read-only transaction"}},
		{pg.config("SELECT 1; DELETE FROM errors"), []string{"query failed: only one statement can be run"}},
		{pg.config("COMMIT; DELETE FROM errors"), []string{"query failed: only one statement can be run"}},
		{pg.config("SELECT $1::int"), []string{"query failed: expected 1 arguments, got 0"}},
		{pg.config("SELECT repeat('x', 70000000)"), []string{"query failed: a row is larger than 64MiB"}},
		{my.config("SELECT * FROM trades"), []string{"query failed: Table 'markets.trades' doesn't exist"}},
		{my.config("DELETE FROM errors"), []string{"query failed: Cannot execute statement in a READ ONLY transaction"}},
		{my.config("CREATE TABLE x(y int)"), []string{"query failed: Cannot execute statement in a READ ONLY transaction"}},
		{my.config("CALL sly()"), []string{"query failed: Cannot execute statement in a READ ONLY transaction"}},
		{my.config("SELECT 1; DELETE FROM errors"), []string{"query failed: You have an error in your SQL syntax", "near 'DELETE FROM errors'"}},
		{config("mysql", my.dsn+"?multiStatements=true", "SELECT 1; DELETE FROM errors"), []string{"query failed: You have an error in your SQL syntax"}},
		{config("postgres", pg.dsn+"?default_query_exec_mode=simple_protocol", "SELECT 1; DELETE FROM errors"), []string{"only one statement"}},
		{config("postgres", strings.Replace(pg.dsn, "s3cr3t", "wrong", 1), "SELECT 1"), []string{fmt.Sprintf(`cannot connect to 127.0.0.1:%d: password authentication failed for user "probe"`, pg.port)}},
		{config("mysql", strings.Replace(my.dsn, "s3cr3t", "wrong", 1), "SELECT 1"), []string{fmt.Sprintf("cannot connect to 127.0.0.1:%d: Access denied for user 'probe'@", my.port)}},
		{config("postgres", pg.dsn+"?sslmode=require", "SELECT 1"), []string{"cannot connect to 127.0.0.1", "server refused TLS connection"}},
		{config("mysql", my.dsn+"?tls=true", "SELECT 1"), []string{"cannot connect to 127.0.0.1", "TLS requested but server does not support TLS"}},
	}
	for _, c := range cases {
		t.Run(c.c.Driver+" "+c.c.Query, func(t *testing.T) {
			_, err := once(t, c.c)
			for _, want := range c.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("the error is %v, want one with %s", err, want)
				}
			}
			if err != nil && (strings.Contains(err.Error(), "wrong") || strings.Contains(err.Error(), "w@rd")) {
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
	for _, s := range []*server{pg, my} {
		if v, err := once(t, s.config("SELECT count(*) FROM errors")); err != nil || v.Value != 0 {
			t.Errorf("%s: after all there are %v rows (%v), want 0", s.name, v.Value, err)
		}
	}
}
