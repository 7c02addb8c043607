package systemd

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/godbus/dbus/v5"

	"polyhealth/checktypes"
)

// A prober asks about one check's units. It remembers, from probe to probe, how
// often each was restarted and what its patterns stood for.
type prober struct {
	selectors []selector
	bus       *checktypes.Lease[*bus]
	env       checktypes.Env
	full      bool // a rule reads what the table of states does not

	restarts map[dbus.ObjectPath]uint32 // at the last probe
	known    map[string]selector        // units that a pattern matched, by id
}

func open(c Config, env checktypes.Env) (checktypes.Prober[Vars], error) {
	p := &prober{
		env: env, full: env.Reads("unit") || env.Reads("units"),
		restarts: map[dbus.ObjectPath]uint32{}, known: map[string]selector{},
	}
	for _, name := range c.names() {
		s, bad := parseSelector(name)
		if bad != nil {
			return nil, bad
		}
		p.selectors = append(p.selectors, s)
	}
	if len(p.selectors) == 0 {
		return nil, errors.New("neither unit nor units is given")
	}
	lease, err := checktypes.Acquire(env.Shared, "systemd "+c.Scope, func() (*bus, error) {
		return newBus(c.Scope), nil
	})
	p.bus = lease
	return p, err
}

func (p *prober) Close() error { return p.bus.Release() }

// Probe reads the units' facts. An answer that the bus swallowed when it went away
// is asked for again, so that all of it comes from one connection.
func (p *prober) Probe(ctx context.Context, v *Vars) error {
	var found []*unit
	err := p.bus.Value.read(ctx, p.env.Timeout, func(c *conn) (err error) {
		found, err = p.gather(ctx, c)
		return err
	})
	if err != nil {
		return err
	}
	p.count(found)
	for _, u := range found {
		p.tell(u, v)
	}
	v.Unit = v.Units[0]
	return nil
}

// count notes by how much each restart counter rose. One that fell was reset, when
// somebody started the unit by hand: what it says now came after that.
func (p *prober) count(found []*unit) {
	last := p.restarts
	p.restarts = make(map[dbus.ObjectPath]uint32, len(found))
	for _, u := range found {
		p.restarts[u.path] = u.restarts
		before, seen := last[u.path]
		switch {
		case !seen:
		case u.restarts < before:
			u.restartedNow = int(u.restarts)
		default:
			u.restartedNow = int(u.restarts - before)
		}
	}
}

// tell adds a unit to the variables.
func (p *prober) tell(u *unit, v *Vars) {
	status, reason := verdict(&u.facts)
	unit := Unit{
		Name: u.name, ID: u.id, Status: status.String(), Reason: reason,
		Load: u.load, Active: u.active, Sub: u.sub, Type: orElse(u.serviceType, u.kind), Result: u.result,
		Restarts: int(u.restarts), Restarted: u.restartedNow, MainPID: int(u.mainPID),
		ActiveFor: u.activeFor(), Triggered: len(u.triggeredBy) > 0,
	}
	if u.memory <= math.MaxInt { // noValue is more
		unit.Memory = new(int(u.memory))
	}
	if u.kind == "timer" {
		unit.LastTriggerAge = new(u.lastTriggerAge())
	}
	v.Units = append(v.Units, unit)
	if unit.runs() {
		v.Running = append(v.Running, unit.Name)
	} else {
		v.Failed = append(v.Failed, unit.Name)
	}
}

// gather is one probe over one connection.
func (p *prober) gather(ctx context.Context, c *conn) ([]*unit, error) {
	found, err := p.list(ctx, c)
	if err != nil {
		return nil, err
	}
	needs := needs{everything: p.full, age: len(found) == 1}
	var calls, more []call
	for _, u := range found {
		calls = append(calls, u.properties(needs)...)
	}
	if err := c.do(ctx, calls); err != nil {
		return nil, err
	}
	for _, u := range found {
		more = append(more, u.peers()...)
	}
	if err := c.do(ctx, more); err != nil {
		return nil, err
	}
	at := now()
	for _, u := range found {
		u.at = at
	}
	return found, nil
}

// list finds the units of all selectors, each once, in the file's order.
func (p *prober) list(ctx context.Context, c *conn) ([]*unit, error) {
	var names []string
	for _, s := range p.selectors {
		if !s.glob {
			names = append(names, s.full)
		}
	}
	for id := range p.known {
		names = append(names, id)
	}
	var byName []entry
	byPattern := make([][]entry, len(p.selectors))
	calls := []call{listByNames(names, &byName)}
	for i, s := range p.selectors {
		if s.glob {
			calls = append(calls, listByPattern(s.full, &byPattern[i]))
		}
	}
	if err := c.do(ctx, calls); err != nil {
		return nil, err
	}
	return p.sort(names, byName, byPattern)
}

// sort puts what was listed in the file's order.
func (p *prober) sort(names []string, byName []entry, byPattern [][]entry) ([]*unit, error) {
	if len(byName) != len(names) {
		return nil, fmt.Errorf("it was asked for %d units and told of %d", len(names), len(byName))
	}
	answer := map[string]entry{}
	for i, name := range names {
		answer[name] = byName[i]
	}
	var all roll
	for i, s := range p.selectors {
		if !s.glob {
			all.add(answer[s.full], s)
			continue
		}
		matches := p.remembered(s, byPattern[i], answer)
		if len(matches) == 0 {
			return nil, &noMatch{s.written}
		}
		for _, e := range matches {
			all.add(e, s)
		}
	}
	return all.units, nil
}

// A noMatch is the error of a pattern that stands for nothing.
type noMatch struct{ pattern string }

func (e *noMatch) Error() string { return "no unit matches " + e.pattern }

// remembered are the units that s stands for: those listed, and those that it
// stood for before. A stopped unit that nothing refers to is no longer listed, and
// would else be missed by nobody. What is not installed any more is forgotten.
func (p *prober) remembered(s selector, listed []entry, answer map[string]entry) []entry {
	var all []entry
	for _, e := range listed {
		if !e.missing() {
			all = append(all, e)
			p.known[e.Name] = s
		}
	}
	for id, of := range p.known {
		e, asked := answer[id]
		switch {
		case of != s || !asked:
		case e.missing():
			delete(p.known, id)
		case !slices.ContainsFunc(all, func(o entry) bool { return o.Path == e.Path }):
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b entry) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// A roll is a list of units in which none is twice.
type roll struct {
	units []*unit
	paths map[dbus.ObjectPath]bool
}

func (r *roll) add(e entry, s selector) {
	if r.paths[e.Path] {
		return
	}
	if r.paths == nil {
		r.paths = map[dbus.ObjectPath]bool{}
	}
	r.paths[e.Path] = true
	r.units = append(r.units, e.unit(s.nameFor(e.Name)))
}
