package recovery

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"polyhealth/engine"
)

// An Engine is what an Actor repairs the components of.
type Engine interface {
	Components(dst []*engine.Component) []*engine.Component
	Component(name string) *engine.Component
	Recovering(name string, r *engine.Recovering, settled time.Time)
}

// A Doer does what steps say. Its methods are called by many goroutines at a time, and
// return soon after ctx ends.
type Doer interface {
	// Ready says why a step must not be done now, such as that its unit is starting by
	// itself; empty where nothing speaks against it.
	Ready(ctx context.Context, s engine.RecoveryStep) (why string)
	// Do does a step. The detail is for people: the tail of what was said.
	Do(ctx context.Context, s engine.RecoveryStep, of Occasion) (result engine.RecoveryResult, detail string)
}

// An Occasion is what an action is done for.
type Occasion struct {
	Component *engine.Component
	Tags      []string // of its check, without secrets
	Action    engine.RecoveryAction
}

// Options are what an Actor needs to live.
type Options struct {
	Log    *slog.Logger
	Engine Engine
	Memory Memory
	Doer   Doer
	// Held says why nothing may be done about a component now, or nothing. It never
	// waits. Nil: nothing ever speaks against it.
	Held func(c *engine.Component, now time.Time) (why string)
}

// An Actor repairs the components of one plan at a time. It is an engine.Sink; its
// methods are safe for concurrent use.
type Actor struct {
	Options
	log    *slog.Logger
	memory Memory

	inbox struct { // of Observe, which must not wait for anything else
		sync.Mutex
		names map[string]bool
	}
	wake chan struct{}

	mu     sync.Mutex // guards all below, and the lanes
	plan   *engine.Plan
	begun  bool // memory was loaded
	lanes  map[string]*lane
	starts []time.Time // of all actions within the last hour, oldest first
	busy   int         // actions under way
	last   int64       // the last action's ID
	counts map[Count]uint64
	ctx    context.Context // nil while nothing is to be done
	acting sync.WaitGroup
}

// New returns an actor without a plan.
func New(o Options) *Actor {
	a := &Actor{Options: o, log: o.Log, memory: o.Memory, wake: make(chan struct{}, 1),
		lanes: map[string]*lane{}, counts: map[Count]uint64{}}
	a.inbox.names = map[string]bool{}
	if a.Held == nil {
		a.Held = func(*engine.Component, time.Time) string { return "" }
	}
	return a
}

// Commit lets a plan take over. What is under way goes on to its end.
func (a *Actor) Commit(p *engine.Plan) {
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.plan = p
	a.recall(now)
	there := map[string]bool{}
	for _, c := range p.Checks {
		if c.Recovery == nil {
			continue
		}
		there[c.Name] = true
		l := a.lane(c.Name)
		if settled := l.rungs(c.Recovery.DryRun).ended.Add(c.Recovery.Settle); !c.Recovery.DryRun && settled.After(now) && l.current == nil {
			a.Engine.Recovering(c.Name, nil, settled)
		}
		l.shown = engine.Recovering{}
		a.look(c.Name)
	}
	for name := range a.lanes {
		if !there[name] {
			a.Engine.Recovering(name, nil, time.Time{})
		}
	}
}

func (a *Actor) lane(name string) *lane {
	l := a.lanes[name]
	if l == nil {
		l = &lane{name: name}
		a.lanes[name] = l
	}
	return l
}

// Observe has a component looked at that has a new result.
func (a *Actor) Observe(ev engine.Event) {
	if ev.Check.Recovery != nil {
		a.note(ev.Check.Name, true)
	}
}

// look has a component looked at.
func (a *Actor) look(name string) { a.note(name, false) }

func (a *Actor) note(name string, result bool) {
	a.inbox.Lock()
	a.inbox.names[name] = a.inbox.names[name] || result
	a.inbox.Unlock()
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// Run acts until ctx ends. What is under way then is cut off, and known as
// interrupted.
func (a *Actor) Run(ctx context.Context) {
	acting, cut := context.WithCancel(ctx)
	defer cut()
	a.mu.Lock()
	a.ctx = acting
	a.mu.Unlock()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-a.wake:
			a.inbox.Lock()
			names := a.inbox.names
			a.inbox.names = map[string]bool{}
			a.inbox.Unlock()
			for name, result := range names {
				a.consider(name, result, time.Now())
			}
		}
	}
	a.mu.Lock()
	a.ctx = nil
	for _, l := range a.lanes {
		if l.again != nil {
			l.again.Stop()
		}
	}
	a.mu.Unlock()
	over := make(chan struct{})
	go func() { defer close(over); a.acting.Wait() }()
	select {
	case <-over:
	case <-time.After(stopGrace): // it does not heed its context
	}
}

// stopGrace is how long an action that is under way when Run ends may take to notice.
const stopGrace = 5 * time.Second

// consider decides what to do about a component, and begins to do it.
func (a *Actor) consider(name string, result bool, now time.Time) {
	c := a.Engine.Component(name)
	if c == nil || c.Check.Recovery == nil {
		return
	}
	held := a.Held(c, now)
	a.mu.Lock()
	defer a.mu.Unlock()
	r, l := c.Check.Recovery, a.lane(name)
	l.seen = l.seen || result
	if result {
		l.stopped = ""
	}
	switch {
	case !l.seen:
		held = "it has had no result since the start"
	case held == "" && l.stopped != "":
		held = l.stopped
	}
	d := decide(r, l.rungs(r.DryRun), a.situation(l, c, held, now), now)
	switch d.verb {
	case act:
		cause := c.Status.String() + ": " + c.Message
		a.begin(l, c, d.step, cause, false, now)
	case exhaust:
		l.turn(r.DryRun)
		l.exhausted = now
		a.memory.SaveLadder(l.saved())
		a.log.Error("recovery is at its end", "check", name, "reason", d.why, "tried", l.tale(), "dry_run", r.DryRun)
	case rearm:
		l.turn(r.DryRun)
		l.tried, l.exhausted = 0, time.Time{}
		a.memory.SaveLadder(l.saved())
	}
	a.show(l, r, d, time.Time{}, now)
}

// situation is how things are around a component.
func (a *Actor) situation(l *lane, c *engine.Component, held string, now time.Time) situation {
	s := situation{status: c.Status, since: c.Since, checked: c.LastCheck, running: l.current != nil, held: held}
	s.house = house{limits: a.plan.Recovery, busy: a.busy > 0}
	a.starts = within(a.starts, now.Add(-time.Hour))
	s.house.starts = a.starts
	if !c.Check.Recovery.Tries(c.Status) {
		return s
	}
	for _, other := range a.Engine.Components(nil) {
		if other.Check.Name == l.name {
			continue
		}
		s.house.others++
		if other.Status == engine.Unhealthy {
			s.house.unhealthy++
		}
	}
	return s
}

// show shows a lane where that is news, and has it looked at again in time. A settled
// that is not zero is passed on.
func (a *Actor) show(l *lane, r *engine.Recovery, d decision, settled, now time.Time) {
	if s := l.show(r, d, now); !same(s, l.shown) || !settled.IsZero() {
		l.shown = s
		a.Engine.Recovering(l.name, &s, settled)
	}
	if l.again != nil {
		l.again.Stop()
	}
	if !d.until.IsZero() && a.ctx != nil {
		l.again = time.AfterFunc(d.until.Sub(now), func() { a.look(l.name) })
	}
}

var _ engine.Sink = (*Actor)(nil)
