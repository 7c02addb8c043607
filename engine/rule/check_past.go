package rule

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr/ast"
)

// Why a function that looks back may find null.
const (
	noneBefore = ": there is no earlier result to compare with; give a value for that with ??"
	noneWorked = ": no probe has worked in that time"
)

// whyNull says why a call found null, or nothing where that needs no words.
func (c *checker) whyNull(n ast.Node) string {
	name := ""
	switch n := n.(type) {
	case *ast.BuiltinNode:
		name = n.Name
	case *ast.CallNode:
		if id, ok := n.Callee.(*ast.IdentifierNode); ok {
			name = id.Value
		}
	}
	if f := c.functions[name]; f != nil {
		return f.null
	}
	return ""
}

// recall is the node of what the machine lends to the functions that look back.
// The library knows it as the environment; assemble gives it its own place.
func (c *checker) recall() ast.Node {
	n, _ := c.set(&ast.IdentifierNode{Value: "$env"}, typ{})
	return n
}

func (c *checker) looksBack() *lookback {
	if c.behind == nil {
		c.behind = &lookback{}
	}
	return c.behind
}

// window is a call such as avg(latency, "10m"), over the latencies of a time. Any
// other duration with a quoted one would be taken for that by whoever reads it.
func (c *checker) window(call *calling) (ast.Node, typ, bool) {
	if len(call.args) != 2 || call.args[0].typ.kind != duration {
		return nil, typ{}, false
	}
	measure, length := call.args[0].was, call.args[1].was
	_, constant := value(call.args[0].runs)
	if _, written := length.(*ast.StringNode); constant || !written {
		return nil, typ{}, false
	}
	if id, ok := measure.(*ast.IdentifierNode); !ok || id.Value != "latency" {
		n, t := c.fail(call.node, fmt.Sprintf("of the two it is %s([%s, duration(%s)])", call.name, c.quote(measure), c.quote(length)),
			"only latency is kept over a time: %s(latency, %s)", call.name, c.quote(length))
		return n, t, true
	}
	n, t := c.windowOver(call)
	return n, t, true
}

func (c *checker) windowOver(call *calling) (ast.Node, typ) {
	d, ok := c.windowLength(call.args[1])
	if !ok {
		return call.node, unknown()
	}
	f, whole := call.f, c.operand(call.node)
	over := func(args ...any) (any, uint, error) {
		all, steps, err := args[0].(*recall).latencies(d)
		if err == nil && len(all) == 0 {
			return nil, steps, nil
		}
		var v any
		if err == nil {
			v, err = f.does([]any{all})
		}
		if err != nil {
			return nil, 0, faultf("%s: %s", whole.text, err)
		}
		return v, steps, nil
	}
	return c.call(over, perhaps(of(duration)), c.recall())
}

// windowLength is how long a window is; it must be written out, since as much has to
// be kept.
func (c *checker) windowLength(s side) (time.Duration, bool) {
	v, _ := value(s.runs)
	d, ok := v.(time.Duration)
	if written, isText := v.(string); isText {
		n, _ := c.foldText(s.was, written)
		v, _ = value(n)
		if d, ok = v.(time.Duration); !ok {
			return 0, false // which foldText has noted
		}
	}
	switch {
	case !ok:
		c.fail(s.was, `such as "10m"`, "how far to look back must be written out")
		return 0, false
	case d <= 0:
		c.fail(s.was, "", "%s is no time to look back over", c.quote(s.was))
		return 0, false
	case d > maxWindow:
		c.fail(s.was, "", "results are kept for at most %s", formatDuration(maxWindow))
		return 0, false
	}
	back := c.looksBack()
	if back.least == 0 || d < back.least {
		back.least = d
	}
	back.window = max(back.window, d)
	return d, true
}

// countStatus is count_status("unhealthy", "1h").
func (c *checker) countStatus(call *calling) (ast.Node, typ, bool) {
	at := call.args[0]
	v, _ := value(at.runs)
	word, written := v.(string)
	some := []int{slices.Index(statuses, word)}
	if word == "any" {
		some = []int{0, 1, 2, 3}
	}
	known := append(slices.Clone(statuses), "any")
	switch {
	case !written:
		c.fail(at.was, "the statuses are: "+strings.Join(known, ", "), "the status must be written out")
	case some[0] < 0:
		hint := didYouMean(word, known)
		if hint == "" {
			hint = "the statuses are: " + strings.Join(known, ", ")
		}
		c.fail(at.was, hint, "there is no status %s", c.quote(at.was))
	}
	d, ok := c.windowLength(call.args[1])
	if !written || some[0] < 0 || !ok {
		return call.node, of(integer), true
	}
	whole := c.operand(call.node)
	n, t := c.call(func(args ...any) (any, uint, error) {
		n, steps, err := args[0].(*recall).count(some, d)
		if err != nil {
			return nil, 0, faultf("%s: %s", whole.text, err)
		}
		return n, steps, nil
	}, of(integer), c.recall())
	t.domain = countDomain
	return n, t, true
}

