package rule

import (
	"fmt"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// A side is an operand of an operator: as it was parsed, as it runs, and its type.
type side struct {
	was  ast.Node
	runs ast.Node
	typ  typ
}

func (c *checker) side(n ast.Node) side {
	runs, t := c.check(n)
	return side{n, runs, t}
}

func (c *checker) unary(n *ast.UnaryNode) (ast.Node, typ) {
	if n.Operator == "!" || n.Operator == "not" {
		return c.not(c.condition(n.Node))
	}
	s := c.side(n.Node)
	measure := s.typ.kind.class() == integer || s.typ.kind == duration && n.Operator == "-"
	if !measure && s.typ.kind != anything {
		return c.fail(n, "", "%s is %s, not a number", c.quote(n.Node), s.typ.kind.phrase())
	}
	if n.Operator == "+" {
		out, _ := c.call(kindSite(c.operand(n.Node), isNumber, "a number"), typ{}, s.runs)
		return out, s.typ
	}
	if v, known := value(s.runs); known {
		if v, err := calculate("*", v, -1); err == nil {
			return c.constant(v)
		}
	}
	return c.call(negateSite(c.operand(n), c.operand(n.Node)), likely(s.typ.kind, []typ{s.typ}), s.runs)
}

func (c *checker) not(n ast.Node) (ast.Node, typ) {
	return c.set(&ast.UnaryNode{Operator: "!", Node: n}, of(boolean))
}

func (c *checker) binary(n *ast.BinaryNode) (ast.Node, typ) {
	switch n.Operator {
	case "and", "&&", "or", "||":
		return c.native(n.Operator, c.condition(n.Left), c.conditionAfter(n.Left, n.Right))
	case "??":
		return c.coalesce(n)
	case "..":
		out := &ast.BinaryNode{Operator: "..", Left: c.whole(n.Left), Right: c.whole(n.Right)}
		return c.set(out, listOf(of(integer)))
	}
	left, right := c.side(n.Left), c.side(n.Right)
	switch n.Operator {
	case "==", "!=":
		if left.typ.kind == null || right.typ.kind == null {
			return c.compareNull(n, left, right)
		}
		return c.compare(n, left, right)
	case "<", "<=", ">", ">=":
		return c.compare(n, left, right)
	case "in":
		return c.in(n, left, right)
	case "contains":
		if left.typ.kind == list { // the same the other way around
			return c.in(&ast.BinaryNode{Operator: "in", Left: n.Right, Right: n.Left}, right, left)
		}
		return c.textOperator(n, left, right)
	case "matches", "startsWith", "endsWith":
		return c.textOperator(n, left, right)
	case "+", "-", "*", "/", "%", "**", "^":
		return c.arithmetic(n, left, right)
	}
	return c.fail(n, "", "the operator %s has no meaning here", n.Operator)
}

// conditionAfter is condition of what stands behind another one and an and or or:
// in status == 200 or 201 the comparison is meant for both.
func (c *checker) conditionAfter(first, n ast.Node) ast.Node {
	before := len(c.mistakes)
	out := c.condition(n)
	for {
		b, ok := first.(*ast.BinaryNode)
		if !ok || len(c.mistakes) != before+1 || !c.operand(n).literal {
			return out
		}
		if opposite[b.Operator] != "" {
			c.mistakes[before].Hint = fmt.Sprintf("write %s %s %s", c.quote(b.Left), b.Operator, c.quote(n))
			return out
		}
		first = b.Left
	}
}

// native is an operator that the library's machine does itself, on bools or on
// operands whose types are exact.
func (c *checker) native(operator string, left, right ast.Node) (ast.Node, typ) {
	return c.set(&ast.BinaryNode{Operator: operator, Left: left, Right: right}, of(boolean))
}

// coalesce is a ?? b. Only here may a be missing.
func (c *checker) coalesce(n *ast.BinaryNode) (ast.Node, typ) {
	runs, t := c.checkWith(n.Left, lenient)
	left, right := side{n.Left, runs, t}, c.side(n.Right)
	c.meet(&left, &right)
	t = left.typ
	t.null = false
	if left.typ.kind == null || left.typ.kind == anything {
		t = unknown()
	} else {
		t = either(t, right.typ)
	}
	return c.set(&ast.BinaryNode{Operator: "??", Left: left.runs, Right: right.runs}, t)
}

// textOperator is matches, contains, startsWith or endsWith.
func (c *checker) textOperator(n *ast.BinaryNode, left, right side) (ast.Node, typ) {
	for _, s := range []side{left, right} {
		if s.typ.kind == text || s.typ.kind == anything || n.Operator == "contains" && left.typ.kind == anything {
			continue
		}
		hint := ""
		if n.Operator == "contains" && s.typ.kind == mapping {
			hint = fmt.Sprintf("write %s in %s", c.quote(n.Right), c.quote(n.Left))
		}
		return c.fail(s.was, hint, "%s is %s, and %s is for strings", c.quote(s.was), s.typ.kind.phrase(), n.Operator)
	}
	l, r := c.operand(n.Left), c.operand(n.Right)
	if n.Operator == "matches" {
		var p *pattern
		if v, known := value(right.runs); known {
			var err error
			if p, err = newPattern(v.(string)); err != nil {
				return c.fail(n.Right, "", "this is not a pattern: %s", err)
			}
		}
		return c.call(matchSite(p, l, r), of(boolean), left.runs, right.runs)
	}
	if left.typ.exact() && right.typ.exact() && len(c.loops) == 0 {
		return c.native(n.Operator, left.runs, right.runs)
	}
	return c.call(textSite(n.Operator, l, r), of(boolean), left.runs, right.runs)
}

func (c *checker) arithmetic(n *ast.BinaryNode, left, right side) (ast.Node, typ) {
	// A duration is divided by a quoted duration too, but a text times a duration
	// is no duration.
	if n.Operator != "*" {
		c.meet(&left, &right)
	}
	if left.typ.kind == moment && (n.Operator == "+" || n.Operator == "-") && right.typ.kind == text {
		c.fold(&right)
	}
	a, b := left.typ.kind, right.typ.kind
	k, ok := resultKind(n.Operator, a, b)
	if !ok {
		return c.fail(n, arithmeticHint(n.Operator, a, b), "cannot "+verbs[n.Operator], a.phrase(), b.phrase())
	}
	x, constant := value(left.runs)
	y, too := value(right.runs)
	if constant && too {
		v, err := calculate(n.Operator, x, y)
		if err != nil {
			return c.fail(n, "", "%s", err)
		}
		return c.constant(v)
	}
	if too {
		if err := divisor(n.Operator, y); err != nil {
			return c.fail(n, "", "%s", err)
		}
	}
	site := arithmeticSite(n.Operator, c.operand(n), c.operand(n.Left), c.operand(n.Right))
	return c.call(site, likely(k, []typ{left.typ, right.typ}), left.runs, right.runs)
}

func arithmeticHint(operator string, a, b kind) string {
	switch {
	case a == duration && b.class() == integer || a.class() == integer && b == duration:
		return `write a duration such as "500ms"`
	case operator == "+" && (a == text || b == text):
		return "string(…) makes a string of a value"
	case operator == "+" && a == list && b == list:
		return "write concat(a, b)"
	case operator == "*" && a == duration && b == duration:
		return "a duration is multiplied by a number"
	case strings.Contains("+-", operator) && (a == moment || b == moment):
		return `add or subtract a duration such as "5m"`
	}
	return ""
}
