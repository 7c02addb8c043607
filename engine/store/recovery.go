package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"polyhealth/engine"
)

// recoveryTables are what is remembered of repairs: where each component is on its
// ladder, and every action.
const recoveryTables = `
CREATE TABLE recovery (
	component TEXT PRIMARY KEY NOT NULL,
	tried     INTEGER NOT NULL, -- actions since the ladder began
	exhausted INTEGER,          -- when the attempts were found to be used up, or NULL
	dry_run   INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE actions (
	id        INTEGER PRIMARY KEY,
	component TEXT NOT NULL,
	at        INTEGER NOT NULL,
	step      INTEGER NOT NULL,
	attempt   INTEGER NOT NULL,
	kind      TEXT NOT NULL,
	action    TEXT NOT NULL,
	cause     TEXT NOT NULL,
	by_hand   INTEGER NOT NULL,
	dry_run   INTEGER NOT NULL,
	ended     INTEGER,          -- NULL while it runs, or where polyhealth ended before it
	result    TEXT NOT NULL,
	detail    TEXT NOT NULL
);
CREATE INDEX actions_of ON actions (component, id);
`

// A repair is a ladder, an action, or both, to be written. kept is told once of what
// became of that, and is nil where nobody waits for it.
type repair struct {
	ladder *engine.RecoveryLadder
	action *engine.RecoveryAction
	kept   func(error)
}

// SaveLadder remembers where a component is on its ladder. It never waits.
func (s *Store) SaveLadder(l engine.RecoveryLadder) { s.repair(repair{ladder: &l}) }

// BeginAction keeps an action that has not begun, and the ladder as it is then. It
// calls kept, from the writer's goroutine or at once, when both are in the database,
// or will not be, which forgets them.
func (s *Store) BeginAction(a engine.RecoveryAction, l engine.RecoveryLadder, kept func(error)) {
	s.repair(repair{&l, &a, kept})
}

// EndAction keeps what became of an action. It never waits.
func (s *Store) EndAction(a engine.RecoveryAction) { s.repair(repair{action: &a}) }

func (s *Store) repair(r repair) {
	s.mu.Lock()
	if trouble := s.trouble.text; trouble != "" && r.kept != nil {
		s.mu.Unlock()
		r.kept(errors.New(trouble))
		return
	}
	s.repairs = append(s.repairs, r)
	s.arm(true)
	s.mu.Unlock()
}

// refuse takes out what somebody waits for, as the disk does not take it. What nobody
// waits for is tried again. Called under mu.
func (s *Store) refuse() (refused []repair) {
	kept := s.repairs[:0:0]
	for _, r := range s.repairs {
		if r.kept != nil {
			refused = append(refused, r)
		} else {
			kept = append(kept, r)
		}
	}
	s.repairs = kept
	return refused
}

// answer tells those who wait.
func answer(all []repair, err error) {
	for _, r := range all {
		if r.kept != nil {
			r.kept(err)
		}
	}
}

func (s *Store) writeRecovery(all []repair) error {
	for _, r := range all {
		if l := r.ladder; l != nil {
			if _, err := s.stmts.ladder.Exec(l.Component, l.Tried, millis(l.Exhausted), l.DryRun); err != nil {
				return err
			}
		}
		if a := r.action; a != nil {
			_, err := s.stmts.action.Exec(a.ID, a.Component, a.At.UnixMilli(), a.Step, a.Attempt, a.Kind, a.Action, a.Cause,
				a.ByHand, a.DryRun, millis(a.Ended), string(a.Result), a.Detail)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// LoadRecovery is where components were on their ladders, and the actions since a time,
// oldest first.
func (s *Store) LoadRecovery(ctx context.Context, since time.Time) ([]engine.RecoveryLadder, []engine.RecoveryAction, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT component, tried, exhausted, dry_run FROM recovery`)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	var ladders []engine.RecoveryLadder
	for rows.Next() {
		var l engine.RecoveryLadder
		var exhausted sql.NullInt64
		if err := rows.Scan(&l.Component, &l.Tried, &exhausted, &l.DryRun); err != nil {
			return nil, nil, err
		}
		l.Exhausted = moment(exhausted)
		ladders = append(ladders, l)
	}
	if err := rows.Err(); err != nil {
		return nil, nil, err
	}
	actions, err := s.actions(ctx, `WHERE at >= ? ORDER BY id`, since.UnixMilli())
	return ladders, actions, err
}

// Actions are the newest actions, of one component or of all where name is empty,
// newest first and at most limit.
func (s *Store) Actions(ctx context.Context, name string, limit int) ([]engine.RecoveryAction, error) {
	return s.actions(ctx, `WHERE ?1 = '' OR component = ?1 ORDER BY id DESC LIMIT ?2`, name, limit)
}

func (s *Store) actions(ctx context.Context, where string, args ...any) (all []engine.RecoveryAction, err error) {
	rows, err := s.read.QueryContext(ctx, `SELECT id, component, at, step, attempt, kind, action, cause, by_hand, dry_run,
		ended, result, detail FROM actions `+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var a engine.RecoveryAction
		var at int64
		var ended sql.NullInt64
		if err := rows.Scan(&a.ID, &a.Component, &at, &a.Step, &a.Attempt, &a.Kind, &a.Action, &a.Cause, &a.ByHand, &a.DryRun,
			&ended, &a.Result, &a.Detail); err != nil {
			return nil, err
		}
		a.At, a.Ended = time.UnixMilli(at), moment(ended)
		all = append(all, a)
	}
	return all, rows.Err()
}
