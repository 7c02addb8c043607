package alert

import (
	"container/heap"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"polyhealth/engine"
)

// An outlet is one notifier of one route. It keeps a lane for each component that
// there is something to say of, or soon may be.
type outlet struct {
	route    *engine.Route // guarded by mu
	config   engine.NotifierConfig
	dir      string
	notifier Notifier // nil where it is not configured
	memory   Memory
	world    World
	silences *atomic.Pointer[[]*engine.Silence]
	log      *slog.Logger
	redact   func(string) string // guarded by mu

	mu      sync.Mutex
	lanes   map[string]*lane
	queue   queue
	pause   time.Time // nothing is sent before, as the place wants it
	wait    time.Time // nor before that, as we do
	keeping bool      // what is about to be sent is being put on record
	full    time.Time // when the allowance of single messages will be whole again
	stat    Stat
	row     int           // failures in a row
	wake    chan struct{} // the queue's head changed
	stop    chan struct{} // the outlet is no more
}

func newOutlet(r *engine.Route, nc engine.NotifierConfig, dir string, d *Dispatcher) *outlet {
	return &outlet{
		route: r, config: nc, dir: dir, memory: d.memory, world: d.world, silences: &d.silences,
		log:   d.log.With("route", r.Name, "notifier", nc.Type),
		lanes: map[string]*lane{}, wake: make(chan struct{}, 1), stop: make(chan struct{}),
		stat: Stat{Route: r.Name, Notifier: nc.Type, NotConfigured: nc.NotConfigured},
	}
}

// update takes in a component's newest state. from is the status before, where
// it has just changed.
func (o *outlet) update(c *engine.Component, from *engine.Status) {
	o.mu.Lock()
	defer o.mu.Unlock()
	l := o.lanes[c.Check.Name]
	if l == nil {
		if !o.route.Alerts(c.Status) || !c.Probed() {
			return
		}
		l = o.lane(c.Check.Name)
	}
	if l.component != nil && l.component.Seq > c.Seq {
		return
	}
	same := l.component != nil && l.component.Status == c.Status && l.component.Flapping == c.Flapping && l.gone == ""
	l.component, l.gone = c, ""
	if from != nil {
		l.previous = *from
	}
	if same && from == nil {
		return
	}
	l.retry()
	o.schedule(l)
}

// refresh takes in a component whose status is what it was: what is said of it is up
// to date.
func (o *outlet) refresh(c *engine.Component) {
	o.mu.Lock()
	defer o.mu.Unlock()
	l := o.lanes[c.Check.Name]
	if l == nil || l.component == nil || l.component.Status != c.Status || l.component.Seq >= c.Seq {
		return
	}
	flaps := l.component.Flapping != c.Flapping
	if l.component = c; flaps || l.held != nil || exhausted(c).After(l.told.At) {
		o.schedule(l)
	}
}

// release looks anew at what is held back of a component.
func (o *outlet) release(name string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if l := o.lanes[name]; l != nil && l.held != nil {
		o.schedule(l)
	}
}

// releaseAll looks anew at all that is held back.
func (o *outlet) releaseAll() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, l := range o.lanes {
		if l.held != nil {
			o.schedule(l)
		}
	}
}

// lane adds the lane of a component.
func (o *outlet) lane(name string) *lane {
	l := &lane{name: name, index: -1, told: engine.Notified{
		Component: name, Route: o.route.Name, Notifier: o.config.Type,
	}}
	o.lanes[name] = l
	return l
}

// recall adds the lane of what was told before a restart.
func (o *outlet) recall(n engine.Notified) {
	l := o.lane(n.Component)
	l.told, l.maybe = n, n.Trying
	l.previous = n.Status
}

// leave notes that a component is not told of here any more.
func (o *outlet) leave(l *lane, why string) {
	if l.gone != why {
		l.gone = why
		l.retry()
	}
	o.schedule(l)
}

// event is what is due for the lane, and when.
func (o *outlet) event(l *lane) (Event, time.Time) {
	switch {
	case l.gone != "" && (l.told.Firing || l.told.Trying):
		return o.wanted(Resolved)
	case l.gone != "" || l.component == nil || !l.component.Probed():
		return nothing, time.Time{}
	}
	if went(o.route, &l.told, l.component.Status) {
		o.memory.SaveNotified(l.told)
	}
	told := l.told
	told.Went = told.Went || exhausted(l.component).After(told.At)
	ev, at := decide(o.route, told, l.component.Status, l.component.Flapping)
	if ev == Resolved {
		return o.wanted(ev)
	}
	return ev, at
}

// wanted is a resolved, which some routes do not send.
func (o *outlet) wanted(ev Event) (Event, time.Time) {
	if !o.route.SendResolved {
		return silence, time.Time{}
	}
	return ev, time.Time{}
}

// Events that nobody hears of.
const (
	silence Event = "silence" // the alert ends without a word
	forget  Event = "forget"  // nothing is left to remember
)

// schedule sets when the lane is looked at again. Called under mu.
func (o *outlet) schedule(l *lane) {
	ev, at := o.next(l)
	if ev == nothing {
		if l.index >= 0 {
			heap.Remove(&o.queue, l.index)
		}
		return
	}
	l.due = at
	if l.hold.After(at) {
		l.due = l.hold
	}
	if l.index < 0 {
		heap.Push(&o.queue, l)
	} else {
		heap.Fix(&o.queue, l.index)
	}
	if l.index == 0 {
		select {
		case o.wake <- struct{}{}:
		default:
		}
	}
}

// next is event, or where nothing is due, when the lane may be forgotten: once
// its cooldown is over.
func (o *outlet) next(l *lane) (Event, time.Time) {
	ev, at := o.event(l)
	if ev != nothing || l.told.Firing || l.told.Trying {
		return ev, at
	}
	switch {
	case l.gone != "":
		return forget, time.Time{}
	case l.component == nil || !l.component.Probed() || o.route.Alerts(l.component.Status):
		return nothing, time.Time{}
	}
	return forget, l.told.At.Add(o.route.Cooldown)
}

// drop forgets the lane. Called under mu.
func (o *outlet) drop(l *lane) {
	if l.index >= 0 {
		heap.Remove(&o.queue, l.index)
	}
	delete(o.lanes, l.name)
	if !l.told.At.IsZero() || l.told.Trying {
		l.told.At, l.told.Trying = time.Time{}, false
		o.memory.SaveNotified(l.told)
	}
}

// keep holds back what is due for the lane, where something keeps it. Called under mu.
func (o *outlet) keep(l *lane, ev Event, now time.Time) bool {
	if l.gone != "" || l.component == nil {
		return false
	}
	before := l.held
	if l.held = held(o.world, ev, l.component, now); l.held == nil {
		l.held = silenced(*o.silences.Load(), ev, l.component, now)
	}
	if l.held == nil {
		return false
	}
	if before == nil || before.Why != l.held.Why {
		o.log.Info("an alert is held back", "check", l.name, "event", string(ev), "reason", l.held.Why)
		o.record(l, o.message(l, ev, now), now, engine.AlertHeld, l.held.Why)
	}
	l.due = now.Add(lookAgain)
	if until := l.held.Until; until.After(now) && until.Before(l.due) {
		l.due = until
	}
	heap.Fix(&o.queue, l.index)
	return true
}

// lookAgain is how often what is held back is looked at, whatever is noticed of what
// holds it.
const lookAgain = time.Minute
