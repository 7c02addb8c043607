package schema

import (
	"regexp"
	"strconv"
	"strings"
)

// An Element is what {{ each.key }} and {{ each.value }} stand for.
type Element struct {
	Key   *Node // a scalar
	Value *Node
}

// reference is one {{ each.… }} with nothing else between the braces.
var reference = regexp.MustCompile(`\{\{\s*each\.(key|value)((?:\.[\pL_][\pL\pN_-]*|\["[^"]*"\]|\[\d+\])*)\s*\}\}`)

// step is one step of what follows each.value.
var step = regexp.MustCompile(`\.([\pL_][\pL\pN_-]*)|\["([^"]*)"\]|\[(\d+)\]`)

// Fill is n with every {{ each.… }} in its scalars and keys replaced. A scalar that is
// nothing but one such becomes what it stands for, a number or a whole map too; as
// a part of a text it must stand for a scalar. What holds none is shared with n.
// What there is not is noted, at its place. grown, if not nil, is told of every
// value that is made.
func (r *Reader) Fill(n *Node, e Element, grown func()) *Node {
	if n.isScalar() {
		if !strings.Contains(n.Value, "{{") {
			return n
		}
		return r.fillScalar(n, e, grown)
	}
	filled := *n
	changed := false
	for i, item := range n.Items {
		if made := r.Fill(item, e, grown); made != item {
			if !changed {
				filled.Items = append([]*Node{}, n.Items...)
			}
			filled.Items[i], changed = made, true
		}
	}
	for i, entry := range n.Entries {
		made := Entry{r.Fill(entry.Key, e, grown), r.Fill(entry.Value, e, grown)}
		if made != entry {
			if !changed {
				filled.Entries = append([]Entry{}, n.Entries...)
			}
			filled.Entries[i], changed = made, true
		}
	}
	if !changed {
		return n
	}
	if grown != nil {
		grown()
	}
	return &filled
}

func (r *Reader) fillScalar(n *Node, e Element, grown func()) *Node {
	found := reference.FindAllStringSubmatchIndex(n.Value, -1)
	if found == nil {
		return n
	}
	if grown != nil {
		grown()
	}
	if m := found[0]; m[0] == 0 && m[1] == len(n.Value) {
		if whole := r.standsFor(n, m, e); whole != nil {
			return whole.as(n)
		}
		return n.spoiled()
	}
	return r.fillText(n, found, e)
}

// fillText replaces the references within a text.
func (r *Reader) fillText(n *Node, found [][]int, e Element) *Node {
	filled := *n
	filled.raw = &origin{text: n.text()}
	var out strings.Builder
	last := 0
	keep := func(from, to int) { // with what came from ${…} in it
		shift := out.Len() - from
		for _, s := range n.segmentsIn(from, to) {
			s.from, s.to = s.from+shift, s.to+shift
			filled.raw.segments = append(filled.raw.segments, s)
		}
		out.WriteString(n.Value[from:to])
	}
	for _, m := range found {
		keep(last, m[0])
		last = m[1]
		value := r.standsFor(n, m, e)
		if value == nil {
			return n.spoiled()
		}
		if !value.isScalar() {
			r.ErrorIn(n, m[0], m[1]-m[0], "name what is meant within it", "%s is a %s, which cannot be part of a text", referenceText(n, m), value.Kind)
			return n.spoiled()
		}
		part := segment{from: out.Len()}
		out.WriteString(value.Value)
		part.to = out.Len()
		part.at, part.end = n.inText(m[0], m[1])
		filled.raw.segments = append(filled.raw.segments, part)
		filled.Secret = filled.Secret || value.Secret
	}
	keep(last, len(n.Value))
	filled.Value = out.String()
	filled.raw.written = r.writeText(n, e)
	return &filled
}

// writeText replaces the references in a text as it was written, ${…} and all.
func (r *Reader) writeText(n *Node, e Element) string {
	text := *n
	text.Value = n.written()
	return reference.ReplaceAllStringFunc(text.Value, func(ref string) string {
		m := reference.FindStringSubmatchIndex(ref)
		if value := NewReader().standsFor(&Node{Value: ref}, m, e); value != nil {
			return value.written()
		}
		return ref
	})
}

// NoneToFill notes every {{ each.… }} in n, where there is nothing for it to stand for.
// What else would be wrong with the text that holds it is not told.
func (r *Reader) NoneToFill(n *Node, hint string) {
	if n.isScalar() && strings.Contains(n.Value, "{{") {
		for _, m := range reference.FindAllStringSubmatchIndex(n.Value, -1) {
			r.ErrorIn(n, m[0], m[1]-m[0], hint, "there is no for_each that %s could stand for", referenceText(n, m))
			defer func() { n.broken = true }()
		}
	}
	for _, item := range n.Items {
		r.NoneToFill(item, hint)
	}
	for _, e := range n.Entries {
		r.NoneToFill(e.Value, hint)
	}
}

// segmentsIn are the segments of n's value that lie between two offsets.
func (n *Node) segmentsIn(from, to int) (in []segment) {
	if n.raw == nil {
		return nil
	}
	for _, s := range n.raw.segments {
		if s.from >= from && s.to <= to {
			in = append(in, s)
		}
	}
	return in
}

func referenceText(n *Node, m []int) string { return strings.TrimSpace(n.Value[m[0]+2 : m[1]-2]) }

// standsFor is the value of a reference, or nil where that is a mistake.
func (r *Reader) standsFor(n *Node, m []int, e Element) *Node {
	if n.Value[m[2]:m[3]] == "key" {
		if m[4] < m[5] {
			r.ErrorIn(n, m[0], m[1]-m[0], "", "each.key is a text: it has nothing within it")
			return nil
		}
		return e.Key
	}
	value := e.Value
	for _, s := range step.FindAllStringSubmatchIndex(n.Value[m[4]:m[5]], -1) {
		so := "each.value" + n.Value[m[4]:m[4]+s[0]]
		next, key := value.step(n.Value[m[4]:m[5]], s)
		if next == nil {
			hint := ""
			if value.Kind == Map {
				hint = DidYouMean(key, value.keys())
				if hint == "" {
					hint = listOf("its keys are", value.keys())
				}
			}
			r.ErrorIn(n, m[0], m[1]-m[0], hint, "%s has no %s: it is %s", so, r.quote(key), r.Found(value))
			return nil
		}
		value = next
	}
	return value
}

// step is what one step leads to, or nil, and the step's name.
func (n *Node) step(text string, s []int) (next *Node, key string) {
	switch {
	case s[2] >= 0:
		key = text[s[2]:s[3]]
	case s[4] >= 0:
		key = text[s[4]:s[5]]
	default:
		key = text[s[6]:s[7]]
		if i, err := strconv.Atoi(key); err == nil && n.Kind == List && i < len(n.Items) {
			return n.Items[i], key
		}
		return nil, key
	}
	return n.child(key), key
}

// keys are a map's keys.
func (n *Node) keys() []string {
	keys := make([]string, len(n.Entries))
	for i, e := range n.Entries {
		keys[i] = e.Key.Value
	}
	return keys
}

// as is n in the place of another value: mistakes call it by that one's name.
func (n *Node) as(other *Node) *Node {
	c := *n
	c.Path = other.Path
	return &c
}

// spoiled is n after a mistake in it was noted.
func (n *Node) spoiled() *Node {
	c := *n
	c.Kind, c.broken = Null, true
	return &c
}
