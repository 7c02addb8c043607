package sql

import (
	stdsql "database/sql"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"polyhealth/schema"
)

// An answer is what a statement returned.
type answer struct {
	rows  []map[string]any
	value any // the first column of the first row
}

// A misfit is an answer, or a file, that cannot be judged. Its text is complete.
type misfit struct{ text string }

func (m *misfit) Error() string { return m.text }

func misfitf(format string, args ...any) error { return &misfit{fmt.Sprintf(format, args...)} }

// read reads all rows into plain values. An answer that goes beyond the limits, or
// is not as the columns are declared, is an error.
func read(rows *stdsql.Rows, c *Config) (*answer, error) {
	columns, err := columnsOf(rows, c.Columns)
	if err != nil {
		return nil, err
	}
	a := &answer{}
	var bytes int64
	raw, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range raw {
		into[i] = &raw[i]
	}
	for rows.Next() {
		if len(a.rows) == c.MaxRows {
			return nil, misfitf("more than %d rows (max_rows)", c.MaxRows)
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		row := make(map[string]any, len(columns))
		for i, column := range columns {
			if bytes += weight(raw[i]); bytes > int64(c.MaxBytes) {
				return nil, misfitf("more than %s of data (max_bytes)", size(c.MaxBytes))
			}
			if row[column.name], err = column.value(raw[i]); err != nil {
				return nil, err
			}
		}
		if len(a.rows) == 0 {
			a.value = row[columns[0].name]
		}
		a.rows = append(a.rows, row)
	}
	return a, rows.Err()
}

// columnsOf are the answer's columns in their order. Two of one name cannot be
// told apart in a map, and a declared one must be there.
func columnsOf(rows *stdsql.Rows, declared map[string]string) ([]column, error) {
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	if len(types) == 0 {
		if rows.Next() || rows.Err() == nil {
			return nil, misfitf("the query returns no columns")
		}
		return nil, rows.Err()
	}
	columns := make([]column, len(types))
	names := make([]string, len(types))
	for i, t := range types {
		if slices.Contains(names[:i], t.Name()) {
			return nil, misfitf("the query returns two columns named %s: rename one with AS", t.Name())
		}
		names[i] = t.Name()
		columns[i] = column{t.Name(), t.DatabaseTypeName(), declared[t.Name()]}
	}
	for _, name := range slices.Sorted(maps.Keys(declared)) {
		if !slices.Contains(names, name) {
			return nil, misfitf("the query returns no column %s, but %s", name, strings.Join(names, ", "))
		}
	}
	return columns, nil
}

// weight is about what a value takes, in bytes.
func weight(v any) int64 {
	switch v := v.(type) {
	case string:
		return int64(len(v))
	case []byte:
		return int64(len(v))
	}
	return 8
}

// size writes n as the file would.
func size(n schema.Size) string {
	for _, unit := range []struct {
		bytes schema.Size
		name  string
	}{{1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}} {
		if n >= unit.bytes && n%unit.bytes == 0 {
			return strconv.FormatInt(int64(n/unit.bytes), 10) + unit.name
		}
	}
	return strconv.FormatInt(int64(n), 10) + " bytes"
}
