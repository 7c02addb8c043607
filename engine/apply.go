package engine

import (
	"container/heap"
	"errors"
	"fmt"
	"time"

	"polyhealth/checktypes"
	"polyhealth/engine/rule"
)

// A Change is a Plan that is ready to take over: its new probes are open, and
// nothing that runs has been touched. Commit it or Abort it.
type Change struct {
	engine *Engine
	plan   *Plan
	diff   Diff
	opened map[string]checktypes.Probe // by check, those not carried over
}

// Prepare readies a plan. An error leaves nothing behind and everything as it
// was. Between Prepare and Commit no other plan may be prepared.
func (e *Engine) Prepare(p *Plan) (*Change, error) {
	c := &Change{engine: e, plan: p, opened: map[string]checktypes.Probe{}}
	c.diff = compare(e.Plan(), p)
	var errs []error
	for _, check := range p.Checks {
		if e.carries(check) || check.NotConfigured != "" {
			continue
		}
		probe, err := check.open(e)
		if err != nil {
			errs = append(errs, fmt.Errorf("check %q: %w", check.Name, err))
			continue
		}
		c.opened[check.Name] = probe
	}
	if len(errs) > 0 {
		c.Abort()
		return nil, errors.New(p.Secrets.Redact(errors.Join(errs...).Error()))
	}
	return c, nil
}

// carries reports whether the probe that runs now serves the new check as well.
func (e *Engine) carries(check *Check) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	en := e.byName[check.Name]
	return en != nil && en.probe != nil && check.sameProbe(en.check)
}

func (c *Check) open(e *Engine) (checktypes.Probe, error) {
	return c.Type.Open(c.Config, checktypes.Env{
		Name: c.Name, Dir: c.Dir, Timeout: c.Timeout, Uses: c.uses,
		Shared: e.shared, Log: e.log.With("check", c.Name), Members: c.members(e.current),
	})
}

// Diff is what Commit would change.
func (c *Change) Diff() Diff { return c.diff }

// Abort closes what Prepare opened.
func (c *Change) Abort() {
	for name, p := range c.opened {
		c.engine.closeProbe(name, p)
	}
}

// Commit lets the plan take over: a check that stays keeps its state and phase,
// and its connections where its probe is the same; a new one starts at once; one
// that was removed leaves, its running probe cancelled by nobody and its result
// dropped.
func (c *Change) Commit() {
	e := c.engine
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	var fresh []*entry
	byName := make(map[string]*entry, len(c.plan.Checks)) // never changed: readers have it
	order := make([]*entry, 0, len(c.plan.Checks))
	kept := make(map[*entry]bool, len(e.byName))
	for _, check := range c.plan.Checks {
		en := e.byName[check.Name]
		if en == nil {
			en = e.enter(check)
			fresh = append(fresh, en)
		} else {
			kept[en] = true
			if en.replace(e, check, c.opened[check.Name], now) {
				fresh = append(fresh, en)
			}
		}
		if p := c.opened[check.Name]; p != nil {
			en.probe = p
		}
		byName[check.Name] = en
		order = append(order, en)
	}
	for _, en := range e.byName {
		if !kept[en] {
			e.leave(en)
		}
	}
	e.byName, e.plan, e.saved = byName, c.plan, nil
	e.named.Store(&byName)
	e.link()
	e.order.Store(&order)
	e.enqueue(fresh, now)
	e.version.Add(1)
	e.nudge()
}

// enqueue sets the first start of entries that are not in the queue.
func (e *Engine) enqueue(fresh []*entry, now time.Time) {
	for _, en := range fresh {
		if en.probe == nil {
			continue // not configured: never probed
		}
		en.due = en.check.first(now, len(fresh))
		if en.check.Cron != nil && !en.component.Load().LastCheck.IsZero() {
			en.due = en.check.Cron.Next(now) // what is known already waits for its time
		}
		en.at = en.due
		heap.Push(&e.queue, en)
	}
}

// enter makes the entry of a new check, going on from before a restart where
// that is known.
func (e *Engine) enter(check *Check) *entry {
	en := &entry{check: check, index: -1}
	en.state.memory = rule.NewMemory(check.needs)
	saved, known := e.saved[check.Name]
	if known {
		en.state.State = saved.State
	}
	e.publish(en, Verdict{Message: saved.Message, Rule: saved.Rule, Metadata: saved.Metadata})
	return en
}

// publish shows the entry's state outside of a result. Called under mu.
func (e *Engine) publish(en *entry, v Verdict) {
	comp := en.check.component(en.state.State, v)
	switch {
	case en.check.NotConfigured != "":
		comp.Status, comp.Message, comp.Rule, comp.Metadata = Unknown, en.check.NotConfigured, "", nil
	case comp.LastCheck.IsZero():
		comp.Message = "not probed yet"
	}
	e.show(en, comp)
}

// replace gives the entry its new check, and reports whether it needs a first
// start. A run that is under way ends by the rules it began with; its probe is
// closed when it returns, unless it was carried over.
func (en *entry) replace(e *Engine, check *Check, opened checktypes.Probe, now time.Time) (fresh bool) {
	old, oldProbe := en.check, en.probe
	en.check = check
	keeps := opened == nil && check.NotConfigured == ""
	if !keeps {
		en.probe = nil
		e.dismiss(en, old.Name, oldProbe)
	}
	en.state.Lock()
	en.remember(check, old)
	last := en.component.Load()
	e.publish(en, Verdict{Message: last.Message, Rule: last.Rule, Metadata: last.Metadata})
	en.state.Unlock()
	switch {
	case check.NotConfigured != "":
		e.dequeue(en)
		return false
	case en.index < 0:
		return true
	case !keeps || en.run == nil && !check.sameCadence(old):
		en.due = check.first(now, 1)
		en.at = en.due
		heap.Fix(&e.queue, en.index)
	}
	return false
}

// remember goes on with what is kept of earlier results, as far as the new rules look
// back at it, unless what they are results of is another target. Called under the
// state's mutex.
func (en *entry) remember(check, old *Check) {
	switch m := en.state.memory; {
	case m == nil || check.needs == nil || !check.sameTarget(old):
		en.state.memory = rule.NewMemory(check.needs)
	default:
		m.Adapt(check.needs)
	}
}

// dismiss closes a probe that is no longer wanted, once it has returned. A run
// of it goes on without the entry, which is free to start its new probe.
func (e *Engine) dismiss(en *entry, name string, p checktypes.Probe) {
	switch {
	case en.run != nil && en.run.probe == p:
		en.run.obsolete = true
		en.run.over.Store(true)
		en.run = nil
	case p != nil:
		e.closeLater(name, p)
	}
}

// leave takes a removed check's entry off the schedule.
func (e *Engine) leave(en *entry) {
	e.dequeue(en)
	e.dismiss(en, en.check.Name, en.probe)
}

func (e *Engine) dequeue(en *entry) {
	if en.index >= 0 {
		heap.Remove(&e.queue, en.index)
	}
}
