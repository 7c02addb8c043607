package rule

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// loopNames are the functions that go through a list with a condition.
var loopNames = []string{"all", "any", "count", "filter", "find", "findIndex", "findLast", "findLastIndex",
	"groupBy", "map", "none", "one", "reduce", "sortBy", "sum"}

func (c *checker) isFunction(name string) bool {
	return c.functions[name] != nil || slices.Contains(loopNames, name)
}

// functionNames are all functions, sorted.
func (c *checker) functionNames() []string {
	names := slices.Clone(loopNames)
	for name := range c.functions {
		if name[0] != '.' && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// methodNames are all methods, with their dot, sorted.
func (c *checker) methodNames() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(c.functions)), func(name string) bool { return name[0] != '.' })
}

// callNode is a call that the parser does not know: of an unknown function, or of
// a method.
func (c *checker) callNode(n *ast.CallNode) (ast.Node, typ) {
	if m, ok := n.Callee.(*ast.MemberNode); ok {
		return c.method(n, m)
	}
	name := "this"
	if id, ok := n.Callee.(*ast.IdentifierNode); ok {
		name = id.Value
	}
	if f := c.functions[name]; f != nil {
		return c.function(n, name, f, c.sides(n.Arguments))
	}
	return c.noFunction(c.place(n.Location()), n, name, n.Arguments)
}

// noFunction notes a call of what can't be called, and what else is wrong within
// its arguments, as far as they can be looked at.
func (c *checker) noFunction(at span, n ast.Node, name string, args []ast.Node) (ast.Node, typ) {
	switch _, variable := c.vars.field(name); {
	case forbidden[name] != "":
		c.wrong(at, forbidden[name], "%s() cannot be used here", name)
	case variable:
		c.wrong(at, fmt.Sprintf("write %s without parentheses", name), "%s is a variable, not a function", name)
	default:
		c.wrong(at, didYouMean(name, c.functionNames()), "there is no function %q", shorten(name, 40))
	}
	for _, a := range args {
		if _, condition := a.(*ast.PredicateNode); !condition {
			c.check(a)
		}
	}
	return n, unknown()
}

// method is a call such as now.Hour().
func (c *checker) method(n *ast.CallNode, m *ast.MemberNode) (ast.Node, typ) {
	base, bt := c.baseOf(m, strict)
	name, _ := m.Property.(*ast.StringNode)
	f := c.functions["."+name.Value]
	if f == nil {
		hint := didYouMean("."+name.Value, c.methodNames())
		if hint == "" && (bt.kind == moment || bt.kind == duration) {
			hint = c.methodHint(bt.kind)
		}
		return c.fail(m.Property, strings.Replace(hint, `".`, `"`, 1), "there is no method %q", shorten(name.Value, 40))
	}
	args := append([]side{{m.Node, base, bt}}, c.sides(n.Arguments)...)
	return c.function(n, name.Value+"()", f, args)
}

func (c *checker) sides(nodes []ast.Node) []side {
	sides := make([]side, len(nodes))
	for i, n := range nodes {
		sides[i] = c.side(n)
	}
	return sides
}

func (c *checker) builtin(n *ast.BuiltinNode) (ast.Node, typ) {
	if isLoop(n) {
		return c.loop(n)
	}
	f := c.functions[n.Name]
	if f == nil {
		return c.noFunction(c.place(n.Location()), n, n.Name, n.Arguments)
	}
	return c.function(n, n.Name, f, c.sides(n.Arguments))
}

// A calling is a call of a function that is being checked.
type calling struct {
	node ast.Node
	name string
	f    *function
	args []side
}

// function is a call of f.
func (c *checker) function(n ast.Node, name string, f *function, args []side) (ast.Node, typ) {
	if len(args) < f.least || f.most >= 0 && len(args) > f.most {
		return c.fail(n, "", "%s takes %s", name, argumentCount(f))
	}
	if f.alike {
		for i := range args {
			c.meet(&args[0], &args[i])
			c.meet(&args[len(args)-1], &args[i])
		}
	}
	for i, a := range args {
		if takes := f.takes[min(i, len(f.takes)-1)]; a.typ.kind != anything && !takes.has(a.typ.kind) {
			return c.fail(a.was, c.argumentHint(name, a), "%s takes %s: %s is %s", name, takes.words(), c.quote(a.was), a.typ.kind.phrase())
		}
	}
	call := &calling{n, name, f, args}
	if f.special != nil {
		if out, t, ok := f.special(c, call); ok {
			return out, t
		}
	}
	return c.plainCall(call)
}

