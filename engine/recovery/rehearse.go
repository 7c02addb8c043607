package recovery

import (
	"time"

	"polyhealth/engine"
)

// A Rehearsal plays what is done about one component on made-up time, by the decisions
// that an Actor makes. Its actions take no time, and nothing else goes on.
type Rehearsal struct {
	recovery *engine.Recovery
	house    house
	ladder   ladder
	status   engine.Status
	since    time.Time
	checked  time.Time
}

// Rehearse begins with a component that nothing was done about.
func Rehearse(r *engine.Recovery, limits engine.RecoveryLimits) *Rehearsal {
	return &Rehearsal{recovery: r, house: house{limits: limits}}
}

// Counts reports whether a result counts whose probe begins at a time.
func (x *Rehearsal) Counts(began time.Time) bool {
	return x.recovery.DryRun || !began.Before(x.ladder.ended.Add(x.recovery.Settle))
}

// Result notes what a component reports after a result that counts.
func (x *Rehearsal) Result(c *engine.Component) {
	x.status, x.since, x.checked = c.Status, c.Since, c.LastCheck
}

// A Deed is an action, or where Step is 0, that the attempts are used up.
type Deed struct {
	Step   int
	Action string
	At     time.Time
}

// Until plays from a time to another, and returns what is done.
func (x *Rehearsal) Until(from, to time.Time) (done []Deed) {
	now := from
	for !x.checked.IsZero() && !now.After(to) {
		d := decide(x.recovery, x.ladder, situation{status: x.status, since: x.since, checked: x.checked, house: x.house}, now)
		switch d.verb {
		case act:
			done = append(done, Deed{d.step + 1, x.recovery.Steps[d.step].String(), now})
			x.ladder.tried++
			x.ladder.starts, x.ladder.ended = append(x.ladder.starts, now), now
			x.house.starts = append(x.house.starts, now)
		case exhaust:
			done = append(done, Deed{At: now})
			x.ladder.exhausted = now
		case rearm:
			x.ladder.tried, x.ladder.exhausted = 0, time.Time{}
		default:
			if d.until.IsZero() {
				return done
			}
			now = d.until
		}
	}
	return done
}
