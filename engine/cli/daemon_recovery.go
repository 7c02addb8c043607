package cli

import (
	"context"
	"errors"
	"time"

	"polyhealth/engine"
	"polyhealth/engine/recovery"
	"polyhealth/engine/recovery/act"
	"polyhealth/engine/server"
)

// newActor is what repairs components.
func (d *daemon) newActor() *recovery.Actor {
	return recovery.New(recovery.Options{
		Log: d.log, Engine: mended{d}, Memory: d.store, Doer: act.New(), Held: d.alerts.Holds,
	})
}

// mended is the engine as recovery knows it.
type mended struct{ d *daemon }

func (m mended) Components(dst []*engine.Component) []*engine.Component {
	return m.d.engine.Components(dst)
}
func (m mended) Component(name string) *engine.Component { return m.d.engine.Component(name) }
func (m mended) Recovering(name string, r *engine.Recovering, settled time.Time) {
	m.d.engine.Recovering(name, r, settled)
}

// recoveries are how all recovery is doing, for the server.
func (d *daemon) recoveries() server.RecoveryState {
	s := d.repair.Summary()
	r := server.RecoveryState{Limits: s.Limits, LastHour: s.LastHour, Running: s.Running}
	for k, n := range s.Counts {
		r.Counts = append(r.Counts, server.RecoveryCount{Check: k.Check, Step: k.Step, Kind: k.Kind, Result: k.Result, Count: n})
	}
	return r
}

// recover does a step by hand.
func (d *daemon) recover(name string, step int, dry bool) (engine.RecoveryAction, error) {
	a, err := d.repair.ByHand(name, step, dry)
	switch {
	case errors.Is(err, recovery.ErrNoCheck):
		return a, server.ErrNotFound
	case errors.Is(err, recovery.ErrBusy):
		return a, server.ErrConflict
	}
	return a, err
}

// actions are the newest actions, of one check or of all.
func (d *daemon) actions(ctx context.Context, name string, limit int) ([]engine.RecoveryAction, error) {
	return d.store.Load().Actions(ctx, name, limit)
}