// compareWithPast is a call such as rate(json.requests). The value is kept by its
// text, so it must be one that can be found without the rest of the expression.
func compareWithPast(compare contrast) func(*checker, *calling) (ast.Node, typ, bool) {
	return func(c *checker, call *calling) (ast.Node, typ, bool) {
		n, t := c.pastCall(call, compare)
		return n, t, true
	}
}

func (c *checker) pastCall(call *calling, compare contrast) (ast.Node, typ) {
	arg := call.args[0]
	if why := c.dependent(arg.was); why != "" {
		return c.fail(call.node, "", "%s keeps the value of %s for the next result, and so %s", call.name, c.quote(arg.was), why)
	}
	sp := c.span(arg.was)
	key := c.text[sp.from:sp.to]
	back := c.looksBack()
	if !slices.Contains(back.keys, key) {
		back.keys = append(back.keys, key)
	}
	t := call.f.gives([]typ{arg.typ})
	return c.call(pastSite(key, call, c.operand(call.node), c.operand(arg.was), compare), t, arg.runs, c.recall())
}

// dependent says why a part of the expression means nothing without the rest.
func (c *checker) dependent(n ast.Node) string {
	if len(c.loops) > 0 {
		return "cannot stand in a loop"
	}
	if id, ok := n.(*ast.IdentifierNode); ok && slices.ContainsFunc(c.lets, func(b binding) bool { return b.name == id.Value }) {
		return "cannot be given a name of let"
	}
	for _, child := range children(n) {
		if why := c.dependent(child); why != "" {
			return why
		}
	}
	return ""
}

func pastSite(key string, call *calling, whole, o operand, compare contrast) site {
	f, name := call.f, call.name
	return func(args ...any) (any, uint, error) {
		cost, err := f.receive(name, []operand{o}, args[:1])
		if err != nil {
			return nil, 0, err
		}
		if isNaN(args[0]) {
			return nil, 0, o.isNaN()
		}
		r := args[1].(*recall)
		was, known := r.memory.earlier(key)
		if !known {
			return nil, cost, nil
		}
		var w walk
		v, err := compare(args[0], was, r.at.Sub(was.at), &w)
		if w.err() != nil {
			return nil, 0, w.err()
		}
		if err != nil {
			return nil, 0, faultf("%s: %s", whole.text, err)
		}
		return v, cost + w.steps, nil
	}
}

// fromNow is since(t) or until(t), which are told what now is.
func (c *checker) fromNow(call *calling) (ast.Node, typ, bool) {
	if v, known := value(call.args[0].runs); known {
		if written, ok := v.(string); ok {
			if _, err := date([]any{written}); err != nil {
				n, t := c.fail(call.args[0].was, `a date looks like "2026-01-31" or "2026-01-31T15:04:05Z"`, "%s", err)
				return n, t, true
			}
		}
	}
	now, t := c.identifier(&ast.IdentifierNode{Value: "now"})
	if t.kind != moment {
		return call.node, of(duration), true
	}
	a := call.args[0]
	f := *call.f
	f.takes = append(slices.Clip(f.takes), anyOf(moment))
	operands := []operand{c.operand(a.was), {text: "now"}}
	n, t := c.call(functionSite(&f, call.name, c.operand(call.node), operands, duration), of(duration), a.runs, now)
	return n, t, true
}

// path is jsonpath(value, "$.a[0]").
func (c *checker) path(call *calling) (ast.Node, typ, bool) {
	from, written := call.args[0], call.args[1]
	switch k := from.typ.kind; {
	case k == text:
		n, t := c.fail(from.was, fmt.Sprintf("write jsonpath(fromJSON(%s), …)", c.quote(from.was)),
			"%s is a string: it has no fields", c.quote(from.was))
		return n, t, true
	case k != anything && k != null && !(isMap | isList).has(k):
		n, t := c.fail(from.was, "", "%s is %s: it has no fields", c.quote(from.was), k.phrase())
		return n, t, true
	}
	var known *jsonPath
	if v, constant := value(written.runs); constant {
		var err error
		if known, err = parsePath(v.(string)); err != nil {
			n, t := c.fail(written.was, `paths look like "$.items[0].name"`, "this is not a path: %s", err)
			return n, t, true
		}
	}
	t := unknown()
	if known != nil && known.many {
		t = of(list)
	}
	n, t := c.call(pathSite(known, call, c.operand(call.node), c.operand(from.was), c.operand(written.was)), t, from.runs, written.runs)
	return n, t, true
}

func pathSite(known *jsonPath, call *calling, whole, from, written operand) site {
	f, name := call.f, call.name
	return func(args ...any) (any, uint, error) {
		if _, err := f.receive(name, []operand{from, written}, args); err != nil {
			return nil, 0, err
		}
		p := known
		if p == nil {
			var err error
			if p, err = parsePath(args[1].(string)); err != nil {
				return nil, 0, faultf("%s is not a path: %s", written.text, err)
			}
		}
		v, steps, err := p.find(args[0])
		if err != nil {
			return nil, 0, faultf("%s: %s", whole.text, err)
		}
		return v, steps, nil
	}
}
