package alert

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"polyhealth/engine"
)

const (
	sendTimeout = 30 * time.Second
	firstPause  = time.Second
	lastPause   = 5 * time.Minute
	// giveUpAfter is how long one thing is tried to be said.
	giveUpAfter = 24 * time.Hour
	// What was refused for good is tried again as well, more and more seldom: the place
	// may have been set right meanwhile.
	firstAgain = 30 * time.Second
	lastAgain  = 15 * time.Minute
)

// work sends what is due until ctx or the outlet ends. sending bounds each
// attempt: it outlives ctx a little.
func (o *outlet) work(ctx, sending context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-o.stop:
			return
		case <-o.wake:
		case <-timer.C:
		}
		for ctx.Err() == nil && !o.stopped() && o.one(sending) {
		}
		timer.Reset(o.idle())
	}
}

func (o *outlet) stopped() bool {
	select {
	case <-o.stop:
		return true
	default:
		return false
	}
}

// idle is how long nothing will be due.
func (o *outlet) idle() time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.queue) == 0 || o.notifier == nil {
		return time.Hour
	}
	due := o.queue[0].due
	if o.pause.After(due) {
		due = o.pause
	}
	return time.Until(due)
}

// one does what is due first, and reports whether there was anything.
func (o *outlet) one(sending context.Context) bool {
	l, m, ok := o.pick(time.Now())
	if !ok || l == nil {
		return ok
	}
	ctx, cancel := context.WithTimeout(sending, sendTimeout)
	defer cancel()
	outcome := o.send(ctx, m)
	if outcome.result != sent && sending.Err() != nil {
		return false // we are stopping: it says nothing about the place
	}
	o.settle(l, m, outcome)
	return true
}

// pick takes the lane that is due first and the message for it. l is nil where
// there was something to do that nobody is told of.
func (o *outlet) pick(now time.Time) (l *lane, m Message, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.notifier == nil || len(o.queue) == 0 || o.queue[0].due.After(now) || o.pause.After(now) {
		return nil, m, false
	}
	l = o.queue[0]
	ev, at := o.next(l)
	switch {
	case ev == forget && !at.After(now):
		o.drop(l)
		return nil, m, true
	case ev == silence:
		l.told = tell(l.told, Resolved, engine.Healthy, now)
		o.memory.SaveNotified(l.told)
		o.schedule(l)
		return nil, m, true
	case ev == nothing || ev == forget || at.After(now):
		o.schedule(l)
		return nil, m, true
	}
	if l.began.IsZero() {
		l.began = now
	}
	if m = o.message(l, ev, now); m.ID != l.trying.ID {
		l.trying = m
	}
	return l, l.trying, true
}

// message is what to say. Called under mu.
func (o *outlet) message(l *lane, ev Event, now time.Time) Message {
	m := Message{Event: ev, Route: o.route.Name, Check: l.name, Previous: l.previous, Time: now, Gone: l.gone}
	if c := l.component; c != nil {
		m.Status, m.Message, m.Failures, m.Since, m.Metadata = c.Status, c.Message, c.Failures, c.Since, c.Metadata
		m.Recovery = o.redact(repairs(c))
		for _, tag := range c.Check.Tags {
			m.Tags = append(m.Tags, o.redact(tag))
		}
	}
	about := m.Since
	if x := exhausted(l.component); x.After(about) {
		about = x
	}
	if ev != Firing {
		about = l.told.At
	}
	m.ID = identity(ev, l.told, m.Status, about)
	return m
}

// send is the notifier's, its panic contained.
func (o *outlet) send(ctx context.Context, m Message) (out Outcome) {
	defer func() {
		if p := recover(); p != nil {
			out = Permanent(fmt.Errorf("the notifier panicked: %v", p))
		}
	}()
	return o.notifier.Send(ctx, m)
}

// settle notes what became of an attempt and when to go on.
func (o *outlet) settle(l *lane, m Message, out Outcome) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := time.Now()
	switch out.result {
	case sent:
		o.done(l, m, now)
	case later:
		o.pause = now.Add(out.after)
	case retry:
		l.attempts++
		o.row++
		l.hold = now.Add(max(out.after, pauseAfter(l.attempts)))
		o.pause = now.Add(max(out.after, pauseAfter(o.row)))
		o.failed(m, out.err, now, o.row == 1)
	default:
		l.attempts++
		l.hold = now.Add(growing(l.attempts, firstAgain, lastAgain))
		o.failed(m, out.err, now, l.attempts == 1)
	}
	if !l.began.IsZero() && now.Sub(l.began) >= giveUpAfter {
		o.giveUp(l, m, now)
	}
	if o.lanes[l.name] == l {
		o.schedule(l)
	}
}

// done notes that a message was sent. What is true by now may be something else:
// schedule sees to that.
func (o *outlet) done(l *lane, m Message, now time.Time) {
	l.told = tell(l.told, m.Event, m.Status, now)
	l.retry()
	o.memory.SaveNotified(l.told)
	o.stat.Sent++
	o.stat.LastSent = now
	if o.row > 0 {
		o.log.Info("alerts are taken again")
	}
	o.row = 0
}

// failed counts and logs an attempt that failed.
func (o *outlet) failed(m Message, err error, now time.Time, loud bool) {
	text := o.redact(fmt.Sprint(err))
	o.stat.Failed++
	o.stat.LastError, o.stat.LastErrorAt = text, now
	if loud {
		o.log.Error("an alert was not taken", "check", m.Check, "event", string(m.Event), "error", text)
	}
}

// giveUp ends the attempts to say one thing. A firing begins anew after a while,
// since it is still true; a resolved is let go.
func (o *outlet) giveUp(l *lane, m Message, now time.Time) {
	o.stat.GaveUp++
	o.log.Error("an alert was given up on", "check", m.Check, "event", string(m.Event),
		"after", now.Sub(l.began).Round(time.Minute).String(), "error", o.stat.LastError)
	l.retry()
	if m.Event == Resolved {
		l.told = tell(l.told, Resolved, m.Status, now)
		o.memory.SaveNotified(l.told)
		return
	}
	l.hold = now.Add(max(lastAgain, o.route.Cooldown))
}

// pauseAfter is how long to wait after n failures in a row.
func pauseAfter(n int) time.Duration { return growing(n, firstPause, lastPause) }

// growing is first at the first failure, twice as long at each that follows, but at
// most last; give or take a fifth.
func growing(n int, first, last time.Duration) time.Duration {
	d := last
	if n < 10 {
		d = min(d, first<<(n-1))
	}
	return time.Duration(float64(d) * (0.8 + 0.4*rand.Float64()))
}
