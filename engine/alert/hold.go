package alert

import (
	"slices"
	"strings"
	"time"

	"polyhealth/engine"
)

// A World is what decisions need to know beyond what the dispatcher is told. It waits
// for nothing, not even a lock that an engine holds while it tells of a result.
type World interface {
	// Component is the newest of a name, or nil.
	Component(name string) *engine.Component
	// Probe has a check probed now, or once more where it is just being probed.
	Probe(name string)
}

// A Hold is why nothing is told of a component for now. It never changes what is
// known: once it is gone, the notifier is brought to what is true then.
type Hold struct {
	Why string
	// Until is when it ends by itself; zero where something must happen first.
	Until time.Time
}

// patience bounds how long a message waits for a newer result, of what the component
// depends on or of itself.
const patience = time.Minute

// held is why an event is not to be told of a component at a time; nil where nothing
// keeps it.
func held(w World, ev Event, c *engine.Component, now time.Time) *Hold {
	if h := planned(c, now); h != nil {
		return h
	}
	if ev == Resolved || ev == Stable || len(c.Check.DependsOn) == 0 {
		return nil
	}
	if by := c.Check.BlockedBy(w.Component); by != "" {
		return &Hold{Why: "blocked by " + by}
	}
	return stale(w, c, now)
}

// Holds says why nothing may be done about a component for now, alerts aside; empty where
// nothing speaks against it.
func (d *Dispatcher) Holds(c *engine.Component, now time.Time) string {
	if h := held(d.world, Firing, c, now); h != nil {
		return h.Why
	}
	if c.Flapping {
		return "it is flapping"
	}
	if h := silenced(acknowledgements(*d.silences.Load()), Reminder, c, now); h != nil {
		return h.Why
	}
	return ""
}

func acknowledgements(all []*engine.Silence) []*engine.Silence {
	return slices.DeleteFunc(slices.Clone(all), func(s *engine.Silence) bool { return !s.Ack })
}

// planned is a hold that the file itself has planned.
func planned(c *engine.Component, now time.Time) *Hold {
	name, until, is := c.Check.Maintained(now)
	if !is {
		return nil
	}
	return &Hold{Why: strings.TrimSpace("maintenance " + name), Until: until}
}

// stale is a hold until what is known is newer than what it is compared with: a
// component may have failed because of another that has failed too, and has not been
// probed since; or before another was well again, and has not been probed since.
func stale(w World, c *engine.Component, now time.Time) *Hold {
	for _, group := range c.Check.DependsOn {
		for _, name := range group {
			p := w.Component(name)
			switch {
			case p == nil || p.Check.NotConfigured != "":
			case began(p).Before(c.Since) && now.Sub(c.Since) < patience:
				w.Probe(name)
				return &Hold{Why: "waits for a newer result of " + name, Until: c.Since.Add(patience)}
			case p.Status == engine.Healthy && began(c).Before(p.Since) && now.Sub(p.Since) < patience:
				w.Probe(c.Check.Name)
				return &Hold{Why: "waits for a result since " + strings.Join(group, ", ") + " is healthy", Until: p.Since.Add(patience)}
			}
		}
	}
	return nil
}

// began is when the component's last probe did.
func began(c *engine.Component) time.Time { return c.LastCheck.Add(-c.Latency) }
