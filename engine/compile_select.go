package engine

import (
	"path"
	"slices"
	"strings"

	"polyhealth/checktypes"
	"polyhealth/schema"
)

// A selecting check is judged by others: its rules are compiled once all are known.
type selecting struct {
	written
	key   *schema.Node
	typed *schema.Node // the type's keys
}

// without notes keys that mean nothing to a check that asks nobody.
func (c *compiler) without(n *schema.Node) {
	for _, key := range []string{"timeout", "retry_interval", "schedule", "thresholds"} {
		if at := n.KeyOf(key); at != nil {
			c.Errorf(at, "leave it out: what it is judged by has its own", "%s has no meaning here, where nobody is asked", key)
		}
	}
}

// selections finds what selecting checks are judged by, and compiles their rules.
func (c *compiler) selections() {
	all := map[string]*Check{}
	for _, ch := range c.compiled {
		all[ch.Name] = ch
	}
	for i := range c.selecting {
		s := &c.selecting[i]
		s.Check.Inputs = c.selected(s, all)
	}
	c.selectionCircles(all)
	for i := range c.selecting {
		s := &c.selecting[i]
		c.rules(s.at, &s.written)
		c.all = append(c.all, s.written)
	}
}

// selected is the names of what one check selects.
func (c *compiler) selected(s *selecting, all map[string]*Check) (names []string) {
	sel := s.Check.Type.Selects(s.Check.Config)
	chosen := map[string]bool{}
	list := s.typed.Get(s.Check.Type.Short)
	for i, name := range sel.Names {
		at := s.typed
		if list != nil && i < len(list.Items) {
			at = list.Items[i]
		}
		c.selectNamed(s, at, name, all, chosen)
	}
	for i, tag := range sel.Tags {
		if !c.selectTagged(s, tag, chosen) {
			c.Errorf(item(s.typed.Near("tags"), i), schema.DidYouMean(tag, c.tags()), "no check has the tag %q", tag)
		}
	}
	for _, ch := range c.compiled {
		if chosen[ch.Name] || len(sel.Names)+len(sel.Tags) == 0 && ch.Type.Selects == nil && ch.Keys.Enabled {
			names = append(names, ch.Name)
		}
	}
	if len(names) == 0 && !c.Failed() {
		c.Errorf(s.key, "", "there is no check to judge %q by", s.key.Value)
	}
	return names
}

// selectNamed adds the checks of one name or pattern.
func (c *compiler) selectNamed(s *selecting, at *schema.Node, name string, all map[string]*Check, chosen map[string]bool) {
	if ch := all[name]; ch != nil {
		if !ch.Keys.Enabled {
			c.Errorf(at, "", "the check %q is not enabled", name)
		}
		chosen[name] = true
		return
	}
	found := false
	for _, ch := range c.compiled {
		if fits(name, ch.Name) && ch.Type.Selects == nil && ch.Keys.Enabled {
			chosen[ch.Name], found = true, true
		}
	}
	switch _, err := path.Match(name, ""); {
	case found:
	case err != nil:
		c.Errorf(at, "", "the pattern %q has no closing bracket", name)
	case strings.ContainsAny(name, "*?["):
		c.Errorf(at, "", "no check fits %q", name)
	case !slices.Contains(c.names, name): // else its own mistake is told
		c.Errorf(at, schema.DidYouMean(name, c.names), "there is no check %q", name)
	}
}

func (c *compiler) selectTagged(s *selecting, tag string, chosen map[string]bool) (found bool) {
	for _, ch := range c.compiled {
		if slices.Contains(ch.Tags, tag) && ch.Type.Selects == nil && ch.Keys.Enabled {
			chosen[ch.Name], found = true, true
		}
	}
	return found
}

// tags are all tags of the file.
func (c *compiler) tags() (tags []string) {
	for _, ch := range c.compiled {
		tags = append(tags, ch.Tags...)
	}
	slices.Sort(tags)
	return slices.Compact(tags)
}

// selectionCircles notes checks that are judged, in the end, by themselves.
func (c *compiler) selectionCircles(all map[string]*Check) {
	const visiting, done = 1, 2
	seen := map[*Check]int{}
	var visit func(s *selecting)
	visit = func(s *selecting) {
		seen[s.Check] = visiting
		for _, name := range s.Check.Inputs {
			next := c.selectingOf(all[name])
			switch {
			case next == nil:
			case seen[next.Check] == visiting:
				at := s.typed.Near(s.Check.Type.Short)
				for i := range at.Items {
					if at.Items[i].Value == name {
						at = at.Items[i]
						break
					}
				}
				c.Errorf(at, "", "%q is judged by %q, and so by itself", name, s.Check.Name)
			case seen[next.Check] == 0:
				visit(next)
			}
		}
		seen[s.Check] = done
	}
	for i := range c.selecting {
		if s := &c.selecting[i]; seen[s.Check] == 0 {
			visit(s)
		}
	}
}

func (c *compiler) selectingOf(ch *Check) *selecting {
	for i := range c.selecting {
		if c.selecting[i].Check == ch {
			return &c.selecting[i]
		}
	}
	return nil
}

// item is an element of a list, or the list where there is no such.
func item(list *schema.Node, i int) *schema.Node {
	if i < len(list.Items) {
		return list.Items[i]
	}
	return list
}

// members is a check's view of those that it is judged by.
func (c *Check) members(component func(name string) *Component) func() ([]checktypes.Member, error) {
	if c.Type.Selects == nil {
		return nil
	}
	return func() ([]checktypes.Member, error) {
		members := make([]checktypes.Member, 0, len(c.Inputs))
		for _, name := range c.Inputs {
			comp := component(name)
			if comp == nil || !comp.Probed() {
				return nil, checktypes.ErrNotYet
			}
			members = append(members, checktypes.Member{
				Name: name, Status: comp.Status.String(), Message: comp.Message, Tags: comp.Check.Tags,
				Latency: comp.Latency, ConsecutiveFailures: comp.Failures, Since: comp.Since,
			})
		}
		return members, nil
	}
}

// fits reports whether a name is as a pattern wants it. To [path.Match] a / divides
// names; here it is a character as any other.
func fits(pattern, name string) bool {
	whole := strings.NewReplacer("/", "\x00")
	ok, err := path.Match(whole.Replace(pattern), whole.Replace(name))
	return ok && err == nil
}
