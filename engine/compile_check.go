package engine

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"polyhealth/checktypes"
	"polyhealth/schema"
)

const (
	maxName        = 100 // characters of a check's name
	defaultTimeout = 10 * time.Second
	// shortestInterval keeps a slip such as 1ns from taking a whole machine.
	shortestInterval = 100 * time.Millisecond
)

// check compiles one check and adds it to the plan where it is enabled.
func (c *compiler) check(key, n *schema.Node, defaults Defaults) {
	if c.strayKey(key, n) {
		return
	}
	if n.Kind != schema.Map {
		c.Errorf(n, spaceHint(n), "a check is a map of keys, found %s", c.Found(n))
		return
	}
	keys := CheckKeys{Defaults: defaults, Critical: true, Enabled: true}
	typ, typed := c.typeOf(key, n)
	unset := c.DecodeBeside(n, &keys, schema.Beside{
		Others: c.typeNames(), Belongs: func(key string) string { return c.inCheck(key, typ, typed) },
	}).Unset
	ch := &Check{
		Name: key.Value, Type: typ, Keys: keys, Dir: key.Dir(), secrets: c.Secrets,
		Thresholds: keys.Thresholds, Routes: keys.Routes, Tags: keys.Tags, Critical: keys.Critical,
		DependsOn: keys.DependsOn,
	}
	c.cadence(n, ch)
	c.recovery(ch, n.Get("recovery"))
	c.routeNames(n.Get("routes"), keys.Routes)
	if typ == nil {
		return
	}
	ch.Config = c.config(ch, typ, typed, unset)
	for _, e := range n.Again {
		if again := c.typeNamed(e.Key.Value); again != nil {
			c.config(&Check{}, again, e.Value, nil)
		}
	}
	c.compiled = append(c.compiled, ch)
	w := written{Check: ch, at: n}
	if typ.Selects != nil {
		c.without(n)
		ch.Thresholds = Thresholds{Degraded: 1, Unhealthy: 1, Healthy: 1} // what it is judged by has thresholds
		c.selecting = append(c.selecting, selecting{w, key, typed.Expand(typ.Short)})
	} else {
		c.rules(n, &w)
		c.all = append(c.all, w)
	}
	if keys.Enabled {
		c.plan.Checks = append(c.plan.Checks, ch)
	}
}

func (c *compiler) name(key *schema.Node) {
	switch {
	case key.Value == "":
		c.Errorf(key, "", "a check needs a name")
	case utf8.RuneCountInString(key.Value) > maxName:
		c.Errorf(key, "", "a check's name has at most %d characters, this one has %d", maxName, utf8.RuneCountInString(key.Value))
	case strings.ContainsFunc(key.Value, unicode.IsControl):
		c.Errorf(key, "", "a check's name holds no control characters")
	case key.Value == "." || key.Value == "..":
		// Clients and proxies take these for folders, however they are encoded.
		c.Errorf(key, "", "a check cannot be named %q: /health/%s would lead elsewhere", key.Value, key.Value)
	}
}

// typeOf finds the one type key of a check.
func (c *compiler) typeOf(key, n *schema.Node) (*checktypes.Type, *schema.Node) {
	var typ *checktypes.Type
	var typed, first *schema.Node
	for _, e := range n.Entries {
		t := c.typeNamed(e.Key.Value)
		switch {
		case t == nil:
		case typ != nil:
			c.Errorf(e.Key, "a check has exactly one type: make a check of each", "%s and %s are both types of check", first.Value, e.Key.Value)
		default:
			typ, typed, first = t, e.Value, e.Key
		}
	}
	if typ == nil && !c.mistyped(n) && n.Get("uses") == nil { // nor does a template say it, as far as there are any
		c.Errorf(key, "add one of: "+strings.Join(c.typeNames(), ", "), "the check %q has no type", key.Value)
	}
	return typ, typed
}

