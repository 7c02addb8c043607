package rule

import (
	"github.com/expr-lang/expr/ast"
)

// meet makes a duration of quoted text where the other side is one, and a version
// where that is a version.
func (c *checker) meet(left, right *side) {
	for _, s := range [][2]*side{{left, right}, {right, left}} {
		switch s[0].typ.kind {
		case duration:
			c.fold(s[1])
		case semantic:
			c.foldVersion(s[1])
		}
	}
}

func (c *checker) foldVersion(s *side) {
	v, known := value(s.runs)
	written, ok := v.(string)
	if !known || !ok {
		return
	}
	parsed, err := parseVersion(written)
	if err != nil {
		s.runs, s.typ = c.fail(s.was, versionHint, "%s is %s", c.quote(s.was), err)
		return
	}
	s.runs, s.typ = c.constant(parsed)
}

// fold makes durations of quoted text, or of a list of quoted texts.
func (c *checker) fold(s *side) {
	v, known := value(s.runs)
	if !known {
		return
	}
	switch v := v.(type) {
	case string:
		s.runs, s.typ = c.foldText(s.was, v)
	case []any:
		of, ok := s.was.(*ast.ArrayNode)
		if !ok {
			return
		}
		folded := make([]any, len(v))
		elem := s.typ.element()
		for i := range v {
			folded[i] = v[i]
			if text, ok := v[i].(string); ok {
				var n ast.Node
				n, elem = c.foldText(of.Nodes[i], text)
				folded[i], _ = value(n)
			}
		}
		s.runs, s.typ = c.set(&ast.ConstantNode{Value: folded}, listOf(elem))
	}
}

func (c *checker) foldText(was ast.Node, v string) (ast.Node, typ) {
	d, err := parseDuration(v)
	if err != nil {
		return c.fail(was, durationHint, "%s is %s", c.quote(was), err)
	}
	return c.constant(d)
}
