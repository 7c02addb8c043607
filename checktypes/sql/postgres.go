package sql

import (
	"context"
	stdsql "database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/stdlib"
)

// postgresBase asks a PostgreSQL server.
type postgresBase struct {
	driver.Connector
	config *pgx.ConnConfig
}

func newPostgres(dsn string) (*postgresBase, error) {
	config, err := pgx.ParseConfig(postgresDSN(dsn))
	if err != nil {
		return nil, errors.New(postgresProblem(err))
	}
	// Unnamed statements go stale after no schema change, work behind PgBouncer, and
	// take one statement only, which the simple protocol does not.
	config.DefaultQueryExecMode = pgx.QueryExecModeDescribeExec
	config.BuildFrontend = func(r io.Reader, w io.Writer) *pgproto3.Frontend {
		frontend := pgproto3.NewFrontend(r, w)
		frontend.SetMaxBodyLen(maxMessage)
		return frontend
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "polyhealth"
	}
	return &postgresBase{stdlib.GetConnector(*config), config}, nil
}

func postgresDSN(dsn string) string {
	if _, rest, ok := cutScheme(dsn); ok {
		return "postgres://" + rest
	}
	return dsn
}

// checkPostgres is what is wrong with a DSN, by the driver's own parser. A DSN that
// names further files is for Open to judge: they may be on another machine.
func checkPostgres(dsn string) string {
	for _, file := range []string{"sslrootcert", "sslcert", "sslkey", "service", "passfile"} {
		if strings.Contains(dsn, file) {
			return ""
		}
	}
	if _, err := pgx.ParseConfig(postgresDSN(dsn)); err != nil {
		return postgresProblem(err)
	}
	return ""
}

// postgresProblem words a DSN's mistake without quoting the DSN, as the driver does:
// what it takes for a port or a user may be a password that was not escaped.
func postgresProblem(err error) string {
	text := err.Error()
	if i := strings.LastIndex(text, "`: "); i >= 0 {
		text = text[i+len("`: "):]
	}
	if inner := errors.Unwrap(err); inner != nil && !strings.HasPrefix(text, "failed to configure TLS") {
		text = strings.TrimSuffix(text, " ("+inner.Error()+")")
	}
	return "the dsn is not right for PostgreSQL: " + oneLine(text)
}

func (b *postgresBase) key() string { return b.config.ConnString() }
func (b *postgresBase) keeps() int  { return 2 }

// address lists the DSN's hosts in the order they are tried.
func (b *postgresBase) address() string {
	var all []string
	add := func(host string, port uint16) {
		if _, address := pgconn.NetworkAddress(host, port); !slices.Contains(all, address) {
			all = append(all, address)
		}
	}
	add(b.config.Host, b.config.Port)
	for _, f := range b.config.Fallbacks {
		add(f.Host, f.Port)
	}
	return strings.Join(all, ", ")
}

// begin takes one round trip. The server's own timeout ends the statement where a
// cancel request does not reach it.
func (b *postgresBase) begin(ctx context.Context, conn *stdsql.Conn, left time.Duration) error {
	_, err := conn.ExecContext(ctx, fmt.Sprintf(
		"BEGIN READ ONLY; SET LOCAL statement_timeout = %d", max(left.Milliseconds(), 1)))
	return err
}

// watch has nothing to do: when ctx ends, the driver gives the connection up and
// sends the server a cancel request.
func (b *postgresBase) watch(context.Context, *stdsql.Conn) (func(), error) { return func() {}, nil }

func (b *postgresBase) explain(err error) (text string, ok bool) {
	var e *pgconn.PgError
	var large *pgproto3.ExceededMaxBodyLenErr
	switch {
	case errors.As(err, &large):
		return "a row is larger than " + size(maxMessage), true
	case !errors.As(err, &e):
		return "", false
	case e.Code == "42601" && strings.Contains(e.Message, "multiple commands"):
		return "only one statement can be run", true
	}
	return e.Message, true
}

// timedOut reports whether the server cancelled the statement, which it says in
// the same code when somebody else asked it to.
func (b *postgresBase) timedOut(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.Code == "57014"
}
