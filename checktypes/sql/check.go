package sql

import (
	"maps"
	"slices"
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
	}
}

// oneStatement reports whether only white space and comments follow the first
// semicolon that ends a statement, by SQLite's lexical rules: other than a server
// SQLite's driver would run them all. (What holds no statement at all is one, too:
// SQLite has better words for it.)
func oneStatement(query string) bool {
	ended := false
	for len(query) > 0 {
		token := lexeme(query)
		blank := token == ";" || strings.TrimSpace(token) == "" || strings.HasPrefix(token, "--") || len(token) > 2 && strings.HasPrefix(token, "/*")
		if ended && !blank {
			return false
		}
		ended = ended || token == ";"
		query = query[len(token):]
	}
	return true
}

// lexeme is the quotation or comment that s begins with, else its first byte.
func lexeme(s string) string {
	closing := map[byte]string{'\'': "'", '"': `"`, '`': "`", '[': "]"}[s[0]]
	from := 1
	switch {
	case strings.HasPrefix(s, "--"):
		closing, from = "\n", 2
	case strings.HasPrefix(s, "/*"):
		closing, from = "*/", 2
	case closing == "":
		return s[:1]
	}
	end := strings.Index(s[from:], closing)
	if end < 0 {
		return s
	}
	return s[:from+end+len(closing)]
}
