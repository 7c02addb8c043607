package engine

import (
	"sync"
	"sync/atomic"
	"time"

	"polyhealth/checktypes"
	"polyhealth/engine/rule"
)

// An entry is a check on the schedule, with all that changes while it is there.
type entry struct {
	// Guarded by Engine.mu:

	check *Check
	probe checktypes.Probe // nil where the check is not configured
	at    time.Time        // of the next thing to do: start, or give up
	due   time.Time        // of the current or next start, for lateness and cadence
	index int              // in the queue, -1 outside
	run   *run             // the probe that is running, or nil
	ended time.Time        // when the last run ended
	wake  time.Time        // when to start again after the run, for a change that it may have missed

	// judges are the entries of checks that are judged by this one; nil for none.
	judges atomic.Pointer[[]*entry]
	// dependents are the entries of checks that depend on this one; nil for none.
	dependents atomic.Pointer[[]*entry]

	// settled is when a repair has taken hold, in nanoseconds since 1970; see Recovering.
	settled atomic.Int64

	// Guarded by its own mutex, which is taken after Engine.mu or alone:

	state struct {
		sync.Mutex
		State
		memory *rule.Memory // nil where no rule looks back
	}
	recovering *Recovering

	component atomic.Pointer[Component]
	tally     Tally
	recent    recent
}

// A run is one start of a probe. It ends once: by its result, or by the engine
// giving up on it, whichever comes first.
type run struct {
	check    *Check // as it was at the start: a reload may replace the entry's
	probe    checktypes.Probe
	started  time.Time
	again    bool // a repeat of a run that was held up
	over     atomic.Bool
	obsolete bool // guarded by Engine.mu: the entry has moved on without it
}

// end claims the right to report the run's outcome.
func (r *run) end() bool { return r.over.CompareAndSwap(false, true) }

// queue is a heap of entries by the time of their next thing to do.
type queue []*entry

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].at.Before(q[j].at) }
func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

func (q *queue) Push(x any) {
	en := x.(*entry)
	en.index = len(*q)
	*q = append(*q, en)
}

func (q *queue) Pop() any {
	old := *q
	en := old[len(old)-1]
	old[len(old)-1] = nil
	en.index = -1
	*q = old[:len(old)-1]
	return en
}
