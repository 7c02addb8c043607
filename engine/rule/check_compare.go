package rule

import (
	"fmt"
	"strconv"

	"github.com/expr-lang/expr/ast"
)

// compareNull is == nil or != nil.
func (c *checker) compareNull(n *ast.BinaryNode, left, right side) (ast.Node, typ) {
	if left.typ.kind == null {
		left = right
	}
	if !left.typ.null {
		hint := ""
		if left.typ.kind == list || left.typ.kind == mapping {
			hint = fmt.Sprintf("write len(%s) == 0 to see whether it is empty", c.quote(left.was))
		}
		return c.fail(n, hint, "%s is %s, and never null", c.quote(left.was), left.typ.kind.phrase())
	}
	out, t := c.call(nullSite, of(boolean), left.runs)
	if n.Operator == "!=" {
		return c.not(out)
	}
	return out, t
}

func (c *checker) compare(n *ast.BinaryNode, left, right side) (ast.Node, typ) {
	c.meet(&left, &right)
	a, b := left.typ.kind.class(), right.typ.kind.class()
	ordered := n.Operator != "==" && n.Operator != "!="
	switch {
	case a != b && a != anything && b != anything:
		return c.mismatch(n, left, right)
	case ordered && a != anything && !orderedKinds.has(a):
		return c.fail(n, "", "%s is %s: it cannot be compared with %s", c.quote(n.Left), a.phrase(), n.Operator)
	case ordered && b != anything && !orderedKinds.has(b):
		return c.fail(n, "", "%s is %s: it cannot be compared with %s", c.quote(n.Right), b.phrase(), n.Operator)
	}
	c.noteClaim(n, left, right)
	if left.typ.exact() && right.typ.exact() && left.typ.kind == right.typ.kind && a < list {
		return c.native(n.Operator, left.runs, right.runs)
	}
	return c.call(compareSite(n.Operator, c.operand(n.Left), c.operand(n.Right)), of(boolean), left.runs, right.runs)
}

// mismatch is a comparison of two kinds. It stands at what is written out, where
// one side is.
func (c *checker) mismatch(n *ast.BinaryNode, left, right side) (ast.Node, typ) {
	at := c.span(n)
	if c.operand(left.was).literal && !c.operand(right.was).literal {
		left, right = right, left
	}
	if c.operand(right.was).literal {
		at = c.span(right.was)
	}
	measure, number := left, right
	if right.typ.kind == duration {
		measure, number = right, left
	}
	if measure.typ.kind == duration && number.typ.kind.class() == integer {
		c.wrong(at, "", `%s is a duration: compare it with a duration such as %q`, c.quote(measure.was), likelyDuration(number.runs))
		return n, unknown()
	}
	c.wrong(at, spellingHint(right.runs, left.typ.kind), "%s is %s, %s is %s",
		c.quote(left.was), left.typ.kind.phrase(), c.quote(right.was), right.typ.kind.phrase())
	return n, unknown()
}

// likelyDuration is the duration that was meant by a bare number: of milliseconds
// where it is a large one, else of seconds.
func likelyDuration(n ast.Node) string {
	v, known := value(n)
	if !known || order(v, 0) <= 0 {
		return "500ms"
	}
	if order(v, 30) > 0 {
		return formatValue(v) + "ms"
	}
	return formatValue(v) + "s"
}

// spellingHint says how to write a constant so that it has the kind wanted.
func spellingHint(n ast.Node, wanted kind) string {
	v, known := value(n)
	if !known {
		return ""
	}
	s, isText := v.(string)
	switch {
	case isText && wanted.class() == integer:
		if _, err := strconv.ParseFloat(s, 64); err == nil {
			return "write " + s + " without quotes"
		}
	case isText && wanted == boolean && (s == "true" || s == "false"):
		return "write " + s + " without quotes"
	case isText && wanted == moment:
		return fmt.Sprintf("write date(%q)", s)
	case wanted == text && kindOf(v) != list:
		return fmt.Sprintf("write %q in quotes", formatValue(v))
	}
	return ""
}

func (c *checker) in(n *ast.BinaryNode, left, right side) (ast.Node, typ) {
	if left.typ.kind == duration && right.typ.kind == list {
		c.fold(&right)
	}
	elem := right.typ.element().kind
	needle := left.typ.kind.class()
	switch right.typ.kind {
	case list:
		if needle != anything && elem != anything && elem != null && needle != elem.class() {
			return c.fail(n, spellingListHint(right.runs, left.typ.kind), "%s is %s, %s holds %ss",
				c.quote(n.Left), left.typ.kind.phrase(), c.quote(n.Right), elem.noun())
		}
		c.doubtList(left, right)
		_, constant := value(right.runs)
		if constant && left.typ.exact() && elem == left.typ.kind && elem < list {
			return c.native("in", left.runs, right.runs)
		}
	case mapping, record:
		textKeys := right.typ.goType == nil || right.typ.kind == record || right.typ.goType.Key() == stringType
		if textKeys && needle != text && needle != anything {
			return c.fail(n, "", "%s is %s, and the fields of %s are strings",
				c.quote(n.Left), left.typ.kind.phrase(), c.quote(n.Right))
		}
		c.lowerKey(right, left)
	case anything:
	case text:
		return c.fail(n, fmt.Sprintf("write %s contains %s", c.quote(n.Right), c.quote(n.Left)),
			"%s is a string: in looks into lists and maps", c.quote(n.Right))
	default:
		return c.fail(n, "", "%s is %s: in looks into lists and maps", c.quote(n.Right), right.typ.kind.phrase())
	}
	return c.call(inSite(c.operand(n.Left), c.operand(n.Right)), of(boolean), left.runs, right.runs)
}

// spellingListHint is spellingHint for the first of a list.
func spellingListHint(n ast.Node, wanted kind) string {
	v, _ := value(n)
	if l, ok := v.([]any); ok && len(l) > 0 {
		return spellingHint(&ast.ConstantNode{Value: l[0]}, wanted)
	}
	return ""
}
