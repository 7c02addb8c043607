package store

import (
	"time"

	"polyhealth/engine"
)

// Bounds of the memory while the disk does not take anything.
const (
	maxSamples     = 100_000
	maxTransitions = 10_000
)

// A row is what is known of one check. Its fields belong to pending.
type row struct {
	id   uint32
	name string

	component  *engine.Component // the newest, or nil before Sync or a result
	state      engine.State
	thresholds engine.Thresholds
	saved      engine.Saved // what restore found, for Load

	urgent   bool // is in pending.urgent
	listed   bool // service_health has a row of it
	moved    bool // component is newer than that row
	advanced bool // state is newer than its row of checks
}

// A sample is a result that is not in the database yet. Its row has an id by the
// time it is written.
type sample struct {
	row  *row
	at   int64
	code uint16
}

// A change is a transition that is not in the database yet.
type change struct {
	row           *row
	at            int64
	from, to      engine.Status
	message, rule string
}

// A memo is the key of an engine.Notified.
type memo struct{ component, route, notifier string }

// pending is what the writer has yet to write, and what it writes from.
type pending struct {
	rows  map[string]*row   // of the components that are there
	order []*row            // the same, in file order as far as Sync told
	ids   map[string]uint32 // of every name in the database
	names map[uint32]string // its inverse
	gone  map[string]bool   // left by a Sync: what is still told of them is late
	next  uint32            // the next free id

	samples     []sample
	transitions []change
	urgent      []*row
	leaving     []*row // to be taken out of service_health
	notified    map[memo]engine.Notified
	repairs     []repair
	alerts      []engine.AlertRecord
	silences    map[string]*engine.Silence // by id; nil: to be dropped
	after       []func()                   // to be called after the next transaction
	flying      int                        // results and transitions of the transaction under way
	dropped     uint64

	since    time.Time // of the oldest thing pending, or zero
	pressing time.Time // of the oldest urgent thing pending, or zero
	hand     hand
}

func newPending() pending {
	return pending{
		rows: map[string]*row{}, ids: map[string]uint32{}, names: map[uint32]string{},
		gone: map[string]bool{}, notified: map[memo]engine.Notified{}, silences: map[string]*engine.Silence{}, next: 1,
	}
}

// Observe takes an event in, for the next transaction. It never waits for the
// disk.
func (s *Store) Observe(ev engine.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := ev.Check.Name
	r := s.rows[name]
	if r == nil {
		if s.gone[name] {
			return
		}
		r = s.add(name)
	}
	s.samples = append(s.samples, sample{r, ev.Result.At.UnixMilli(), encodeResult(ev.Result.Status, ev.Result.Latency)})
	if ev.Transition != nil {
		s.transitions = append(s.transitions, change{
			r, ev.Transition.At.UnixMilli(), ev.Transition.From, ev.Transition.To,
			ev.Component.Message, ev.Component.Rule,
		})
	}
	// A transition and a result that is not like the last one are changes in kind;
	// all else moves on. So does a first result that is good: a start brings
	// thousands of them, and the sweep finds them in the order of pages.
	first := r.state.LastCheck.IsZero()
	kind := (ev.Transition != nil || first || r.state.LastStatus != ev.State.LastStatus) &&
		!(first && ev.Result.Status == engine.Healthy)
	r.component, r.state, r.thresholds = ev.Component, ev.State, ev.Check.Thresholds
	r.moved, r.advanced = true, true
	if kind {
		s.press(r)
	}
	s.trim()
	s.arm(kind)
}

// After calls f, in the writer's goroutine, once all that was observed before is in
// the database; or as soon as it is known that the disk does not take it: what is
// to be said must not wait for it.
func (s *Store) After(f func()) {
	s.mu.Lock()
	if s.trouble.text != "" {
		s.mu.Unlock()
		f()
		return
	}
	s.after = append(s.after, f)
	s.arm(true)
	s.mu.Unlock()
}

// Sync tells which components there are, in file order. Each has a row of
// service_health within a moment, probed or not; those of others are taken out.
// Call it after each Commit of a plan.
func (s *Store) Sync(components []*engine.Component) {
	s.mu.Lock()
	defer s.mu.Unlock()
	left := s.rows
	s.rows = make(map[string]*row, len(components))
	s.order = s.order[:0]
	for _, c := range components {
		name := c.Check.Name
		delete(s.gone, name)
		r := left[name]
		if r == nil {
			r = s.add(name)
		} else {
			delete(left, name)
			s.rows[name] = r
			s.order = append(s.order, r)
		}
		s.settle(r, c)
	}
	for name, r := range left {
		s.gone[name] = true
		s.leaving = append(s.leaving, r)
	}
	s.hand = s.hand.restart()
	s.arm(true)
}

// settle brings a row up to its component as a reload left it.
func (s *Store) settle(r *row, c *engine.Component) {
	r.thresholds = c.Check.Thresholds
	if r.component == nil || r.component.Seq <= c.Seq {
		r.component, r.moved = c, true
	}
	if !r.listed {
		s.press(r)
	}
}

// add makes the row of a name, with the id it had before, if any. It is written
// at once, so that no result is ever kept under an id without a name.
func (s *Store) add(name string) *row {
	r := &row{id: s.ids[name], name: name, advanced: true}
	if r.id == 0 {
		s.name(r)
	}
	s.rows[name] = r
	s.order = append(s.order, r)
	s.press(r)
	return r
}

// name gives the row an id of its own.
func (s *Store) name(r *row) {
	r.id = s.next
	s.next++
	s.ids[r.name], s.names[r.id] = r.id, r.name
}

// press marks a row to be written by the next transaction.
func (s *Store) press(r *row) {
	if !r.urgent {
		r.urgent = true
		s.urgent = append(s.urgent, r)
	}
}

// trim drops the oldest of what has grown too long.
func (s *Store) trim() {
	if n := len(s.samples) - maxSamples; n > 0 {
		// Many at once, so that this costs little when each result drops one.
		n += maxSamples / 100
		s.samples = append(s.samples[:0], s.samples[n:]...)
		s.dropped += uint64(n)
	}
	if n := len(s.transitions) - maxTransitions; n > 0 {
		n += maxTransitions / 100
		s.transitions = append(s.transitions[:0], s.transitions[n:]...)
		s.dropped += uint64(n)
	}
}

// arm tells the writer that something is pending, where that brings its next
// transaction forward.
func (s *Store) arm(urgent bool) {
	now := time.Now()
	sooner := s.since.IsZero()
	if sooner {
		s.since = now
	}
	if urgent && s.pressing.IsZero() {
		s.pressing, sooner = now, true
	}
	if sooner {
		select {
		case s.wake <- struct{}{}:
		default:
		}
	}
}
