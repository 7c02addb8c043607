package sql

import (
	"context"
	stdsql "database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"strings"
	"time"

	"golang.org/x/sys/unix"
	"modernc.org/libc"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"polyhealth/checktypes"
)

// sqliteBase reads a file. It keeps no connection: one that stays open would go on
// reading a file that has been replaced or deleted, and hold up a program that
// wants to close its WAL.
type sqliteBase struct {
	file   sqliteFile
	driver driver.Connector
}

func newSQLite(dsn, dir string) (*sqliteBase, error) {
	file, err := parseSQLite(dsn)
	if err != nil {
		return nil, err
	}
	file = file.in(dir)
	connector, err := sqlite.NewConnector(file.uri())
	return &sqliteBase{file, connector}, err
}

func (b *sqliteBase) key() string           { return b.file.uri() }
func (b *sqliteBase) keeps() int            { return 0 }
func (b *sqliteBase) address() string       { return "" }
func (b *sqliteBase) Driver() driver.Driver { return b.driver.Driver() }

// Connect opens the file, which must be there. It is not opened to look, because
// closing it would drop the locks that SQLite holds on it in this process.
func (b *sqliteBase) Connect(ctx context.Context) (driver.Conn, error) {
	if b.file.path != "" {
		info, err := os.Stat(b.file.path)
		if err == nil {
			err = unix.Access(b.file.path, unix.R_OK)
		}
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, misfitf("no such file: %s", b.file.path)
		case err != nil:
			return nil, checktypes.OwnFault(misfitf("cannot open %s: %s", b.file.path, reason(err)))
		case info.IsDir():
			return nil, misfitf("%s is a folder", b.file.path)
		}
	}
	conn, err := b.driver.Connect(ctx)
	return conn, ownExhaustion(err)
}

// ownExhaustion makes it polyhealth's own fault where SQLite could not open a file
// for want of descriptors, which it does not tell from other reasons.
func ownExhaustion(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) || e.Code()&0xff != sqlite3.SQLITE_CANTOPEN {
		return err
	}
	var spare []*os.File
	defer func() {
		for _, f := range spare {
			f.Close()
		}
	}()
	for range 3 { // the database, its -wal and its -shm
		f, failed := os.Open(os.DevNull)
		if failed != nil {
			return checktypes.OwnFault(misfitf("cannot open the database: %s", reason(failed)))
		}
		spare = append(spare, f)
	}
	return err
}

// begin bounds what the connection may do and waits for, and begins the
// transaction, which takes no lock before it reads.
func (b *sqliteBase) begin(ctx context.Context, conn *stdsql.Conn, left time.Duration) error {
	for limit, value := range map[int]int{
		sqlite3.SQLITE_LIMIT_LENGTH:   maxMessage,
		sqlite3.SQLITE_LIMIT_ATTACHED: 0, // ATTACH creates files, whatever the mode
	} {
		if _, err := sqlite.Limit(conn, limit, value); err != nil {
			return err
		}
	}
	wait := left - min(left/4, 500*time.Millisecond) // to say that it is locked before the deadline, on a busy machine too
	if _, err := conn.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout = %d", max(wait.Milliseconds(), 1))); err != nil {
		return err
	}
	_, err := conn.ExecContext(ctx, "BEGIN")
	return err
}

// watch interrupts whatever runs on conn once ctx ends. The driver does so only
// until the first row has come; the next may take for ever.
func (b *sqliteBase) watch(ctx context.Context, conn *stdsql.Conn) (stop func(), err error) {
	db, err := sqliteHandle(conn)
	if err != nil {
		return nil, err
	}
	stopped, finished := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(finished)
		select {
		case <-ctx.Done():
		case <-stopped:
			return
		}
		tls := libc.NewTLS()
		defer tls.Close()
		again := time.NewTicker(5 * time.Millisecond) // an interrupt between two steps may get lost
		defer again.Stop()
		for {
			sqlite3.Xsqlite3_interrupt(tls, db)
			select {
			case <-again.C:
			case <-stopped:
				return
			}
		}
	}()
	return func() { close(stopped); <-finished }, nil
}

// sqliteHandle is the sqlite3* of conn, which the driver has no call for. It is
// valid until conn is closed.
func sqliteHandle(conn *stdsql.Conn) (db uintptr, err error) {
	err = conn.Raw(func(c any) error {
		field := reflect.Indirect(reflect.ValueOf(c)).FieldByName("db")
		if !field.IsValid() || field.Kind() != reflect.Uintptr {
			return checktypes.OwnFault(misfitf("this build's SQLite driver cannot be interrupted"))
		}
		db = uintptr(field.Uint())
		return nil
	})
	return db, err
}

func (b *sqliteBase) explain(err error) (text string, ok bool) {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return "", false
	}
	switch code := e.Code(); code {
	case sqlite3.SQLITE_READONLY_RECOVERY, sqlite3.SQLITE_READONLY_CANTLOCK, sqlite3.SQLITE_READONLY_CANTINIT, sqlite3.SQLITE_READONLY_DIRECTORY,
		sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_CANTOPEN_DIRTYWAL:
		return "unable to open the database file; in WAL mode its folder must be writable, or -wal and -shm files be there already", true
	case sqlite3.SQLITE_READONLY_ROLLBACK:
		return "a program crashed while it wrote, and only one that may write can roll that back", true
	default:
		switch code & 0xff {
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
			return "database is locked", true
		case sqlite3.SQLITE_READONLY:
			return "a check cannot write: attempt to write a readonly database", true
		}
	}
	return sqliteWords(e.Error()), true
}

// sqliteWords cuts the driver's "SQL logic error: " and " (1)" off a message.
func sqliteWords(message string) string {
	if open := strings.LastIndex(message, " ("); open >= 0 {
		message = message[:open]
	}
	return strings.TrimPrefix(message, "SQL logic error: ")
}

func (b *sqliteBase) timedOut(error) bool { return false }
