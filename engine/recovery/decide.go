package recovery

import (
	"fmt"
	"time"

	"polyhealth/checktypes"
	"polyhealth/engine"
)

// A ladder is what is remembered of a component.
type ladder struct {
	tried     int         // actions since it began
	exhausted time.Time   // when the attempts were found to be used up, or zero
	starts    []time.Time // of the last actions, oldest first: those within the window at least
	ended     time.Time   // when the last action ended, or zero
}

// A situation is how things are at one moment.
type situation struct {
	status  engine.Status // as reported
	since   time.Time     // of the status
	checked time.Time     // when the last result was that counts
	running bool          // an action of this component is under way
	held    string        // why nothing may be done, or empty
	house   house
}

// A house is what all components have in common.
type house struct {
	limits    engine.RecoveryLimits
	busy      bool        // some action is under way
	starts    []time.Time // of all actions within the last hour, oldest first
	unhealthy int         // of the other components
	others    int
}

// A verb is what to do.
type verb uint8

const (
	nothing verb = iota
	act          // the step
	exhaust      // note that the attempts are used up
	rearm        // begin anew
)

// A decision is what to do about a component, and why.
type decision struct {
	verb  verb
	step  int // of act: which, from 0
	phase engine.RecoveryPhase
	why   string
	until time.Time // when to look again though nothing has happened: later than now, or zero
}

// decide says what to do about a component that r is to repair. It is the only place
// where the limits are applied.
func decide(r *engine.Recovery, l ladder, s situation, now time.Time) decision {
	settled := l.ended.Add(r.Settle)
	switch {
	case s.running:
		return decision{phase: engine.RecoveryActing, why: "an action is under way"}
	case s.status == engine.Healthy:
		return healthy(r, l, s, now)
	case s.status == engine.Unknown:
		return wait(engine.RecoveryHeld, "nothing is known of it", time.Time{})
	case !r.Tries(s.status):
		return wait(engine.RecoveryIdle, "nothing is tried while it is "+s.status.String(), time.Time{})
	case !l.exhausted.IsZero():
		return wait(engine.RecoveryExhausted, "the attempts are used up", time.Time{})
	case !l.ended.IsZero() && now.Before(settled):
		return wait(engine.RecoverySettling, "the last action takes hold", settled)
	case !l.ended.IsZero() && s.checked.Before(settled):
		return wait(engine.RecoverySettling, "for a result since the last action took hold", time.Time{})
	case s.held != "":
		return wait(engine.RecoveryHeld, s.held, time.Time{})
	case len(within(l.starts, now.Add(-r.Window))) >= r.MaxAttempts:
		return decision{verb: exhaust, phase: engine.RecoveryExhausted,
			why: fmt.Sprintf("%d attempts within %s did not help", r.MaxAttempts, checktypes.FormatDuration(r.Window))}
	case l.tried > 0 && now.Before(l.ended.Add(backoff(r, l.tried))):
		return wait(engine.RecoveryWaiting, "for the backoff", l.ended.Add(backoff(r, l.tried)))
	}
	if d, stops := s.house.stops(now); stops {
		return d
	}
	return decision{verb: act, step: l.tried % len(r.Steps), phase: engine.RecoveryActing, why: "it is " + s.status.String()}
}

func wait(phase engine.RecoveryPhase, why string, until time.Time) decision {
	return decision{phase: phase, why: why, until: until}
}

// healthy is decide for a component that is: once it has been so for long enough, the
// ladder begins anew.
func healthy(r *engine.Recovery, l ladder, s situation, now time.Time) decision {
	reset := s.since.Add(r.ResetAfter)
	switch {
	case l.tried == 0 && l.exhausted.IsZero():
		return wait(engine.RecoveryIdle, "it is healthy", time.Time{})
	case now.Before(reset):
		return wait(engine.RecoveryIdle, "it is healthy; the steps begin anew when it has been for "+checktypes.FormatDuration(r.ResetAfter), reset)
	}
	return decision{verb: rearm, phase: engine.RecoveryIdle, why: "it is healthy"}
}

// A storm is two others at least: with one more that is unhealthy it may be chance.
const storm = 2

// stops says whether something speaks against any action at all.
func (h house) stops(now time.Time) (decision, bool) {
	hour := within(h.starts, now.Add(-time.Hour))
	switch {
	case h.unhealthy >= storm && float64(h.unhealthy)*100 > float64(h.limits.StopWhenUnhealthyAbove)*float64(h.others):
		return wait(engine.RecoveryHeld, fmt.Sprintf("%d of the %d other checks are unhealthy, more than %s",
			h.unhealthy, h.others, h.limits.StopWhenUnhealthyAbove), time.Time{}), true
	case len(hour) >= h.limits.MaxActionsPerHour:
		return wait(engine.RecoveryWaiting, fmt.Sprintf("for the limit of %d actions an hour", h.limits.MaxActionsPerHour),
			hour[len(hour)-h.limits.MaxActionsPerHour].Add(time.Hour)), true
	case h.limits.Serialize && h.busy:
		return wait(engine.RecoveryWaiting, "for another action to end", time.Time{}), true
	}
	return decision{}, false
}

// within are the times after one, of times in order.
func within(all []time.Time, after time.Time) []time.Time {
	for len(all) > 0 && !all[0].After(after) {
		all = all[1:]
	}
	return all
}

// backoff is how long to wait after n actions: twice as long each time, up to the
// window.
func backoff(r *engine.Recovery, n int) time.Duration {
	d := r.Backoff
	for ; n > 1 && d < r.Window; n-- {
		d *= 2
	}
	return min(d, max(r.Window, r.Backoff))
}
