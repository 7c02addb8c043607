package engine

import (
	"slices"
	"time"

	"polyhealth/schema"

	"github.com/google/jsonschema-go/jsonschema"
)

// A Window is a time, once or again and again, at which alerts are held back.
type Window struct {
	// Name is what the file calls it; empty for a check's own.
	Name string

	cron     *Cron // nil where it comes once
	from     time.Time
	duration time.Duration
}

// Once is a window that comes once.
func Once(name string, from time.Time, duration time.Duration) Window {
	return Window{Name: name, from: from, duration: duration}
}

// Open reports whether t is within the window, and when the window closes then.
func (w Window) Open(t time.Time) (until time.Time, open bool) {
	if w.cron == nil {
		until = w.from.Add(w.duration)
		return until, !t.Before(w.from) && t.Before(until)
	}
	// It may have begun at any time that is less than its length ago, and begin
	// again before it ends.
	for start := w.cron.Next(t.Add(-w.duration)); !start.IsZero(); start = w.cron.Next(start) {
		if start.After(t) && (!open || start.After(until)) || until.Sub(t) > longestLook {
			break
		}
		open, until = true, start.Add(w.duration)
	}
	return until, open
}

// longestLook is how far ahead Open looks for the end of a window that begins again
// before it ends.
const longestLook = 7 * 24 * time.Hour

// Maintained reports whether a check is under maintenance at t, by which of its
// windows, and until when.
func (c *Check) Maintained(t time.Time) (name string, until time.Time, is bool) {
	for _, w := range c.Maintenance {
		if u, open := w.Open(t); open && (!is || u.After(until)) {
			name, until, is = w.Name, u, true
		}
	}
	return name, until, is
}

// WindowKeys are the keys of a maintenance window.
type WindowKeys struct {
	// Schedule is a cron line that says when the window begins, again and again.
	Schedule string `yaml:"schedule" example:"0 3 * * sun"`
	// From is when a window begins that comes once, in RFC 3339.
	From Moment `yaml:"from" example:"2026-12-24T18:00:00Z"`
	// To is when it ends, instead of a duration.
	To Moment `yaml:"to" example:"2026-12-26T08:00:00Z"`
	// Duration is how long it lasts.
	Duration schema.Duration `yaml:"duration" example:"2h"`
	// Timezone of the schedule, an IANA name; the machine's by default.
	Timezone string `yaml:"timezone" example:"Europe/Madrid"`
}

// PlannedKeys are the keys of a maintenance window at the top level, which says
// which checks it is of.
type PlannedKeys struct {
	WindowKeys
	// Checks names the checks that are worked on; all of them, where neither checks
	// nor tags are given.
	Checks []string `yaml:"checks,filled" example:"[database]"`
	// Tags select the checks that are worked on.
	Tags []string `yaml:"tags,filled" example:"[web]"`
}

// covers reports whether the window is of a check.
func (k PlannedKeys) covers(c *Check) bool {
	return len(k.Checks)+len(k.Tags) == 0 || slices.Contains(k.Checks, c.Name) ||
		slices.ContainsFunc(k.Tags, func(tag string) bool { return slices.Contains(c.Tags, tag) })
}

// Windows are one window or a list of them.
type Windows []writtenWindow

type writtenWindow struct {
	WindowKeys
	at *schema.Node
}

// FromNode reads a window, or a list of them.
func (w *Windows) FromNode(n *schema.Node, r *schema.Reader) {
	*w = nil
	nodes := []*schema.Node{n}
	if n.Kind == schema.List {
		nodes = n.Items
	}
	for _, item := range nodes {
		one := writtenWindow{at: item}
		if r.Decode(item, &one.WindowKeys).OK {
			*w = append(*w, one)
		}
	}
}

// JSONSchema describes the two forms.
func (Windows) JSONSchema() *jsonschema.Schema {
	one := schema.JSONSchema(WindowKeys{}, FieldDocs())
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{one, {Type: "array", Items: one}}}
}

// planned compiles the keys of one window.
func (c *compiler) planned(name string, k WindowKeys, n *schema.Node) (w Window, ok bool) {
	w = Window{Name: name, from: k.From.Time, duration: time.Duration(k.Duration)}
	switch {
	case k.Schedule == "" && k.From.IsZero():
		c.Errorf(n, "write schedule: and duration:, or from: and to:", "a maintenance window needs a schedule or a time it begins at")
		return w, false
	case k.Schedule != "" && !k.From.IsZero():
		c.Errorf(n.KeyOf("from"), "keep one of the two", "schedule and from are both given")
		return w, false
	case k.Duration != 0 && !k.To.IsZero():
		c.Errorf(n.KeyOf("to"), "keep one of the two", "duration and to are both given")
		return w, false
	case k.Schedule != "" && !k.To.IsZero():
		c.Errorf(n.KeyOf("to"), "write duration: 2h", "a window that comes again and again has a duration, not an end")
		return w, false
	case k.Duration == 0 && k.To.IsZero():
		c.Errorf(n, "add duration: 2h", "a maintenance window needs a duration")
		return w, false
	case k.Timezone != "" && k.Schedule == "":
		c.Errorf(n.Get("timezone"), "a time has its zone in it: 2026-12-24T18:00:00+01:00", "timezone has no meaning without a schedule")
		return w, false
	}
	if !k.To.IsZero() {
		w.duration = k.To.Sub(k.From.Time)
		if w.duration <= 0 {
			c.Errorf(n.Get("to"), "", "the window ends before it begins")
			return w, false
		}
	}
	if k.Schedule == "" {
		return w, true
	}
	w.cron = c.parseCron(n, k.Schedule, k.Timezone)
	return w, w.cron != nil
}

// maintenance gives each check its windows: its own, and the planned ones that are of
// it.
func (c *compiler) maintenance(planned *schema.Node) {
	for _, ch := range c.compiled {
		for _, one := range ch.Keys.Maintenance {
			if w, ok := c.planned("", one.WindowKeys, one.at); ok {
				ch.Maintenance = append(ch.Maintenance, w)
			}
		}
	}
	if planned == nil {
		return
	}
	c.eachEntry(planned, "maintenance", func(key, n *schema.Node) {
		var k PlannedKeys
		ok := c.Decode(n, &k).OK
		w := Window{}
		if ok {
			w, ok = c.planned(key.Value, k.WindowKeys, n)
		}
		for i := range k.Checks {
			c.known(item(n.Get("checks"), i))
		}
		for i, tag := range k.Tags {
			if !slices.Contains(c.tags(), tag) {
				c.Errorf(item(n.Get("tags"), i), schema.DidYouMean(tag, c.tags()), "no check has the tag %q", tag)
			}
		}
		for _, ch := range c.compiled {
			if ok && k.covers(ch) {
				ch.Maintenance = append(ch.Maintenance, w)
			}
		}
	})
}
