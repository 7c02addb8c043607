package sql

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"polyhealth/schema"
)

// An Address is a DSN: where a database is, and as whom to ask it. Its passwords
// are hidden as soon as it is read, whatever else is wrong with the check.
type Address string

// FromNode takes a text.
func (a *Address) FromNode(n *schema.Node, r *schema.Reader) {
	switch n.Kind {
	case schema.List, schema.Map, schema.Null:
		r.Errorf(n, "", "dsn wants a text, found %s", r.Found(n))
		return
	}
	*a = Address(n.Value)
	found := secrets(n.Value)
	for _, secret := range found {
		r.Hide(secret)
	}
	if len(found) > 0 {
		r.Expose(n, "a password")
	}
}

// JSONSchema describes the text.
func (Address) JSONSchema() *jsonschema.Schema { return &jsonschema.Schema{Type: "string"} }

// secrets are the passwords in a DSN, as the drivers find them and by their looks,
// so that a DSN that cannot be read is covered too.
func secrets(dsn string) (found []string) {
	add := func(text string) {
		for _, s := range []string{text, unescape(text)} {
			if s != "" && !slices.Contains(found, s) {
				found = append(found, s)
			}
		}
	}
	_, user, url := cutScheme(dsn)
	user, _, at := cutLast(user, "@")
	_, password, colon := strings.Cut(user, ":")
	if at && colon && (url || !strings.Contains(user[:strings.IndexByte(user, ':')], "/")) {
		add(password)
		for i, c := range password { // where the last @ is not the one
			if c == '@' {
				add(password[:i])
			}
		}
	}
	for _, m := range passwordPair.FindAllStringSubmatch(dsn, -1) {
		value := m[1]
		if strings.HasPrefix(value, "'") {
			value = keywordEscape.ReplaceAllString(strings.Trim(value, "'"), "$1")
		}
		add(value)
	}
	return found
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

var (
	passwordPair  = regexp.MustCompile(`(?i)(?:password|passwd|pwd)\s*=\s*('(?:[^'\\]|\\.)*'|[^\s&;]+)`)
	keywordEscape = regexp.MustCompile(`\\(.)`)
)

func unescape(s string) string {
	if plain, err := url.PathUnescape(s); err == nil {
		return plain
	}
	return s
}

// cutScheme cuts "scheme://" off a DSN that is a URL. The library that other
// languages name after a plus sign, as in postgresql+asyncpg://, is cut off too, so
// that a check can share its program's DSN.
func cutScheme(dsn string) (scheme, rest string, ok bool) {
	scheme, rest, ok = strings.Cut(dsn, "://")
	if !ok || scheme == "file" || !plainScheme.MatchString(scheme) {
		return "", dsn, false
	}
	scheme, _, _ = strings.Cut(scheme, "+")
	return strings.ToLower(scheme), rest, true
}

var plainScheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+_]*$`)

// schemes are the URLs of each driver.
func schemes(driver string) []string {
	switch driver {
	case "postgres":
		return []string{"postgres", "postgresql"}
	case "mysql":
		return []string{"mysql", "mariadb"}
	default:
		return []string{"sqlite", "sqlite3"}
	}
}

// checkDSN says what is wrong with a DSN, without showing a part of it that may
// be secret, and without asking a server.
func checkDSN(driver, dsn string) (problem, hint string) {
	if strings.ContainsRune(dsn, 0) {
		return "the dsn holds a NUL character", ""
	}
	if scheme, _, ok := cutScheme(dsn); ok && !slices.Contains(schemes(driver), scheme) {
		for _, other := range []string{"sqlite", "postgres", "mysql"} {
			if slices.Contains(schemes(other), scheme) {
				hint = "write driver: " + other
			}
		}
		return "the dsn begins with " + scheme + "://, which is not for driver " + driver, hint
	}
	switch driver {
	case "postgres":
		return checkPostgres(dsn), "such as postgres://user:password@127.0.0.1:5432/name"
	case "mysql":
		return checkMySQL(dsn), "such as user:password@tcp(127.0.0.1:3306)/name"
	default:
		_, err := parseSQLite(dsn)
		if err != nil {
			problem = err.Error()
		}
		return problem, "such as /var/lib/app/app.db"
	}
}
