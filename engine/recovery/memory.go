package recovery

import (
	"context"
	"slices"
	"time"

	"polyhealth/engine"
)

// Memory keeps ladders and actions over restarts.
type Memory interface {
	// LoadRecovery is all ladders, and the actions since a time, oldest first.
	LoadRecovery(ctx context.Context, since time.Time) ([]engine.RecoveryLadder, []engine.RecoveryAction, error)
	// SaveLadder and EndAction never wait.
	SaveLadder(l engine.RecoveryLadder)
	EndAction(a engine.RecoveryAction)
	// BeginAction calls kept once both are kept, together with all that the engine has
	// told of before, or cannot be.
	BeginAction(a engine.RecoveryAction, l engine.RecoveryLadder, kept func(error))
}

// longest is how far back actions are looked for at a start; no window is longer.
const longest = 31 * 24 * time.Hour

// recall brings back, once, what was remembered. An action that had begun and not ended
// was interrupted by the end of the process.
func (a *Actor) recall(now time.Time) {
	if a.begun {
		return
	}
	a.begun = true
	ladders, actions, err := a.memory.LoadRecovery(context.Background(), now.Add(-longest))
	if err != nil {
		a.log.Error("what was done to repair components is not known", "error", err)
	}
	for _, l := range ladders {
		lane := a.lane(l.Component)
		lane.tried, lane.exhausted, lane.dryRun = l.Tried, l.Exhausted, l.DryRun
	}
	for _, x := range actions {
		if x.Ended.IsZero() {
			x.Ended, x.Result, x.Detail = now, engine.RecoveryInterrupted, "polyhealth ended before it did"
			a.memory.EndAction(x)
			a.log.Warn("a repair was interrupted by the end of polyhealth", "check", x.Component, "action", x.Action)
		}
		a.lane(x.Component).remember(x)
		if !x.DryRun {
			a.starts = append(a.starts, x.At)
		}
		a.last = max(a.last, x.ID)
	}
	a.starts = slices.Clone(within(a.starts, now.Add(-time.Hour)))
}

// saved is the lane's ladder as the memory has it.
func (l *lane) saved() engine.RecoveryLadder {
	return engine.RecoveryLadder{Component: l.name, Tried: l.tried, Exhausted: l.exhausted, DryRun: l.dryRun}
}
