package suite

import (
	"cmp"
	"slices"
	"time"

	"polyhealth/engine"
	"polyhealth/engine/alert"
	"polyhealth/engine/recovery"
	"polyhealth/schema"
)

// A Moment of a timeline is one result, or what a route said.
type line struct {
	at   time.Duration
	step *engine.Step
	said *alert.Said
	// route is who said it.
	route string
	// deed is what was done to repair the component, and note what there is to say else.
	deed *recovery.Deed
	note string
}

// A play is one test under way.
type play struct {
	*Case
	check  *engine.Rehearsal
	routes map[string]*alert.Rehearsal
	repair *recovery.Rehearsal // nil where nothing is ever done
	lines  []line
	clock  time.Duration
	next   int // of the results
}

func (c *Case) play() *play {
	p := &play{Case: c, check: c.check.Rehearse(), routes: map[string]*alert.Rehearsal{}}
	if r := c.check.Recovery; r != nil {
		p.repair = recovery.Rehearse(r, c.limits)
	}
	for _, r := range c.routes {
		p.routes[r.Name] = alert.Rehearse(r)
	}
	return p
}

// until plays everything up to a time: results, and what routes say between them.
func (p *play) until(to time.Duration) {
	for p.next < len(p.given) && p.given[p.next].at <= to {
		g := p.given[p.next]
		p.next++
		p.listen(g.at - 1) // what is due at the same moment is due after the result
		p.clock = g.at
		p.result(g)
		p.listen(g.at)
	}
	p.listen(to)
}

// listen notes what the routes say, and what is done, up to a time.
func (p *play) listen(to time.Duration) {
	from := len(p.lines)
	for _, r := range p.Case.routes {
		for _, said := range p.routes[r.Name].Until(p.start.Add(p.clock), p.start.Add(to)) {
			p.lines = append(p.lines, line{at: said.At.Sub(p.start), said: &said, route: r.Name})
		}
	}
	if p.repair != nil {
		for _, d := range p.repair.Until(p.start.Add(p.clock), p.start.Add(to)) {
			p.lines = append(p.lines, line{at: d.At.Sub(p.start), deed: &d})
		}
	}
	slices.SortStableFunc(p.lines[from:], func(a, b line) int { return cmp.Compare(a.at, b.at) })
	p.clock = max(p.clock, to)
}

func (p *play) result(g given) {
	vars := g.result.Vars
	if vars == nil {
		vars = &schema.Node{Kind: schema.Map}
	}
	facts, _ := p.Case.check.Type.Given(p.Case.check.Config, vars, schema.NewReader())
	latency := time.Duration(0)
	if g.result.Latency != nil {
		latency = time.Duration(*g.result.Latency)
	}
	if p.repair != nil && !p.repair.Counts(p.start.Add(g.at-latency)) {
		p.lines = append(p.lines, line{at: g.at, note: "a result that does not count: the last action takes hold"})
		return
	}
	step := p.check.Result(facts, g.problem, latency, p.start.Add(g.at))
	p.lines = append(p.lines, line{at: g.at, step: &step})
	if p.repair != nil {
		p.repair.Result(step.Component)
	}
	for _, r := range p.routes {
		r.Observe(step.Component)
	}
}

// latest is the last result's step, or nil before the first.
func (p *play) latest() *engine.Step {
	for i := len(p.lines) - 1; i >= 0; i-- {
		if p.lines[i].step != nil {
			return p.lines[i].step
		}
	}
	return nil
}
