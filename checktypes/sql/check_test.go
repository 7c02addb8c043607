package sql

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"polyhealth/schema"
)

// readFile decodes and checks keys as the engine does.
func readFile(src string) (*Config, *schema.Reader) {
	r := schema.NewReader()
	doc := schema.Parse("checks.yaml", []byte(src), schema.Env{}, r)
	c := Type.NewConfig().(*Config)
	if d := r.Decode(doc.Root, c); d.OK {
		Type.Check(c, doc.Root, r)
	}
	return c, r
}

func TestCheck(t *testing.T) {
	const least = "driver: sqlite\ndsn: a.db\n"
	cases := []struct{ name, src, want string }{
		{"least", least + "query: SELECT 1\n", ""},
		{"all", "driver: postgres\ndsn: postgres://u:hidden@h/d\nquery: SELECT $1, $2, $3, $4, $5; DELETE\nargs: [1, 1.5, a, true, null]\nmax_rows: 5\nmax_bytes: 1KiB\ncolumns: {n: int, at: time}\n", ""},
		{"nothing", "args: []\n", "1:1: the file needs driver; 1:1: the file needs dsn; 1:1: the file needs query"},
		{"driver", "driver: sqlit\ndsn: a\nquery: b\n", `1:9: driver is one of sqlite, postgres, mysql, found the text "sqlit"`},
		{"dsn of another", "driver: sqlite\ndsn: postgres://u:hidden@h/d\nquery: b\n", "2:6: the dsn begins with postgres://, which is not for driver sqlite"},
		{"dsn that cannot be read", "driver: postgres\ndsn: postgres://u:hidden@h:x/d\nquery: b\n", "2:6: the dsn is not right for PostgreSQL: invalid port"},
		{"dsn is a list", "driver: postgres\ndsn: [a]\nquery: b\n", "2:6: dsn wants a text, found a list"},
		{"empty query", least + "query: ' '\n", "3:8: the query is empty"},
		{"two statements", least + "query: SELECT 1; SELECT 2\n", "3:8: the query is more than one statement"},
		{"no column's kind", least + "query: a\ncolumns: {n: integer}\n", `4:14: column n is of kind "integer", not one of int, float, string, bool, time`},
		{"no rows", least + "query: a\nmax_rows: 0\n", "4:11: max_rows is a number from 1 to 1000000, found 0"},
		{"args is one", least + "query: a\nargs: 5\n", "4:7: args is a list of values"},
		{"args hold a map", least + "query: a\nargs: [{a: b}]\n", "4:8: a value is a number, a text, true, false or null, not a map"},
		{"args hold infinity", least + "query: a\nargs: [.inf]\n", "4:8: .inf is not a number of 64 bits"},
		{"args hold too large a number", least + "query: a\nargs: [99999999999999999999]\n", "4:8: 99999999999999999999 is not a number of 64 bits"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, r := readFile(c.src)
			var got []string
			for _, d := range r.Diagnostics() {
				got = append(got, fmt.Sprintf("%d:%d: %s", d.Line, d.Column, d.Message))
			}
			if all := strings.Join(got, "; "); all != c.want {
				t.Errorf("the mistakes are %s, want %s", all, c.want)
			}
			var text strings.Builder
			if err := schema.WriteText(&text, r.Diagnostics(), false); err != nil || strings.Contains(text.String(), "hidden") {
				t.Errorf("the password is shown: %s (%v)", text.String(), err)
			}
		})
	}
}

// TestHiddenWhateverElse: a mistake elsewhere on the line shows no password.
func TestHiddenWhateverElse(t *testing.T) {
	_, r := readFile("{driver: sqlit, dsn: 'postgres://u:hidden@h/d', query: 5, args: no}\n")
	var text strings.Builder
	if err := schema.WriteText(&text, r.Diagnostics(), false); err != nil || strings.Contains(text.String(), "hidden") || !strings.Contains(text.String(), "sqlit") {
		t.Errorf("it prints %s (%v)", text.String(), err)
	}
}

// TestArgs: a value is what it is in the file, as the driver wants it.
func TestArgs(t *testing.T) {
	c, r := readFile("driver: sqlite\ndsn: a\nquery: SELECT ?,?,?,?,?,?,?,?,?,?,?\nargs: [1, -0x1F, 1_000, 1.5, 1e3, a, '5', true, False, null, ~]\n")
	want := Values{int64(1), int64(-31), int64(1000), 1.5, 1000.0, "a", "5", true, false, nil, nil}
	if diff := cmp.Diff(want, c.Args); diff != "" || r.Failed() {
		t.Errorf("%s %v", diff, r.Diagnostics())
	}
}

// TestShape: what is declared of the columns is known of all rows.
func TestShape(t *testing.T) {
	c, _ := readFile("driver: sqlite\ndsn: a\nquery: a\ncolumns: {n: int}\n")
	want := map[string]map[string]string{"row": {"n": "int"}, "rows": {"n": "int"}}
	if diff := cmp.Diff(want, Type.Shape(c)); diff != "" {
		t.Error(diff)
	}
	c.Columns = nil
	if got := Type.Shape(c); got != nil {
		t.Errorf("without columns the shape is %v", got)
	}
}

// TestPlaceholders: a statement is known to ask for so many values, or nothing is
// said of it (-1).
func TestPlaceholders(t *testing.T) {
	for _, c := range []struct {
		driver, query string
		want          int
	}{
		{"sqlite", "SELECT 1", 0},
		{"sqlite", "SELECT ?, '?', \"?\", [?], `?` -- ?\n, ? /* ? */", 2},
		{"sqlite", "SELECT ?2", -1},
		{"sqlite", "SELECT :name", -1},
		{"sqlite", "SELECT $name", -1},
		{"sqlite", `SELECT '\', ?`, 1},
		{"sqlite", "SELECT json_extract(a, '$.b') FROM t WHERE c = ?", 1},
		{"mysql", "SELECT ? FROM t WHERE a = '?' AND b = ?", 2},
		{"mysql", `SELECT '\'?', ?`, -1},
		{"mysql", "SELECT 1 # ?", -1},
		{"mysql", "SELECT 5--?", -1},
		{"mysql", "SELECT /*!50000 ? */ 1", -1},
		{"postgres", "SELECT $2, $1, $2 -- $3", 2},
		{"postgres", "SELECT $$ $1 $$", -1},
		{"postgres", "SELECT $a$ $1 $a$", -1},
		{"postgres", "SELECT a$1 FROM t", -1},
		{"postgres", "SELECT ARRAY[$1]", -1},
		{"postgres", "SELECT a ? 'b' FROM t WHERE c = $1", 1},
		{"postgres", "SELECT /* a /* $1 */ $2 */ 1", -1},
		{"postgres", "SELECT $", -1},
	} {
		n, certain := placeholders(c.driver, c.query)
		if !certain {
			n = -1
		}
		if n != c.want {
			t.Errorf("%s: %s: %d, want %d", c.driver, c.query, n, c.want)
		}
	}
}

func TestWrites(t *testing.T) {
	for query, want := range map[string]bool{
		"SELECT 1": false, "delete from t": true, " /* a */ -- b\n\tINSERT INTO t": true, "WITH a AS (SELECT 1) SELECT 1": false,
		"deleted": false, "-- nothing": false, "": false, "VALUES (1)": false, "CREATE TABLE t (a)": true,
		"replace(a, b, c)": true, "EXPLAIN DELETE FROM t": false, "PRAGMA user_version": false,
	} {
		if got := writes(query); got != want {
			t.Errorf("%q: %v", query, got)
		}
	}
}
