package store

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"syscall"

	"polyhealth/engine"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// isDisks reports whether an error is the disk's: it is full, read-only or broken.
// Unlike a file that is damaged, or not ours, that may pass without anybody touching
// the file.
func isDisks(err error) bool {
	for _, number := range []syscall.Errno{syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS, syscall.EIO} {
		if errors.Is(err, number) {
			return true
		}
	}
	var e *sqlite.Error
	return errors.As(err, &e) && (e.Code()&0xff == sqlite3.SQLITE_FULL || e.Code()&0xff == sqlite3.SQLITE_IOERR)
}

// because is err, or what it comes from where SQLite only says that the disk failed:
// that the lock's file knows, which is ours to write to, too.
func (s *Store) because(err error) error {
	const asMuch = 64 << 10 // as SQLite may want at once
	var number syscall.Errno
	if s.lock != nil && isDisks(err) && errors.As(sign(s.lock, asMuch), &number) {
		return number
	}
	return err
}

// peek reads what a restart goes on from where nothing can be written, not even the
// files beside a database by which its users agree.
func (s *Store) peek() {
	if info, err := os.Stat(s.path); err != nil || info.Size() == 0 {
		s.told = []engine.Notified{} // there is nothing to know
		return
	}
	uri := source(s.path, "ro", readPragmas)
	if info, err := os.Stat(s.path + "-wal"); err != nil || info.Size() == 0 {
		uri += "&immutable=1" // all is in the one file, and we are alone
	}
	db, err := sql.Open("sqlite", uri)
	if err == nil {
		err = s.readFrom(context.Background(), db)
		db.Close()
	}
	if err != nil {
		s.log.Warn("cannot read what was known before: all begins anew", "path", s.path, "error", err)
	}
}

func (s *Store) readFrom(ctx context.Context, db *sql.DB) (err error) {
	if s.conn, err = db.Conn(ctx); err != nil {
		s.conn = nil
		return err
	}
	defer func() { s.conn.Close(); s.conn = nil }()
	if err := s.restore(ctx); err != nil {
		return err
	}
	told, err := loadNotified(ctx, s.conn)
	if err == nil {
		s.told = append([]engine.Notified{}, told...)
	}
	return err
}
