package sql

import (
	"slices"
	"strings"
	"testing"
)

// TestSecrets: no part of a DSN that may be a password stays unknown.
func TestSecrets(t *testing.T) {
	cases := []struct {
		dsn  string
		want []string
	}{
		{"postgres://u:pass@h/db", []string{"pass"}},
		{"postgresql+asyncpg://u:pa%40ss@h/db", []string{"pa%40ss", "pa@ss"}},
		{"postgres://u:sec:ret@h:port/db", []string{"sec:ret"}},
		{"postgres://h/db?user=u&password=pa%20ss&sslmode=disable", []string{"pa%20ss", "pa ss"}},
		{"postgres://h/db?sslpassword=keypass", []string{"keypass"}},
		{"host=h user=u password=pass dbname=d", []string{"pass"}},
		{`host=h password = 'pa ss\'s' dbname=d`, []string{"pa ss's"}},
		{"u:pass@tcp(h:3306)/db", []string{"pass"}},
		{"u:p@ss/w:rd@tcp(h)/db?x=a@b", []string{"p@ss/w:rd"}},
		{"mysql://u:pa%2Fss@h/db", []string{"pa%2Fss", "pa/ss"}},
		{"u:pass@tcp(h:3306", []string{"pass"}},
		{"u:pass@h:3306/db", []string{"pass"}},
		{"postgres://u:pass@h/db", []string{"pass"}},
	}
	for _, c := range cases {
		got := secrets(c.dsn)
		for _, want := range c.want {
			if !slices.Contains(got, want) {
				t.Errorf("%s: the secrets are %q, and %q is none of them", c.dsn, got, want)
			}
		}
	}
	for _, dsn := range []string{"polymarket.db", "/var/lib/a b/x@y.db", "/srv/a:b@c/d.db", "./a:b@c", "file:a.db", "postgres://u@h/db", "host=h user=u", "u@tcp(h)/db", ":memory:"} {
		if got := secrets(dsn); len(got) > 0 {
			t.Errorf("%s: the secrets are %q, want none", dsn, got)
		}
	}
}

// TestCheckDSN is what the file's reader learns of a DSN before any server does.
func TestCheckDSN(t *testing.T) {
	cases := []struct{ driver, dsn, want string }{
		{"sqlite", "a.db", ""},
		{"sqlite", ":memory:", ""},
		{"sqlite", "file:a%20b.db?mode=ro&immutable=1&cache=private", ""},
		{"sqlite", "file:a.db?_pragma=journal_mode(WAL)", "the dsn has the parameter _pragma, which a check cannot use"},
		{"sqlite", "file://host/a.db", "the dsn names a host, but an SQLite file is on this machine"},
		{"sqlite", "file:a%zz.db", "the dsn's path has a % that is not followed by two hexadecimal digits"},
		{"sqlite", "file:?mode=ro", "the dsn names no file"},
		{"sqlite", "file:a%00b", "the dsn's path holds a NUL character"},
		{"sqlite", "postgres://u:hidden@h/db", "the dsn begins with postgres://, which is not for driver sqlite"},
		{"postgres", "mysql://u:hidden@h/db", "the dsn begins with mysql://, which is not for driver postgres"},
		{"postgres", "postgres://u:hidden@h:5432/db?sslmode=disable", ""},
		{"postgres", "postgresql+psycopg://u:hidden@h1,h2:5433/db", ""},
		{"postgres", "host=/run/postgresql dbname=d", ""},
		{"postgres", "postgres://u:hidden@h:5432x/db", "the dsn is not right for PostgreSQL: invalid port"},
		{"postgres", "postgres://u:hid:den@h:99999/db", "the dsn is not right for PostgreSQL: invalid port"},
		{"postgres", "postgres://h/db?sslmode=always", "the dsn is not right for PostgreSQL: failed to configure TLS (sslmode is invalid)"},
		{"postgres", "postgres://h/db?connect_timeout=soon", "the dsn is not right for PostgreSQL: invalid connect_timeout"},
		{"postgres", "just words hidden", "the dsn is not right for PostgreSQL: failed to parse as keyword/value"},
		{"postgres", "postgres://h/db?sslrootcert=/elsewhere/ca.pem&sslmode=verify-full", ""},
		{"mysql", "u:hidden@tcp(h:3306)/db", ""},
		{"mysql", "u:hidden@unix(/run/mysqld/mysqld.sock)/db?timeout=1s", ""},
		{"mysql", "mysql://u:hidden@h:3306/db?charset=utf8mb4", ""},
		{"mysql", "mysql://u:hidden@[::1]:3306/db", ""},
		{"mysql", "mysql+pymysql://h", ""},
		{"mysql", "u:hidden@h:3306/db", "the dsn is not right for MySQL: default addr for network 'h:3306' unknown"},
		{"mysql", "u:hidden@tcp(h:3306)", "the dsn is not right for MySQL: missing the slash separating the database name"},
		{"mysql", "mysql://u:hidden@::1/db", "the dsn is not right for MySQL: the URL's host and port cannot be read"},
		{"mysql", "u:hidden@tcp(h)/db?tls=nosuch", "the dsn is not right for MySQL: invalid value / unknown config name: nosuch"},
		{"mysql", "postgres://h/db", "the dsn begins with postgres://, which is not for driver mysql"},
		{"mysql", "a\x00b", "the dsn holds a NUL character"},
	}
	for _, c := range cases {
		got, _ := checkDSN(c.driver, c.dsn)
		if got != c.want {
			t.Errorf("%s %s: %q, want %q", c.driver, c.dsn, got, c.want)
		}
		if strings.Contains(got, "hidden") || strings.Contains(got, "hid:den") {
			t.Errorf("%s: the password is shown: %s", c.dsn, got)
		}
	}
}

// TestMySQLURL: the URL and the driver's own form name the same server.
func TestMySQLURL(t *testing.T) {
	s := mariadb(t)
	url := "mysql://probe:s3cr3t%2Fw%40rd@" + strings.TrimSuffix(strings.SplitN(s.dsn, "@tcp(", 2)[1], ")/markets") + "/markets"
	for _, dsn := range []string{s.dsn, url} {
		if v, err := once(t, config("mysql", dsn, "SELECT CONCAT(DATABASE(), ' ', USER())")); err != nil || v.Value != "markets probe@127.0.0.1" {
			t.Errorf("%s: value %v, error %v", dsn, v.Value, err)
		}
	}
}

func TestOneStatement(t *testing.T) {
	one := []string{
		"SELECT 1", "SELECT 1;", " SELECT 1 ; ;; ", "SELECT ';'", `SELECT ";" FROM t`, "SELECT `;`", "SELECT [;]",
		"SELECT 1 -- ; DELETE", "SELECT 1; -- DELETE", "SELECT 1; /* ; DELETE */", "/* ; */ SELECT 1", "SELECT 'it''s; fine';",
		"SELECT 1 /* open", "", ";", "SELECT 6 / 2; ",
	}
	more := []string{
		"SELECT 1; DELETE FROM t", "SELECT ';'; DELETE FROM t", "SELECT 1; -- x\nDELETE FROM t", "SELECT 1;/**/DELETE FROM t",
		"SELECT 'a''b'; x", ";SELECT 1", "SELECT 1; 'x'", "SELECT 1; - 1",
	}
	for _, q := range one {
		if !oneStatement(q) {
			t.Errorf("%q is taken for more than one statement", q)
		}
	}
	for _, q := range more {
		if oneStatement(q) {
			t.Errorf("%q is taken for one statement", q)
		}
	}
}
