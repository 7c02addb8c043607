package engine

import (
	"container/heap"
	"time"
)

// A check that is judged by others has no interval that matters: it is run when
// one of them changes, and otherwise with everything else that may have changed.
const (
	// soon is the least time between two runs where a status changed: thousands may
	// change in one moment.
	soon = 100 * time.Millisecond
	// later is that where nothing but a message or a latency did.
	later = time.Second
)

// link tells each entry which others are judged by it, or depend on it. Called under
// mu.
func (e *Engine) link() {
	judges, dependents := map[string][]*entry{}, map[string][]*entry{}
	for _, en := range e.byName {
		for _, name := range en.check.Inputs {
			judges[name] = append(judges[name], en)
		}
		for _, group := range en.check.DependsOn {
			for _, name := range group {
				dependents[name] = append(dependents[name], en)
			}
		}
	}
	for name, en := range e.byName {
		en.judges.Store(some(judges[name]))
		en.dependents.Store(some(dependents[name]))
	}
	for _, en := range e.byName {
		e.blocked(en)
	}
}

func some(entries []*entry) *[]*entry {
	if entries == nil {
		return nil
	}
	return &entries
}

// blocked shows what an entry is blocked by, where that has changed.
func (e *Engine) blocked(en *entry) {
	en.state.Lock()
	defer en.state.Unlock()
	c := *en.component.Load()
	if c.Check.BlockedBy(e.Component) != c.BlockedBy {
		e.show(en, &c)
	}
}

// changed has those run that are judged by an entry which has a new result.
func (e *Engine) changed(en *entry, transition bool) {
	if of := en.dependents.Load(); of != nil && transition {
		for _, dependent := range *of {
			e.blocked(dependent)
		}
	}
	judges := en.judges.Load()
	if judges == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	for _, j := range *judges {
		gap := later
		if transition || j.component.Load().LastCheck.IsZero() {
			gap = soon
		}
		e.awaken(j, now, gap)
	}
}

// awaken has an entry run no sooner than a gap after its last run. Called under mu.
func (e *Engine) awaken(en *entry, now time.Time, gap time.Duration) {
	at := en.ended.Add(gap)
	if at.Before(now) {
		at = now
	}
	switch {
	case en.run != nil:
		if en.wake.IsZero() || now.Add(gap).Before(en.wake) {
			en.wake = now.Add(gap)
		}
	case en.index >= 0 && at.Before(en.at):
		en.at = at
		heap.Fix(&e.queue, en.index)
		if en.index == 0 {
			e.nudge()
		}
	}
}

// Probe has a check probed now, or once more where it is just being probed.
func (e *Engine) Probe(name string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if en := e.byName[name]; en != nil && en.probe != nil {
		e.awaken(en, time.Now(), 0)
	}
}
