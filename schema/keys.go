package schema

import (
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

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
