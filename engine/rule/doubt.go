package rule

import (
	"slices"

	"github.com/expr-lang/expr/ast"
)

// Warnings are what is legal in the expression and surely unmeant: comparisons
// with what a variable never is.
func (p *Program) Warnings() []Mistake { return slices.Clone(p.doubts) }

// Always reports whether it is certain before the rule runs that it is true.
func (p *Program) Always() bool { return p.always }

// Never reports whether it is certain before the rule runs that it is not true.
func (p *Program) Never() bool { return p.never }

// Within reports whether it is certain that the rule is true only where other is.
// Both are of one scope, and made by [Scope.Rule].
func (p *Program) Within(other *Program) bool {
	return p.text == other.text || never(p.claim, other.claim.not())
}

// doubtComparison notes a comparison with what the subject never is. What is always
// true is not noted: it may well be written out for whoever reads it.
func (c *checker) doubtComparison(n *ast.BinaryNode, subject side, operator string, literal ast.Node, v any) {
	d := subject.typ.domain
	if d == nil {
		return
	}
	words := ""
	switch operator {
	case "==", "!=":
		c.doubtValue(subject, literal, v)
		return
	case "<":
		if d.least != nil && order(v, d.least) <= 0 {
			words = "less than %s"
		}
	case "<=":
		if d.least != nil && order(v, d.least) < 0 {
			words = "%s or less"
		}
	case ">":
		if d.most != nil && order(v, d.most) >= 0 {
			words = "more than %s"
		}
	case ">=":
		if d.most != nil && order(v, d.most) > 0 {
			words = "%s or more"
		}
	}
	if words != "" {
		c.doubt(c.span(n), d.hint(v), "%s is never "+words, c.quote(subject.was), c.quote(literal))
	}
}

// doubtValue notes a value that the subject never has.
func (c *checker) doubtValue(subject side, literal ast.Node, v any) {
	if d := subject.typ.domain; d != nil && !d.holds(v) {
		c.doubt(c.span(literal), d.hint(v), "%s is never %s", c.quote(subject.was), c.quote(literal))
	}
}

// doubtList notes the values of a list that is written out that the subject never
// has.
func (c *checker) doubtList(subject, in side) {
	written, ok := in.was.(*ast.ArrayNode)
	v, _ := value(in.runs)
	elements, constant := v.([]any)
	if !ok || !constant || len(elements) != len(written.Nodes) {
		return
	}
	for i, e := range elements {
		if kindOf(e).class() == subject.typ.kind.class() {
			c.doubtValue(subject, written.Nodes[i], e)
		}
	}
}

func (c *checker) doubt(at span, hint, format string, args ...any) {
	c.doubts = append(c.doubts, mistakeAt(at, hint, format, args...))
}
