package sql

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
)

// A sqliteFile is what an SQLite DSN names.
type sqliteFile struct {
	path      string // empty for :memory:
	immutable bool   // by the DSN's promise nothing writes to it
}

// parseSQLite reads a path, :memory:, a file: URI, or a URL as SQLAlchemy writes
// it: sqlite:///relative and sqlite:////absolute.
func parseSQLite(dsn string) (f sqliteFile, err error) {
	if _, rest, ok := cutScheme(dsn); ok {
		rest, _, _ = strings.Cut(rest, "?")
		if dsn = strings.TrimPrefix(rest, "/"); dsn == "" {
			dsn = ":memory:"
		}
	}
	if uri, ok := strings.CutPrefix(dsn, "file:"); ok {
		return parseSQLiteURI(uri)
	}
	if dsn != ":memory:" {
		f.path = dsn
	}
	return f, nil
}

func parseSQLiteURI(uri string) (f sqliteFile, err error) {
	path, query, _ := strings.Cut(uri, "?")
	if after, ok := strings.CutPrefix(path, "//"); ok {
		slash := strings.IndexByte(after, '/')
		if slash < 0 || after[:slash] != "" && after[:slash] != "localhost" {
			return f, errors.New("the dsn names a host, but an SQLite file is on this machine")
		}
		path = after[slash:]
	}
	if f.path, err = url.PathUnescape(path); err != nil {
		return f, errors.New("the dsn's path has a % that is not followed by two hexadecimal digits")
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return f, errors.New("the dsn's parameters cannot be read")
	}
	memory := f.path == ":memory:" || values.Get("mode") == "memory"
	for key, v := range values {
		switch key {
		case "immutable":
			f.immutable = v[0] != "0"
		case "mode", "cache":
		default:
			return f, fmt.Errorf("the dsn has the parameter %s, which a check cannot use", key)
		}
	}
	switch {
	case memory:
		f.path = ""
	case f.path == "":
		return f, errors.New("the dsn names no file")
	case strings.ContainsRune(f.path, 0):
		return f, errors.New("the dsn's path holds a NUL character")
	}
	return f, nil
}

// in is f with its path made absolute.
func (f sqliteFile) in(dir string) sqliteFile {
	if f.path != "" && !filepath.IsAbs(f.path) {
		f.path = filepath.Join(dir, f.path)
	}
	return f
}

// uri is how the driver opens f: never to write, whatever the path holds.
func (f sqliteFile) uri() string {
	if f.path == "" {
		return "file::memory:?_pragma=query_only(1)"
	}
	uri := "file:" + (&url.URL{Path: f.path}).EscapedPath() + "?mode=ro&_error_rc=1&_pragma=query_only(1)"
	if f.immutable {
		uri += "&immutable=1"
	}
	return uri
}
