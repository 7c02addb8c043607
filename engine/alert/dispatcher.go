package alert

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"polyhealth/engine"
)

// Memory keeps what notifiers were told over restarts. SaveNotified replaces what
// is known of one, with a zero At forgets it, and never waits. After calls f once
// all that the engine has told of before is kept, or cannot be: a message is only sent
// of what a restart will know of as well.
type Memory interface {
	LoadNotified(ctx context.Context) ([]engine.Notified, error)
	SaveNotified(n engine.Notified)
	RecordAlert(r engine.AlertRecord)
	// SaveSilence and ForgetSilence return once it is done.
	LoadSilences() ([]engine.Silence, error)
	SaveSilence(s engine.Silence) error
	ForgetSilence(id string) error
	After(f func())
}

// A Dispatcher sends alerts by the routes of one plan at a time. It is an
// engine.Sink; its methods are safe for concurrent use.
type Dispatcher struct {
	log    *slog.Logger
	memory Memory
	kinds  map[string]Kind
	world  World

	silences atomic.Pointer[[]*engine.Silence]
	// needed are the checks that depend on each.
	needed atomic.Pointer[map[string][]string]
	// byCheck are the outlets of each check's routes.
	byCheck atomic.Pointer[map[string][]*outlet]
	// changed holds each component as it was at its last transition, so that a
	// Commit does not take a state for the newest that has been overtaken.
	changed sync.Map // of *engine.Component, by name

	mu      sync.Mutex // guards all below
	plan    *engine.Plan
	outlets []*outlet // in file order
	begun   bool      // memory was loaded
	run     func(*outlet)
}

// New returns a dispatcher without routes. world is asked from the first Commit on.
func New(log *slog.Logger, memory Memory, world World, kinds ...Kind) *Dispatcher {
	d := &Dispatcher{log: log, memory: memory, world: world, kinds: map[string]Kind{}}
	d.needed.Store(&map[string][]string{})
	d.silences.Store(&[]*engine.Silence{})
	for _, k := range kinds {
		d.kinds[k.Name] = k
	}
	d.byCheck.Store(&map[string][]*outlet{})
	return d
}

// keptWithin is how long a change of status, or that a message of it is about to be
// sent, may take to be kept. The message does not wait longer: a disk that hangs must not
// make polyhealth fall silent.
const keptWithin = 3 * time.Second

// Observe takes in what became of a component. It never waits for a notifier. What
// is news is acted on once it is kept.
func (d *Dispatcher) Observe(ev engine.Event) {
	name := ev.Check.Name
	for _, child := range (*d.needed.Load())[name] {
		defer d.look(child)
	}
	outlets := (*d.byCheck.Load())[name]
	if ev.Transition == nil && !ev.First() {
		for _, o := range outlets {
			o.refresh(ev.Component)
		}
		return
	}
	d.changed.Store(name, ev.Component)
	var from *engine.Status
	if ev.Transition != nil {
		from = &ev.Transition.From
	}
	act := sync.OnceFunc(func() {
		for _, o := range (*d.byCheck.Load())[name] {
			o.update(ev.Component, from)
		}
		if ev.Component.Status == engine.Healthy {
			d.unacknowledge(name)
		}
	})
	if len(outlets) == 0 {
		act()
		return
	}
	late := time.AfterFunc(keptWithin, act)
	d.memory.After(func() {
		late.Stop()
		act()
	})
}

// look has what is held back of a check looked at anew: something that it depends on
// has changed.
func (d *Dispatcher) look(name string) {
	for _, o := range (*d.byCheck.Load())[name] {
		o.release(name)
	}
}

// stopGrace is how long a message that is on its way when Run ends may take, where there
// is so much time.
const stopGrace = 3 * time.Second

// Run sends what is due until ctx ends, and returns within grace after. What has not
// been sent by then is due again after a restart.
func (d *Dispatcher) Run(ctx context.Context, grace time.Duration) {
	sending, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	var workers sync.WaitGroup
	d.begin(func(o *outlet) { workers.Go(func() { o.work(ctx, sending) }) })
	<-ctx.Done()
	d.begin(nil)
	over := make(chan struct{})
	go func() {
		defer close(over)
		workers.Wait()
	}()
	sent := min(stopGrace, grace*3/4)
	select {
	case <-over:
	case <-time.After(sent):
		cut()
		select {
		case <-over:
		case <-time.After(min(time.Second, grace-sent)): // it does not heed its context
		}
	}
}

// begin starts the outlets there are, and has later ones started. Nil: no more.
func (d *Dispatcher) begin(run func(*outlet)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.run = run
	if run != nil {
		for _, o := range d.outlets {
			run(o)
		}
	}
}

// A Stat is how one notifier of a route is doing. It counts from the start of
// the process, or the last change of the notifier's keys.
type Stat struct {
	Route, Notifier string
	Sent            uint64 // messages that were taken
	Failed          uint64 // attempts that failed
	GaveUp          uint64 // messages that were given up on
	Pending         int    // messages that are due, or to be tried again
	LastSent        time.Time
	LastError       string // redacted
	LastErrorAt     time.Time
	NotConfigured   string // why it sends nothing, or empty
}

// Stats tells of every notifier, in file order.
func (d *Dispatcher) Stats() []Stat {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := make([]Stat, len(d.outlets))
	for i, o := range d.outlets {
		all[i] = o.stats(time.Now())
	}
	return all
}

func (o *outlet) stats(now time.Time) Stat {
	o.mu.Lock()
	defer o.mu.Unlock()
	s := o.stat
	for _, l := range o.queue {
		if ev, at := o.event(l); ev != nothing && ev != silence && !at.After(now) {
			s.Pending++
		}
	}
	return s
}

var _ engine.Sink = (*Dispatcher)(nil)
