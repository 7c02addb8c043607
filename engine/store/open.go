package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"polyhealth/engine"

	_ "modernc.org/sqlite" // the database/sql driver
)

// Options are what Open may be told.
type Options struct {
	// Log is told of trouble with the disk, once, and of its end. Nil: nobody.
	Log *slog.Logger
	// Retention is how long results and transitions are kept; 0: for ever.
	Retention time.Duration
}

// A Store is an open database. Its methods are safe for concurrent use.
type Store struct {
	path string // absolute
	log  *slog.Logger
	lock *os.File          // nil until there is one: a read-only disk takes none
	read *sql.DB           // read-only, several connections
	told []engine.Notified // of a database that can only be read yet

	// Of the writer's goroutine alone:

	write *sql.DB
	conn  *sql.Conn
	stmts statements
	file  os.FileInfo // of the database when it was opened
	open  journal     // the history row that is not full yet
	pace  pace

	mu sync.Mutex // guards all below
	pending
	trouble   trouble
	retention time.Duration

	wake    chan struct{} // something is due sooner than it was
	flushes chan flush    // see Flush
	quit    chan struct{} // Close
	done    chan struct{} // the writer has ended
	closing sync.Once
}

// Open opens the database at path, making it where there is none; its folder
// must exist. No other polyhealth can open it until Close, or the end of the
// process. A damaged database is an error, and left as it is; a disk that is full or
// read-only is not, but trouble, which Health tells of.
func Open(path string, o Options) (*Store, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("cannot open the database %s: %w", path, err)
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		abs = real // one database has one lock, by whatever name
	}
	s := &Store{
		path: abs, log: o.Log, retention: o.Retention, pending: newPending(),
		wake: make(chan struct{}, 1), flushes: make(chan flush),
		quit: make(chan struct{}), done: make(chan struct{}),
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if err := s.begin(); err != nil {
		s.disconnect()
		if s.lock != nil {
			s.lock.Close()
		}
		return nil, fmt.Errorf("cannot open the database %s: %w", path, plain(err))
	}
	go s.run()
	return s, nil
}

// begin takes the lock and reads what a restart goes on from. Where that fails for
// the disk's sake, it is trouble as it would be later, and no reason not to begin.
func (s *Store) begin() error {
	dir := filepath.Dir(s.path)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return fmt.Errorf("there is no folder %s", dir)
	}
	if info, err := os.Stat(s.path); err == nil && !info.Mode().IsRegular() {
		return errors.New("it is not a file")
	}
	if err := s.openReaders(); err != nil {
		return err
	}
	err := s.takeOver()
	if !isDisks(err) {
		return err
	}
	s.hangUp()
	s.peek()
	_ = s.fail(time.Now(), err) // it is in Health
	return nil
}

func (s *Store) takeOver() (err error) {
	if s.lock, err = lockFile(s.path); err != nil {
		return err
	}
	if err := s.connect(); err != nil {
		return err
	}
	return s.restore(context.Background())
}

// openReaders makes the pool of those who read; none connects yet.
func (s *Store) openReaders() (err error) {
	s.read, err = sql.Open("sqlite", source(s.path, "ro", readPragmas))
	if err == nil {
		s.read.SetMaxOpenConns(4)
		s.read.SetMaxIdleConns(1)
		s.read.SetConnMaxLifetime(time.Minute) // so that a file that was replaced is noticed
	}
	return err
}

// connect opens the file, and makes it ours.
func (s *Store) connect() error {
	ctx := context.Background()
	var err error
	if s.file, err = touch(s.path); err != nil {
		return err
	}
	if s.write, err = sql.Open("sqlite", source(s.path, "rw", writePragmas)); err != nil {
		return err
	}
	s.write.SetMaxOpenConns(1)
	if s.conn, err = s.write.Conn(ctx); err != nil {
		return err
	}
	if err := migrate(ctx, s.conn); err != nil {
		return err
	}
	return s.stmts.prepare(ctx, s.conn)
}

// touch makes the file where there is none, for its owner to write and its
// group to read. One that exists
// is not opened: closing it again would drop every lock this process has on it.
func touch(path string) (os.FileInfo, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o640)
	if err == nil {
		f.Close()
	} else if !os.IsExist(err) {
		return nil, err
	}
	const readAndWrite = 4 | 2
	if err := syscall.Access(path, readAndWrite); err != nil {
		return nil, err
	}
	return os.Stat(path)
}

// disconnect closes what begin opened, as far as it came.
func (s *Store) disconnect() {
	if s.read != nil {
		s.read.Close() // before the writer: the last to close takes the log away, if it may write
	}
	s.hangUp()
}

// hangUp closes the writer's connection, as far as it is open.
func (s *Store) hangUp() {
	if s.conn != nil {
		s.stmts.close()
		s.conn.Close()
		s.conn = nil
	}
	if s.write != nil {
		s.write.Close()
		s.write = nil
	}
}

// walPages is how long the write-ahead log may get before it is copied into the
// database. What is rewritten within that time is copied once; a megabyte is
// little beside a history, and long enough for its last row and the tables' heads.
const walPages = 256

var (
	writePragmas = []string{
		"busy_timeout(1000)", "synchronous(NORMAL)",
		fmt.Sprintf("wal_autocheckpoint(%d)", walPages), fmt.Sprintf("journal_size_limit(%d)", walPages*4096),
		"temp_store(MEMORY)",
	}
	readPragmas = []string{"busy_timeout(1000)"}
)

// source is the driver's name for a file. Without the file: scheme, and with a
// path that is not escaped, SQLite would read parts of the path as parameters.
func source(path, mode string, pragmas []string) string {
	q := url.Values{"mode": {mode}, "_pragma": pragmas}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// plain takes the path out of an operating system's error: the caller names it.
func plain(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

var _ engine.Sink = (*Store)(nil)
