package engine

import (
	"time"

	"polyhealth/schema"

	"github.com/google/jsonschema-go/jsonschema"
)

// Expressions are one expression or a list of them, each with its place.
type Expressions []*schema.Node

// FromNode reads a scalar or a list of scalars. An expression may be written
// plainly as true or false.
func (e *Expressions) FromNode(n *schema.Node, r *schema.Reader) {
	*e = nil
	nodes := []*schema.Node{n}
	if n.Kind == schema.List {
		nodes = n.Items
	}
	if len(nodes) == 0 {
		r.Errorf(n, "write an expression, such as latency > \"800ms\"", "the list of rules is empty")
	}
	for _, item := range nodes {
		switch item.Kind {
		case schema.List, schema.Map, schema.Null:
			r.Errorf(item, "", "a rule is an expression, found %s", r.Found(item))
		default:
			*e = append(*e, item)
		}
	}
}

// JSONSchema describes the two forms.
func (Expressions) JSONSchema() *jsonschema.Schema {
	one := &jsonschema.Schema{Types: []string{"string", "boolean"}}
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{one, {Type: "array", Items: one}}}
}

// Repeat is a duration, or never.
type Repeat struct {
	Every time.Duration // 0 where the file is silent
	Never bool
}

// FromNode reads a duration or the word never.
func (p *Repeat) FromNode(n *schema.Node, r *schema.Reader) {
	if n.Value == "never" {
		*p = Repeat{Never: true}
		return
	}
	if _, err := schema.ParseDuration(n.Value); err != nil && n.Kind == schema.String {
		r.Errorf(n, "", "repeat_interval wants a duration such as 1h, or never: %q %s", n.Value, err)
		return
	}
	var d schema.Duration
	if r.Decode(n, &d).OK {
		*p = Repeat{Every: time.Duration(d)}
	}
}

// JSONSchema describes the two forms.
func (Repeat) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Examples: []any{"1h", "never"}}
}
