package rule

import (
	"slices"
	"strings"
	"sync"

	"github.com/expr-lang/expr/ast"
)

// A reason is a part of an expression that is true or false, as what explains how it
// came out.
type reason struct {
	kind   reasonKind
	parts  []*reason
	values []shown
	// which is the index of the part that decided; of a choice, whether its condition
	// is true; of a loop, the index of the element that was found.
	which *lazy

	// Of a loop: whether it is true or false when an element was found, and the list.
	found bool
	name  string
	list  *lazy
}

type reasonKind uint8

const (
	simple      reasonKind = iota // a comparison, a call, a variable: its values say it all
	conjunction                   // parts that `and` connects
	disjunction                   // parts that `or` connects
	negation
	choice   // condition, then, else
	loopOver // any, all, none, one
)

// shown is a value to show: a variable, or a field within it, which is read, or any
// other part, which is run.
type shown struct {
	name  string
	index []int // of the variable, in the struct
	path  []any // names and numbers of what is read within it
	part  *lazy
}

// A lazy is a part of an expression that is compiled when it is first needed.
type lazy struct {
	once     sync.Once
	text     string
	compiled *Program
}

// program is nil where the part means nothing by itself, or has become too long.
func (l *lazy) program(of *Program) *Program {
	l.once.Do(func() { l.compiled, _ = of.terms().compileNew(unit{l.text, false}) })
	return l.compiled
}

// newReason makes the reasons of an expression that compiles.
func newReason(text string, t *terms) *reason {
	src := newSource(text)
	tree, mistakes := parse(src)
	if mistakes != nil {
		return &reason{}
	}
	r := &reasoner{checker: &checker{source: src, vars: t.vars, functions: t.functions}}
	return r.reason(tree)
}

// A reasoner makes reasons out of a parsed tree.
type reasoner struct {
	*checker
	lets string // those that a part stands behind, as text
}

// words are what a node was written as.
func (r *reasoner) words(n ast.Node) string {
	sp := r.span(n)
	return r.text[sp.from:sp.to]
}

// later is an expression behind all let that it stands behind.
func (r *reasoner) later(text string) *lazy { return &lazy{text: r.lets + text} }

// behind makes what follows stand behind a let, until the function returned is called.
func (r *reasoner) behind(n *ast.VariableDeclaratorNode) func() {
	before := r.lets
	r.lets += "let " + n.Name + " = (" + r.words(n.Value) + "); "
	return func() { r.lets = before }
}

func (r *reasoner) reason(n ast.Node) *reason {
	switch n := n.(type) {
	case *ast.BinaryNode:
		if kind := connects(n.Operator); kind != simple {
			return r.connected(kind, operands(n, kind))
		}
	case *ast.UnaryNode:
		if n.Operator == "!" || n.Operator == "not" {
			return &reason{kind: negation, parts: []*reason{r.reason(n.Node)}}
		}
	case *ast.ConditionalNode:
		which := r.later("(" + r.words(n.Cond) + ") ? 1 : 0")
		return &reason{kind: choice, which: which, parts: []*reason{r.reason(n.Cond), r.reason(n.Exp1), r.reason(n.Exp2)}}
	case *ast.VariableDeclaratorNode:
		defer r.behind(n)()
		return r.reason(n.Expr)
	case *ast.SequenceNode:
		return r.reason(n.Nodes[len(n.Nodes)-1])
	case *ast.BuiltinNode:
		if len(n.Arguments) == 2 && slices.Contains([]string{"any", "all", "none", "one"}, n.Name) {
			return r.loop(n)
		}
		return &reason{values: r.valuesOf(n.Arguments...)}
	case *ast.CallNode:
		given := n.Arguments
		if m, ok := n.Callee.(*ast.MemberNode); ok {
			given = append([]ast.Node{m.Node}, given...)
		}
		return &reason{values: r.valuesOf(given...)}
	}
	return &reason{values: r.valuesOf(n)}
}

func connects(operator string) reasonKind {
	switch operator {
	case "and", "&&":
		return conjunction
	case "or", "||":
		return disjunction
	}
	return simple
}

