package engine

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"polyhealth/checktypes"
	"polyhealth/engine/rule"
)

// An Engine keeps the checks of one Plan at a time on their schedules. Its
// methods are safe for concurrent use.
type Engine struct {
	sinks  []Sink
	log    *slog.Logger
	shared *checktypes.Shared
	saved  map[string]Saved      // what Restore brought, until a check claims it
	probed map[string]*Component // by Once

	mu     sync.Mutex // guards plan, byName, the queue and every entry's schedule
	plan   *Plan
	byName map[string]*entry
	queue  queue

	order   atomic.Pointer[[]*entry]          // in file order, for readers
	named   atomic.Pointer[map[string]*entry] // by name, for readers
	seq     atomic.Uint64                     // the last Component.Seq
	version atomic.Uint64                     // grows after each publication
	late    Lateness
	pulse   pulse
	wake    chan struct{} // the queue's head changed
	running sync.WaitGroup
	active  atomic.Int64 // probes running now
	// machines run rules. Each serves one goroutine at a time, and allocates once.
	machines sync.Pool
	ctx      context.Context
	cancel   context.CancelFunc
}

// New returns an engine without checks, that tells sinks of every event.
func New(log *slog.Logger, sinks ...Sink) *Engine {
	ctx, cancel := context.WithCancel(context.Background())
	e := &Engine{
		sinks: sinks, log: log, shared: &checktypes.Shared{},
		byName: map[string]*entry{}, wake: make(chan struct{}, 1),
		ctx: ctx, cancel: cancel,
	}
	e.order.Store(&[]*entry{})
	e.named.Store(&map[string]*entry{})
	e.machines.New = func() any { return new(rule.VM) }
	return e
}

// Restore gives the engine what was known before a restart. Checks of the first
// plan go on from there; call it before that plan's Prepare.
func (e *Engine) Restore(saved map[string]Saved) { e.saved = saved }

// Run starts probes as they become due, until ctx ends. Then it cancels the
// running ones, whose results are dropped, and waits up to grace for them and
// for their connections to close.
func (e *Engine) Run(ctx context.Context, grace time.Duration) {
	e.loop(ctx)
	e.cancel()
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		e.running.Wait()
		e.closeAll()
	}()
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-closed:
	case <-timer.C:
		e.log.Warn("some probes did not stop in time", "running", e.active.Load())
	}
}

// closeAll closes every probe. Nothing runs any more.
func (e *Engine) closeAll() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, en := range e.byName {
		e.closeProbe(en.check.Name, en.probe)
	}
}

// closeProbe closes what may be nil, contained.
func (e *Engine) closeProbe(name string, p checktypes.Probe) {
	if p == nil {
		return
	}
	defer func() {
		if r := recover(); r != nil {
			e.log.Error("closing a probe panicked", "check", name, "panic", r)
		}
	}()
	if err := p.Close(); err != nil {
		e.log.Debug("closing a probe", "check", name, "error", err)
	}
}

// nudge makes the loop look at the queue again.
func (e *Engine) nudge() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}
