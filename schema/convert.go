package schema

import (
	"fmt"
	"strconv"

	"gopkg.in/yaml.v3"
)

// converter turns yaml.v3's tree into Nodes: aliases and merge keys resolved,
// scalars interpolated, everything in its place.
type converter struct {
	*Reader
	src     *source
	env     Env
	values  *[]File // see Document
	dir     string
	budget  int  // values that aliases may still add
	spent   bool // and that they may not was told
	aliases []*yaml.Node
}

func (c *converter) convert(y *yaml.Node, path string, depth int) *Node {
	if y.Kind == yaml.AliasNode {
		return c.alias(y, path, depth)
	}
	n := &Node{Path: path, src: c.src}
	n.Line, n.Column = c.src.within(y.Line, y.Column)
	switch {
	case y.Kind == yaml.ScalarNode:
		c.scalar(y, n)
	case depth >= maxDepth:
		c.fail(n, "", "lists and maps are nested deeper than %d levels", maxDepth)
	case y.Kind == yaml.MappingNode:
		n.Kind = Map
		c.tag(y, n)
		c.mapping(y, n, depth)
	default:
		n.Kind = List
		c.tag(y, n)
		n.Items = make([]*Node, len(y.Content))
		for i, item := range y.Content {
			n.Items[i] = c.convert(item, path+"["+strconv.Itoa(i)+"]", depth+1)
		}
	}
	if len(c.aliases) > 0 {
		c.budget--
	}
	return n
}

// fail notes that there is nothing to be had from n.
func (c *converter) fail(n *Node, hint, format string, args ...any) *Node {
	c.Errorf(n, hint, format, args...)
	n.Kind, n.broken = Null, true
	return n
}

// alias puts what an anchor names in the alias's place. Mistakes in it are noted
// where it stands.
func (c *converter) alias(y *yaml.Node, path string, depth int) *Node {
	n := &Node{Path: path, Line: y.Line, Column: y.Column, src: c.src}
	for _, outer := range c.aliases {
		if outer == y.Alias {
			return c.fail(n, "an alias cannot stand within what its anchor names", "*%s refers to itself", y.Value)
		}
	}
	if c.budget <= 0 {
		if !c.spent {
			c.spent = true
			c.fail(n, "write it out, or use fewer aliases", "aliases make the file too large")
		}
		n.Kind, n.broken = Null, true
		return n
	}
	c.aliases = append(c.aliases, y.Alias)
	defer func() { c.aliases = c.aliases[:len(c.aliases)-1] }()
	return c.convert(y.Alias, path, depth)
}

func (c *converter) mapping(y *yaml.Node, n *Node, depth int) {
	keys := keySet{nodes: make([]Node, 0, len(y.Content)/2), entries: &n.Entries}
	n.Entries = make([]Entry, 0, len(y.Content)/2)
	var merges []*yaml.Node
	for i := 0; i+1 < len(y.Content); i += 2 {
		k, v := y.Content[i], y.Content[i+1]
		if k.Kind == yaml.ScalarNode && k.Tag == "!!merge" {
			if merges = append(merges, v); len(merges) == 2 {
				c.Errorf(&Node{Kind: String, Value: "<<", Path: n.Path, Line: k.Line, Column: k.Column, src: c.src},
					"write <<: [*one, *two]", `the key "<<" is given twice`)
			}
			continue
		}
		key := keys.add(c.src, k)
		if !c.key(k, key, n) {
			continue
		}
		value := c.convert(v, key.Path, depth+1)
		if first := keys.find(key.Value); first != nil {
			c.Errorf(key, fmt.Sprintf("the first is at line %d", first.Line), "the key %s is given twice", c.quote(key.Value))
			c.hideUnread(key.Value, value)
			n.Again = append(n.Again, Entry{key, value})
			continue
		}
		keys.entry(Entry{key, value})
	}
	for _, m := range merges {
		c.merge(m, n, &keys, depth)
	}
}

// merge adds the entries of a merge key's maps that are not there yet.
func (c *converter) merge(m *yaml.Node, n *Node, keys *keySet, depth int) {
	maps := []*yaml.Node{m}
	if m.Kind == yaml.SequenceNode {
		maps = m.Content
	}
	for _, one := range maps {
		from := c.convert(one, n.Path, depth)
		if from.Kind != Map {
			c.Errorf(from, "write <<: *name, or <<: [*one, *two]", "<< wants a map to merge, found %s", c.Found(from))
			continue
		}
		for _, e := range from.Entries {
			if keys.find(e.Key.Value) == nil {
				keys.entry(e)
			}
		}
	}
}
