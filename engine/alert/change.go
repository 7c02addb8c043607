package alert

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"polyhealth/engine"
)

// A Change is a plan's routes, ready to take over; nothing that runs has been
// touched. Commit it, or forget it.
type Change struct {
	dispatcher *Dispatcher
	plan       *engine.Plan
	opened     []*outlet // of the plan, in file order: those that are not kept
}

// Prepare opens the notifiers of a plan that are not open already. It reaches
// for no target.
func (d *Dispatcher) Prepare(p *engine.Plan) (*Change, error) {
	c := &Change{dispatcher: d, plan: p}
	var errs []error
	for _, r := range p.Routes {
		for _, nc := range r.Notifiers {
			o, err := d.open(p, r, nc)
			if err != nil {
				errs = append(errs, fmt.Errorf("route %q: %s: %w", r.Name, nc.Type, err))
			}
			c.opened = append(c.opened, o)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, errors.New(p.Secrets.Redact(err.Error()))
	}
	return c, nil
}

// open returns an outlet for a notifier of the plan, opened unless the one that
// runs serves it as well.
func (d *Dispatcher) open(p *engine.Plan, r *engine.Route, nc engine.NotifierConfig) (*outlet, error) {
	o := newOutlet(r, nc, p.Dir, d)
	o.redact = p.Secrets.Redact
	if nc.NotConfigured != "" || d.current(o) != nil {
		return o, nil
	}
	kind, known := d.kinds[nc.Type]
	if !known {
		return nil, errors.New("there is no such notifier")
	}
	n, err := kind.Open(nc.Config, Env{Route: r.Name, Dir: p.Dir, Log: o.log})
	o.notifier = n
	return o, err
}

// current is the outlet that runs and sends just as o would, or nil.
func (d *Dispatcher) current(o *outlet) *outlet {
	d.mu.Lock()
	defer d.mu.Unlock()
	is := d.sameName(o)
	if is != nil && is.dir == o.dir && is.config.NotConfigured == o.config.NotConfigured &&
		reflect.DeepEqual(is.config.Config, o.config.Config) {
		return is
	}
	return nil
}

func (d *Dispatcher) sameName(o *outlet) *outlet {
	i := slices.IndexFunc(d.outlets, func(is *outlet) bool {
		return is.stat.Route == o.stat.Route && is.stat.Notifier == o.stat.Notifier
	})
	if i < 0 {
		return nil
	}
	return d.outlets[i]
}

// Abort lets go of what Prepare opened.
func (c *Change) Abort() {}

// Commit lets the plan's routes take over. components are those of the plan, as
// the engine has them: each notifier is brought from what it was last told to
// what they say, which after a restart may be an alert that was never sent.
func (c *Change) Commit(components []*engine.Component) {
	d := c.dispatcher
	all := make([]*outlet, len(c.opened))
	fresh := map[*outlet]bool{}
	for i, o := range c.opened {
		all[i] = d.current(o)
		if all[i] == nil {
			all[i], fresh[o] = o, true
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, o := range all {
		if fresh[o] {
			d.inherit(o)
			continue
		}
		o.mu.Lock()
		o.route, o.redact = c.opened[i].route, c.opened[i].redact
		o.mu.Unlock()
	}
	d.retire(all)
	d.outlets, d.plan = all, c.plan
	d.recall()
	routes := byCheck(c.plan, all)
	d.byCheck.Store(&routes)
	d.needed.Store(needed(c.plan))
	d.level(all, routes, components)
	for o := range fresh {
		if o.config.NotConfigured != "" {
			o.log.Warn("this notifier sends nothing", "reason", o.config.NotConfigured)
		}
		if d.run != nil {
			d.run(o)
		}
	}
}

// inherit gives an outlet whose keys changed what the one before it was at.
func (d *Dispatcher) inherit(o *outlet) {
	was := d.sameName(o)
	if was == nil {
		return
	}
	was.mu.Lock()
	defer was.mu.Unlock()
	for name, l := range was.lanes {
		l := &lane{name: name, component: l.component, previous: l.previous, gone: l.gone, told: l.told, index: -1}
		o.lanes[name] = l
	}
}

// retire ends the outlets that are not among all. What those told whose route or
// notifier is no more is forgotten: nobody could be told of its end.
func (d *Dispatcher) retire(all []*outlet) {
	for _, was := range d.outlets {
		if slices.Contains(all, was) {
			continue
		}
		close(was.stop)
		if slices.ContainsFunc(all, func(o *outlet) bool {
			return o.stat.Route == was.stat.Route && o.stat.Notifier == was.stat.Notifier
		}) {
			continue
		}
		was.mu.Lock()
		for _, l := range was.lanes {
			was.drop(l)
		}
		was.mu.Unlock()
	}
}

// recall brings back, once, what was told before the restart.
func (d *Dispatcher) recall() {
	if d.begun {
		return
	}
	d.begun = true
	d.recallSilences()
	all, err := d.memory.LoadNotified(context.Background())
	if err != nil {
		d.log.Error("what alerts were sent is not known: some may be sent again", "error", err)
	}
	for _, n := range all {
		i := slices.IndexFunc(d.outlets, func(o *outlet) bool {
			return o.stat.Route == n.Route && o.stat.Notifier == n.Notifier
		})
		if i < 0 {
			d.memory.SaveNotified(engine.Notified{Component: n.Component, Route: n.Route, Notifier: n.Notifier})
			continue
		}
		d.outlets[i].mu.Lock()
		d.outlets[i].recall(n)
		d.outlets[i].mu.Unlock()
	}
}

// byCheck are the outlets of each check's routes.
func byCheck(p *engine.Plan, all []*outlet) map[string][]*outlet {
	byRoute := map[string][]*outlet{}
	for _, o := range all {
		byRoute[o.stat.Route] = append(byRoute[o.stat.Route], o)
	}
	routes := make(map[string][]*outlet, len(p.Checks))
	for _, check := range p.Checks {
		var own []*outlet
		for _, name := range slices.Compact(slices.Sorted(slices.Values(check.Routes))) {
			own = append(own, byRoute[name]...)
		}
		routes[check.Name] = own
	}
	return routes
}

// needed are the checks that depend on each, by name.
func needed(p *engine.Plan) *map[string][]string {
	by := map[string][]string{}
	for _, check := range p.Checks {
		for _, group := range check.DependsOn {
			for _, name := range group {
				by[name] = append(by[name], check.Name)
			}
		}
	}
	return &by
}

// level brings every outlet to what is now true.
func (d *Dispatcher) level(all []*outlet, routes map[string][]*outlet, components []*engine.Component) {
	there := make(map[string]bool, len(components))
	for _, c := range components {
		there[c.Check.Name] = true
		if x, ok := d.changed.Load(c.Check.Name); ok && x.(*engine.Component).Seq > c.Seq {
			c = x.(*engine.Component)
		}
		for _, o := range routes[c.Check.Name] {
			o.update(c, nil)
		}
	}
	d.changed.Range(func(name, _ any) bool {
		if !there[name.(string)] {
			d.changed.Delete(name)
		}
		return true
	})
	for _, o := range all {
		o.relevel(there, func(name string) bool { return slices.Contains(routes[name], o) })
	}
}

// relevel looks at every lane anew: components may have left, the route's rules
// may have changed.
func (o *outlet) relevel(there map[string]bool, ours func(name string) bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, l := range o.lanes {
		switch {
		case ours(l.name):
			o.schedule(l)
		case there[l.name]:
			o.leave(l, "is no longer told of here")
		default:
			o.leave(l, "is no longer watched")
		}
	}
}
