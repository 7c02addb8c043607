package schema

import (
	"fmt"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// converter turns yaml.v3's tree into Nodes: aliases and merge keys resolved,
// scalars interpolated, everything in its place.
type converter struct {
	*Reader
	src     *source
	env     Env
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
			continue
		}
		keys.entry(Entry{key, value})
	}
	for _, m := range merges {
		c.merge(m, n, &keys, depth)
	}
}

// key fills in a map's key, which must be a text.
func (c *converter) key(k *yaml.Node, key, of *Node) bool {
	if k.Kind == yaml.AliasNode && k.Alias.Kind == yaml.ScalarNode {
		key.Value = k.Alias.Value
	} else if k.Kind != yaml.ScalarNode || k.Tag == "!!null" && k.Style == 0 {
		c.notKey(k, key, of)
		return false
	}
	key.Path = joinPath(of.Path, key.Value)
	c.tag(k, key)
	return true
}

func (c *converter) notKey(k *yaml.Node, key, of *Node) {
	key.Path = of.Path
	if before := c.src.cursor(key.Line, max(key.Column-1, 1)); strings.HasPrefix(c.src.text[before.at:], "{{") {
		key.Column--
		of.broken = true
		c.Errorf(key, `put the text in quotes: "{{ … }}"`, "{{ begins a map in a map")
		return
	}
	found := map[yaml.Kind]string{yaml.SequenceNode: "a list", yaml.MappingNode: "a map"}[k.Kind]
	if found == "" {
		found = "nothing"
	}
	c.Errorf(key, "write key: value", "a key is a text, found %s", found)
}

func joinPath(path, key string) string {
	switch {
	case strings.ContainsAny(key, ". []\"") || key == "":
		return path + "[" + strconv.Quote(key) + "]"
	case path == "":
		return key
	}
	return path + "." + key
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
			c.Errorf(from, "write <<: *name, or <<: [*one, *two]", "<< wants a map to merge, found %s", c.describe(from))
			continue
		}
		for _, e := range from.Entries {
			if keys.find(e.Key.Value) == nil {
				keys.entry(e)
			}
		}
	}
}

// keySet is the entries of a map, with their keys made in one piece.
type keySet struct {
	nodes   []Node
	entries *[]Entry
	byName  map[string]*Node // once there are many
}

// fewKeys are found as fast without a map.
const fewKeys = 12

func (s *keySet) add(src *source, k *yaml.Node) *Node {
	s.nodes = append(s.nodes, Node{Kind: String, Value: k.Value, Line: k.Line, Column: k.Column, src: src, style: styleOf(k)})
	return &s.nodes[len(s.nodes)-1]
}

func (s *keySet) entry(e Entry) {
	*s.entries = append(*s.entries, e)
	switch n := len(*s.entries); {
	case n > fewKeys:
		s.byName[e.Key.Value] = e.Key
	case n == fewKeys:
		s.byName = make(map[string]*Node, 2*n)
		for _, e := range *s.entries {
			s.byName[e.Key.Value] = e.Key
		}
	}
}

func (s *keySet) find(name string) *Node {
	if s.byName != nil {
		return s.byName[name]
	}
	for i := range *s.entries {
		if key := (*s.entries)[i].Key; key.Value == name {
			return key
		}
	}
	return nil
}
