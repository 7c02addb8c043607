package engine

import "time"

// A RecoveryAction is one action that was to repair a component: what recovery must
// remember of it over a restart, and what the history shows.
type RecoveryAction struct {
	ID        int64 // greater than those before
	Component string
	At        time.Time // when it began
	Step      int       // of the ladder, from 1
	Attempt   int       // since the ladder began, from 1
	Kind      string    // restart_unit, command or webhook
	Action    string    // for people: "restart trader.service"
	Cause     string    // what led to it
	ByHand    bool
	DryRun    bool

	// Ended is zero while it runs, and so is what follows.
	Ended  time.Time
	Result RecoveryResult
	Detail string // the output's tail, or why it failed
}

// A RecoveryResult is what became of an action.
type RecoveryResult string

// The results. Anything but Done has failed, and Interrupted may have.
const (
	RecoveryDone        RecoveryResult = "done"
	RecoveryFailed      RecoveryResult = "failed"
	RecoveryTimeout     RecoveryResult = "timeout"
	RecoveryInterrupted RecoveryResult = "interrupted" // polyhealth ended meanwhile
	RecoveryDry         RecoveryResult = "dry_run"     // nothing was done
)

// A RecoveryLadder is where a component is on its ladder of steps.
type RecoveryLadder struct {
	Component string
	Tried     int       // actions since the ladder began
	Exhausted time.Time // when the attempts were found to be used up, or zero
	DryRun    bool      // it is a ladder of what would be done
}

// A Recovering is what is shown of a component's recovery.
type Recovering struct {
	State    RecoveryPhase
	Why      string          // in words
	Until    time.Time       // when that may change by itself, or zero
	Attempts int             // within the window
	Most     int             // that may be
	DryRun   bool            //
	Last     *RecoveryAction // nil where there was none
	// Exhausted is when the attempts were used up, or zero; Tried is what was tried then.
	Exhausted time.Time
	Tried     string
}

// A RecoveryPhase is what recovery is at.
type RecoveryPhase string

// The phases.
const (
	RecoveryIdle      RecoveryPhase = "idle"      // nothing to repair
	RecoveryWaiting   RecoveryPhase = "waiting"   // for the backoff, or a limit
	RecoveryHeld      RecoveryPhase = "held"      // something speaks against it
	RecoveryActing    RecoveryPhase = "acting"    //
	RecoverySettling  RecoveryPhase = "settling"  // results are not counted
	RecoveryExhausted RecoveryPhase = "exhausted" // until it is healthy for a while
)
