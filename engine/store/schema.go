package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// applicationID marks a database as ours: "Poly".
const applicationID = 0x506f6c79

// formats make the database one of the next version each, the first from nothing;
// PRAGMA user_version says how many it has. Times are milliseconds since 1970 but in service_health,
// which other programs read. Statuses are 0 unknown, 1 healthy, 2 degraded,
// 3 unhealthy.
var formats = []string{`
CREATE TABLE service_health (
	service_name         TEXT PRIMARY KEY NOT NULL,
	status               TEXT NOT NULL,    -- healthy, degraded, unhealthy or unknown
	last_check           TEXT,             -- RFC 3339, UTC; NULL before the first
	last_success         TEXT,
	consecutive_failures INTEGER NOT NULL,
	error_message        TEXT,             -- NULL while healthy
	metadata             TEXT NOT NULL     -- a JSON object
) WITHOUT ROWID;

CREATE TABLE checks (
	id              INTEGER PRIMARY KEY,   -- what history and transitions refer to
	name            TEXT NOT NULL,
	gone            INTEGER,               -- when it left the file, or NULL
	reported        INTEGER, level         INTEGER,
	failures        INTEGER, worst         INTEGER,
	better          INTEGER, better_worst  INTEGER,
	since           INTEGER, last_check    INTEGER, last_success INTEGER,
	last_status     INTEGER, last_latency  INTEGER, -- in microseconds
	degraded_after  INTEGER, unhealthy_after INTEGER, healthy_after INTEGER,
	message         TEXT, rule TEXT, metadata TEXT
);

CREATE TABLE history (
	id     INTEGER PRIMARY KEY, -- the time of its first result, or a little more
	first  INTEGER NOT NULL,    -- the least and the greatest time in it
	last   INTEGER NOT NULL,
	base   INTEGER NOT NULL,    -- checks held every result before this time
	n      INTEGER NOT NULL,    -- how many results
	points BLOB NOT NULL        -- see codec.go
);

CREATE TABLE transitions (
	id          INTEGER PRIMARY KEY,
	check_id    INTEGER NOT NULL,
	at          INTEGER NOT NULL,
	from_status INTEGER NOT NULL,
	to_status   INTEGER NOT NULL,
	message     TEXT NOT NULL,
	rule        TEXT NOT NULL
);
CREATE INDEX transitions_of ON transitions (check_id, id);

CREATE TABLE notified (
	component TEXT NOT NULL,
	route     TEXT NOT NULL,
	notifier  TEXT NOT NULL,
	status    INTEGER NOT NULL,
	firing    INTEGER NOT NULL,
	went      INTEGER NOT NULL, -- the status left the route's list since
	at        INTEGER NOT NULL,
	PRIMARY KEY (component, route, notifier)
) WITHOUT ROWID;
`, `
ALTER TABLE checks ADD COLUMN flaps INTEGER; -- see engine.Flaps
ALTER TABLE notified ADD COLUMN flapping INTEGER NOT NULL DEFAULT 0;
ALTER TABLE notified ADD COLUMN trying INTEGER NOT NULL DEFAULT 0; -- a firing may have arrived
ALTER TABLE notified ADD COLUMN about INTEGER NOT NULL DEFAULT 0; -- since when there was what it told

CREATE TABLE alerts (
	id        INTEGER PRIMARY KEY,
	at        INTEGER NOT NULL,
	component TEXT NOT NULL,
	route     TEXT NOT NULL,
	notifier  TEXT NOT NULL,
	event     TEXT NOT NULL,
	status    INTEGER NOT NULL,
	outcome   TEXT NOT NULL,
	attempts  INTEGER NOT NULL,
	note      TEXT NOT NULL,
	message   TEXT NOT NULL -- its id
);
CREATE INDEX alerts_of ON alerts (component, id);

CREATE TABLE silences (id TEXT PRIMARY KEY NOT NULL, silence TEXT NOT NULL) WITHOUT ROWID; -- as JSON
`, recoveryTables}

// migrate makes the database one of this version. It refuses one of a newer
// version, or of another program.
func migrate(ctx context.Context, c *sql.Conn) error {
	var have, id, objects int
	err := c.QueryRowContext(ctx, `SELECT
		(SELECT user_version FROM pragma_user_version),
		(SELECT application_id FROM pragma_application_id),
		(SELECT count(*) FROM sqlite_master)`).Scan(&have, &id, &objects)
	switch {
	case err != nil:
		return err
	case objects > 0 && id != applicationID:
		return fmt.Errorf("it is the database of another program: name a file of its own in storage.path")
	case have > len(formats):
		return fmt.Errorf("it was written by a newer polyhealth (format %d, this one knows %d)", have, len(formats))
	}
	// Only now: this changes the file.
	var mode string
	if err := c.QueryRowContext(ctx, "PRAGMA journal_mode = WAL").Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return errors.New("its file system has no shared memory for a write-ahead log")
	}
	if have == len(formats) {
		return nil
	}
	return inTransaction(ctx, c, func() error {
		_, err := c.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d; %s",
			applicationID, len(formats), strings.Join(formats[have:], "")))
		return err
	})
}

// inTransaction runs f in a write transaction. Whatever fails, none is left open.
func inTransaction(ctx context.Context, c *sql.Conn, f func() error) error {
	_, err := c.ExecContext(ctx, "BEGIN IMMEDIATE")
	if err != nil {
		return err
	}
	if err = f(); err == nil {
		_, err = c.ExecContext(ctx, "COMMIT")
	}
	if err != nil {
		_, _ = c.ExecContext(context.Background(), "ROLLBACK") // fails where SQLite did it by itself
	}
	return err
}
