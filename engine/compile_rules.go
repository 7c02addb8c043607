package engine

import (
	"reflect"
	"strconv"
	"strings"

	"polyhealth/checktypes"
	"polyhealth/engine/rule"
	"polyhealth/schema"
)

// rules compiles all expressions of a check: its rules, message and metadata.
func (c *compiler) rules(n *schema.Node, w *written) {
	ch := w.Check
	scope := c.scope(ch.Type)
	if shape := ch.Type.Shape(ch.Config); shape != nil {
		scope = scope.WithShape(shape)
	}
	if ch.Inputs != nil {
		scope = scope.WithKeys(checktypes.MembersVariable, ch.Inputs)
	}
	k := ch.Keys.Rules
	for _, of := range []struct {
		status Status
		exprs  Expressions
	}{{Unknown, k.Unknown}, {Unhealthy, k.Unhealthy}, {Degraded, k.Degraded}, {Healthy, k.Healthy}} {
		for _, at := range of.exprs {
			p, mistakes := scope.Rule(at.Value)
			c.mistakes(at, mistakes)
			c.absent(at, ch, p)
			text := of.status.String() + ": " + strings.TrimSpace(at.Value)
			ch.rules = append(ch.rules, statusRule{of.status, p, c.Secrets.Redact(text), at})
			w.rules = append(w.rules, writtenRule{at, of.status, p})
		}
		ch.hasGood = of.status == Healthy && len(of.exprs) > 0
	}
	if at := n.Get("message"); at != nil && ch.Keys.Message != "" {
		t, mistakes := scope.Template(ch.Keys.Message)
		c.mistakes(at, mistakes)
		c.absent(at, ch, t)
		ch.message = t
		if t != nil {
			w.doubts = append(w.doubts, doubt{at, t.Warnings()})
		}
	}
	if ch.Keys.Metadata != nil {
		c.eachEntry(ch.Keys.Metadata, "metadata", func(key, value *schema.Node) {
			c.metadata(w, scope, key, value)
		})
	}
	if !c.Failed() {
		ch.variables = scope.Names()
		ch.reads = ch.readsOf(ch.variables)
	}
}

func (c *compiler) metadata(w *written, scope *rule.Scope, key, value *schema.Node) {
	switch value.Kind {
	case schema.Map, schema.List, schema.Null:
		c.Errorf(value, "a metadata value is an expression; text is written in quotes within the expression: '\"text\"'",
			"metadata %s wants an expression, found %s", key.Value, c.Found(value))
		return
	}
	p, mistakes := scope.Value(value.Value)
	c.mistakes(value, mistakes)
	c.absent(value, w.Check, p)
	w.metadata = append(w.metadata, metadataValue{name: strconv.Quote(key.Value), expr: p})
	if p != nil {
		w.doubts = append(w.doubts, doubt{value, p.Warnings()})
	}
}

func (c *compiler) mistakes(at *schema.Node, ms []rule.Mistake) {
	for _, m := range ms {
		c.ErrorIn(at, m.Offset, m.Width, m.Hint, "%s", m.Message)
	}
}

// absent notes variables that an expression reads and this check does not have.
func (c *compiler) absent(at *schema.Node, ch *Check, expr interface{ Uses(string) bool }) {
	for name, why := range ch.Type.Without(ch.Config) {
		if expr != nil && !reflect.ValueOf(expr).IsNil() && expr.Uses(name) {
			c.ErrorIn(at, max(0, strings.Index(at.Value, name)), len(name), "", "there is no %s here: %s", name, why)
		}
	}
}

// readsOf is the set of the named variables that any expression reads.
func (ch *Check) readsOf(names []string) map[string]bool {
	reads := map[string]bool{}
	for _, name := range names {
		used := ch.message != nil && ch.message.Uses(name)
		for i := range ch.rules {
			used = used || ch.rules[i].expr.Uses(name)
		}
		for i := range ch.metadata {
			used = used || ch.metadata[i].expr.Uses(name)
		}
		if used {
			reads[name] = true
		}
	}
	return reads
}

// uses reports whether any expression of the check reads the variable.
func (ch *Check) uses(variable string) bool { return ch.reads[variable] }

// orList is the hint, or where there is none, what there is to choose from.
func orList(hint, intro string, all []string) string {
	if hint != "" || len(all) == 0 || len(all) > 20 {
		return hint
	}
	return intro + ": " + strings.Join(all, ", ")
}
