package schema

import (
	"io"

	"gopkg.in/yaml.v3"
)

// Write writes a value as YAML that reads as the same value: scalars as they were
// written, with their ${…}, and what {{ each.… }} stood for in its place. Secrets
// that stand in the file itself are redacted.
func (r *Reader) Write(w io.Writer, n *Node) error {
	enc := yaml.NewEncoder(w)
	enc.SetIndent(2)
	if err := enc.Encode(r.toYAML(n)); err != nil {
		return err
	}
	return enc.Close()
}

func (r *Reader) toYAML(n *Node) *yaml.Node {
	switch n.Kind {
	case Map:
		y := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		for _, e := range n.Entries {
			y.Content = append(y.Content, r.toYAML(e.Key), r.toYAML(e.Value))
		}
		return y
	case List:
		y := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Style: yaml.FlowStyle}
		for _, item := range n.Items {
			if !item.isScalar() || item.style == block {
				y.Style = 0
			}
			y.Content = append(y.Content, r.toYAML(item))
		}
		return y
	}
	text := n.written()
	y := &yaml.Node{Kind: yaml.ScalarNode, Value: r.Secrets.Redact(text), Tag: "!!str"}
	switch {
	case n.style == block:
		y.Style = yaml.LiteralStyle
	case n.style == single:
		y.Style = yaml.SingleQuotedStyle
	case n.style == double:
		y.Style = yaml.DoubleQuotedStyle
	case y.Value == text && text == n.Value:
		y.Tag = tags[n.Kind]
	}
	return y
}

var tags = map[Kind]string{Null: "!!null", Bool: "!!bool", Int: "!!int", Float: "!!float", String: "!!str"}
