package engine

import (
	"strings"
	"time"

	"polyhealth/checktypes"
	"polyhealth/schema"
)

// route compiles one route.
func (c *compiler) route(key, n *schema.Node) {
	c.routes[key.Value] = true
	if c.strayNotifier(key, n) {
		return
	}
	if n.Kind != schema.Map {
		c.Errorf(n, spaceHint(n), "a route is a map of keys, found %s", c.Found(n))
		return
	}
	keys := defaultRoute()
	r := &Route{Name: key.Value}
	for _, e := range n.Entries {
		if t := c.notifierNamed(e.Key.Value); t != nil {
			r.Notifiers = append(r.Notifiers, c.notifier(t, e.Value))
		}
	}
	if len(r.Notifiers) == 0 {
		c.Errorf(key, "add one of: "+strings.Join(c.notifierNames(), ", "), "the route %q has no notifier", key.Value)
	}
	c.DecodeBeside(n, &keys, schema.Beside{Others: c.notifierNames()})
	r.Cooldown, r.SendResolved = time.Duration(keys.Cooldown), keys.SendResolved
	r.GroupWait = time.Duration(keys.GroupWait)
	r.Repeat = r.Cooldown
	if keys.RepeatInterval.Never {
		r.Repeat = 0
	} else if keys.RepeatInterval.Every > 0 {
		r.Repeat = keys.RepeatInterval.Every
	}
	if r.Cooldown < time.Second || r.Repeat > 0 && r.Repeat < time.Second {
		at := "cooldown"
		if r.Cooldown >= time.Second {
			at = "repeat_interval"
		}
		c.Errorf(n.Near(at), "", "%s is at least 1s", at)
	}
	for _, on := range keys.On {
		if s, ok := checktypes.ParseStatus(on); ok {
			r.On = append(r.On, s)
		}
	}
	c.plan.Routes = append(c.plan.Routes, r)
}

// notifier decodes one notifier of a route.
func (c *compiler) notifier(t *NotifierType, n *schema.Node) NotifierConfig {
	cfg := t.NewConfig()
	n = n.Expand(t.Short)
	d := c.Decode(n, cfg)
	if t.Check != nil {
		c.Beyond(n, func() { t.Check(cfg, n, c.Reader) })
	}
	return NotifierConfig{Type: t.Name, Config: cfg, NotConfigured: notConfigured(d.Unset)}
}

func (c *compiler) notifierNamed(name string) *NotifierType {
	for i := range c.reg.Notifiers {
		if c.reg.Notifiers[i].Name == name {
			return &c.reg.Notifiers[i]
		}
	}
	return nil
}

func (c *compiler) notifierNames() []string {
	names := make([]string, len(c.reg.Notifiers))
	for i := range c.reg.Notifiers {
		names[i] = c.reg.Notifiers[i].Name
	}
	return names
}
