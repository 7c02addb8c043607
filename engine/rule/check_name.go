package rule

import (
	"fmt"
	"slices"

	"github.com/expr-lang/expr/ast"
)

func (c *checker) identifier(n *ast.IdentifierNode) (ast.Node, typ) {
	for i := len(c.lets) - 1; i >= 0; i-- {
		if c.lets[i].name == n.Value {
			return c.set(n, c.lets[i].typ)
		}
	}
	if t, ok := c.vars.field(n.Value); ok {
		if !slices.Contains(c.uses, n.Value) {
			c.uses = append(c.uses, n.Value)
		}
		return c.set(n, t)
	}
	if c.isFunction(n.Value) {
		return c.fail(n, fmt.Sprintf("write %s(…)", n.Value), "%s is a function", n.Value)
	}
	return c.fail(n, c.variableHint(n.Value), "there is no variable %q", shorten(n.Value, 40))
}

// synonyms are what other languages call what is here called otherwise.
var synonyms = map[string]string{
	"null": "nil", "NULL": "nil", "None": "nil", "undefined": "nil", "True": "true", "False": "false",
	"TRUE": "true", "FALSE": "false",
}

// variableHint looks for what was meant among the variables, their fields, and
// the functions.
func (c *checker) variableHint(name string) string {
	if word := synonyms[name]; word != "" {
		return "write " + word
	}
	if c.elsewhere != nil {
		if hint := c.elsewhere(name); hint != "" {
			return hint
		}
	}
	names := c.vars.fieldNames()
	for _, b := range c.lets {
		names = append(names, b.name)
	}
	variables := len(names)
	for _, f := range c.vars.fields {
		if _, ok := f.typ.field(name); ok {
			return fmt.Sprintf("did you mean %q?", f.name+"."+name)
		}
	}
	names = append(names, c.functionNames()...)
	if hint := didYouMean(name, names); hint != "" {
		return hint
	}
	return "a string stands in quotes; the variables are: " + enumerate(names[:variables])
}
