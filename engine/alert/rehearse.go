package alert

import (
	"time"

	"polyhealth/engine"
)

// A Rehearsal plays what one route says of one component on made-up time, by the
// decisions that a Dispatcher makes.
type Rehearsal struct {
	route  *engine.Route
	told   engine.Notified
	status engine.Status
	begun  bool
}

// Rehearse begins with a route that has said nothing.
func Rehearse(r *engine.Route) *Rehearsal { return &Rehearsal{route: r} }

// mostSaid bounds what one Until returns.
const mostSaid = 100_000

// Said is one message that a route says.
type Said struct {
	Event  Event
	Status engine.Status
	At     time.Time
}

// Status notes that the component reports a status, at a time to which Until has
// been played.
func (r *Rehearsal) Status(s engine.Status) { r.status, r.begun = s, true }

// Until plays to a time, and returns what is said from from on.
func (r *Rehearsal) Until(from, to time.Time) (said []Said) {
	for r.begun && len(said) < mostSaid {
		went(r.route, &r.told, r.status)
		ev, at := decide(r.route, r.told, r.status)
		if ev == nothing || at.After(to) {
			return said
		}
		if at.Before(from) {
			at = from
		}
		if ev != Resolved || r.route.SendResolved {
			said = append(said, Said{ev, r.status, at})
		}
		r.told = tell(r.told, ev, r.status, at)
	}
	return said
}
