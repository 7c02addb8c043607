package rule

import (
	"time"

	"github.com/expr-lang/expr/ast"
)

const zeroDuration = time.Duration(0)

// A loop is one that the part being checked stands in.
type loop struct {
	name string // of the function
	list ast.Node
	elem typ
}

// isLoop tells a loop from a function of the same name: sum(list) is one.
func isLoop(n *ast.BuiltinNode) bool {
	switch n.Name {
	case "sum":
		return len(n.Arguments) == 2
	case "all", "any", "none", "one", "filter", "find", "findIndex", "findLast", "findLastIndex",
		"count", "map", "groupBy", "sortBy", "reduce":
		return true
	}
	return false
}

// loop is a call such as any(rows, .n > 3). The library runs the loop, over a list
// that a site has looked at and paid for.
func (c *checker) loop(n *ast.BuiltinNode) (ast.Node, typ) {
	runs, lt := c.check(n.Arguments[0])
	if lt.kind != list && lt.kind != mapping && lt.kind != anything {
		_, t := c.fail(n.Arguments[0], "", "%s goes through a list: %s is %s", n.Name, c.quote(n.Arguments[0]), lt.kind.phrase())
		lt = t
	}
	visited := c.visits
	c.loops = append(c.loops, loop{n.Name, n.Arguments[0], lt.element()})
	body, bt := c.body(n)
	c.loops = c.loops[:len(c.loops)-1]
	counted, _ := c.call(listSite(c.operand(n.Arguments[0]), c.visits-visited), of(list), runs)
	out := &ast.BuiltinNode{Name: n.Name, Arguments: []ast.Node{counted, body}}
	if len(n.Arguments) > 2 {
		out.Arguments = append(out.Arguments, c.extra(n))
	}
	return c.loopResult(n, out, lt.element(), bt)
}

// extra is the third argument: the order of sortBy, or what reduce starts with.
func (c *checker) extra(n *ast.BuiltinNode) ast.Node {
	if n.Name == "reduce" {
		out, _ := c.check(n.Arguments[2])
		return out
	}
	out := c.guarded(n.Arguments[2], isText, of(text), "a string")
	if v, known := value(out); known && v != "asc" && v != "desc" {
		c.fail(n.Arguments[2], "", "%s", errOrder)
	}
	return out
}

// body is what a loop evaluates for each element; count may have none, and then
// counts elements that are true.
func (c *checker) body(n *ast.BuiltinNode) (ast.Node, typ) {
	if len(n.Arguments) < 2 {
		element, t := c.pointer(&ast.PointerNode{})
		if t.kind != boolean && t.kind != anything {
			c.fail(n, "write len(…) for how many there are", "count takes a condition")
		}
		o := operand{text: "an element of " + c.quote(n.Arguments[0])}
		element, t = c.call(boolSite(o), of(boolean), element)
		return &ast.PredicateNode{Node: element}, t
	}
	inner := n.Arguments[1].(*ast.PredicateNode).Node
	var out ast.Node
	t := of(boolean)
	switch n.Name {
	case "map", "sum", "reduce":
		out, t = c.check(inner)
	case "groupBy":
		out, _ = c.check(inner)
		out, _ = c.call(keySite(c.operand(inner)), unknown(), out)
	case "sortBy":
		out = c.guarded(inner, orderedKinds, unknown(), "a string, a number, a duration or a time")
	default:
		out = c.condition(inner)
	}
	return &ast.PredicateNode{Node: out}, t
}

func (c *checker) loopResult(n, out *ast.BuiltinNode, elem, body typ) (ast.Node, typ) {
	switch n.Name {
	case "count":
		out, t := c.set(out, of(integer))
		t.domain = countDomain
		return out, t
	case "filter", "sortBy":
		return c.set(out, listOf(elem))
	case "find", "findLast":
		return c.set(out, perhaps(elem))
	case "findIndex", "findLastIndex":
		return c.set(out, perhaps(of(integer)))
	case "map":
		return c.set(out, listOf(body))
	case "sum": // the library's own can add numbers only
		out.Name = "map"
		mapped, mt := c.set(out, listOf(body))
		f := c.functions["sum"]
		t := f.gives([]typ{mt})
		return c.call(functionSite(f, "sum", c.operand(n), []operand{c.operand(n)}, t.kind), t, mapped)
	case "groupBy":
		groups := listOf(elem)
		return c.set(out, typ{kind: mapping, goType: groupsType, elem: &groups})
	case "reduce":
		return c.set(out, unknown())
	}
	return c.set(out, of(boolean))
}

// pointer is # or .field, the element that a loop is at, #index or #acc. The parser
// knows none elsewhere.
func (c *checker) pointer(n *ast.PointerNode) (ast.Node, typ) {
	in := c.loops[len(c.loops)-1]
	t := in.elem
	switch {
	case n.Name == "":
	case n.Name == "index":
		t = of(integer)
	case n.Name == "acc" && in.name == "reduce":
		t = unknown()
	default:
		return c.fail(n, "", "there is no #%s here", n.Name)
	}
	return c.set(&ast.PointerNode{Name: n.Name}, t)
}
