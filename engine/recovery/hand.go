package recovery

import (
	"errors"
	"fmt"
	"time"

	"polyhealth/engine"
)

// Why nothing is done by hand.
var (
	ErrNoCheck = errors.New("there is no such check")
	ErrNoSteps = errors.New("the check has no recovery")
	ErrBusy    = errors.New("an action is under way")
)

// ByHand begins a step of a component's ladder, from 1, or where step is 0 the one that
// is next, since a person wants it: no limit and nothing else speaks against that. It
// counts as all others do. Dry only says what would be done.
func (a *Actor) ByHand(name string, step int, dry bool) (engine.RecoveryAction, error) {
	c := a.Engine.Component(name)
	if c == nil {
		return engine.RecoveryAction{}, ErrNoCheck
	}
	r := c.Check.Recovery
	switch {
	case r == nil:
		return engine.RecoveryAction{}, ErrNoSteps
	case step < 0 || step > len(r.Steps):
		return engine.RecoveryAction{}, fmt.Errorf("there is no step %d: the recovery has %d", step, len(r.Steps))
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	l := a.lane(name)
	if step == 0 {
		step = l.rungs(false).tried%len(r.Steps) + 1
	}
	s := r.Steps[step-1]
	switch {
	case dry:
		return engine.RecoveryAction{Component: name, Step: step, Kind: s.Kind(), Action: s.String(), ByHand: true, DryRun: true, Result: engine.RecoveryDry}, nil
	case l.current != nil:
		return engine.RecoveryAction{}, ErrBusy
	case a.ctx == nil:
		return engine.RecoveryAction{}, errors.New("polyhealth is stopping")
	}
	return a.begin(l, c, step-1, "by hand, while "+c.Status.String(), true, time.Now()), nil
}

// A Count names what is counted of actions.
type Count struct {
	Check  string
	Step   int
	Kind   string
	Result string
}

// A Summary is how all recovery is doing.
type Summary struct {
	Limits   engine.RecoveryLimits
	LastHour int // actions
	Running  int
	Counts   map[Count]uint64 // actions since the start
}

// Summary tells how all recovery is doing.
func (a *Actor) Summary() Summary {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := Summary{Running: a.busy, LastHour: len(within(a.starts, time.Now().Add(-time.Hour))), Counts: make(map[Count]uint64, len(a.counts))}
	if a.plan != nil {
		s.Limits = a.plan.Recovery
	}
	for k, v := range a.counts {
		s.Counts[k] = v
	}
	return s
}
