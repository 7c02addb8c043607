package cli

import (
	"context"
	"sync/atomic"
	"time"

	"polyhealth/engine"
	"polyhealth/engine/store"
)

// shelf is the database of the moment: a reload may put another in its place.
// What is observed goes to the one that is there.
type shelf struct {
	atomic.Pointer[store.Store]
}

// Observe hands an event to the database.
func (s *shelf) Observe(ev engine.Event) { s.Load().Observe(ev) }

// SaveNotified remembers what a notifier was told.
func (s *shelf) SaveNotified(n engine.Notified) { s.Load().SaveNotified(n) }

// LoadNotified is all that is remembered.
func (s *shelf) LoadNotified(ctx context.Context) ([]engine.Notified, error) {
	return s.Load().LoadNotified(ctx)
}

// After calls f once what was observed before is kept.
func (s *shelf) After(f func()) { s.Load().After(f) }

// LoadRecovery is what is remembered of repairs.
func (s *shelf) LoadRecovery(ctx context.Context, since time.Time) ([]engine.RecoveryLadder, []engine.RecoveryAction, error) {
	return s.Load().LoadRecovery(ctx, since)
}

// SaveLadder remembers where a component is on its ladder.
func (s *shelf) SaveLadder(l engine.RecoveryLadder) { s.Load().SaveLadder(l) }

// BeginAction keeps that an action begins.
func (s *shelf) BeginAction(a engine.RecoveryAction, l engine.RecoveryLadder, kept func(error)) {
	s.Load().BeginAction(a, l, kept)
}

// EndAction keeps what became of an action.
func (s *shelf) EndAction(a engine.RecoveryAction) { s.Load().EndAction(a) }