// operands are all that a row of the same operator connects.
func operands(n ast.Node, kind reasonKind) []ast.Node {
	if b, ok := n.(*ast.BinaryNode); ok && connects(b.Operator) == kind {
		return append(operands(b.Left, kind), operands(b.Right, kind)...)
	}
	return []ast.Node{n}
}

// connected asks in one go which operand decided, as the machine went through them:
// up to the first that is true, or false.
func (r *reasoner) connected(kind reasonKind, all []ast.Node) *reason {
	out := &reason{kind: kind}
	not := ""
	if kind == conjunction {
		not = "not "
	}
	var ask strings.Builder
	for i, n := range all {
		out.parts = append(out.parts, r.reason(n))
		ask.WriteString(not + "(" + r.words(n) + ") ? " + formatValue(i) + " : ")
	}
	out.which = r.later(ask.String() + "-1")
	return out
}

// loop finds the element that decided, and where there is none, shows what the list
// is.
func (r *reasoner) loop(n *ast.BuiltinNode) *reason {
	over, condition := n.Arguments[0], n.Arguments[1]
	words := r.words(condition)
	if n.Name == "all" {
		words = "not (" + words + ")"
	}
	return &reason{
		kind: loopOver, found: n.Name == "any" || n.Name == "one", name: r.quote(over),
		which: r.later("findIndex(" + r.words(over) + ", {" + words + "})"), list: r.later(r.words(over)),
		values: append(r.valuesOf(over), r.variablesIn(condition)...),
	}
}

// valuesOf are the values to show of parts: the variables, and the calls in place of
// what they are given.
func (r *reasoner) valuesOf(nodes ...ast.Node) (all []shown) {
	for _, n := range nodes {
		all = append(all, r.values(n)...)
	}
	return all
}

func (r *reasoner) values(n ast.Node) []shown {
	if s, ok := r.variable(n); ok {
		return []shown{s}
	}
	switch n := n.(type) {
	case *ast.IdentifierNode:
		if strings.Contains(r.lets, "let "+n.Value+" = ") {
			return r.run(n, r.words(n))
		}
		return nil // a function
	case *ast.ChainNode:
		return r.values(n.Node)
	case *ast.MemberNode:
		return append(r.run(n, "("+r.words(n)+") ?? nil"), r.values(n.Property)...)
	case *ast.SliceNode:
		return r.run(n, r.words(n))
	case *ast.BuiltinNode:
		return r.call(n, n.Name)
	case *ast.CallNode:
		name := ""
		if id, ok := n.Callee.(*ast.IdentifierNode); ok {
			name = id.Value
		}
		return r.call(n, name)
	case *ast.VariableDeclaratorNode:
		defer r.behind(n)()
		return r.values(n.Expr)
	case *ast.PredicateNode:
		return nil
	}
	return r.valuesOf(children(n)...)
}

// call is the value of a call, but of one that only writes a constant.
func (r *reasoner) call(n ast.Node, name string) []shown {
	if (name == "duration" || name == "date" || name == "semver") && r.variablesIn(n) == nil {
		return nil
	}
	return r.run(n, r.words(n))
}

func (r *reasoner) run(n ast.Node, text string) []shown {
	return []shown{{name: r.quote(n), part: r.later(text)}}
}

// variablesIn are the variables that a part reads, and the chains of fields. What is
// read of the elements in a loop is not among them, since it has no one value.
func (r *reasoner) variablesIn(n ast.Node) (all []shown) {
	if s, ok := r.variable(n); ok {
		return []shown{s}
	}
	for _, child := range children(n) {
		all = append(all, r.variablesIn(child)...)
	}
	return all
}

// variable is n as a variable or a chain of fields, if it is one.
func (r *reasoner) variable(n ast.Node) (shown, bool) {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		for _, f := range r.vars.fields {
			if f.name == n.Value {
				return shown{name: n.Value, index: f.index}, true
			}
		}
	case *ast.ChainNode:
		return r.variable(n.Node)
	case *ast.MemberNode:
		s, ok := r.variable(n.Node)
		key, constant := value(n.Property)
		if !ok || !constant || n.Method {
			return shown{}, false
		}
		s.name = r.quote(n)
		s.path = append(slices.Clip(s.path), key)
		return s, true
	}
	return shown{}, false
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
