package store

import (
	"context"
	"database/sql"
	"os"
	"time"

	"polyhealth/engine"
)

// statements are prepared on the writer's connection.
type statements struct {
	list, unlist, save, leave, history, taken, transition, notify, forget, alert, silence, unsilence, ladder, action *sql.Stmt
}

func (t *statements) each(f func(**sql.Stmt, string) error) error {
	for _, one := range []struct {
		stmt **sql.Stmt
		text string
	}{
		{&t.list, `INSERT INTO service_health VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
			ON CONFLICT DO UPDATE SET status = ?2, last_check = ?3, last_success = ?4,
				consecutive_failures = ?5, error_message = ?6, metadata = ?7`},
		{&t.unlist, `DELETE FROM service_health WHERE service_name = ?`},
		{&t.save, `INSERT OR REPLACE INTO checks VALUES
			(?, ?, NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`},
		{&t.leave, `INSERT OR REPLACE INTO checks (id, name, gone) VALUES (?, ?, ?)`},
		{&t.history, `INSERT OR REPLACE INTO history VALUES (?, ?, ?, ?, ?, ?)`},
		{&t.taken, `SELECT count(*) FROM history WHERE id = ?`},
		{&t.transition, `INSERT INTO transitions (check_id, at, from_status, to_status, message, rule)
			VALUES (?, ?, ?, ?, ?, ?)`},
		{&t.alert, `INSERT INTO alerts (at, component, route, notifier, event, status, outcome, attempts, note, message)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`},
		{&t.silence, `INSERT OR REPLACE INTO silences VALUES (?, ?)`},
		{&t.unsilence, `DELETE FROM silences WHERE id = ?`},
		{&t.notify, `INSERT OR REPLACE INTO notified VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`},
		{&t.ladder, `INSERT OR REPLACE INTO recovery VALUES (?, ?, ?, ?)`},
		{&t.action, `INSERT OR REPLACE INTO actions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`},
		{&t.forget, `DELETE FROM notified WHERE component = ? AND route = ? AND notifier = ?`},
	} {
		if err := f(one.stmt, one.text); err != nil {
			return err
		}
	}
	return nil
}

func (t *statements) prepare(ctx context.Context, c *sql.Conn) error {
	return t.each(func(stmt **sql.Stmt, text string) (err error) {
		*stmt, err = c.PrepareContext(ctx, text)
		return err
	})
}

func (t *statements) close() {
	_ = t.each(func(stmt **sql.Stmt, _ string) error {
		if *stmt != nil {
			(*stmt).Close()
			*stmt = nil
		}
		return nil
	})
}

// commit writes w, all of it or nothing.
func (s *Store) commit(w *work) error {
	ctx := context.Background()
	open := s.open
	err := inTransaction(ctx, s.conn, func() (err error) {
		if err = s.writeRows(w); err != nil {
			return err
		}
		if err = s.writeNotified(w.notified); err != nil {
			return err
		}
		if err = s.writeAlerts(w.alerts); err != nil {
			return err
		}
		if err = s.writeSilences(w.silences); err != nil {
			return err
		}
		if err = s.writeRecovery(w.repairs); err != nil {
			return err
		}
		open, err = s.writeHistory(w)
		return err
	})
	if err == nil {
		s.open = open
	}
	return err
}

// sameFile makes sure that the path still leads to the file that is open. One
// that was removed or replaced is begun anew from memory, rather than written to
// where nobody will find it.
func (s *Store) sameFile() error {
	if s.conn != nil {
		now, err := os.Stat(s.path)
		if err == nil && os.SameFile(now, s.file) {
			return nil
		}
		if err != nil && !os.IsNotExist(err) {
			return err
		}
		s.log.Warn("the database was removed or replaced: writing to the new one", "path", s.path)
	}
	return s.reconnect()
}

func (s *Store) writeRows(w *work) error {
	now := time.Now().UnixMilli()
	for _, r := range w.leaving {
		if _, err := s.stmts.unlist.Exec(r.name); err != nil {
			return err
		}
		if _, err := s.stmts.leave.Exec(r.id, r.name, now); err != nil {
			return err
		}
	}
	for _, c := range w.save {
		if err := s.writeSaved(c); err != nil {
			return err
		}
	}
	for _, c := range w.list {
		if err := s.writeListed(c); err != nil {
			return err
		}
	}
	for _, t := range w.transitions {
		if _, err := s.stmts.transition.Exec(t.row.id, t.at, t.from, t.to, t.message, t.rule); err != nil {
			return err
		}
	}
	return nil
}

// writeListed writes a row of service_health.
func (s *Store) writeListed(c copied) error {
	comp := c.component
	var message any
	if comp.Status != engine.Healthy {
		message = comp.Message
	}
	metadata := "{}"
	if comp.Metadata != nil {
		metadata = string(comp.Metadata)
	}
	_, err := s.stmts.list.Exec(c.row.name, comp.Status.String(), stamp(comp.LastCheck), stamp(comp.LastSuccess),
		comp.Failures, message, metadata)
	return err
}

// writeSaved writes a row of checks.
func (s *Store) writeSaved(c copied) error {
	st, t := c.state, c.thresholds
	var message, rule string
	var metadata any
	if c.component != nil {
		message, rule = c.component.Message, c.component.Rule
		if c.component.Metadata != nil {
			metadata = string(c.component.Metadata)
		}
	}
	_, err := s.stmts.save.Exec(c.row.id, c.row.name,
		st.Reported, st.Level, st.Failures, st.Worst, st.Better, st.BetterWorst,
		millis(st.Since), millis(st.LastCheck), millis(st.LastSuccess), st.LastStatus, st.LastLatency.Microseconds(),
		t.Degraded, t.Unhealthy, t.Healthy, message, rule, metadata, int64(st.Flaps))
	return err
}

// writeHistory writes the samples and returns the journal that is open then.
func (s *Store) writeHistory(w *work) (journal, error) {
	var failure error
	taken := func(id int64) bool {
		var n int
		if err := s.stmts.taken.QueryRow(id).Scan(&n); err != nil {
			failure = err
		}
		return n > 0
	}
	blocks, open := pack(s.open, w.samples, taken)
	for _, b := range blocks {
		if failure != nil {
			break
		}
		_, failure = s.stmts.history.Exec(b.id, b.first, b.last, w.base, b.n, b.blob)
	}
	return open, failure
}

// stamp is a time as service_health holds it: RFC 3339, UTC, or NULL.
func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}

// millis is a time as all other tables hold it, or NULL.
func millis(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}
