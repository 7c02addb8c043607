package store

import (
	"context"
	"database/sql"
	"time"

	"polyhealth/engine"
)

// SaveNotified remembers what a notifier was told, in place of what it was told
// before; with a zero At it forgets. It never waits: the next transaction, within
// 100 ms, writes it.
func (s *Store) SaveNotified(n engine.Notified) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notified[memo{n.Component, n.Route, n.Notifier}] = n
	s.arm(true)
}

// LoadNotified is all that was remembered when the store was opened, at least.
func (s *Store) LoadNotified(ctx context.Context) ([]engine.Notified, error) {
	if s.told != nil {
		return s.told, nil
	}
	return loadNotified(ctx, s.read)
}

func loadNotified(ctx context.Context, db querier) ([]engine.Notified, error) {
	rows, err := db.QueryContext(ctx, `SELECT component, route, notifier, status, firing, went, at, flapping, trying, about FROM notified`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []engine.Notified
	for rows.Next() {
		var n engine.Notified
		var at, about sql.NullInt64
		if err := rows.Scan(&n.Component, &n.Route, &n.Notifier, &n.Status, &n.Firing, &n.Went, &at, &n.Flapping, &n.Trying, &about); err != nil {
			return nil, err
		}
		n.At = time.UnixMilli(at.Int64)
		if about.Int64 > 0 {
			n.About = time.UnixMilli(about.Int64)
		}
		all = append(all, n)
	}
	return all, rows.Err()
}

func (s *Store) writeNotified(all map[memo]engine.Notified) error {
	for key, n := range all {
		var err error
		if n.At.IsZero() && !n.Trying {
			_, err = s.stmts.forget.Exec(key.component, key.route, key.notifier)
		} else {
			_, err = s.stmts.notify.Exec(key.component, key.route, key.notifier, n.Status, n.Firing, n.Went, n.At.UnixMilli(), n.Flapping, n.Trying, max(0, n.About.UnixMilli()))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
