package sql

import (
	"context"
	stdsql "database/sql"
	"database/sql/driver"
	"time"

	"polyhealth/checktypes"
)

// maxMessage bounds what one row, or one value, may take in memory while it is
// received, in bytes. (MySQL's bound is the server's max_allowed_packet.)
const maxMessage = 64 << 20

// A base is one database, behind one of the drivers. It is safe for concurrent use.
type base interface {
	driver.Connector
	// key tells it from others: bases with equal keys may share connections.
	key() string
	// keeps is how many idle connections are worth keeping.
	keeps() int
	// address is where its server is, as messages name it, without secrets; empty
	// where there is none.
	address() string
	// begin starts a transaction on conn that cannot write, and sees to it that its
	// statement ends soon after left, whatever becomes of the connection.
	begin(ctx context.Context, conn *stdsql.Conn, left time.Duration) error
	// watch ends what runs on conn when ctx ends. stop must be called before conn is
	// released.
	watch(ctx context.Context, conn *stdsql.Conn) (stop func(), err error)
	// explain is the database's own words in err; ok is false where it has none.
	explain(err error) (text string, ok bool)
	// timedOut reports whether the database itself ended a statement for taking too
	// long.
	timedOut(err error) bool
}

func newBase(c Config, dir string) (base, error) {
	switch dsn := string(c.DSN); c.Driver {
	case "postgres":
		return newPostgres(dsn)
	case "mysql":
		return newMySQL(dsn)
	default:
		return newSQLite(dsn, dir)
	}
}

// acquirePool shares the connections to b among the checks of env. Their number
// has no limit but that of the checks that probe at once, so that no check waits
// for another's connection. Idle ones go before a firewall forgets them, and all
// after a while, so that a changed DNS entry is noticed.
func acquirePool(b base, driver string, env checktypes.Env) (*checktypes.Lease[*stdsql.DB], error) {
	shared := env.Shared
	if shared == nil {
		shared = new(checktypes.Shared)
	}
	return checktypes.Acquire(shared, "sql "+driver+" "+b.key(), func() (*stdsql.DB, error) {
		db := stdsql.OpenDB(b)
		db.SetMaxIdleConns(b.keeps())
		db.SetConnMaxIdleTime(2 * time.Minute)
		db.SetConnMaxLifetime(10 * time.Minute)
		return db, nil
	})
}
