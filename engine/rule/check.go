package rule

import (
	"reflect"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker/nature"
)

// A checker looks at each part of an expression once: it notes what is wrong, in
// the user's words, and makes the part that runs. It leaves the parsed tree as it
// is, since its parts are where messages find their places, and since a part of a
// chained comparison stands in the tree twice.
type checker struct {
	*source
	vars      typ // a record of all variables
	functions map[string]*function
	elsewhere func(variable string) (hint string) // or nil
	natures   *nature.Cache
	mistakes  []Mistake
	doubts    []Mistake
	claims    map[ast.Node]claim // of the comparisons that were checked
	lets      []binding
	loops     []loop
	visits    int
	uses      []string
	behind    *lookback // nil where nothing looks back
}

// A binding is a name that the expression declares itself.
type binding struct {
	name string
	typ  typ
}

// maxVisits stops at chained comparisons within each other, of which each level
// doubles the work.
const maxVisits = 4 * maxNodes

func (c *checker) wrong(at span, hint, format string, args ...any) {
	c.mistakes = append(c.mistakes, mistakeAt(at, hint, format, args...))
}

// fail notes a mistake in a part, whose type is then anything, lest one mistake
// cause others.
func (c *checker) fail(n ast.Node, hint, format string, args ...any) (ast.Node, typ) {
	c.wrong(c.span(n), hint, format, args...)
	return n, unknown()
}

// set tells the compiler the Go type of a node, by which it finds struct fields.
func (c *checker) set(n ast.Node, t typ) (ast.Node, typ) {
	n.SetNature(c.nature(t.goType))
	return n, t
}

func (c *checker) nature(t reflect.Type) nature.Nature {
	if t == nil {
		return nature.Nature{}
	}
	return c.natures.FromType(t)
}

// constant is a node of a value that is known now.
func (c *checker) constant(v any) (ast.Node, typ) {
	t := of(kindOf(v))
	if s, ok := v.(string); ok {
		return c.set(&ast.StringNode{Value: s}, t)
	}
	return c.set(&ast.ConstantNode{Value: v}, t)
}

// value is the value of a node that is a constant.
func value(n ast.Node) (any, bool) {
	switch n := n.(type) {
	case *ast.IntegerNode:
		return n.Value, true
	case *ast.FloatNode:
		return n.Value, true
	case *ast.StringNode:
		return n.Value, true
	case *ast.BoolNode:
		return n.Value, true
	case *ast.ConstantNode:
		return n.Value, true
	}
	return nil, false
}

// call is a node that runs a site. Its first argument is evaluated first, with
// nothing of the call on the stack: what `?.` relies on.
func (c *checker) call(s site, t typ, args ...ast.Node) (ast.Node, typ) {
	callee, _ := c.set(&ast.ConstantNode{Value: s}, typ{goType: reflect.TypeOf(s)})
	return c.set(&ast.CallNode{Callee: callee, Arguments: args}, t)
}

// operand is what a run-time error says of a part of the source.
func (c *checker) operand(n ast.Node) operand {
	switch n.(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.StringNode, *ast.BoolNode, *ast.NilNode:
		return operand{text: c.quote(n), literal: true}
	}
	return operand{text: c.subject(n), null: c.whyNull(n)}
}

// subject is quote for the subject of a sentence: within a loop, the dot before a
// field stands for an element.
func (c *checker) subject(n ast.Node) string {
	s := c.quote(n)
	if s == "." && len(c.loops) > 0 {
		return "an element of " + c.quote(c.loops[len(c.loops)-1].list)
	}
	return s
}

// check is the part that runs for a parsed part, and what is known of its value.
func (c *checker) check(n ast.Node) (ast.Node, typ) {
	if c.visits++; c.visits > maxVisits {
		if c.visits == maxVisits+1 {
			c.wrong(span{0, len(c.text)}, "", "this is too complex: it compares chains such as 1 < x < 3 within each other")
		}
		return n, unknown()
	}
	switch n := n.(type) {
	case *ast.NilNode:
		return c.set(&ast.NilNode{}, typ{kind: null, null: true})
	case *ast.BoolNode:
		return c.set(n, of(boolean))
	case *ast.IntegerNode:
		return c.set(n, of(integer))
	case *ast.FloatNode:
		return c.set(n, of(float))
	case *ast.StringNode:
		return c.set(n, of(text))
	case *ast.BytesNode:
		return c.constant(string(n.Value))
	case *ast.IdentifierNode:
		return c.identifier(n)
	case *ast.PointerNode:
		return c.pointer(n)
	case *ast.UnaryNode:
		return c.unary(n)
	case *ast.BinaryNode:
		return c.binary(n)
	case *ast.MemberNode:
		return c.member(n, strict)
	case *ast.ChainNode:
		return c.chain(n, strict)
	}
	return c.checkCompound(n)
}

// checkCompound is check for what has more than two parts.
func (c *checker) checkCompound(n ast.Node) (ast.Node, typ) {
	switch n := n.(type) {
	case *ast.SliceNode:
		return c.slice(n)
	case *ast.CallNode:
		return c.callNode(n)
	case *ast.BuiltinNode:
		return c.builtin(n)
	case *ast.ConditionalNode:
		return c.conditional(n)
	case *ast.VariableDeclaratorNode:
		return c.declaration(n)
	case *ast.SequenceNode:
		return c.sequence(n)
	case *ast.ArrayNode:
		return c.array(n)
	case *ast.MapNode:
		return c.mapLiteral(n)
	}
	return c.fail(n, "", "this has no meaning here")
}

// condition is a part that must be true or false.
func (c *checker) condition(n ast.Node) ast.Node {
	out, t := c.check(n)
	switch {
	case t.kind == boolean && t.exact():
	case t.kind == boolean || t.kind == anything:
		out, _ = c.call(boolSite(c.operand(n)), of(boolean), out)
	default:
		c.fail(n, "compare it with something", "%s is %s, not true or false", c.quote(n), t.kind.phrase())
	}
	return out
}

// guarded is a part that must be of one of the kinds, of which t is the type.
func (c *checker) guarded(n ast.Node, wanted kinds, t typ, words string) ast.Node {
	out, found := c.check(n)
	switch {
	case !wanted.has(found.kind) && found.kind != anything:
		c.fail(n, "", "%s is %s, not %s", c.quote(n), found.kind.phrase(), words)
	case !found.exact():
		out, _ = c.call(kindSite(c.operand(n), wanted, words), t, out)
	}
	return out
}
