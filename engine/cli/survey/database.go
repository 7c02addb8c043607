package survey

import (
	"fmt"
	"path/filepath"
)

// A Database is a server that may be asked by SQL.
type Database struct {
	Driver string // as the sql check has it
	Title  string
	At     string // where it was seen
	DSN    string // how to reach it, without a password
}

// servers are where database servers are usually found.
var servers = []struct {
	driver, title string
	sockets       []string
	bySocket      string // the DSN, with the socket's path or folder
	port          int
	byPort        string
}{
	{"postgres", "PostgreSQL", []string{"run/postgresql/.s.PGSQL.5432", "tmp/.s.PGSQL.5432"},
		"host=%s user=polyhealth dbname=postgres", 5432, "postgres://polyhealth:${POSTGRES_PASSWORD}@127.0.0.1:5432/postgres"},
	{"mysql", "MySQL or MariaDB", []string{"run/mysqld/mysqld.sock", "var/lib/mysql/mysql.sock", "tmp/mysql.sock"},
		"polyhealth@unix(%s)/", 3306, "polyhealth:${MYSQL_PASSWORD}@tcp(127.0.0.1:3306)/"},
}

// Databases are the servers that have their usual socket below root, or listen on
// their usual port.
func Databases(root string, listeners []Listener) (found []Database) {
	for _, s := range servers {
		d := Database{Driver: s.driver, Title: s.title}
		for _, l := range listeners {
			if l.Port == s.port {
				d.At, d.DSN = fmt.Sprintf("port %d", s.port), s.byPort
			}
		}
		for _, socket := range s.sockets {
			path := filepath.Join(root, socket)
			if matches, _ := filepath.Glob(path); len(matches) == 0 {
				continue
			}
			where := path
			if s.driver == "postgres" {
				where = filepath.Dir(path)
			}
			d.At, d.DSN = path, fmt.Sprintf(s.bySocket, where)
			break
		}
		if d.At != "" {
			found = append(found, d)
		}
	}
	return found
}
