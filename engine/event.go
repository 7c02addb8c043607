package engine

import "time"

// A Result is one probe, judged.
type Result struct {
	At      time.Time // when it ended
	Status  Status
	Latency time.Duration
}

// A Transition is a change of the reported status.
type Transition struct {
	From, To Status
	At       time.Time
}

// An Event is a result and what it led to.
type Event struct {
	Check      *Check
	Component  *Component
	State      State
	Result     Result
	Transition *Transition // nil where the reported status stayed
}

// First reports whether the result is the component's first.
func (ev Event) First() bool { return ev.State.Since.Equal(ev.Result.At) && ev.Transition == nil }

// A Sink is told of every event: of one component in order, of different ones
// at the same time. Observe is called on the probe's way and must not wait.
type Sink interface {
	Observe(Event)
}

// A Saved is a component as it was before a restart.
type Saved struct {
	State    State
	Message  string
	Rule     string
	Metadata []byte
}
