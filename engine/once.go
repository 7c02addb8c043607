package engine

import (
	"context"
	"sync"
	"time"

	"polyhealth/checktypes"
)

// once bounds how many probes Find runs at a time.
const once = 64

// Once probes each of the checks once, now, and calls done with what was found,
// one call at a time, in the order in which they end: those that are judged by
// others, which must be among them, after these (see [Judged]). Thresholds do not
// apply: the status is the result's. It returns when all are done, or soon after
// ctx ended; what was not done by then is left out.
func (e *Engine) Once(ctx context.Context, checks []*Check, done func(*Component)) {
	e.Find(ctx, checks, func(f *Finding) { done(f.Component) })
}

// Find is Once, and what it calls done with can be asked further questions.
func (e *Engine) Find(ctx context.Context, checks []*Check, done func(*Finding)) {
	stop := context.AfterFunc(ctx, e.cancel)
	defer stop()
	var wait sync.WaitGroup
	var mu sync.Mutex
	probe := func(c *Check) {
		found := e.single(c)
		mu.Lock()
		defer mu.Unlock()
		e.probed[c.Name] = found.Component
		if ctx.Err() == nil {
			done(found)
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

// single opens a check, probes it once and closes it. What Restore brought is what was
// before.
func (e *Engine) single(c *Check) *Finding {
	if c.NotConfigured != "" {
		return &Finding{Component: c.component(State{}, Verdict{Message: c.NotConfigured})}
	}
	start := time.Now()
	probe, err := c.open(e)
	if err != nil {
		return &Finding{Component: c.component(State{LastCheck: start}, c.redacted(Verdict{Message: err.Error()}))}
	}
	r := &run{check: c, probe: probe, started: start}
	facts, ended, err := e.bounded(r)
	en := &entry{}
	en.state.State = e.saved[c.Name].State
	v := e.judge(en, r, facts, err, ended)
	one := Thresholds{Degraded: 1, Unhealthy: 1, Healthy: 1}
	s := Advance(State{}, v.Status, one, ended)
	s.LastLatency = ended.Sub(r.started)
	f := &Finding{Component: c.component(s, v), failure: err}
	if err == nil || !checktypes.IsOwnFault(err) {
		f.env = c.settled(facts, err, en.state.State, s.LastLatency, ended).Env()
	}
	return f
}

// bounded runs a probe and gives up on it after its deadline.
func (e *Engine) bounded(r *run) (checktypes.Facts, time.Time, error) {
	type outcome struct {
		facts checktypes.Facts
		ended time.Time
		err   error
	}
	result := make(chan outcome, 1)
	go func() {
		defer e.closeProbe(r.check.Name, r.probe)
		facts, ended, err := e.probe(r)
		if r.end() {
			result <- outcome{facts, ended, err}
		}
	}()
	timer := time.NewTimer(r.check.Timeout + giveUp)
	defer timer.Stop()
	select {
	case o := <-result:
		return o.facts, o.ended, o.err
	case <-timer.C:
		if !r.end() {
			o := <-result
			return o.facts, o.ended, o.err
		}
		return nil, time.Now(), r.hung()
	}
}
