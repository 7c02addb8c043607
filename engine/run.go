package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"polyhealth/checktypes"
	"polyhealth/engine/rule"
)

// work is the goroutine of one run: probe, judge, publish, and hand the entry
// back to the schedule.
func (e *Engine) work(en *entry, r *run) {
	defer e.running.Done()
	again := false
	defer func() {
		e.active.Add(-1)
		e.finished(en, r, again)
	}()
	facts, ended, err := e.probe(r)
	if errors.Is(err, checktypes.ErrNotYet) || e.ctx.Err() != nil || !r.end() {
		return // nothing to judge, stopping, or given up on
	}
	v := e.judge(en, r, facts, err, ended)
	if v.Status != Healthy && e.pulse.held(r.started, ended) {
		if !r.again {
			again = true // once more, at once
			return
		}
		v = Verdict{Status: Unknown, Message: "polyhealth was held up while it probed: " + v.Message}
	}
	e.report(en, r.check, v, Result{At: ended, Status: v.Status, Latency: ended.Sub(r.started)})
}

// probe runs the probe under its deadline. A panic becomes an error of ours.
func (e *Engine) probe(r *run) (facts checktypes.Facts, ended time.Time, err error) {
	ctx, cancel := context.WithDeadline(e.ctx, r.started.Add(r.check.Timeout))
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			ended = time.Now()
			facts, err = nil, checktypes.OwnFaultf("the %s probe panicked: %v", r.check.Type.Name, p)
			e.log.Error("a probe panicked", "check", r.check.Name, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		}
	}()
	facts, err = r.probe.Run(ctx)
	ended = time.Now()
	if errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, checktypes.ErrTimeout) && !checktypes.IsOwnFault(err) {
		err = checktypes.Timeout(r.check.Timeout, "")
	}
	return facts, ended, err
}

// abandon reports, in the place of a probe that has not come back, that it timed
// out. Called under mu.
func (e *Engine) abandon(en *entry, now time.Time) {
	if r := en.run; r.end() {
		e.reportHung(en, r, now, r.hung())
	}
}

// hung is the error of a run that the engine gave up on.
func (r *run) hung() error {
	return checktypes.Timeout(r.check.Timeout, "and has not come back")
}

// overdue reports that the probe of an earlier start still hangs. Called under mu.
func (e *Engine) overdue(en *entry, now time.Time) {
	r := en.run
	e.reportHung(en, r, now, fmt.Errorf("the probe started %s ago has not come back",
		checktypes.FormatDuration(now.Sub(r.started))))
}

func (e *Engine) reportHung(en *entry, r *run, now time.Time, err error) {
	if e.ctx.Err() != nil || e.pulse.held(r.started, now) {
		return
	}
	e.running.Add(1)
	go func() {
		defer e.running.Done()
		v := e.judge(en, r, nil, err, now)
		e.report(en, r.check, v, Result{At: now, Status: v.Status, Latency: now.Sub(r.started)})
	}()
}

// judge is the check's judgement of a run, on a machine of the pool.
func (e *Engine) judge(en *entry, r *run, facts checktypes.Facts, err error, ended time.Time) Verdict {
	vm := e.machines.Get().(*rule.VM)
	defer e.machines.Put(vm)
	before, memory := en.observed()
	return r.check.judge(vm, memory, facts, err, before, ended.Sub(r.started), ended)
}

// observed is the entry's state before a result, and what is kept of those before.
func (en *entry) observed() (State, *rule.Memory) {
	en.state.Lock()
	defer en.state.Unlock()
	return en.state.State, en.state.memory
}

// show publishes a component. The version grows after the component can be read,
// never before: whoever sees the new version must not keep an answer of the old.
func (e *Engine) show(en *entry, c *Component) {
	c.BlockedBy = c.Check.BlockedBy(e.Component)
	c.Recovering = en.recovering
	c.Seq = e.seq.Add(1)
	en.component.Store(c)
	e.version.Add(1)
}

// report advances the entry's state by a result, publishes what is now true and
// tells the sinks, in the order of results.
func (e *Engine) report(en *entry, c *Check, v Verdict, res Result) {
	transition := e.observe(en, c, v, res)
	e.changed(en, transition)
}

// observe is report but for those that are judged by the entry. It tells whether
// the reported status changed.
func (e *Engine) observe(en *entry, c *Check, v Verdict, res Result) (transition bool) {
	en.state.Lock()
	defer en.state.Unlock()
	if en.settles(res.At.Add(-res.Latency)) {
		return false
	}
	before := en.state.State
	after := Advance(before, res.Status, c.Thresholds, res.At)
	after.LastLatency = res.Latency
	en.state.State = after
	en.tally.add(res)
	en.recent.add(res)
	v.remember(en.state.memory, res)

	comp := c.component(after, v)
	e.show(en, comp)

	ev := Event{Check: c, Component: comp, State: after, Result: res}
	if after.Reported != before.Reported {
		ev.Transition = &Transition{From: before.Reported, To: after.Reported, At: res.At}
	}
	for _, s := range e.sinks {
		s.Observe(ev)
	}
	return ev.Transition != nil
}
