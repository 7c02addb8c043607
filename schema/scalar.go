package schema

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// scalar fills in a scalar's value and kind. A plain one is whatever its text
// looks like after ${…} was replaced.
func (c *converter) scalar(y *yaml.Node, n *Node) {
	n.Value, n.style = y.Value, styleOf(y)
	n.Kind = c.tag(y, n)
	if strings.IndexByte(y.Value, '$') >= 0 && !c.env.plain {
		c.interpolate(n)
		if n.style == plain && y.Style&yaml.TaggedStyle == 0 && n.Value != y.Value {
			n.Kind = looksLike(n.Value)
		}
	}
	if strings.Contains(n.Value, "://") {
		if c.userinfo(n.Value) {
			c.Expose(n, "a password")
		}
	}
}

// looksLike is the kind of a plain scalar that ${…} was replaced in. The word null
// is a text then: what is not there is empty, not null.
func looksLike(value string) Kind {
	kind := kindOfTag((&yaml.Node{Kind: yaml.ScalarNode, Value: value}).ShortTag())
	if kind == Null && value != "" {
		return String
	}
	return kind
}

// tag returns the kind of a scalar, and moves n past its anchor and tag, to the
// scalar itself. Tags other than YAML's own mean nothing here.
func (c *converter) tag(y *yaml.Node, n *Node) Kind {
	kind := kindOfTag(y.Tag)
	if y.Style&yaml.TaggedStyle != 0 && !fits(y, kind) && !c.env.plain {
		at := *n
		at.style, at.Kind, at.Value = plain, String, y.Tag
		if strings.HasPrefix(y.Tag, "!!") {
			c.Errorf(&at, "leave the tag out", "the tag %s does not fit here", c.quote(y.Tag))
		} else {
			c.Errorf(&at, "leave it out, or put all of the text in quotes", "text that begins with ! is taken for a tag")
		}
		n.broken = true
	}
	if y.Kind != yaml.ScalarNode || y.Value == "" && n.style == plain {
		return kind
	}
	if from := c.cursor(c.src, n.Line, n.Column); from.peek() == '&' || from.peek() == '!' {
		from.beyond()
		n.Line, n.Column = int(from.line), int(from.column)
	}
	return kind
}

// fits reports whether a value is what its explicit tag says.
func fits(y *yaml.Node, kind Kind) bool {
	switch y.Kind {
	case yaml.MappingNode:
		return y.Tag == "!!map"
	case yaml.SequenceNode:
		return y.Tag == "!!seq"
	}
	looks := looksLike(y.Value)
	switch y.Tag {
	case "!!str":
		return true
	case "!!float":
		return looks == Int || looks == Float
	case "!!int", "!!bool":
		return looks == kind
	}
	return false
}

func kindOfTag(tag string) Kind {
	switch tag {
	case "!!int":
		return Int
	case "!!bool":
		return Bool
	case "!!float":
		return Float
	case "!!null":
		return Null
	case "!!map":
		return Map
	case "!!seq":
		return List
	}
	return String // times too
}

func styleOf(y *yaml.Node) style {
	switch {
	case y.Style&yaml.SingleQuotedStyle != 0:
		return single
	case y.Style&yaml.DoubleQuotedStyle != 0:
		return double
	case y.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return block
	}
	return plain
}
