package rule

import (
	"fmt"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// A mercy is what a read forgives.
type mercy uint8

const (
	strict  mercy = iota
	absent        // the field may be missing: it is behind or before a `?.`
	lenient       // and so may all on the way to it: it has a default behind ??
)

// checkWith is check with a mercy, which only reads of members ask for.
func (c *checker) checkWith(n ast.Node, m mercy) (ast.Node, typ) {
	switch n := n.(type) {
	case *ast.MemberNode:
		return c.member(n, m)
	case *ast.ChainNode:
		return c.chain(n, m)
	}
	return c.check(n)
}

// chain is what holds a `?.`: where one finds null, all of it is null.
func (c *checker) chain(n *ast.ChainNode, m mercy) (ast.Node, typ) {
	inner, t := c.checkWith(n.Node, m)
	t.null = true
	return c.set(&ast.ChainNode{Node: inner}, t)
}

func (c *checker) member(n *ast.MemberNode, m mercy) (ast.Node, typ) {
	if n.Optional {
		m = max(m, absent)
	}
	base, bt := c.baseOf(n, m)
	name, named := n.Property.(*ast.StringNode)
	switch bt.kind {
	case record, mapping:
		if bt.fields != nil && named {
			return c.fieldOf(n, base, bt, name.Value, m)
		}
		if bt.kind == record {
			return c.fail(n.Property, "", "the field of %s must be written out", c.subject(n.Node))
		}
		return c.key(n, base, bt, m)
	case list:
		if named {
			return c.fail(n.Property, "select one with [0], or go through them with any(…) or all(…)",
				"%s is a list: it has no field %q", c.subject(n.Node), shorten(name.Value, 40))
		}
		key, kt := c.check(n.Property)
		if kt.kind.class() != integer && kt.kind != anything {
			return c.fail(n.Property, "", "an element is selected by its number, not by %s", kt.kind.phrase())
		}
		return c.get(n, base, key, bt.element(), m)
	case anything:
		key, _ := c.check(n.Property)
		return c.get(n, base, key, unknown(), m)
	}
	return c.noMembers(n, bt.kind, named)
}

// noMembers notes a read of what has neither fields nor elements.
func (c *checker) noMembers(n *ast.MemberNode, k kind, named bool) (ast.Node, typ) {
	what, hint := "elements", ""
	switch {
	case named && (k == duration || k == moment):
		what, hint = "fields", c.methodHint(k)
	case named:
		what = "fields"
	case k == text:
		hint = fmt.Sprintf("write %s[0:1] for its first character", c.quote(n.Node))
	}
	return c.fail(n.Node, hint, "%s is %s: it has no %s", c.subject(n.Node), k.phrase(), what)
}

// baseOf is what a member is read of. Where it is read with `?.`, the library's
// jump stays, around what boxSite says.
func (c *checker) baseOf(n *ast.MemberNode, m mercy) (ast.Node, typ) {
	if m == absent && !n.Optional {
		m = strict // only the last one may be missing
	}
	base, t := c.checkWith(n.Node, m)
	if !n.Optional || !t.null {
		return base, t
	}
	boxed, _ := c.call(boxSite, typ{goType: listType}, base)
	first, _ := c.set(&ast.IntegerNode{Value: 0}, of(integer))
	unboxed, _ := c.set(&ast.MemberNode{Node: boxed, Property: first, Optional: true}, typ{})
	return unboxed, t
}

// fieldOf reads a field where all that there are are known.
func (c *checker) fieldOf(n *ast.MemberNode, base ast.Node, bt typ, name string, m mercy) (ast.Node, typ) {
	ft, ok := bt.field(name)
	if !ok {
		names := bt.fieldNames()
		hint := didYouMean(name, names)
		if hint == "" {
			hint = "the fields are: " + enumerate(names)
		}
		return c.fail(n.Property, hint, "%s has no field %q", c.subject(n.Node), shorten(name, 40))
	}
	key, _ := c.set(&ast.StringNode{Value: name}, of(text))
	if bt.kind == record && bt.exact() {
		return c.set(&ast.MemberNode{Node: base, Property: key}, ft)
	}
	return c.get(n, base, key, ft, m)
}

// key reads a key of a map whose keys are open.
func (c *checker) key(n *ast.MemberNode, base ast.Node, bt typ, m mercy) (ast.Node, typ) {
	key, kt := c.check(n.Property)
	if textKeys := bt.goType == nil || bt.goType.Key().Kind() == stringType.Kind(); textKeys && kt.kind != text && kt.kind != anything {
		return c.fail(n.Property, "", "the fields of %s have names, %s is %s", c.subject(n.Node), c.quote(n.Property), kt.kind.phrase())
	}
	c.lowerKey(side{n.Node, base, bt}, side{n.Property, key, kt})
	return c.get(n, base, key, bt.element(), m)
}

// lowerKey notes a key that a map never has, as all of its keys are in lower case.
func (c *checker) lowerKey(of, key side) {
	v, _ := value(key.runs)
	if s, ok := v.(string); ok && of.typ.domain != nil && of.typ.domain.lower && s != strings.ToLower(s) {
		c.fail(key.was, fmt.Sprintf("write %q", strings.ToLower(s)), "%s has no %q: its names are in lower case", c.subject(of.was), s)
	}
}

// get is the site that reads a member, whose type is t where it is there.
func (c *checker) get(n *ast.MemberNode, base, key ast.Node, t typ, m mercy) (ast.Node, typ) {
	t.null = t.null || m != strict
	return c.call(getSite(access{
		base: c.operand(n.Node), whole: c.operand(n), key: c.operand(n.Property),
		dotted: c.text[c.place(n.Location()).from] != '[',
		mercy:  m,
	}), t, base, key)
}

// slice is a part of a list, or of a text, in characters.
func (c *checker) slice(n *ast.SliceNode) (ast.Node, typ) {
	base, bt := c.check(n.Node)
	if bt.kind != list && bt.kind != text && bt.kind != anything {
		return c.fail(n.Node, "", "%s is %s: only lists and strings have parts", c.quote(n.Node), bt.kind.phrase())
	}
	bound := func(n ast.Node) ast.Node {
		if n == nil {
			none, _ := c.set(&ast.NilNode{}, typ{})
			return none
		}
		return c.whole(n)
	}
	t := unknown()
	if bt.kind == text {
		t = of(text)
	} else if bt.kind == list {
		t = listOf(bt.element())
	}
	return c.call(sliceSite(c.operand(n.Node)), t, base, bound(n.From), bound(n.To))
}

// whole is a part that must be a whole number.
func (c *checker) whole(n ast.Node) ast.Node {
	out, t := c.check(n)
	switch {
	case t.kind == integer && t.exact() && t.goType == intType:
	case t.kind.class() == integer || t.kind == anything:
		out, _ = c.call(wholeSite(c.operand(n)), of(integer), out)
	default:
		c.fail(n, "", "%s is %s, not a whole number", c.quote(n), t.kind.phrase())
	}
	return out
}

// methodHint lists the methods of a kind.
func (c *checker) methodHint(k kind) string {
	var names []string
	for _, name := range c.methodNames() {
		if c.functions[name].takes[0].has(k) {
			names = append(names, name[1:]+"()")
		}
	}
	return fmt.Sprintf("%s has: %s", k.phrase(), enumerate(names))
}
