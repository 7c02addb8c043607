package sql

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestValues is what rules see of each type that databases have.
func TestValues(t *testing.T) {
	pg, my := postgres(t), mariadb(t)
	noon := time.Date(2026, 2, 3, 12, 0, 0, 0, time.UTC)
	cases := []struct {
		c    *Config
		want any
	}{
		{config("sqlite", ":memory:", "SELECT 1"), 1},
		{config("sqlite", ":memory:", "SELECT 9223372036854775807"), math.MaxInt64},
		{config("sqlite", ":memory:", "SELECT 1.5"), 1.5},
		{config("sqlite", ":memory:", "SELECT 9e999"), math.Inf(1)},
		{config("sqlite", ":memory:", "SELECT NULL"), nil},
		{config("sqlite", ":memory:", "SELECT 'a'"), "a"},
		{config("sqlite", ":memory:", "SELECT x'61ff62'"), "a\uFFFDb"},
		{config("sqlite", ":memory:", "SELECT 'a;b' -- and; more\n ; "), "a;b"},
		{config("sqlite", ":memory:", "SELECT typeof(?)", int64(1)), "integer"},
		{config("sqlite", ":memory:", "SELECT typeof(?)", 1.0), "real"},
		{config("sqlite", ":memory:", "SELECT typeof(?)", "1"), "text"},
		{config("sqlite", ":memory:", "SELECT typeof(?)", nil), "null"},
		{config("sqlite", file(t, "a.db", "CREATE TABLE t(at TIMESTAMP)", "INSERT INTO t VALUES ('2026-02-03 12:00:00')"), "SELECT at FROM t"), noon},
		{config("sqlite", file(t, "b.db", "CREATE TABLE t(at TIMESTAMP)", "INSERT INTO t VALUES ('soon')"), "SELECT at FROM t"), "soon"},
		{pg.config("SELECT 1::int2"), 1},
		{pg.config("SELECT 9223372036854775807"), math.MaxInt64},
		{pg.config("SELECT 1.5::numeric"), 1.5},
		{pg.config("SELECT 'NaN'::numeric"), nil},
		{pg.config("SELECT 'NaN'::float8"), nil},
		{pg.config("SELECT 'Infinity'::float8"), math.Inf(1)},
		{pg.config("SELECT 0.1::float4"), 0.1},
		{pg.config("SELECT true"), true},
		{pg.config("SELECT NULL::int"), nil},
		{pg.config("SELECT 'a'::text"), "a"},
		{pg.config("SELECT 'open'"), "open"},
		{pg.config("SELECT '\\x61ff'::bytea"), "a\uFFFD"},
		{pg.config("SELECT '{\"a\": 1}'::jsonb"), `{"a": 1}`},
		{pg.config("SELECT 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid"), "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
		{pg.config("SELECT ARRAY[1,2]"), "{1,2}"},
		{pg.config("SELECT interval '1 hour'"), "01:00:00"},
		{pg.config("SELECT '2026-02-03 13:00+01'::timestamptz"), noon},
		{pg.config("SELECT '2026-02-03 12:00'::timestamp"), noon},
		{pg.config("SELECT '2026-02-03'::date"), noon.Add(-12 * time.Hour)},
		{pg.config("SELECT 'infinity'::timestamp"), "infinity"},
		{pg.config("SELECT $1::timestamptz", "2026-02-03 13:00+01"), noon},
		{pg.config("SELECT $1::int + 1", int64(41)), 42},
		{my.config("SELECT 1"), 1},
		{my.config("SELECT 18446744073709551615"), float64(math.MaxUint64)},
		{my.config("SELECT 1.5"), 1.5},
		{my.config("SELECT CAST(0.1 AS FLOAT)"), 0.1},
		{my.config("SELECT CAST(0.1 AS DOUBLE)"), 0.1},
		{my.config("SELECT true"), 1},
		{my.config("SELECT b'101'"), "\x05"},
		{my.config("SELECT NULL"), nil},
		{my.config("SELECT 'ä'"), "ä"},
		{my.config("SELECT x'61ff'"), "a\uFFFD"},
		{my.config("SELECT JSON_OBJECT('a', 1)"), `{"a": 1}`},
		{my.config("SELECT TIMESTAMP '2026-02-03 12:00:00'"), noon},
		{my.config("SELECT TIME '12:00:00'"), "12:00:00"},
		{my.config("SELECT CAST('0000-00-00' AS DATETIME)"), nil},
		{my.config("SELECT ? + 1", int64(41)), 42},
		{my.config("SELECT CAST(? AS DATETIME)", "2026-02-03 12:00:00"), noon},
		{my.config("SELECT CONCAT(?, 1.5)", "a"), "a1.5"},
	}
	for _, c := range cases {
		t.Run(c.c.Driver+" "+c.c.Query, func(t *testing.T) {
			v, err := once(t, c.c)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, v.Value); diff != "" {
				t.Errorf("the value is %T %v, want %T %v", v.Value, v.Value, c.want, c.want)
			}
		})
	}
}

