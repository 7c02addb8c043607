package rule

import (
	"reflect"
	"slices"

	"github.com/expr-lang/expr/ast"
)

// A Reading is what an expression read, as text for a person.
type Reading struct {
	// Name is what was read, as it was written: latency, or json.items[0].state.
	Name string
	// Text is the value, such as 1.21s or "down", shortened where it is long.
	Text string
}

// A reading is how to read a variable, or a field within it, again.
type reading struct {
	name  string
	index []int // of the variable, in the struct
	path  []any // names and numbers of what is read within it
}

// readings are the variables and the chains of fields that a tree reads, each
// once, in the order in which they were written. What is read of the elements in
// a loop is not among them, since it has no one value.
func readings(c *checker, n ast.Node) []reading {
	var all []reading
	add := func(r reading) {
		if !slices.ContainsFunc(all, func(o reading) bool { return o.name == r.name }) {
			all = append(all, r)
		}
	}
	var walk func(n ast.Node)
	walk = func(n ast.Node) {
		if r, ok := c.readingOf(n); ok {
			add(r)
			return
		}
		for _, child := range children(n) {
			walk(child)
		}
	}
	walk(n)
	return all
}

// readingOf is n as a variable or a chain of fields, if it is one.
func (c *checker) readingOf(n ast.Node) (reading, bool) {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		for _, f := range c.vars.fields {
			if f.name == n.Value {
				return reading{name: n.Value, index: f.index}, true
			}
		}
	case *ast.ChainNode:
		return c.readingOf(n.Node)
	case *ast.MemberNode:
		r, ok := c.readingOf(n.Node)
		key, constant := value(n.Property)
		if !ok || !constant || n.Method {
			return reading{}, false
		}
		r.name = c.quote(n)
		r.path = append(slices.Clip(r.path), key)
		return r, true
	}
	return reading{}, false
}

// children are the parts of a node.
func children(n ast.Node) []ast.Node {
	switch n := n.(type) {
	case *ast.UnaryNode:
		return []ast.Node{n.Node}
	case *ast.BinaryNode:
		return []ast.Node{n.Left, n.Right}
	case *ast.ChainNode:
		return []ast.Node{n.Node}
	case *ast.MemberNode:
		return []ast.Node{n.Node, n.Property}
	case *ast.SliceNode:
		return slices.DeleteFunc([]ast.Node{n.Node, n.From, n.To}, func(n ast.Node) bool { return n == nil })
	case *ast.CallNode:
		return append([]ast.Node{n.Callee}, n.Arguments...)
	case *ast.BuiltinNode:
		return n.Arguments
	case *ast.PredicateNode:
		return []ast.Node{n.Node}
	case *ast.ConditionalNode:
		return []ast.Node{n.Cond, n.Exp1, n.Exp2}
	case *ast.VariableDeclaratorNode:
		return []ast.Node{n.Value, n.Expr}
	case *ast.SequenceNode:
		return n.Nodes
	case *ast.ArrayNode:
		return n.Nodes
	case *ast.MapNode:
		return n.Pairs
	case *ast.PairNode:
		return []ast.Node{n.Key, n.Value}
	}
	return nil
}

// maxReading bounds a reading's text, in bytes.
const maxReading = 120

// Values are what the expression reads of the variables, to say why it decided as
// it did: latency was 1.21s. What is missing or null is null. It is made for when
// a person asks, not for each result.
func (p *Program) Values(_ *VM, env any) []Reading {
	if p.fits(env) != nil {
		return nil
	}
	all := make([]Reading, 0, len(p.reads))
	for _, r := range p.reads {
		v := plain(reflect.ValueOf(env).FieldByIndex(r.index).Interface())
		for _, key := range r.path {
			if v == nil {
				break
			}
			v, _, _ = lookUp(v, key)
			v = plain(v)
		}
		all = append(all, Reading{Name: r.name, Text: readingText(v)})
	}
	return all
}

// readingText shows a string in quotes, so that an empty one can be seen.
func readingText(v any) string {
	if s, ok := v.(string); ok {
		return string(appendString(nil, shorten(s, maxReading)))
	}
	if k := kindOf(v); k == list || k == mapping || k == record {
		b, _ := toJSONText(v, maxReading)
		return shorten(string(b), maxReading)
	}
	return formatValue(v)
}
