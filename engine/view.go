package engine

import (
	"time"

	"polyhealth/engine/rule"
)

// Components appends the newest of every component to dst, in file order.
func (e *Engine) Components(dst []*Component) []*Component {
	for _, en := range *e.order.Load() {
		dst = append(dst, en.component.Load())
	}
	return dst
}

// Component is the newest of the component that is named, or nil.
func (e *Engine) Component(name string) *Component {
	if en := e.entry(name); en != nil {
		return en.component.Load()
	}
	return nil
}

// Each calls f for every component in file order, with its tally.
func (e *Engine) Each(f func(*Component, *Tally)) {
	for _, en := range *e.order.Load() {
		f(en.component.Load(), &en.tally)
	}
}

// Minutes are the last hour of the named check's results, oldest first, those
// without a result left out; nil where there is no such check.
func (e *Engine) Minutes(name string, now time.Time) []Minute {
	if en := e.entry(name); en != nil {
		return en.recent.minutes(nil, now)
	}
	return nil
}

// Backfill adds a result from before the start to the named check's last hour, and to
// what its rules look back over. Nothing else comes of it.
func (e *Engine) Backfill(name string, r Result) {
	en := e.entry(name)
	if en == nil {
		return
	}
	en.recent.add(r)
	_, memory := en.observed()
	memory.Backfill(r.outcome())
}

// outcome is a result as a history has it. It does not know whether the probe of an
// unhealthy result worked, so the latency of none counts.
func (r Result) outcome() rule.Outcome {
	return rule.Outcome{
		At: r.At, Latency: r.Latency, Status: r.Status.String(), Worked: r.Status == Healthy || r.Status == Degraded,
	}
}

// Horizon is how far back Backfill has a use for results: an hour, or the longest time
// that a rule of the plan looks back over.
func (e *Engine) Horizon() time.Duration {
	most := time.Hour
	for _, c := range e.Plan().Checks {
		if c.needs != nil {
			most = max(most, c.needs.Window)
		}
	}
	return most
}

// Version grows with everything that is published: while it stays, so does
// every answer.
func (e *Engine) Version() uint64 { return e.version.Load() }

// Ready reports whether every component has had a result.
func (e *Engine) Ready() bool {
	for _, en := range *e.order.Load() {
		if !en.component.Load().Probed() {
			return false
		}
	}
	return true
}

// Lateness is how late probes start.
func (e *Engine) Lateness() *Lateness { return &e.late }

// Running is how many probes run now.
func (e *Engine) Running() int64 { return e.active.Load() }

// Plan is the plan that runs, or nil before the first.
func (e *Engine) Plan() *Plan {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.plan
}

// entry is found without a lock: sinks ask while an entry tells them of a result.
func (e *Engine) entry(name string) *entry { return (*e.named.Load())[name] }
