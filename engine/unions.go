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

// A Moment is a time of the calendar.
type Moment struct{ time.Time }

// FromNode reads a time in RFC 3339.
func (m *Moment) FromNode(n *schema.Node, r *schema.Reader) {
	t, err := time.Parse(time.RFC3339, n.Value)
	if err != nil {
		r.Errorf(n, "write it as 2026-01-31T12:00:00Z, or with +01:00 for Z", "%q is no time of the calendar", n.Value)
		return
	}
	m.Time = t
}

// JSONSchema describes it.
func (Moment) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Format: "date-time"}
}

// Needs are groups of checks' names: one of each group is needed. What is not in a
// group is one by itself.
type Needs [][]string

// FromNode reads a list of names and of groups, {any_of: [a, b]}.
func (d *Needs) FromNode(n *schema.Node, r *schema.Reader) {
	*d = nil
	if n.Kind != schema.List {
		r.Errorf(n, "write it as [NAME]", "depends_on wants a list of checks' names, found %s", r.Found(n))
		return
	}
	for _, item := range n.Items {
		if item.Kind != schema.Map {
			var name string
			if r.Decode(item, &name).OK {
				*d = append(*d, []string{name})
			}
			continue
		}
		var group struct {
			AnyOf []string `yaml:"any_of,required,filled"`
		}
		if r.Decode(item, &group).OK {
			*d = append(*d, group.AnyOf)
		}
	}
}

// JSONSchema describes the list.
func (Needs) JSONSchema() *jsonschema.Schema {
	name := &jsonschema.Schema{Type: "string"}
	group := &jsonschema.Schema{
		Type: "object", Required: []string{"any_of"}, AdditionalProperties: &jsonschema.Schema{Not: &jsonschema.Schema{}},
		Properties: map[string]*jsonschema.Schema{"any_of": {Type: "array", Items: name, Description: "Of these checks one will do."}},
	}
	return &jsonschema.Schema{Type: "array", Items: &jsonschema.Schema{AnyOf: []*jsonschema.Schema{name, group}}}
}
