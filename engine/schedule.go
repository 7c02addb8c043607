package engine

import (
	"container/heap"
	"context"
	"hash/fnv"
	"math/bits"
	"time"
)

const (
	// spacing bounds how fast first probes start: n checks take n times as long,
	// but never more than an interval. A handful of checks is known at once, and
	// thousands do not start together.
	spacing = 10 * time.Millisecond
	// giveUp is how long after its deadline a probe may still report by itself,
	// which says more than that it timed out.
	giveUp = 500 * time.Millisecond
)

// loop starts what is due and gives up on what is overdue, until ctx ends.
func (e *Engine) loop(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	e.pulse.beat(time.Now())
	for {
		select {
		case <-ctx.Done():
			return
		case <-e.wake:
		case <-timer.C:
		}
		now := time.Now()
		if held := e.pulse.beat(now); held > 0 {
			e.log.Warn("polyhealth was held up: results from that time do not count", "for", held.Round(time.Millisecond))
		}
		timer.Reset(e.turn(now))
	}
}

// turn does all that is due at now and returns how long nothing will be.
func (e *Engine) turn(now time.Time) time.Duration {
	e.mu.Lock()
	defer e.mu.Unlock()
	for len(e.queue) > 0 && !e.queue[0].at.After(now) {
		e.step(e.queue[0], now)
		heap.Fix(&e.queue, 0)
	}
	if len(e.queue) == 0 {
		return beatEvery
	}
	return min(e.queue[0].at.Sub(now), beatEvery)
}

// step does what is due for one entry and sets when to look at it again. It is
// the whole life of an entry: start, report or give up, wait. Called under mu.
func (e *Engine) step(en *entry, now time.Time) {
	switch {
	case en.run == nil:
		e.late.add(max(0, now.Sub(en.due))) // an awakened one starts before it is due
		e.start(en, now, false)
	case !en.run.over.Load():
		// The deadline has passed and the probe has not come back: say so for it.
		e.abandon(en, now)
		en.due = en.check.after(en.due, now, en.confirmed())
		en.at = en.due
	default:
		// It still hangs at its next start. It is never started twice; that it is
		// still hanging is this start's result.
		e.overdue(en, now)
		en.due = en.check.after(en.due, now, en.confirmed())
		en.at = en.due
	}
}

// start runs the entry's probe in a goroutine of its own. Called under mu.
func (e *Engine) start(en *entry, now time.Time, again bool) {
	r := &run{check: en.check, probe: en.probe, started: now, again: again}
	en.run = r
	en.at = now.Add(en.check.Timeout + giveUp)
	e.running.Add(1)
	e.active.Add(1)
	go e.work(en, r)
}

// finished puts the entry back to waiting once its probe has returned.
func (e *Engine) finished(en *entry, r *run, again bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if r.obsolete {
		e.closeLater(r.check.Name, r.probe)
		return
	}
	now := time.Now()
	en.run, en.ended = nil, now
	switch {
	case again && e.ctx.Err() == nil:
		e.start(en, now, true)
	case en.due.After(r.started):
		en.at = en.due // given up or awakened before: the next start is already set
	default:
		en.due = en.check.after(en.due, now, en.confirmed())
		en.at = en.due
	}
	if !en.wake.IsZero() && en.run == nil && en.wake.Before(en.at) {
		en.at = en.wake
	}
	en.wake = time.Time{}
	if en.run == nil {
		en.at = en.afterSettling(r.started, en.at)
	}
	heap.Fix(&e.queue, en.index)
	if en.index == 0 {
		e.nudge()
	}
}

// closeLater closes a probe outside the schedule's way.
func (e *Engine) closeLater(name string, p interface{ Close() error }) {
	e.running.Add(1)
	go func() {
		defer e.running.Done()
		defer func() { _ = recover() }()
		if err := p.Close(); err != nil {
			e.log.Debug("closing a probe", "check", name, "error", err)
		}
	}()
}

// after is when to start next, given when the last start was due. The cadence
// is kept: a late start does not move the ones after it, and starts that were
// missed altogether are left out rather than made up for.
func (c *Check) after(due, now time.Time, confirmed bool) time.Time {
	if c.Cron != nil {
		return c.Cron.Next(now)
	}
	every := c.Interval
	if !confirmed && c.RetryInterval > 0 {
		every = c.RetryInterval
	}
	next := due.Add(every)
	if behind := now.Sub(next); behind > 0 {
		next = next.Add((behind + every - 1) / every * every)
	}
	return next
}

// first is when to start a check the first time, when n checks start together:
// spread by a hash of its name, which a restart does not change.
func (c *Check) first(now time.Time, n int) time.Time {
	window := time.Duration(n) * spacing
	if c.Interval > 0 {
		window = min(window, c.Interval)
	}
	h := fnv.New64a()
	h.Write([]byte(c.Name))
	// The high bits of FNV of short names are alike: the golden ratio spreads them.
	share, _ := bits.Mul64(h.Sum64()*0x9e3779b97f4a7c15, uint64(window))
	return now.Add(time.Duration(share))
}

// confirmed reads whether the last result agrees with what is reported.
func (en *entry) confirmed() bool {
	en.state.Lock()
	defer en.state.Unlock()
	return en.state.Confirmed()
}
