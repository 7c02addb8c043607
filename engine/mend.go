package engine

import (
	"container/heap"
	"time"
)

// Recovering shows with a component what is done to repair it; nil: nothing. A settled
// that is not zero is when an action has taken hold: results of probes that began
// before do not count, and the check is probed then, whenever it would have been.
func (e *Engine) Recovering(name string, r *Recovering, settled time.Time) {
	en := e.entry(name)
	if en == nil {
		return
	}
	en.state.Lock()
	c := *en.component.Load()
	en.recovering = r
	e.show(en, &c)
	en.state.Unlock()
	if settled.IsZero() {
		return
	}
	en.settled.Store(settled.UnixNano())
	e.mu.Lock()
	defer e.mu.Unlock()
	if en.run == nil && en.index >= 0 && settled.Before(en.at) {
		en.at = settled
		heap.Fix(&e.queue, en.index)
		e.nudge()
	}
}

// settles reports whether a probe that began at a time does not count.
func (en *entry) settles(began time.Time) bool { return began.UnixNano() < en.settled.Load() }

// afterSettling is when to start next: at once, or when it has settled, where a run
// that began at a time did not count.
func (en *entry) afterSettling(began, next time.Time) time.Time {
	if settled := time.Unix(0, en.settled.Load()); en.settles(began) && settled.Before(next) {
		return settled
	}
	return next
}
