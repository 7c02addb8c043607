package alert

import (
	"time"

	"polyhealth/engine"
)

// A Rehearsal plays what one route says of one component on made-up time, by the
// decisions that a Dispatcher makes.
type Rehearsal struct {
	route     *engine.Route
	told      engine.Notified
	component *engine.Component // the newest; nil before the first
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

// Observe notes what has become of the component, at a time to which Until has been
// played.
func (r *Rehearsal) Observe(c *engine.Component) { r.component = c }

// Until plays to a time, and returns what is said from from on.
func (r *Rehearsal) Until(from, to time.Time) (said []Said) {
	for r.component != nil && len(said) < mostSaid {
		c := r.component
		went(r.route, &r.told, c.Status)
		ev, at := decide(r.route, r.told, c.Status, c.Flapping)
		if at.Before(from) {
			at = from
		}
		if ev == nothing || at.After(to) {
			return said
		}
		if h := planned(c, at); h != nil {
			from = h.Until
			continue
		}
		if ev != Resolved || r.route.SendResolved {
			said = append(said, Said{ev, c.Status, at})
		}
		r.told = tell(r.told, ev, c.Status, at)
	}
	return said
}
