package store

import (
	"context"
	"time"
)

const (
	// tidyEvery is how often old rows are looked for. While there are more than
	// tidyRows they are deleted a batch a second.
	tidyEvery = time.Minute
	tidyRows  = 256
)

// SetRetention sets how long results and transitions are kept; 0: for ever. The
// file does not shrink when less is kept: the room is used again.
func (s *Store) SetRetention(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.retention = d
}

// tidy deletes some of what is too old, and reports whether there is more.
func (s *Store) tidy(now time.Time) (more bool, err error) {
	s.mu.Lock()
	keep := s.retention
	s.mu.Unlock()
	if keep <= 0 {
		return false, nil
	}
	before := now.Add(-keep).UnixMilli()
	ctx := context.Background()
	err = inTransaction(ctx, s.conn, func() error {
		for _, query := range []string{
			`DELETE FROM history WHERE id IN (SELECT id FROM history WHERE id < ?1 - ?3 AND last < ?1 ORDER BY id LIMIT ?2)`,
			`DELETE FROM transitions WHERE at < ?1 AND ?3 AND id IN (SELECT id FROM transitions ORDER BY id LIMIT ?2)`,
			`DELETE FROM alerts WHERE at < ?1 AND ?3 AND id IN (SELECT id FROM alerts ORDER BY id LIMIT ?2)`,
			`DELETE FROM actions WHERE at < ?1 AND ?3 AND id IN (SELECT id FROM actions ORDER BY id LIMIT ?2)`,
			`DELETE FROM checks WHERE id IN (SELECT id FROM checks WHERE gone < ?1 AND ?3 LIMIT ?2)`,
		} {
			r, err := s.conn.ExecContext(ctx, query, before, tidyRows, blobSpan)
			if err != nil {
				return err
			}
			n, err := r.RowsAffected()
			if err != nil {
				return err
			}
			if more = n == tidyRows; more {
				break // no check is forgotten before its results
			}
		}
		return nil
	})
	if err == nil {
		err = s.forgetNames(ctx)
	}
	return more, err
}

// forgetNames drops from memory the names that are not in the database any more.
func (s *Store) forgetNames(ctx context.Context) error {
	s.mu.Lock()
	few := len(s.gone) == 0
	s.mu.Unlock()
	if few {
		return nil
	}
	rows, err := s.conn.QueryContext(ctx, `SELECT name FROM checks WHERE gone IS NOT NULL`)
	if err != nil {
		return err
	}
	defer rows.Close()
	kept := map[string]bool{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		kept[name] = true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.leaving) > 0 {
		return rows.Err() // not in the database yet
	}
	for name := range s.gone {
		if !kept[name] {
			delete(s.names, s.ids[name])
			delete(s.ids, name)
			delete(s.gone, name)
		}
	}
	return rows.Err()
}