// mistyped reports whether some key is likely meant for a type's: that it is
// unknown is said already, and is the one mistake.
func (c *compiler) mistyped(n *schema.Node) bool {
	known := append(c.typeNames(), keysOf(CheckKeys{})...)
	for _, e := range n.Entries {
		if !slices.Contains(known, e.Key.Value) && c.typesWith(e.Key.Value) != nil {
			return true
		}
		near, ok := schema.Nearest(e.Key.Value, known)
		if ok && near != e.Key.Value && c.typeNamed(near) != nil {
			return true
		}
	}
	return false
}

func (c *compiler) typeNamed(name string) *checktypes.Type {
	for i := range c.reg.Types {
		if c.reg.Types[i].Name == name {
			return &c.reg.Types[i]
		}
	}
	return nil
}

func (c *compiler) typeNames() []string {
	names := make([]string, len(c.reg.Types))
	for i := range c.reg.Types {
		names[i] = c.reg.Types[i].Name
	}
	return names
}

// config decodes the keys of the check's type, or their short form. unset are
// variables that left other keys of the check empty.
func (c *compiler) config(ch *Check, typ *checktypes.Type, n *schema.Node, unset []string) any {
	cfg := typ.NewConfig()
	n = n.Expand(typ.Short)
	d := c.DecodeBeside(n, cfg, schema.Beside{Belongs: func(key string) string { return c.inType(key, typ) }})
	ch.NotConfigured = notConfigured(append(d.Unset, unset...))
	c.Beyond(n, func() { typ.Check(cfg, n, c.Reader) })
	return cfg
}

// notConfigured names the variables that left what is needed empty, each once.
func notConfigured(unset []string) string {
	if len(unset) == 0 {
		return ""
	}
	var names []string
	for _, name := range unset {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return "not configured: " + strings.Join(names, ", ")
}

// cadence sets when the check runs.
func (c *compiler) cadence(n *schema.Node, ch *Check) {
	k := ch.Keys
	ch.Interval, ch.RetryInterval = time.Duration(k.Interval), time.Duration(k.RetryInterval)
	c.often(n, "interval", ch.Interval)
	c.often(n, "retry_interval", ch.RetryInterval)
	if k.Schedule != "" {
		c.cron(n, ch)
	} else if k.Timezone != "" {
		c.Errorf(n.Get("timezone"), "add a schedule, or leave timezone out", "timezone has no meaning without a schedule")
	}
	ch.Timeout = time.Duration(k.Timeout)
	if ch.Timeout == 0 {
		ch.Timeout = defaultTimeout
		if ch.Interval > 0 {
			ch.Timeout = min(ch.Timeout, ch.Interval)
		}
	}
}

// often notes an interval that is surely a slip.
func (c *compiler) often(n *schema.Node, key string, every time.Duration) {
	if at := n.Get(key); at != nil && every > 0 && every < shortestInterval {
		c.Errorf(at, "", "%s is at least %s", key, schema.Duration(shortestInterval))
	}
}

func (c *compiler) cron(n *schema.Node, ch *Check) {
	if at := n.Get("interval"); at != nil {
		c.Errorf(at, "keep one of the two", "interval and schedule are both given")
	}
	if cron := c.parseCron(n, ch.Keys.Schedule, ch.Keys.Timezone); cron != nil {
		ch.Cron, ch.Interval = cron, 0
	}
}

// parseCron reads the schedule and timezone of n, or notes why it cannot and returns
// nil.
func (c *compiler) parseCron(n *schema.Node, line, zone string) *Cron {
	if _, err := zoneOf(zone); err != nil {
		c.Errorf(n.Get("timezone"), "use an IANA name, such as Europe/Madrid", "%s", err)
		zone = ""
	}
	cron, err := ParseCron(line, zone)
	if err != nil {
		c.Errorf(n.Get("schedule"), "its five fields are minute, hour, day, month and weekday (0-59 0-23 1-31 1-12 0-6), such as */5 * * * *", "%s", err)
		return nil
	}
	return cron
}
