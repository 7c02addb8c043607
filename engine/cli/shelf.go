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

// RecordAlert keeps what became of an alert.
func (s *shelf) RecordAlert(r engine.AlertRecord) { s.Load().RecordAlert(r) }

// LoadSilences, SaveSilence and ForgetSilence are the database's.
func (s *shelf) LoadSilences() ([]engine.Silence, error) { return s.Load().LoadSilences() }
func (s *shelf) SaveSilence(one engine.Silence) error    { return s.Load().SaveSilence(one) }
func (s *shelf) ForgetSilence(id string) error           { return s.Load().ForgetSilence(id) }

// watched is the engine as alerts ask it.
type watched struct{ d *daemon }

func (w watched) Component(name string) *engine.Component { return w.d.engine.Component(name) }
func (w watched) Probe(name string)                       { go w.d.engine.Probe(name) }

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
