package store

import (
	"context"
	"time"

	"polyhealth/engine"
)

// maxAlerts bounds the records that wait for a disk that takes nothing.
const maxAlerts = 10_000

// RecordAlert keeps what became of an alert. It never waits; of too many that wait for
// the disk the oldest are dropped.
func (s *Store) RecordAlert(r engine.AlertRecord) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.alerts = append(s.alerts, r)
	if n := len(s.alerts) - maxAlerts; n > 0 {
		n += maxAlerts / 100
		s.alerts = append(s.alerts[:0], s.alerts[n:]...)
		s.dropped += uint64(n)
	}
	s.arm(false)
}

// Alerts are the newest records, of one component or of all where name is empty,
// newest first and at most limit.
func (s *Store) Alerts(ctx context.Context, name string, limit int) ([]engine.AlertRecord, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT at, component, route, notifier, event, status, outcome, attempts, note, message
		FROM alerts WHERE ?1 = '' OR component = ?1 ORDER BY id DESC LIMIT ?2`, name, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []engine.AlertRecord
	for rows.Next() {
		var r engine.AlertRecord
		var at int64
		if err := rows.Scan(&at, &r.Component, &r.Route, &r.Notifier, &r.Event, &r.Status, &r.Outcome, &r.Attempts, &r.Note, &r.ID); err != nil {
			return nil, err
		}
		r.At = time.UnixMilli(at)
		all = append(all, r)
	}
	return all, rows.Err()
}

func (s *Store) writeAlerts(all []engine.AlertRecord) error {
	for _, r := range all {
		_, err := s.stmts.alert.Exec(r.At.UnixMilli(), r.Component, r.Route, r.Notifier, r.Event, r.Status, r.Outcome, r.Attempts, r.Note, r.ID)
		if err != nil {
			return err
		}
	}
	return nil
}
