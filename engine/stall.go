package engine

import (
	"sync/atomic"
	"time"
)

const (
	// beatEvery is the longest the loop sleeps, so that its own pulse tells
	// whether this process ran at all.
	beatEvery = 500 * time.Millisecond
	// heldUp is how late a beat may be before results from that time are taken
	// for our own fault: stopped by a signal, suspended, or starved of CPU.
	heldUp = 2 * time.Second
)

// pulse is the loop's heartbeat, in nanoseconds since the first. It tells a
// target that did not answer from a process that could not listen.
type pulse struct {
	origin atomic.Pointer[time.Time]
	last   atomic.Int64 // the last beat
	stall  atomic.Int64 // the end of the last stall, or 0
	stalls atomic.Int64
}

// beat notes that the loop is alive at now, and returns how long it was held up,
// or 0.
func (p *pulse) beat(now time.Time) time.Duration {
	if p.origin.CompareAndSwap(nil, &now) {
		return 0
	}
	at := int64(now.Sub(*p.origin.Load()))
	gap := time.Duration(at - p.last.Swap(at))
	if gap < heldUp {
		return 0
	}
	p.stall.Store(at)
	p.stalls.Add(1)
	return gap
}

// held reports whether this process was held up between started and now. It does
// not rely on the loop having noticed already: whoever wakes first asks.
func (p *pulse) held(started, now time.Time) bool {
	origin := p.origin.Load()
	if origin == nil {
		return false
	}
	since := int64(started.Sub(*origin))
	return p.stall.Load() > since || time.Duration(int64(now.Sub(*origin))-p.last.Load()) > heldUp
}

// Pulse is when the scheduling loop last went around; zero before it ran. It
// goes around at least twice a second.
func (e *Engine) Pulse() time.Time {
	origin := e.pulse.origin.Load()
	if origin == nil {
		return time.Time{}
	}
	return origin.Add(time.Duration(e.pulse.last.Load()))
}

// Stalls is how often this process was found to have been held up.
func (e *Engine) Stalls() int64 { return e.pulse.stalls.Load() }
