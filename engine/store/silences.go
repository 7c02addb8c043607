package store

import (
	"context"
	"encoding/json"
	"time"

	"polyhealth/engine"
)

// LoadSilences are those that are kept, in the order of their creation.
func (s *Store) LoadSilences() (all []engine.Silence, err error) {
	rows, err := s.read.QueryContext(context.Background(), `SELECT silence FROM silences ORDER BY silence ->> 'created', id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var text []byte
		var one engine.Silence
		if err = rows.Scan(&text); err == nil {
			err = json.Unmarshal(text, &one)
		}
		if err != nil {
			return all, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// keptSoon is how long a silence may take to be kept.
const keptSoon = 10 * time.Second

// SaveSilence keeps a silence, and returns once it is in the database.
func (s *Store) SaveSilence(one engine.Silence) error { return s.putSilence(one.ID, &one) }

// ForgetSilence drops a silence, and returns once it is gone.
func (s *Store) ForgetSilence(id string) error { return s.putSilence(id, nil) }

func (s *Store) putSilence(id string, one *engine.Silence) error {
	s.mu.Lock()
	s.silences[id] = one
	s.arm(true)
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), keptSoon)
	defer cancel()
	err := s.Flush(ctx)
	if err != nil && one != nil { // who is told so does not expect it to be there
		s.mu.Lock()
		delete(s.silences, id)
		s.mu.Unlock()
	}
	return err
}

func (s *Store) writeSilences(all map[string]*engine.Silence) error {
	for id, one := range all {
		if one == nil {
			if _, err := s.stmts.unsilence.Exec(id); err != nil {
				return err
			}
			continue
		}
		text, err := json.Marshal(one)
		if err != nil {
			return err
		}
		if _, err := s.stmts.silence.Exec(id, string(text)); err != nil {
			return err
		}
	}
	return nil
}
