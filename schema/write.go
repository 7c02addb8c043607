package schema

import (
	"bufio"
	"bytes"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// Write writes a map as YAML that reads as the same map: scalars as they were
// written, with their ${…}, and what {{ each.… }} stood for in its place. Secrets
// that stand in the file itself are redacted.
func (r *Reader) Write(w io.Writer, n *Node) error {
	out := bufio.NewWriter(w)
	for _, e := range n.Entries {
		if e.Value.Kind != Map || len(e.Value.Entries) == 0 {
			if err := r.writeEntries(out, "", e); err != nil {
				return err
			}
			continue
		}
		// The library takes many times the memory of what it writes: some checks at a time.
		if err := r.writeEntries(out, "", Entry{e.Key, &Node{Kind: Null}}); err != nil {
			return err
		}
		for some := range slices.Chunk(e.Value.Entries, 50) {
			if err := r.writeEntries(out, "  ", some...); err != nil {
				return err
			}
		}
	}
	return out.Flush()
}

// writeEntries writes entries of a map, indented. One without a value is the
// beginning of a map.
func (r *Reader) writeEntries(out *bufio.Writer, indent string, entries ...Entry) error {
	var text bytes.Buffer
	enc := yaml.NewEncoder(&text)
	enc.SetIndent(2)
	if err := enc.Encode(r.toYAML(&Node{Kind: Map, Entries: entries})); err != nil {
		return err
	}
	for line := range bytes.Lines(text.Bytes()) {
		if len(line) > 1 {
			_, _ = out.WriteString(indent) // an error stays until Flush
		}
		_, _ = out.Write(line)
	}
	return nil
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
	y := &yaml.Node{Kind: yaml.ScalarNode, Value: r.withoutSecrets(text), Tag: "!!str"}
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

// withoutSecrets redacts a text, but for the user of a URL that has no password:
// without that it would be another URL.
func (r *Reader) withoutSecrets(text string) string {
	if r.Secrets.Redact(text) == text {
		return text
	}
	names := slices.Sorted(maps.Keys(r.names))
	keep := func(i int) string { return "\x00" + strconv.Itoa(i) + "\x00" }
	for i, name := range names {
		text = strings.ReplaceAll(text, name, keep(i))
	}
	text = r.Secrets.Redact(text)
	for i, name := range names {
		text = strings.ReplaceAll(text, keep(i), name)
	}
	return text
}
