package engine

import (
	"slices"
	"strings"

	"polyhealth/schema"
)

// BlockedBy names what keeps a check from being judged: the checks of the first group
// of its DependsOn of which none is healthy; empty where there is no such group.
// component is the newest of a name, or nil.
func (c *Check) BlockedBy(component func(name string) *Component) string {
	for _, group := range c.DependsOn {
		if !slices.ContainsFunc(group, func(name string) bool {
			parent := component(name)
			// Of what is not configured nothing is known, for good: it must not silence.
			return parent != nil && (parent.Status == Healthy || parent.Check.NotConfigured != "")
		}) {
			return strings.Join(group, ", ")
		}
	}
	return ""
}

// dependencies notes depends_on that name no check, or lead in a circle.
func (c *compiler) dependencies(checks []schema.Entry) {
	on := map[string][]*schema.Node{}
	c.enabled = make(map[string]bool, len(c.compiled))
	for _, name := range c.names {
		c.enabled[name] = true
	}
	for _, ch := range c.compiled {
		c.enabled[ch.Name] = ch.Keys.Enabled
	}
	for _, e := range checks {
		for _, at := range needed(e.Value.Get("depends_on")) {
			if c.known(at) {
				on[e.Key.Value] = append(on[e.Key.Value], at)
			}
		}
	}
	c.circles(on)
}

// needed are the names in the value of a depends_on.
func needed(list *schema.Node) (names []*schema.Node) {
	if list == nil {
		return nil
	}
	for _, item := range list.Items {
		if group := item.Get("any_of"); group != nil {
			names = append(names, group.Items...)
		} else if item.Kind != schema.Map {
			names = append(names, item)
		}
	}
	return names
}

// known reports whether a check is named, and notes it where there is none, or it is
// not enabled.
func (c *compiler) known(at *schema.Node) bool {
	enabled, known := c.enabled[at.Value]
	switch {
	case !known:
		c.Errorf(at, schema.DidYouMean(at.Value, c.names), "there is no check %q", at.Value)
	case !enabled:
		c.Errorf(at, "", "the check %q is not enabled", at.Value)
	}
	return enabled
}

// circles notes each dependency that leads back to the check it starts from.
func (c *compiler) circles(on map[string][]*schema.Node) {
	const visiting, done = 1, 2
	seen := map[string]int{}
	var visit func(name string)
	visit = func(name string) {
		seen[name] = visiting
		for _, item := range on[name] {
			switch seen[item.Value] {
			case visiting:
				c.Errorf(item, "", "%q and %q depend on each other", name, item.Value)
			case 0:
				visit(item.Value)
			}
		}
		seen[name] = done
	}
	for _, name := range c.names {
		if seen[name] == 0 {
			visit(name)
		}
	}
}
