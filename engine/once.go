package engine

import (
	"context"
	"sync"
	"time"
)

// once bounds how many probes Once runs at a time.
const once = 64

// Once probes each of the checks once, now, and calls done with what was found,
// one call at a time, in the order in which they end: those that are judged by
// others, which must be among them, after these (see [Judged]). Thresholds do not
// apply: the status is the result's. It returns when all are done, or soon after
// ctx ended; what was not done by then is left out.
func (e *Engine) Once(ctx context.Context, checks []*Check, done func(*Component)) {
	stop := context.AfterFunc(ctx, e.cancel)
	defer stop()
	var wait sync.WaitGroup
	var mu sync.Mutex
	probe := func(c *Check) {
		comp := e.single(c)
		mu.Lock()
		defer mu.Unlock()
		e.probed[c.Name] = comp
		if ctx.Err() == nil {
			done(comp)
		}
	}
	e.probed = map[string]*Component{}
	slots := make(chan struct{}, once)
	for _, c := range checks {
		if c.Type.Selects != nil {
			continue
		}
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			probe(c)
		})
	}
	wait.Wait()
	for _, c := range checks {
		if c.Type.Selects != nil {
			probe(c)
		}
	}
}

// current is a component as those see it that are judged by it.
func (e *Engine) current(name string) *Component {
	if c := e.probed[name]; c != nil {
		return c
	}
	return e.Component(name)
}

// Judged is the checks, and those that they are judged by, in the order in which
// Once can probe them.
func Judged(all, checks []*Check) []*Check {
	byName := map[string]*Check{}
	for _, c := range all {
		byName[c.Name] = c
	}
	var ordered []*Check
	seen := map[string]bool{}
	var add func(c *Check)
	add = func(c *Check) {
		if c == nil || seen[c.Name] {
			return
		}
		seen[c.Name] = true
		for _, name := range c.Inputs {
			add(byName[name])
		}
		ordered = append(ordered, c)
	}
	for _, c := range checks {
		add(c)
	}
	return ordered
}

// single opens a check, probes it once and closes it.
func (e *Engine) single(c *Check) *Component {
	if c.NotConfigured != "" {
		return c.component(State{}, Verdict{Message: c.NotConfigured})
	}
	start := time.Now()
	probe, err := c.open(e)
	if err != nil {
		return c.component(State{LastCheck: start}, c.redacted(Verdict{Message: err.Error()}))
	}
	r := &run{check: c, probe: probe, started: start}
	v, ended := e.bounded(r)
	one := Thresholds{Degraded: 1, Unhealthy: 1, Healthy: 1}
	s := Advance(State{}, v.Status, one, ended)
	s.LastLatency = ended.Sub(r.started)
	return c.component(s, v)
}

// bounded runs a probe and gives up on it after its deadline.
func (e *Engine) bounded(r *run) (Verdict, time.Time) {
	type outcome struct {
		verdict Verdict
		ended   time.Time
	}
	result := make(chan outcome, 1)
	go func() {
		defer e.closeProbe(r.check.Name, r.probe)
		facts, ended, err := e.probe(r)
		if r.end() {
			result <- outcome{e.judge(&entry{}, r, facts, err, ended), ended}
		}
	}()
	timer := time.NewTimer(r.check.Timeout + giveUp)
	defer timer.Stop()
	select {
	case o := <-result:
		return o.verdict, o.ended
	case <-timer.C:
		if !r.end() {
			o := <-result
			return o.verdict, o.ended
		}
		now := time.Now()
		return e.judge(&entry{}, r, nil, r.hung(), now), now
	}
}
