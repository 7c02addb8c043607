package sql

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"polyhealth/schema"
)

// check notes what is wrong with decoded keys. n may be nil. What was missing or
// mistyped has been noted before.
func check(c *Config, n *schema.Node, r *schema.Reader) {
	if c.DSN != "" && c.Driver != "" {
		if problem, hint := checkDSN(c.Driver, string(c.DSN)); problem != "" {
			r.Errorf(n.Near("dsn"), hint, "%s", problem)
		}
	}
	if at := n.Get("query"); at != nil && at.Unset == "" {
		checkQuery(c, at, r)
		checkArgs(c, n, r)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Columns)) {
		if kind := c.Columns[name]; !slices.Contains(kinds, kind) {
			r.Errorf(n.Near("columns", name), schema.DidYouMean(kind, kinds),
				"column %s is of kind %q, not one of %s", name, kind, strings.Join(kinds, ", "))
		}
	}
}

func checkQuery(c *Config, at *schema.Node, r *schema.Reader) {
	switch {
	case oneLine(c.Query) == "":
		r.Errorf(at, "", "the query is empty")
	case strings.ContainsRune(c.Query, 0):
		r.Errorf(at, "", "the query holds a NUL character")
	case c.Driver == "sqlite" && !oneStatement(c.Query):
		r.Errorf(at, "make a check of each", "the query is more than one statement")
	case writes(c.Query):
		r.Errorf(at, "", "the query writes, and a check can only read")
	}
}

// checkArgs notes a statement that asks for more values than there are, or fewer.
func checkArgs(c *Config, n *schema.Node, r *schema.Reader) {
	if asks, certain := placeholders(c.Driver, c.Query); certain && asks != len(c.Args) {
		at := n.Near("query")
		if args := n.Get("args"); args != nil {
			at = args
		}
		r.Errorf(at, "", "the query has %s, and args has %s", count(asks, "placeholder"), count(len(c.Args), "value"))
	}
}

// count is a number of things: no value, 1 value, 2 values.
func count(n int, thing string) string {
	switch n {
	case 0:
		return "no " + thing
	case 1:
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}