// plainCall is a call that runs what the function does.
func (c *checker) plainCall(call *calling) (ast.Node, typ) {
	args := call.args
	nodes, types, operands := make([]ast.Node, len(args)), make([]typ, len(args)), make([]operand, len(args))
	for i, a := range args {
		nodes[i], types[i], operands[i] = a.runs, a.typ, c.operand(a.was)
	}
	if a := args[0]; call.name == "len" && a.typ.exact() && (a.typ.kind != text || len(c.loops) == 0) {
		out, t := c.set(&ast.BuiltinNode{Name: "len", Arguments: nodes}, of(integer))
		t.domain = countDomain
		return out, t
	}
	t := call.f.gives(types)
	if call.name == "len" {
		t.domain = countDomain
	}
	return c.call(functionSite(call.f, call.name, c.operand(call.node), operands, t.kind), t, nodes...)
}

// share is percent(part, whole), of two values of one kind.
func (c *checker) share(call *calling) (ast.Node, typ, bool) {
	a, b := call.args[0], call.args[1]
	if ka, kb := a.typ.kind, b.typ.kind; ka != anything && kb != anything && ka.class() != kb.class() {
		n, t := c.fail(call.node, "", "%s is %s, %s is %s", c.quote(a.was), ka.phrase(), c.quote(b.was), kb.phrase())
		return n, t, true
	}
	return c.literal(call)
}

// literal makes the call's result now, where its arguments are known now.
func (c *checker) literal(call *calling) (ast.Node, typ, bool) {
	values := make([]any, len(call.args))
	for i, a := range call.args {
		v, known := value(a.runs)
		if !known {
			return nil, typ{}, false
		}
		values[i] = v
	}
	v, err := call.f.does(values)
	if err != nil {
		n, t := c.fail(call.node, "", "%s", err)
		return n, t, true
	}
	n, t := c.constant(v)
	return n, t, true
}

// argumentHint helps with what people most often try.
func (c *checker) argumentHint(name string, a side) string {
	if name == "len" && a.typ.kind == record {
		return "it always has the fields " + enumerate(a.typ.fieldNames())
	}
	if f := c.functions[name]; f != nil && f.null == noneWorked && a.typ.kind == text {
		return fmt.Sprintf("only latency is kept over a time: %s(latency, %s)", name, c.quote(a.was))
	}
	if (name == "int" || name == "float") && a.typ.kind == duration {
		return fmt.Sprintf(`write %s / "1ms" for its milliseconds`, c.quote(a.was))
	}
	return ""
}

func argumentCount(f *function) string {
	switch {
	case f.most < 0:
		return fmt.Sprintf("%d arguments or more", f.least)
	case f.least < f.most:
		return fmt.Sprintf("%d to %d arguments", f.least, f.most)
	case f.least == 1:
		return "one argument"
	}
	return fmt.Sprintf("%d arguments", f.least)
}

// words are the kinds of a set, for a message.
func (s kinds) words() string {
	var words []string
	for _, k := range []kind{text, integer, boolean, duration, moment, list, mapping} {
		if s.has(k) {
			words = append(words, k.found())
		}
	}
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// functionSite runs a function over values that are of the right kinds.
func functionSite(f *function, name string, whole operand, operands []operand, gives kind) site {
	return func(args ...any) (any, uint, error) {
		cost, err := f.receive(name, operands, args)
		if err != nil {
			return nil, 0, err
		}
		out, err := f.does(args)
		if err != nil {
			return nil, 0, faultf("%s: %s", whole.text, err)
		}
		if s, ok := out.(string); ok && len(s) > maxText && len(s) > size(args[0]) {
			return nil, 0, faultf("%s: %s", whole.text, errLong)
		}
		if out == 0 && gives == duration {
			out = zeroDuration // the sum of no durations
		}
		if k := kindOf(plain(out)); k == text || k == list {
			cost += uint(size(out)) / unitOfCost(out)
		}
		return out, cost, nil
	}
}

// receive makes arguments plain, and returns what it costs to look at them.
func (f *function) receive(name string, operands []operand, args []any) (uint, error) {
	cost := uint(1)
	for i := range operands {
		args[i] = plain(args[i])
		takes := f.takes[min(i, len(f.takes)-1)]
		if !takes.has(kindOf(args[i])) {
			if args[i] == nil {
				return 0, operands[i].isNull()
			}
			return 0, faultf("%s, and %s takes %s", operands[i].is(args[i]), name, takes.words())
		}
		cost += uint(size(args[i])) / unitOfCost(args[i])
	}
	return cost, nil
}

// unitOfCost is how much of a value costs one step.
func unitOfCost(v any) uint {
	if _, ok := v.(string); ok {
		return 64
	}
	return 1
}
