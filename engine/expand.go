package engine

import (
	"slices"

	"polyhealth/schema"
)

// What a file says once is written out before it is compiled: a check is given
// what the templates that it uses say, and one that has for_each becomes a check
// an element.

// maxExpanded bounds how many values for_each may add to a file.
const maxExpanded = 5_000_000

// expand writes out the checks of the file.
func (c *compiler) expand(checks *schema.Node) (entries []schema.Entry) {
	x := &expander{compiler: c, seen: map[string]*schema.Node{}}
	for _, e := range checks.Entries {
		entries = append(entries, x.check(e)...)
	}
	for _, t := range c.templates {
		if !t.used {
			c.Warnf(t.key, "", "no check uses the template %q", t.key.Value)
		}
	}
	for _, e := range checks.Again { // for the mistakes in it
		if e.Value.Kind == schema.Map {
			entries = append(entries, schema.Entry{Key: e.Key, Value: x.merged(e.Value)})
		}
	}
	return entries
}

// A template is what several checks have in common.
type template struct {
	key, node *schema.Node
	used      bool
	under     bool // being merged: to come upon it again is a circle
}

// template notes one template of the file.
func (c *compiler) template(key, n *schema.Node) {
	if n.Kind != schema.Map {
		c.Errorf(n, "", "a template is a map of a check's keys, found %s", c.Found(n))
		return
	}
	if c.templates[key.Value] == nil {
		c.templates[key.Value] = &template{key: key, node: n}
		c.templateNames = append(c.templateNames, key.Value)
	}
}

type expander struct {
	*compiler
	seen  map[string]*schema.Node // the keys of the checks so far, by name
	grown int                     // values that for_each has made
}

// check writes out one check of the file.
func (x *expander) check(e schema.Entry) []schema.Entry {
	if e.Value.Kind != schema.Map {
		x.name(e.Key)
		return x.unique([]schema.Entry{e})
	}
	if each := e.Value.Get("for_each"); each != nil {
		return x.unique(x.forEach(e, each))
	}
	whole := x.merged(e.Value)
	if each := whole.Get("for_each"); each != nil { // of a template
		return x.unique(x.forEach(e, each))
	}
	x.name(e.Key)
	x.NoneToFill(whole, "give the check a for_each")
	return x.unique([]schema.Entry{{Key: e.Key, Value: whole}})
}

// merged is a check, or a template, with what the templates that it uses say where
// it is silent. Of several the later ones win.
func (x *expander) merged(n *schema.Node) *schema.Node {
	uses := n.Get("uses")
	if uses == nil {
		return n
	}
	items := []*schema.Node{uses}
	if uses.Kind == schema.List {
		items = uses.Items
	}
	var all []*schema.Node
	for _, item := range items {
		if below := x.used(item); below != nil {
			all = append(all, below)
		}
	}
	if len(all) == len(items) {
		n = n.Without("uses")
	}
	for _, below := range slices.Backward(all) {
		n = schema.Merge(below, n, x.shortOf)
	}
	return n
}

// used is the template that a value names, written out, or nil.
func (x *expander) used(at *schema.Node) *schema.Node {
	if at.Kind == schema.Map || at.Kind == schema.List {
		x.Errorf(at, "such as uses: web, or uses: [web, slow]", "uses wants the names of templates, found %s", x.Found(at))
		return nil
	}
	t := x.templates[at.Value]
	switch {
	case t == nil:
		x.Errorf(at, orList(schema.DidYouMean(at.Value, x.templateNames), "the templates are", x.templateNames),
			"there is no template %q", at.Value)
		return nil
	case t.under:
		x.Errorf(at, "", "the template %q uses itself", at.Value)
		return nil
	}
	t.used, t.under = true, true
	defer func() { t.under = false }()
	return x.merged(t.node)
}

// shortOf is the key that the short form of a type's value stands for.
func (c *compiler) shortOf(key string) string {
	if t := c.typeNamed(key); t != nil {
		return t.Short
	}
	return ""
}

// forEach makes a check of each element. The check's own keys come first, as the
// element may name the templates too.
func (x *expander) forEach(e schema.Entry, each *schema.Node) (entries []schema.Entry) {
	own := e.Value.Without("for_each")
	grown := func() { x.grown++ }
	for _, el := range x.elements(each) {
		if x.grown++; x.grown >= maxExpanded {
			x.Errorf(each, "", "for_each makes the file too large: more than %d million values", maxExpanded/1_000_000)
			return entries
		}
		value := x.merged(x.Fill(own, el, grown)).Without("for_each")
		entries = append(entries, schema.Entry{Key: x.keyOf(e.Key, el), Value: x.Fill(value, el, grown)})
	}
	return entries
}

// keyOf is the name of an element's check.
func (x *expander) keyOf(of *schema.Node, el schema.Element) *schema.Node {
	key := x.Fill(of, el, nil)
	if key == of { // else two would have one name
		name := *of
		name.Value += "-" + el.Key.Value
		key = &name
	}
	x.name(key)
	return key
}

// elements are what a for_each goes through.
func (x *expander) elements(each *schema.Node) (elements []schema.Element) {
	const forms = "write a list, such as [eu, us], or a map, such as {eu: https://eu.example.org}"
	switch each.Kind {
	case schema.Map:
		for _, e := range each.Entries {
			elements = append(elements, schema.Element(e))
		}
	case schema.List:
		for _, item := range each.Items {
			key := item
			if item.Kind == schema.Map {
				key = item.Get("name")
			}
			if key == nil || key.Kind == schema.Map || key.Kind == schema.List || key.Value == "" {
				x.Errorf(item, "give it a name, or write for_each as a map of names", "this element of for_each has no name to tell its check by")
				continue
			}
			elements = append(elements, schema.Element{Key: key, Value: item})
		}
	default:
		x.Errorf(each, forms, "for_each wants a list or a map, found %s", x.Found(each))
		return nil
	}
	if len(each.Items)+len(each.Entries) == 0 {
		x.Errorf(each, forms, "for_each is empty: it makes no check")
	}
	return elements
}

// unique leaves out the checks whose name another has, and says so.
func (x *expander) unique(entries []schema.Entry) (kept []schema.Entry) {
	for _, e := range entries {
		if first := x.seen[e.Key.Value]; first != nil {
			x.Errorf(e.Key, "the first is at "+first.Where(), "two checks are named %q", e.Key.Value)
			continue
		}
		x.seen[e.Key.Value] = e.Key
		kept = append(kept, e)
	}
	return kept
}
