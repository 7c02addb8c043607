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
	if len(o.queue) == 0 || o.notifier == nil || o.keeping {
		return time.Hour
	}
	due := o.queue[0].due
	if o.pause.After(due) {
		due = o.pause
	}
	if o.wait.After(due) {
		due = o.wait
	}
	return time.Until(due)
}

// one sends what is due, as one message, and reports whether there was anything.
func (o *outlet) one(sending context.Context) bool {
	b := o.collect(time.Now())
	if len(b.parts) == 0 {
		return false
	}
	ctx, cancel := context.WithTimeout(sending, sendTimeout)
	defer cancel()
	outcome := o.send(ctx, b.message)
	if outcome.result != sent && sending.Err() != nil {
		return false // we are stopping: it says nothing about the place
	}
	o.settle(b, outcome)
	return true
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
	about := l.incident()
	switch {
	case ev == Resolved || ev == Stable || ev != Reminder && l.told.Trying:
		about = l.told.About
	case ev == Reminder:
		about = l.told.At
	}
	m.ID = identity(ev, l.told, m.Status, about)
	return m
}

// send is the notifier's, its panic contained.
func (o *outlet) send(ctx context.Context, m Message) (out Outcome) {
	defer func() {
		if p := recover(); p != nil {
			out = Permanent(fmt.Errorf("the notifier panicked: %v", p)).Maybe()
		}
	}()
	if out = o.notifier.Send(ctx, m); ctx.Err() != nil {
		return out.Maybe()
	}
	return out
}

// settle notes what became of an attempt and when to go on.
func (o *outlet) settle(b bundle, out Outcome) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := time.Now()
	tried := 1 // the same time for all of a bundle, so that it stays one
	for _, p := range b.parts {
		tried = max(tried, p.lane.attempts+1)
	}
	var hold time.Time
	switch out.result {
	case sent:
		o.took(now)
	case later:
		o.pause = now.Add(out.after)
	case retry:
		o.row++
		o.pause = now.Add(max(out.after, pauseAfter(o.row)))
		hold = now.Add(max(out.after, pauseAfter(tried)))
		o.failed(b, out.err, now, o.row == 1)
	default:
		hold = now.Add(growing(tried, firstAgain, lastAgain))
		o.failed(b, out.err, now, tried == 1)
	}
	for _, p := range b.parts {
		o.settlePart(p, out, hold, now)
	}
}

// settlePart is settle of one of those that the message was of.
func (o *outlet) settlePart(p part, out Outcome, hold, now time.Time) {
	l := p.lane
	switch out.result {
	case sent:
		o.done(l, p.message, now)
	case later:
	default:
		l.attempts++
		l.hold = hold
		l.maybe = l.maybe || out.maybe
		if !l.maybe && l.told.Trying { // it is known that it has not arrived
			l.told.Trying = false
			o.memory.SaveNotified(l.told)
		}
	}
	if out.err != nil && l.attempts == 1 {
		o.record(l, p.message, now, engine.AlertFailed, o.stat.LastError)
	}
	if !l.began.IsZero() && now.Sub(l.began) >= giveUpAfter {
		o.giveUp(l, p.message, now)
	}
	if o.lanes[l.name] == l {
		o.schedule(l)
	}
}

// took notes that the place takes messages.
func (o *outlet) took(now time.Time) {
	o.spend(now)
	o.stat.Sent++
	o.stat.LastSent = now
	if o.row > 0 {
		o.log.Info("alerts are taken again")
	}
	o.row = 0
}

// done notes that something was told. What is true by now may be something else:
// schedule sees to that.
func (o *outlet) done(l *lane, m Message, now time.Time) {
	l.told, l.maybe = tell(l.told, m.Event, m.Status, now), false
	l.attempts++
	o.record(l, m, now, engine.AlertSent, "")
	l.retry()
	o.memory.SaveNotified(l.told)
}

// record keeps what became of a message.
func (o *outlet) record(l *lane, m Message, now time.Time, outcome, note string) {
	o.memory.RecordAlert(engine.AlertRecord{
		At: now, Component: l.name, Route: m.Route, Notifier: o.config.Type, Event: string(m.Event), Status: m.Status,
		Outcome: outcome, Attempts: l.attempts, Note: note, ID: m.ID,
	})
}

// failed counts and logs an attempt that failed.
func (o *outlet) failed(b bundle, err error, now time.Time, loud bool) {
	text := o.redact(fmt.Sprint(err))
	o.stat.Failed++
	o.stat.LastError, o.stat.LastErrorAt = text, now
	if loud {
		m := b.message
		o.log.Error("an alert was not taken", "check", m.Check, "event", string(m.Event), "alerts", len(b.parts), "error", text)
	}
}

// giveUp ends the attempts to say one thing. A firing begins anew after a while,
// since it is still true; a resolved is let go.
func (o *outlet) giveUp(l *lane, m Message, now time.Time) {
	o.stat.GaveUp++
	o.log.Error("an alert was given up on", "check", m.Check, "event", string(m.Event),
		"after", now.Sub(l.began).Round(time.Minute).String(), "error", o.stat.LastError)
	o.record(l, m, now, engine.AlertGivenUp, o.stat.LastError)
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
