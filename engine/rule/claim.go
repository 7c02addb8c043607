package rule

import (
	"slices"

	"github.com/expr-lang/expr/ast"
)

// A claim is what a rule says of its variables, as far as it can be reasoned about
// without running it: comparisons, joined by and and or. Not is pushed down into them.
type claim struct {
	join       junction
	parts      []claim
	comparison comparison
}

type junction uint8

const (
	alone junction = iota // a comparison
	every                 // of the parts; none of them is what is always true
	some                  // of the parts; none of them is what is never true
)

// A comparison compares something with a value. A condition that is no comparison is
// one that compares itself with true.
type comparison struct {
	subject  string // as it was written
	kind     kind
	domain   *domain
	operator string
	value    any
}

// constant is the claim that is always true, or never.
func constant(is bool) claim {
	if is {
		return claim{join: every}
	}
	return claim{join: some}
}

// not is the claim that is true where c is false.
func (c claim) not() claim {
	if c.join == alone {
		c.comparison.operator = opposite[c.comparison.operator]
		return c
	}
	n := claim{join: every + some - c.join}
	for _, p := range c.parts {
		n.parts = append(n.parts, p.not())
	}
	return n
}

var (
	opposite = map[string]string{"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
	mirrored = map[string]string{"==": "==", "!=": "!=", "<": ">", ">=": "<=", ">": "<", "<=": ">="}
)

// noteClaim keeps what a comparison that has been checked says, for claimOf, and
// notes where it is one that cannot be.
func (c *checker) noteClaim(n *ast.BinaryNode, left, right side) {
	a, knowA := value(left.runs)
	b, knowB := value(right.runs)
	switch {
	case knowA && knowB:
		if kindOf(a).class() == kindOf(b).class() {
			c.claims[n] = constant(compares(n.Operator, a, b, &walk{}))
		}
	case knowB:
		c.claimBy(n, left, n.Operator, right, b)
	case knowA:
		c.claimBy(n, right, mirrored[n.Operator], left, a)
	case c.written(n.Left) == c.written(n.Right):
		c.claims[n] = constant(n.Operator == "==" || n.Operator == "<=" || n.Operator == ">=")
	}
}

func (c *checker) claimBy(n *ast.BinaryNode, subject side, operator string, literal side, v any) {
	k := kindOf(v)
	if k != boolean && !orderedKinds.has(k) {
		return
	}
	if is := subject.typ.kind; is != anything && is.class() != k.class() {
		return // a mistake that has been noted, such as a text that is no duration
	}
	c.claims[n] = claim{comparison: comparison{c.written(subject.was), subject.typ.kind, subject.typ.domain, operator, v}}
	c.doubtComparison(n, subject, operator, literal.was, v)
}

func (c *checker) written(n ast.Node) string {
	at := c.span(n)
	return c.text[at.from:at.to]
}

// claimOf is what a condition that has been checked says.
func (c *checker) claimOf(n ast.Node) claim {
	if known, ok := c.claims[n]; ok {
		return known
	}
	switch n := n.(type) {
	case *ast.BoolNode:
		return constant(n.Value)
	case *ast.UnaryNode:
		return c.claimOf(n.Node).not()
	case *ast.BinaryNode:
		switch n.Operator {
		case "and", "&&":
			return claim{join: every, parts: []claim{c.claimOf(n.Left), c.claimOf(n.Right)}}
		case "or", "||":
			return claim{join: some, parts: []claim{c.claimOf(n.Left), c.claimOf(n.Right)}}
		}
	}
	return claim{comparison: comparison{c.written(n), boolean, nil, "==", true}}
}

// maxCases bounds how many cases are looked at: or within and multiplies them.
const maxCases = 200

// never reports whether it is certain that no claims of these are true together.
func never(claims ...claim) bool {
	cases := maxCases
	return impossible(nil, claims, &cases)
}

func impossible(all []comparison, open []claim, cases *int) bool {
	if *cases--; *cases < 0 {
		return false
	}
	var choices []claim
	for len(open) > 0 {
		c := open[len(open)-1]
		open = open[:len(open)-1]
		switch c.join {
		case alone:
			all = append(all, c.comparison)
		case every:
			open = append(open, c.parts...)
		case some:
			choices = append(choices, c)
		}
	}
	if contradictory(all) {
		return true
	}
	if len(choices) == 0 {
		return false
	}
	for _, p := range choices[0].parts {
		if !impossible(slices.Clip(all), append(slices.Clone(choices[1:]), p), cases) {
			return false
		}
	}
	return true
}
