package rule

import (
	"github.com/expr-lang/expr/ast"
)

func (c *checker) conditional(n *ast.ConditionalNode) (ast.Node, typ) {
	cond := c.condition(n.Cond)
	yes, ty := c.check(n.Exp1)
	no, tn := c.check(n.Exp2)
	return c.set(&ast.ConditionalNode{Ternary: n.Ternary, Cond: cond, Exp1: yes, Exp2: no}, either(ty, tn))
}

func (c *checker) declaration(n *ast.VariableDeclaratorNode) (ast.Node, typ) {
	_, taken := c.vars.field(n.Name)
	for _, b := range c.lets {
		taken = taken || b.name == n.Name
	}
	if taken {
		c.wrong(c.place(n.Location()), "choose another name", "there is already a variable %s", n.Name)
	}
	v, tv := c.check(n.Value)
	c.lets = append(c.lets, binding{n.Name, tv})
	e, te := c.check(n.Expr)
	c.lets = c.lets[:len(c.lets)-1]
	return c.set(&ast.VariableDeclaratorNode{Name: n.Name, Value: v, Expr: e}, te)
}

func (c *checker) sequence(n *ast.SequenceNode) (ast.Node, typ) {
	out := &ast.SequenceNode{Nodes: make([]ast.Node, len(n.Nodes))}
	var last typ
	for i := range n.Nodes {
		out.Nodes[i], last = c.check(n.Nodes[i])
	}
	return c.set(out, last)
}

func (c *checker) array(n *ast.ArrayNode) (ast.Node, typ) {
	nodes, values, elem := make([]ast.Node, len(n.Nodes)), make([]any, len(n.Nodes)), typ{}
	constant := true
	for i := range n.Nodes {
		var t typ
		var known bool
		nodes[i], t = c.check(n.Nodes[i])
		values[i], known = value(nodes[i])
		constant = constant && known
		if elem = either(elem, t); i == 0 {
			elem = t
		}
	}
	t := of(list)
	if len(nodes) > 0 {
		t = listOf(elem)
	}
	if constant {
		return c.set(&ast.ConstantNode{Value: values}, t)
	}
	return c.set(&ast.ArrayNode{Nodes: nodes}, t)
}

func (c *checker) mapLiteral(n *ast.MapNode) (ast.Node, typ) {
	out := &ast.MapNode{Pairs: make([]ast.Node, len(n.Pairs))}
	for i := range n.Pairs {
		p := n.Pairs[i].(*ast.PairNode)
		key := c.guarded(p.Key, isText, of(text), "a string")
		v, _ := c.check(p.Value)
		out.Pairs[i] = &ast.PairNode{Key: key, Value: v}
	}
	return c.set(out, of(mapping))
}
