package sql

import (
	"fmt"
	"strings"

	"polyhealth/checktypes"
	"polyhealth/schema"
)

// Type is the sql check type.
var Type = checktypes.Define(checktypes.Definition[Config, Vars]{
	Name: "sql",
	Doc:  "Asks a database with one read-only statement and looks at the rows of its answer.",
	Defaults: Config{
		MaxRows:  1000,
		MaxBytes: 1 << 20,
	},
	Check:   check,
	Shape:   shape,
	Open:    open,
	Judge:   func(*Config, *Vars) checktypes.Status { return checktypes.Healthy },
	Derive:  derive,
	Summary: summary,
})

// Config is what the sql key holds.
type Config struct {
	// The kind of database: sqlite, postgres, or mysql, which is also for MariaDB.
	Driver string `yaml:"driver,required" enum:"sqlite,postgres,mysql" example:"postgres"`
	// Where the database is. For sqlite a path, relative to this file, or :memory:;
	// for postgres a URL or key=value pairs as psql takes them; for mysql a URL or
	// user:password@tcp(host:3306)/name. Passwords in it are never shown.
	DSN Address `yaml:"dsn,required" example:"postgres://probe:${DB_PASSWORD}@127.0.0.1:5432/markets"`
	// The statement to run. It must be one that returns columns, and it cannot
	// write: it runs in a read-only transaction that is rolled back.
	Query string `yaml:"query,required" example:"SELECT count(*) AS n FROM orders WHERE status = ?"`
	// Values for the statement's placeholders (? in sqlite and mysql, $1, $2 in
	// postgres), in their order: numbers, texts, true, false or null.
	Args Values `yaml:"args" example:"[open, 5]"`
	// The most rows an answer may have; more fail the probe. By default 1000.
	MaxRows int `yaml:"max_rows" min:"1" max:"1000000"`
	// The most data an answer may have, the sum of its values; more fail the
	// probe. By default 1MiB.
	MaxBytes schema.Size `yaml:"max_bytes" example:"10MiB"`
	// The kinds of the answer's columns by name: int, float, string, bool or time.
	// Rules may then read these columns only, and a rule that misuses one is found
	// when the file is read. Values are converted; one that does not fit fails the
	// probe, as a column that is missing does. null stays null.
	Columns map[string]string `yaml:"columns" example:"n: int"`
}

// Vars are what rules see of an sql probe. A value is an int, float, string, bool
// or time, or null; exact decimal numbers become floats, binary data a string, and
// not-a-number null.
type Vars struct {
	checktypes.Common
	// Rows are the answer's rows, each a map by the columns' names.
	Rows []map[string]any `expr:"rows"`
	// Row is the first row; without one it has no columns.
	Row map[string]any `expr:"row"`
	// Value is the first column of the first row, null without one.
	Value any `expr:"value"`
	// Count is how many rows there are.
	Count int `expr:"count" min:"0"`
}

// derive makes the row, the value and the count of the rows; or the rows of a row.
func derive(_ *Config, v *Vars, has checktypes.Has) {
	if !has["rows"] && has["row"] {
		v.Rows, has["rows"] = []map[string]any{v.Row}, true
	}
	if !has["rows"] {
		return
	}
	if !has["count"] {
		v.Count, has["count"] = len(v.Rows), true
	}
	if !has["row"] {
		v.Row, has["row"] = map[string]any{}, true
		if len(v.Rows) > 0 {
			v.Row = v.Rows[0]
		}
	}
	if !has["value"] && len(v.Row) <= 1 {
		for _, only := range v.Row {
			v.Value = only
		}
		has["value"] = true
	}
}

// shape is what the rows' maps are known to hold.
func shape(c Config) map[string]map[string]string {
	if len(c.Columns) == 0 {
		return nil
	}
	return map[string]map[string]string{"row": c.Columns, "rows": c.Columns}
}

// summary says how many rows came, or the value where it is the only one.
func summary(_ *Config, v *Vars) string {
	in := " in " + checktypes.FormatDuration(v.Latency)
	switch {
	case v.Count == 0:
		return "no rows" + in
	case v.Count > 1:
		return fmt.Sprintf("%d rows%s", v.Count, in)
	case len(v.Row) == 1:
		return "value " + brief(v.Value) + in
	default:
		return "1 row" + in
	}
}

// brief is a value on a line, cut to what a message has room for.
func brief(value any) string {
	if value == nil {
		return "null"
	}
	runes := []rune(oneLine(text(value)))
	if len(runes) > 100 {
		runes = append(runes[:99], '…')
	}
	return string(runes)
}

// oneLine is s with every run of white space and control characters as one space.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return r <= ' ' || r == 0x7f || r == 0x85 || r == 0xa0 || r == 0x2028 || r == 0x2029
	}), " ")
}