// TestColumns is how declared kinds convert values, and refuse them.
func TestColumns(t *testing.T) {
	noon := time.Date(2026, 2, 3, 12, 0, 0, 0, time.UTC)
	cases := []struct {
		value, kind string
		want        any
		message     string
	}{
		{"1", "int", 1, ""},
		{"2.0", "int", 2, ""},
		{"' 3 '", "int", 3, ""},
		{"NULL", "int", nil, ""},
		{"2.5", "int", nil, "the column n holds 2.5, which is not an int"},
		{"1e300", "int", nil, "the column n holds 1e+300, which is not an int"},
		{"'abc'", "int", nil, `the column n holds "abc", which is not an int`},
		{"''", "int", nil, `the column n holds "", which is not an int`},
		{"1", "float", 1.0, ""},
		{"'1.5'", "float", 1.5, ""},
		{"'NaN'", "float", nil, `the column n holds "NaN", which is not a float`},
		{"x'31'", "float", 1.0, ""},
		{"1", "string", "1", ""},
		{"1.5", "string", "1.5", ""},
		{"1", "bool", true, ""},
		{"0", "bool", false, ""},
		{"'f'", "bool", false, ""},
		{"2", "bool", nil, "the column n holds 2, which is not a bool"},
		{"'maybe'", "bool", nil, `the column n holds "maybe", which is not a bool`},
		{"'2026-02-03 12:00:00'", "time", noon, ""},
		{"'2026-02-03T13:00:00+01:00'", "time", noon, ""},
		{"'2026-02-03 12:00:00.5'", "time", noon.Add(time.Second / 2), ""},
		{"'2026-02-03 14:00:00+02'", "time", noon, ""},
		{"'2026-02-03'", "time", noon.Add(-12 * time.Hour), ""},
		{"1770120000", "time", noon, ""},
		{"1770120000.5", "time", noon.Add(time.Second / 2), ""},
		{"'noon'", "time", nil, `the column n holds "noon", which is not a time`},
	}
	for _, c := range cases {
		t.Run(c.value+" "+c.kind, func(t *testing.T) {
			config := config("sqlite", ":memory:", "SELECT "+c.value+" AS n, 2 AS other")
			config.Columns = map[string]string{"n": c.kind}
			v, err := once(t, config)
			if got := fmt.Sprint(err); c.message != "" && got != c.message || c.message == "" && err != nil {
				t.Fatalf("the error is %v, want %s", err, c.message)
			}
			if diff := cmp.Diff(c.want, v.Value); diff != "" {
				t.Error(diff)
			}
		})
	}
	missing := config("sqlite", ":memory:", "SELECT 1 AS m, 2 AS o WHERE false")
	missing.Columns = map[string]string{"n": "int"}
	if _, err := once(t, missing); err == nil || err.Error() != "the query returns no column n, but m, o" {
		t.Errorf("the error of a missing column is %v", err)
	}
}

// TestRows is the whole of what rules see.
func TestRows(t *testing.T) {
	v, err := once(t, config("sqlite", ":memory:", "SELECT 'b' AS z, 1 AS a UNION ALL SELECT 'c', 2 ORDER BY a"))
	if err != nil {
		t.Fatal(err)
	}
	rows := []map[string]any{{"z": "b", "a": 1}, {"z": "c", "a": 2}}
	if diff := cmp.Diff(Vars{Rows: rows, Row: rows[0], Value: "b", Count: 2}, v); diff != "" {
		t.Error(diff)
	}
	v, err = once(t, config("sqlite", ":memory:", "SELECT 1 WHERE false"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Vars{}, v); diff != "" {
		t.Error(diff)
	}
}

func TestSummary(t *testing.T) {
	cases := []struct{ query, want string }{
		{"SELECT 42", "value 42 in 3ms"},
		{"SELECT NULL", "value null in 3ms"},
		{"SELECT 0.5", "value 0.5 in 3ms"},
		{"SELECT 'two' || char(10, 7) || 'lines'", "value two lines in 3ms"},
		{"SELECT replace(hex(zeroblob(100)), '0', 'ä')", "value " + strings.Repeat("ä", 99) + "… in 3ms"},
		{"SELECT 1 WHERE false", "no rows in 3ms"},
		{"SELECT 1, 2", "1 row in 3ms"},
		{"SELECT 1 UNION SELECT 2", "2 rows in 3ms"},
	}
	for _, c := range cases {
		v, err := once(t, config("sqlite", ":memory:", c.query))
		if err != nil {
			t.Fatal(err)
		}
		v.Latency = 3 * time.Millisecond
		if got := summary(nil, &v); got != c.want {
			t.Errorf("%s: %s, want %s", c.query, got, c.want)
		}
	}
}
