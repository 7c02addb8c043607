package store

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"polyhealth/engine"
)

// Load is what was known of each component when the last process ended, however
// it ended. A row of failures goes on from there.
func (s *Store) Load() map[string]engine.Saved {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make(map[string]engine.Saved, len(s.rows))
	for name, r := range s.rows {
		if !r.state.LastCheck.IsZero() {
			saved := r.saved
			saved.State = r.state
			all[name] = saved
		}
	}
	return all
}

// restore reads what the database knows into memory. Nothing runs yet.
func (s *Store) restore(ctx context.Context) error {
	if err := s.restoreChecks(ctx); err != nil {
		return err
	}
	if err := s.restoreListed(ctx); err != nil {
		return err
	}
	if err := s.replay(ctx); err != nil {
		// Counts are a little older then; the rest is as it was.
		s.log.Warn("cannot read the newest history", "error", err)
	}
	return nil
}

func (s *Store) restoreChecks(ctx context.Context) error {
	rows, err := s.conn.QueryContext(ctx, `SELECT * FROM checks ORDER BY id`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		r := &row{}
		gone, err := r.scan(rows)
		if err != nil {
			return err
		}
		s.know(r.id, r.name)
		if gone {
			s.gone[r.name] = true
			continue
		}
		s.rows[r.name] = r
		s.order = append(s.order, r)
	}
	return rows.Err()
}

// know notes the id of a name.
func (s *Store) know(id uint32, name string) {
	s.ids[name], s.names[id] = id, name
	s.next = max(s.next, id+1)
}

// scan reads a row of checks.
func (r *row) scan(rows *sql.Rows) (gone bool, err error) {
	var left, since, check, success, latency, flaps sql.NullInt64
	var n [9]sql.NullInt64 // reported level failures worst better better_worst, and last_status
	var t [3]sql.NullInt64
	var message, rule, metadata sql.NullString
	err = rows.Scan(&r.id, &r.name, &left, &n[0], &n[1], &n[2], &n[3], &n[4], &n[5],
		&since, &check, &success, &n[6], &latency, &t[0], &t[1], &t[2], &message, &rule, &metadata, &flaps)
	r.state = engine.State{
		Reported: status(n[0]), Level: status(n[1]), Failures: int(n[2].Int64), Worst: int(n[3].Int64),
		Better: int(n[4].Int64), BetterWorst: status(n[5]), LastStatus: status(n[6]),
		Since: moment(since), LastCheck: moment(check), LastSuccess: moment(success),
		LastLatency: time.Duration(latency.Int64) * time.Microsecond, Flaps: engine.Flaps(flaps.Int64),
	}
	r.thresholds = engine.Thresholds{Degraded: int(t[0].Int64), Unhealthy: int(t[1].Int64), Healthy: int(t[2].Int64)}
	r.saved = engine.Saved{Message: message.String, Rule: rule.String}
	if metadata.Valid {
		r.saved.Metadata = []byte(metadata.String)
	}
	return left.Valid, err
}

func status(n sql.NullInt64) engine.Status { return engine.Status(n.Int64 & 3) }

// moment is the inverse of millis.
func moment(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return time.UnixMilli(n.Int64)
}

// restoreListed notes which components service_health lists, so that Sync can
// take out those that are no more.
func (s *Store) restoreListed(ctx context.Context) error {
	rows, err := s.conn.QueryContext(ctx, `SELECT service_name FROM service_health`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		r := s.rows[name]
		if r == nil {
			r = s.add(name)
		}
		r.listed = true
	}
	return rows.Err()
}

// replay counts those results of the journal that the rows of checks do not hold
// yet.
func (s *Store) replay(ctx context.Context) error {
	var base sql.NullInt64
	err := s.conn.QueryRowContext(ctx, `SELECT base FROM history ORDER BY id DESC LIMIT 1`).Scan(&base)
	if err == sql.ErrNoRows {
		return nil
	}
	if err != nil {
		return err
	}
	s.hand.base = base.Int64 // holds until the first round of ours
	return eachBlock(ctx, s.conn, base.Int64, func(p point) {
		r := s.rows[s.names[p.check]]
		if r == nil || p.at <= r.state.LastCheck.UnixMilli() {
			return
		}
		result := p.result()
		r.state = engine.Advance(r.state, result.Status, r.thresholds, result.At)
		r.state.LastLatency = result.Latency
		r.advanced = true
	})
}

// reconnect opens the file that the path leads to now, and has everything that
// is in memory written to it. Called by the writer.
func (s *Store) reconnect() (err error) {
	s.hangUp()
	s.open = journal{}
	if s.lock == nil {
		if s.lock, err = lockFile(s.path); err != nil {
			return err
		}
	}
	if err = s.connect(); err == nil {
		err = s.settleIn()
	}
	if err != nil {
		s.hangUp()
	}
	return err
}

// settleIn brings what is in memory and pending in line with a database that was
// opened under it.
func (s *Store) settleIn() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.rename(context.Background()); err != nil {
		return err
	}
	// What is pending of components that have left may have no id there.
	left := func(r *row) bool { return s.rows[r.name] != r }
	s.samples = slices.DeleteFunc(s.samples, func(x sample) bool { return left(x.row) })
	s.transitions = slices.DeleteFunc(s.transitions, func(x change) bool { return left(x.row) })
	s.leaving = slices.DeleteFunc(s.leaving, func(r *row) bool { r.id = s.ids[r.name]; return r.id == 0 })
	return nil
}

// rename gives every row the id that it has in the database, or a free one.
func (s *Store) rename(ctx context.Context) error {
	s.ids, s.names, s.next = map[string]uint32{}, map[uint32]string{}, 1
	rows, err := s.conn.QueryContext(ctx, `SELECT id, name FROM checks`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id uint32
		var name string
		if err := rows.Scan(&id, &name); err != nil {
			return err
		}
		s.know(id, name)
	}
	for _, r := range s.order {
		if r.id = s.ids[r.name]; r.id == 0 {
			s.name(r)
		}
		r.moved, r.advanced, r.listed = true, true, false
		s.press(r)
	}
	return rows.Err()
}
